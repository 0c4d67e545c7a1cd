//! What must hold of a server and its tables before anything runs, each with a sentence of its own.

use std::io::Write;
use std::sync::{Arc, Once};

use postgres::types::Type;

use super::grants::name;
use super::own::About;
use super::session::{Bound, Postgres};
use crate::diagnostic::{Diagnostic, Diagnostics, Result};

/// The oldest server that has MERGE.
const OLDEST: i32 = 15;

const SERVER: &str = "
SELECT current_user::text,
       pg_catalog.current_setting('server_version_num')::int,
       pg_catalog.current_setting('server_version'),
       pg_catalog.current_setting('server_encoding'),
       pg_catalog.pg_is_in_recovery(),
       coalesce((SELECT r.rolsuper FROM pg_catalog.pg_roles AS r WHERE r.rolname = current_user), false)";

/// Landed tables that are none, columns in which different texts count as the same, and columns of types that others made:
/// reading those can run a cast or a comparison of theirs.
const LANDED: &str = "
SELECT c.relname, c.relkind::text, a.attname, t.typname, tn.nspname
FROM pg_catalog.pg_class AS c
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
JOIN pg_catalog.pg_type AS t ON t.oid = a.atttypid
JOIN pg_catalog.pg_namespace AS tn ON tn.oid = t.typnamespace
LEFT JOIN pg_catalog.pg_collation AS l ON l.oid = a.attcollation
WHERE n.nspname = $1
  AND c.relname = ANY ($2)
  AND (c.relkind IN ('v', 'm', 'f') OR tn.nspname <> 'pg_catalog' OR NOT l.collisdeterministic)
ORDER BY c.relname, a.attnum";

/// Checks the server, and learns who the user is.
pub(super) fn server(session: &mut Postgres) -> Result<()> {
    let rows = session.ask(SERVER, &[])?;
    let Some(row) = rows.first() else { return Ok(()) };
    let (version, shown): (i32, String) = (row.get(1), row.get(2));
    let (encoding, is_standby): (String, bool) = (row.get(3), row.get(4));
    session.user = row.get(0);
    session.is_standby = is_standby;
    let target = &session.target;
    let error = |code, what: String| Diagnostic::error(code, format!("target `{target}`: {what}"));
    if version / 10_000 < OLDEST {
        let what = format!("the server is Postgres {shown}, and idgraph needs {OLDEST} or later");
        let old = error("old-server", what).note("before that there is no MERGE");
        return Err(old.help("upgrade the server, or build on another").into());
    }
    if encoding != "UTF8" {
        let what = format!("the database keeps text as {encoding}, which does not hold every text");
        return Err(error("encoding", what)
            .note("ids, traits and idgraph's own comments are Unicode")
            .help("use a database made with: CREATE DATABASE … TEMPLATE template0 ENCODING 'UTF8'")
            .into());
    }
    if is_standby && session.own.writes {
        let what = "the server is a standby, on which nothing can be changed".to_owned();
        return Err(error("standby", what)
            .help("name the primary in the target's url; `status`, `show`, `verify` and `explain` only read")
            .into());
    }
    if row.get(5) {
        warn(session);
    }
    Ok(())
}

/// Says once what a superuser risks.
fn warn(session: &Postgres) {
    static SAID: Once = Once::new();
    SAID.call_once(|| {
        let warning = format!(
            "warning: target `{}`: user `{}` is a superuser; give idgraph a role with no more rights than it needs, see docs/apply.md",
            session.target, session.user
        );
        // Nobody there to hear it is no error.
        let _ = writeln!(anstream::stderr(), "{warning}");
    });
}

/// Checks the tables that are read and written.
pub(super) fn tables(session: &mut Postgres) -> Result<()> {
    let about = &Arc::clone(&session.own.about);
    let mut problems = landed(session, about)?;
    let landed: Vec<&str> = about.landed.iter().map(|table| table.name.as_str()).collect();
    problems.extend(code_of_others(session, (&about.space, &landed), false)?);
    let written: Vec<&str> = about.written.iter().map(String::as_str).collect();
    problems.extend(code_of_others(session, (&about.models_schema, &written), true)?);
    Diagnostics::check(problems)
}

/// What of others would run when some tables are written to, or only read.
fn code_of_others(
    session: &mut Postgres,
    (schema, names): (&str, &[&str]),
    is_written: bool,
) -> Result<Vec<Diagnostic>> {
    let values: [Bound<'_>; 3] =
        [(&schema, Type::TEXT), (&names, Type::TEXT_ARRAY), (&is_written, Type::BOOL)];
    let mut problems = Vec::new();
    for row in session.ask(&session.own.code.clone(), &values)? {
        let (table, what): (String, String) = (row.get(0), row.get(1));
        let owner: Option<String> = row.get(2);
        let of = owner.as_ref().map_or_else(String::new, |owner| format!(" of role {owner}"));
        let message = format!("{schema}.{table} {what}{of}");
        let help = match owner {
            None => "look at what it does, and take it off that table".to_owned(),
            Some(owner) => format!(
                "look at what it does and drop it; if you trust {}, have that role granted to the user that idgraph connects as",
                name(&owner)
            ),
        };
        let does = if is_written { "writes" } else { "reads" };
        let note =
            format!("it would run with the rights of `{}` when idgraph {does} there", session.user);
        problems.push(Diagnostic::error("code-of-others", message).note(note).help(help));
    }
    Ok(problems)
}

/// What of the landed tables cannot be read as it is.
fn landed(session: &mut Postgres, about: &About) -> Result<Vec<Diagnostic>> {
    let names: Vec<&str> = about.landed.iter().map(|table| table.name.as_str()).collect();
    let values: [Bound<'_>; 2] = [(&about.space, Type::TEXT), (&names, Type::TEXT_ARRAY)];
    let mut problems: Vec<Diagnostic> = Vec::new();
    let mut last = String::new();
    for row in session.ask(LANDED, &values)? {
        let (table, kind): (String, String) = (row.get(0), row.get(1));
        let (column, sql_type): (String, String) = (row.get(2), row.get(3));
        let qualified = format!("{}.{table}", about.space);
        let noun = match kind.as_str() {
            "v" => Some("a view"),
            "m" => Some("a materialized view"),
            "f" => Some("a foreign table"),
            _ => None,
        };
        let is_table = noun.is_none();
        if let Some(noun) = noun.filter(|_| last != table) {
            problems.push(
                Diagnostic::error("landed-view", format!("{qualified} is {noun}, and idgraph reads the tables that Segment lands"))
                    .note("rows of it have no address of their own, and what it computes would run with the rights of the reader")
                    .help("name the schema of the tables themselves in `space`"),
            );
        }
        last.clone_from(&table);
        let is_read = about
            .landed
            .iter()
            .any(|one| one.name == table && one.columns.iter().any(|known| known.name == column));
        let type_schema: String = row.get(4);
        if is_table && is_read && sql_type != "citext" && type_schema != "pg_catalog" {
            problems.push(
                Diagnostic::error("code-of-others", format!("{qualified}.{column} has the type {type_schema}.{sql_type}, which is not Postgres's own"))
                    .note(format!("reading it as another type could run code of others with the rights of `{}`", session.user))
                    .help("ignore that column, or have it landed as a type of Postgres's own, such as text"),
            );
        } else if is_table && is_read {
            let why = if sql_type == "citext" {
                "has the type citext"
            } else {
                "has a collation that is not deterministic"
            };
            problems.push(
                Diagnostic::error("texts-alike", format!("{qualified}.{column} {why}: texts that differ count as the same"))
                    .note("two people whose ids differ by case alone would become one")
                    .help(format!(
                        "let its owner run: ALTER TABLE {}.{} ALTER COLUMN {} TYPE text COLLATE \"default\";",
                        name(&about.space), name(&table), name(&column)
                    )),
            );
        }
    }
    Ok(problems)
}
