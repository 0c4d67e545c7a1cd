//! Mutations: of bytes, of words, of lines, and the sizes and depths that nobody writes.

use crate::corpus::Corpus;
use crate::dice::Dice;
use crate::kinds::{Input, Instead};

/// No input grows beyond this.
const MOST: usize = 400 * 1024;

/// No fixture does beyond this: each of its batches is a refresh, which may take its time.
const MOST_OF_FIXTURE: usize = 40 * 1024;

/// What is special to one or the other parser.
const TOKENS: &[&str] = &[
    "\0",
    "\u{feff}",
    "\r\n",
    "\t",
    "\u{202e}",
    "\u{200d}",
    "🎉",
    "é",
    "\"",
    "'",
    "`",
    "\\",
    "$$",
    "${",
    "$${X}",
    "{{",
    "}}",
    "{%",
    "%}",
    "{#",
    "--%",
    "--#",
    "--",
    "/*",
    "*/",
    ";",
    ";;",
    ":",
    ": ",
    "- ",
    "? ",
    "&a ",
    "*a",
    "<<: *a",
    "!!str ",
    "|\n",
    ">-\n",
    "[",
    "]",
    "{",
    "}",
    "(",
    ")",
    ",",
    "#",
    "~",
    "null",
    "NULL",
    "true",
    "0",
    "-1",
    "9223372036854775808",
    "1e999",
    "-0.0",
    "NaN",
    "4294967296",
    "../../etc/passwd",
    "/dev/zero",
    "E'\\'",
    "$a$",
    "DO $$",
    "BEGIN;",
    "COMMIT;",
    "ROLLBACK;",
    "-- idgraph: ",
    "-- idgraph: destructive ",
    "-- idgraph: no-transaction",
    "-- idgraph: only-if-made-here ",
    "sha256:",
    "postgres://u:p@h/d",
    "{{ x }}",
    "--% for a in range(3)",
    "--% endfor",
    "--% include 'query/id_graph.sql'",
    "--% if true",
    "--% endif",
    " | indent(4294967296)",
    " | pad(4294967296)",
    "renamed_from: plan",
    "inherits: own",
];

/// Templates that ask for more than anyone can have.
const GREEDY: &[&str] = &[
    "{{ 'a\nb' | indent(4294967296) }}\n",
    "{{ 'a' | pad(4294967296) }}\n",
    "{{ range(1000000000) | list | length }}\n",
    "--% for a in range(100000)\n--% for b in range(100000)\n{{ a }}\n--% endfor\n--% endfor\n",
    "--% macro m(x)\n{{ m(x ~ x) }}\n--% endmacro\n{{ m('xx') }}\n",
    "--% include 'table.sql'\n",
];

/// What a text is opened with again and again.
const OPENERS: &[&str] = &[
    "[",
    "{",
    "(",
    "((",
    "/*",
    "- ",
    "{{ [",
    "CASE WHEN ",
    "NOT ",
    "- - ",
    "a: {",
    "SELECT (",
    "$a$",
];

/// An input with one mutation, or up to six.
pub fn mutated(input: &Input, corpus: &Corpus, dice: &mut Dice) -> Input {
    let mut input = input.clone();
    let more = if dice.percent(55) { 0 } else { 1 + dice.below(5) };
    let most = if input.is_fixture() { MOST_OF_FIXTURE } else { MOST };
    for _ in 0..=more {
        one(&mut input.bytes, corpus, dice);
        input.bytes.truncate(most);
    }
    if input.is_template() && dice.percent(8) {
        let place = lines(&input.bytes, dice).0;
        insert(&mut input.bytes, place, dice.pick(GREEDY).as_bytes());
    }
    if dice.percent(1) {
        input.instead = Some(*dice.pick(&Instead::ALL));
    }
    input
}

fn one(bytes: &mut Vec<u8>, corpus: &Corpus, dice: &mut Dice) {
    let place = dice.below(bytes.len() + 1);
    match dice.below(100) {
        0..8 if !bytes.is_empty() => {
            let at = dice.below(bytes.len());
            bytes[at] ^= 1 << dice.below(8);
        }
        8..14 => bytes.insert(place, dice.below(256) as u8),
        14..32 => insert(bytes, place, dice.pick(TOKENS).as_bytes()),
        32..48 => replace_word(bytes, corpus, dice),
        48..56 => {
            let (start, end) = range(bytes.len(), 60, dice);
            bytes.drain(start..end);
        }
        56..62 => {
            let (start, end) = lines(bytes, dice);
            bytes.drain(start..end);
        }
        62..70 => {
            let (start, end) = lines(bytes, dice);
            let copy = bytes[start..end].to_vec();
            let place = lines(bytes, dice).0;
            insert(bytes, place, &copy);
        }
        70..80 => {
            let other = corpus.draw(dice).bytes;
            let (start, end) = range(other.len(), 400, dice);
            insert(bytes, place, &other[start..end]);
        }
        80..84 => {
            let other = corpus.draw(dice).bytes;
            let (start, end) = lines(&other, dice);
            let place = lines(bytes, dice).0;
            insert(bytes, place, &other[start..end]);
        }
        84..88 => {
            let opener = dice.pick(OPENERS).repeat(1 << (1 + dice.below(14)));
            insert(bytes, place, opener.as_bytes());
        }
        88..92 => {
            let (start, end) = lines(bytes, dice);
            let copy = bytes[start..end].to_vec();
            let times = (MOST / copy.len().max(1)).min(1 << dice.below(16));
            insert(bytes, end, &copy.repeat(times));
        }
        92..94 => {
            let word = dice.pick(&corpus.words).repeat(1 << dice.below(14));
            insert(bytes, place, &word[..word.len().min(MOST)]);
        }
        94..96 => {
            let text = String::from_utf8_lossy(bytes).replace('\n', "\r\n");
            *bytes = text.into_bytes();
        }
        96..98 => bytes.truncate(place),
        _ => number(bytes, dice),
    }
}

fn insert(bytes: &mut Vec<u8>, place: usize, more: &[u8]) {
    let place = place.min(bytes.len());
    bytes.splice(place..place, more.iter().copied());
}

/// Part of a text, not larger than `most`.
fn range(length: usize, most: usize, dice: &mut Dice) -> (usize, usize) {
    let start = dice.below(length + 1);
    let end = (start + dice.below(most)).min(length);
    (start, end)
}

/// Some whole lines.
fn lines(bytes: &[u8], dice: &mut Dice) -> (usize, usize) {
    let ends = bytes.iter().enumerate().filter(|(_, byte)| **byte == b'\n');
    let mut starts: Vec<usize> = vec![0];
    starts.extend(ends.map(|(index, _)| index + 1));
    let first = dice.below(starts.len());
    let last = (first + 1 + dice.below(4)).min(starts.len());
    let end = starts.get(last).copied().unwrap_or(bytes.len());
    (starts[first], end)
}

/// Another word of the same kind of file in place of one.
fn replace_word(bytes: &mut Vec<u8>, corpus: &Corpus, dice: &mut Dice) {
    if let Some((start, end)) =
        word(bytes, dice, |byte| byte.is_ascii_alphanumeric() || byte == b'_')
    {
        let word = if dice.percent(70) {
            dice.pick(&corpus.words).clone()
        } else {
            dice.pick(TOKENS).as_bytes().to_vec()
        };
        bytes.splice(start..end, word);
    }
}

/// A number that is at the edge of something.
fn number(bytes: &mut Vec<u8>, dice: &mut Dice) {
    const NUMBERS: [&str; 8] =
        ["0", "-1", "18446744073709551616", "1e400", "2147483648", "100000000", "0x10", "1.5"];
    if let Some((start, end)) = word(bytes, dice, |byte| byte.is_ascii_digit()) {
        bytes.splice(start..end, dice.pick(&NUMBERS).bytes());
    }
}

fn word(bytes: &[u8], dice: &mut Dice, is_part: impl Fn(u8) -> bool) -> Option<(usize, usize)> {
    let from = dice.below(bytes.len() + 1);
    let start = from + bytes[from..].iter().position(|byte| is_part(*byte))?;
    let length = bytes[start..].iter().position(|byte| !is_part(*byte));
    Some((start, length.map_or(bytes.len(), |length| start + length)))
}
