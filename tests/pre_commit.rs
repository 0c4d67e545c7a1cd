//! `.pre-commit-hooks.yaml`: its entries are commands that there are, and each finds what it is there for.

#[path = "support/command.rs"]
mod command;
#[path = "support/git.rs"]
mod git;
#[path = "support/team.rs"]
mod team;

use std::fs;
use std::path::Path;

use command::{Run, idgraph};
use serde_yaml::Value;
use team::{replace, repository};

/// The hooks, by their ids.
fn hooks() -> Vec<(String, Value)> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(".pre-commit-hooks.yaml");
    let yaml: Value =
        serde_yaml::from_str(&fs::read_to_string(path).expect("the hooks")).expect("YAML");
    let id = |hook: &Value| hook["id"].as_str().expect("an id").to_owned();
    yaml.as_sequence().expect("hooks").iter().map(|hook| (id(hook), hook.clone())).collect()
}

/// Runs a hook's entry as pre-commit does: its words, and no file names.
fn run(hook: &Value, root: &Path) -> Run {
    assert_eq!(hook["pass_filenames"], false);
    assert_eq!(hook["language"], "rust");
    let words: Vec<&str> = hook["entry"].as_str().expect("an entry").split(' ').collect();
    let (program, arguments) = words.split_first().expect("a program");
    assert_eq!(*program, "idgraph");
    idgraph(root, arguments)
}

#[test]
fn each_passes_what_is_fine_and_finds_what_is_not() {
    for (id, from, to) in [
        ("idgraph-render", "plan: { type: varchar }", "plan: { type: integer }"),
        ("idgraph-lint", "traits:\n", "traits: # idgraph: allow no-such-rule because\n"),
        ("idgraph-migrate", "plan: { type: varchar }", "tier: { type: varchar }"),
        ("idgraph-test", "traits:\n", "traits:\n  null_means: unset\n"),
    ] {
        let (_, hook) = hooks().into_iter().find(|(one, _)| one == id).expect(id);
        let folder = repository();
        run(&hook, folder.path()).fine();
        if id == "idgraph-test" {
            replace(
                folder.path(),
                "fixtures/plan.yml",
                "p1, plan: free }]\n",
                "p1, plan: pro }]\n",
            );
        } else {
            replace(folder.path(), "idgraph.yml", from, to);
        }
        run(&hook, folder.path()).exits(1);
    }
    assert_eq!(hooks().len(), 4);
}
