//! The pairs on SQLite.

use rusqlite::Connection;
use rusqlite::types::Value;

use crate::kinds::SQLITE;
use crate::support::command::finish;
use crate::support::sqlite::Project;
use crate::{Pair, land, landed, pairs, project};

const WAYS: [&str; 3] = ["table", "view", "incremental"];

/// How many profiles get a value, the last of them NULL.
const PROFILES: usize = 4;

#[test]
fn every_pair_keeps_what_landed() {
    let all = pairs(SQLITE);
    let kept: Vec<&Pair> = all.iter().filter(|pair| pair.values.is_some()).collect();
    let kept = || kept.iter().copied();
    for way in WAYS {
        let of = Project::new(&project("sqlite", way, kept()));
        of.run(&landed("main", "timestamp", kept()));
        of.run(&land("main", 0, kept()));
        of.apply(&[]).fine();
        for number in 1..PROFILES {
            of.run(&land("main", number, kept()));
            of.refresh(&[]).fine();
        }
        for table in ["profile_traits", "identifies_resolved"] {
            for pair in kept() {
                values(&of.open(), (way, table), pair);
            }
        }
        finish(of.command("verify", &[])).fine();
        for number in 0..PROFILES {
            let said = finish(of.command("explain", &[&format!("p{number}")])).fine().stdout;
            assert!(said.contains("The tables as they stand say the same"), "{way}: {said}");
        }
    }
}

fn values(connection: &Connection, (way, table): (&str, &str), pair: &Pair) {
    let name = pair.name();
    for number in 0..PROFILES {
        let sql = format!(
            "SELECT t.{name}, typeof(t.{name}) FROM {table} AS t WHERE t.canonical_segment_id = ?1"
        );
        let (value, kind): (Value, String) = connection
            .query_row(&sql, [format!("p{number}")], |row| Ok((row.get(0)?, row.get(1)?)))
            .unwrap();
        let value = match value {
            Value::Null => None,
            Value::Integer(number) => Some(number.to_string()),
            Value::Real(number) => Some(format!("{number:?}")),
            // A number as text: which of the texts that stand for it is SQLite's to choose.
            Value::Text(text) if pair.kind.name == "float" => {
                Some(text.parse::<f64>().map_or(text, |number| format!("{number:?}")))
            }
            Value::Text(text) => Some(text),
            Value::Blob(_) => panic!("{name} is a blob"),
        };
        let right = pair.values.as_ref().unwrap().get(number).copied();
        assert_eq!(value.as_deref(), right, "{way} {table}.{name} of p{number}");
        if right.is_some() && matches!(pair.wanted, "varchar" | "timestamp") {
            assert_eq!(kind, "text", "{way} {table}.{name} of p{number}");
        }
    }
}

#[test]
fn a_pair_that_would_lose_something_is_refused_before_anything_runs() {
    let all = pairs(SQLITE);
    let lost: Vec<&Pair> = all.iter().filter(|pair| pair.values.is_none()).collect();
    let lost = || lost.iter().copied();
    for way in WAYS {
        let of = Project::new(&project("sqlite", way, lost()));
        of.run(&landed("main", "timestamp", lost()));
        let run = of.apply(&[]).exits(2);
        for pair in lost() {
            let said = format!(
                "acme.identifies.{} is {}, and cannot be read as {} without loss",
                pair.name(),
                pair.kind.said,
                pair.wanted
            );
            assert!(run.stderr.contains(&said), "`{said}` is not in {}", run.stderr);
        }
        let sql = "SELECT count(*) FROM sqlite_schema WHERE name IN ('id_graph', 'profile_traits')";
        let made: i64 = of.open().query_row(sql, [], |row| row.get(0)).unwrap();
        assert_eq!(made, 0, "{way}");
    }
}
