//! `examples/bookshop`: a team's repository with a pull request, played through with the scripts that CI runs. What is rendered
//! in it is as idgraph renders it; `UPDATE=1 cargo test --test example` writes it anew. And `docs/pull-requests.md`, whose files
//! it has.

#[path = "support/actions.rs"]
mod actions;
#[path = "support/api.rs"]
mod api;
#[path = "support/command.rs"]
mod command;
#[path = "support/git.rs"]
mod git;
#[path = "support/team.rs"]
mod team;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use actions::{Action, Runner};
use api::Api;
use command::idgraph;
use git::git;
use serde_yaml::Value;
use team::{PullRequest, write};
use tempfile::TempDir;

const PAGE: &str = include_str!("../docs/pull-requests.md");

/// What idgraph writes into a repository.
const RENDERED: [&str; 2] = ["sql", "migrations"];

fn example() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/bookshop")
}

/// All files below a folder, without git's own.
fn files(root: &Path) -> BTreeMap<PathBuf, String> {
    let mut files = BTreeMap::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("a folder").flatten() {
            let path = entry.path();
            if entry.file_name() == ".git" {
                continue;
            }
            if path.is_dir() {
                folders.push(path);
            } else {
                let below = path.strip_prefix(root).expect("below").to_owned();
                files.insert(below, fs::read_to_string(path).expect("a text"));
            }
        }
    }
    files
}

fn is_rendered(path: &Path) -> bool {
    RENDERED.iter().any(|folder| path.starts_with(folder))
}

/// Puts files into a repository, those that idgraph writes apart.
fn put(root: &Path, from: &Path) {
    for (path, text) in files(from).into_iter().filter(|(path, _)| !is_rendered(path)) {
        write(root, path.to_str().expect("UTF-8"), &text);
    }
}

/// The repository with its branch, everything in it rendered; and the files of main, and those of the branch that differ.
fn played() -> (TempDir, [BTreeMap<PathBuf, String>; 2]) {
    let server = tempfile::tempdir().expect("a folder");
    let root = server.path();
    git(root, &["init", "-q"]);
    put(root, &example().join("main"));
    idgraph(root, &["render"]).fine();
    idgraph(root, &["migrate", "new", "initial"]).fine();
    git(root, &["add", "-A"]);
    git(root, &["commit", "-qm", "The bookshop"]);
    let main = files(root);
    git(root, &["checkout", "-qb", "loyalty-tier"]);
    put(root, &example().join("pull-request"));
    idgraph(root, &["render"]).fine();
    idgraph(root, &["migrate", "new"]).fine();
    let mut branch = files(root);
    branch.retain(|path, text| main.get(path) != Some(text));
    (server, [main, branch])
}

fn as_it_is(folder: &Path, wanted: &BTreeMap<PathBuf, String>) {
    if std::env::var_os("UPDATE").is_some() {
        for rendered in RENDERED {
            let _ = fs::remove_dir_all(folder.join(rendered));
        }
        for (path, text) in wanted {
            write(folder, path.to_str().expect("UTF-8"), text);
        }
    }
    let found = files(folder);
    let name = folder.display();
    assert_eq!(
        found.keys().collect::<Vec<_>>(),
        wanted.keys().collect::<Vec<_>>(),
        "the files of {name}; UPDATE=1 writes them"
    );
    for (path, text) in wanted {
        assert!(found[path] == *text, "{name}/{} is another; UPDATE=1 writes it", path.display());
    }
}

#[test]
fn the_files_are_those_that_idgraph_writes() {
    let (_server, [main, branch]) = played();
    as_it_is(&example().join("main"), &main);
    as_it_is(&example().join("pull-request"), &branch);
    for begins in
        ["sql/postgres/30_profile_traits.sql", "migrations/postgres/0002_add_loyalty_tier.sql"]
    {
        assert!(branch.contains_key(Path::new(begins)), "{:?}", branch.keys());
    }
}

#[test]
fn the_pull_request_is_fine_and_its_comment_fits_on_a_screen() {
    let (server, _) = played();
    let request = PullRequest::of(server);
    let api = Api::start();
    let own = tempfile::tempdir().expect("a folder");
    let runner = Runner::of(&request, &api, own);
    // What the team's own workflow gives the action.
    let (inputs, _) =
        workflow(&fs::read_to_string(example().join("main").join(WORKFLOW)).expect("it"));
    assert!(inputs.is_empty());
    let outcome = Action::read().run(&runner, &[("version", "installed")]);
    assert_eq!(outcome.outputs["exit-code"], "0", "{}", outcome.log);
    let bodies = api.bodies();
    assert_eq!(bodies.len(), 1);
    // The commit is another every time.
    let comment = bodies[0].replace(&request.target, "main");
    if std::env::var_os("UPDATE").is_some() {
        fs::write(example().join("comment.md"), &comment).expect("write");
    }
    let expected = fs::read_to_string(example().join("comment.md")).unwrap_or_default();
    assert_eq!(expected, comment, "UPDATE=1 writes it");

    // What is folded takes a line; what only tells parts apart takes none.
    let (mut shown, mut is_folded) = (0, false);
    for line in comment.lines() {
        let is_mark = line.is_empty()
            || line.starts_with("<!--")
            || line.starts_with("```")
            || line.starts_with("| ---");
        shown += usize::from(!is_folded && !is_mark);
        is_folded = (is_folded || line.starts_with("<details>")) && !line.starts_with("</details>");
    }
    assert!(shown <= 30, "{shown} lines:\n{comment}");
}

const WORKFLOW: &str = ".github/workflows/idgraph.yml";

/// The inputs that a workflow gives the action, and the permissions that it has.
fn workflow(text: &str) -> (BTreeSet<String>, BTreeMap<String, String>) {
    let yaml: Value = serde_yaml::from_str(text).expect("YAML");
    let name = |value: &Value| value.as_str().expect("a text").to_owned();
    let steps = yaml["jobs"]["idgraph"]["steps"].as_sequence().expect("steps");
    let is_ours = |step: &&Value| name(&step["uses"]).starts_with("idgraph/idgraph@");
    let ours: Vec<&Value> = steps.iter().filter(is_ours).collect();
    assert_eq!(ours.len(), 1, "{text}");
    let inputs = ours[0]["with"].as_mapping().into_iter().flatten();
    let permissions = yaml["permissions"].as_mapping().expect("permissions").iter();
    (
        inputs.map(|(input, _)| name(input)).collect(),
        permissions.map(|(what, access)| (name(what), name(access))).collect(),
    )
}

/// The blocks of YAML of the page, in order.
fn blocks() -> Vec<&'static str> {
    PAGE.split("```yaml\n").skip(1).filter_map(|rest| rest.split("```").next()).collect()
}

/// What stands in backticks in the first cells of the table that begins with a heading.
fn first_cells(heading: &str) -> BTreeSet<String> {
    let (_, table) = PAGE.split_once(&format!("\n| {heading} |")).expect("a table");
    let rows = table.lines().skip(2).take_while(|line| line.starts_with('|'));
    rows.filter_map(|line| line.split('`').nth(1)).map(str::to_owned).collect()
}

#[test]
fn the_files_of_the_page_are_those_of_the_example_and_name_what_there_is() {
    let main = example().join("main");
    let of = |name: &str| fs::read_to_string(main.join(name)).expect(name);
    let blocks = blocks();
    assert_eq!(blocks, [of(WORKFLOW), of(".gitlab-ci.yml"), of(".pre-commit-config.yaml")]);

    let action = Action::read();
    let declared: BTreeSet<String> = action.inputs().into_keys().collect();
    let (inputs, permissions) = workflow(blocks[0]);
    assert!(inputs.is_subset(&declared), "{inputs:?}");
    let least = [("contents", "read"), ("pull-requests", "write")];
    assert_eq!(permissions, least.map(|(a, b)| (a.to_owned(), b.to_owned())).into());
    assert_eq!(first_cells("input"), declared);
    let outputs = action.yaml["outputs"].as_mapping().expect("outputs").keys();
    let outputs: BTreeSet<String> =
        outputs.map(|name| name.as_str().expect("a name").to_owned()).collect();
    assert_eq!(first_cells("output"), outputs);

    let text = |name: &str| fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(name));
    let template: Value =
        serde_yaml::from_str(&text("ci/gitlab.yml").expect("the template")).expect("YAML");
    let used: Value = serde_yaml::from_str(blocks[1]).expect("YAML");
    let remote = used["include"][0]["remote"].as_str().expect("an address");
    assert!(remote.ends_with("/<commit>/ci/gitlab.yml"), "{remote}");
    let known = template["idgraph"]["variables"].as_mapping().expect("variables");
    for name in used["idgraph"]["variables"].as_mapping().expect("variables").keys() {
        assert!(known.contains_key(name), "{name:?}");
    }
    // One more is no variable of the template: a secret.
    let names = known.keys().map(|name| name.as_str().expect("a name").to_owned());
    let names: BTreeSet<String> = names.chain(["IDGRAPH_TOKEN".to_owned()]).collect();
    assert_eq!(first_cells("variable"), names);

    let hooks: Value =
        serde_yaml::from_str(&text(".pre-commit-hooks.yaml").expect("the hooks")).expect("YAML");
    let ids = |hooks: &Value| -> Vec<Value> {
        hooks.as_sequence().expect("hooks").iter().map(|hook| hook["id"].clone()).collect()
    };
    let used: Value = serde_yaml::from_str(blocks[2]).expect("YAML");
    assert_eq!(ids(&used["repos"][0]["hooks"]), ids(&hooks));
}

/// The page explains every check under the name that the command has for it.
#[test]
fn every_check_is_explained() {
    let folder = team::repository();
    let run = idgraph(folder.path(), &["check"]).fine();
    let lines = run.stdout.lines().take_while(|line| !line.is_empty());
    let names: BTreeSet<String> = lines
        .filter_map(|line| line.get(4..)?.trim_start().split("  ").next().map(str::to_owned))
        .collect();
    assert_eq!(names.len(), 5, "{names:?}");
    assert_eq!(first_cells("check"), names);
}
