//! A project can bring its own dialects and templates, and learns where they are wrong.

#[path = "support/command.rs"]
mod command;

use std::fs;
use std::path::Path;

use command::idgraph;
use tempfile::TempDir;

/// A project whose dialect `mine` has these facts, and these templates in place of its parents'. The models have a schema of
/// their own, which is made.
fn project(facts: &str, templates: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    write(folder.path(), "idgraph.yml", "space: acme\nmodels_schema: marts\ndialects: [mine]\n");
    write(folder.path(), "dialects/mine/dialect.yml", facts);
    for (name, text) in templates {
        write(folder.path(), &format!("dialects/mine/templates/{name}"), text);
    }
    folder
}

fn write(folder: &Path, name: &str, text: &str) {
    let path = folder.join(name);
    fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
    fs::write(path, text).expect("write");
}

/// The one message of a render that fails; nothing is written.
fn message(folder: &TempDir) -> String {
    message_of(folder, &["render"])
}

fn message_of(folder: &TempDir, arguments: &[&str]) -> String {
    let run = idgraph(folder.path(), arguments).exits(2);
    assert!(!folder.path().join("sql").exists());
    assert!(!folder.path().join("sandbox").exists());
    assert_eq!(run.stdout, "");
    run.stderr.trim_end().to_owned()
}

#[test]
fn a_dialect_of_the_projects_own_inherits_what_it_does_not_say() {
    let folder = project(
        "inherits: postgres\ntitle: Mine\ntypes: { varchar: varchar }\n",
        &[("schema.sql", "CREATE SCHEMA {{ schema }};\n")],
    );
    idgraph(folder.path(), &["render"]).fine();
    let sql = |name: &str| fs::read_to_string(folder.path().join("sql/mine").join(name)).unwrap();
    assert!(sql("00_schema.sql").contains("\nCREATE SCHEMA marts;\n"), "{}", sql("00_schema.sql"));
    assert!(sql("00_schema.sql").contains("pgcrypto"));
    assert!(sql("20_id_graph.sql").contains("    segment_id           varchar,\n"));
    assert!(sql("20_id_graph.sql").contains("timestamp with time zone"));

    let list = idgraph(folder.path(), &["dialect", "list"]).fine().stdout;
    assert!(list.contains("mine → postgres"), "{list}");
    let show = idgraph(folder.path(), &["dialect", "show", "mine"]).fine().stdout;
    for line in [
        "  types.varchar  varchar  ← dialects/mine/dialect.yml",
        "  types.float  double precision  ← dialects/postgres/dialect.yml",
        "  schema.sql  ← dialects/mine/templates/schema.sql",
        "  table.sql  ← dialects/postgres/templates/table.sql",
        "  query/profile_merges.sql  ← templates/query/profile_merges.sql",
    ] {
        let squeezed: Vec<String> = show
            .lines()
            .map(|line| {
                format!(
                    "  {}",
                    line.split("  ")
                        .filter(|part| !part.is_empty())
                        .map(str::trim)
                        .collect::<Vec<_>>()
                        .join("  ")
                )
            })
            .collect();
        assert!(squeezed.iter().any(|shown| shown == line), "{line} is not in\n{show}");
    }
}

#[test]
fn a_dialect_without_parents_renders_by_the_base_templates_alone() {
    let folder = project(
        "title: Plain
parser: generic
identifiers: { quote: '\"', max_length: 100 }
tables: { max_columns: 100 }
types: { varchar: text, timestamp: timestamp, integer: integer, float: float, boolean: boolean }
can: { views_across_schemas: true, recurse: true, recursive_union: true }
expressions:
  as_value: '{{ x }}'
  is_true: '{{ x }}'
  only_value: 'max({{ x }})'
  ascending: '{{ x }} NULLS FIRST'
  descending: '{{ x }} DESC NULLS LAST'
  joinable: '{{ x }}'
  by_bytes: '{{ x }}'
  exact: '{{ x }}'
  concat: '{{ a }} || {{ b }}'
  greatest: greatest({{ of[0] }}, {{ of[1] }})
  sha1_hex: 'sha1({{ x }})'
  to_text: 'CAST({{ x }} AS text)'
  union: UNION
",
        &[],
    );
    write(
        folder.path(),
        "idgraph.yml",
        "space: acme\ndialects: [mine]\nmodels: { resolved_events: {}, user_traits: { name: long_traits } }\n",
    );
    idgraph(folder.path(), &["render"]).fine();
    let sql = |name: &str| fs::read_to_string(folder.path().join("sql/mine").join(name)).unwrap();
    assert!(sql("20_id_graph.sql").contains("DELETE FROM acme.id_graph;\n"));
    assert!(sql("30_resolved_events.sql").contains("WHERE e.id IS NULL\n   OR e.recency = 1"));
}

#[test]
fn the_projects_templates_come_before_the_built_in_ones_for_every_dialect() {
    let folder = project("inherits: postgres\n", &[]);
    write(folder.path(), "templates/schema.sql", "CREATE SCHEMA {{ schema }};\n");
    idgraph(folder.path(), &["render", "--select", "schema"]).fine();
    let sql = fs::read_to_string(folder.path().join("sql/mine/00_schema.sql")).unwrap();
    assert!(sql.contains("CREATE SCHEMA marts;"), "{sql}");
}

/// Without a function of that name that passes NULL over, the greatest is put together from two at a time.
#[test]
fn the_greatest_of_a_list_passes_null_over() {
    for dialect in ["sqlite", "synapse"] {
        let template = "{% for of in [['1', '2'], ['2', 'NULL'], ['NULL', '2'], ['2', '1', 'NULL'], ['NULL', 'NULL', '2', '1']] %}\
                        SELECT {{ sql.greatest(of=of) }};\n{% endfor %}";
        let folder =
            project(&format!("inherits: {dialect}\ntitle: Mine\n"), &[("schema.sql", template)]);
        idgraph(folder.path(), &["render"]).fine();
        let file = fs::read_to_string(folder.path().join("sql/mine/00_schema.sql")).expect("read");
        let selects: Vec<&str> = file.lines().filter(|line| line.starts_with("SELECT ")).collect();
        assert_eq!(selects.len(), 5, "{file}");
        let connection = rusqlite::Connection::open_in_memory().expect("SQLite");
        for select in selects {
            let greatest = connection.query_row(select, [], |row| row.get::<_, Option<i64>>(0));
            assert_eq!(greatest.expect(select), Some(2), "{dialect}: {select}");
        }
    }
}

#[test]
fn an_unknown_fact_is_explained() {
    let folder = project("inherits: postgres\nidentifiers:\n  qoute: x\n", &[]);
    assert_eq!(
        message(&folder),
        "error[dialect-invalid]: dialects/mine/dialect.yml does not describe a dialect: identifiers: unknown field `qoute`, expected one of `quote`, `escape`, `fold`, `characters`, `max_length`, `length_unit`, `length_source`, `reserved`, `reserved_source`, `landed_reserved`, `landed_reserved_source`, `cuts_long`, `impossible`, `impossible_source`
 --> dialects/mine/dialect.yml:3:3
  |
3 |   qoute: x
  |   ^^^^^^^^"
    );
}

#[test]
fn a_fact_of_the_wrong_kind_is_explained() {
    let folder = project("inherits: postgres\ncan: 3\n", &[]);
    assert_eq!(
        message(&folder),
        "error[dialect-invalid]: dialects/mine/dialect.yml does not describe a dialect: can: invalid type: integer `3`, expected struct Capabilities
 --> dialects/mine/dialect.yml:2:1
  |
2 | can: 3
  | ^^^^^^"
    );
}

#[test]
fn a_missing_parent_is_explained() {
    let folder = project("title: Mine\ninherits: postgress\n", &[]);
    assert_eq!(
        message(&folder),
        "error[unknown-dialect]: dialect `mine` inherits from `postgress`, which does not exist
 --> dialects/mine/dialect.yml:2:1
  |
2 | inherits: postgress
  | ^^^^^^^^^^^^^^^^^^^
  |
  = help: did you mean `postgres`?"
    );
}

#[test]
fn parents_that_go_round_are_explained() {
    let folder = project("inherits: other\n", &[]);
    write(folder.path(), "dialects/other/dialect.yml", "inherits: mine\n");
    assert_eq!(
        message(&folder),
        "error[dialect-circle]: dialect `mine` inherits from itself: mine → other → mine
 --> dialects/other/dialect.yml:1:1
  |
1 | inherits: mine
  | ^^^^^^^^^^^^^^
  |
  = help: take `inherits` out of one of them"
    );
}

#[test]
fn missing_facts_are_named() {
    let folder = project("title: Mine\n", &[]);
    assert_eq!(
        message(&folder),
        "error[dialect-incomplete]: dialect `mine` lacks facts: parser, identifiers.quote (one character), identifiers.max_length, tables.max_columns, types (all five)
 --> dialects/mine/dialect.yml:1:1
  |
1 | title: Mine
  | ^^^^^^^^^^^
  |
  = help: add them to its dialect.yml, or let it inherit from a dialect that has them"
    );
}

#[test]
fn a_parser_that_there_is_not_is_explained() {
    let folder = project("inherits: postgres\nparser: nope\n", &[]);
    assert_eq!(
        message(&folder),
        "error[dialect-invalid]: dialect `mine`: sqlparser has no dialect `nope`
 --> dialects/mine/dialect.yml:2:1
  |
2 | parser: nope
  | ^^^^^^^^^^^^
  |
  = help: `generic` takes the most"
    );
}

#[test]
fn a_syntax_error_in_a_template_shows_its_line() {
    let folder = project(
        "inherits: postgres\n",
        &[("schema.sql", "CREATE SCHEMA {{ schema }};\n--% for x in\n")],
    );
    assert_eq!(
        message(&folder),
        "error[template-failed]: template schema.sql: unexpected end of block
 --> dialects/mine/templates/schema.sql:2:13
  |
2 | --% for x in
  |             ^
  |
  = help: templates are minijinja with line statements (`--% for …`); see CONTRIBUTING.md"
    );
}

#[test]
fn an_undefined_variable_in_a_template_shows_its_line() {
    let folder =
        project("inherits: postgres\n", &[("schema.sql", "CREATE SCHEMA\n    {{ schemata }};\n")]);
    assert_eq!(
        message(&folder),
        "error[template-failed]: template schema.sql: `schemata` is undefined
 --> dialects/mine/templates/schema.sql:2:8
  |
2 |     {{ schemata }};
  |        ^^^^^^^^
  |
  = help: templates are minijinja with line statements (`--% for …`); see CONTRIBUTING.md"
    );
}

#[test]
fn a_template_that_includes_itself_is_explained() {
    let folder = project("inherits: postgres\n", &[("schema.sql", "--% include 'schema.sql'\n")]);
    assert_eq!(
        message(&folder),
        "error[template-failed]: template schema.sql: recursion limit exceeded
 --> dialects/mine/templates/schema.sql:1:5
  |
1 | --% include 'schema.sql'
  |     ^^^^^^^^^^^^^^^^^^^^
  |
  = help: templates are minijinja with line statements (`--% for …`); see CONTRIBUTING.md"
    );
}

#[test]
fn a_wrong_expression_shows_its_line() {
    for (expression, what) in [
        ("{{ nope }}", "`nope` is undefined"),
        ("{{ x", "unexpected end of input, expected end of variable block"),
    ] {
        let facts = format!("inherits: postgres\nexpressions:\n  by_bytes: '{expression}'\n");
        let line = format!("by_bytes: '{expression}'");
        assert_eq!(
            message(&project(&facts, &[])),
            format!(
                "error[template-failed]: expression `by_bytes` of dialect `mine`: {what}
 --> dialects/mine/dialect.yml:3:3
  |
3 |   {line}
  |   {}
  |
  = help: an expression is minijinja over the arguments that templates give it, such as `{{{{ x }}}}`",
                "^".repeat(line.len())
            )
        );
    }
}

#[test]
fn sql_that_does_not_parse_shows_the_line_of_the_template() {
    let folder = project(
        "inherits: postgres\n",
        &[(
            "query/parts/head.sql",
            "head AS (\n    SELECT a.segment_id\n    FORM astray AS a\n),\n",
        )],
    );
    assert_eq!(
        message(&folder),
        "error[rendered-sql-invalid]: this SQL is not Postgres's: Expected: ), found: astray
   --> mine/id_graph.sql:312:10
    |
312 |     FORM astray AS a
    |          ^
    |
   ::: dialects/mine/templates/query/parts/head.sql:3:1
    |
  3 |     FORM astray AS a
    | -------------------- rendered from this line
    |
    = help: what idgraph rendered comes from the dialect's templates: `idgraph dialect show` says where each is
    = help: if the warehouse takes it and only sqlparser does not, list it under `gaps` in dialect.yml"
    );
}

#[test]
fn every_statement_of_a_template_of_ones_own_is_read() {
    // Right for the first table, wrong for a later one, and found wherever the template is.
    for (name, later, command) in [
        ("landed_table.sql", "identifies", &["render", "--landed"][..]),
        ("create.sql", "profile_traits", &["render"]),
    ] {
        let word = format!("{{{{ 'CRATE' if '{later}' in table.name else 'CREATE' }}}}");
        let template = &format!("{word} TABLE {{{{ table.name }}}} (id varchar);\n");
        let folder = project("inherits: postgres\ntitle: Mine\n", &[(name, template)]);
        let said = message_of(&folder, command);
        assert!(said.contains("this SQL is not Mine's"), "{said}");

        let folder = tempfile::tempdir().expect("a folder");
        write(folder.path(), "idgraph.yml", "space: acme\ndialects: [snowflake]\n");
        write(folder.path(), &format!("dialects/snowflake/templates/{name}"), template);
        let said = message_of(&folder, command);
        assert!(said.contains("this SQL is not Snowflake's"), "{said}");
    }
}

#[test]
fn a_template_that_is_no_text_is_explained() {
    let folder = project("inherits: postgres\n", &[]);
    let path = folder.path().join("dialects/mine/templates/schema.sql");
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, [0xff, 0xfe]).unwrap();
    assert_eq!(
        message(&folder),
        "error[dialect-unreadable]: cannot read dialects/mine/templates/schema.sql: stream did not contain valid UTF-8
 |
 = help: the project's own dialects and templates are looked up before the built-in ones"
    );
}

#[test]
fn the_name_of_the_project_file_cannot_leave_its_comment() {
    let folder = tempfile::tempdir().unwrap();
    let name = "x\nDROP TABLE y; --.yml";
    write(folder.path(), name, "space: acme\ndialects: [postgres]\n");
    idgraph(folder.path(), &["render", "--project", name]).fine();
    let sql = fs::read_to_string(folder.path().join("sql/postgres/00_schema.sql")).unwrap();
    assert!(!sql.contains("\nDROP"), "{sql}");
}

#[test]
fn a_view_of_the_graph_needs_recursion_in_views() {
    let folder = project("inherits: duckdb\ntitle: Mine\ncan: { recurse_in_views: false }\n", &[]);
    let text = "space: acme\ndialects: [mine]\nmodels: { id_graph: { materialized: view } }\n";
    write(folder.path(), "idgraph.yml", text);
    idgraph(folder.path(), &["render"]).exits(2).says(&[
        "error[view-recursive]: a view of Mine cannot follow merges from profile to profile",
        "idgraph.yml:3:",
        "materialize it as a table",
    ]);
    write(folder.path(), "idgraph.yml", &text.replace("view", "table"));
    idgraph(folder.path(), &["render"]).fine();
}

#[test]
fn a_table_from_a_view_of_the_graph_is_refused_where_it_nests_too_deep() {
    let folder = tempfile::tempdir().unwrap();
    let text = "space: acme\ndialects: [sqlite]\nmodels:\n  id_graph: { materialized: view }\n";
    let traits = "  profile_traits: { materialized: view }\n";
    write(folder.path(), "idgraph.yml", text);
    idgraph(folder.path(), &["render"]).exits(2).says(&[
        "error[view-too-deep]: SQLite cannot compute the table `profile_traits` from `id_graph` as a view",
        "idgraph.yml:4:",
        "materialize both as tables, or both as views",
    ]);
    write(folder.path(), "idgraph.yml", &format!("{text}{traits}"));
    idgraph(folder.path(), &["render"]).fine();
    write(folder.path(), "idgraph.yml", &text.replace("sqlite", "postgres"));
    idgraph(folder.path(), &["render"]).fine();
}
