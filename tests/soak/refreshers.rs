//! Who refreshes: `idgraph refresh` and `apply`, several at once, some of them killed; and rendered files beside them.

use std::fs::File;
use std::io::{Read, Seek};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::dice::Dice;
use crate::load::Load;
use crate::session::Trouble;
use crate::space::Space;

/// How long a run waits for another's lock, in seconds. None takes nearly as long.
const PATIENCE: &str = "60";

/// A run that takes longer hangs.
const HANGS: Duration = Duration::from_secs(180);

/// How a process ended.
enum End {
    Fine,
    Killed,
    Failed(String),
    Hung,
}

/// A refresher: until the round ends.
pub fn refresh(load: &Load, space: &Space<'_>, mut dice: Dice) {
    while load.goes_on() {
        let through = space.has_bouncer() && dice.percent(35);
        let arguments: &[&str] = match dice.below(20) {
            0..2 => &["apply", "--yes"],
            2 => &["refresh", "--full"],
            _ => &["refresh"],
        };
        let patience = ["--target", "it", "--lock-timeout", PATIENCE];
        let command = space.idgraph(&[arguments, &patience].concat(), through);
        let after = (load.switches.kills && dice.percent(30))
            .then(|| Duration::from_millis(dice.below(1500) as u64));
        let since = load.elapsed();
        let end = run(command, after);
        load.figures.runs.one();
        if through {
            load.figures.through_pgbouncer.one();
        }
        let what = format!(
            "idgraph {}{}",
            arguments.join(" "),
            if through { " through PgBouncer" } else { "" }
        );
        match &end {
            End::Fine => load.figures.fine.one(),
            End::Killed => load.figures.kills.one(),
            _ => {}
        }
        judge(load, &what, since, &end);
        load.sleep(dice.below(400));
    }
}

/// Runs the rendered files again and again: until the round ends.
pub fn run_rendered(load: &Load, space: &Space<'_>, mut dice: Dice) {
    let files = space.rendered();
    while load.goes_on() {
        for file in &files {
            if !load.goes_on() {
                return;
            }
            let since = load.elapsed();
            let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let end = if space.is_postgres() {
                let through = space.has_bouncer() && dice.percent(35);
                let after = (load.switches.kills && dice.percent(10))
                    .then(|| Duration::from_millis(dice.below(500) as u64));
                run(space.psql(file, through), after)
            } else {
                run_here(space, file)
            };
            match &end {
                End::Fine => load.figures.files.one(),
                End::Killed => load.figures.files_killed.one(),
                _ => {}
            }
            judge(load, &format!("rendered file {name}"), since, &end);
            if !matches!(end, End::Fine) {
                // Who runs files stops at an error, and begins again.
                break;
            }
        }
        load.sleep(dice.below(50));
    }
}

/// In SQLite a file is run by whoever has the database open.
fn run_here(space: &Space<'_>, file: &std::path::Path) -> End {
    let sql = std::fs::read_to_string(file).expect("a rendered file");
    match space.session().and_then(|mut session| session.run(&sql)) {
        Ok(_) => End::Fine,
        Err(Trouble::Busy) => End::Failed("error[locked]".to_owned()),
        Err(error) => End::Failed(format!("{error:?}")),
    }
}

/// Runs to the end, or until it is killed after a while. What it says goes to a file: nobody need read it meanwhile.
fn run(mut command: Command, after: Option<Duration>) -> End {
    let mut said: File = tempfile::tempfile().expect("a file");
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(said.try_clone().expect("a file"));
    let mut child = command.spawn().expect("start a process");
    let begin = Instant::now();
    loop {
        if let Some(status) = child.try_wait().expect("a child") {
            let mut text = String::new();
            said.rewind().and_then(|()| said.read_to_string(&mut text)).expect("what it said");
            return match status.code() {
                Some(0) => End::Fine,
                Some(code) => End::Failed(format!("exit code {code}: {}", errors(&text))),
                None => End::Failed(format!("ended by a signal, {status}: {text}")),
            };
        }
        let elapsed = begin.elapsed();
        if after.is_some_and(|after| elapsed >= after) || elapsed > HANGS {
            let _ = child.kill();
            let _ = child.wait();
            return if elapsed > HANGS { End::Hung } else { End::Killed };
        }
        std::thread::sleep(Duration::from_millis(3));
    }
}

/// Without what `psql` says of tables that are there already.
fn errors(text: &str) -> String {
    let lines = text.lines().filter(|line| !line.contains("NOTICE: "));
    lines.collect::<Vec<_>>().join("\n")
}

/// What a connection that a restart has broken is called, by idgraph, `psql`, Postgres and PgBouncer.
const BROKEN: [&str; 11] = [
    "connection-lost",
    "connect",
    "terminat",
    "closed",
    "the database system is",
    "shutting down",
    "reset by peer",
    "refused",
    "Broken pipe",
    "server_login_retry",
    "server login",
];

/// Counts what may happen; anything else is a problem.
fn judge(load: &Load, what: &str, since: Duration, end: &End) {
    let took = (load.elapsed() - since).as_secs_f64();
    let said = match end {
        End::Fine => return load.journal.note(format!("{what}: fine, {took:.2} s")),
        End::Killed => return load.journal.note(format!("{what}: killed after {took:.2} s")),
        End::Hung => return load.problem(&format!("{what}: still running after {HANGS:?}"), ""),
        End::Failed(said) => said,
    };
    load.journal.note(format!("{what}: {}", said.trim_end()));
    let has = |words: &str| said.contains(words);
    if has("panicked") || has("ended by a signal") {
        load.problem(&format!("{what}: {said}"), "");
    } else if has("deadlock") {
        load.figures.deadlocks.one();
    } else if has("could not serialize") {
        load.figures.not_serializable.one();
    } else if load.is_excused(since) && BROKEN.iter().any(|words| has(words)) {
        load.figures.cut_off.one();
        load.sleep(500);
    } else {
        if has("error[locked]") {
            load.figures.locked_out.one();
        }
        load.problem(&format!("{what}: {said}"), "");
    }
}
