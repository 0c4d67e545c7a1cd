//! Landed tables as a warehouse has them: what Segment calls a table or column there, and how a column of another type than
//! the project's is read.

use super::facts::{AS_IS, LandedType};
use super::spelling::{decimal, matches, plain};
use super::{Dialect, LengthUnit};
use crate::project::LogicalType;
use crate::warehouse::{ColumnFacts, LandedTable};

/// How a landed column is read as a project's type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reading {
    /// As it is.
    AsIs,
    /// By this expression over `{{ x }}`.
    Cast(String),
    /// Not at all: it would lose something, or may fail.
    Refused,
}

impl Reading {
    /// The column as SQL; `None` where it cannot be had.
    pub fn of(&self, column: &str) -> Option<String> {
        match self {
            Self::AsIs => Some(column.to_owned()),
            Self::Cast(expression) => Some(expression.replace("{{ x }}", column)),
            Self::Refused => None,
        }
    }
}

impl Dialect {
    /// How a landed column of a type is read as a project's.
    pub fn reading(&self, landed: &str, wanted: LogicalType) -> Reading {
        let landed = plain(landed);
        let Some(known) = self.landed_type(&landed) else {
            // Of a warehouse of which nothing is known it is left to it.
            let is_unknown = self.facts.landed.is_empty();
            return match is_unknown || plain(self.sql_type(wanted)) == landed {
                true => Reading::AsIs,
                false => Reading::Refused,
            };
        };
        match known.read.get(&wanted) {
            Some(how) if how == AS_IS => Reading::AsIs,
            Some(how) => Reading::Cast(how.clone()),
            None => Reading::Refused,
        }
    }

    /// As [`Self::reading`], of a column whose order is that of its bytes.
    pub fn reading_in_order(&self, landed: &str) -> Reading {
        match self.landed_type(&plain(landed)) {
            Some(known) if !known.in_order.is_empty() => Reading::Cast(known.in_order.clone()),
            _ => match self.reading(landed, LogicalType::Varchar) {
                Reading::Cast(_) if self.logical_type(landed) != Some(LogicalType::Varchar) => {
                    Reading::Refused
                }
                reading => reading,
            },
        }
    }

    /// Whether a landed column of a type can be read as a project's.
    pub fn can_read(&self, landed: &str, wanted: LogicalType) -> bool {
        self.reading(landed, wanted) != Reading::Refused
    }

    /// Whether two types are one, by two names.
    pub fn is_same_type(&self, one: &str, other: &str) -> bool {
        let (one, other) = (plain(one), plain(other));
        let is_ours = |(logical, own): (&LogicalType, &String)| {
            plain(own) == other && self.reading(&one, *logical) == Reading::AsIs
        };
        one == other || (!self.facts.landed.is_empty() && self.facts.types.iter().any(is_ours))
    }

    /// The types of the project that a landed column can be read as.
    pub fn readable_as(&self, landed: &str) -> Vec<LogicalType> {
        LogicalType::ALL.into_iter().filter(|wanted| self.can_read(landed, *wanted)).collect()
    }

    fn landed_type(&self, landed: &str) -> Option<&LandedType> {
        let is_it = |pattern: &String| {
            let pattern = plain(pattern);
            match pattern.split_once("<=") {
                // `numeric(<=18,0)`: of so many digits at most.
                Some((name, rest)) => decimal(landed).is_some_and(|(digits, scale)| {
                    let most = rest.split(',').next().and_then(|most| most.parse().ok());
                    landed.starts_with(name) && scale == 0 && most.is_some_and(|most| digits <= most)
                }),
                None => matches(&pattern, landed),
            }
        };
        self.facts.landed.iter().find(|known| known.types.iter().any(is_it))
    }

    /// What a landed column is called here.
    pub fn landed_column(&self, column: &ColumnFacts) -> String {
        // What the project names, and what is Segment's own, is called so.
        let follows_rule = column.place.is_some() && column.shown_as.is_none();
        match follows_rule && self.is_landed_apart(&column.name) {
            true => format!("_{}", column.name),
            false => column.name.clone(),
        }
    }

    /// What a landed table is called here.
    pub fn landed_table(&self, table: &LandedTable) -> String {
        if table.is_named || table.place.is_none() {
            return table.name.clone();
        }
        let name = match self.is_landed_apart(&table.name) {
            true => format!("_{}", table.name),
            false => table.name.clone(),
        };
        let rules = &self.facts.identifiers;
        // Of a name in snake case, bytes are characters.
        let is_whole = !rules.cuts_long || rules.length_unit != LengthUnit::Bytes;
        match name.get(..rules.max_length) {
            Some(beginning) if !is_whole => beginning.to_owned(),
            _ => name,
        }
    }

    /// Whether Segment puts `_` in front of a name.
    fn is_landed_apart(&self, name: &str) -> bool {
        self.facts.identifiers.landed_reserved && self.is_reserved(name)
    }
}
