//! What a `dialect.yml` may say: the facts about a warehouse that rendering depends on.

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

use crate::project::LogicalType;

/// The facts of one dialect, its parents' included.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Facts {
    /// The warehouse's own name, for people.
    pub title: String,
    /// The dialect that this one differs from; none: the base templates alone.
    pub inherits: Option<String>,
    /// The versions that the SQL is written for.
    pub versions: String,
    /// The vendor's SQL reference.
    pub manual: String,
    /// What sqlparser calls the dialect.
    pub parser: String,
    /// How names are written.
    pub identifiers: Identifiers,
    /// How much fits into a table.
    pub tables: Tables,
    /// What work tables are.
    pub work_tables: WorkTables,
    /// How a quote inside a text literal is written.
    pub strings: Escape,
    /// The SQL type of each logical type.
    pub types: IndexMap<LogicalType, String>,
    /// For a logical type, those that a column of it can be given while it is there, all its values kept.
    pub widens: IndexMap<LogicalType, Vec<LogicalType>>,
    /// What the warehouse can do.
    pub can: Capabilities,
    /// Expressions that warehouses spell differently: templates over named arguments.
    pub expressions: IndexMap<String, String>,
    /// Valid statements that sqlparser refuses.
    pub gaps: Vec<Gap>,
}

/// How names are written.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Identifiers {
    /// The character around a quoted name.
    pub quote: String,
    /// How that character is written inside one.
    pub escape: Escape,
    /// What the warehouse does to a name without quotes.
    pub fold: Fold,
    /// The characters that a name may have, quotes or not.
    pub characters: Characters,
    /// The longest name.
    pub max_length: usize,
    /// What `max_length` counts.
    pub length_unit: LengthUnit,
    /// The vendor's page that says so.
    pub length_source: String,
    /// Words that are no name without quotes.
    pub reserved: Vec<String>,
    /// The vendor's page that lists them.
    pub reserved_source: String,
    /// Words that are no column's name, not even in quotes.
    pub impossible: Vec<String>,
}

/// How much fits into a table.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Tables {
    /// The most columns a table may have.
    pub max_columns: usize,
    /// The vendor's page that says so.
    pub source: String,
}

/// The tables that a refresh makes for itself.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct WorkTables {
    /// What their names begin with.
    pub prefix: String,
    /// Whether they stand in the schema of the models: the warehouse has no temporary tables, or puts them into a schema too.
    pub in_schema: bool,
}

/// What a warehouse can do. Everything is off until a dialect says otherwise.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Capabilities {
    /// A view may read tables of another schema.
    pub views_across_schemas: bool,
    /// A view can be replaced by one with other columns.
    pub views_change_columns: bool,
    /// A query may be recursive, to any depth. Without it `id_graph` is built in steps.
    pub recurse: bool,
    /// A view may be recursive.
    pub recurse_in_views: bool,
    /// A recursion can take out doubled rows, with the set operator `union`.
    pub recursive_union: bool,
    /// A recursive common table expression lists its columns.
    pub name_recursive_columns: bool,
    /// `QUALIFY` filters by a window function.
    pub qualify: bool,
    /// `MERGE` updates, deletes and inserts in one statement.
    pub merge: bool,
    /// A row has an address, as the expression `row_address`, that tells it from every other row of its table.
    pub address_rows: bool,
    /// A transaction reads one snapshot, and can make work tables.
    pub one_snapshot: bool,
    /// Tables, views and columns can be made and dropped in a transaction.
    pub transactional_ddl: bool,
    /// What a view reads cannot be dropped, nor its type changed, while the view is there.
    pub views_hold: bool,
}

/// How a quote is written inside quotes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Escape {
    /// Twice.
    #[default]
    Doubled,
    /// After a backslash, which then is one too.
    Backslash,
    /// Twice, and a backslash twice as well: it is special too.
    Both,
}

/// What a warehouse does to a name without quotes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Fold {
    /// Keeps it, or does not care about case.
    #[default]
    Keep,
    /// Makes it lower case.
    Lower,
    /// Makes it upper case.
    Upper,
}

/// The characters that a name may have.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Characters {
    /// All but NUL, inside quotes.
    #[default]
    Any,
    /// ASCII letters, digits and `_` only, quotes or not.
    Word,
}

/// What the length of a name is counted in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum LengthUnit {
    /// Bytes of UTF-8.
    #[default]
    Bytes,
    /// Unicode characters.
    Characters,
}

/// A kind of statement that the warehouse takes and sqlparser does not.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Gap {
    /// What a statement of this kind begins with, comments aside; `*` stands for anything, such as a name.
    pub begins: String,
    /// One whole statement that sqlparser refuses.
    pub example: String,
    /// Why it is right all the same.
    pub reason: String,
}
