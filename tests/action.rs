//! `action.yml`: its steps are run, on repositories with a pull request, against a server that keeps comments.

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

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use actions::{Action, Outcome, Runner};
use api::{Api, TOKEN};
use git::git;
use serde_json::json;
use sha2::{Digest, Sha256};
use team::{PullRequest, add_tier, replace, repository, write};

const INSTALLED: (&str, &str) = ("version", "installed");

/// A machine on which a pull request is checked out, with idgraph on its PATH.
fn runner(request: &PullRequest, api: &Api) -> Runner {
    Runner::of(request, api, tempfile::tempdir().expect("a folder"))
}

/// A pull request that adds a trait with all that belongs to it.
fn adds_tier() -> PullRequest {
    let server = repository();
    add_tier(server.path());
    PullRequest::of(server)
}

/// A pull request with a fixture that does not come out, and a warning.
fn breaks_things() -> PullRequest {
    let server = repository();
    let root = server.path();
    replace(root, "idgraph.yml", "plan: {", "price: float\n    plan: {");
    replace(root, "fixtures/plan.yml", "p1, plan: free }]\n", "p1, plan: pro }]\n");
    PullRequest::of(server)
}

/// Runs the action; returns the outcome and its exit code.
fn run(runner: &Runner, with: &[(&str, &str)]) -> (Outcome, String) {
    let outcome = Action::read().run(runner, &[&[INSTALLED], with].concat());
    let code = outcome.outputs.get("exit-code").cloned().unwrap_or_default();
    (outcome, code)
}

#[test]
fn a_change_is_commented_once_and_the_comment_kept_up_to_date() {
    let (request, api) = (adds_tier(), Api::start());
    let runner = runner(&request, &api);
    let (outcome, code) = run(&runner, &[]);
    assert_eq!((code.as_str(), outcome.failed.as_slice()), ("0", [].as_slice()), "{}", outcome.log);
    let comment = api.bodies().pop().expect("a comment");
    assert!(comment.contains("### idgraph: 2 tables and views changed"), "{comment}");
    assert!(comment.contains("| `acme.profile_traits` | changed | + `tier` text |"), "{comment}");
    assert!(comment.contains("- ✅ `migrate check`"), "{comment}");
    assert!(
        !comment.contains("elsewhere"),
        "main moved on, which is not of this change: {comment}"
    );
    assert_eq!(outcome.summary, comment, "the summary says the same");
    assert_eq!(fs::read_to_string(&outcome.outputs["comment"]).expect("the file"), comment);
    assert!(outcome.log.contains("\n::notice file=idgraph.yml,line=5,"), "{}", outcome.log);
    assert_eq!(api.written(), ["POST"]);

    // The next push says something else, in the same place.
    write(&request.workspace, "fixtures/second.yml", team::FIXTURE);
    let (outcome, code) = run(&runner, &[]);
    assert_eq!(code, "0", "{}", outcome.log);
    assert_eq!(api.written(), ["POST", "PATCH"]);
    let bodies = api.bodies();
    assert_eq!(bodies.len(), 1);
    assert!(bodies[0].contains("- ✅ `test`: 2 fixtures"), "{}", bodies[0]);

    // And the last takes all of it back.
    git(&request.workspace, &["checkout", "-q", "-f", &request.target]);
    let (outcome, _) = run(&runner, &[("base", &request.target)]);
    assert!(api.bodies()[0].contains("### idgraph: no difference"), "{}", outcome.log);
}

#[test]
fn what_fails_hides_nothing_and_fails_the_last_step_alone() {
    let (request, api) = (breaks_things(), Api::start());
    let runner = runner(&request, &api);
    let (outcome, code) = run(&runner, &[]);
    assert_eq!((code.as_str(), outcome.failed.as_slice()), ("1", ["Result".to_owned()].as_slice()));
    let comment = &api.bodies()[0];
    for words in ["- ❌ `render --check`", "- ✅ `lint`", "- ❌ `migrate check`", "- ❌ `test`"]
    {
        assert!(comment.contains(words), "{words}: {comment}");
    }
    assert!(comment.contains("| + `price` real |"), "the difference is shown, too: {comment}");
    for begins in ["::error file=fixtures/plan.yml,line=6", "::warning file=idgraph.yml,line=5"] {
        assert!(outcome.log.lines().any(|line| line.starts_with(begins)), "{}", outcome.log);
    }
    let (_, code) = run(&runner, &[("deny-warnings", "true")]);
    assert_eq!(code, "1");
    assert!(api.bodies()[0].contains("- ❌ `lint`"), "{}", api.bodies()[0]);
}

#[test]
fn a_mistake_in_the_project_file_is_shown_and_fails() {
    let server = repository();
    replace(server.path(), "idgraph.yml", "varchar", "varchr");
    let (request, api) = (PullRequest::of(server), Api::start());
    let (outcome, code) = run(&runner(&request, &api), &[]);
    assert_eq!((code.as_str(), outcome.failed.as_slice()), ("2", ["Result".to_owned()].as_slice()));
    assert!(api.bodies()[0].contains("did you mean `varchar`?"), "{}", api.bodies()[0]);
    assert!(outcome.log.contains("\n::error file=idgraph.yml,line=5,"), "{}", outcome.log);
}

/// GitHub gives a fork's pull request a token that only reads.
#[test]
fn a_fork_gets_its_results_without_a_comment() {
    let (request, api) = (adds_tier(), Api::start());
    api.with(|state| state.reads_only = true);
    let mut runner = runner(&request, &api);
    let (outcome, code) = run(&runner, &[]);
    assert_eq!((code.as_str(), outcome.failed.as_slice()), ("0", [].as_slice()), "{}", outcome.log);
    assert!(outcome.summary.contains("+ `tier` text"), "{}", outcome.summary);
    assert!(outcome.log.contains("no comment: the token may not write one, status 403"));
    assert_eq!(api.bodies().len(), 0);

    runner.github.insert("token", String::new());
    let (outcome, _) = run(&runner, &[]);
    assert!(outcome.log.contains("no comment: there is no token"), "{}", outcome.log);
    runner.github.insert("token", "wrong".to_owned());
    let (outcome, _) = run(&runner, &[]);
    assert!(outcome.log.contains("status 401"), "{}", outcome.log);
    assert!(outcome.failed.is_empty(), "{:?}", outcome.failed);
}

#[test]
fn nothing_is_said_where_there_is_nothing_to_say() {
    let (request, api) = (PullRequest::of(repository()), Api::start());
    let runner = runner(&request, &api);
    let (outcome, code) = run(&runner, &[]);
    assert_eq!(code, "0", "{}", outcome.log);
    assert!(outcome.log.contains("no comment: there is nothing to say"), "{}", outcome.log);
    assert!(outcome.summary.contains("### idgraph: no difference"), "{}", outcome.summary);
    assert_eq!(api.written().len(), 0);
}

#[test]
fn no_comment_is_written_when_none_is_wanted_or_it_is_no_pull_request() {
    let (request, api) = (adds_tier(), Api::start());
    let mut runner = runner(&request, &api);
    let (outcome, _) = run(&runner, &[("comment", "false")]);
    assert!(outcome.summary.contains("+ `tier` text"), "{}", outcome.summary);
    assert_eq!(api.with(|state| state.requests.len()), 0);

    for name in ["number", "base.sha", "head.sha"] {
        let key = [
            "event.pull_request.number",
            "event.pull_request.base.sha",
            "event.pull_request.head.sha",
        ];
        let key = key.into_iter().find(|key| key.ends_with(name)).expect("a key");
        runner.github.insert(key, String::new());
    }
    let (outcome, code) = run(&runner, &[]);
    assert_eq!(code, "0", "{}", outcome.log);
    assert!(outcome.log.contains("no comment: this is no pull request"), "{}", outcome.log);
    assert!(outcome.summary.contains("### idgraph: all is well"), "{}", outcome.summary);
    assert_eq!(api.written().len(), 0);
}

/// Anybody can write the line that tells the comment from others.
#[test]
fn a_comment_of_somebody_else_is_left_alone() {
    let (request, api) = (adds_tier(), Api::start());
    let marker = "<!-- idgraph check: idgraph.yml -->\nTake this\n";
    let other = |id: usize, body: &str, kind: &str| json!({ "id": id, "body": body, "user": { "login": "mallory", "type": kind } });
    api.with(|state| {
        // More than a page of them.
        state.comments = (1..=120).map(|id| other(id, "Looks good", "User")).collect();
        state.comments[3] = other(4, marker, "User");
        state.comments[4] = other(5, "<!-- idgraph check: other/idgraph.yml -->\n", "Bot");
        state.comments[5] = other(6, "As said: <!-- idgraph check: idgraph.yml -->", "Bot");
        state.comments[6]["body"] = json!(null);
    });
    let runner = runner(&request, &api);
    run(&runner, &[]);
    run(&runner, &[]);
    assert_eq!(api.written(), ["POST", "PATCH"], "found again on the second page");
    assert_eq!(api.body_of(4), marker);
    assert!(api.body_of(121).contains("+ `tier` text"));

    // A token of a person's own says who it is.
    api.with(|state| state.login = Some("release-team"));
    run(&runner, &[]);
    run(&runner, &[]);
    assert_eq!(api.written(), ["POST", "PATCH", "POST", "PATCH"]);
}

/// GitHub's editor ends lines otherwise.
#[test]
fn a_comment_that_was_edited_is_found_again() {
    let (request, api) = (adds_tier(), Api::start());
    let body = "<!-- idgraph check: idgraph.yml -->\r\nbefore\r\n";
    let one =
        json!({ "id": 1, "body": body, "user": { "login": "github-actions[bot]", "type": "Bot" } });
    api.with(|state| state.comments.push(one));
    run(&runner(&request, &api), &[]);
    assert_eq!(api.written(), ["PATCH"]);
}

#[test]
fn a_branch_that_is_checked_out_itself_is_compared_with_where_it_left_main() {
    let (request, api) = (adds_tier(), Api::start());
    request.check_out(&request.head, 1);
    let (outcome, code) = run(&runner(&request, &api), &[]);
    assert_eq!(code, "0", "{}", outcome.log);
    assert!(
        outcome.summary.contains("### idgraph: 2 tables and views changed"),
        "{}",
        outcome.summary
    );
    let left = git(&request.server(), &["merge-base", &request.target, &request.head]);
    assert!(outcome.summary.contains(&format!("Compared with {left}.")), "{}", outcome.summary);
}

#[test]
fn a_base_that_is_given_is_fetched_and_one_that_is_not_there_is_told() {
    let (request, api) = (adds_tier(), Api::start());
    let runner = runner(&request, &api);
    let (outcome, code) = run(&runner, &[("base", "main")]);
    assert_eq!(code, "0", "{}", outcome.log);
    assert!(outcome.summary.contains("+ `tier` text"), "{}", outcome.summary);
    let (outcome, code) = run(&runner, &[("base", "no-such-branch")]);
    assert_eq!(code, "2");
    assert!(
        outcome.summary.contains("git knows no revision `no-such-branch`"),
        "{}",
        outcome.summary
    );
    assert!(outcome.summary.contains("- ✅ `lint`"), "the rest is checked: {}", outcome.summary);
}

#[test]
fn a_project_in_a_folder_is_annotated_by_its_path() {
    let server = tempfile::tempdir().expect("a folder");
    let root = server.path();
    let project = root.join("ware house");
    git(root, &["init", "-q"]);
    write(&project, "idgraph.yml", team::PROJECT);
    git(root, &["add", "-A"]);
    git(root, &["commit", "-qm", "one"]);
    git(root, &["checkout", "-qb", "topic"]);
    replace(&project, "idgraph.yml", "columns:\n", "columns:\n    tier: varchar\n");
    let (request, api) = (PullRequest::of(server), Api::start());
    let (outcome, code) = run(&runner(&request, &api), &[("project", "ware house/idgraph.yml")]);
    assert_eq!(code, "0", "{}", outcome.log);
    assert!(
        outcome.log.contains("\n::notice file=ware house/idgraph.yml,line=5,"),
        "{}",
        outcome.log
    );
    assert!(api.bodies()[0].starts_with("<!-- idgraph check: ware house/idgraph.yml -->\n"));
}

/// What somebody chose is text, and never a command, an option or a command to the runner.
#[test]
fn hostile_names_and_inputs_do_nothing() {
    let server = repository();
    let root = server.path();
    let evil = "$(touch${IFS}pwned)`touch${IFS}pwned`;touch${IFS}pwned;#";
    git(root, &["checkout", "-qb", "x'$(touch${IFS}pwned)`touch${IFS}pwned`"]);
    write(root, &format!("fixtures/{evil}.yml"), team::FIXTURE);
    replace(
        root,
        "idgraph.yml",
        "plan: {",
        "price: float # ##[error]pwned-x ::warning::pwned-x\n    plan: {",
    );
    add_tier(root);
    let (request, api) = (PullRequest::of(server), Api::start());
    let runner = runner(&request, &api);
    let (outcome, _) = run(&runner, &[]);
    assert!(outcome.summary.contains("- ✅ `test`: 2 fixtures"), "{}", outcome.summary);

    // What is shown of a file stands where the runner listens to nothing.
    let (mut open, mut stops) = (None, 0);
    for line in outcome.log.lines() {
        match (&open, line.strip_prefix("::stop-commands::")) {
            (None, Some(token)) => {
                assert_eq!(token.len(), 32, "{token}");
                open = Some(format!("::{token}::"));
                stops += 1;
            }
            (Some(end), _) if line == end => open = None,
            (None, None) => assert!(!line.contains("##[") || line.starts_with("::"), "{line}"),
            _ => {}
        }
    }
    assert_eq!((open, stops), (None, 1), "{}", outcome.log);
    assert!(outcome.log.contains("##[error]pwned-x"), "it is shown: {}", outcome.log);

    for input in ["project", "base", "deny-warnings", "comment", "token", "version"] {
        for text in [
            evil,
            "\";touch pwned;\"",
            "--help",
            "--upload-pack=touch pwned",
            "x\ncode=0\ntouch pwned",
            "--output=pwned",
            "main:pwned",
        ] {
            let outcome = Action::read().run(&runner, &[INSTALLED, (input, text)]);
            let is_told = outcome.summary.contains("git knows no revision");
            assert_eq!(is_told, input == "base", "{input} {text}: {}", outcome.summary);
            let is_checked = matches!(input, "project" | "base" | "version");
            assert_eq!(!outcome.failed.is_empty(), is_checked, "{input} {text}: {}", outcome.log);
        }
    }
    let pwned = git(&request.workspace, &["status", "--porcelain"]);
    assert_eq!(pwned, "", "nothing in the repository changed");
    assert!(!git(&request.workspace, &["branch", "-a"]).contains("pwned"));
    assert!(!runner.own.path().join("pwned").exists());
}

#[test]
fn the_token_is_no_argument_of_any_process() {
    let (request, api) = (adds_tier(), Api::start());
    let runner = runner(&request, &api);
    // A curl that tells its arguments, and does its work.
    let curl = "#!/bin/bash\nprintf '%s\\n' \"$@\" >>\"$HOME/curl.log\"\nPATH=${PATH#*:}\nexec curl \"$@\"\n";
    tool(&runner, "curl", curl);
    run(&runner, &[]);
    assert_eq!(api.bodies().len(), 1);
    let arguments = fs::read_to_string(runner.own.path().join("curl.log")).expect("a log");
    assert!(arguments.contains("/issues/7/comments"), "{arguments}");
    assert!(!arguments.contains(TOKEN), "{arguments}");
}

fn tool(runner: &Runner, name: &str, script: &str) {
    let path = runner.path[0].join(name);
    fs::write(&path, script).expect("write");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("executable");
}

/// A machine without idgraph, and a cargo that installs the one of this test and tells what it was asked.
fn builder(request: &PullRequest, api: &Api) -> Runner {
    let runner = runner(request, api);
    fs::remove_file(runner.path[0].join("idgraph")).expect("remove");
    let cargo = format!(
        "#!/bin/bash\necho \"cargo $*\"\nwhile [ \"$1\" != --root ]; do shift; done\n\
         mkdir -p \"$2/bin\" && cp {} \"$2/bin/\"\n",
        env!("CARGO_BIN_EXE_idgraph")
    );
    tool(&runner, "cargo", &cargo);
    runner
}

#[test]
fn it_is_built_from_the_actions_own_files_once() {
    let (request, api) = (adds_tier(), Api::start());
    let mut runner = builder(&request, &api);
    let action = Action::read();
    let outcome = action.run(&runner, &[]);
    let path = format!("--path {}", env!("CARGO_MANIFEST_DIR"));
    assert!(
        outcome.log.contains("cargo install --quiet --locked --force --root "),
        "{}",
        outcome.log
    );
    assert!(outcome.log.contains(&path), "{}", outcome.log);
    assert_eq!(outcome.outputs["exit-code"], "0", "{}", outcome.log);
    let key = |outcome: &Outcome| {
        let line = outcome.log.lines().find(|line| line.starts_with("cache ")).map(str::to_owned);
        line.expect("a cache")
    };
    let built = key(&outcome);
    assert!(!built.ends_with('-') && !built.contains("main"), "a branch moves: {built}");
    assert_eq!(
        api.with(|state| state.requests.iter().filter(|one| one.contains("releases")).count()),
        0
    );

    // What the cache brings is taken as it is, unless it does not run here.
    let another = builder(&request, &api);
    runner.own = another.own;
    runner.path = another.path;
    runner.cached = Some(env!("CARGO_BIN_EXE_idgraph").into());
    let outcome = action.run(&runner, &[]);
    assert_eq!(key(&outcome), built, "the same files, the same key");
    assert!(!outcome.log.contains("cargo install"), "{}", outcome.log);
    assert_eq!(outcome.outputs["exit-code"], "0", "{}", outcome.log);
    runner.cached = Some(Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml"));
    let outcome = action.run(&runner, &[]);
    assert!(outcome.log.contains("cargo install"), "{}", outcome.log);
}

#[test]
fn a_release_is_downloaded_and_its_checksum_held_against_it() {
    let (request, api) = (adds_tier(), Api::start());
    let mut runner = builder(&request, &api);
    runner.github.insert("action_ref", "v1.2.3".to_owned());
    let name = format!("v1.2.3/idgraph-{}-unknown-linux-gnu.tar.gz", std::env::consts::ARCH);
    let binary = Path::new(env!("CARGO_BIN_EXE_idgraph"));
    let archive = runner.own.path().join("release.tar.gz");
    let mut tar = std::process::Command::new("tar");
    tar.arg("-czf").arg(&archive).arg("-C").arg(binary.parent().expect("a folder")).arg("idgraph");
    assert!(tar.status().expect("tar").success());
    let archive = fs::read(archive).expect("the release");
    let sum: String = Sha256::digest(&archive).iter().map(|byte| format!("{byte:02x}")).collect();
    let publish = |sum: &str| {
        api.with(|state| {
            state.files.insert(name.clone(), archive.clone());
            state.files.insert(format!("{name}.sha256"), format!("{sum}  any\n").into_bytes());
        });
    };
    let action = Action::read();

    publish(&"0".repeat(64));
    let outcome = action.run(&runner, &[]);
    assert_eq!(outcome.failed, ["Install"], "{}", outcome.log);
    assert!(outcome.log.contains("is not what its checksum says"), "{}", outcome.log);
    assert!(!outcome.log.contains("cargo install"), "{}", outcome.log);

    publish(&sum);
    let outcome = action.run(&runner, &[]);
    assert!(outcome.log.contains("cache idgraph-Linux-X64-v1.2.3\n"), "{}", outcome.log);
    assert!(!outcome.log.contains("cargo install"), "{}", outcome.log);
    assert_eq!(outcome.outputs["exit-code"], "0", "{}", outcome.log);

    // Of another version there is no binary for this machine: it is built from its own source.
    let another = builder(&request, &api);
    (runner.own, runner.path) = (another.own, another.path);
    let outcome = action.run(&runner, &[("version", "v2.0.0-rc.1")]);
    let from = format!("--git {}/idgraph/idgraph --tag v2.0.0-rc.1 idgraph", api.url);
    assert!(outcome.log.contains(&from), "{}", outcome.log);
    let another = builder(&request, &api);
    (runner.own, runner.path) = (another.own, another.path);
    let commit = "0123456789abcdef0123456789abcdef01234567";
    let outcome = action.run(&runner, &[("version", commit)]);
    assert!(outcome.log.contains(&format!("--rev {commit} idgraph")), "{}", outcome.log);
}

/// An expression in a script is filled in before the shell reads it: whoever chooses its value chooses the command.
#[test]
fn no_script_holds_an_expression_and_every_input_is_used_and_explained() {
    let action = Action::read();
    let mut used = BTreeSet::new();
    for step in action.steps() {
        let script = step["run"].as_str().unwrap_or_default();
        assert!(!script.contains("${{"), "{script}");
        let values = ["env", "with"].into_iter().filter_map(|key| step[key].as_mapping()).flatten();
        let texts = values.filter_map(|(_, value)| value.as_str()).chain(step["if"].as_str());
        for text in texts {
            used.extend(text.match_indices("inputs.").map(|(at, _)| {
                let rest = text.get(at + "inputs.".len()..).unwrap_or_default();
                let is_end = |char: char| !char.is_ascii_alphanumeric() && char != '-';
                rest.split(is_end).next().unwrap_or_default().to_owned()
            }));
        }
    }
    let declared: BTreeSet<String> = action.inputs().into_keys().collect();
    assert_eq!(used, declared);
}
