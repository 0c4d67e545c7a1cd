//! Who holds the lock that is waited for, as far as the server lets the user see.

use postgres::types::{ToSql, Type};
use postgres::{Client, Row};

use crate::engine::code_line;

/// Sessions that hold the advisory lock of these two keys.
const ADVISORY: &str = "
SELECT '', a.pid, coalesce(a.usename::text, ''), coalesce(a.application_name, ''),
       coalesce(pg_catalog.host(a.client_addr), ''),
       coalesce('connected for ' || pg_catalog.date_trunc('second', pg_catalog.clock_timestamp() - a.backend_start)::text, '')
FROM pg_catalog.pg_locks AS l
JOIN pg_catalog.pg_stat_activity AS a ON a.pid = l.pid
WHERE l.locktype = 'advisory'
  AND l.granted
  AND l.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database())
  AND l.classid = $1::int::oid
  AND l.objid::bigint = (pg_catalog.hashtext($2)::bigint & 4294967295)
LIMIT 1";

/// Locks on tables and views that others hold, a session and a table once each, by its strongest lock, those that stop
/// most first.
const TABLES: &str = "
WITH held AS (
    SELECT DISTINCT ON (l.relation, l.pid)
        l.relation, l.pid, m.strength, m.words
    FROM pg_catalog.pg_locks AS l
    JOIN (VALUES
        ('AccessShareLock', 1, 'ACCESS SHARE'), ('RowShareLock', 2, 'ROW SHARE'),
        ('RowExclusiveLock', 3, 'ROW EXCLUSIVE'), ('ShareUpdateExclusiveLock', 4, 'SHARE UPDATE EXCLUSIVE'),
        ('ShareLock', 5, 'SHARE'), ('ShareRowExclusiveLock', 6, 'SHARE ROW EXCLUSIVE'),
        ('ExclusiveLock', 7, 'EXCLUSIVE'), ('AccessExclusiveLock', 8, 'ACCESS EXCLUSIVE')
    ) AS m (mode, strength, words) ON m.mode = l.mode
    WHERE l.locktype = 'relation'
      AND l.granted
      AND l.pid <> pg_catalog.pg_backend_pid()
      AND l.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database())
      AND m.strength >= $1
    ORDER BY l.relation, l.pid, m.strength DESC
)
SELECT h.words, a.pid, coalesce(a.usename::text, ''), coalesce(a.application_name, ''),
       coalesce(pg_catalog.host(a.client_addr), ''),
       coalesce('in a transaction for ' || pg_catalog.date_trunc('second', pg_catalog.clock_timestamp() - a.xact_start)::text, ''),
       n.nspname, c.relname
FROM held AS h
JOIN pg_catalog.pg_class AS c ON c.oid = h.relation
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_stat_activity AS a ON a.pid = h.pid
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f')
ORDER BY h.strength DESC, a.xact_start, a.pid, c.relname";

/// The strength of the weakest lock of who writes to a table.
const WRITES: i32 = 3;

/// The most holders that a message names.
const MOST: usize = 3;

/// The holder of an advisory lock.
pub(super) fn of_advisory(client: &mut Client, space: i32, schema: &str) -> Option<String> {
    let values: [(&(dyn ToSql + Sync), Type); 2] = [(&space, Type::INT4), (&schema, Type::TEXT)];
    let rows = client.query_typed(ADVISORY, &values).ok()?;
    rows.first().map(|row| format!("held by {}", session(row)))
}

/// The holder of the lock on a record of what idgraph made, or of one that it waits for.
pub(super) fn of_record(client: &mut Client, schema: &str, table: &str) -> Option<String> {
    let rows = locks(client, WRITES);
    let is_it = |row: &&Row| row.get::<_, &str>(6) == schema && row.get::<_, &str>(7) == table;
    rows.iter().find(is_it).map(|row| format!("held by {}", session(row)))
}

/// Those who hold a lock on a table that a statement names. What only reads a table stands in
/// the way of a change of its shape and of no other statement.
pub(super) fn of_tables(client: &mut Client, sql: &str) -> Vec<String> {
    let verb = code_line(sql).and_then(|line| line.split_whitespace().next()).unwrap_or_default();
    let lower = sql.to_lowercase();
    let lets_read = match verb.to_lowercase().as_str() {
        "insert" | "update" | "delete" | "merge" | "select" | "with" => true,
        "lock" => lower.contains(" mode") && !lower.contains("access exclusive"),
        _ => false,
    };
    let weakest = if lets_read { 2 } else { 1 };
    let rows = locks(client, weakest);
    let names: Vec<&str> =
        lower.split(|char: char| !char.is_alphanumeric() && char != '_').collect();
    let is_named = |name: &str| {
        let name = name.to_lowercase();
        names.contains(&name.as_str())
            || lower.contains(&format!("\"{}\"", name.replace('"', "\"\"")))
    };
    let named = rows.iter().filter(|row| is_named(row.get(6)) && is_named(row.get(7)));
    let note = |row: &Row| {
        let (lock, schema, table): (String, String, String) = (row.get(0), row.get(6), row.get(7));
        format!("{schema}.{table} is locked ({lock}) by {}", session(row))
    };
    named.map(note).take(MOST).collect()
}

/// Locks that others hold, from some strength on.
fn locks(client: &mut Client, weakest: i32) -> Vec<Row> {
    client.query_typed(TABLES, &[(&weakest, Type::INT4)]).unwrap_or_default()
}

/// A session, as far as it is seen.
fn session(row: &Row) -> String {
    let pid: i32 = row.get(1);
    let (user, application): (String, String) = (row.get(2), row.get(3));
    let (from, since): (String, String) = (row.get(4), row.get(5));
    let mut parts = vec![format!("user `{user}`")];
    if !application.is_empty() {
        parts.push(format!("application `{application}`"));
    }
    // Of another user's session neither its host nor its times are shown without a right to them.
    if !from.is_empty() {
        parts.push(format!("from {from}"));
    }
    if !since.is_empty() {
        parts.push(since);
    }
    format!("backend {pid}: {}", parts.join(", "))
}
