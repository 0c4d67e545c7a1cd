//! What statements come to, a line for each object.

use serde::Serialize;

use super::full;
use crate::engine::{Catalog, Outcome, Sizes};
use crate::migrate::dotted;
use crate::render::{Action, Statement};

/// What happens to an object.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Effect {
    /// The table or view.
    pub object: String,
    /// What happens to it.
    pub happens: Happens,
    /// Its rows now, where they are known.
    pub rows: Option<u64>,
}

/// What happens to an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Happens {
    /// It is made.
    Created,
    /// It is taken away and made again.
    MadeAnew,
    /// All its rows are computed again.
    Rebuilt,
    /// The rows that newly landed ones can have changed are computed again.
    Refreshed,
    /// Some of its rows or values are written.
    Written,
    /// The view is put in place anew.
    Replaced,
    /// Its columns change.
    Altered,
    /// Its columns change, and values of theirs are computed.
    Filled,
    /// Its comments or indexes change.
    Attended,
    /// It is taken away.
    Dropped,
}

impl Happens {
    /// In a message.
    pub fn words(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::MadeAnew => "dropped and made anew",
            Self::Rebuilt => "rebuilt: all rows computed again",
            Self::Refreshed => "refreshed: the rows that newly landed ones concern",
            Self::Written => "some rows written",
            Self::Replaced => "view replaced",
            Self::Altered => "columns change",
            Self::Filled => "columns change, values computed for them",
            Self::Attended => "comments or indexes",
            Self::Dropped => "dropped",
        }
    }

    /// What a step of a plan does.
    pub fn of(outcome: Outcome) -> Option<Self> {
        match outcome {
            Outcome::LeftAlone | Outcome::NotLanded => None,
            Outcome::Created => Some(Self::Created),
            Outcome::Rebuilt => Some(Self::Rebuilt),
            Outcome::Refreshed => Some(Self::Refreshed),
            Outcome::Replaced => Some(Self::Replaced),
        }
    }

    /// Whether rows are all that it changes: bringing tables up to date is no change that waits to be made.
    pub fn is_only_rows(self) -> bool {
        matches!(self, Self::Rebuilt | Self::Refreshed)
    }
}

/// What is done to one object.
#[derive(Default)]
struct Done {
    is_made: bool,
    is_view: bool,
    is_dropped: bool,
    is_emptied: bool,
    writes: bool,
    inserts: bool,
    alters: bool,
}

/// What statements do to the objects of a database.
pub fn effects<'a>(
    statements: impl IntoIterator<Item = &'a Statement>,
    catalog: &Catalog,
    sizes: &Sizes,
) -> Vec<Effect> {
    let mut all: Vec<((String, String), Done)> = Vec::new();
    let mut places = std::collections::HashMap::new();
    for statement in statements {
        let Some(target) = statement.target.as_ref().and_then(full) else { continue };
        let at = *places.entry(target.clone()).or_insert_with(|| {
            all.push((target, Done::default()));
            all.len() - 1
        });
        if let Some((_, done)) = all.get_mut(at) {
            done.add(statement);
        }
    }
    let effect = |((schema, name), done): ((String, String), Done)| Effect {
        happens: done.happens(catalog.find_lower(&schema, &name).is_some()),
        rows: sizes.of(&schema, &name),
        object: dotted(&[&schema, &name]),
    };
    all.into_iter().map(effect).collect()
}

impl Done {
    fn add(&mut self, statement: &Statement) {
        let code = statement.code();
        match statement.action {
            _ if code.starts_with("drop ") => self.is_dropped = true,
            Action::CreateTable => self.is_made = true,
            Action::CreateView => (self.is_made, self.is_view) = (true, true),
            Action::Insert => (self.inserts, self.writes) = (true, true),
            Action::Delete => {
                // All rows, or all that are not among the new ones: what a rebuild takes out.
                self.is_emptied |= !code.contains(" where ") || code.contains(" where not exists ");
                self.writes = true;
            }
            _ if code.starts_with("update ") => self.writes = true,
            _ if code.starts_with("alter ") => self.alters = true,
            _ => {}
        }
    }

    fn happens(&self, is_there: bool) -> Happens {
        match self {
            Self { is_made: true, .. } if !is_there => Happens::Created,
            Self { is_made: true, is_dropped: true, .. } => Happens::MadeAnew,
            Self { is_dropped: true, .. } => Happens::Dropped,
            Self { is_view: true, .. } => Happens::Replaced,
            Self { is_emptied: true, inserts: true, .. } => Happens::Rebuilt,
            Self { alters: true, writes: true, .. } => Happens::Filled,
            Self { alters: true, .. } => Happens::Altered,
            Self { writes: true, .. } => Happens::Written,
            _ => Happens::Attended,
        }
    }
}
