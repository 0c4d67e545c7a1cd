//! What the environment says of a run.

use std::env;
use std::time::Duration;

use crate::dice::Dice;

/// How long, how hard, and which parts.
#[derive(Debug, Clone)]
pub struct Switches {
    pub seed: u64,
    pub length: Duration,
    /// Of one round, until everything stops and is compared.
    pub round: Duration,
    pub landers: usize,
    pub refreshers: usize,
    pub readers: usize,
    /// Who runs rendered files.
    pub runners: usize,
    /// How tables are kept, where not as it comes.
    pub kept: Option<&'static str>,
    /// Rendered files run beside `refresh`, in every other round.
    pub rendered: bool,
    /// Landed rows change in place.
    pub restamps: bool,
    /// So that nothing of them is what they were found by, which a refresh does not find: see docs/semantics.md.
    pub restamps_widely: bool,
    /// SIGKILL.
    pub kills: bool,
    /// The server crashes and comes back.
    pub restarts: bool,
    /// Segment adds columns.
    pub add_columns: bool,
    /// Some of the refreshers connect through PgBouncer.
    pub pgbouncer: bool,
    /// Profiles are deleted.
    pub deletes: bool,
}

impl Switches {
    pub fn read() -> Self {
        Self {
            seed: Dice::seed("IDGRAPH_SOAK_SEED"),
            length: Duration::from_secs(number("SECONDS", 300)),
            round: Duration::from_secs(number("ROUND_SECONDS", 20)),
            landers: number("LANDERS", 3) as usize,
            refreshers: number("REFRESHERS", 3) as usize,
            readers: number("READERS", 2) as usize,
            runners: number("RUNNERS", 2) as usize,
            kept: kept(),
            rendered: is_on("RENDERED", true),
            restamps: is_on("RESTAMPS", true),
            restamps_widely: is_on("RESTAMPS_WIDELY", false),
            kills: is_on("KILLS", true),
            restarts: is_on("RESTARTS", true),
            add_columns: is_on("ADD_COLUMNS", true),
            pgbouncer: is_on("PGBOUNCER", true),
            deletes: is_on("DELETES", false),
        }
    }
}

fn kept() -> Option<&'static str> {
    match env::var("IDGRAPH_SOAK_KEPT").as_deref() {
        Ok("incremental") => Some("incremental"),
        Ok("table") => Some("table"),
        Ok(other) => panic!("IDGRAPH_SOAK_KEPT is `incremental` or `table`, not `{other}`"),
        Err(_) => None,
    }
}

fn number(name: &str, usual: u64) -> u64 {
    let name = format!("IDGRAPH_SOAK_{name}");
    match env::var(&name) {
        Ok(text) => text.parse().unwrap_or_else(|_| panic!("{name} is a number, not `{text}`")),
        Err(_) => usual,
    }
}

fn is_on(name: &str, usual: bool) -> bool {
    let name = format!("IDGRAPH_SOAK_{name}");
    match env::var(&name).as_deref() {
        Ok("on") => true,
        Ok("off") => false,
        Ok(other) => panic!("{name} is `on` or `off`, not `{other}`"),
        Err(_) => usual,
    }
}
