//! A database in which anything may be done: of its own, empty, and gone afterwards.

use std::hash::{BuildHasher, RandomState};
use std::path::Path;
use std::time::SystemTime;

use super::{Access, Engine, connect, sqlite, target};
use crate::diagnostic::{Diagnostic, Diagnostics, Result};
use crate::dialect::Library;
use crate::project::{Address, Project};
use crate::warehouse::Warehouse;

/// How schemas begin that are made to be dropped again.
pub(super) const PREFIX: &str = "idgraph_test_";

/// How often a schema is tried to be dropped: a cancel request of before may hit the first try.
const TRIES: usize = 3;

/// A database for trying things out. On a server it is schemas with random names, made here and dropped when this is
/// closed or goes out of scope; without a server it is in memory.
pub struct Sandbox {
    /// The project, its schemas called as they are here.
    pub project: Project,
    engine: Box<dyn Engine>,
    target: String,
    made: Vec<String>,
    stand_in: StandIn,
}

/// What of a dialect is otherwise in a sandbox, so that nothing outside of its schemas is made.
#[derive(Debug, Clone, Default)]
pub struct StandIn {
    /// Expressions, and how they are spelled there.
    pub expressions: Vec<(&'static str, String)>,
    /// Templates that are not rendered.
    pub without: Vec<&'static str>,
}

impl Sandbox {
    /// A sandbox on the server of a target; in memory for none, and for a target that is a file.
    ///
    /// # Errors
    /// When there is no such target, or it cannot be reached or does not let us make schemas.
    pub fn open(project: &Project, name: Option<&str>) -> Result<Self> {
        let mut project = project.clone();
        let address = match name {
            Some(name) => Some(target(&project, name)?.resolve(project.folder())?),
            None => None,
        };
        let (Some(name), Some(Address::Url(_))) = (name, address) else {
            // In memory all is in one schema: a view there reads no table of another.
            project.models_schema.value.clone_from(&project.space.value);
            Diagnostics::check(twice(&project).into_iter().collect())?;
            let (space, models) = (&project.space.value, &project.models_schema.value);
            let engine = sqlite::Sqlite::open(Path::new(""), space, models, Access::Pretend)?;
            let (target, made) = (String::new(), Vec::new());
            let stand_in = StandIn::default();
            return Ok(Self { project, engine: Box::new(engine), target, made, stand_in });
        };
        let own = format!("{PREFIX}{}", random());
        let is_one = project.space.value == project.models_schema.value;
        project.models_schema.value = if is_one { own.clone() } else { format!("{own}_models") };
        project.space.value = own;
        let engine = connect(&project, name, Access::Create)?;
        let (target, made, stand_in) = (name.to_owned(), Vec::new(), StandIn::default());
        let mut sandbox = Self { project, engine, target, made, stand_in };
        sandbox.make()?;
        Ok(sandbox)
    }

    /// The connection.
    pub fn engine(&mut self) -> &mut dyn Engine {
        self.engine.as_mut()
    }

    /// The library, with what is otherwise here.
    #[must_use]
    pub fn library(&self, library: &Library) -> Library {
        library.clone().standing_in(&self.stand_in)
    }

    /// Takes away what was made.
    ///
    /// # Errors
    /// When that fails; the message says what is left.
    pub fn close(mut self) -> Result<()> {
        self.drop_made()
    }

    /// Makes the schemas: not one that is there already.
    fn make(&mut self) -> Result<()> {
        let mut names = vec![self.project.space.value.clone()];
        if self.project.models_schema.value != self.project.space.value {
            names.push(self.project.models_schema.value.clone());
        }
        let schemas: Vec<&str> = names.iter().map(String::as_str).collect();
        self.stand_in = self.engine.make_sandbox(&schemas)?;
        self.made = names;
        Ok(())
    }

    fn drop_made(&mut self) -> Result<()> {
        let mut last = None;
        for _ in 0..TRIES {
            if self.made.is_empty() {
                return Ok(());
            }
            // Of a transaction that failed or was cut off; outside of one it does nothing.
            let _ = self.engine.execute("ROLLBACK");
            let list = self.made.join(", ");
            match self.engine.execute(&format!("DROP SCHEMA {list} CASCADE")) {
                Ok(_) => self.made.clear(),
                Err(error) => {
                    last = Some(error);
                    // The connection may be the trouble.
                    if let Ok(engine) = connect(&self.project, &self.target, Access::Create) {
                        self.engine = engine;
                    }
                }
            }
        }
        match last {
            Some(error) if !self.made.is_empty() => Err(self.left(error)),
            _ => Ok(()),
        }
    }

    fn left(&mut self, error: Diagnostics) -> Diagnostics {
        let list = std::mem::take(&mut self.made).join(", ");
        let message = format!("target `{}`: schemas of the test are left: {list}", self.target);
        let left = Diagnostic::error("left-over", message)
            .help(format!("drop them when the server is back: DROP SCHEMA {list} CASCADE"));
        error.into_iter().chain([left]).collect()
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        // Whoever wants to know how it went closes it.
        let _ = self.drop_made();
    }
}

/// What a schema for landed tables and models would have twice.
fn twice(project: &Project) -> Option<Diagnostic> {
    let Warehouse { landed, models, .. } = Warehouse::of(project);
    let is_landed = |name: &str| landed.iter().any(|table| table.name == name);
    let name = models.into_iter().map(|model| model.name).find(|name| is_landed(name))?;
    let message = format!(
        "a model and a landed table are called `{name}`, and in memory both are in one schema"
    );
    Some(
        Diagnostic::error("segments-table", message)
            .at(&project.models_schema.place, "the models have a schema of their own")
            .help("run on a server, with --target NAME, or give the model another `name`"),
    )
}

/// Sixteen letters and digits that no other process comes up with.
fn random() -> String {
    let seed = (std::process::id(), SystemTime::now());
    format!("{:016x}", RandomState::new().hash_one(seed))
}
