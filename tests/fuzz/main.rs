//! Fuzzing of everything that idgraph reads without a database: mutated files, each given to the built binary with a
//! limit of time and of memory. It must never panic, hang, need a gigabyte or leave half of something on the disk.
//!
//! ```console
//! $ IDGRAPH_FUZZ_SECONDS=3600 cargo test --release --test fuzz -- --ignored --nocapture
//! ```
//!
//! An input whose messages are new is mutated further, so that the fuzzer finds its way behind the first check without
//! an instrumented build, which would want a nightly toolchain.

#[path = "../support/dice.rs"]
mod dice;

mod corpus;
mod figures;
mod found;
mod job;
mod kinds;
mod mutate;
mod shrink;

use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use corpus::Corpus;
use dice::Dice;
use figures::Figures;
use found::Found;
use kinds::Kind;

/// What the threads share.
struct Fuzzing {
    corpora: Vec<(Kind, Mutex<Corpus>)>,
    figures: Figures,
    found: Found,
    until: Instant,
}

#[test]
#[ignore = "takes as long as IDGRAPH_FUZZ_SECONDS says"]
fn no_input_makes_it_panic_hang_eat_memory_or_write_half_of_something() {
    let number = |name: &str, usual: u64| match std::env::var(name) {
        Ok(text) => text.parse().unwrap_or_else(|_| panic!("{name} is a number, not `{text}`")),
        Err(_) => usual,
    };
    let seconds = number("IDGRAPH_FUZZ_SECONDS", 120);
    let processors = thread::available_parallelism().map_or(2, |count| count.get() as u64);
    let workers = number("IDGRAPH_FUZZ_WORKERS", processors);
    let seed = Dice::seed("IDGRAPH_FUZZ_SEED");
    let chosen = std::env::var("IDGRAPH_FUZZ_KINDS").unwrap_or_default();
    let is_chosen =
        |kind: &Kind| chosen.is_empty() || chosen.split(',').any(|name| name == kind.name());
    let kinds = Kind::ALL.into_iter().filter(is_chosen);
    let fuzzing = Fuzzing {
        corpora: kinds.map(|kind| (kind, Mutex::new(Corpus::of(kind)))).collect(),
        figures: Figures::default(),
        found: Found::new(seed),
        until: Instant::now() + Duration::from_secs(seconds),
    };
    assert!(!fuzzing.corpora.is_empty(), "IDGRAPH_FUZZ_KINDS names no kind: {chosen}");
    eprintln!("seed {seed}, {seconds} s, {workers} workers");
    let mut dice = Dice::new(seed);
    thread::scope(|scope| {
        for _ in 0..workers {
            let dice = dice.fork();
            scope.spawn(|| work(&fuzzing, dice));
        }
        scope.spawn(|| report(&fuzzing));
    });
    eprintln!("seed {seed}, {seconds} s\n{}", fuzzing.figures);
    let found = fuzzing.found.all();
    assert!(found.is_empty(), "{} findings:\n{}", found.len(), found.join("\n"));
}

/// Fuzzing that only ever sees the first message of a broken project finds nothing.
#[test]
fn each_kind_begins_with_an_input_that_is_accepted() {
    for kind in Kind::ALL {
        let seeds = kind.seeds();
        let mut dice = Dice::new(7);
        let mut outcomes = (0..40).map(|_| {
            let (input, command) = (dice.pick(&seeds), kind.command(&mut dice.clone()));
            dice.next();
            job::run(kind, input, &command)
        });
        let mut said = String::new();
        let is_accepted = outcomes.any(|outcome| {
            assert_eq!(outcome.finding, None, "{}: {}", kind.name(), outcome.said);
            said = outcome.said;
            outcome.code == Some(0)
        });
        assert!(is_accepted, "{}: {said}", kind.name());
    }
}

/// One input after another until the time is over.
fn work(fuzzing: &Fuzzing, mut dice: Dice) {
    while Instant::now() < fuzzing.until {
        let (kind, corpus) = dice.pick(&fuzzing.corpora);
        let input = {
            let corpus = corpus.lock().unwrap_or_else(PoisonError::into_inner);
            let input = corpus.draw(&mut dice);
            mutate::mutated(&input, &corpus, &mut dice)
        };
        let command = kind.command(&mut dice);
        let outcome = job::run(*kind, &input, &command);
        fuzzing.figures.count(*kind, &outcome);
        if let Some(finding) = &outcome.finding {
            fuzzing.found.add(*kind, &input, &command, finding, &outcome.said);
        } else {
            let mut corpus = corpus.lock().unwrap_or_else(PoisonError::into_inner);
            if corpus.learn(&input, &outcome, &mut dice) {
                fuzzing.figures.learned(*kind);
            }
        }
    }
}

fn report(fuzzing: &Fuzzing) {
    let mut next = Instant::now() + Duration::from_secs(60);
    while Instant::now() < fuzzing.until {
        thread::sleep(Duration::from_millis(200));
        if Instant::now() >= next {
            eprintln!("{}", fuzzing.figures.line());
            next += Duration::from_secs(60);
        }
    }
}
