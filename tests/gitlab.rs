//! `ci/gitlab.yml`: the lines of its job are run, on a repository with a merge request, against a server that keeps notes.

#[path = "support/api.rs"]
mod api;
#[path = "support/command.rs"]
mod command;
#[path = "support/git.rs"]
mod git;
#[path = "support/team.rs"]
mod team;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use api::{Api, TOKEN};
use command::{Run, finish};
use git::git;
use serde_json::Value as Json;
use serde_yaml::Value;
use team::{PullRequest, add_tier, replace, repository, write};
use tempfile::TempDir;

fn job() -> Value {
    let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("ci/gitlab.yml"));
    let yaml: Value = serde_yaml::from_str(&text.expect("the template")).expect("YAML");
    let jobs = yaml.as_mapping().expect("jobs");
    assert_eq!(jobs.len(), 1, "one job");
    yaml["idgraph"].clone()
}

/// A machine with a cargo that installs the idgraph of this test, and idgraph's repository to clone.
struct Machine {
    own: TempDir,
}

impl Machine {
    fn new() -> Self {
        let own = tempfile::tempdir().expect("a folder");
        let root = own.path();
        let cargo = format!(
            "#!/bin/bash\necho \"cargo $*\"\nwhile [ \"$1\" != --root ]; do shift; done\n\
             mkdir -p \"$2/bin\" && cp {} \"$2/bin/\"\n",
            env!("CARGO_BIN_EXE_idgraph")
        );
        write(root, "tools/cargo", &cargo);
        let executable = fs::Permissions::from_mode(0o755);
        fs::set_permissions(root.join("tools/cargo"), executable).expect("executable");
        let source = root.join("source");
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        for file in fs::read_dir(here.join("ci")).expect("the scripts").flatten() {
            let name = file.file_name();
            let text = fs::read_to_string(file.path()).expect("read");
            write(&source, &format!("ci/{}", name.display()), &text);
        }
        for name in ["Cargo.toml", "Cargo.lock", "build.rs", "src/a", "templates/a", "dialects/a"] {
            write(&source, name, "");
        }
        git(&source, &["init", "-q"]);
        git(&source, &["add", "-A"]);
        git(&source, &["commit", "-qm", "one"]);
        Self { own }
    }

    /// Runs the job; further variables come last, an empty name changes nothing.
    fn run(&self, request: &PullRequest, api: &Api, further: &[(&str, &str)]) -> Run {
        let job = job();
        let lines = |key: &str| -> Vec<String> {
            let lines = job[key].as_sequence().expect(key).iter();
            lines.map(|line| line.as_str().expect("a line").to_owned()).collect()
        };
        // As GitLab's runner does: one shell for all lines, which ends with the first that fails.
        let script = [lines("before_script"), lines("script")].concat().join("\n");
        let mut command = Command::new("bash");
        command.args(["-eo", "pipefail", "-c", &script]).current_dir(&request.workspace);
        let path = std::env::var("PATH").expect("a PATH");
        command.env_clear().env("HOME", self.own.path()).env("TMPDIR", self.own.path());
        command.env("PATH", format!("{}:{path}", self.own.path().join("tools").display()));
        for (name, value) in job["variables"].as_mapping().expect("variables") {
            command.env(name.as_str().expect("a name"), value.as_str().expect("a text"));
        }
        let source = self.own.path().join("source");
        command.env("IDGRAPH_URL", format!("file://{}", source.display()));
        let commit = git(&source, &["rev-parse", "HEAD"]);
        let (target, head) = (&request.target, &request.head);
        let left = git(&request.server(), &["merge-base", target, head]);
        for (name, value) in [
            ("CI_PROJECT_DIR", request.workspace.to_str().expect("UTF-8")),
            ("CI_API_V4_URL", &api.url),
            ("CI_PROJECT_ID", "12"),
            ("CI_MERGE_REQUEST_IID", "7"),
            ("CI_MERGE_REQUEST_DIFF_BASE_SHA", &left),
            ("CI_MERGE_REQUEST_TARGET_BRANCH_SHA", ""),
            ("CI_MERGE_REQUEST_SOURCE_BRANCH_SHA", ""),
            ("IDGRAPH_TOKEN", TOKEN),
            ("IDGRAPH_VERSION", commit.trim()),
        ]
        .into_iter()
        .chain(further.iter().copied())
        {
            command.env(name, value);
        }
        finish(command)
    }
}

fn adds_tier() -> PullRequest {
    let server = repository();
    add_tier(server.path());
    PullRequest::of(server)
}

fn api() -> Api {
    let api = Api::start();
    api.with(|state| state.login = Some("project_12_bot"));
    api
}

fn report(request: &PullRequest) -> Vec<Json> {
    let text = fs::read_to_string(request.workspace.join("gl-code-quality-report.json"));
    serde_json::from_str(&text.expect("a report")).expect("JSON")
}

#[test]
fn a_merge_request_is_commented_once_and_the_note_kept_up_to_date() {
    let (machine, request, api) = (Machine::new(), adds_tier(), api());
    request.check_out(&request.head, 20);
    let run = machine.run(&request, &api, &[]).fine();
    assert!(run.stdout.contains("cargo install --quiet --locked"), "{}", run.stdout);
    let note = api.bodies().pop().expect("a note");
    assert!(note.contains("### idgraph: 2 tables and views changed"), "{note}");
    assert_eq!(fs::read_to_string(request.workspace.join("idgraph-comment.md")).expect("it"), note);
    let severities: Vec<Json> =
        report(&request).iter().map(|one| one["severity"].clone()).collect();
    assert!(severities.contains(&"info".into()), "{severities:?}");
    assert!(!severities.contains(&"major".into()), "nothing is wrong: {severities:?}");
    let run = machine.run(&request, &api, &[]).fine();
    assert!(!run.stdout.contains("cargo install"), "the cache has it: {}", run.stdout);
    assert_eq!(api.written(), ["POST", "PUT"]);
    assert_eq!(api.bodies().len(), 1);
    assert!(api.with(|state| state.requests[0].clone()).starts_with("GET /user"));
}

/// A pipeline for merged results has checked out the result of the merge.
#[test]
fn of_merged_results_what_the_target_gained_meanwhile_is_no_change() {
    let (machine, request, api) = (Machine::new(), adds_tier(), api());
    let further = [
        ("CI_MERGE_REQUEST_TARGET_BRANCH_SHA", request.target.as_str()),
        ("CI_MERGE_REQUEST_SOURCE_BRANCH_SHA", request.head.as_str()),
    ];
    machine.run(&request, &api, &further).fine();
    assert!(api.bodies()[0].contains(&format!("Compared with {}.", request.target)));
}

#[test]
fn what_fails_is_in_the_report_and_fails_the_job_after_the_note() {
    let server = repository();
    replace(server.path(), "fixtures/plan.yml", "p1, plan: free }]\n", "p1, plan: pro }]\n");
    let (machine, request, api) = (Machine::new(), PullRequest::of(server), api());
    machine.run(&request, &api, &[]).exits(1);
    assert!(api.bodies()[0].contains("- ❌ `test`"), "{}", api.bodies()[0]);
    let found = report(&request);
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0]["location"]["path"], "fixtures/plan.yml");
    assert_eq!(found[0]["severity"], "major");
}

#[test]
fn without_a_token_there_is_the_report_alone() {
    let (machine, request, api) = (Machine::new(), adds_tier(), api());
    let run = machine.run(&request, &api, &[("IDGRAPH_TOKEN", "")]).fine();
    assert!(run.stdout.contains("no comment: there is no token"), "{}", run.stdout);
    assert_eq!(api.with(|state| state.requests.len()), 0);
    assert!(!report(&request).is_empty());
}

#[test]
fn the_job_runs_no_code_that_nobody_has_named() {
    let (machine, request, api) = (Machine::new(), adds_tier(), api());
    let run = machine.run(&request, &api, &[("IDGRAPH_VERSION", "")]).exits(2);
    run.says(&["say which commit of idgraph to use in the variable IDGRAPH_VERSION"]);
    // By its name a branch works, too, for those who trust it.
    let branch = git(&machine.own.path().join("source"), &["branch", "--show-current"]);
    machine.run(&request, &api, &[("IDGRAPH_VERSION", branch.trim())]).fine();
}

#[test]
fn what_the_job_keeps_is_what_its_script_writes() {
    let job = job();
    let artifacts = &job["artifacts"];
    assert_eq!(artifacts["when"], "always", "what fails is what one wants to see");
    assert_eq!(artifacts["paths"][0], "idgraph-comment.md");
    assert_eq!(artifacts["reports"]["codequality"], "gl-code-quality-report.json");
    assert_eq!(job["cache"]["paths"][0], ".idgraph/");
}
