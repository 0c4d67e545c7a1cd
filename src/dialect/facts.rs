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
    /// How long a statement may be.
    pub statements: Statements,
    /// How deep a recursion goes.
    pub recursion: Recursion,
    /// What work tables are.
    pub work_tables: WorkTables,
    /// The word that ends a batch of statements on a line of its own; empty where `;` is enough.
    pub batch: String,
    /// How a quote inside a text literal is written.
    pub strings: Escape,
    /// What stands before a text literal with a backslash, which is then written twice; empty where a setting of the session
    /// does not decide what a backslash means.
    pub backslash_text: String,
    /// What stands before a text literal that has other characters than ASCII.
    pub wide_text: String,
    /// The SQL type of each logical type.
    pub types: IndexMap<LogicalType, String>,
    /// Other spellings of a logical type: what the catalog calls columns that can be read as one.
    pub reads: IndexMap<LogicalType, Vec<String>>,
    /// What Segment, or somebody else, may have landed a column as, and how each is read as a project's type. The first that has
    /// a column's type decides; of one that none has, all that is known is its logical type.
    pub landed: Vec<LandedType>,
    /// Of `reads`: what has values that the type of `types` does not hold, such as more digits.
    pub holds_more: IndexMap<LogicalType, Vec<String>>,
    /// For a logical type, those that a column of it can be given while it is there, all its values kept.
    pub widens: IndexMap<LogicalType, Vec<LogicalType>>,
    /// Of `widens`: where a large or long value becomes another one.
    pub rounds: IndexMap<LogicalType, Vec<LogicalType>>,
    /// The bits of a number that a type holds exactly, its sign aside: whole numbers of that many fit into it.
    pub bits: IndexMap<String, u32>,
    /// What the warehouse can do.
    pub can: Capabilities,
    /// Extensions that expressions call functions of, each with the schema that rendered files look for it in. Templates and
    /// expressions see that schema under the extension's name; where a database is connected, the one that it is in there.
    pub extensions: IndexMap<String, String>,
    /// What reads and does nothing else, for the judge of migrations.
    pub reads_only: ReadsOnly,
    /// Expressions that warehouses spell differently: templates over named arguments.
    pub expressions: IndexMap<String, String>,
    /// What statements keep others from, and how long they take.
    pub locks: Locks,
    /// Valid statements that sqlparser refuses.
    pub gaps: Vec<Gap>,
}

/// What of a warehouse's own reads and does nothing else, besides `src/render/judge/functions.txt`. A migration that uses anything else
/// of the kind wants its `destructive`. All names are in lower case.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct ReadsOnly {
    /// Functions.
    pub functions: Vec<String>,
    /// Schemas that the warehouse keeps for itself: their types, their tables, and of their functions those that are listed.
    pub schemas: Vec<String>,
    /// Tables that every schema has.
    pub tables: Vec<String>,
    /// Types that sqlparser does not know.
    pub types: Vec<String>,
    /// Of `->` and `->>`, those that take something out of JSON.
    pub operators: Vec<String>,
    /// The vendor's page that lists them.
    pub source: String,
}

/// Types of landed columns that are read in the same way.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct LandedType {
    /// What the catalog calls them; one `*` stands for anything.
    pub types: Vec<String>,
    /// By the project's type: `as is`, or the expression that reads a column `x` as that and loses nothing. A type that is
    /// not here cannot be had.
    #[serde(default)]
    pub read: IndexMap<LogicalType, String>,
    /// As text that is in the order of the numbers, for `seq`: its order is that of its bytes.
    #[serde(default)]
    pub in_order: String,
}

/// Of a landed type: its values are those of the project's type already.
pub const AS_IS: &str = "as is";

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
    /// The vendor's page that says so, and which characters a name may have.
    pub length_source: String,
    /// Words that are no name without quotes.
    pub reserved: Vec<String>,
    /// The vendor's page that lists them.
    pub reserved_source: String,
    /// Whether Segment puts `_` in front of a name that is a reserved word here.
    pub landed_reserved: bool,
    /// The page that says so.
    pub landed_reserved_source: String,
    /// Whether the warehouse itself cuts a name that is too long, so that a landed table is there under its beginning.
    pub cuts_long: bool,
    /// Words that are no column's name, not even in quotes.
    pub impossible: Vec<String>,
    /// The vendor's page that says so.
    pub impossible_source: String,
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

/// How long a statement may be.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Statements {
    /// The most bytes of UTF-8, comments included; 0 where the vendor names no limit.
    pub max_bytes: usize,
    /// The vendor's page that says so.
    pub source: String,
    /// The most SELECTs of a statement, of a `UNION ALL` above all; 0 where the vendor names no limit.
    pub max_selects: usize,
    /// The vendor's page that says so.
    pub selects_source: String,
}

/// How deep a recursion goes before the warehouse stops it.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Recursion {
    /// The most levels, after which the query fails; 0 where the vendor names no limit.
    pub max_levels: usize,
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
    /// The schemas that temporary tables are in, where they are named by one.
    pub schemas: Vec<String>,
    /// The longest name, where that is less than for other tables; 0 where it is not.
    pub max_length: usize,
}

/// What a warehouse can do. Everything is off until a dialect says otherwise.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Capabilities {
    /// A name has three parts: schemas are in catalogs.
    pub catalogs: bool,
    /// A view may read tables of another schema.
    pub views_across_schemas: bool,
    /// A view can be replaced by one with other columns.
    pub views_change_columns: bool,
    /// A query may be recursive, to any depth. Without it `id_graph` is built in steps.
    pub recurse: bool,
    /// A view may be recursive.
    pub recurse_in_views: bool,
    /// A table can be computed from such a view, read several times.
    pub compute_from_views: bool,
    /// A recursion can take out doubled rows, with the set operator `union`.
    pub recursive_union: bool,
    /// A recursive common table expression lists its columns.
    pub name_recursive_columns: bool,
    /// A table can be kept up to date by the warehouse from its query.
    pub dynamic_tables: bool,
    /// A schedule of the warehouse's own can run the refresh: the template `schedule.sql`.
    pub schedule: bool,
    /// Such a schedule takes a cron expression and a time zone.
    pub cron: bool,
    /// `QUALIFY` filters by a window function.
    pub qualify: bool,
    /// `MERGE` updates, deletes and inserts in one statement.
    pub merge: bool,
    /// A row has an address, as the expression `row_address`, that tells it from every other row of its table.
    pub address_rows: bool,
    /// Several statements can be one transaction.
    pub transactions: bool,
    /// A transaction reads one snapshot, and can make work tables.
    pub one_snapshot: bool,
    /// Tables, views and columns can be made and dropped in a transaction.
    pub transactional_ddl: bool,
    /// What idgraph made is recorded in a table, with the identity that the catalog gives each object.
    pub record_objects: bool,
    /// The catalog tells a table from one of the same name made later, by the expression `table_id`.
    pub identify_tables: bool,
    /// The same of a table's columns, by the expression `column_id`.
    pub identify_columns: bool,
    /// The database counts rows that are deleted from a table, by the expression `deletions`.
    pub count_deletions: bool,
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

/// What statements keep others from, and how long they take.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Locks {
    /// The vendor's page that says so.
    pub source: String,
    /// Kinds of statements; the first that fits a statement is its kind.
    pub statements: Vec<StatementKind>,
}

/// What a kind of statement does to a table that is there.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct StatementKind {
    /// What a statement of this kind begins with, comments aside; `*` stands for anything, such as a name.
    pub begins: String,
    /// The lock on the table, in the vendor's words.
    #[serde(default)]
    pub lock: String,
    /// Who waits for it, until the transaction ends.
    #[serde(default)]
    pub stops: Stops,
    /// Whether the whole table is written anew.
    #[serde(default)]
    pub rewrites: bool,
    /// How many rows it gets through in a second, roughly; none where its time does not grow with the table.
    #[serde(default)]
    pub rows_per_second: Option<u64>,
}

/// Who waits for a statement.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Stops {
    /// Nobody, but who changes the same rows or the same table's shape.
    #[default]
    Nobody,
    /// Who writes to the table.
    Writers,
    /// Who reads it, too.
    Everybody,
}

impl Stops {
    /// In a message.
    pub fn words(self) -> &'static str {
        match self {
            Self::Nobody => "nobody waits",
            Self::Writers => "writers wait, readers go on",
            Self::Everybody => "readers and writers wait",
        }
    }
}

impl Locks {
    /// The kind of a statement; `code` is it on one line, in lower case and without comments.
    pub fn kind(&self, code: &str) -> Option<&StatementKind> {
        self.statements.iter().find(|kind| begins(code, &kind.begins))
    }
}

/// Whether a statement begins as a pattern says, in which `*` stands for anything. The statement is on one line and in
/// lower case.
pub fn begins(code: &str, pattern: &str) -> bool {
    let pattern = pattern.to_lowercase();
    let mut parts = pattern.split('*');
    let start = parts.next().unwrap_or_default();
    let rest = code.strip_prefix(start);
    parts
        .try_fold(rest, |rest, part| {
            let rest = rest?;
            rest.find(part).map(|at| rest.get(at + part.len()..))
        })
        .flatten()
        .is_some()
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
    /// What such a statement does in a migration.
    #[serde(default)]
    pub does: GapKind,
}

/// What a statement does that sqlparser does not read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum GapKind {
    /// Anything, as far as anybody can say without reading it.
    #[default]
    Anything,
    /// It sets comments and settings: no row goes.
    Describes,
    /// It drops what its name is of.
    Drops,
    /// It gives a table another name.
    Renames,
}
