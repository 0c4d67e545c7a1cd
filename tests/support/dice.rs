//! Random numbers from a seed: the same seed, the same numbers, on every machine.
#![allow(dead_code, reason = "each test file uses a part of it")]

use std::time::{SystemTime, UNIX_EPOCH};

/// SplitMix64: small, and good enough to choose test cases with.
#[derive(Clone)]
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The seed that an environment variable gives, or a new one.
    pub fn seed(variable: &str) -> u64 {
        let given = std::env::var(variable).ok().map(|text| {
            text.parse().unwrap_or_else(|_| panic!("{variable} is a whole number, not `{text}`"))
        });
        let now = || SystemTime::now().duration_since(UNIX_EPOCH).expect("a clock after 1970");
        given.unwrap_or_else(|| now().as_micros() as u64)
    }

    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number from 0 to `end`, without `end`.
    pub fn below(&mut self, end: usize) -> usize {
        (self.next() % end.max(1) as u64) as usize
    }

    /// True in so many of a hundred cases.
    pub fn percent(&mut self, share: usize) -> bool {
        self.below(100) < share
    }

    pub fn pick<'a, T>(&mut self, choices: &'a [T]) -> &'a T {
        &choices[self.below(choices.len())]
    }

    /// Another sequence, for another thread.
    pub fn fork(&mut self) -> Self {
        Self(self.next())
    }
}
