//! Segment's tables stay Segment's: in every dialect, no statement that `render` or `migrate new` writes makes, changes, describes
//! or drops anything in the space. What makes landed tables is asked for by name.

#[path = "support/command.rs"]
mod command;

use std::fs;
use std::path::Path;

use command::idgraph;
use idgraph::diagnostic::Source;
use idgraph::dialect::{Dialect, Library};
use idgraph::migrate::Folder;
use idgraph::project::{Known, Project};
use idgraph::render::{How, Statement, render, render_full, render_landed, statements};
use idgraph::warehouse::Warehouse;
use tempfile::TempDir;

const DIALECTS: [&str; 8] =
    ["postgres", "snowflake", "bigquery", "sqlite", "duckdb", "databricks", "redshift", "synapse"];

/// All models; `KEPT` is how they are kept.
fn text(dialect: &str, kept: &str, further: &str) -> String {
    format!(
        "space: acme\ndialects: [{dialect}]\ncontext: [url]\n\
         traits:\n  columns:\n    email: {{ type: varchar, description: Where to write }}\n    score: float\n\
         events: {{ Order Completed: {{ properties: {{ total: float }} }} }}\n\
         models:\n  id_graph: {{ materialized: {kept} }}\n  external_id_mapping: {{ materialized: {kept} }}\n  \
         profile_traits: {{ materialized: {kept} }}\n  user_traits: {{ materialized: {kept}, name: long_traits }}\n  \
         user_identifiers: {{ materialized: {kept}, name: identifiers }}\n  \
         profile_merges: {{ materialized: {kept}, name: merges }}\n{further}"
    )
}

fn project(text: &str) -> Project {
    let known = Known { dialects: DIALECTS.map(str::to_owned).to_vec(), ..Known::default() };
    Project::parse(Path::new("idgraph.yml"), text, &known).unwrap_or_else(|error| panic!("{error}"))
}

/// What a statement makes, changes, describes, fills or drops, as `schema.table`.
fn touched(statement: &Statement) -> Vec<String> {
    // Whoever reads holds this lock.
    let code = statement.code();
    if code.starts_with("lock table") && code.ends_with("in access share mode") {
        return Vec::new();
    }
    let target = statement.target.iter().map(|target| match &target.schema {
        Some(schema) => format!("{schema}.{}", target.name),
        None => target.name.clone(),
    });
    let taken = statement.takes.iter().filter(|taken| taken.how != How::Unknown("a function"));
    let taken = taken.map(|taken| taken.name.iter().take(2).cloned().collect::<Vec<_>>().join("."));
    target.chain(taken).collect()
}

/// No statement touches what is in the space, but models of ours, should they be there, and what idgraph remembers.
#[track_caller]
fn spares_the_space(all: &[Statement], warehouse: &Warehouse, of: &str) {
    let ours = |name: &str| {
        let in_space = warehouse.models_schema == warehouse.space;
        let model =
            warehouse.models.iter().any(|model| name.starts_with(&format!("acme.{}", model.name)));
        in_space && (model || name.starts_with("acme.idgraph_"))
    };
    for statement in all {
        for name in touched(statement) {
            let is_landed = name == "acme" || (name.starts_with("acme.") && !ours(&name));
            assert!(!is_landed, "{of}: {name} is touched by\n{}", statement.sql);
        }
        let code = statement.code();
        assert!(!code.contains("create schema acme;"), "{of}: {code}");
        assert!(!code.starts_with("create extension"), "{of}: {code}");
    }
}

#[test]
fn no_rendered_file_touches_the_space() {
    let library = Library::embedded();
    let mut count = 0;
    for name in DIALECTS {
        let dialect = Dialect::load(&library, name).expect("a dialect");
        let resolved = "  resolved_events: {}\n";
        let elsewhere = "models_schema: acme_models\n";
        let projects = [
            text(name, "table", ""),
            text(name, "table", resolved),
            text(name, "table", elsewhere),
            text(name, "incremental", resolved),
            text(name, "incremental", elsewhere),
            text(name, "incremental", "schedule: { cron: \"0 * * * *\", warehouse: w }\n"),
        ];
        for text in projects {
            let warehouse = Warehouse::of(&project(&text));
            for render in [render, render_full] {
                let files = render(&warehouse, &dialect, &library, "idgraph.yml");
                for file in files.unwrap_or_else(|error| panic!("{error}")) {
                    let all: Vec<_> = file.statements().cloned().collect();
                    count += all.len();
                    spares_the_space(&all, &warehouse, &format!("{name}/{}", file.name));
                    // What stands around the parts, too: transactions and settings.
                    let source = Source::new(file.name.clone(), file.text.clone());
                    let all = statements(&source, &dialect).expect("SQL");
                    spares_the_space(&all, &warehouse, &format!("{name}/{}", file.name));
                }
            }
        }
    }
    assert!(count > 1_000, "{count}");
}

fn written(text: &str) -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("idgraph.yml"), text).expect("write");
    folder
}

#[test]
fn no_migration_touches_the_space() {
    let library = Library::embedded();
    for name in DIALECTS {
        let dialect = Dialect::load(&library, name).expect("a dialect");
        let first = text(name, "table", "models_schema: acme_models\n");
        let folder = written(&first);
        let file = folder.path().join("idgraph.yml");
        // A trait and an event come, an event and a trait go, a description changes, a model gets another name.
        let edits = [
            first.clone(),
            first.replace("score: float", "score: float\n    plan: varchar"),
            first.replace("Order Completed", "Order Refunded").replace("total", "amount"),
            first.replace("Where to write", "Address").replace("url", "path"),
            first.replace("long_traits", "all_traits"),
        ];
        for text in &edits {
            fs::write(&file, text).expect("write");
            idgraph(folder.path(), &["migrate", "new"]).fine();
        }
        let migrations = folder.path().join("migrations").join(name);
        let migrations = Folder::read(&migrations).expect("sound").expect("a folder").migrations;
        assert!(migrations.len() >= 3, "{name}: {}", migrations.len());
        let warehouse = Warehouse::of(&project(&first));
        for text in migrations.iter().flat_map(|one| [Some(&one.up), one.down.as_ref()]).flatten() {
            let read = text.read(&dialect).unwrap_or_else(|error| panic!("{error}"));
            let all: Vec<_> = read.statements.iter().map(|one| one.statement.clone()).collect();
            spares_the_space(&all, &warehouse, &format!("{name}/{}", text.name));
        }
    }
}

#[test]
fn what_makes_landed_tables_is_asked_for_and_stands_apart() {
    let folder = written(&text("postgres", "table", "models_schema: acme_models\n"));
    idgraph(folder.path(), &["render"]).fine();
    assert!(!folder.path().join("sandbox").exists());
    let sql = folder.path().join("sql/postgres");
    let files: Vec<_> = fs::read_dir(sql).expect("files").flatten().collect();
    assert!(files.iter().all(|file| !file.file_name().to_string_lossy().contains("landed")));
    idgraph(folder.path(), &["render", "--landed"]).fine();
    let landed = folder.path().join("sandbox/postgres/landed_tables.sql");
    let landed = fs::read_to_string(landed).expect("the landed tables");
    assert!(landed.starts_with("-- For a sandbox: "), "{landed}");
    assert!(landed.contains("CREATE TABLE IF NOT EXISTS acme.order_completed ("), "{landed}");
    assert!(!landed.contains("COMMENT ON") && !landed.contains("acme_models"), "{landed}");
    idgraph(folder.path(), &["render", "--landed", "--check"]).fine();
    idgraph(folder.path(), &["render", "--check"]).fine();
}

#[test]
fn the_landed_tables_of_a_sandbox_are_the_dialects_sql() {
    let library = Library::embedded();
    for name in DIALECTS {
        let dialect = Dialect::load(&library, name).expect("a dialect");
        let warehouse = Warehouse::of(&project(&text(name, "incremental", "")));
        let file = render_landed(&warehouse, &dialect, &library, "idgraph.yml");
        let file = file.unwrap_or_else(|error| panic!("{error}"));
        for table in &warehouse.landed {
            assert!(
                file.statements().any(|one| one.makes_table(&table.name)),
                "{name}: {}",
                table.name
            );
        }
    }
}

#[test]
fn segments_own_tables_are_refused_by_every_command() {
    let folder = written(
        "space: acme\ndialects: [sqlite]\ntraits: { columns: { email: varchar } }\nmodels:\n  user_traits: {}\n\
         targets: { here: { engine: sqlite, path: acme.db } }\n",
    );
    let commands: [&[&str]; 8] = [
        &["render"],
        &["render", "--landed"],
        &["lint"],
        &["plan", "--target", "here"],
        &["apply", "--target", "here", "--yes"],
        &["refresh", "--target", "here"],
        &["migrate", "new"],
        &["test"],
    ];
    for arguments in commands {
        idgraph(folder.path(), arguments).exits(2).says(&[
            "error[segments-table]: `user_traits` is Segment's own table in the space",
            "idgraph.yml:5:3",
            "`models_schema: acme_models`",
            "`user_traits: { name: another_name }`",
        ]);
    }
    let text = fs::read_to_string(folder.path().join("idgraph.yml")).expect("the project");
    for fixed in [
        text.replace("dialects", "models_schema: built\ndialects"),
        text.replace("user_traits: {}", "user_traits: { name: traits_in_rows }"),
    ] {
        fs::write(folder.path().join("idgraph.yml"), fixed).expect("write");
        idgraph(folder.path(), &["lint"]).fine();
        idgraph(folder.path(), &["render"]).fine();
    }
}

#[test]
fn names_of_models_are_checked() {
    for (models, code, words) in [
        ("id_graph: { name: identifies }", "segments-table", "`identifies` is Segment's own"),
        ("id_graph: { name: order_completed }", "segments-table", "`order_completed`"),
        (
            "id_graph: { name: profile_traits }",
            "name-collision",
            "are the same table `profile_traits`",
        ),
        ("id_graph: { name: idgraph_objects }", "model-name", "those of the bookkeeping"),
        ("id_graph: { name: \"Id Graph\" }", "model-name", "is no name of a table"),
        ("id_graph: { name: \"\" }", "model-name", "is no name of a table"),
        ("resolved_events: { name: resolved }", "model-name", "with `*`"),
        ("resolved_events: { name: \"*\" }", "model-name", "with `*`"),
    ] {
        let folder = written(&format!(
            "space: acme\ndialects: [postgres]\nevents: {{ Order Completed: {{}} }}\nmodels: {{ {models} }}\n"
        ));
        idgraph(folder.path(), &["render"]).exits(2).says(&[
            &format!("error[{code}]"),
            words,
            "idgraph.yml:4:",
        ]);
    }
    let folder = written(
        "space: acme\ndialects: [postgres]\nevents: { Order Completed: {} }\n\
         models: { id_graph: { name: graph }, resolved_events: { name: \"*_with_profile\" } }\n",
    );
    let sql = idgraph(folder.path(), &["render", "--stdout"]).fine().stdout;
    assert!(sql.contains("CREATE OR REPLACE VIEW acme.order_completed_with_profile AS"), "{sql}");
    assert!(sql.contains("LEFT JOIN acme.graph AS g"), "{sql}");
    assert!(!sql.contains("id_graph AS g") && !sql.contains("_resolved"), "{sql}");
}

#[test]
fn lint_reports_what_render_refuses() {
    let long = "x".repeat(70);
    let folders = [
        written(&format!(
            "space: acme\ndialects: [postgres]\ntraits: {{ columns: {{ {long}: varchar }} }}\n"
        )),
        written(
            "space: acme\nmodels_schema: built\ndialects: [sqlite]\nmodels: { resolved_events: {} }\n",
        ),
        written(&format!(
            "space: acme\ndialects: [postgres]\ntraits:\n  columns:\n{}",
            (0..1_601).map(|number| format!("    t{number}: integer\n")).collect::<String>()
        )),
    ];
    for (folder, code) in
        folders.iter().zip(["name-too-long", "view-across-schemas", "too-many-columns"])
    {
        let code = format!("error[{code}]");
        idgraph(folder.path(), &["render"]).exits(2).says(&[&code]);
        let run = idgraph(folder.path(), &["lint"]).exits(1);
        assert!(run.stdout.contains(&code), "{}", run.stdout);
        assert!(!run.stderr.contains("0 errors"), "{}", run.stderr);
    }
}
