//! `tests/introspect/exports/<dialect>.csv` is what a warehouse's catalog says; `<dialect>.yml` the project that it
//! begins.

use std::fs;
use std::path::Path;

use idgraph::dialect::{Dialect, Library};
use idgraph::render::landed_columns;
use tempfile::TempDir;

use super::golden;
use super::support::command::{Run, idgraph};

fn library() -> Library {
    Library::embedded()
}

fn export(dialect: &str) -> String {
    let path = format!("tests/introspect/exports/{dialect}.csv");
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Introspects an export into a new project, or one that is there.
fn introspect(folder: &Path, name: &str, text: &str, dialect: &str, further: &[&str]) -> Run {
    fs::write(folder.join(name), text).unwrap();
    let arguments = ["introspect", "--from", name, "--dialect", dialect];
    idgraph(folder, &[&arguments, further].concat())
}

fn folder() -> TempDir {
    tempfile::tempdir().unwrap()
}

fn project(folder: &Path) -> String {
    fs::read_to_string(folder.join("idgraph.yml")).unwrap()
}

/// The rows of a CSV export as JSON objects; `key` changes a key.
fn objects(csv: &str, key: impl Fn(&str) -> String) -> Vec<serde_json::Value> {
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    let header = reader.headers().unwrap().clone();
    let object = |record: csv::StringRecord| {
        let entries = header.iter().zip(record.iter());
        let entries = entries.map(|(name, value)| (key(name), value.into()));
        serde_json::Value::Object(entries.collect())
    };
    reader.records().map(|record| object(record.unwrap())).collect()
}

#[test]
fn every_dialect_asks_its_catalog_as_reviewed() {
    for name in library().names() {
        let dialect = Dialect::load(&library(), &name).unwrap();
        let sql = landed_columns("acme", &dialect, &library()).unwrap();
        golden(&Path::new("tests/introspect/queries").join(format!("{name}.sql")), &sql);
        let hostile = landed_columns("it's \"a\"", &dialect, &library()).unwrap();
        assert_ne!(hostile, sql, "{name}");
        let run = idgraph(
            Path::new("/"),
            &["introspect", "--print-query", "--dialect", &name, "--space", "acme"],
        );
        assert_eq!(run.fine().stdout, sql);
    }
}

#[test]
fn what_a_catalog_says_becomes_a_project() {
    for name in library().names() {
        let folder = folder();
        let run = introspect(folder.path(), "columns.csv", &export(&name), &name, &[]).fine();
        let project = project(folder.path());
        golden(&Path::new("tests/introspect/exports").join(format!("{name}.yml")), &project);
        let record = fs::read_to_string(folder.path().join("landed.json")).unwrap();
        golden(&Path::new("tests/introspect/exports").join(format!("{name}.json")), &record);
        // As bytes it is nothing that a project has.
        let tags = match name.as_str() {
            "sqlite" => "tags: blob is no type that a project has",
            "synapse" => "tags: varbinary is no type that a project has",
            _ => "+    tags: varchar",
        };
        run.says(&[tags, "order_completed", "wrote idgraph.yml"]);
        idgraph(folder.path(), &["render"]).fine();
        let again = introspect(folder.path(), "columns.csv", &export(&name), &name, &[]).fine();
        again.says(&["idgraph.yml and landed.json have all that has landed"]);
        assert_eq!(self::project(folder.path()), project, "{name}");
    }
}

#[test]
fn csv_and_json_in_every_form_say_the_same() {
    let csv = export("snowflake");
    let expected = fs::read_to_string("tests/introspect/exports/snowflake.yml").unwrap();
    let array = |objects: Vec<serde_json::Value>| serde_json::to_string_pretty(&objects).unwrap();
    let lines: String = objects(&csv, str::to_owned).iter().map(|one| format!("{one}\n")).collect();
    // As it stands in information_schema.columns: the scale in a column of its own, rows in any order.
    let mut raw = objects(&csv, str::to_uppercase);
    for (position, object) in raw.iter_mut().enumerate() {
        let object = object.as_object_mut().unwrap();
        object.insert("ORDINAL_POSITION".to_owned(), (position + 1).into());
        let sql_type = object["DATA_TYPE"].as_str().unwrap().to_owned();
        let number = sql_type.strip_prefix("NUMBER(").and_then(|rest| rest.strip_suffix(')'));
        let scale = number.and_then(|inside| inside.split_once(','));
        object.insert("NUMERIC_PRECISION".to_owned(), scale.map(|(one, _)| one).into());
        object.insert("NUMERIC_SCALE".to_owned(), scale.map(|(_, two)| two).into());
        if scale.is_some() {
            object.insert("DATA_TYPE".to_owned(), "NUMBER".into());
        }
    }
    raw.reverse();
    for (form, text) in [
        ("with a byte order mark", format!("\u{feff}{csv}")),
        ("CRLF", csv.replace('\n', "\r\n")),
        (
            "semicolons",
            csv.replace("\"NUMBER(38,0)\"", "NUMBER(38,0)")
                .replace("\"NUMBER(10,2)\"", "NUMBER(10,2)")
                .replace(
                    "table_schema,table_name,column_name,data_type",
                    "table_schema;table_name;column_name;data_type",
                )
                .lines()
                .map(|line| {
                    if line.contains(';') {
                        format!("{line}\n")
                    } else {
                        format!("{}\n", line.splitn(4, ',').collect::<Vec<_>>().join(";"))
                    }
                })
                .collect(),
        ),
        (
            "capitals",
            csv.replacen(
                "table_schema,table_name,column_name,data_type",
                "TABLE_SCHEMA,TABLE_NAME,COLUMN_NAME,DATA_TYPE",
                1,
            ),
        ),
        ("doubled rows", csv.clone() + csv.split_once('\n').unwrap().1),
        ("array", array(objects(&csv, str::to_owned))),
        ("array without blanks", serde_json::to_string(&objects(&csv, str::to_owned)).unwrap()),
        ("objects on lines", lines),
        ("raw", array(raw)),
    ] {
        let folder = folder();
        introspect(folder.path(), "export", &text, "snowflake", &[]).fine();
        assert_eq!(project(folder.path()), expected, "{form}");
    }
}

#[test]
fn an_existing_file_is_added_to_and_checked() {
    let folder = folder();
    let old = "# ours\nspace: acme\ndialects: [postgres, snowflake]\ntraits:\n  columns:\n    email: varchar # the address\n    loyalty: { type: varchar, renamed_from: visits }\n    score: integer\n    fax: varchar\nevents:\n  Order Completed:\n    properties: { total: float, coupon: varchar }\n  Gone: {}\ncontext: [url, ip, referrer]\n";
    fs::write(folder.path().join("idgraph.yml"), old).unwrap();
    let run = introspect(folder.path(), "c.csv", &export("postgres"), "postgres", &["--check"]);
    let run = run.exits(1);
    assert_eq!(project(folder.path()), old, "--check writes nothing");
    let shown = run.stdout.clone();
    run.says(&[
        "acme: not landed yet, kept in the project:\n  trait loyalty\n  trait fax\n  context field referrer\n  property coupon of Order Completed\n  event Gone\n",
        "acme: another type in the warehouse, left as it is:\n  identifies.score is double precision, the project says integer\n",
    ]);
    let run = introspect(folder.path(), "c.csv", &export("postgres"), "postgres", &[]).fine();
    assert_eq!(run.stdout, "");
    run.says(&[shown.trim_end()]);
    let new = "# ours\nspace: acme\ndialects: [postgres, snowflake]\ntraits:\n  columns:\n    email: varchar # the address\n    loyalty: { type: varchar, renamed_from: visits }\n    score: integer\n    fax: varchar\n    is_vip: boolean\n    seen_at: timestamp\n    balance: float\n    tags: varchar\nevents:\n  Order Completed:\n    properties: { total: float, coupon: varchar, order: varchar, quantity: integer }\n  Gone: {}\n  _2nd_visit:\n    properties:\n      \"null\": varchar\n  signed_up:\ncontext: [url, ip, referrer, page_title, live]\n";
    assert_eq!(project(folder.path()), new);
    assert!(shown.starts_with("--- idgraph.yml\n+++ idgraph.yml\n@@ "), "{shown}");
    assert!(shown.contains("\n+    is_vip: boolean\n"), "{shown}");
    assert!(shown.contains("\n-    properties: { total: float, coupon: varchar }\n"), "{shown}");
    idgraph(folder.path(), &["render"])
        .exits(2)
        .says(&["error[landed-type]: acme.identifies.score"]);
    introspect(folder.path(), "c.csv", &export("postgres"), "postgres", &["--check"]).fine();
}

#[test]
fn what_is_ignored_is_said_and_left_out() {
    let text = "table_name,column_name,data_type\n\
        identifies,fax,text\nidentifies,email,text\npages,context_locale,text\npages,context_url,text\n\
        debug_ping,id,text\ndebug_ping,segment_id,text\ndebug_ping,received_at,timestamp\n\
        debug_ping,event,text\ndebug_ping,event_text,text\n";
    let folder = folder();
    let before = "space: acme\ndialects: [postgres]\n# Not wanted.\nignore: [identifies.FAX, '*.context_locale', debug_ping]\n";
    fs::write(folder.path().join("idgraph.yml"), before).unwrap();
    let run = introspect(folder.path(), "columns.csv", text, "postgres", &[]).fine();
    for name in ["identifies.fax", "pages.context_locale", "debug_ping"] {
        assert!(run.stderr.contains(&format!("  {name}: `ignore` names it\n")), "{}", run.stderr);
    }
    let after = project(folder.path());
    let added = after.strip_prefix(before).expect("what was there stays");
    assert!(added.contains("email: varchar") && added.contains("url"), "{added}");
    assert!(!["fax", "locale", "debug"].iter().any(|word| added.contains(word)), "{added}");
    introspect(folder.path(), "columns.csv", text, "postgres", &["--check"]).fine();
}

#[test]
fn traits_come_from_the_table_that_the_project_reads() {
    let rows = "table_name,column_name,data_type\nprofile_traits_updates,id,text\nprofile_traits_updates,user_id,text\nprofile_traits_updates,uuid,bigint\nprofile_traits_updates,loaded_at,timestamptz\nprofile_traits_updates,score,bigint\nidentifies,plan,text\n";
    let folder = folder();
    introspect(folder.path(), "c.csv", rows, "postgres", &["--space", "acme"]).fine();
    let begun = project(folder.path());
    assert!(
        begun.contains("  from: profile_traits_updates\n  columns:\n    score: integer\n"),
        "{begun}"
    );
    assert!(!begun.contains("plan"), "{begun}");
    let identifies = "space: acme\ndialects: [postgres]\ntraits: { from: identifies }\n";
    fs::write(folder.path().join("idgraph.yml"), identifies).unwrap();
    introspect(folder.path(), "c.csv", rows, "postgres", &[]).fine();
    let added = "space: acme\ndialects: [postgres]\ntraits: { from: identifies, columns: { plan: varchar } }\n";
    assert_eq!(project(folder.path()), added);
}

#[test]
fn hostile_names_are_said_and_left_out() {
    let names = [
        "Plan",
        "two words",
        "a\"b",
        "x; DROP TABLE y",
        "ü",
        "",
        "a\u{1b}[31mb",
        "double__",
        "1st",
        "it's",
    ];
    let mut csv = csv::Writer::from_writer(Vec::new());
    csv.write_record(["table_schema", "table_name", "column_name", "data_type"]).unwrap();
    for name in names.iter().filter(|name| !name.is_empty()) {
        csv.write_record(["acme", "identifies", name, "text"]).unwrap();
        for column in ["id", "segment_id", "received_at", "event", "event_text"] {
            csv.write_record(["acme", name, column, "text"]).unwrap();
        }
    }
    csv.write_record(["acme", "identifies", "plan", "text"]).unwrap();
    let text = String::from_utf8(csv.into_inner().unwrap()).unwrap();
    let folder = folder();
    let run = introspect(folder.path(), "c.csv", &text, "postgres", &[]).fine();
    assert!(!run.stderr.contains('\u{1b}'), "{}", run.stderr);
    run.says(&[
        "identifies.Plan: another column is `plan`",
        "identifies.it\\'s: no project can name it",
        "a\\u{1b}[31mb: no event has a table of that name",
    ]);
    let project = project(folder.path());
    assert!(
        project.ends_with(
            "traits:\n  from: identifies\n  columns:\n    double:\n      type: varchar\n      column: double__\n    plan: varchar\n\n\
             events:\n  double:\n    table: double__\n  plan:\n    table: Plan\n"
        ),
        "{project}"
    );
}

#[test]
fn a_space_of_which_nothing_has_landed_changes_nothing() {
    let folder = folder();
    let old = "space: acme\ndialects: [postgres]\ntraits: { columns: { plan: varchar } }\n";
    fs::write(folder.path().join("idgraph.yml"), old).unwrap();
    for text in ["table_schema,table_name,column_name,data_type\n", "[]", "[ ]\n"] {
        let run = introspect(folder.path(), "c", text, "postgres", &[]).fine();
        run.says(&["trait plan", "acme: nothing has landed yet"]);
        introspect(folder.path(), "c", text, "postgres", &["--check"]).fine();
        assert_eq!(project(folder.path()), old);
    }
}

#[test]
fn a_byte_order_mark_and_a_link_stay() {
    let folder = folder();
    let old = "\u{feff}space: acme\r\ndialects: [postgres]\r\n";
    fs::write(folder.path().join("real.yml"), old).unwrap();
    #[cfg(unix)]
    std::os::unix::fs::symlink("real.yml", folder.path().join("idgraph.yml")).unwrap();
    let rows = "table_name,column_name,data_type\nidentifies,plan,text\n";
    introspect(folder.path(), "c.csv", rows, "postgres", &[]).fine();
    let new = "\u{feff}space: acme\r\ndialects: [postgres]\r\n\r\ntraits:\r\n  columns:\r\n    plan: varchar\r\n";
    assert_eq!(fs::read_to_string(folder.path().join("real.yml")).unwrap(), new);
    assert!(folder.path().join("idgraph.yml").is_symlink());
}
