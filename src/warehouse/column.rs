//! A column of a table. Views show the columns of landed tables, and a warehouse is looked at in several versions, so they
//! are shared.

use std::ops::Deref;
use std::sync::Arc;

use crate::diagnostic::Place;
use crate::project::{LogicalType, Pii};

/// A column of a table: what [`ColumnFacts`] say, which cannot be changed and costs nothing to clone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableColumn(Arc<ColumnFacts>);

/// What is known of a column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnFacts {
    /// Its name, not quoted; of a landed table's column the one that it lands under.
    pub name: String,
    /// What models call a landed column, where that is another name.
    pub shown_as: Option<String>,
    /// For a trait: the columns that it landed in before, the newest first, as models call them.
    pub renamed_from: Vec<String>,
    /// Its logical type.
    pub logical_type: LogicalType,
    /// Its meaning.
    pub comment: String,
    /// The category of personal data in it, `yes` for one without a name; `None` when it holds none that is known of.
    pub pii: Option<String>,
    /// Where the project asks for it; `None` for a fixed column.
    pub place: Option<Place>,
}

impl Deref for TableColumn {
    type Target = ColumnFacts;

    fn deref(&self) -> &ColumnFacts {
        &self.0
    }
}

impl From<ColumnFacts> for TableColumn {
    fn from(facts: ColumnFacts) -> Self {
        Self(Arc::new(facts))
    }
}

/// Fixed columns that tell one person from another.
const IDENTIFIERS: [&str; 6] = [
    "external_id_value",
    "external_id_hash",
    "anonymous_id",
    "user_id",
    "previous_id",
    // Of the long forms: any trait or external id.
    "value",
];

/// A fixed column, from a line of a table of columns.
pub(super) fn fixed((name, logical_type, comment): (&str, LogicalType, &str)) -> TableColumn {
    let facts = ColumnFacts {
        name: name.to_owned(),
        shown_as: None,
        renamed_from: Vec::new(),
        logical_type,
        comment: comment.to_owned(),
        pii: IDENTIFIERS.contains(&name).then(|| "identifier".to_owned()),
        place: None,
    };
    facts.into()
}

impl ColumnFacts {
    /// What models call it.
    pub fn shown_name(&self) -> &str {
        self.shown_as.as_deref().unwrap_or(&self.name)
    }
}

impl TableColumn {
    /// A landed column as models have it.
    pub(super) fn shown(&self) -> Self {
        match &self.shown_as {
            Some(name) => {
                let facts = ColumnFacts { name: name.clone(), shown_as: None, ..(**self).clone() };
                facts.into()
            }
            None => self.clone(),
        }
    }
}

/// A column that the project configures, as it lands.
pub(super) fn landed(
    column: &crate::project::Column,
    meaning: impl FnOnce() -> String,
) -> TableColumn {
    let Some(landed) = &column.landed else { return configured(column, meaning) };
    let shown = configured(column, meaning);
    let facts = ColumnFacts {
        name: landed.clone(),
        shown_as: Some(shown.name.clone()),
        ..(*shown).clone()
    };
    facts.into()
}

/// The columns that a trait landed in before.
pub(super) fn former(
    column: &crate::project::Column,
    meaning: impl Fn(&crate::project::Column) -> String,
) -> Vec<TableColumn> {
    let one = |former: &crate::project::Former| {
        let was = crate::project::Column {
            key: former.key.clone(),
            name: former.name.clone(),
            landed: former.landed.clone(),
            renamed_from: Vec::new(),
            ..column.clone()
        };
        landed(&was, || meaning(&was))
    };
    column.renamed_from.iter().map(one).collect()
}

/// A column that the project configures, as models have it.
pub(super) fn configured(
    column: &crate::project::Column,
    meaning: impl FnOnce() -> String,
) -> TableColumn {
    let facts = ColumnFacts {
        name: column.name.clone(),
        shown_as: None,
        renamed_from: column.renamed_from.iter().map(|one| one.name.clone()).collect(),
        logical_type: column.logical_type,
        comment: column.description.clone().unwrap_or_else(meaning),
        pii: column.pii.as_ref().and_then(Pii::category).map(str::to_owned),
        place: Some(column.place.clone()),
    };
    facts.into()
}
