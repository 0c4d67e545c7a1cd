//! Tables are held still before they are looked at: what others commit between the look and the use would count.
//!
//! LOCK TABLE takes no snapshot, so it comes before the first query of a transaction. Only what is there can be locked, so that is
//! asked beforehand, and once more behind the locks.

use std::sync::Arc;

use postgres::types::Type;

use super::session::{BEGIN, BEGIN_READING, Bound, Postgres, quoted};
use crate::diagnostic::Result;
use crate::engine::Passing;
use crate::warehouse::state;

/// How often that is tried.
const TRIES: usize = 5;

/// Those of some tables that are there, and may be locked.
const THERE: &str = "
SELECT c.relname
FROM pg_catalog.pg_class AS c
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE n.nspname = $1
  AND c.relname = ANY ($2)
  AND c.relkind IN ('r', 'p')
  AND pg_catalog.has_table_privilege(c.oid, $3)
ORDER BY c.relname";

/// What a transaction holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Holds {
    /// Landed tables: no column changes its type.
    Read,
    /// The tables that are written to as well: no trigger, rule, constraint or child table comes.
    Written,
}

impl Postgres {
    /// Begins a transaction that reads, with the landed tables held.
    pub(super) fn begin_reading(&mut self) -> Result<u64> {
        for _ in 1..TRIES {
            if self.begin_holding(Holds::Read, None)?.is_some() {
                return Ok(0);
            }
        }
        // Somebody makes and drops tables all the time; what is read is one snapshot all the same.
        self.begin(BEGIN_READING).map(|()| 0)
    }

    /// Begins a transaction with `lock`, where there is one, and then the tables held: the statements that hold them. `None` where
    /// the lock is another's, or the tables are others meanwhile; then no transaction has begun.
    pub(super) fn begin_holding(
        &mut self,
        holds: Holds,
        lock: Option<&str>,
    ) -> Result<Option<Vec<String>>> {
        // Who only reads may look at any of them.
        let all_landed = holds == Holds::Read || self.passing == Passing::Changed;
        let wanted = self.holding(holds, all_landed)?;
        self.begin(if holds == Holds::Written { BEGIN } else { BEGIN_READING })?;
        let held = self
            .hold(&wanted, lock)
            .and_then(|is_held| Ok(is_held && self.holding(holds, all_landed)? == wanted));
        match held {
            Ok(true) => return Ok(Some(wanted)),
            Ok(false) => self.roll_back(),
            Err(error) => {
                self.roll_back();
                // One of them was dropped, or a column came: the next try sees it.
                if self.passing != Passing::Changed {
                    return Err(error);
                }
            }
        }
        Ok(None)
    }

    fn hold(&mut self, wanted: &[String], lock: Option<&str>) -> Result<bool> {
        if let Some(lock) = lock
            && !self.locks(lock)?
        {
            return Ok(false);
        }
        wanted.iter().try_for_each(|sql| self.run(sql))?;
        Ok(true)
    }

    /// The statements that hold what is there.
    fn holding(&mut self, holds: Holds, all_landed: bool) -> Result<Vec<String>> {
        let about = Arc::clone(&self.own.about);
        // The record is locked before, by itself.
        let written = about.written.iter().filter(|name| *name != state::OBJECTS);
        let written: Vec<String> = written.cloned().collect();
        // A column that comes now would be read twice: once landed, once as what has not landed.
        let read = match all_landed {
            true => about.landed.iter().map(|table| table.name.clone()).collect(),
            false => about.read.clone(),
        };
        let mut statements = Vec::new();
        if holds == Holds::Written {
            let any = "UPDATE, DELETE, TRUNCATE";
            statements.extend(self.lock_all(
                (&about.models_schema, &written),
                any,
                "SHARE ROW EXCLUSIVE",
            )?);
        }
        statements.extend(self.lock_all((&about.space, &read), "SELECT", "ACCESS SHARE")?);
        Ok(statements)
    }

    fn lock_all(
        &mut self,
        (schema, tables): (&str, &[String]),
        right: &str,
        mode: &str,
    ) -> Result<Option<String>> {
        let values: [Bound<'_>; 3] =
            [(&schema, Type::TEXT), (&tables, Type::TEXT_ARRAY), (&right, Type::TEXT)];
        let there = self.ask(THERE, &values)?;
        let names = there.iter().map(|row| format!("{}.{}", quoted(schema), quoted(row.get(0))));
        let names: Vec<String> = names.collect();
        Ok((!names.is_empty()).then(|| format!("LOCK TABLE {} IN {mode} MODE", names.join(", "))))
    }
}
