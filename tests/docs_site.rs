//! `idgraph docs` writes a site that is whole: every table and column, links that lead somewhere, names that cannot
//! break a page, the same bytes on each run. How it behaves in a browser is what `tests/docs_browser.rs` tests.

#[path = "support/command.rs"]
mod command;
#[path = "support/html.rs"]
mod html;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use command::idgraph;
use html::{Element, elements, ids, text_of};
use idgraph::dialect::{Dialect, Library};
use idgraph::engine;
use idgraph::project::{Known, Project};
use idgraph::warehouse::{TableColumn, Warehouse};
use tempfile::TempDir;

const PROJECT: &str = "space: acme
models_schema: marts
dialects: [postgres, bigquery, sqlite]
context: [url, { name: ip, pii: network }]
traits:
  columns:
    email: { type: varchar, pii: email }
    plan: { type: varchar, description: \"Current plan\" }
    lifetimeValue: float
events:
  Order Completed: { properties: { total: float, orderId: varchar } }
  Signed Up:
models:
  id_graph: { materialized: incremental }
  profile_traits: { materialized: incremental }
  user_traits: { name: long_traits }
  resolved_events: { materialized: table }
";

/// Words that would be markup, an end of a script or of a comment, if they were not escaped.
const HOSTILE: &str = "</script><img src=x onerror=alert(1)>\"'&--><!--{{ 7 * 7 }}";

/// Those words between quotes of YAML.
fn quoted() -> String {
    HOSTILE.replace('\\', "\\\\").replace('"', "\\\"")
}

fn hostile() -> String {
    let quoted = quoted();
    PROJECT
        .replace("space: acme", "space: \"a<b>&'c\"")
        .replace("models_schema: marts\n", "")
        .replace("Current plan", &quoted)
        .replace("pii: email", &format!("pii: \"{quoted}\""))
        .replace("Signed Up", &format!("\"Signed {quoted}\""))
        .replace("dialects: [postgres, bigquery, sqlite]", "dialects: [postgres, sqlite]")
}

const FIXTURE: &str = "about: A plan survives a merge
batches:
  - land:
      id_graph_updates:
        - { segment_id: p1, timestamp: 2022-01-01 }
        - { segment_id: p2, timestamp: 2022-01-02 }
      identifies:
        - { segment_id: p2, plan: \"PLAN\", timestamp: 2022-01-02 10:00:00 }
    expect:
      profile_traits:
        - { canonical_segment_id: p1, plan: null }
        - { canonical_segment_id: p2, plan: \"PLAN\" }
  - land:
      id_graph_updates:
        - { segment_id: p2, canonical_segment_id: p1, timestamp: 2022-01-03 }
    refresh: full
    expect:
      profile_traits:
        - { canonical_segment_id: p1, plan: \"PLAN\", email: \"\" }
        - { canonical_segment_id: p2, plan: null }
      long_traits: []
";

/// A folder with a project, fixtures and its site.
fn site(project: &str) -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("idgraph.yml"), project).expect("write");
    fs::create_dir(folder.path().join("fixtures")).expect("a folder");
    let plan = if project == PROJECT { "pro".to_owned() } else { quoted() };
    let about = if project == PROJECT {
        "A plan survives a merge".to_owned()
    } else {
        format!("\"{plan}\"")
    };
    let turned = if project == PROJECT { plan.clone() } else { format!("{plan}\u{202e}") };
    let fixture = FIXTURE.replace("PLAN", &turned).replace("A plan survives a merge", &about);
    for name in ["merge.yml", "merge.yaml", "index.yml", "<b>.yml"] {
        fs::write(folder.path().join("fixtures").join(name), &fixture).expect("write");
    }
    let run = idgraph(folder.path(), &["docs"]).fine();
    assert_eq!(run.stdout, "");
    run.says(&["docs-site: ", " files written, 0 removed, 0 unchanged", "docs-site/index.html"]);
    folder
}

/// Every file of a site by its path.
fn files(folder: &Path) -> BTreeMap<PathBuf, String> {
    fn below(folder: &Path, root: &Path, found: &mut BTreeMap<PathBuf, String>) {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                below(&path, root, found);
            } else {
                let name = path.strip_prefix(root).expect("below").to_owned();
                found.insert(name, fs::read_to_string(&path).expect("text"));
            }
        }
    }
    let mut found = BTreeMap::new();
    below(folder, folder, &mut found);
    found
}

fn pages(folder: &TempDir) -> BTreeMap<PathBuf, String> {
    let mut files = files(&folder.path().join("docs-site"));
    files.retain(|path, _| path.extension().is_some_and(|extension| extension == "html"));
    assert!(files.len() > 10);
    files
}

fn warehouse(folder: &TempDir) -> Warehouse {
    let library = Library::beside(folder.path());
    let known = Known { dialects: library.names(), engines: engine::known() };
    Warehouse::of(&Project::read(&folder.path().join("idgraph.yml"), &known).expect("a project"))
}

/// The tables of a warehouse with their pages and columns.
fn tables(warehouse: &Warehouse) -> Vec<(PathBuf, String, Vec<TableColumn>)> {
    let page = |folder: &str, name: &str| PathBuf::from(format!("{folder}/{name}.html"));
    let landed = warehouse
        .landed
        .iter()
        .map(|table| (page("landed", &table.name), table.comment.clone(), table.columns.clone()));
    let models = warehouse
        .models
        .iter()
        .map(|table| (page("models", &table.name), table.comment.clone(), table.columns.clone()));
    let state = warehouse
        .watermarks
        .iter()
        .map(|table| (page("models", &table.name), table.comment.clone(), table.columns.clone()));
    landed.chain(models).chain(state).collect()
}

#[test]
fn every_table_and_column_is_there_with_its_meaning_type_and_tag() {
    let folder = site(PROJECT);
    let pages = pages(&folder);
    let library = Library::embedded();
    let dialects = ["postgres", "bigquery", "sqlite"]
        .map(|name| Dialect::load(&library, name).expect("a dialect"));
    let tables = tables(&warehouse(&folder));
    assert!(tables.len() > 15);
    for (page, comment, columns) in tables {
        let html = &pages[&page];
        let elements = elements(html);
        assert!(text_of(html).contains(&format!("{comment}.")), "{}", page.display());
        let rows: Vec<&Element> = elements
            .iter()
            .filter(|one| one.name == "tr" && one.attributes.contains_key("id"))
            .collect();
        assert_eq!(rows.len(), columns.len(), "{}", page.display());
        for (row, column) in rows.into_iter().zip(columns) {
            let said = text_of(row.inner(html));
            let what = format!("{}: {}: {said}", page.display(), column.name);
            assert_eq!(row.attributes["id"], format!("c-{}", column.name));
            assert!(said.contains(&column.name) && said.contains(&column.comment), "{what}");
            for dialect in &dialects {
                let shown = format!("{}{}", dialect.sql_type(column.logical_type), "");
                assert!(said.contains(&shown), "{what} lacks {shown}");
            }
            match column.pii.as_deref() {
                None => {
                    assert!(!said.contains("pii:") && !said.contains("personal data"), "{what}")
                }
                Some("yes") => assert!(said.contains("personal data"), "{what}"),
                Some(pii) => assert!(said.contains(&format!("pii: {pii}")), "{what}"),
            }
        }
    }
}

#[test]
fn every_link_leads_somewhere_and_no_id_is_twice() {
    for folder in [site(PROJECT), site(&hostile())] {
        let all = files(&folder.path().join("docs-site"));
        let pages = pages(&folder);
        let anchors: BTreeMap<&PathBuf, BTreeSet<String>> =
            pages.iter().map(|(path, html)| (path, ids(html).into_iter().collect())).collect();
        let mut linked = BTreeSet::new();
        for (path, html) in &pages {
            let ids = ids(html);
            assert_eq!(ids.len(), anchors[path].len(), "{} has an id twice", path.display());
            for element in elements(html) {
                for key in ["for", "aria-labelledby", "aria-controls"] {
                    if let Some(id) = element.attributes.get(key) {
                        assert!(anchors[path].contains(id), "{}: {key} {id}", path.display());
                    }
                }
                for key in ["href", "src"] {
                    let Some(target) = element.attributes.get(key) else { continue };
                    let (file, anchor) = target.split_once('#').unwrap_or((target, ""));
                    let file =
                        if file.is_empty() { path.clone() } else { html::resolved(path, file) };
                    assert!(all.contains_key(&file), "{}: {target}", path.display());
                    if !anchor.is_empty() {
                        assert!(anchors[&file].contains(anchor), "{}: {target}", path.display());
                    }
                    linked.insert(file);
                }
            }
        }
        // Search leads there too.
        let index = &all[Path::new("index.js")];
        let (_, json) = index.split_once("idgraphIndex(").expect("the index");
        let json: serde_json::Value =
            serde_json::from_str(json.trim_end().trim_end_matches(");")).expect("JSON");
        for table in json["tables"].as_array().expect("tables") {
            let page = PathBuf::from(table[1].as_str().expect("a page"));
            for column in table[3].as_array().expect("columns") {
                let column = &json["columns"][column.as_u64().expect("a number") as usize];
                assert!(anchors[&page].contains(column[3].as_str().expect("an anchor")));
            }
        }
        let unlinked: Vec<_> = pages.keys().filter(|page| !linked.contains(*page)).collect();
        assert!(unlinked.is_empty(), "nothing leads to {unlinked:?}");
    }
}

#[test]
fn every_page_is_well_formed_and_asks_for_nothing_from_elsewhere() {
    for folder in [site(PROJECT), site(&hostile())] {
        for (path, html) in pages(&folder) {
            let elements = elements(&html);
            let one = |name: &str| elements.iter().filter(|one| one.name == name).count();
            for name in ["title", "h1", "main", "header"] {
                assert_eq!(one(name), 1, "{}: {name}", path.display());
            }
            let policy = elements
                .iter()
                .find(|one| one.attributes.contains_key("http-equiv"))
                .expect("a policy");
            let policy = &policy.attributes["content"];
            assert!(
                policy.starts_with("default-src 'none';") && !policy.contains("unsafe"),
                "{policy}"
            );
            let first = elements.iter().find(|one| one.name == "a").expect("a link");
            assert_eq!(first.attributes["href"], "#content", "the skip link is first");
            for element in &elements {
                for (key, value) in &element.attributes {
                    assert!(!key.starts_with("on") && key != "style", "{}: {key}", path.display());
                    assert!(
                        !value.contains("://") && !value.starts_with("//"),
                        "{}: {key}={value}",
                        path.display()
                    );
                }
                assert!(
                    !["img", "iframe", "form", "style", "object", "base"]
                        .contains(&element.name.as_str()),
                    "{}: {}",
                    path.display(),
                    element.name
                );
            }
            // Besides its own script a page has none.
            assert_eq!(one("script"), 1, "{}", path.display());
        }
        let all = files(&folder.path().join("docs-site"));
        assert!(!all[Path::new("style.css")].contains("url("));
        assert!(!all[Path::new("style.css")].contains("@import"));
    }
}

#[test]
fn hostile_words_are_shown_and_do_nothing() {
    let folder = site(&hostile());
    let pages = pages(&folder);
    let traits = &pages[Path::new("models/profile_traits.html")];
    assert!(text_of(traits).contains(HOSTILE), "the description is shown as it was written");
    assert!(text_of(traits).contains(&format!("pii: {HOSTILE}")));
    let overview = &pages[Path::new("index.html")];
    assert!(text_of(overview).contains("a<b>&'c"));
    let example = &pages[Path::new("examples/merge.html")];
    assert_eq!(text_of(example).matches(HOSTILE).count(), 5, "the title twice, three values");
    let turned = format!("{HOSTILE}\\u{{202e}}");
    assert_eq!(text_of(example).matches(&turned).count(), 3, "the values");
    for (path, html) in &pages {
        assert!(!html.contains('\u{202e}'), "nothing turns the text of {}", path.display());
        assert!(!html.contains("<img") && !html.contains("<b>&"), "{}", path.display());
    }
}

#[test]
fn what_reads_a_table_is_said_on_its_page() {
    let pages = pages(&site(PROJECT));
    let page = text_of(&pages[Path::new("landed/id_graph_updates.html")]);
    let (_, readers) = page.split_once("Read by").expect("readers");
    assert!(readers.trim_start().starts_with("id_graph"), "{readers}");
}

#[test]
fn the_search_tells_columns_of_one_name_apart() {
    let folder = site(PROJECT);
    let all = files(&folder.path().join("docs-site"));
    let index = all.values().find(|text| text.contains("idgraphIndex({")).expect("an index");
    for (_, table, columns) in tables(&warehouse(&folder)) {
        for column in columns {
            let entry = serde_json::to_string(&(&column.name, &column.comment)).expect("JSON");
            assert!(index.contains(entry.trim_end_matches(']')), "{table}: {entry}");
        }
    }
}

#[test]
fn every_statement_of_every_dialect_is_there() {
    let folder = site(PROJECT);
    idgraph(folder.path(), &["render"]).fine();
    let pages = pages(&folder);
    let rendered = files(&folder.path().join("sql"));
    assert!(rendered.len() > 15);
    let sql = rendered.into_iter().filter(|(path, _)| !path.ends_with("idgraph.sum"));
    for (path, sql) in sql {
        let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
        let (_, subject) = name.split_once('_').expect("a number");
        let page = &pages[Path::new(&format!("sql/{subject}.html"))];
        assert!(text_of(page).contains(sql.trim_end()), "{}", path.display());
        assert!(text_of(page).contains(&format!("{name}.sql")), "{}", path.display());
    }
}

#[test]
fn fixtures_are_examples() {
    let folder = site(PROJECT);
    let pages = pages(&folder);
    let html = &pages[Path::new("examples/merge.html")];
    let tables: Vec<String> = elements(html)
        .iter()
        .filter(|one| one.name == "tr")
        .map(|one| {
            text_of(
                &one.inner(html).replace("</td><td>", "|").replace("</th><th scope=\"col\">", "|"),
            )
        })
        .collect();
    assert_eq!(
        tables,
        [
            "segment_id|timestamp",
            "p1|2022-01-01 00:00:00",
            "p2|2022-01-02 00:00:00",
            "segment_id|timestamp|plan",
            "p2|2022-01-02 10:00:00|pro",
            "canonical_segment_id|plan",
            "p1|NULL",
            "p2|pro",
            "segment_id|canonical_segment_id|timestamp",
            "p2|p1|2022-01-03 00:00:00",
            // What a row does not say is not NULL; what the batch before said otherwise is new.
            "canonical_segment_id|email|plan",
            "p1|''|pro new",
            "p2|–|NULL new",
        ]
    );
    let said = text_of(html);
    for word in ["A plan survives a merge", "merge.yaml", "After a full refresh", "No rows."] {
        assert!(said.contains(word), "{word} is not in {said}");
    }
    // Two of one name, and one that is called as the list is.
    for page in ["merge--2", "index--2", "index"] {
        assert!(pages.contains_key(Path::new(&format!("examples/{page}.html"))), "{page}");
    }
    let table = text_of(&pages[Path::new("models/profile_traits.html")]);
    assert!(table.contains("ExamplesA plan survives a merge"), "{table}");
    assert!(!text_of(&pages[Path::new("landed/tracks.html")]).contains("survives"));
}

#[test]
fn a_mistake_in_a_fixture_is_shown_and_nothing_written() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("idgraph.yml"), PROJECT).unwrap();
    fs::create_dir(folder.path().join("fixtures")).unwrap();
    fs::write(folder.path().join("fixtures/one.yml"), FIXTURE.replace("plan:", "plam:")).unwrap();
    idgraph(folder.path(), &["docs"]).exits(2).says(&["fixtures/one.yml:8", "plam"]);
    assert!(!folder.path().join("docs-site").exists());
}

#[test]
fn the_same_bytes_on_each_run_and_nothing_else_is_touched() {
    let folder = site(PROJECT);
    let root = folder.path().join("docs-site");
    let before = files(&root);
    let other = site(PROJECT);
    assert_eq!(before, files(&other.path().join("docs-site")));
    idgraph(folder.path(), &["docs", "--check"])
        .fine()
        .says(&["files in docs-site are as they should be"]);
    // What is not ours stays, also beside what is.
    fs::write(root.join("CNAME"), "docs.example.com\n").unwrap();
    fs::write(root.join("models/notes.html"), "<!doctype html>\n<p>Mine\n").unwrap();
    fs::write(folder.path().join("idgraph.yml"), PROJECT.replace("  Signed Up:\n", "")).unwrap();
    let run = idgraph(folder.path(), &["docs", "--check"]).exits(1);
    assert!(run.stdout.contains("leftover  docs-site/landed/signed_up.html\n"), "{}", run.stdout);
    assert!(run.stdout.contains("stale     docs-site/events/1.html\n"), "{}", run.stdout);
    run.says(&["run `idgraph docs` and commit what it writes"]);
    assert_eq!(files(&root).len(), before.len() + 2, "a check writes nothing");
    idgraph(folder.path(), &["docs"]).fine().says(&[", 2 removed, "]);
    let after = files(&root);
    assert!(!after.contains_key(Path::new("landed/signed_up.html")));
    assert!(!after.contains_key(Path::new("models/signed_up_resolved.html")));
    assert_eq!(after[Path::new("CNAME")], "docs.example.com\n");
    assert_eq!(after[Path::new("models/notes.html")], "<!doctype html>\n<p>Mine\n");
}

#[test]
fn a_page_that_is_not_ours_is_not_overwritten() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("idgraph.yml"), PROJECT).unwrap();
    fs::create_dir(folder.path().join("docs-site")).unwrap();
    fs::write(folder.path().join("docs-site/index.html"), "<!doctype html>\n<p>Mine\n").unwrap();
    idgraph(folder.path(), &["docs"])
        .exits(2)
        .says(&["docs-site/index.html exists, and idgraph did not write it"]);
    assert_eq!(files(&folder.path().join("docs-site")).len(), 1);
}

#[test]
fn rendered_sql_in_the_same_folder_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("idgraph.yml"), PROJECT).unwrap();
    idgraph(folder.path(), &["render"]).fine();
    idgraph(folder.path(), &["docs", "--out", "sql"]).fine();
    idgraph(folder.path(), &["render", "--check"]).fine();
    idgraph(folder.path(), &["render"]).fine();
    idgraph(folder.path(), &["docs", "--out", "sql", "--check"]).fine();
}

/// Many events: pages stay small, none has all of them.
#[test]
fn no_page_grows_with_the_number_of_events() {
    let mut project = PROJECT.to_owned();
    let events: String = (0..450)
        .map(|number| format!("  Event {number}: {{ properties: {{ total: float }} }}\n"))
        .collect();
    project = project.replace("  Signed Up:\n", &events);
    let folder = site(&project);
    let largest = pages(&folder).into_iter().map(|(path, html)| (html.len(), path)).max().unwrap();
    assert!(largest.0 < 200_000, "{largest:?}");
    let overview = &pages(&folder)[Path::new("index.html")];
    assert!(text_of(overview).contains("457 views of events"), "one box stands for all");
    assert!(overview.len() < 20_000, "{}", overview.len());
    assert!(pages(&folder).contains_key(Path::new("events/3.html")));
    let graph = &pages(&folder)[Path::new("models/id_graph.html")];
    assert!(text_of(graph).contains("457 views of events"), "one link stands for all");
}
