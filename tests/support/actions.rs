//! Steps of a composite action, run as GitHub's runner does it: what they read must be declared, or the run ends.
#![allow(dead_code, reason = "each test file uses a part of it")]

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_yaml::Value;
use tempfile::TempDir;

use crate::api::{Api, TOKEN};
use crate::git::git;
use crate::team::PullRequest;

/// What `action.yml` says.
pub struct Action {
    pub yaml: Value,
}

/// A machine, its checked out repository and what the event says.
pub struct Runner {
    /// The repository that is checked out.
    pub workspace: PathBuf,
    /// What `${{ github.… }}` is, by its name behind `github.`.
    pub github: BTreeMap<&'static str, String>,
    /// Folders in front of the machine's PATH.
    pub path: Vec<PathBuf>,
    /// Whether the cache has what is asked for: the files to put there.
    pub cached: Option<PathBuf>,
    /// The runner's own folder.
    pub own: TempDir,
}

impl Runner {
    /// A machine on which a pull request is checked out, with idgraph on its PATH.
    pub fn of(request: &PullRequest, api: &Api, own: TempDir) -> Self {
        let tools = own.path().join("tools");
        fs::create_dir(&tools).expect("a folder");
        symlink(env!("CARGO_BIN_EXE_idgraph"), tools.join("idgraph")).expect("a link");
        Self {
            workspace: request.workspace.clone(),
            github: BTreeMap::from([
                ("token", TOKEN.to_owned()),
                ("action_ref", "main".to_owned()),
                ("action_repository", "idgraph/idgraph".to_owned()),
                ("server_url", api.url.clone()),
                ("api_url", api.url.clone()),
                ("repository", "acme/warehouse".to_owned()),
                ("event_name", "pull_request".to_owned()),
                ("sha", git(&request.workspace, &["rev-parse", "HEAD"])),
                ("event.pull_request.number", "7".to_owned()),
                ("event.pull_request.base.sha", request.target.clone()),
                ("event.pull_request.head.sha", request.head.clone()),
            ]),
            path: vec![tools],
            cached: None,
            own,
        }
    }
}

/// What a run of all steps leaves behind.
pub struct Outcome {
    /// The names of the steps that failed.
    pub failed: Vec<String>,
    /// What all steps printed, in order.
    pub log: String,
    /// The summary of the job.
    pub summary: String,
    /// The action's outputs.
    pub outputs: BTreeMap<String, String>,
}

/// What GitHub gives every step, besides files of the runner.
const VARIABLES: [(&str, &str); 5] = [
    ("GITHUB_API_URL", "api_url"),
    ("GITHUB_REPOSITORY", "repository"),
    ("GITHUB_SERVER_URL", "server_url"),
    ("GITHUB_EVENT_NAME", "event_name"),
    ("GITHUB_SHA", "sha"),
];

type Outputs = BTreeMap<String, BTreeMap<String, String>>;

struct Context<'a> {
    runner: &'a Runner,
    inputs: BTreeMap<String, String>,
    steps: Outputs,
}

impl Context<'_> {
    /// The value of `steps.check.outputs.code` and its like.
    fn value(&self, name: &str) -> String {
        let parts: Vec<&str> = name.split('.').collect();
        match parts.as_slice() {
            ["inputs", input] => self.inputs.get(*input).cloned(),
            ["steps", step, "outputs", output] => {
                let outputs = self.steps.get(*step);
                outputs.map(|outputs| outputs.get(*output).cloned().unwrap_or_default())
            }
            ["runner", "os"] => Some("Linux".to_owned()),
            ["runner", "arch"] => Some("X64".to_owned()),
            ["github", ..] => self.runner.github.get(&name["github.".len()..]).cloned(),
            _ => None,
        }
        .unwrap_or_else(|| panic!("nothing declares `{name}`"))
    }

    /// A text with its expressions filled in.
    fn filled(&self, text: &str) -> String {
        let mut parts = text.split("${{");
        let mut filled = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let (expression, rest) = part.split_once("}}").expect("an end");
            filled.push_str(&self.value(expression.trim()));
            filled.push_str(rest);
        }
        filled
    }

    /// Whether `a == 'b'` or `a != 'b'` holds.
    fn holds(&self, condition: &str) -> bool {
        let (name, is_equal, word) =
            match (condition.split_once(" == "), condition.split_once(" != ")) {
                (Some((name, word)), None) => (name, true, word),
                (None, Some((name, word))) => (name, false, word),
                _ => panic!("a condition of another form: {condition}"),
            };
        let word = word.strip_prefix('\'').and_then(|word| word.strip_suffix('\''));
        (self.value(name) == word.expect("quotes")) == is_equal
    }
}

impl Action {
    pub fn read() -> Self {
        let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("action.yml"));
        Self { yaml: serde_yaml::from_str(&text.expect("action.yml")).expect("YAML") }
    }

    pub fn steps(&self) -> &[Value] {
        self.yaml["runs"]["steps"].as_sequence().expect("steps")
    }

    /// The inputs, with their defaults.
    pub fn inputs(&self) -> BTreeMap<String, String> {
        let inputs = self.yaml["inputs"].as_mapping().expect("inputs").iter();
        let text = |value: &Value| value.as_str().expect("a text").to_owned();
        inputs.map(|(name, input)| (text(name), text(&input["default"]))).collect()
    }

    /// Runs all steps.
    pub fn run(&self, runner: &Runner, with: &[(&str, &str)]) -> Outcome {
        let nothing = Context { runner, inputs: BTreeMap::new(), steps: BTreeMap::new() };
        let defaults = self.inputs().into_iter().map(|(name, text)| (name, nothing.filled(&text)));
        let mut inputs: BTreeMap<String, String> = defaults.collect();
        for (name, value) in with {
            let known = inputs.insert((*name).to_owned(), (*value).to_owned());
            assert!(known.is_some(), "there is no input {name}");
        }
        let mut context = Context { runner, inputs, steps: BTreeMap::new() };
        let mut outcome = Outcome {
            failed: Vec::new(),
            log: String::new(),
            summary: String::new(),
            outputs: BTreeMap::new(),
        };
        let mut path: Vec<PathBuf> = runner.path.clone();
        for step in self.steps() {
            let name = step["name"].as_str().expect("a name");
            let is_wanted = step["if"].as_str().is_none_or(|condition| context.holds(condition));
            // A step runs as long as none before it failed.
            let is_run = is_wanted && outcome.failed.is_empty();
            let mut outputs = BTreeMap::new();
            if is_run && let Some(uses) = step["uses"].as_str() {
                // By commit: a tag can be moved to other code.
                let commit = uses.strip_prefix("actions/cache@").unwrap_or_default();
                let is_digit = |byte: u8| byte.is_ascii_hexdigit();
                assert!(commit.len() == 40 && commit.bytes().all(is_digit), "{uses}");
                let into = context.filled(step["with"]["path"].as_str().expect("a path"));
                let key = context.filled(step["with"]["key"].as_str().expect("a key"));
                outcome.log.push_str(&format!("cache {key}\n"));
                if let Some(cached) = &runner.cached {
                    fs::create_dir_all(&into).expect("the folder of the cache");
                    fs::copy(cached, Path::new(&into).join("idgraph")).expect("copy");
                }
            } else if is_run {
                assert_eq!(step["shell"].as_str(), Some("bash"), "{name}");
                let (code, log) =
                    run(step, &context, &mut path, &mut outputs, &mut outcome.summary);
                outcome.log.push_str(&log);
                if code != Some(0) {
                    outcome.failed.push(name.to_owned());
                    outcome.log.push_str(&format!("step {name} ended with {code:?}\n"));
                }
            }
            if let Some(id) = step["id"].as_str() {
                context.steps.insert(id.to_owned(), outputs);
            }
        }
        for (name, output) in self.yaml["outputs"].as_mapping().expect("outputs") {
            let value = context.filled(output["value"].as_str().expect("a value"));
            outcome.outputs.insert(name.as_str().expect("a name").to_owned(), value);
        }
        outcome
    }
}

fn run(
    step: &Value,
    context: &Context<'_>,
    path: &mut Vec<PathBuf>,
    outputs: &mut BTreeMap<String, String>,
    summary: &mut String,
) -> (Option<i32>, String) {
    let runner = context.runner;
    let own = tempfile::tempdir_in(runner.own.path()).expect("a folder");
    let file = |name: &str| {
        fs::write(own.path().join(name), "").expect("write");
        own.path().join(name)
    };
    let script = own.path().join("script.sh");
    fs::write(&script, step["run"].as_str().expect("a script")).expect("write");
    let mut command = Command::new("bash");
    // As the runner does for `shell: bash`.
    command.args(["--noprofile", "--norc", "-eo", "pipefail"]).arg(&script);
    command.current_dir(&runner.workspace).env_clear();
    let machine = std::env::var_os("PATH").unwrap_or_default();
    let all = path.iter().cloned().chain(std::env::split_paths(&machine));
    command.env("PATH", std::env::join_paths(all).expect("a PATH"));
    command.env("HOME", runner.own.path()).env("RUNNER_TEMP", runner.own.path());
    command.env("GITHUB_ACTION_PATH", env!("CARGO_MANIFEST_DIR"));
    command.env("GITHUB_WORKSPACE", &runner.workspace);
    let files = ["GITHUB_OUTPUT", "GITHUB_PATH", "GITHUB_STEP_SUMMARY", "GITHUB_ENV"];
    for name in files {
        command.env(name, file(name));
    }
    for (variable, name) in VARIABLES {
        command.env(variable, runner.github.get(name).expect(name));
    }
    for (name, value) in step["env"].as_mapping().into_iter().flatten() {
        let value = context.filled(value.as_str().expect("a text"));
        command.env(name.as_str().expect("a name"), value);
    }
    let output = command.output().expect("run bash");
    let read = |name: &str| fs::read_to_string(own.path().join(name)).expect("read");
    let lines = read("GITHUB_OUTPUT");
    for line in lines.lines() {
        let (name, value) = line.split_once('=').expect("an output");
        outputs.insert(name.to_owned(), value.to_owned());
    }
    path.splice(0..0, read("GITHUB_PATH").lines().map(PathBuf::from));
    summary.push_str(&read("GITHUB_STEP_SUMMARY"));
    // The runner reads two streams, in no order between them.
    let all = [output.stdout, output.stderr].concat();
    (output.status.code(), String::from_utf8_lossy(&all).into_owned())
}
