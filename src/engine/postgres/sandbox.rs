//! Sandboxes on Postgres: whose they are, what they need, and those that are left of runs that were killed.

use super::Postgres;
use crate::diagnostic::{Diagnostics, Result};
use crate::engine::sandbox::{PREFIX, StandIn};
use crate::engine::{Cell, Engine};

/// What the comment on a sandbox's schemas says.
const SIGN: &str = "A sandbox of idgraph test, dropped at its end";

/// The first half of the keys of sandboxes' locks.
const LOCKS: i32 = 0x6964_7361;

/// Makes the schemas of a sandbox, with what stands in for an extension that the database lacks: an extension made
/// here would be the database's, and would stay with the schema of a run that is killed.
pub(super) fn make(session: &mut Postgres, schemas: &[&str]) -> Result<StandIn> {
    // Leftovers that cannot be dropped are no reason not to test.
    let _ = drop_left(session);
    let space = schemas.first().copied().unwrap_or_default();
    // Held as long as the connection: whoever finds it free knows that nobody uses the schemas.
    session.execute(&format!("SELECT pg_catalog.pg_advisory_lock({LOCKS}, {})", key(space)))?;
    let mut sql = vec!["BEGIN".to_owned()];
    for schema in schemas {
        sql.push(format!("CREATE SCHEMA {schema}"));
        sql.push(format!("COMMENT ON SCHEMA {schema} IS '{SIGN}'"));
    }
    let has_digest = session.catalog(&[])?.extensions.contains_key("pgcrypto");
    let mut stand_in = StandIn { without: vec!["extension.sql"], ..StandIn::default() };
    if !has_digest {
        sql.push(include_str!("sha1_hex.sql").replace("{schema}", space));
        let spelling = format!("{space}.sha1_hex({{{{ x }}}})");
        stand_in.expressions.push(("sha1_hex", spelling));
    }
    sql.push("COMMIT".to_owned());
    for statement in sql {
        if let Err(error) = session.execute(&statement) {
            let _ = session.execute("ROLLBACK");
            return Err(error);
        }
    }
    Ok(stand_in)
}

/// Drops the sandboxes that nobody holds any more. They have our names, our comment and our owner.
fn drop_left(session: &mut Postgres) -> std::result::Result<(), Diagnostics> {
    // Asked of the list of locks: taking one would succeed in a session that holds it, as behind a pooler.
    let digits = PREFIX.len() + 1;
    let left = session.query(&format!(
        "SELECT n.nspname \
         FROM pg_catalog.pg_namespace AS n \
         WHERE n.nspname OPERATOR(pg_catalog.~) '^{PREFIX}[0-9a-f]{{16}}(_models)?$' \
         AND pg_catalog.obj_description(n.oid, 'pg_namespace') OPERATOR(pg_catalog.=) '{SIGN}' \
         AND pg_catalog.pg_get_userbyid(n.nspowner) OPERATOR(pg_catalog.=) CURRENT_USER \
         AND NOT EXISTS ( \
         SELECT 1 FROM pg_catalog.pg_locks AS l \
         WHERE l.locktype OPERATOR(pg_catalog.=) 'advisory' \
         AND l.database OPERATOR(pg_catalog.=) (SELECT d.oid FROM pg_catalog.pg_database AS d \
         WHERE d.datname OPERATOR(pg_catalog.=) pg_catalog.current_database()) \
         AND CAST(l.classid AS bigint) OPERATOR(pg_catalog.=) {LOCKS} \
         AND CAST(l.objid AS bigint) OPERATOR(pg_catalog.=) CAST(CAST(CAST('x0' AS text) \
         OPERATOR(pg_catalog.||) pg_catalog.substr(CAST(n.nspname AS text), {digits}, 7) AS bit(32)) AS bigint)) \
         ORDER BY n.nspname"
    ))?;
    for row in left.rows {
        if let Some(Cell::Text(name)) = row.first() {
            session.execute(&format!("DROP SCHEMA {name} CASCADE"))?;
        }
    }
    Ok(())
}

/// The second half of a sandbox's key: seven of the digits of its name, so that it is not negative.
fn key(space: &str) -> i32 {
    let digits = space.strip_prefix(PREFIX).and_then(|digits| digits.get(..7));
    digits.and_then(|digits| i32::from_str_radix(digits, 16).ok()).unwrap_or_default()
}
