//! Landed tables as a warehouse has them: what Segment calls a table or column there, and how a column of another type than
//! the project's is read.

use std::borrow::Cow;

use super::facts::{AS_IS, LandedType};
use super::spelling::{decimal, matches, plain};
use super::{Dialect, Fold, LengthUnit};
use crate::project::own::own;
use crate::project::{LogicalType, Project, is_landed_name, snake_case};
use crate::warehouse::{ColumnFacts, LandedTable, ModelTable, Warehouse};

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

/// What a landed name is to a project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// The name in the project file.
    pub key: String,
    /// The landed name to write beside it, where no rule gives it.
    pub column: Option<String>,
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

    /// The columns that are the address of a row, by the expression `row_address`.
    pub fn row_address(&self) -> Vec<&str> {
        let expression = self.facts.expressions.get("row_address");
        let parts = expression.map(|text| text.split(',')).into_iter().flatten();
        parts.filter_map(|part| part.trim().strip_prefix("{{ of }}.")).collect()
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

    /// The type that a project that does not have it yet would give a landed column; `None` for one that it cannot have.
    pub fn project_type(&self, landed: &str) -> Option<LogicalType> {
        let own = self.logical_type(landed).filter(|own| self.can_read(landed, *own));
        // Of a warehouse of which nothing is known, everything is readable, and that says nothing.
        own.or_else(|| {
            if self.facts.landed.is_empty() {
                return None;
            }
            let fitting = self.readable_as(landed);
            let is_number = |wanted: &&LogicalType| **wanted == LogicalType::Float;
            fitting.iter().find(is_number).or(fitting.first()).copied()
        })
    }

    fn landed_type(&self, landed: &str) -> Option<&LandedType> {
        let is_it = |pattern: &String| {
            let pattern = plain(pattern);
            match pattern.split_once("<=") {
                // `numeric(<=18,0)`: of so many digits at most.
                Some((name, rest)) => decimal(landed).is_some_and(|(digits, scale)| {
                    let most = rest.split(',').next().and_then(|most| most.parse().ok());
                    landed.starts_with(name)
                        && scale == 0
                        && most.is_some_and(|most| digits <= most)
                }),
                None => matches(&pattern, landed),
            }
        };
        self.facts.landed.iter().find(|known| known.types.iter().any(is_it))
    }

    /// The warehouse of a project here: with what the record says has landed, with all that the project names where nothing is
    /// recorded.
    pub fn warehouse(&self, project: &Project) -> Warehouse {
        self.whole_warehouse(project).as_recorded(project, &self.name)
    }

    /// The same as if all had landed that the project names.
    pub fn whole_warehouse(&self, project: &Project) -> Warehouse {
        self.lands(&Warehouse::of(project)).into_owned()
    }

    /// A warehouse whose landed tables and columns are called as they are here. Done twice, it changes nothing.
    pub fn lands<'a>(&self, warehouse: &'a Warehouse) -> Cow<'a, Warehouse> {
        let is_other = |table: &LandedTable| {
            let mut columns = table.columns.iter().chain(&table.absent);
            self.landed_table(table) != table.name
                || self.facts.identifiers.landed_reserved
                    && columns.any(|column| self.landed_column(column) != column.name)
        };
        if !warehouse.landed.iter().any(is_other) {
            return Cow::Borrowed(warehouse);
        }
        let mut named = warehouse.clone();
        for table in &mut named.landed {
            let name = self.landed_table(table);
            if name != table.name {
                let shows = |model: &&mut ModelTable| model.reads.as_ref() == Some(&table.name);
                for model in named.models.iter_mut().filter(shows) {
                    model.reads = Some(name.clone());
                }
                (table.name, table.is_named) = (name, true);
            }
            for column in table.columns.iter_mut().chain(&mut table.absent) {
                let name = self.landed_column(column);
                if name != column.name {
                    let shown_as = Some(column.shown_name().to_owned());
                    *column = ColumnFacts { name, shown_as, ..(**column).clone() }.into();
                }
            }
        }
        Cow::Owned(named)
    }

    /// What a landed column is called here.
    pub fn landed_column(&self, column: &ColumnFacts) -> String {
        // What the project names, and what is Segment's own, is called so.
        let follows_rule = column.place.is_some() && column.shown_as.is_none();
        self.landed_name(&column.name, !follows_rule)
    }

    /// What a landed table is called here.
    pub fn landed_table(&self, table: &LandedTable) -> String {
        self.landed_table_name(&table.name, table.is_named || table.place.is_none())
    }

    /// What a landed table of that name is called here; `is_given`: by the project, or by Segment for a table of its own.
    pub fn landed_table_name(&self, name: &str, is_given: bool) -> String {
        let name = self.landed_name(name, is_given);
        let rules = &self.facts.identifiers;
        let cuts = !is_given && rules.cuts_long && rules.length_unit == LengthUnit::Bytes;
        // Of a name in snake case, bytes are characters.
        match name.get(..rules.max_length) {
            Some(beginning) if cuts => beginning.to_owned(),
            _ => name,
        }
    }

    /// What Segment calls a column or table of that name here; `is_given`: so.
    pub fn landed_name(&self, name: &str, is_given: bool) -> String {
        match !is_given && self.is_landed_apart(name) {
            true => format!("_{name}"),
            false => name.to_owned(),
        }
    }

    /// What a landed table of the warehouse's catalog is to a project that does not have it yet; `None` for a name that no
    /// project can say.
    pub fn named_table(&self, name: &str) -> Option<Named> {
        self.landed_as(name, |key| self.landed_table_name(key, false))
    }

    /// The same of a column of a landed table.
    pub fn named_column(&self, table: &str, name: &str) -> Option<Named> {
        let own = own(table);
        self.landed_as(name, |key| match own.has(key) {
            // Of what models do not read, a project knows that it lands so.
            true if !own.reads(key) => format!("_{key}"),
            // Nothing lands so.
            true => String::new(),
            false => self.landed_name(key, false),
        })
    }

    fn landed_as(&self, name: &str, landed: impl Fn(&str) -> String) -> Option<Named> {
        let folded = match self.facts.identifiers.fold {
            // There, another case is another name.
            Fold::Lower => name.to_owned(),
            Fold::Upper | Fold::Keep => name.to_lowercase(),
        };
        if !is_landed_name(&folded) {
            return None;
        }
        let key = snake_case(&folded)?;
        let is_by_rule = landed(&key) == folded;
        Some(Named { key, column: (!is_by_rule).then_some(folded) })
    }

    /// What to write in a project file for a landed column that it does not have yet; `None` where no project can name it.
    /// `is_taken` says whether another column is called so there.
    pub fn entry(
        &self,
        (table, name, landed): (&str, &str, &str),
        is_taken: impl FnOnce(&Named) -> bool,
    ) -> Option<String> {
        let word = self.project_type(landed).map_or("TYPE", LogicalType::name);
        let named = self.named_column(table, name)?;
        let is_taken = is_taken(&named);
        let Named { key, column } = named;
        Some(match (is_taken, column) {
            (true, column) => {
                format!("NAME: {{ type: {word}, column: {} }}", column.as_ref().unwrap_or(&key))
            }
            (false, Some(column)) => format!("{key}: {{ type: {word}, column: {column} }}"),
            (false, None) => format!("{key}: {word}"),
        })
    }

    /// Whether Segment puts `_` in front of a name.
    fn is_landed_apart(&self, name: &str) -> bool {
        self.facts.identifiers.landed_reserved && self.is_reserved(name)
    }
}
