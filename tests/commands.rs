//! Commands other than render and apply: what they print, and their exit codes.

#[path = "support/command.rs"]
mod command;
#[path = "support/landed.rs"]
mod landed;

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use command::{Run, idgraph};
use idgraph::dialect::Library;
use tempfile::TempDir;

/// The demo's project, in the folder `idgraph-demo` of a folder of its own.
fn demo() -> (TempDir, Run) {
    let folder = tempfile::tempdir().expect("a folder");
    let run = idgraph(folder.path(), &["demo"]).fine();
    (folder, run)
}

fn show(folder: &TempDir, arguments: &[&str]) -> Run {
    let all = [&["show", "--target", "local"], arguments].concat();
    idgraph(&folder.path().join("idgraph-demo"), &all)
}

fn database(folder: &TempDir) -> rusqlite::Connection {
    rusqlite::Connection::open(folder.path().join("idgraph-demo/acme.db")).expect("the database")
}

#[test]
fn the_demo_shows_the_case_study_and_where_everything_is() {
    let (folder, run) = demo();
    assert_eq!(run.stderr, "");
    for part in [
        "acme.id_graph_updates\n",
        "acme.identifies\n",
        "acme.id_graph: profile_2 was merged into profile_1\n",
        "acme.external_id_mapping: ",
        "acme.profile_traits: ",
        "  project    idgraph-demo/idgraph.yml\n",
        "  database   idgraph-demo/acme.db\n",
        "  snowflake  idgraph-demo/sql/snowflake\n",
        "read idgraph-demo/sql/postgres/20_id_graph.sql, or start your own with `idgraph init`",
    ] {
        assert!(run.stdout.contains(part), "`{part}` is not in\n{}", run.stdout);
    }
    for table in ["id_graph", "external_id_mapping", "profile_traits"] {
        let expected =
            fs::read_to_string(format!("tests/case-study/expected/{table}.csv")).unwrap();
        let shown = show(&folder, &[table, "--format", "csv"]).fine().stdout;
        // The document does not list the hash.
        let hash = |field: &&str| *field != "external_id_hash" && field.len() != 40;
        let shown: String = shown
            .lines()
            .map(|line| line.split(',').filter(hash).collect::<Vec<_>>().join(",") + "\n")
            .collect();
        let sorted = |text: &str| {
            let mut lines: Vec<String> = text.lines().skip(1).map(str::to_owned).collect();
            lines.sort();
            (text.lines().next().map(str::to_owned), lines)
        };
        assert_eq!(sorted(&shown), sorted(&expected), "{table}");
    }
    let project = folder.path().join("idgraph-demo");
    idgraph(&project, &["render", "--check"]).fine();
    assert!(project.join("sql/bigquery/30_resolved_events.sql").exists());
}

#[test]
fn the_demo_runs_again_and_shows_the_same() {
    let (folder, first) = demo();
    let again = idgraph(folder.path(), &["demo"]).fine();
    let without_time = |text: &str| text.split("Made in").next().map(str::to_owned);
    assert_eq!(without_time(&first.stdout), without_time(&again.stdout));
}

#[test]
fn the_demo_takes_less_than_a_second() {
    let folder = tempfile::tempdir().unwrap();
    let start = Instant::now();
    idgraph(folder.path(), &["demo"]).fine();
    // Without optimization it is given more; the promise is about what people install.
    let limit = Duration::from_secs(if cfg!(debug_assertions) { 10 } else { 1 });
    assert!(start.elapsed() < limit, "{:?}", start.elapsed());
}

#[test]
fn the_demo_refuses_a_folder_with_somebody_elses_project() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("idgraph.yml"), "space: mine\n").unwrap();
    let run = idgraph(folder.path(), &["demo", "."]).exits(2);
    run.says(&["error[exists]: ./idgraph.yml exists already", "name another folder"]);
    assert_eq!(fs::read_to_string(folder.path().join("idgraph.yml")).unwrap(), "space: mine\n");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn the_demo_lands_nothing_in_somebody_elses_database() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("acme.db");
    let connection = rusqlite::Connection::open(&path).unwrap();
    connection.execute_batch("CREATE TABLE pages (id text)").unwrap();
    let before = fs::read(&path).unwrap();
    let run = idgraph(folder.path(), &["demo", "."]).exits(2);
    run.says(&["error[exists]: ./acme.db exists already", "name another folder"]);
    assert_eq!(fs::read(&path).unwrap(), before);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn show_aligns_a_table_and_says_when_there_is_more() {
    let (folder, _) = demo();
    let run = show(&folder, &["acme.external_id_mapping", "--limit", "2"]).fine();
    let lines: Vec<&str> = run.stdout.lines().collect();
    assert_eq!(lines.len(), 4, "{}", run.stdout);
    assert!(lines[0].starts_with("canonical_segment_id  external_id_type  external_id_value"));
    assert!(lines[1].starts_with("────────────────────  ────────────────"));
    assert!(lines[2].starts_with("profile_1             "), "{}", run.stdout);
    assert_eq!(run.stderr, "the first 2 rows; more with --limit or --all\n");

    let all = show(&folder, &["external_id_mapping", "--all"]).fine();
    assert_eq!((all.stdout.lines().count(), all.stderr.as_str()), (5, ""));
    let none = show(&folder, &["external_id_mapping", "--limit", "0", "--format", "csv"]).fine();
    assert_eq!(none.stdout.lines().count(), 1, "the header");
}

/// A row with everything that a format must take care of.
fn with_hostile_row() -> TempDir {
    let (folder, _) = demo();
    database(&folder)
        .execute_batch(
            "DELETE FROM external_id_mapping;
             INSERT INTO external_id_mapping VALUES
                 (NULL, '', 'a,\"b\"' || char(10) || 'c', char(27) || '[31mred' || char(8238), '2022-01-01');",
        )
        .unwrap();
    folder
}

#[test]
fn show_escapes_what_would_steer_the_terminal() {
    let folder = with_hostile_row();
    let run = show(&folder, &["external_id_mapping"]).fine();
    assert_eq!(run.stdout.lines().count(), 3, "a line end in a value is no line end");
    let row = run.stdout.lines().last().unwrap();
    assert!(row.starts_with("NULL "), "{row}");
    assert!(row.contains(r#"a,"b"\nc "#) && row.contains(r" \u{1b}[31mred\u{202e} "), "{row}");
}

#[test]
fn csv_for_a_spreadsheet_holds_nothing_that_it_would_run() {
    let (folder, _) = demo();
    let values =
        ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "  =1", "＝1", "a=1", "\u{1b}[31m"];
    let database = database(&folder);
    for value in values {
        let sql = "INSERT INTO external_id_mapping (external_id_value) VALUES (?1)";
        database.execute(sql, [value]).expect("a row");
    }
    let all = ["external_id_mapping", "--all", "--format", "csv"];
    let plain = show(&folder, &all).fine().stdout;
    for value in values {
        assert!(plain.contains(value), "data is as it is: {value}");
    }
    let safe = show(&folder, &[&all[..], &["--escape-formulas"]].concat()).fine().stdout;
    for written in [
        "'=1+1",
        "'+1",
        "'-1",
        "'@SUM(A1)",
        "'\t=1",
        "'\\r=1",
        "'  =1",
        "'＝1",
        ",a=1",
        "\\u{1b}[31m",
    ] {
        assert!(safe.contains(written), "{written} in {safe}");
    }
    let run = show(&folder, &["external_id_mapping", "--escape-formulas"]).exits(2);
    run.says(&["--escape-formulas is about CSV"]);
}

#[test]
fn show_prints_csv_that_tells_null_from_empty() {
    let folder = with_hostile_row();
    let run = show(&folder, &["external_id_mapping", "--format", "csv"]).fine();
    let expected =
        "canonical_segment_id,external_id_type,external_id_value,external_id_hash,timestamp
,\"\",\"a,\"\"b\"\"\nc\",\u{1b}[31mred\u{202e},2022-01-01\n";
    assert_eq!(run.stdout, expected);
}

#[test]
fn show_prints_json_with_its_types() {
    let folder = with_hostile_row();
    let run = show(&folder, &["external_id_mapping", "--format", "json"]).fine();
    let rows: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(
        rows,
        serde_json::json!([{
            "canonical_segment_id": null,
            "external_id_type": "",
            "external_id_value": "a,\"b\"\nc",
            "external_id_hash": "\u{1b}[31mred\u{202e}",
            "timestamp": "2022-01-01",
        }])
    );
}

#[test]
fn show_explains_what_it_cannot_show() {
    let (folder, _) = demo();
    let run = show(&folder, &["id_grap"]).exits(2);
    run.says(&[
        "error[unknown-table]: the project has no table `id_grap`",
        "did you mean `id_graph`?",
    ]);
    database(&folder).execute_batch("DROP TABLE profile_traits").unwrap();
    let run = show(&folder, &["profile_traits"]).exits(2);
    run.says(&[
        "error[no-table]: there is no table acme.profile_traits in the database",
        "idgraph apply",
    ]);
    let project = folder.path().join("idgraph-demo");
    let run = idgraph(&project, &["show", "id_graph", "--target", "lokal"]).exits(2);
    run.says(&[
        "error[unknown-target]: the project has no target `lokal`",
        "did you mean `local`?",
    ]);
    fs::remove_file(project.join("acme.db")).unwrap();
    let run = show(&folder, &["id_graph"]).exits(2);
    run.says(&["error[no-database]: there is no database ", "`idgraph apply` makes it"]);
    assert!(!project.join("acme.db").exists(), "looking makes nothing");
}

#[test]
fn schema_prints_a_json_schema() {
    let run = idgraph(Path::new("."), &["schema"]).fine();
    let schema: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    assert!(schema["$schema"].as_str().unwrap().contains("json-schema.org"));
    for key in ["space", "models_schema", "dialects", "traits", "events", "models", "targets"] {
        assert!(schema["properties"][key].is_object(), "{key}");
    }
    // The document's example passes where its keys and words are concerned.
    let example = fs::read_to_string("tests/rendered/idgraph.yml").unwrap();
    let example: serde_json::Value = serde_yaml::from_str(&example).unwrap();
    for key in example.as_object().unwrap().keys() {
        assert!(schema["properties"][key].is_object(), "{key}");
    }
}

#[test]
fn completions_are_printed_for_every_shell() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let run = idgraph(Path::new("."), &["completions", shell]).fine();
        assert!(run.stdout.contains("idgraph") && run.stdout.contains("render"), "{shell}");
        assert_eq!(run.stderr, "");
    }
    idgraph(Path::new("."), &["completions", "tcsh"]).exits(2).says(&["bash"]);
}

#[test]
fn dialect_list_has_a_line_for_each() {
    let run = idgraph(Path::new("/"), &["dialect", "list"]).fine();
    let names: Vec<&str> =
        run.stdout.lines().filter_map(|line| line.split_whitespace().next()).collect();
    assert_eq!(names, Library::embedded().names());
    assert!(names.contains(&"postgres"), "{names:?}");
    let json = idgraph(Path::new("/"), &["dialect", "list", "--json"]).fine().stdout;
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["postgres"]["identifiers"]["max_length"], 63);
}

#[test]
fn dialect_show_says_where_each_fact_and_template_comes_from() {
    let run = idgraph(Path::new("/"), &["dialect", "show", "snowflake"]).fine();
    for (what, from) in [
        ("  identifiers.fold ", "← dialects/snowflake/dialect.yml"),
        ("  landed_table.sql ", "← dialects/snowflake/templates/landed_table.sql"),
        ("  query/id_graph.sql ", "← templates/query/id_graph.sql"),
    ] {
        let line = run.stdout.lines().find(|line| line.starts_with(what)).expect(what);
        assert!(line.ends_with(from), "{line}");
    }
    let json = idgraph(Path::new("/"), &["dialect", "show", "snowflake", "--json"]).fine().stdout;
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["facts"]["identifiers.fold"]["value"], "upper");
    assert_eq!(json["templates"]["header.sql"], "templates/header.sql");
    let run = idgraph(Path::new("/"), &["dialect", "show", "snowflak"]).exits(2);
    run.says(&["there is no dialect `snowflak`", "did you mean `snowflake`?"]);
}

#[test]
fn the_help_of_every_command_has_an_example() {
    let help = idgraph(Path::new("."), &["--help"]).fine().stdout;
    assert!(help.contains("Exit codes: 0 fine; 1 a check found something; 2 "), "{help}");
    let commands: Vec<&str> = help
        .lines()
        .skip_while(|line| *line != "Commands:")
        .skip(1)
        .take_while(|line| !line.is_empty())
        .filter(|line| line.starts_with("  ") && !line.starts_with("   "))
        .filter_map(|line| line.split_whitespace().next())
        .filter(|command| *command != "help")
        .collect();
    assert_eq!(
        commands,
        [
            "demo",
            "init",
            "introspect",
            "render",
            "lint",
            "test",
            "diff",
            "check",
            "lineage",
            "docs",
            "plan",
            "apply",
            "refresh",
            "migrate",
            "status",
            "show",
            "verify",
            "explain",
            "dialect",
            "schema",
            "completions"
        ]
    );
    let nested = [
        vec!["dialect", "list"],
        vec!["dialect", "show"],
        vec!["migrate", "new"],
        vec!["migrate", "check"],
        vec!["migrate", "sum"],
    ];
    for command in commands.into_iter().map(|command| vec![command]).chain(nested) {
        let arguments = [&command[..], &["--help"]].concat();
        let help = idgraph(Path::new("."), &arguments).fine().stdout;
        let call = format!("idgraph {}", command.join(" "));
        let example = help.split("Example").nth(1).unwrap_or_default();
        assert!(example.contains(&call), "{help}");
        let summary = help.lines().next().unwrap_or_default();
        assert!(summary.len() > 10 && !summary.starts_with("Usage"), "{help}");
    }
}

#[test]
fn exit_codes_are_0_1_and_2() {
    let folder = tempfile::tempdir().unwrap();
    idgraph(folder.path(), &["--version"]).exits(0);
    for wrong in [&[][..], &["rendr"], &["apply"], &["render", "--check", "--stdout"]] {
        idgraph(folder.path(), wrong).exits(2);
    }
    idgraph(folder.path(), &["render"]).exits(2).says(&["write one with `idgraph init`"]);
    idgraph(folder.path(), &["init"]).exits(0);
    idgraph(folder.path(), &["render", "--check"]).exits(1);
}

#[test]
fn messages_are_plain_in_a_pipe() {
    let folder = tempfile::tempdir().unwrap();
    let run = idgraph(folder.path(), &["render"]).exits(2);
    assert!(!run.stderr.contains('\u{1b}'), "{}", run.stderr);
}

/// What is not written into an output cannot be fetched from anywhere: neither needs a network or a database.
#[test]
fn rendering_does_not_look_at_targets() {
    let folder = tempfile::tempdir().unwrap();
    let project = "space: acme\ndialects: [postgres]\ntargets:\n  \
                   warehouse: { engine: postgres, url: \"${NO_SUCH_VARIABLE}\" }\n  \
                   local: { engine: sqlite, path: /nowhere/at/all.db }\n";
    fs::write(folder.path().join("idgraph.yml"), project).unwrap();
    idgraph(folder.path(), &["render"]).fine();
    let run = idgraph(folder.path(), &["apply", "--yes", "--target", "warehouse"]).exits(2);
    run.says(&["NO_SUCH_VARIABLE", "idgraph.yml:4:"]);
}

#[test]
fn status_before_the_first_apply_says_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let text = "space: acme
dialects: [sqlite]
traits: { columns: { email: varchar } }
targets: { local: { engine: sqlite, path: acme.db } }
";
    fs::write(folder.path().join("idgraph.yml"), text).unwrap();
    rusqlite::Connection::open(folder.path().join("acme.db"))
        .unwrap()
        .execute_batch("CREATE TABLE x (y)")
        .unwrap();
    let run = idgraph(folder.path(), &["status", "--target", "local"]).fine();
    assert!(!run.stdout.contains("NULL"), "{}", run.stdout);
    assert!(
        run.stdout.contains("Nothing is built yet. `idgraph plan --target local` shows"),
        "{}",
        run.stdout
    );
    assert!(run.stdout.contains("landed, not there: id_graph_updates, "), "{}", run.stdout);
    idgraph(folder.path(), &["apply", "--target", "local", "--yes"]).fine();
    let run = idgraph(folder.path(), &["status", "--target", "local"]).fine();
    assert!(!run.stdout.contains("Nothing is built"), "{}", run.stdout);
}

#[test]
fn one_row_is_not_many() {
    let (folder, _) = demo();
    show(&folder, &["id_graph", "--limit", "1"]).fine().says(&["the first row; more with"]);
}

const TARGETS: &str = "space: acme
dialects: [sqlite]
traits: { columns: { email: varchar } }
";

/// Makes a target's landed tables, as Segment does.
fn land(folder: &TempDir, space: &str, file: &str) {
    let text = TARGETS.replace("acme", space);
    landed::on_sqlite(&text, &folder.path().join(file));
}

fn with_targets(targets: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("idgraph.yml"), format!("{TARGETS}{targets}")).unwrap();
    folder
}

#[test]
fn the_target_may_be_left_out_where_one_is_meant() {
    let one = with_targets("targets: { local: { engine: sqlite, path: acme.db } }\n");
    land(&one, "acme", "acme.db");
    idgraph(one.path(), &["apply", "--yes"]).fine().says(&["applied to local"]);
    for command in [&["plan"][..], &["status"], &["refresh"], &["verify"], &["show", "id_graph"]] {
        idgraph(one.path(), command).fine();
    }
    let both =
        "targets: { a: { engine: sqlite, path: a.db }, b: { engine: sqlite, path: b.db } }\n";
    let several = with_targets(both);
    idgraph(several.path(), &["plan"]).exits(2).says(&[
        "error[no-target]: which target is meant? the project has several",
        "note: they are `a`, `b`",
        "--target NAME",
        "default_target: NAME",
    ]);
    let named = with_targets(&format!("{both}default_target: b\n"));
    idgraph(named.path(), &["apply", "--yes"]).fine().says(&["applied to b"]);
    idgraph(named.path(), &["apply", "--yes", "--target", "a"]).fine().says(&["applied to a"]);
    let wrong = with_targets(&format!("{both}default_target: c\n"));
    idgraph(wrong.path(), &["lint"]).exits(2).says(&["error[unknown-target]", "idgraph.yml:5:17"]);
    idgraph(with_targets("").path(), &["plan"])
        .exits(2)
        .says(&["error[no-target]", "add one under"]);
}

#[test]
fn the_project_is_found_from_the_folders_below_it() {
    let folder = with_targets("targets: { local: { engine: sqlite, path: data/acme.db } }\n");
    let below = folder.path().join("models/deep");
    fs::create_dir_all(&below).unwrap();
    fs::create_dir(folder.path().join("data")).unwrap();
    idgraph(&below, &["apply", "--yes"]).fine().says(&["the project is ../../idgraph.yml"]);
    assert!(folder.path().join("data/acme.db").exists(), "paths are the project's");
    idgraph(&below, &["render"]).fine();
    assert!(folder.path().join("sql/sqlite/20_id_graph.sql").exists());
    let here = idgraph(folder.path(), &["render", "--check"]).fine();
    assert!(!here.stderr.contains("the project is"), "{}", here.stderr);
    // Not beyond the repository, and never in the place of one that is named.
    idgraph(&below, &["lint", "--project", "idgraph.yml"]).exits(2).says(&["error[file-missing]"]);
    fs::create_dir(below.join(".git")).unwrap();
    idgraph(&below, &["lint"]).exits(2).says(&["error[file-missing]"]);
    #[cfg(unix)]
    {
        fs::remove_dir(below.join(".git")).unwrap();
        // Root alone may give a file away; who runs the tests otherwise has no such file.
        if std::os::unix::fs::chown(folder.path().join("idgraph.yml"), Some(12345), None).is_ok() {
            idgraph(&below, &["lint"]).exits(2).says(&["error[file-missing]"]);
        }
    }
}

#[test]
fn a_target_has_schemas_of_its_own() {
    let folder = with_targets(
        "targets:
  production: { engine: sqlite, path: acme.db }
  dev: { engine: sqlite, path: dev.db, space: acme_dev }
  both: { engine: sqlite, path: both.db, space: acme_dev, models_schema: built }
",
    );
    for (target, file, space, models) in [
        ("production", "acme.db", "acme", "acme"),
        ("dev", "dev.db", "acme_dev", "acme_dev"),
        ("both", "both.db", "acme_dev", "built"),
    ] {
        land(&folder, space, file);
        let on = |arguments: &[&str]| {
            idgraph(folder.path(), &[arguments, &["--target", target]].concat())
        };
        let run = on(&["apply", "--yes", "--verbose"]).fine();
        run.says(&[&format!("{space}.identifies "), &format!("{models}.id_graph ")]);
        on(&["plan"]).fine();
        on(&["verify"]).fine();
        let run = on(&["introspect", "--check"]);
        assert_eq!(run.code, Some(1), "{}", run.stderr);
        assert!(run.stdout.contains("\"id_graph_updates\""), "{}", run.stdout);
        assert!(on(&["show", "id_graph"]).fine().stdout.contains("segment_id"));
        let sql = on(&["render", "--stdout"]).fine().stdout;
        assert!(sql.contains(&format!("{models}.id_graph")), "{sql}");
    }
    assert!(folder.path().join("both.built.db").exists());
    assert!(!folder.path().join("dev.acme_dev.db").exists());
    idgraph(folder.path(), &["render", "--target", "dev"])
        .exits(2)
        .says(&["say --out DIR, or --stdout"]);
    let clash = with_targets(
        "sources: [Web]\ntargets: { local: { engine: sqlite, path: acme.db, space: web } }\n",
    );
    idgraph(clash.path(), &["lint"]).exits(2).says(&["error[space-is-source]"]);
}
