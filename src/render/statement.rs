//! A rendered statement: its text, and what it makes, reads and writes, read back from the text by sqlparser.

use std::collections::BTreeSet;
use std::sync::Arc;

use sqlparser::ast::{
    self, CommentObject, FromTable, ObjectName, ObjectType, SchemaName, TableFactor, TableObject,
};
use sqlparser::parser::{Parser, ParserError};
use sqlparser::tokenizer::{Token, Whitespace};

use super::condition::unconditional;
use super::deep::{MOST, levels, with_room};
use super::given::{Given, given};
use super::judge::{Judged, Refused, hidden, judge, judge_rest, judge_words};
use super::split::{Offsets, Part, at, location_in, split};
use super::taken::Taken;
use crate::diagnostic::{Diagnostic, Diagnostics, Place, Result, Source};
use crate::dialect::{Dialect, Gap, GapKind, begins};
use crate::warehouse::state;

/// A schema's name, or that of a table in a schema; without quotes, in lower case so that names compare.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectRef {
    /// The schema; `None` for what lives outside of any, such as a temporary table.
    pub schema: Option<String>,
    /// The object's own name; for a schema, the schema's.
    pub name: String,
}

/// What a statement does, as far as running it safely depends on that.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Makes a schema if there is none.
    CreateSchema,
    /// Makes a table if there is none.
    CreateTable,
    /// Makes a view, or a table that keeps its own query, or puts it in place of the old one.
    CreateView,
    /// Makes an index, describes an object: goes with the object itself.
    Attend,
    /// Begins a transaction.
    Begin,
    /// Ends a transaction.
    Commit,
    /// Adds rows to a table.
    Insert,
    /// Takes rows out of a table.
    Delete,
    /// Anything else.
    Other,
}

impl Action {
    /// Whether the statement makes its target.
    pub fn makes(self) -> bool {
        matches!(self, Self::CreateSchema | Self::CreateTable | Self::CreateView)
    }
}

/// One statement of a rendered file.
#[derive(Debug, Clone)]
pub struct Statement {
    /// The text, comments before it included, without the `;` at its end.
    pub sql: String,
    /// What it does.
    pub action: Action,
    /// The object that it makes, changes or fills.
    pub target: Option<ObjectRef>,
    /// The tables and views that it reads, its target aside.
    pub reads: BTreeSet<ObjectRef>,
    /// What it takes away, changes and writes.
    pub takes: Vec<Taken>,
    /// What it makes, changes or takes away by a name without a schema.
    pub bare: BTreeSet<String>,
    /// The temporary tables that it makes by a name without a schema.
    pub temporary: BTreeSet<String>,
    /// The views that it makes, whatever that stands in.
    pub views: BTreeSet<Vec<String>>,
    /// Whether it makes something only where it is missing, or where something else holds.
    pub is_conditional: bool,
    /// Whether it makes a view that is computed at once.
    pub is_materialized: bool,
    /// What no directive lets a migration do.
    pub refused: Vec<Refused>,
    /// What it gives its target: columns, other names.
    pub gives: Vec<Given>,
    /// The objects of schemas that it makes, changes, describes or takes away.
    pub touches: BTreeSet<Vec<String>>,
    /// Those that it locks.
    pub locks: BTreeSet<Vec<String>>,
    /// The tables and views that it reads besides, as the warehouse tells names apart.
    pub sources: BTreeSet<Vec<String>>,
}

impl Statement {
    fn new(sql: String, action: Action, target: Option<ObjectRef>) -> Self {
        Self {
            sql,
            action,
            target,
            reads: BTreeSet::new(),
            takes: Vec::new(),
            bare: BTreeSet::new(),
            temporary: BTreeSet::new(),
            views: BTreeSet::new(),
            is_conditional: false,
            is_materialized: false,
            refused: Vec::new(),
            gives: Vec::new(),
            touches: BTreeSet::new(),
            locks: BTreeSet::new(),
            sources: BTreeSet::new(),
        }
    }

    fn judge(&mut self, judged: Judged) {
        let Judged { takes, bare, temporary, views, refused, touches, locks, sources } = judged;
        self.takes.extend(takes);
        self.bare.extend(bare);
        self.temporary.extend(temporary);
        self.views.extend(views);
        self.refused.extend(refused);
        self.touches.extend(touches);
        self.locks.extend(locks);
        self.sources.extend(sources);
    }

    /// The name of its target as the warehouse tells names apart.
    pub fn exact_target(&self) -> Option<Vec<String>> {
        let target = self.target.as_ref()?;
        let lower = [target.schema.clone()?, target.name.clone()];
        let is_it = |name: &&Vec<String>| {
            name.iter().zip(&lower).all(|(one, lower)| one.to_lowercase() == *lower)
        };
        Some(self.touches.iter().find(is_it).cloned().unwrap_or_else(|| lower.to_vec()))
    }

    /// The statement on one line, in lower case, without the comments that have a line of their own: to tell its kind.
    pub fn code(&self) -> String {
        code(&self.sql)
    }

    /// Whether it makes the table of a model or of the bookkeeping, as against one that it works with.
    pub fn makes_table(&self, name: &str) -> bool {
        let is_it =
            |target: &ObjectRef| target.schema.is_some() && target.name == name.to_lowercase();
        self.action == Action::CreateTable && self.target.as_ref().is_some_and(is_it)
    }

    /// Whether it notes what idgraph has made.
    pub fn notes_made(&self) -> bool {
        self.action == Action::Insert && self.target.as_ref().is_some_and(is_record)
    }

    /// Whether it is about what idgraph has made, and not about rows: notes it, or asks for it.
    pub fn is_about_made(&self) -> bool {
        self.notes_made() || self.reads.iter().any(is_record)
    }
}

fn is_record(object: &ObjectRef) -> bool {
    object.schema.is_some() && object.name == state::OBJECTS
}

/// How deep brackets, subqueries and CASE may stand in each other.
const DEEPEST: usize = 500;

/// The code of the message about a rendered text that is no SQL.
pub(crate) const INVALID: &str = "rendered-sql-invalid";

/// Splits a rendered text into its statements and reads each.
///
/// # Errors
/// When a statement is none of the dialect's, known gaps of the parser aside.
pub fn statements(text: &Arc<Source>, dialect: &Dialect) -> Result<Vec<Statement>> {
    let parts = split(text, dialect)?.into_iter().filter(|part| part.has_code);
    parts.map(|part| read(text, part, dialect)).collect()
}

/// A statement of a text that people write as well, and where it stands there.
#[derive(Debug, Clone)]
pub struct Written {
    /// The statement; `None` for comments that no statement follows.
    pub statement: Option<Statement>,
    /// Where its code begins, up to the end of that line.
    pub place: Place,
    /// Its `--` comments, without the dashes, each with its place.
    pub comments: Vec<Comment>,
}

/// A `--` comment.
#[derive(Debug, Clone)]
pub struct Comment {
    /// What stands behind the dashes.
    pub text: String,
    /// The comment, dashes included.
    pub place: Place,
    /// Whether it stands in front of the statement's code, on a line of its own.
    pub is_in_front: bool,
}

/// As [`statements`], with places and comments.
///
/// # Errors
/// As [`statements`].
pub fn written(text: &Arc<Source>, dialect: &Dialect) -> Result<Vec<Written>> {
    let parts = split(text, dialect)?;
    let mut offsets = Offsets::new(&text.text);
    let mut all = Vec::new();
    for part in parts {
        let mut comments = Vec::new();
        let mut code = None;
        for token in &part.tokens {
            let start = offsets.of(token.span.start);
            match &token.token {
                Token::Whitespace(Whitespace::SingleLineComment { comment, prefix }) => {
                    let line = text.text.get(..start).unwrap_or_default();
                    let line = line.rsplit('\n').next().unwrap_or_default();
                    let end = start + prefix.len() + comment.trim_end().len();
                    comments.push(Comment {
                        text: comment.trim().to_owned(),
                        place: Place { source: text.clone(), span: start..end },
                        is_in_front: code.is_none() && line.trim().is_empty(),
                    });
                }
                Token::Whitespace(_) => {}
                _ => code = code.or(Some(start)),
            }
        }
        let start = code.unwrap_or(part.span.start);
        let rest = text.text.get(start..part.span.end).unwrap_or_default();
        let end = start + rest.lines().next().unwrap_or_default().len();
        let place = Place { source: text.clone(), span: start..end };
        let statement = code.map(|_| read(text, part, dialect)).transpose()?;
        all.push(Written { statement, place, comments });
    }
    Ok(all)
}

fn read(source: &Arc<Source>, part: Part, dialect: &Dialect) -> Result<Statement> {
    let (levels, start) = (levels(&part.tokens), part.span.start);
    with_room(levels, || parse(source, part, dialect))
        .unwrap_or_else(|| Err(too_big(source, start)))
}

fn parse(source: &Arc<Source>, part: Part, dialect: &Dialect) -> Result<Statement> {
    let sql = source.text.get(part.span.clone()).unwrap_or_default();
    let start = part.span.start + (sql.len() - sql.trim_start().len());
    let sql = sql.trim();
    let parser = dialect.parser();
    let mut parser = Parser::new(parser.as_ref())
        .with_recursion_limit(DEEPEST)
        .with_tokens_with_locations(part.tokens);
    let parsed = parser.parse_statement().and_then(|statement| {
        parser.expect_token(&Token::EOF)?;
        Ok(statement)
    });
    match parsed.map_err(|error| (gap(sql, dialect), error)) {
        Ok(parsed) => Ok(meaning(sql.to_owned(), &parsed, dialect)),
        Err((Some(gap), error)) => {
            if let Some(parsed) = unconditional(sql, dialect) {
                return Ok(meaning(sql.to_owned(), &parsed, dialect));
            }
            let (mut known, rest) = match beginning(source, start, &error, dialect) {
                Some((parsed, end)) => (
                    meaning(sql.to_owned(), &parsed, dialect),
                    source.text.get(end..start + sql.len()),
                ),
                None => (Statement::new(sql.to_owned(), Action::Other, None), None),
            };
            known.judge(match rest {
                Some(rest) if gap.does == GapKind::Anything => judge_rest(rest, dialect),
                _ => judge_words(sql, gap, dialect),
            });
            Ok(known)
        }
        Err((None, ParserError::RecursionLimitExceeded)) => Err(too_deep(source, start)),
        Err((None, error)) => {
            let message = error.to_string();
            let location = location_in(&message);
            let span = location.map_or(start..start, |location| at(&source.text, location));
            let place = Place { source: source.clone(), span };
            Err(invalid(dialect, &message).at(&place, "").into())
        }
    }
}

pub(super) fn invalid(dialect: &Dialect, message: &str) -> Diagnostic {
    let message = message.trim_start_matches("sql parser error: ");
    // The place is shown; the parser counts from the statement's start.
    let message = message.split(" at Line: ").next().unwrap_or_default();
    Diagnostic::error(
        INVALID,
        format!("this SQL is not {}'s: {message}", dialect.facts.title),
    )
    .help("what idgraph rendered comes from the dialect's templates: `idgraph dialect show` says where each is")
    .help("if the warehouse takes it and only sqlparser does not, list it under `gaps` in dialect.yml")
}

fn too_deep(source: &Arc<Source>, start: usize) -> Diagnostics {
    let place = Place { source: source.clone(), span: start..start };
    Diagnostic::error("statement-too-deep", "this statement is nested too deep to be read")
        .at(&place, "")
        .note(format!("brackets, subqueries and CASE may stand in each other {DEEPEST} deep"))
        .help("split it, or put its parts into common table expressions")
        .into()
}

fn too_big(source: &Arc<Source>, start: usize) -> Diagnostics {
    let text = source.text.get(start..).unwrap_or_default();
    let start = start + (text.len() - text.trim_start().len());
    let place = Place { source: source.clone(), span: start..start };
    Diagnostic::error("statement-too-big", "this statement is too big to be read")
        .at(&place, "")
        .note(format!("it has more than {MOST} operators and words of SQL"))
        .help("split it into several statements")
        .into()
}

/// What stands before the clause that sqlparser refuses, where that is a statement with names. The BEGIN of a block has none.
fn beginning(
    source: &Source,
    start: usize,
    error: &ParserError,
    dialect: &Dialect,
) -> Option<(ast::Statement, usize)> {
    let end = at(&source.text, location_in(&error.to_string())?).start;
    let parser = dialect.parser();
    let mut parser =
        Parser::new(parser.as_ref()).try_with_sql(source.text.get(start..end)?).ok()?;
    let parsed = parser.parse_statement().ok()?;
    parser.expect_token(&Token::EOF).ok()?;
    let is_block = matches!(parsed, ast::Statement::StartTransaction { .. });
    (!is_block).then_some((parsed, end))
}

/// The gap that a statement is of which sqlparser refuses and the dialect says is valid.
fn gap<'a>(sql: &str, dialect: &'a Dialect) -> Option<&'a Gap> {
    let code = code(sql);
    dialect.facts.gaps.iter().find(|gap| begins(&code, &gap.begins))
}

/// A statement on one line, in lower case, without the comments that have a line of their own.
fn code(sql: &str) -> String {
    let lines = sql.lines().filter(|line| !line.trim_start().starts_with("--"));
    let words: Vec<&str> = lines.flat_map(str::split_whitespace).collect();
    words.join(" ").to_lowercase()
}

fn meaning(sql: String, statement: &ast::Statement, dialect: &Dialect) -> Statement {
    let (action, target, gives) = done(statement, dialect);
    let mut reads = BTreeSet::new();
    // A name without a schema is a common table expression or a temporary table; in a view it may as
    // well be a table of the view's own schema.
    let own_schema = match (action, &target) {
        (Action::CreateView, Some(view)) => view.schema.clone(),
        _ => None,
    };
    let judged = judge(statement, dialect, |name| {
        reads.extend(object(name).and_then(|name| {
            let schema = name.schema.or_else(|| own_schema.clone())?;
            Some(ObjectRef { schema: Some(schema), name: name.name })
        }));
    });
    if let Some(target) = &target {
        reads.remove(target);
        reads.retain(|read| action != Action::Attend || read.name != target.name);
    }
    let mut meaning = Statement { reads, gives, ..Statement::new(sql, action, target) };
    meaning.is_conditional = is_conditional(statement);
    meaning.is_materialized =
        matches!(statement, ast::Statement::CreateView(view) if view.materialized);
    meaning.judge(judged);
    meaning.judge(hidden(&meaning, dialect));
    meaning
}

fn is_conditional(statement: &ast::Statement) -> bool {
    use ast::Statement as S;
    match statement {
        S::CreateTable(create) => create.if_not_exists,
        S::CreateView(create) => create.if_not_exists,
        S::AlterTable(alter) => {
            let only_if = |one: &ast::AlterTableOperation| {
                matches!(one, ast::AlterTableOperation::AddColumn { if_not_exists: true, .. })
            };
            alter.if_exists || alter.operations.iter().any(only_if)
        }
        S::If(_) | S::Case(_) | S::While(_) | S::StartTransaction { .. } => true,
        _ => false,
    }
}

/// What a statement does first of all, to what, and what it gives it.
fn done(statement: &ast::Statement, dialect: &Dialect) -> (Action, Option<ObjectRef>, Vec<Given>) {
    use ast::Statement as S;
    // What is done unless it was done before means what is done.
    if let S::If(conditional) = statement
        && let [only] = conditional.if_block.statements().as_slice()
    {
        return done(only, dialect);
    }
    let mut gives = given(statement, dialect);
    let (action, target) = match statement {
        // A block does what its statements do to tables that stay.
        S::StartTransaction { statements, has_end_keyword: true, .. } => {
            type Done = (Action, Option<ObjectRef>, Vec<Given>);
            let stays = |one: &Done| one.1.as_ref().is_some_and(|it| it.schema.is_some());
            let first = statements.iter().map(|one| done(one, dialect)).find(stays);
            first.map_or((Action::Other, None), |(action, target, given)| {
                gives = given;
                (action, target)
            })
        }
        S::CreateSchema { schema_name, .. } => {
            let name = match schema_name {
                SchemaName::Simple(name) | SchemaName::NamedAuthorization(name, _) => parts(name),
                SchemaName::UnnamedAuthorization(_) => Vec::new(),
            };
            let name = name.into_iter().next_back();
            (Action::CreateSchema, name.map(|name| ObjectRef { schema: None, name }))
        }
        S::CreateTable(create) if create.dynamic => (Action::CreateView, object(&create.name)),
        S::CreateTable(create) => (Action::CreateTable, object(&create.name)),
        S::CreateView(create) => (Action::CreateView, object(&create.name)),
        S::AlterView { name, .. } => (Action::CreateView, object(name)),
        S::Drop { object_type: ObjectType::View, names, .. } => {
            (Action::CreateView, names.first().and_then(object))
        }
        S::Drop { object_type: ObjectType::Table, names, .. } => {
            (Action::Other, names.first().and_then(object))
        }
        S::Update(update) => (Action::Other, factor(&update.table.relation)),
        S::CreateIndex(create) => {
            // Where an index has a schema, its table is in the same one and must not be qualified.
            let mut table = object(&create.table_name);
            if let Some(table) = table.as_mut().filter(|table| table.schema.is_none()) {
                table.schema = create.name.as_ref().and_then(object).and_then(|index| index.schema);
            }
            (Action::Attend, table)
        }
        S::Comment { object_type, object_name, .. } => {
            let mut name = parts(object_name);
            if matches!(object_type, CommentObject::Column) {
                name.pop();
            }
            (Action::Attend, from_parts(name))
        }
        S::AlterTable(alter) => (Action::Attend, object(&alter.name)),
        // The lock that every query takes is no change of the table.
        S::Lock(lock) if lock.lock_mode == Some(ast::LockTableMode::AccessShare) => {
            (Action::Other, None)
        }
        S::Lock(lock) => (Action::Other, lock.tables.first().and_then(|lock| object(&lock.name))),
        S::Insert(insert) => match &insert.table {
            TableObject::TableName(name) => (Action::Insert, object(name)),
            _ => (Action::Insert, None),
        },
        S::Delete(delete) => {
            let (FromTable::WithFromKeyword(from) | FromTable::WithoutKeyword(from)) = &delete.from;
            let table = from.first().and_then(|table| factor(&table.relation));
            (Action::Delete, table)
        }
        S::Merge(merge) => (Action::Insert, factor(&merge.table)),
        S::Truncate(truncate) => {
            (Action::Delete, truncate.table_names.first().and_then(|table| object(&table.name)))
        }
        S::StartTransaction { .. } => (Action::Begin, None),
        S::Commit { .. } | S::Rollback { .. } => (Action::Commit, None),
        _ => (Action::Other, None),
    };
    (action, target, gives)
}

fn factor(factor: &TableFactor) -> Option<ObjectRef> {
    match factor {
        TableFactor::Table { name, .. } => object(name),
        _ => None,
    }
}

fn object(name: &ObjectName) -> Option<ObjectRef> {
    from_parts(parts(name))
}

fn from_parts(mut parts: Vec<String>) -> Option<ObjectRef> {
    let name = parts.pop()?;
    Some(ObjectRef { schema: parts.pop(), name })
}

/// The parts of a name, without quotes, in lower case.
pub(super) fn parts(name: &ObjectName) -> Vec<String> {
    let idents = name.0.iter().filter_map(|part| part.as_ident());
    idents.map(|ident| ident.value.to_lowercase()).collect()
}
