//! Rendered SQL is as reviewed: the files under `tests/rendered/<dialect>` are what `tests/rendered/idgraph.yml`
//! renders to with every model on; those under `tests/rendered/views/<dialect>` are of models that are views, under
//! `tests/rendered/dynamic/<dialect>` of those that are dynamic tables, where the warehouse has them,
//! under `tests/rendered/scheduled/<dialect>` of incremental ones with a schedule, where it has those, under
//! `tests/rendered/not_landed/<dialect>` of incremental ones in a space where not all has landed, under
//! `tests/rendered/snapshots/<dialect>` of those of traits that were renamed, where a landed row is a snapshot. Under
//! `tests/rendered/sandbox/<dialect>` is what makes the landed tables of a sandbox.
//!
//! `UPDATE=1 cargo test --test rendered` rewrites them for review.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use idgraph::dialect::{Dialect, Library};
use idgraph::engine;
use idgraph::project::{Known, Landed, LandedTables, Project};
use idgraph::render::{self, Action, Changes, Given, MARKER, ObjectRef, statements};
use idgraph::warehouse::Warehouse;
use sqlparser::parser::Parser;

const DIALECTS: [&str; 8] =
    ["postgres", "snowflake", "bigquery", "sqlite", "duckdb", "databricks", "redshift", "synapse"];

/// The models that the example does not name.
const FURTHER: &str = "  user_traits: { name: long_traits }\n  user_identifiers: { name: identifiers }\n  profile_merges: { name: merges }\n";

/// Files by their path below `tests/rendered`.
type Files = BTreeMap<PathBuf, String>;

fn example() -> String {
    fs::read_to_string("tests/rendered/idgraph.yml").expect("the example")
}

fn with_every_model() -> String {
    example().replace("targets:", &format!("{FURTHER}targets:"))
}

fn project(text: &str) -> Project {
    let known = Known { dialects: DIALECTS.map(str::to_owned).to_vec(), engines: engine::known() };
    Project::parse(Path::new("idgraph.yml"), text, &known).expect("a project")
}

/// With the models that the example names as views; the graph too, where the warehouse can follow merges in one.
fn as_views(dialect: &Dialect) -> String {
    let text = example();
    let text = text.replace("{ materialized: table }", "{ materialized: view }");
    match dialect.facts.can.recurse_in_views {
        true => text,
        false => {
            text.replace("id_graph: { materialized: view }", "id_graph: { materialized: table }")
        }
    }
}

/// With the models that the example names as dynamic tables; nothing where the warehouse has none.
fn as_dynamic_tables(dialect: &Dialect) -> Option<String> {
    let models = example().replace("{ materialized: table }", "{ materialized: dynamic_table }");
    let text = format!("{models}dynamic_tables: {{ warehouse: transforming, target_lag: 15m }}\n");
    dialect.facts.can.dynamic_tables.then_some(text)
}

/// With incremental models and a schedule; nothing where the warehouse has none.
fn scheduled(dialect: &Dialect) -> Option<String> {
    let models = example().replace("{ materialized: table }", "{ materialized: incremental }");
    let text = format!("{models}schedule: {{ cron: \"0 * * * *\", warehouse: transforming }}\n");
    dialect.facts.can.schedule.then_some(text)
}

/// Nothing is known of what has landed, so all counts as landed.
fn whole(_: &Dialect) -> Landed {
    Landed::default()
}

/// With incremental models, in a space of [`few`].
fn refreshed() -> String {
    with_every_model().replace("{ materialized: table }", "{ materialized: incremental }")
}

/// The same with traits from snapshots, two of them renamed.
fn snapshots() -> String {
    let plan = "plan: { type: varchar, renamed_from: [customer_plan, Customer Tier], description";
    refreshed()
        .replace("from: identifies ", "from: profile_traits_updates ")
        .replace("plan: { type: varchar, description", plan)
        .replace("order: integer ", "order: { type: integer, renamed_from: group } ")
}

/// A record of a space that has neither pages nor screens, and lacks a trait, a property, a context field and a column of
/// Segment's own in some tables; names are as the warehouse's catalog has them.
fn few(dialect: &Dialect) -> Landed {
    let event = "id segment_id event_id anonymous_id user_id sent_at received_at uuid_ts timestamp";
    let track = format!("{event} event event_text");
    let trigger = "id segment_id seq received_at uuid_ts timestamp triggering_event_type";
    let mut tables = LandedTables::default();
    for (table, columns) in [
        ("id_graph_updates", format!("{trigger} canonical_segment_id")),
        ("external_id_mapping_updates", format!("{trigger} external_id_type external_id_value")),
        ("identifies", format!("{event} email lifetime_value order context_page_title")),
        ("tracks", track.clone()),
        ("groups", event.to_owned()),
        ("aliases", event.to_owned()),
        ("order_completed", format!("{track} total context_url")),
    ] {
        let typed = |name: &str| (dialect.in_catalog(name), "text".to_owned());
        tables.insert(&dialect.in_catalog(table), columns.split(' ').map(typed));
    }
    let mut landed = Landed::default();
    landed.set(&dialect.name, tables);
    landed
}

fn rendered(
    text: impl Fn(&Dialect) -> Option<String>,
    landed: impl Fn(&Dialect) -> Landed,
    below: &Path,
) -> Files {
    let library = Library::embedded();
    let mut files = Files::new();
    for name in DIALECTS {
        let dialect = Dialect::load(&library, name).expect("a dialect");
        let Some(text) = text(&dialect) else { continue };
        let mut project = project(&text);
        project.landed = landed(&dialect);
        let warehouse = dialect.warehouse(&project);
        let rendered = render::render(&warehouse, &dialect, &library, "idgraph.yml");
        for file in rendered.unwrap_or_else(|error| panic!("{error}")) {
            files.insert(below.join(name).join(&file.name), file.text);
        }
    }
    files
}

/// Everything that is reviewed.
fn all() -> &'static Files {
    static ALL: OnceLock<Files> = OnceLock::new();
    ALL.get_or_init(render_all)
}

fn render_all() -> Files {
    let mut files = rendered(|_| Some(with_every_model()), whole, Path::new(""));
    let mut others = rendered(|dialect| Some(as_views(dialect)), whole, Path::new("views"));
    others.append(&mut rendered(as_dynamic_tables, whole, Path::new("dynamic")));
    others.append(&mut rendered(scheduled, whole, Path::new("scheduled")));
    others.append(&mut rendered(|_| Some(refreshed()), few, Path::new("not_landed")));
    let mut snapshots = rendered(|_| Some(snapshots()), whole, Path::new("snapshots"));
    snapshots.retain(|path, _| path.to_string_lossy().ends_with("_traits.sql"));
    others.append(&mut snapshots);
    for name in DIALECTS {
        let library = Library::embedded();
        let dialect = Dialect::load(&library, name).expect("a dialect");
        let warehouse = Warehouse::of(&project(&with_every_model()));
        let landed = render::render_landed(&warehouse, &dialect, &library, "idgraph.yml");
        let landed = landed.unwrap_or_else(|error| panic!("{error}"));
        files.insert(Path::new("sandbox").join(name).join(landed.name), landed.text);
    }
    // What does not depend on how a model is kept stands in the other folder.
    let first = |path: &Path| path.components().skip(1).collect::<PathBuf>();
    others.retain(|path, text| files.get(&first(path)) != Some(text));
    files.append(&mut others);
    files
}

fn sql_below(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(sql_below(&path));
        } else if path.extension().is_some_and(|extension| extension == "sql") {
            found.push(path);
        }
    }
    found
}

#[test]
fn what_is_rendered_without_reading_it_back_is_the_same() {
    let library = Library::embedded();
    let incremental = |_: &Dialect| example().replace(": table }", ": incremental }");
    let projects: [&dyn Fn(&Dialect) -> String; 3] =
        [&|_| with_every_model(), &as_views, &incremental];
    for name in DIALECTS {
        let dialect = Dialect::load(&library, name).expect("a dialect");
        for text in projects {
            let warehouse = Warehouse::of(&project(&text(&dialect)));
            let read = render::render(&warehouse, &dialect, &library, "idgraph.yml");
            let read = read.unwrap_or_else(|error| panic!("{error}"));
            let texts = render::render_texts(&warehouse, &dialect, &library, "idgraph.yml");
            let texts = texts.unwrap_or_else(|error| panic!("{error}"));
            assert_eq!(
                texts
                    .into_iter()
                    .map(|text| (text.name, text.text.into_string().unwrap()))
                    .collect::<Vec<_>>(),
                read.into_iter().map(|file| (file.name, file.text)).collect::<Vec<_>>(),
                "{name}"
            );
        }
    }
}

#[test]
fn rendered_sql_is_as_reviewed() {
    let folder = Path::new("tests/rendered");
    let wanted = all();
    let update = std::env::var_os("UPDATE").is_some();
    let mut differ = Vec::new();
    for path in sql_below(folder) {
        let name = path.strip_prefix(folder).expect("below");
        if !wanted.contains_key(name) {
            if update {
                fs::remove_file(&path).expect("remove");
            } else {
                differ.push(format!("{}: nothing renders to it", path.display()));
            }
        }
    }
    for (name, text) in wanted {
        let path = folder.join(name);
        if update {
            fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
            fs::write(&path, text).expect("write");
        }
        let reviewed = fs::read_to_string(&path).unwrap_or_default();
        if reviewed != *text {
            let line = reviewed.lines().zip(text.lines()).take_while(|(old, new)| old == new);
            differ.push(format!("{}:{}", path.display(), line.count() + 1));
        }
    }
    assert!(differ.is_empty(), "differ (UPDATE=1 rewrites them):\n{}", differ.join("\n"));
}

#[test]
fn the_example_of_the_documentation_renders_for_every_dialect() {
    for name in DIALECTS {
        let files = rendered(|_| Some(example()), whole, Path::new(""));
        let of_dialect = files.keys().filter(|path| path.starts_with(name)).count();
        let dialect = Dialect::load(&Library::embedded(), name).expect("a dialect");
        // The models stand in the space, so that there is nothing to make for them but the record.
        let models = 4;
        assert_eq!(of_dialect, models + usize::from(dialect.facts.can.record_objects), "{name}");
    }
}

#[test]
fn two_renderings_are_byte_for_byte_the_same() {
    assert_eq!(render_all(), render_all());
}

#[test]
fn every_file_says_who_made_it_and_from_what() {
    for (path, text) in all() {
        let second = text.lines().nth(1).unwrap_or_default();
        assert!(second.starts_with(&format!("-- {MARKER} from idgraph.yml")), "{}", path.display());
    }
}

#[test]
fn lines_are_clean_and_short_enough_to_read() {
    for (path, text) in all() {
        assert!(text.ends_with('\n') && !text.ends_with("\n\n"), "{}: its end", path.display());
        assert!(!text.contains("\n\n\n"), "{}: two blank lines", path.display());
        for (index, line) in text.lines().enumerate() {
            let at = format!("{}:{}: {line}", path.display(), index + 1);
            assert!(!line.contains('\t'), "a tab in {at}");
            assert_eq!(line, line.trim_end(), "a trailing blank in {at}");
            // Descriptions are as long as they are.
            let code = line.split('\'').step_by(2).map(|part| part.chars().count()).sum::<usize>();
            assert!(code <= 140, "{code} columns of code in {at}");
        }
    }
}

/// A template's own words must not be left in what it renders.
#[test]
fn nothing_of_the_templates_language_is_left() {
    for (path, text) in all() {
        for mark in ["{{", "}}", "--%", "--#", "{%"] {
            assert!(!text.contains(mark), "{mark} in {}", path.display());
        }
    }
}

/// Reads each file as one who has only the file: it parses, statement by statement, and nothing is lost.
#[test]
fn every_statement_parses_in_its_dialect() {
    let library = Library::embedded();
    for (path, text) in all() {
        let name = path.iter().rev().nth(1).expect("a folder").to_str().expect("UTF-8");
        let dialect = Dialect::load(&library, name).expect("a dialect");
        let source = idgraph::diagnostic::Source::new(path.display().to_string(), text.clone());
        let statements = statements(&source, &dialect).unwrap_or_else(|error| panic!("{error}"));
        let is_blank = name == "sqlite" && text.matches(';').count() == 1;
        assert!(!statements.is_empty() || is_blank, "{}", path.display());
        for statement in statements {
            assert!(text.contains(&statement.sql), "{}", path.display());
        }
    }
}

/// What a block does to tables that stay is what its statements do: the order of files and the safety of migrations rest on that.
#[test]
fn a_block_with_variables_is_one_statement_that_does_what_its_own_do() {
    let dialect = Dialect::load(&Library::embedded(), "bigquery").expect("a dialect");
    let name = Path::new("scheduled/bigquery/30_profile_traits.sql");
    let source = idgraph::diagnostic::Source::new("refresh", all()[name].clone());
    let read = statements(&source, &dialect).unwrap_or_else(|error| panic!("{error}"));
    let block = read.last().expect("a block");
    assert!(block.sql.starts_with("BEGIN") && block.sql.ends_with("END"), "{}", block.sql);
    assert_eq!(block.sql.matches("MERGE INTO acme.profile_traits ").count(), 1);
    let object = |name: &str| ObjectRef { schema: Some("acme".to_owned()), name: name.to_owned() };
    assert_eq!(block.action, Action::Insert);
    assert_eq!(block.target, Some(object("profile_traits")));
    for name in ["identifies", "id_graph_updates", "id_graph", "idgraph_watermarks"] {
        assert!(block.reads.contains(&object(name)), "{name}: {:?}", block.reads);
    }
    let text = "BEGIN\nDECLARE one INT64 DEFAULT 1;\nDROP TABLE acme.other;\nEND;";
    let source = idgraph::diagnostic::Source::new("migration", text.to_owned());
    let read = statements(&source, &dialect).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(read.len(), 1);
    assert_eq!(read[0].takes.len(), 1, "what a block drops");
}

/// A file reads only what files with lower numbers make.
#[test]
fn file_names_show_an_order_in_which_they_can_run() {
    let library = Library::embedded();
    for name in DIALECTS {
        let known =
            Known { dialects: DIALECTS.map(str::to_owned).to_vec(), engines: engine::known() };
        let project = Project::parse(Path::new("idgraph.yml"), &with_every_model(), &known);
        let warehouse = Warehouse::of(&project.expect("a project"));
        let dialect = Dialect::load(&library, name).expect("a dialect");
        let files = render::render(&warehouse, &dialect, &library, "idgraph.yml").expect("SQL");
        let number = |name: &str| name.split('_').next().map(str::to_owned);
        for file in &files {
            let reads = file.statements().flat_map(|statement| &statement.reads);
            // What every database has, its catalog, nobody makes; landed tables are Segment's.
            let is_made = |read: &&ObjectRef| {
                read.schema.as_deref() != Some("pg_catalog")
                    && warehouse.landed_table(&read.name).is_none()
            };
            for read in reads.filter(|read| is_made(read)) {
                let maker = files.iter().find(|other| {
                    other.statements().any(|statement| statement.target.as_ref() == Some(read))
                });
                let maker = maker.unwrap_or_else(|| panic!("{name}: nothing makes {read:?}"));
                assert!(
                    maker.name == file.name || number(&maker.name) < number(&file.name),
                    "{name}: {} reads {read:?} of {}",
                    file.name,
                    maker.name
                );
            }
        }
    }
}

/// What migrations say of the models: a table, its columns, and what is kept in other ways.
fn changes(dialect: &Dialect, library: &Library) -> Vec<String> {
    let mut texts = Vec::new();
    let dynamic = as_dynamic_tables(dialect);
    let other = |text: &str| {
        Warehouse::of(&project(&text.replace("transforming, target_lag: 15m", "loading")))
    };
    for text in [Some(with_every_model()), Some(as_views(dialect)), dynamic].into_iter().flatten() {
        let project = project(&text);
        let warehouse = Warehouse::of(&project);
        let changes = Changes::new(&warehouse, dialect, library).expect("a dialect");
        for model in &warehouse.models {
            let subject = model.name.as_str();
            texts.push(changes.object("comment_table", subject).expect("SQL"));
            if let (Some(is), true) = (&warehouse.dynamic_tables, dialect.facts.can.dynamic_tables)
            {
                let was = other(&text).dynamic_tables.expect("settings");
                texts.push(changes.refreshed(subject, (&was, is)).expect("SQL"));
            }
            let kept = model.materialized.object().replace(' ', "_");
            texts.push(changes.object(&format!("drop_{kept}"), subject).expect("SQL"));
            for column in &model.columns {
                for template in ["add_column", "comment_column"] {
                    texts.push(changes.column(template, subject, column, column).expect("SQL"));
                }
            }
        }
    }
    texts
}

/// Whether a text has what the `*` of a gap stand between, in that order, from its beginning.
fn fits(text: &str, begins: &str) -> bool {
    let parts = begins.split(" * ").map(str::trim);
    let mut rest = text;
    for (index, part) in parts.enumerate() {
        match rest.find(part) {
            Some(at) if index > 0 || at == 0 => rest = &rest[at + part.len()..],
            _ => return false,
        }
    }
    true
}

/// By a clause or behind a condition: read back, it is a column that the table is given.
#[test]
fn a_column_that_may_be_missing_is_given_to_its_table() {
    let library = Library::embedded();
    let incremental = |_: &Dialect| Some(example().replace(": table }", ": incremental }"));
    let rendered = rendered(incremental, whole, Path::new(""));
    let table = ObjectRef { schema: Some("acme".into()), name: "profile_traits".into() };
    let gives_plan = |one: &idgraph::render::Statement| {
        let is_plan = |given: &Given| matches!(given, Given::Column { name, .. } if name == "plan");
        one.action == Action::Attend
            && one.target.as_ref() == Some(&table)
            && one.gives.iter().any(is_plan)
    };
    for name in ["snowflake", "bigquery", "duckdb", "synapse"] {
        let dialect = Dialect::load(&library, name).expect("a dialect");
        let file = PathBuf::from(name).join("30_profile_traits.sql");
        let source = idgraph::diagnostic::Source::new("file", rendered[&file].as_str());
        let read = statements(&source, &dialect).expect("SQL");
        assert_eq!(read.iter().filter(|one| gives_plan(one)).count(), 1, "{name}");
    }
}

/// When sqlparser learns a statement, it is no gap any more; what is none must not hide mistakes.
#[test]
fn every_known_gap_has_an_example_that_the_parser_still_refuses() {
    let library = Library::embedded();
    let cases: String = fs::read_dir("tests/migrate_gates")
        .expect("the cases of the gates")
        .map(|entry| fs::read_to_string(entry.expect("an entry").path()).expect("text"))
        .collect();
    let mut gaps = 0;
    for name in library.names() {
        let dialect = Dialect::load(&library, &name).expect("a dialect");
        let parser = dialect.parser();
        for gap in &dialect.facts.gaps {
            gaps += 1;
            assert!(
                Parser::parse_sql(parser.as_ref(), &gap.example).is_err(),
                "{name}: sqlparser takes this by now, take the gap out: {}",
                gap.example
            );
            let source = idgraph::diagnostic::Source::new("example", gap.example.as_str());
            let read = statements(&source, &dialect);
            assert!(read.is_ok(), "{name}: `{}` does not describe its example", gap.begins);
            assert!(!gap.reason.is_empty(), "{name}: `{}` has no reason", gap.begins);
            // A gap that something renders to; another would be there for nothing.
            let one_space = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
            let used = all().iter().any(|(path, text)| {
                path.iter().any(|part| part == name.as_str())
                    && one_space(text).contains(&one_space(&gap.example))
            });
            let used =
                used || changes(&dialect, &library).iter().any(|text| fits(text, &gap.begins));
            // Or what people write into a migration.
            let used = used || cases.contains(&gap.begins);
            assert!(used, "{name}: nothing renders `{}`", gap.example);
        }
    }
    assert!(gaps > 0, "no gap was looked at");
}

/// `user_traits.value` of a point in time is in UTC and in one form, whatever the session that reads or computes it has set.
#[test]
fn a_point_in_time_as_text_depends_on_no_session() {
    let library = Library::embedded();
    for name in DIALECTS.into_iter().filter(|name| *name != "sqlite") {
        let dialect = Dialect::load(&library, name).expect("a dialect");
        let text =
            with_every_model().replace("email: varchar", "email: varchar\n    seen: timestamp");
        let warehouse = Warehouse::of(&project(&text));
        let files = render::render(&warehouse, &dialect, &library, "idgraph.yml").expect("SQL");
        let file = files.iter().find(|file| file.name == "30_user_traits.sql").expect("a file");
        let line = file.text.lines().find(|line| line.contains(".seen") && line.contains("+00'"));
        let line = line.unwrap_or_else(|| panic!("{name}: {}", file.text));
        assert!(line.contains("'UTC'") || line.contains("'+00:00'"), "{name}: {line}");
    }
}
