//! What to mind about statements: what they take away, whom they keep waiting, what they write anew.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{Doing, Pending};
use crate::dialect::Stops;
use crate::migrate::allowing;

/// Something to mind.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Risk {
    /// It is taken away.
    Destructive {
        /// The file.
        file: String,
        /// What goes.
        object: String,
        /// The option that allows it.
        option: String,
        /// Whether it is made again afterwards, without what was granted on it.
        comes_back: bool,
        /// What is known of the values that are there.
        values: Option<String>,
    },
    /// Others wait for a table.
    Lock {
        /// The file.
        file: String,
        /// The table or view.
        object: String,
        /// The lock, in the vendor's words.
        lock: String,
        /// Who waits.
        stops: Stops,
        /// For how long, roughly: from this statement to the end of the transaction. None when that is not known.
        seconds: Option<f64>,
    },
    /// A whole table is written anew.
    Rewrite {
        /// The file.
        file: String,
        /// The table.
        object: String,
        /// Its rows.
        rows: Option<u64>,
        /// How long that takes, roughly.
        seconds: Option<f64>,
    },
    /// The file is no transaction: when a statement fails, those before it stay.
    NoTransaction {
        /// The file.
        file: String,
    },
}

/// What the figures of risks are worth; `rows_from` is where the rows are from.
pub fn worth(rows_from: &str) -> String {
    format!("Rows are {rows_from}. Times are rough estimates from these row counts.")
}

/// What to mind about files; `values` is what is known of what they take away, `at_once` when all of them are one transaction.
pub fn risks(pending: &[Pending], values: &BTreeMap<String, String>, at_once: bool) -> Vec<Risk> {
    let mut all = Vec::new();
    for one in pending {
        let destroy = |object: &String| Risk::Destructive {
            file: one.file.clone(),
            object: object.clone(),
            option: allowing(object),
            values: values.get(object).cloned(),
            comes_back: pending.iter().flat_map(|one| &one.statements).any(|doing| {
                doing.makes && doing.object.as_deref() == Some(object.to_lowercase().as_str())
            }),
        };
        all.extend(one.destructive.iter().map(destroy));
    }
    let statements = |one: &Pending| {
        let file = one.file.clone();
        one.statements.iter().map(move |doing| (file.clone(), doing.clone())).collect::<Vec<_>>()
    };
    if at_once {
        all.extend(locks(&pending.iter().flat_map(statements).collect::<Vec<_>>(), true));
    } else {
        all.extend(pending.iter().flat_map(|one| locks(&statements(one), one.in_transaction)));
    }
    for one in pending {
        for doing in one.statements.iter().filter(|doing| doing.rewrites) {
            all.extend(doing.object.clone().map(|object| Risk::Rewrite {
                file: one.file.clone(),
                object,
                rows: doing.rows,
                seconds: doing.seconds,
            }));
        }
    }
    let apart = pending.iter().filter(|one| !one.in_transaction);
    all.extend(apart.map(|one| Risk::NoTransaction { file: one.file.clone() }));
    all
}

/// For each object that others wait for, the strongest lock and how long it is held: to the end of the transaction.
fn locks(statements: &[(String, Doing)], in_transaction: bool) -> Vec<Risk> {
    let mut all: Vec<Risk> = Vec::new();
    for (index, (file, doing)) in statements.iter().enumerate() {
        let (Some(object), Some(lock)) = (&doing.object, &doing.lock) else { continue };
        if doing.stops == Stops::Nobody {
            continue;
        }
        let end = if in_transaction { statements.len() } else { index + 1 };
        let held = statements.get(index..end).unwrap_or_default();
        let is_known = !held.iter().any(|(_, doing)| doing.is_open);
        let seconds = held.iter().filter_map(|(_, doing)| doing.seconds).sum::<f64>();
        let risk = Risk::Lock {
            file: file.clone(),
            object: object.clone(),
            lock: lock.clone(),
            stops: doing.stops,
            seconds: is_known.then_some(seconds),
        };
        let same =
            |other: &&mut Risk| matches!(other, Risk::Lock { object: of, .. } if of == object);
        match all.iter_mut().find(same) {
            None => all.push(risk),
            Some(weaker) if stops(weaker) < doing.stops => *weaker = risk,
            Some(_) => {}
        }
    }
    all
}

fn stops(risk: &Risk) -> Stops {
    match risk {
        Risk::Lock { stops, .. } => *stops,
        _ => Stops::Nobody,
    }
}
