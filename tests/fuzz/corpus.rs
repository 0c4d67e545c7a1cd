//! The inputs of one kind: those of the repository, and those whose messages were new.

use std::collections::BTreeSet;

use crate::dice::Dice;
use crate::job::Outcome;
use crate::kinds::{Input, Kind};

/// So many learned inputs are kept.
const LEARNED: usize = 400;

/// Texts larger than this are no seeds for what is learned: mutating them is slow and says little more.
const LARGE: usize = 64 * 1024;

pub struct Corpus {
    seeds: Vec<Input>,
    learned: Vec<Input>,
    /// Words of the seeds: keys, names, keywords.
    pub words: Vec<Vec<u8>>,
    shapes: BTreeSet<String>,
}

impl Corpus {
    pub fn of(kind: Kind) -> Self {
        let seeds = kind.seeds();
        assert!(!seeds.is_empty(), "no seeds for {}", kind.name());
        let is_word = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
        let mut words = BTreeSet::new();
        for seed in &seeds {
            let found = seed.bytes.split(|byte| !is_word(byte)).filter(|word| !word.is_empty());
            words.extend(found.take(2000).map(<[u8]>::to_vec));
        }
        let words = words.into_iter().collect();
        Self { seeds, learned: Vec::new(), words, shapes: BTreeSet::new() }
    }

    /// One of the repository's, or one that was learned.
    pub fn draw(&self, dice: &mut Dice) -> Input {
        if !self.learned.is_empty() && dice.percent(35) {
            return dice.pick(&self.learned).clone();
        }
        dice.pick(&self.seeds).clone()
    }

    /// Keeps an input whose messages are new, but for the names and numbers in them, and some of those that are good:
    /// mutated again, they lead further from what anyone has written. Says whether the messages are new.
    pub fn learn(&mut self, input: &Input, outcome: &Outcome, dice: &mut Dice) -> bool {
        if input.instead.is_some() || input.bytes.len() > LARGE {
            return false;
        }
        let is_new = self.shapes.insert(shape(&outcome.said));
        if is_new || outcome.code == Some(0) && dice.percent(20) {
            if self.learned.len() < LEARNED {
                self.learned.push(input.clone());
            } else {
                let index = dice.below(LEARNED);
                self.learned[index] = input.clone();
            }
        }
        is_new
    }
}

/// The first words of each message, with its code.
fn shape(said: &str) -> String {
    let is_message = |line: &&str| line.starts_with("error") || line.starts_with("warning");
    let without_names = |line: &str| {
        let outside = line.split('`').step_by(2).collect::<Vec<_>>().join("``");
        outside.chars().filter(|char| !char.is_ascii_digit()).take(80).collect::<String>()
    };
    let mut messages: Vec<String> =
        said.lines().filter(is_message).map(without_names).take(20).collect();
    messages.sort();
    messages.dedup();
    messages.join("\n")
}
