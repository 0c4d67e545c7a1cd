//! Ten migrations of which every effect can be told.

use std::collections::BTreeMap;

/// The one that runs without a transaction.
pub const APART: u32 = 5;

/// How many there are.
pub const COUNT: u32 = 10;

/// Name and text of each. A file makes a table and notes itself in it; `more` goes behind each statement that makes one.
pub fn all(inside: &str, more: impl Fn(u32) -> String) -> Vec<(String, String)> {
    let text = |number: u32| {
        let table =
            format!("CREATE TABLE acme.idgraph_t{number} ({inside}x integer);\n{}", more(number));
        if number == APART {
            // What is not noted as done runs again, so that each statement here can run twice.
            return "-- idgraph: no-transaction\n\
                 DELETE FROM acme.idgraph_t1 WHERE x = 0;\n\
                 UPDATE acme.idgraph_t1 SET x = 1;\n\
                 DELETE FROM acme.idgraph_t2 WHERE x = 0;\n\
                 UPDATE acme.idgraph_t3 SET x = 3;\n"
                .to_owned();
        }
        format!("{table}INSERT INTO acme.idgraph_t{number} VALUES ({number});\n")
    };
    (1..=COUNT).map(|number| (format!("{number:04}_step.sql"), text(number))).collect()
}

/// What a database holds: for each migration in the ledger, whether it is finished and the statements done; the
/// tables and their rows.
#[derive(Debug, Default, PartialEq, Eq, Clone)]
pub struct State {
    pub ledger: BTreeMap<u32, (bool, i64)>,
    pub tables: BTreeMap<u32, Vec<i64>>,
}

impl State {
    /// Ledger and catalog agree, and nothing is half applied. Returns how many files are done.
    #[track_caller]
    pub fn holds(&self, when: &str) -> usize {
        for number in 1..=COUNT {
            let entry = self.ledger.get(&number);
            if number == APART {
                continue;
            }
            let rows = self.tables.get(&number).map(Vec::as_slice);
            match entry {
                Some((true, _)) => {
                    assert_eq!(rows, Some(&[i64::from(number)][..]), "{when}: {self:?}")
                }
                None => assert_eq!(rows, None, "{when}: {self:?}"),
                Some((false, _)) => panic!("{when}: {number} is halfway: {self:?}"),
            }
        }
        // In order, without a gap.
        let known: Vec<u32> = self.ledger.keys().copied().collect();
        assert_eq!(known, (1..=COUNT).take(known.len()).collect::<Vec<_>>(), "{when}");
        if let Some((finished, done)) = self.ledger.get(&APART) {
            assert!(*finished == (*done == 4), "{when}: {self:?}");
            assert!(*finished || known.len() == 5, "{when}: none runs after one that is halfway");
        }
        known.len()
    }

    /// All of it is done.
    #[track_caller]
    pub fn is_done(&self, when: &str) {
        assert_eq!(self.holds(when), 10, "{when}");
        assert!(self.ledger.values().all(|(finished, _)| *finished), "{when}: {self:?}");
    }
}
