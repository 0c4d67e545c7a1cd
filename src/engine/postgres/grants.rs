//! Which right a user lacks, and the statement that gives it.

/// The GRANT that would have let a statement run; `message` is the server's refusal.
pub(super) fn missing(message: &str, sql: &str, user: &str) -> Option<String> {
    let user = name(user);
    if let Some(extension) = message.strip_prefix("permission denied to create extension ") {
        let extension = name(extension.trim_matches('"'));
        return Some(format!(
            "let somebody with CREATE on the database run: CREATE EXTENSION {extension} WITH SCHEMA public;"
        ));
    }
    if let Some(owned) = message.strip_prefix("must be owner of ") {
        let (kind, object) = owned.split_once(' ')?;
        let object = qualified(object, sql);
        return Some(format!(
            "connect as the role that owns {kind} {object}, or have an administrator grant that role to {user}"
        ));
    }
    if let Some(database) =
        message.strip_prefix("permission denied to create temporary tables in database ")
    {
        let database = name(database.trim_matches('"'));
        return Some(format!(
            "let its owner run: GRANT TEMPORARY ON DATABASE {database} TO {user};"
        ));
    }
    let refused = message.strip_prefix("permission denied for ")?;
    let (kind, object) = refused.split_once(' ')?;
    let code = code(sql);
    if let ("database", Some(schema)) = (kind, made_schema(sql)) {
        // Less than to let it make any schema.
        return Some(format!(
            "let an administrator run: CREATE SCHEMA {schema} AUTHORIZATION {user};"
        ));
    }
    let grant = match kind {
        "database" => format!("CREATE ON DATABASE {}", name(object)),
        // What asks for a table by its name stands before what makes the table.
        "schema"
            if ["CREATE", "ALTER"].iter().any(|begin| code.starts_with(begin))
                && !code.starts_with("CREATE TEMPORARY")
                || code.contains("TO_REGCLASS('") =>
        {
            format!("USAGE, CREATE ON SCHEMA {}", name(object))
        }
        "schema" => format!("USAGE ON SCHEMA {}", name(object)),
        "table" | "view" => match (right(&code, object), qualified(object, sql)) {
            // One of idgraph's own is alone; of Segment's, the next event is a new table.
            ("SELECT", table) if !object.starts_with("idgraph_") => {
                return Some(to_read(&table, &user));
            }
            (right, table) => format!("{right} ON {table}"),
        },
        "function" => format!("EXECUTE ON FUNCTION {object}"),
        _ => return None,
    };
    Some(format!("let its owner run: GRANT {grant} TO {user};"))
}

/// What lets a user read a table, and those that land beside it later.
fn to_read(table: &str, user: &str) -> String {
    match table.rsplit_once('.') {
        Some((schema, _)) => format!(
            "let its owner run: GRANT SELECT ON ALL TABLES IN SCHEMA {schema} TO {user}; ALTER DEFAULT PRIVILEGES IN SCHEMA {schema} GRANT SELECT ON TABLES TO {user};"
        ),
        None => format!("let its owner run: GRANT SELECT ON {table} TO {user};"),
    }
}

/// The schema that a statement makes.
fn made_schema(sql: &str) -> Option<String> {
    let (_, rest) = sql.split_once("CREATE SCHEMA ")?;
    let rest = rest.trim_start_matches("IF NOT EXISTS ");
    let schema = rest.split([';', '\n']).next().unwrap_or_default().trim().trim_matches('"');
    (!schema.is_empty()).then(|| name(&schema.replace("\"\"", "\"")))
}

/// What a statement does to a table.
fn right(code: &str, table: &str) -> &'static str {
    let table = table.to_uppercase();
    let is_target = |begin: &str| {
        let rest = code.strip_prefix(begin).map(str::trim_start).unwrap_or_default();
        // A space within quotes is the name's.
        let mut is_quoted = false;
        let ends = |char: char| {
            is_quoted ^= char == '"';
            !is_quoted && matches!(char, ' ' | '(' | ';')
        };
        let first = rest.split(ends).next().unwrap_or_default();
        first.rsplit('.').next().is_some_and(|last| last.trim_matches('"') == table)
    };
    // An update or delete by a condition reads the table, too.
    if code.starts_with("LOCK TABLE") && code.ends_with(" IN ACCESS SHARE MODE") {
        "SELECT"
    } else if is_target("INSERT INTO") {
        "INSERT"
    } else if is_target("UPDATE") {
        "SELECT, UPDATE"
    } else if is_target("DELETE FROM") {
        "SELECT, DELETE"
    } else if ["LOCK TABLE", "TRUNCATE", "MERGE INTO"].into_iter().any(is_target) {
        "SELECT, INSERT, UPDATE, DELETE"
    } else {
        "SELECT"
    }
}

/// The statement in capitals, on one line, without the comments in front.
fn code(sql: &str) -> String {
    let lines = sql.lines().map(str::trim).filter(|line| !line.starts_with("--"));
    let words: Vec<&str> = lines.flat_map(str::split_whitespace).collect();
    words.join(" ").to_uppercase()
}

/// The object with the schema that the statement names it in: the server's message has none.
fn qualified(object: &str, sql: &str) -> String {
    let is_part = |char: char| char.is_alphanumeric() || matches!(char, '_' | '"');
    let always_quoted = format!("\"{}\"", object.replace('"', "\"\""));
    let forms = [format!(".{}", name(object)), format!(".{always_quoted}")];
    let schema =
        forms.iter().flat_map(|form| sql.match_indices(form.as_str())).find_map(|(at, found)| {
            let behind = sql.get(at + found.len()..).and_then(|rest| rest.chars().next());
            let before = sql.get(..at).unwrap_or_default();
            let schema = before.rsplit(|char| !is_part(char)).next().unwrap_or_default();
            let fits = !schema.is_empty() && !behind.is_some_and(is_part);
            fits.then(|| name(schema.trim_matches('"')))
        });
    schema.map_or_else(|| name(object), |schema| format!("{schema}.{}", name(object)))
}

/// A name as SQL has it.
pub(super) fn name(name: &str) -> String {
    let is_plain = |char: char| char.is_ascii_lowercase() || char.is_ascii_digit() || char == '_';
    let begins = name.chars().next().is_some_and(|char| char.is_ascii_lowercase() || char == '_');
    if begins && name.chars().all(is_plain) {
        name.to_owned()
    } else {
        format!("\"{}\"", name.replace('"', "\"\""))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_grant_is_the_one_that_the_statement_lacks() {
        for (message, sql, grant) in [
            (
                "schema acme",
                "CREATE TABLE acme.x (y int)",
                "GRANT USAGE, CREATE ON SCHEMA acme TO etl;",
            ),
            ("schema acme", "SELECT 1 FROM acme.x", "GRANT USAGE ON SCHEMA acme TO etl;"),
            ("table x", "-- why\nINSERT INTO acme.x\nSELECT 1", "GRANT INSERT ON acme.x TO etl;"),
            (
                "table y",
                "INSERT INTO acme.x SELECT 1 FROM b.y",
                "GRANT SELECT ON ALL TABLES IN SCHEMA b TO etl;",
            ),
            ("table x", "UPDATE acme.x SET y = 1", "GRANT SELECT, UPDATE ON acme.x TO etl;"),
            (
                "table x",
                "SELECT 1 FROM \"acme\".\"x\" AS t",
                "ALTER DEFAULT PRIVILEGES IN SCHEMA acme GRANT SELECT ON TABLES TO etl;",
            ),
            ("table X y", "DELETE FROM \"A\".\"X y\"", "ON \"A\".\"X y\" TO etl;"),
            ("database shop", "CREATE SCHEMA acme", "CREATE SCHEMA acme AUTHORIZATION etl;"),
        ] {
            let found = missing(&format!("permission denied for {message}"), sql, "etl").unwrap();
            assert!(found.contains(grant), "{found}");
        }
        let owner =
            missing("must be owner of table x", "ALTER TABLE acme.x ADD y int", "Etl").unwrap();
        assert_eq!(
            owner,
            "connect as the role that owns table acme.x, or have an administrator grant that role to \"Etl\""
        );
    }
}
