//! What a warehouse cannot hold is said when rendering: the limit, the place, the vendor's page, what to do instead.

#[path = "support/command.rs"]
mod command;

use std::fmt::Write;
use std::fs;

use command::idgraph;
use idgraph::dialect::{Dialect, Library};
use tempfile::TempDir;

fn project(text: &str) -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("idgraph.yml"), text).expect("write");
    folder
}

/// Traits `t0`, `t1` and so on, one a line from the fifth line on.
fn traits(dialect: &str, count: usize) -> TempDir {
    let mut text = format!("space: acme\ndialects: [{dialect}]\ntraits:\n  columns:\n");
    for number in 0..count {
        writeln!(text, "    t{number}: integer").expect("write");
    }
    project(&text)
}

#[test]
fn more_traits_than_columns_are_refused_by_every_dialect() {
    let library = Library::embedded();
    for name in library.names() {
        let facts = Dialect::load(&library, &name).expect("a dialect").facts;
        let folder = traits(&name, facts.tables.max_columns);
        let limit = facts.tables.max_columns.to_string();
        idgraph(folder.path(), &["render"]).exits(2).says(&[
            "error[too-many-columns]: table `profile_traits` has more columns than",
            &format!("takes {limit}"),
            &format!("see {}", facts.tables.source),
            "`user_traits` holds any number of traits, a row each",
        ]);
        assert!(!folder.path().join("sql").exists());
    }
}

#[test]
fn the_message_shows_the_first_trait_that_does_not_fit() {
    let folder = traits("synapse", 1023);
    let said = idgraph(folder.path(), &["render"]).exits(2).stderr;
    let wanted = "error[too-many-columns]: table `profile_traits` has more columns than Synapse allows
    --> idgraph.yml:1027:5
     |
1027 |     t1022: integer
     |     ^^^^^ 1025 columns; Synapse takes 1024
     |
     = note: see https://learn.microsoft.com/en-us/azure/synapse-analytics/sql-data-warehouse/sql-data-warehouse-service-capacity-limits
     = help: leave out what you do not use: `user_traits` holds any number of traits, a row each";
    assert!(said.contains(wanted), "{said}");
}

#[test]
fn a_name_that_is_too_long_is_refused_by_every_dialect() {
    let library = Library::embedded();
    for name in library.names() {
        let facts = Dialect::load(&library, &name).expect("a dialect").facts;
        let long = "n".repeat(facts.identifiers.max_length + 1);
        let text = format!(
            "space: acme\ndialects: [{name}]\ntraits: {{ columns: {{ {long}: varchar }} }}\n"
        );
        idgraph(project(&text).path(), &["render"]).exits(2).says(&[
            "error[name-too-long]: a column",
            &format!("takes {}", facts.identifiers.max_length),
            &format!("see {}", facts.identifiers.length_source),
        ]);
    }
}

#[test]
fn a_name_with_characters_that_the_warehouse_does_not_take_is_refused() {
    let library = Library::embedded();
    let dialects = library.names().into_iter().map(|name| Dialect::load(&library, &name));
    let mut refused = Vec::new();
    for dialect in dialects.map(|dialect| dialect.expect("a dialect")) {
        let name = &dialect.name;
        let text = format!("space: acme corp\ndialects: [{name}]\n");
        let run = idgraph(project(&text).path(), &["render"]);
        if dialect.can_name("acme corp") {
            run.fine();
            continue;
        }
        run.exits(2).says(&[
            "error[name-characters]:",
            "cannot have a schema named `acme corp`",
            "a name there has only letters, digits and _",
            &format!("see {}", dialect.facts.identifiers.length_source),
        ]);
        refused.push(name.clone());
    }
    assert_eq!(refused, ["bigquery", "databricks"]);
}

/// The limits of the warehouses are a megabyte and more: a dialect of the project's own has less.
#[test]
fn a_statement_that_is_too_long_is_refused() {
    let text = "space: acme\ndialects: [short]\ntraits: { columns: { email: varchar } }\n";
    let folder = project(text);
    let facts = "inherits: postgres\ntitle: Short\nstatements: { max_bytes: 1000, source: 'https://example.com/limits' }\n";
    let own = folder.path().join("dialects/short");
    fs::create_dir_all(&own).expect("a folder");
    fs::write(own.join("dialect.yml"), facts).expect("write");
    idgraph(folder.path(), &["render"]).exits(2).says(&[
        "error[statement-too-long]: a statement of short/",
        "bytes; Short takes 1000",
        "see https://example.com/limits",
        "list fewer traits, events or properties",
        "or take short out of `dialects`",
    ]);
    assert!(!folder.path().join("sql").exists());
    let unsourced = facts.replace(", source: 'https://example.com/limits'", "");
    fs::write(own.join("dialect.yml"), unsourced).expect("write");
    let said = idgraph(folder.path(), &["render"]).exits(2).stderr;
    assert!(said.contains("Short takes 1000") && !said.contains("see "), "{said}");
    fs::write(own.join("dialect.yml"), facts.replace("1000", "100000")).expect("write");
    idgraph(folder.path(), &["render"]).fine();
}

/// Of templates that came with idgraph no statement is parsed to render them, and their length is known all the same.
#[test]
fn a_statement_of_idgraphs_own_templates_that_is_too_long_is_refused() {
    let limit = Dialect::load(&Library::embedded(), "bigquery").expect("a dialect");
    let limit = limit.facts.statements.max_bytes;
    let folder = traits("bigquery", 9_000);
    idgraph(folder.path(), &["render"]).exits(2).says(&[
        "error[statement-too-long]: a statement of bigquery/profile_traits.sql is longer than BigQuery reads",
        &format!("bytes; BigQuery takes {limit}"),
    ]);
    assert!(!folder.path().join("sql").exists());
    // A file may be longer, of statements that are not.
    let folder = traits("bigquery", 5_000);
    idgraph(folder.path(), &["render"]).fine();
    let file = folder.path().join("sql/bigquery/30_profile_traits.sql");
    assert!(fs::metadata(file).expect("a file").len() > limit as u64);
}

/// SQLite puts 500 SELECTs together with UNION ALL and no more: https://www.sqlite.org/limits.html. The rows are those of
/// 600 traits all the same, in every form of the model and after each of two landings.
#[test]
fn more_traits_than_a_union_all_takes_are_all_in_user_traits() {
    for (kept, null_means) in [
        ("table", "unknown"),
        ("table", "unset"),
        ("view", "unknown"),
        ("view", "unset"),
        ("incremental", "unknown"),
        ("incremental", "unset"),
    ] {
        let mut text = format!(
            "space: acme\ndialects: [sqlite]\ntraits:\n  null_means: {null_means}\n  columns:\n"
        );
        for number in 0..600 {
            writeln!(text, "    t{number}: integer").expect("write");
        }
        let graph = if kept == "view" { "table" } else { kept };
        writeln!(text, "models:\n  id_graph: {{ materialized: {graph} }}").expect("write");
        writeln!(text, "  user_traits: {{ materialized: {kept}, name: long_traits }}")
            .expect("write");
        let folder = project(&text);
        let mut fixture = "about: 600 traits\nbatches:\n".to_owned();
        for batch in [1, 2] {
            let day = format!("2022-01-0{batch} 00:00:00");
            write!(
                fixture,
                "  - land:\n      identifies:\n        - {{ segment_id: p, timestamp: {day}"
            )
            .expect("write");
            for number in 0..600 {
                write!(fixture, ", t{number}: {}", number * batch).expect("write");
            }
            fixture.push_str(" }\n    expect:\n      long_traits:\n");
            for number in 0..600 {
                let value = number * batch;
                let row = format!("name: t{number}, value: '{value}'");
                writeln!(fixture, "        - {{ canonical_segment_id: p, {row} }}").expect("write");
            }
        }
        fs::create_dir(folder.path().join("fixtures")).expect("a folder");
        fs::write(folder.path().join("fixtures/many.yml"), fixture).expect("write");
        idgraph(folder.path(), &["test"]).fine();
    }
}

#[test]
fn a_schedule_that_a_warehouse_without_cron_cannot_say_is_refused() {
    for (cron, zone, is_said) in [
        ("*/15 * * * *", "Europe/Berlin", true),
        ("5 */4 * * *", "Europe/Berlin", true),
        ("30 4 * * *", "UTC", true),
        ("30 4 * * *", "Europe/Berlin", false),
        ("0 */5 * * *", "UTC", false),
        ("*/7 * * * *", "UTC", false),
        ("30 4 * * 1", "UTC", false),
    ] {
        let schedule = format!("schedule: {{ cron: \"{cron}\", time_zone: {zone} }}\n");
        let text = format!("space: acme\ndialects: [DIALECT]\n{schedule}");
        let folder = project(&text.replace("DIALECT", "snowflake"));
        idgraph(folder.path(), &["render"]).fine();
        let task = fs::read_to_string(folder.path().join("sql/snowflake/40_schedule.sql"));
        assert!(task.expect("a task").contains(&format!("'USING CRON {cron} {zone}'")));
        let folder = project(&text.replace("DIALECT", "bigquery"));
        let ran = idgraph(folder.path(), &["render"]);
        if is_said {
            ran.fine();
        } else {
            ran.exits(2).says(&[
                "error[schedule-not-simple]: BigQuery has no schedule by cron",
                "idgraph.yml:3:19",
                "or take bigquery out of `dialects`",
            ]);
        }
    }
}
