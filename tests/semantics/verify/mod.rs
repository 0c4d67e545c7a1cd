//! `verify` finds what is wrong with the tables, by name and key, and nothing in tables that are right. What it must
//! find comes from the reference model and the tables' own rows, not from its SQL.

mod rules;

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use idgraph::diagnostic::Diagnostics;
use idgraph::dialect::Library;
use idgraph::engine::{self, Interrupt};
use idgraph::verify::{Finding, Keys, Report, verify};
use proptest::prelude::*;

use crate::built::{Built, model_of, table_of};
use crate::generate;
use crate::model::{Row, Tables, Value};
use crate::random::{UPDATES, holds, project};

/// Rows by table, key and finding.
type Found = BTreeMap<(String, Vec<Value>, String), u64>;

pub const SMALL: &str = "
space: acme
dialects: [postgres, sqlite]
traits: { from: profile_traits_updates, columns: { email: varchar, plan: varchar } }
models: { user_traits: { name: long_traits }, user_identifiers: { name: identifiers }, profile_merges: { name: merges } }";

fn check(built: &mut Built) -> Result<Report, Diagnostics> {
    let (warehouse, dialect) = (&built.warehouse, &built.dialect);
    let of = (warehouse, dialect, &Library::embedded());
    let keys = Keys { listed: true, limit: None };
    engine::read(built.engine.as_mut(), &Interrupt::default(), |engine| {
        verify(engine, of, keys, &mut |_| {})
    })
}

pub fn report(built: &mut Built) -> Report {
    let name = built.name();
    check(built).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// What a report says of the tables.
fn found(report: &Report) -> Found {
    let mut found = Found::new();
    for model in &report.models {
        let mut counts = BTreeMap::<&str, u64>::new();
        for key in model.keys.iter().flatten() {
            let values = key.key.values().map(|value| value.as_str().into()).collect();
            let finding = match key.finding {
                Finding::Missing => "missing",
                Finding::Extra => "extra",
                Finding::Different => "different",
            };
            *counts.entry(finding).or_default() += key.count;
            found
                .insert((model_of(&model.table).to_owned(), values, finding.to_owned()), key.count);
        }
        let listed = |finding| counts.get(finding).copied().unwrap_or(0);
        assert_eq!(
            (model.missing, model.extra, model.different),
            (listed("missing"), listed("extra"), listed("different")),
            "counts and keys of {}",
            model.table
        );
    }
    found
}

/// The columns that tell rows of a model apart, by the definition.
fn key_of(table: &str) -> &'static [&'static str] {
    match table {
        "id_graph" | "profile_merges" => &["segment_id"],
        "external_id_mapping" => &["external_id_type", "external_id_value"],
        "profile_traits" => &["canonical_segment_id"],
        "user_traits" => &["canonical_segment_id", "name"],
        "user_identifiers" => &["type", "value"],
        other => panic!("{other}"),
    }
}

/// How tables differ from what they must be.
fn differing(expected: &Tables, got: &Tables) -> Found {
    let mut found = Found::new();
    for (table, got) in got {
        let key = |row: &Row| -> Vec<Value> {
            key_of(table).iter().map(|column| row.get(column).clone()).collect()
        };
        let dense = |row: &Row| {
            let values = row.0.iter().filter(|(_, value)| !value.is_null());
            Row(values.map(|(name, value)| (name.clone(), value.clone())).collect())
        };
        let mut rows = BTreeMap::<Row, i64>::new();
        for row in &expected[table] {
            *rows.entry(dense(row)).or_default() += 1;
        }
        for row in got {
            *rows.entry(dense(row)).or_default() -= 1;
        }
        let mut by_key = BTreeMap::<Vec<Value>, (u64, u64)>::new();
        for (row, count) in rows {
            let (missing, extra) = by_key.entry(key(&row)).or_default();
            *missing += u64::try_from(count).unwrap_or(0);
            *extra += u64::try_from(-count).unwrap_or(0);
        }
        for (key, (missing, extra)) in by_key {
            let both = missing.min(extra);
            for (count, what) in
                [(missing - both, "missing"), (extra - both, "extra"), (both, "different")]
            {
                if count > 0 {
                    found.insert((table.clone(), key.clone(), what.to_owned()), count);
                }
            }
        }
    }
    found
}

/// What breaks a rule: the values of its keys.
pub fn broken(report: &Report, rule: &str) -> BTreeSet<Vec<String>> {
    let rule = report.rules.iter().find(|found| found.rule == rule).unwrap();
    let text = |value: &serde_json::Value| value.as_str().map_or(value.to_string(), str::to_owned);
    let keys = rule.keys.iter().flatten().map(|key| key.values().map(text).collect());
    let keys: BTreeSet<Vec<String>> = keys.collect();
    assert_eq!(rule.count, keys.len() as u64, "{}", rule.rule);
    keys
}

#[test]
fn right_tables_are_fine() {
    for (from, kept) in [(UPDATES, "table"), ("identifies", "table"), (UPDATES, "incremental")] {
        let engines = RefCell::new(Built::on_all(&project(from, kept)));
        holds(4, generate::landed(from), |landed| {
            engines.borrow_mut().iter_mut().try_for_each(|built| {
                built.clear();
                if kept == "incremental" {
                    built.run("DELETE FROM acme.idgraph_watermarks");
                }
                built.land(landed);
                built.apply();
                let report = report(built);
                let found = found(&report);
                if report.fine && found.is_empty() {
                    return Ok(());
                }
                Err(format!("{} ({kept}): {report:#?}\nlanded:\n{landed}", built.name()))
            })
        });
    }
}

/// Another value of a column.
fn other(value: &Value, column: &str, to_null: bool) -> Value {
    match value {
        Value::Null
            if column.ends_with("timestamp")
                || column.ends_with("_at")
                || column.ends_with("_ts")
                || column == "seen" =>
        {
            Value::from("2001-02-03 04:05:06")
        }
        Value::Null if ["visits"].contains(&column) => Value::Integer(4242),
        Value::Null if column == "score" => Value::Float(4.25),
        Value::Null if column == "is_vip" => Value::Boolean(true),
        Value::Null => Value::from("changed"),
        _ if to_null => Value::Null,
        Value::Boolean(truth) => Value::Boolean(!truth),
        Value::Integer(_) => Value::Integer(4242),
        Value::Float(_) => Value::Float(4.25),
        Value::Text(text) if text.get(4..5) == Some("-") => Value::from("2001-02-03 04:05:06"),
        // Differs in case alone where it can.
        Value::Text(text) if text.to_uppercase() != *text => Value::from(text.to_uppercase()),
        Value::Text(text) => Value::from(format!("{text}changed")),
    }
}

#[test]
fn one_cell_that_changed_is_the_one_row_that_is_found() {
    let yaml = project(UPDATES, "table").replace("  resolved_events: { materialized: view }", "");
    let engines = RefCell::new(Built::on_all(&yaml));
    let picks = (any::<prop::sample::Index>(), any::<prop::sample::Index>(), any::<bool>());
    let landed = generate::landed(UPDATES).prop_map(|mut landed| {
        landed.0.remove("order_completed");
        landed
    });
    holds(16, (landed, any::<prop::sample::Index>(), picks), |(landed, table, picks)| {
        let (pick, cell, to_null) = picks;
        engines.borrow_mut().iter_mut().try_for_each(|built| {
            let before = built.build(landed);
            let filled: Vec<_> = before.iter().filter(|(_, rows)| !rows.is_empty()).collect();
            if filled.is_empty() {
                return Ok(());
            }
            let (table, rows) = *table.get(&filled);
            let row = pick.get(rows);
            let (column, value) = *cell.get(&row.0.iter().collect::<Vec<_>>());
            let value = other(value, column, *to_null && !key_of(table).contains(&column.as_str()));
            let taken: Vec<&Row> = rows.iter().collect();
            let changed = row.clone().with(column, value.clone());
            if key_of(table).iter().all(|name| {
                taken.iter().any(|had| *had != row && had.get(name) == changed.get(name))
            }) {
                // The changed key may be another row's: then there would be two to tell apart.
                return Ok(());
            }
            let literal = |value: &Value| match value {
                Value::Null => "NULL".to_owned(),
                Value::Text(text) => format!("'{}'", text.replace('\'', "''")),
                Value::Boolean(truth) => truth.to_string().to_uppercase(),
                Value::Integer(number) => number.to_string(),
                Value::Float(number) => format!("{number:?}"),
            };
            let of = |row: &Row| {
                let same = |name: &&str| {
                    format!("{} = {}", built.dialect.identifier(name), literal(row.get(name)))
                };
                key_of(table).iter().map(same).collect::<Vec<_>>().join(" AND ")
            };
            let sql = format!(
                "UPDATE acme.{} SET {} = {} WHERE {}",
                table_of(table),
                built.dialect.identifier(column),
                literal(&value),
                of(row)
            );
            built.run(&sql);
            let after = built.tables();
            let expected = differing(&before, &after);
            let report = report(built);
            let found = found(&report);
            let one = if key_of(table).contains(&column.as_str()) { 2 } else { 1 };
            if found != expected || found.values().sum::<u64>() != one || report.fine {
                return Err(format!(
                    "{}: {sql}\nfound {found:?}\nnot {expected:?}\nlanded:\n{landed}",
                    built.name()
                ));
            }
            Ok(())
        })
    });
}
