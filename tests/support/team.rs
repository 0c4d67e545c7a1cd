//! The repository of a team that uses all that `idgraph check` checks.
#![allow(dead_code, reason = "each test file uses a part of it")]

use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::command::idgraph;
use crate::git::git;

pub const PROJECT: &str = "space: acme
dialects: [sqlite]
traits:
  columns:
    plan: { type: varchar }
targets:
  local: { engine: sqlite, path: acme.db }
";

pub const FIXTURE: &str = "batches:
  - land:
      id_graph_updates: [{ segment_id: p1, timestamp: 2022-01-01 }]
      identifies: [{ segment_id: p1, plan: free, timestamp: 2022-01-01 }]
    expect:
      profile_traits: [{ canonical_segment_id: p1, plan: free }]
";

/// The repository on main, with nothing wrong; the branch `topic` is checked out.
pub fn repository() -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let root = folder.path();
    git(root, &["init", "-q"]);
    write(root, "idgraph.yml", PROJECT);
    write(root, "fixtures/plan.yml", FIXTURE);
    idgraph(root, &["render"]).fine();
    idgraph(root, &["migrate", "new", "initial"]).fine();
    git(root, &["add", "-A"]);
    git(root, &["commit", "-qm", "one"]);
    git(root, &["checkout", "-qb", "topic"]);
    folder
}

pub fn write(root: &Path, name: &str, text: &str) {
    let path = root.join(name);
    fs::create_dir_all(path.parent().expect("a folder")).expect("make it");
    fs::write(path, text).expect("write");
}

pub fn replace(root: &Path, name: &str, from: &str, to: &str) {
    let text = fs::read_to_string(root.join(name)).expect("read");
    assert!(text.contains(from), "{text}");
    write(root, name, &text.replace(from, to));
}

/// Adds a trait, with all that belongs to it.
pub fn add_tier(root: &Path) {
    replace(root, "idgraph.yml", "columns:\n", "columns:\n    tier: varchar\n");
    idgraph(root, &["render"]).fine();
    idgraph(root, &["migrate", "new"]).fine();
}

/// A pull request as a server has it, and what its CI has checked out.
pub struct PullRequest {
    /// The commits at the tips of both branches.
    pub target: String,
    pub head: String,
    /// The result of the merge, without its past.
    pub workspace: PathBuf,
    server: TempDir,
    _own: TempDir,
}

impl PullRequest {
    /// Of the branch `topic` of a repository, whose files are committed; main has moved on meanwhile.
    pub fn of(server: TempDir) -> Self {
        let root = server.path();
        git(root, &["add", "-A"]);
        git(root, &["commit", "-qm", "two", "--allow-empty"]);
        let head = git(root, &["rev-parse", "HEAD"]);
        git(root, &["checkout", "-q", "main"]);
        write(root, "elsewhere.txt", "Not of the pull request\n");
        git(root, &["add", "-A"]);
        git(root, &["commit", "-qm", "three"]);
        let target = git(root, &["rev-parse", "HEAD"]);
        git(root, &["checkout", "-q", "--detach"]);
        git(root, &["merge", "-q", "--no-ff", "-m", "merge", &head]);
        git(root, &["update-ref", "refs/pull/1/merge", "HEAD"]);
        // As the servers of GitHub and GitLab are.
        git(root, &["config", "uploadpack.allowReachableSHA1InWant", "true"]);
        let own = tempfile::tempdir().expect("a folder");
        let workspace = own.path().join("workspace");
        fs::create_dir(&workspace).expect("a folder");
        git(&workspace, &["init", "-q"]);
        git(&workspace, &["remote", "add", "origin", &format!("file://{}", root.display())]);
        let request = Self { target, head, workspace, server, _own: own };
        request.check_out("refs/pull/1/merge", 1);
        request
    }

    /// The server's repository.
    pub fn server(&self) -> PathBuf {
        self.server.path().to_owned()
    }

    /// Checks out a commit as the CI does.
    pub fn check_out(&self, commit: &str, depth: usize) {
        let depth = format!("--depth={depth}");
        git(&self.workspace, &["fetch", "-q", "--no-tags", &depth, "origin", commit]);
        git(&self.workspace, &["checkout", "-q", "--detach", "FETCH_HEAD"]);
    }
}
