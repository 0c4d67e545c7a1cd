//! A folder of migrations is read whole, and everything that is wrong with it is said.

use std::fs;
use std::path::Path;

use idgraph::diagnostic::Diagnostics;
use idgraph::dialect::{Dialect, GapKind, Library};
use idgraph::migrate::{Folder, Ledger, Migration, SUM_FILE, pending};
use idgraph::project::LogicalType::Varchar;

const FIRST: &str = "-- 0001_initial: begin\nCREATE TABLE acme.a (x integer);\n";
const SECOND: &str = "\
-- The column is gone from the project.
-- idgraph: destructive acme.a.x
-- idgraph: needs acme.landed.y
ALTER TABLE acme.a DROP COLUMN x;

INSERT INTO acme.id_graph VALUES ('-- idgraph: nonsense; not a comment');
";
/// The record of a project whose models are in `acme`.
const RECORD: &str = r#"{
  "version": 1, "space": "segment", "models_schema": "acme",
  "settings": { "traits_from": "identifies", "null_means": "unknown", "removals": false, "load_time": "uuid_ts" },
  "objects": []
}"#;

const BACK: &str =
    "-- idgraph: needs acme.landed.x varchar\nALTER TABLE acme.a ADD COLUMN x integer;\n";

fn dialect(name: &str) -> Dialect {
    Dialect::load(&Library::beside(Path::new("")), name).unwrap()
}

fn read(folder: &Path) -> Result<Option<Folder>, Diagnostics> {
    Folder::check(folder, &dialect("postgres"))?;
    Folder::read(folder)
}

fn record(folder: &Path) {
    fs::write(folder.join(SUM_FILE), Folder::sum(folder).unwrap().text()).unwrap();
}

/// Three files and their sum file.
fn sound() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    write("0001_initial.sql", FIRST);
    write("0003_drop_x.sql", SECOND);
    write("0003_drop_x.down.sql", BACK);
    write("schema.json", RECORD);
    record(folder.path());
    folder
}

/// The codes of what is wrong after a change, sorted, and the whole text.
fn wrong(change: impl FnOnce(&Path)) -> (Vec<&'static str>, String) {
    let folder = sound();
    change(folder.path());
    let error = read(folder.path()).expect_err("something is wrong");
    let mut codes: Vec<_> = error.iter().map(|one| one.code()).collect();
    codes.sort_unstable();
    (codes, error.to_string())
}

/// What is wrong with one more file of that text, recorded.
fn wrong_text(text: &str) -> (Vec<&'static str>, String) {
    wrong(|folder| {
        fs::write(folder.join("0004_more.sql"), text).unwrap();
        record(folder);
    })
}

#[test]
fn a_sound_folder_is_read_in_order() {
    let folder = read(sound().path()).unwrap().unwrap();
    let names: Vec<_> = folder.migrations.iter().map(|one| one.up.name.to_string()).collect();
    assert_eq!(names, ["0001_initial.sql", "0003_drop_x.sql"]);
    assert!(folder.migrations[0].down.is_none());
    let Migration { up, down } = &folder.migrations[1];
    let dialect = dialect("postgres");
    let (up, down) = (up.read(&dialect).unwrap(), down.as_ref().unwrap().read(&dialect).unwrap());
    assert!(up.in_transaction);
    assert_eq!(up.destructive(), ["acme.a.x"]);
    assert_eq!(up.statements.len(), 2);
    let first = &up.statements[0];
    assert!(first.statement.sql.starts_with("-- The column is gone"), "comments stay");
    assert_eq!(&up.source.text[first.place.span.clone()], "ALTER TABLE acme.a DROP COLUMN x");
    let need = &first.directives.needs[0];
    assert_eq!((need.name().as_str(), need.logical_type), ("acme.landed.y", None));
    let need = &down.statements[0].directives.needs[0];
    assert_eq!((need.name().as_str(), need.logical_type), ("acme.landed.x", Some(Varchar)));
}

#[test]
fn no_folder_is_none_and_a_half_made_one_is_never_sound() {
    let folder = tempfile::tempdir().unwrap();
    assert!(read(&folder.path().join("postgres")).unwrap().is_none());
    let says = |words: &str| {
        let shown = read(folder.path()).expect_err(words).to_string();
        assert!(shown.contains("error[migrations-half-made]"), "{shown}");
        assert!(shown.contains(words) && shown.contains("run `idgraph migrate new`"), "{shown}");
    };
    says("is empty: there is no migration in it");
    record(folder.path());
    says("has nothing but idgraph.sum");
    fs::remove_file(folder.path().join(SUM_FILE)).unwrap();
    fs::write(folder.path().join("schema.json"), "{}").unwrap();
    says("has nothing but schema.json");
    let made = |objects: &str| {
        let schema = format!(
            "{{\"version\":1,\"space\":\"acme\",\"models_schema\":\"acme\",\"settings\":{{\"traits_from\":\"identifies\",\
             \"null_means\":\"unknown\",\"removals\":false,\"load_time\":\"uuid_ts\"}},\"objects\":[{objects}]}}"
        );
        fs::write(folder.path().join("schema.json"), schema).unwrap();
    };
    record(folder.path());
    made("{\"kind\":\"landed\",\"name\":\"a\",\"comment\":\"\",\"columns\":[]}");
    says("has a record of tables, and no migration that makes them");
    // A project that wants no table has a record of that.
    made("");
    assert!(read(folder.path()).unwrap().unwrap().migrations.is_empty());
}

#[test]
fn line_ends_of_another_system_are_no_edit() {
    let folder = sound();
    fs::write(folder.path().join("0001_initial.sql"), FIRST.replace('\n', "\r\n")).unwrap();
    assert!(read(folder.path()).is_ok());
}

#[test]
fn an_edited_file_is_found() {
    let (codes, text) = wrong(|folder| {
        fs::write(folder.join("0001_initial.sql"), FIRST.replace("integer", "bigint")).unwrap();
    });
    assert_eq!(codes, ["migration-edited"]);
    assert!(text.contains("0001_initial.sql is not as it was recorded"), "{text}");
    assert!(text.contains("idgraph.sum:2:1"), "{text}");
}

#[test]
fn a_missing_file_is_found() {
    let (codes, _) = wrong(|folder| fs::remove_file(folder.join("0001_initial.sql")).unwrap());
    assert_eq!(codes, ["migration-missing"]);
    let (codes, text) = wrong(|folder| {
        fs::remove_file(folder.join("0003_drop_x.sql")).unwrap();
        assert!(Folder::sum(folder).is_err(), "and it is not recorded either");
    });
    assert_eq!(codes, ["migration-missing", "migration-missing"]);
    assert!(text.contains("is the way back of 0003_drop_x.sql"), "{text}");
}

#[test]
fn a_file_with_another_number_is_found() {
    let (codes, text) = wrong(|folder| {
        fs::rename(folder.join("0001_initial.sql"), folder.join("0007_initial.sql")).unwrap();
    });
    assert_eq!(codes, ["migration-moved"]);
    assert!(text.contains("is now called 0007_initial.sql"), "{text}");
}

#[test]
fn an_unlisted_file_is_found() {
    let (codes, _) = wrong(|folder| fs::write(folder.join("0002_more.sql"), FIRST).unwrap());
    assert_eq!(codes, ["migration-unlisted"]);
}

#[test]
fn a_number_that_two_have_is_found() {
    let (codes, _) = wrong(|folder| {
        fs::write(folder.join("0001_other.sql"), FIRST).unwrap();
        assert!(Folder::sum(folder).is_err(), "and they are not recorded either");
    });
    assert_eq!(codes, ["migration-number", "migration-unlisted"]);
}

#[test]
fn a_name_that_does_not_fit_is_never_passed_over() {
    for name in ["0004_more.sql~", "notes.md", ".DS_Store", "4_more.sql", "0004_More.sql"] {
        let (codes, _) = wrong(|folder| fs::write(folder.join(name), "").unwrap());
        assert_eq!(codes, ["migration-name"], "{name}");
    }
    let (codes, _) = wrong(|folder| fs::create_dir(folder.join("old")).unwrap());
    assert_eq!(codes, ["migration-name"]);
    let (codes, _) = wrong(|folder| fs::create_dir(folder.join("0004_more.sql")).unwrap());
    assert_eq!(codes, ["unreadable"]);
}

#[test]
fn a_sum_file_that_does_not_add_up_is_found() {
    let change = |change: fn(String) -> String| {
        wrong(|folder| {
            let path = folder.join(SUM_FILE);
            fs::write(&path, change(fs::read_to_string(&path).unwrap())).unwrap();
        })
        .0
    };
    assert_eq!(change(|_| String::new()), ["sum-file"]);
    assert_eq!(change(|text| text.replace("0003_drop_x.down.sql", "0004_x.sql")), ["sum-file"]);
    assert_eq!(change(|text| format!("{text}<<<<<<< HEAD\n")), ["sum-file"]);
    let (codes, _) = wrong(|folder| fs::remove_file(folder.join(SUM_FILE)).unwrap());
    assert_eq!(codes, ["sum-file"]);
}

#[test]
fn lines_out_of_order_are_found() {
    let (codes, _) = wrong(|folder| {
        let mut sum = Folder::sum(folder).unwrap();
        sum.lines.reverse();
        fs::write(folder.join(SUM_FILE), sum.text()).unwrap();
    });
    assert_eq!(codes, ["migration-order", "migration-order"]);
}

#[test]
fn all_is_said_at_once() {
    let (codes, _) = wrong(|folder| {
        fs::write(folder.join("0001_initial.sql"), "SELECT 1; -- idgraph: needs x.y.z").unwrap();
        fs::remove_file(folder.join("0003_drop_x.down.sql")).unwrap();
        fs::write(folder.join("notes"), "").unwrap();
    });
    assert_eq!(codes, ["directive", "migration-edited", "migration-missing", "migration-name"]);
}

#[test]
fn a_directive_that_is_wrong_is_shown() {
    for (text, says) in [
        ("-- idgraph: destroy acme.a\nDROP TABLE acme.a;", "no directive `destroy`"),
        ("-- idgraph: need acme.a.x\nSELECT 1;", "did you mean `needs`?"),
        ("-- IDGraph: needs acme.a\nSELECT 1;", "takes SCHEMA.TABLE.COLUMN"),
        ("--idgraph:needs\nSELECT 1;", "takes SCHEMA.TABLE.COLUMN"),
        ("-- idgraph: needs acme.a.x text\nSELECT 1;", "takes SCHEMA.TABLE.COLUMN"),
        ("-- idgraph: destructive\nSELECT 1;", "takes SCHEMA.TABLE or"),
        ("-- idgraph: destructive a..b\nSELECT 1;", "takes SCHEMA.TABLE or"),
        ("-- idgraph: no-transaction please\nSELECT 1;", "nothing behind it"),
        ("SELECT 1;\n-- idgraph: no-transaction\nSELECT 2;", "about the whole file"),
        ("SELECT 1; -- idgraph: destructive a.b\nSELECT 2;", "on a line of its own"),
        ("SELECT 1\n-- idgraph: destructive a.b\n+ 2;", "on a line of its own"),
        ("SELECT 1;\n-- idgraph: destructive a.b\n", "no statement follows"),
    ] {
        let (codes, shown) = wrong_text(text);
        assert_eq!(codes, ["directive"], "{text}");
        assert!(shown.contains(says), "{text}\n{shown}");
        assert!(shown.contains("0004_more.sql:"), "{text}\n{shown}");
    }
}

/// What is wrong with one more file of that text in a dialect, recorded.
fn wrong_in(dialect_name: &str, text: &str) -> Result<(), String> {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("0001_more.sql"), text).unwrap();
    fs::write(folder.path().join("schema.json"), RECORD).unwrap();
    record(folder.path());
    Folder::check(folder.path(), &dialect(dialect_name)).map_err(|wrong| wrong.to_string())
}

#[test]
fn what_is_taken_away_by_hand_is_said_or_refused() {
    for (text, object) in [
        ("DROP TABLE acme.a;", "acme.a"),
        ("DROP TABLE IF EXISTS ACME.A CASCADE;", "acme.a"),
        ("DROP VIEW acme.v;", "acme.v"),
        ("DROP MATERIALIZED VIEW acme.v;", "acme.v"),
        ("ALTER TABLE acme.a DROP COLUMN x;", "acme.a.x"),
        ("ALTER TABLE acme.a DROP \"a.x\";", "acme.a.\"a.x\""),
        ("ALTER TABLE acme.a ADD COLUMN y text, DROP COLUMN x;", "acme.a.x"),
        ("TRUNCATE acme.a;", "acme.a"),
        ("DELETE FROM acme.a;", "acme.a"),
        ("DELETE FROM acme.a WHERE TRUE;", "acme.a"),
        ("DELETE FROM acme.a WHERE (1 = 1);", "acme.a"),
        ("DROP VIEW acme.v;\nDROP VIEW IF EXISTS acme.v;", "acme.v"),
        ("ALTER TABLE acme.a ALTER COLUMN x TYPE varchar(10);", "acme.a.x"),
        ("ALTER TABLE acme.a ALTER COLUMN x TYPE bigint USING x::bigint;", "acme.a.x"),
    ] {
        let (codes, shown) = wrong_text(text);
        assert!(codes.iter().all(|code| *code == "destructive-unmarked"), "{text}\n{shown}");
        assert!(shown.contains("0004_more.sql:"), "{text}\n{shown}");
        let directive = format!("-- idgraph: destructive {object}");
        assert!(shown.contains(&format!("write in front of it: {directive}\n")), "{text}\n{shown}");
        // Written where it is asked for, it is all that was missing.
        let marked: Vec<String> = text.lines().map(|line| format!("{directive}\n{line}")).collect();
        assert_eq!(wrong_in("postgres", &marked.join("\n")), Ok(()), "{text}");
        let other = text.lines().map(|line| format!("-- idgraph: destructive acme.other\n{line}"));
        let other: Vec<String> = other.collect();
        assert!(wrong_in("postgres", &other.join("\n")).is_err(), "{text}");
    }
    let (codes, shown) = wrong_text("DROP TABLE acme.a, acme.b;\nDROP SCHEMA acme CASCADE;");
    assert_eq!(codes, ["destructive-unmarked"; 3], "{shown}");
    assert!(shown.contains("a migration drops no schema"), "{shown}");
}

#[test]
fn what_is_only_replaced_or_temporary_needs_no_word() {
    for (dialect, text) in [
        (
            "sqlite",
            "CREATE TABLE IF NOT EXISTS acme.id_graph (x);\nDELETE FROM acme.id_graph;\nINSERT INTO acme.id_graph SELECT 1;",
        ),
        ("sqlite", "DROP VIEW IF EXISTS acme.v;\nCREATE VIEW acme.v AS SELECT 1 AS x;"),
        ("sqlite", "DROP TABLE IF EXISTS temp.work;"),
        ("postgres", "CREATE TEMPORARY TABLE work AS SELECT 1;\nDROP TABLE work;"),
        ("snowflake", "DROP TABLE acme.idgraph_work_id_graph_window;"),
        ("postgres", "ALTER TABLE acme.a ALTER COLUMN x SET NOT NULL;"),
        ("postgres", "DROP INDEX acme.id_graph_a_idx;"),
    ] {
        assert_eq!(wrong_in(dialect, text), Ok(()), "{text}");
    }
}

/// What is wrong with a second file, where the first makes a column `x` of a type; and with the way back from the second.
fn wrong_after(dialect_name: &str, sql_type: &str, more: &str, back: &str) -> Result<(), String> {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    write("0001_first.sql", &format!("CREATE TABLE acme.a (x {sql_type});\n"));
    write("0002_more.sql", more);
    write("0002_more.down.sql", back);
    write("schema.json", RECORD);
    record(folder.path());
    Folder::check(folder.path(), &dialect(dialect_name)).map_err(|wrong| wrong.to_string())
}

#[test]
fn whether_a_type_is_narrower_depends_on_the_one_that_was() {
    for (dialect, was, is, is_wider) in [
        ("postgres", "bigint", "text", true),
        // Beyond 2^53 two whole numbers become one float.
        ("postgres", "bigint", "DOUBLE PRECISION", false),
        ("postgres", "bigint", "real", false),
        ("postgres", "integer", "real", false),
        ("postgres", "smallint", "real", true),
        ("postgres", "smallint", "integer", true),
        ("postgres", "integer", "smallint", false),
        ("postgres", "double precision", "real", false),
        ("postgres", "numeric(15,0)", "double precision", true),
        ("postgres", "numeric(16,0)", "double precision", false),
        ("postgres", "numeric(18,0)", "bigint", true),
        ("postgres", "numeric(19,0)", "bigint", false),
        ("postgres", "numeric(10,2)", "numeric(12,2)", true),
        ("postgres", "numeric(10,2)", "numeric(12,4)", true),
        ("postgres", "numeric(10,2)", "numeric(11,4)", false),
        ("postgres", "numeric(10,2)", "numeric(12,1)", false),
        ("postgres", "varchar(10)", "varchar(20)", true),
        ("postgres", "character varying(10)", "varchar(20)", true),
        ("postgres", "varchar(20)", "varchar(10)", false),
        ("postgres", "char(10)", "varchar(5)", false),
        ("postgres", "double precision", "text", true),
        ("sqlite", "integer", "real", false),
        ("redshift", "integer", "double precision", true),
        ("redshift", "bigint", "double precision", false),
        ("redshift", "varchar(64)", "varchar(256)", true),
        ("databricks", "int", "double", true),
        ("databricks", "bigint", "double", false),
        ("synapse", "int", "float", true),
        ("synapse", "nvarchar(10)", "varchar(20)", false),
        ("snowflake", "varchar(10)", "varchar(20)", true),
        ("postgres", "integer", "bigint", true),
        ("postgres", "integer", "double precision", true),
        ("postgres", "real", "double precision", true),
        ("postgres", "numeric(12,2)", "text", true),
        ("postgres", "varchar(20)", "text", true),
        ("postgres", "timestamp", "timestamp with time zone", true),
        ("postgres", "numeric(12,2)", "NUMERIC(12, 2)", true),
        ("postgres", "text", "double precision", false),
        ("postgres", "text", "bigint", false),
        ("postgres", "text", "timestamp with time zone", false),
        ("postgres", "double precision", "bigint", false),
        ("postgres", "timestamp with time zone", "boolean", false),
        ("postgres", "bigint", "integer", false),
        ("postgres", "text", "varchar(20)", false),
        ("postgres", "numeric(12,2)", "double precision", false),
        ("postgres", "numeric(38,0)", "bigint", false),
        ("postgres", "numeric(38,0)", "double precision", false),
        ("postgres", "jsonb", "text", false),
        ("duckdb", "integer", "varchar", true),
        ("duckdb", "varchar", "bigint", false),
        ("duckdb", "timestamp_ns", "timestamp with time zone", false),
        ("bigquery", "INT64", "FLOAT64", false),
        ("bigquery", "NUMERIC(10, 2)", "NUMERIC(12, 2)", true),
        ("bigquery", "FLOAT64", "INT64", false),
        ("bigquery", "BIGNUMERIC", "FLOAT64", false),
        ("snowflake", "number(10, 0)", "number(38, 0)", true),
        ("snowflake", "number(38, 0)", "number(10, 0)", false),
        ("snowflake", "number(12, 2)", "float", false),
    ] {
        let case = format!("{dialect}: {was} to {is}");
        let change = format!("ALTER TABLE acme.a ALTER COLUMN x SET DATA TYPE {is};\n");
        let found = wrong_after(dialect, was, &change, "SELECT 1;\n");
        assert_eq!(found.is_ok(), is_wider, "{case}: {found:?}");
        let Err(text) = found else { continue };
        for word in [
            "error[destructive-unmarked]: acme.a.x gets a type that may not hold every value",
            "0002_more.sql:1:1",
            "write in front of it: -- idgraph: destructive acme.a.x\n",
        ] {
            assert!(text.contains(word), "{case}: {text}");
        }
        let marked = format!("-- idgraph: destructive acme.a.x\n{change}");
        assert_eq!(wrong_after(dialect, was, &marked, "SELECT 1;\n"), Ok(()), "{case}");
    }
}

#[test]
fn what_type_a_column_has_is_followed_through_the_files() {
    let alter = |to: &str| format!("ALTER TABLE acme.a ALTER COLUMN x TYPE {to};\n");
    let (text, number) = (alter("text"), alter("double precision"));
    for (was, more, back, wrong_at) in [
        // What an earlier statement, or file, has made of it.
        ("integer", format!("{text}{number}"), "SELECT 1;", Some("0002_more.sql:2:1")),
        ("integer", number.clone(), alter("bigint").as_str(), Some("0002_more.down.sql:1:1")),
        ("integer", number.clone(), text.as_str(), None),
        (
            "text",
            "-- idgraph: destructive acme.a.x\nALTER TABLE acme.a RENAME COLUMN x TO y;\n"
                .to_owned()
                + &number.replace(" x ", " y "),
            "SELECT 1;",
            Some(":3:1"),
        ),
        (
            "text",
            format!(
                "-- idgraph: destructive acme.a.x\nALTER TABLE acme.a RENAME COLUMN x TO y, ADD COLUMN x integer;\n{number}"
            ),
            "SELECT 1;",
            None,
        ),
        (
            "text",
            format!(
                "-- idgraph: destructive acme.a\nALTER TABLE acme.a RENAME TO b;\nCREATE TABLE acme.a (x integer);\n{number}"
            ),
            "SELECT 1;",
            None,
        ),
        (
            "integer",
            format!("CREATE TABLE IF NOT EXISTS acme.a (x text);\n{number}"),
            "SELECT 1;",
            None,
        ),
        // An expression can make anything of it, a cast of the column itself does what the type does.
        ("bigint", alter("text USING CAST(x AS text)"), "SELECT 1;", None),
        ("bigint", alter("text USING (x::text)"), "SELECT 1;", None),
        (
            "bigint",
            alter("text USING left(x::text, 3)"),
            "SELECT 1;",
            Some("computed by an expression"),
        ),
        ("bigint", alter("text USING x::smallint"), "SELECT 1;", Some("computed by an expression")),
        ("bigint", alter("text USING 'x'"), "SELECT 1;", Some("computed by an expression")),
        // What nobody knows.
        ("bigint", text.replace("acme.a", "acme.b"), "SELECT 1;", Some("is not known here")),
    ] {
        let found = wrong_after("postgres", was, &more, back);
        match wrong_at {
            None => assert_eq!(found, Ok(()), "{more}{back}"),
            Some(words) => {
                let wrong = found.expect_err(&more);
                assert!(
                    wrong.contains(words) && wrong.contains("-unmarked]"),
                    "{more}{back}: {wrong}"
                );
                assert_eq!(wrong.matches("error[").count(), 1, "{wrong}");
            }
        }
    }
}

#[test]
fn a_column_that_another_replaces_is_narrowed_or_widened_as_if_in_place() {
    let replaced = |sql_type: &str| {
        format!(
            "ALTER TABLE acme.a RENAME COLUMN x TO x_before;\nALTER TABLE acme.a ADD COLUMN x {sql_type};\n\
             UPDATE acme.a SET x = CAST(x_before AS {sql_type});\nALTER TABLE acme.a DROP COLUMN x_before;\n"
        )
    };
    assert_eq!(wrong_after("sqlite", "integer", &replaced("text"), "SELECT 1;\n"), Ok(()));
    let wrong = wrong_after("sqlite", "integer", &replaced("real"), "SELECT 1;\n").unwrap_err();
    assert!(wrong.to_lowercase().contains("is integer so far and becomes real"), "{wrong}");
    let wrong = wrong_after("sqlite", "text", &replaced("real"), "SELECT 1;\n").unwrap_err();
    for words in ["column acme.a.x_before is taken away", "is text so far and becomes real", ":4:1"]
    {
        assert!(wrong.to_lowercase().contains(words), "{wrong}");
    }
}

#[test]
fn transactions_are_not_the_files_business() {
    for text in ["BEGIN;\nSELECT 1;", "SELECT 1;\nCOMMIT;", "ROLLBACK;", "START TRANSACTION;"] {
        let (codes, shown) = wrong_text(text);
        assert_eq!(codes, ["transaction-in-migration"], "{text}\n{shown}");
    }
}

#[test]
fn a_statement_that_is_no_sql_is_shown() {
    let (codes, shown) = wrong_text("SELECT 1;\nALTR TABLE acme.a;");
    assert_eq!(codes, ["migration-not-sql"]);
    assert!(shown.contains("0004_more.sql:2:1"), "{shown}");
    assert!(!shown.contains("template"), "nobody rendered it: {shown}");
}

#[test]
fn a_file_that_is_not_one_transaction_says_so_in_its_head() {
    let folder = sound();
    let text = "-- idgraph: no-transaction\n\nCREATE INDEX CONCURRENTLY i ON acme.a (x);\n";
    fs::write(folder.path().join("0004_index.sql"), text).unwrap();
    record(folder.path());
    let folder = read(folder.path()).unwrap().unwrap();
    let read = |at: usize| folder.migrations[at].up.read(&dialect("postgres")).unwrap();
    assert!(!read(2).in_transaction && read(1).in_transaction);
}

#[test]
fn what_only_the_warehouse_can_read_is_split_all_the_same() {
    let library = Library::beside(Path::new(""));
    for name in library.names() {
        let dialect = Dialect::load(&library, &name).unwrap();
        for gap in &dialect.facts.gaps {
            let folder = tempfile::tempdir().unwrap();
            // The body of a procedure has semicolons of its own.
            let body = if gap.example.ends_with("BEGIN") { "\n  SELECT 1;\nEND" } else { "" };
            let mut text = format!("-- idgraph: needs a.b.c\n{}{body};\nSELECT 1;\n", gap.example);
            if gap.does == GapKind::Anything
                && !gap.example.starts_with("ALTER TABLE")
                && !gap.example.starts_with("CREATE TABLE")
            {
                text.insert_str(0, "-- idgraph: destructive 0001_gap\n");
            }
            if gap.example.starts_with("RENAME") {
                text.insert_str(0, "-- idgraph: destructive acme.id_graph\n");
            }
            if gap.does == GapKind::Drops {
                text.insert_str(0, "-- idgraph: destructive acme.profile_traits\n");
            }
            fs::write(folder.path().join("schema.json"), RECORD).unwrap();
            fs::write(folder.path().join("0001_gap.sql"), text).unwrap();
            record(folder.path());
            let folder = Folder::read(folder.path()).unwrap().unwrap();
            let statements = folder.migrations[0].up.read(&dialect).unwrap().statements;
            assert_eq!(statements.len(), 2, "{name}");
            assert_eq!(statements[0].directives.needs.len(), 1, "{name}");
        }
    }
}

#[test]
fn a_byte_order_mark_is_no_part_of_a_migration() {
    let folder = sound();
    let file = folder.path().join("0001_initial.sql");
    fs::write(&file, format!("\u{feff}{FIRST}")).unwrap();
    assert!(read(folder.path()).is_ok(), "an editor may add it later, too");
    let with_mark = Folder::read(folder.path()).unwrap().unwrap();
    fs::write(&file, FIRST).unwrap();
    assert_eq!(with_mark.migrations.len(), 2);
    assert!(read(folder.path()).is_ok());
}

#[test]
fn what_an_earlier_file_has_made_is_not_made_by_a_file_that_makes_it_where_it_is_missing() {
    let made = "CREATE TABLE IF NOT EXISTS acme.profile_traits (email text);\n";
    let added = "ALTER TABLE acme.profile_traits ADD COLUMN IF NOT EXISTS plan text;\n";
    for (first, second, asks) in [
        ("SELECT 1;\n", format!("{made}DELETE FROM acme.profile_traits;\n"), None),
        (made, format!("{made}DELETE FROM acme.profile_traits;\n"), Some("acme.profile_traits")),
        // A column may have been there with values, whoever added it.
        (
            made,
            format!("{added}UPDATE acme.profile_traits SET plan = NULL;\n"),
            Some("acme.profile_traits.plan"),
        ),
        (
            &format!("{made}{added}"),
            format!("{added}UPDATE acme.profile_traits SET plan = NULL;\n"),
            Some("acme.profile_traits.plan"),
        ),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
        write("0001_first.sql", first);
        write("0002_second.sql", &second);
        write("schema.json", RECORD);
        record(folder.path());
        let checked = Folder::check(folder.path(), &dialect("postgres"));
        let Some(object) = asks else {
            assert_eq!(checked.map_err(|wrong| wrong.to_string()), Ok(()), "{first}{second}");
            continue;
        };
        let wrong = checked.expect_err(&second).to_string();
        assert!(wrong.contains(&format!("-- idgraph: destructive {object}\n")), "{wrong}");
        // `apply` asks the files as well, and needs no database for it.
        let whole = Folder::read(folder.path()).unwrap().unwrap();
        let ledger = Ledger::default();
        let pending = pending(&whole, &dialect("postgres"), &ledger, None);
        assert_eq!(pending.unwrap_err().to_string(), wrong);
    }
}
