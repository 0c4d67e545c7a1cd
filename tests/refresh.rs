//! `idgraph refresh` on Postgres and SQLite: what it needs, and what it says when that is not there.

#[path = "support/sqlite.rs"]
mod sqlite;
mod support;

use support::command;
use support::postgres::{Database, project};

const INCREMENTAL: &str = "space: acme
dialects: [postgres, sqlite]
models:
  id_graph: { materialized: incremental }
  external_id_mapping: { materialized: incremental }
  profile_traits: { materialized: incremental }
traits:
  columns:
    email: varchar
";

#[test]
fn before_any_apply_it_says_to_apply_first_and_makes_nothing() {
    let database = Database::new();
    let postgres = project::Project::new(INCREMENTAL, database.url());
    let sqlite = sqlite::Project::new(INCREMENTAL);
    let files = sqlite.files();
    for further in [&[][..], &["--dry-run"], &["--full"]] {
        postgres.refresh(further).exits(2).says(&[
            "error[no-schema]: there is no schema acme in the database",
            "help: `idgraph apply` creates what is missing",
        ]);
        sqlite.refresh(further).exits(2).says(&[
            "error[no-database]: there is no database ./acme.db",
            "help: `idgraph apply` makes it",
        ]);
    }
    assert_eq!(project::dump(&database), Vec::<String>::new());
    assert_eq!(sqlite.files(), files);
}

#[test]
fn after_an_apply_it_takes_in_what_landed_in_one_schema_or_two() {
    let two = INCREMENTAL.replace("space: acme", "space: acme\nmodels_schema: built");
    for (text, models) in [(INCREMENTAL, "acme"), (&two, "built")] {
        let database = Database::new();
        let postgres = project::Project::new(text, database.url());
        let sqlite = sqlite::Project::new(text);
        postgres.apply(&[]).fine();
        sqlite.apply(&[]).fine();
        let files = sqlite.files();
        project::land(&database, 10, "@one");
        sqlite::land(&sqlite.open(), 10, "@one");
        for run in [postgres.refresh(&[]), sqlite.refresh(&[])] {
            run.fine().says(&["refreshed, 10 rows written"]);
        }
        let from = "profile_traits WHERE email LIKE '%@one'";
        assert_eq!(project::count(&database, &format!("{models}.{from}")), 10);
        let file = sqlite.folder().join(format!("acme.{models}.db"));
        let file = if models == "acme" { sqlite.file() } else { file };
        let open = rusqlite::Connection::open(file).unwrap();
        let sql = format!("SELECT count(*) FROM {from}");
        assert_eq!(open.query_row(&sql, [], |row| row.get::<_, i64>(0)).unwrap(), 10);
        assert_eq!(sqlite.files(), files, "nothing is left behind");
    }
}

#[test]
fn without_a_table_that_it_reads_it_says_which() {
    let database = Database::new();
    let postgres = project::Project::new(INCREMENTAL, database.url());
    let sqlite = sqlite::Project::new(INCREMENTAL);
    for (drop, select, lacks) in [
        ("DROP TABLE acme.identifies", "profile_traits", "acme.identifies"),
        ("DROP TABLE acme.id_graph", "profile_traits", "acme.id_graph"),
        (
            "DROP TABLE acme.external_id_mapping_updates",
            "external_id_mapping",
            "acme.external_id_mapping_updates",
        ),
    ] {
        postgres.apply(&[]).fine();
        sqlite.apply(&[]).fine();
        database.client().batch_execute(drop).unwrap();
        sqlite.run(&drop.replace("acme.", ""));
        let before = (project::dump(&database), sqlite.dump());
        for run in [postgres.refresh(&["--select", select]), sqlite.refresh(&["--select", select])]
        {
            run.exits(2).says(&[
                &format!("error[no-table]: there is no table {lacks} in the database"),
                "help: `idgraph apply` creates what is missing",
            ]);
        }
        assert!((project::dump(&database), sqlite.dump()) == before);
    }
}

#[test]
fn show_prints_how_far_the_models_have_read() {
    let sqlite = sqlite::Project::new(INCREMENTAL);
    sqlite.apply(&[]).fine();
    let run = command::finish(sqlite.command("show", &["idgraph_watermarks", "--format", "csv"]));
    assert_eq!(
        run.fine().stdout,
        "model,landed,loaded_until\n\
         external_id_mapping,external_id_mapping_updates,\n\
         external_id_mapping,id_graph_updates,\n\
         id_graph,id_graph_updates,\n\
         profile_traits,id_graph_updates,\n\
         profile_traits,identifies,\n\
         profile_traits,trait email,\n"
    );
    sqlite.change(sqlite::SMALL);
    let run = command::finish(sqlite.command("show", &["idgraph_watermarks"]));
    run.exits(2).says(&["error[unknown-table]: the project has no table `idgraph_watermarks`"]);
}
