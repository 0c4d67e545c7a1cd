//! What idgraph made in a database, by the record that it keeps there: a name, and the identity that the catalog gave it.
//!
//! Whoever may make tables in the models schema could put a record there before us, so who owns it matters. What somebody
//! owns who has no part in what this session is may be read with harmless rights, and never be written by.

use std::collections::{BTreeMap, BTreeSet};

use postgres::Row;
use postgres::types::Type;

use super::session::{Bound, quoted};
use crate::diagnostic::Result;
use crate::render::MADE_BY;
use crate::warehouse::state;

/// The records: schema, owner, whether it is a plain table, whether its owner is trusted, whether this session is a
/// superuser's, whether it may read the record. A superuser is a member of every role, so memberships are looked up.
const RECORDS: &str = "
SELECT
    n.nspname,
    owner.rolname,
    c.relkind = 'r' AND NOT c.relrowsecurity AND NOT EXISTS (
        SELECT 1
        FROM pg_catalog.pg_attribute AS a
        WHERE a.attrelid = c.oid
          AND a.attnum > 0
          AND a.atttypid NOT IN (0, 25, 1184)
    ),
    owner.oid = me.oid
    OR owner.rolsuper
    OR EXISTS (
        SELECT 1
        FROM pg_catalog.pg_auth_members AS m
        WHERE m.member = me.oid
          AND m.roleid = owner.oid
    )
    OR (
        NOT me.rolsuper
        AND (pg_catalog.pg_has_role(owner.oid, 'MEMBER') OR owner.oid = n.nspowner)
    ),
    me.rolsuper,
    pg_catalog.has_table_privilege(c.oid, 'SELECT')
FROM pg_catalog.pg_class AS c
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_roles AS owner ON owner.oid = c.relowner
JOIN pg_catalog.pg_roles AS me ON me.rolname = current_user
WHERE n.nspname = ANY ($1)
  AND c.relname = $2";

/// What the records of some schemas say.
#[derive(Debug, Default)]
pub(super) struct Made {
    /// Schemas whose record is no record of ours, with its owner.
    pub(super) distrusted: BTreeMap<String, String>,
    /// Schemas with a record that is believed.
    records: BTreeSet<String>,
    /// Identities by schema and name.
    identities: BTreeMap<(String, String), BTreeSet<String>>,
    /// Owners of records that this session may not read, and so cannot change what they speak of: what they own and
    /// describe as ours counts as made by idgraph.
    unread: BTreeSet<String>,
}

impl Made {
    /// Reads the records in these schemas.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub(super) fn read(
        schemas: &[&str],
        mut ask: impl FnMut(&str, &[Bound<'_>]) -> Result<Vec<Row>>,
    ) -> Result<Self> {
        let mut made = Self::default();
        let record = state::OBJECTS;
        for row in ask(RECORDS, &[(&schemas, Type::TEXT_ARRAY), (&record, Type::TEXT)])? {
            let (schema, owner): (String, String) = (row.get(0), row.get(1));
            let (is_plain, is_trusted): (bool, bool) = (row.get(2), row.get(3));
            let (is_superuser, is_readable): (bool, bool) = (row.get(4), row.get(5));
            if !is_plain || !is_trusted {
                made.distrusted.insert(schema.clone(), owner.clone());
            }
            // For a superuser even reading what the record names is not harmless.
            if !is_plain || (!is_trusted && is_superuser) {
                continue;
            }
            made.records.insert(schema.clone());
            if !is_readable {
                made.unread.insert(owner);
                continue;
            }
            let sql = format!(
                "SELECT schema_name, object_name, object_id FROM {}.{}",
                quoted(&schema),
                quoted(record)
            );
            for row in ask(&sql, &[])? {
                let named = (row.get(0), row.get(1));
                let identity: Option<String> = row.get(2);
                made.identities.entry(named).or_default().extend(identity);
            }
        }
        Ok(made)
    }

    /// Whether idgraph made an object of this identity, owner and description, and whether it made another of its name.
    pub(super) fn says(
        &self,
        (schema, name): (&str, &str),
        identity: &str,
        (owner, comment): (&str, &str),
    ) -> (bool, bool) {
        if name == state::OBJECTS {
            return (self.records.contains(schema), false);
        }
        let known = self.identities.get(&(schema.to_owned(), name.to_owned()));
        let is_it = known.is_some_and(|known| known.contains(identity));
        let is_described = self.unread.contains(owner) && comment.contains(MADE_BY);
        (is_it || is_described, !is_it && known.is_some())
    }
}
