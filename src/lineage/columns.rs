//! Which columns a column is computed from, through common table expressions, subqueries and work tables.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::ControlFlow;

use sqlparser::ast::{
    Expr, FunctionArgumentClause, FunctionArguments, MergeAction, MergeInsertKind, ObjectName,
    Query, Select, SelectItem, SelectItemQualifiedWildcardKind, SetExpr, Statement as Sql,
    TableFactor, TableObject, Visit, Visitor, visit_expressions, visit_expressions_mut,
};
use sqlparser::parser::Parser;

use super::ColumnRef;
use crate::dialect::Dialect;
use crate::render::Statement;

/// The warehouse's tables by name in lower case: the name as written, and the columns.
pub(super) type Tables = HashMap<String, (String, Vec<String>)>;

/// Where a value comes from; `None` when the SQL does not tell.
type From = Option<BTreeSet<ColumnRef>>;

/// Columns by name, in order.
type Columns = Vec<(String, From)>;

/// What each column of a table is computed from, by its name.
pub(super) fn of(
    statements: &[Statement],
    table: &str,
    tables: &Tables,
    dialect: &Dialect,
) -> BTreeMap<String, From> {
    // A table may be filled beside the model's, and take its place.
    let beside = table
        .rsplit_once('.')
        .map(|(schema, name)| format!("{schema}.{}", dialect.beside(name, "next")).to_lowercase());
    let mut reader = Reader { tables, beside, work: HashMap::new() };
    let mut filled = Columns::new();
    for statement in statements {
        let parser = dialect.parser();
        // What sqlparser does not take is listed under the dialect's gaps: it tells nothing.
        let Ok(parsed) = Parser::parse_sql(parser.as_ref(), &statement.sql) else { continue };
        for sql in parsed {
            reader.statement(&sql, table, &mut filled);
        }
    }
    filled.into_iter().collect()
}

struct Reader<'a> {
    tables: &'a Tables,
    /// The table that takes the model's place.
    beside: Option<String>,
    /// Work tables made so far.
    work: HashMap<String, Columns>,
}

/// The relations that a query's names stand for.
type Scope = Vec<(String, Columns)>;

impl Reader<'_> {
    fn statement(&mut self, sql: &Sql, table: &str, filled: &mut Columns) {
        let beside = self.beside.clone();
        let is_ours = |name: &ObjectName| {
            let name = lower(name);
            name == table.to_lowercase() || Some(name) == beside
        };
        let mut fill = |columns: Columns| {
            if filled.is_empty() {
                *filled = columns;
            } else {
                union_by_name(filled, columns);
            }
        };
        match sql {
            Sql::CreateTable(create) => {
                let Some(query) = &create.query else { return };
                let columns = self.query(query, &self.work.clone());
                if is_ours(&create.name) {
                    fill(columns);
                } else {
                    self.work.insert(lower(&create.name), columns);
                }
            }
            Sql::CreateView(create) => {
                let columns = self.query(&create.query, &self.work.clone());
                if is_ours(&create.name) {
                    fill(columns);
                }
            }
            Sql::AlterView { name, query, .. } => {
                let columns = self.query(query, &self.work.clone());
                if is_ours(name) {
                    fill(columns);
                }
            }
            Sql::Insert(insert) => {
                let TableObject::TableName(name) = &insert.table else { return };
                let Some(query) = &insert.source else { return };
                let columns = self.query(query, &self.work.clone());
                let known = self.tables.get(&lower(name)).map(|(_, columns)| columns.clone());
                let names = if insert.columns.is_empty() {
                    known.unwrap_or_default()
                } else {
                    insert.columns.iter().map(lower).collect()
                };
                if is_ours(name) {
                    fill(renamed(columns, &names));
                }
            }
            Sql::Merge(merge) => {
                let TableFactor::Table { name, .. } = &merge.table else { return };
                if !is_ours(name) {
                    return;
                }
                let mut scope = Scope::new();
                self.relation(&merge.source, &self.work.clone(), &mut scope);
                for clause in &merge.clauses {
                    let MergeAction::Insert(insert) = &clause.action else { continue };
                    let MergeInsertKind::Values(values) = &insert.kind else { continue };
                    let names: Vec<String> = insert.columns.iter().map(lower).collect();
                    for row in &values.rows {
                        let from = row.iter().map(|value| sources(value, &scope));
                        fill(names.iter().cloned().zip(from).collect());
                    }
                }
            }
            _ => {}
        }
    }

    fn query(&self, query: &Query, outer: &HashMap<String, Columns>) -> Columns {
        let mut work = outer.clone();
        for cte in query.with.iter().flat_map(|with| &with.cte_tables) {
            let name = cte.alias.name.value.to_lowercase();
            let names: Vec<String> =
                cte.alias.columns.iter().map(|one| one.name.value.to_lowercase()).collect();
            let named = |columns: Columns| {
                if names.is_empty() { columns } else { renamed(columns, &names) }
            };
            work.remove(&name);
            // One that reads itself begins with the part that does not.
            if let SetExpr::SetOperation { left, .. } = cte.query.body.as_ref() {
                let start = named(self.body(left, &work));
                work.insert(name.clone(), start);
            }
            let whole = named(self.query(&cte.query, &work));
            work.insert(name, whole);
        }
        self.body(&query.body, &work)
    }

    fn body(&self, body: &SetExpr, work: &HashMap<String, Columns>) -> Columns {
        match body {
            SetExpr::Select(select) => self.select(select, work),
            SetExpr::Query(query) => self.query(query, work),
            SetExpr::SetOperation { left, right, .. } => {
                let mut columns = self.body(left, work);
                for (column, other) in columns.iter_mut().zip(self.body(right, work)) {
                    column.1 = both(column.1.take(), other.1);
                }
                columns
            }
            _ => Columns::new(),
        }
    }

    fn select(&self, select: &Select, work: &HashMap<String, Columns>) -> Columns {
        let mut scope = Scope::new();
        for from in &select.from {
            self.relation(&from.relation, work, &mut scope);
            for join in &from.joins {
                self.relation(&join.relation, work, &mut scope);
            }
        }
        let mut columns = Columns::new();
        for item in &select.projection {
            match item {
                SelectItem::UnnamedExpr(expr) => {
                    columns.push((last_name(expr), sources(expr, &scope)));
                }
                SelectItem::ExprWithAlias { expr, alias } => {
                    columns.push((alias.value.to_lowercase(), sources(expr, &scope)));
                }
                SelectItem::Wildcard(_) => {
                    columns.extend(scope.iter().flat_map(|(_, columns)| columns.clone()));
                }
                SelectItem::QualifiedWildcard(
                    SelectItemQualifiedWildcardKind::ObjectName(name),
                    _,
                ) => {
                    let name = lower(name);
                    let named = scope.iter().filter(|(alias, _)| *alias == name);
                    columns.extend(named.flat_map(|(_, columns)| columns.clone()));
                }
                _ => columns.push((String::new(), None)),
            }
        }
        columns
    }

    /// What a relation of a FROM brings into scope.
    fn relation(&self, factor: &TableFactor, work: &HashMap<String, Columns>, scope: &mut Scope) {
        match factor {
            TableFactor::Table { name, alias, .. } => {
                let full = lower(name);
                let columns = match (work.get(&full), self.tables.get(&full)) {
                    (Some(columns), _) => columns.clone(),
                    (None, Some((table, columns))) => base(table, columns),
                    (None, None) => self.unqualified(&full),
                };
                let bare = full.rsplit('.').next().unwrap_or_default().to_owned();
                let alias = alias.as_ref().map(|alias| alias.name.value.to_lowercase());
                scope.push((alias.unwrap_or(bare), columns));
            }
            TableFactor::Derived { subquery, alias, .. } => {
                let alias = alias.as_ref().map(|alias| alias.name.value.to_lowercase());
                scope.push((alias.unwrap_or_default(), self.query(subquery, work)));
            }
            TableFactor::NestedJoin { table_with_joins, .. } => {
                self.relation(&table_with_joins.relation, work, scope);
                for join in &table_with_joins.joins {
                    self.relation(&join.relation, work, scope);
                }
            }
            _ => {}
        }
    }

    /// A table named without its schema, as views do where they cannot leave theirs.
    fn unqualified(&self, name: &str) -> Columns {
        let ends = format!(".{name}");
        let mut named = self.tables.iter().filter(|(full, _)| full.ends_with(&ends));
        match (named.next(), named.next()) {
            (Some((_, (table, columns))), None) => base(table, columns),
            _ => Columns::new(),
        }
    }
}

fn base(table: &str, columns: &[String]) -> Columns {
    let from = |column: &String| ColumnRef { table: table.to_owned(), column: column.clone() };
    let columns = columns.iter();
    columns.map(|column| (column.clone(), Some(BTreeSet::from([from(column)])))).collect()
}

/// The columns that a value is computed from; `None` when a name of it is not known.
fn sources(expr: &Expr, scope: &Scope) -> From {
    let expr = valued(expr);
    let mut found = Some(BTreeSet::new());
    let mut elements = Elements::default();
    let _ = expr.visit(&mut elements);
    let _ = visit_expressions(&expr, |part| {
        let from = match part {
            // What it is an element of is part of the same expression.
            Expr::Identifier(name) if elements.0.contains(&name.value.to_lowercase()) => {
                return ControlFlow::<()>::Continue(());
            }
            Expr::Identifier(name) => column(&name.value.to_lowercase(), scope),
            Expr::CompoundIdentifier(names) => match names.as_slice() {
                [.., relation, name] => {
                    let (relation, name) =
                        (relation.value.to_lowercase(), name.value.to_lowercase());
                    let of = scope.iter().find(|(alias, _)| *alias == relation);
                    match of {
                        Some(one) => column(&name, std::slice::from_ref(one)),
                        // A field of a column.
                        None => column(&relation, scope),
                    }
                }
                _ => None,
            },
            _ => return ControlFlow::<()>::Continue(()),
        };
        found = both(found.take(), from);
        ControlFlow::Continue(())
    });
    found
}

/// The names of what `UNNEST` takes out of arrays.
#[derive(Default)]
struct Elements(BTreeSet<String>);

impl Visitor for Elements {
    type Break = ();

    fn pre_visit_table_factor(&mut self, factor: &TableFactor) -> ControlFlow<()> {
        if let TableFactor::UNNEST { alias: Some(alias), .. } = factor {
            self.0.insert(alias.name.value.to_lowercase());
        }
        ControlFlow::Continue(())
    }
}

/// An expression without what only orders or filters: `array_agg(x ORDER BY t)` is a value of `x`.
fn valued(expr: &Expr) -> Expr {
    let mut expr = expr.clone();
    let _ = visit_expressions_mut(&mut expr, |part| {
        if let Expr::Function(function) = part {
            function.over = None;
            function.filter = None;
            function.within_group.clear();
            let name = lower(&function.name);
            if let FunctionArguments::List(list) = &mut function.args {
                list.clauses.retain(|clause| !matches!(clause, FunctionArgumentClause::OrderBy(_)));
                if matches!(name.as_str(), "max_by" | "min_by" | "arg_max" | "arg_min") {
                    list.args.truncate(1);
                }
            }
        }
        ControlFlow::<()>::Continue(())
    });
    expr
}

fn column(name: &str, scope: &[(String, Columns)]) -> From {
    let mut all = scope.iter().flat_map(|(_, columns)| columns);
    all.find(|(column, _)| column == name).and_then(|(_, from)| from.clone())
}

fn both(one: From, other: From) -> From {
    let (mut one, other) = (one?, other?);
    one.extend(other);
    Some(one)
}

fn union_by_name(into: &mut Columns, others: Columns) {
    for (name, from) in others {
        match into.iter_mut().find(|(known, _)| *known == name) {
            Some((_, known)) => *known = both(known.take(), from),
            None => into.push((name, from)),
        }
    }
}

fn renamed(columns: Columns, names: &[String]) -> Columns {
    names.iter().cloned().zip(columns.into_iter().map(|(_, from)| from)).collect()
}

fn last_name(expr: &Expr) -> String {
    match expr {
        Expr::Identifier(name) => name.value.to_lowercase(),
        Expr::CompoundIdentifier(names) => {
            names.last().map(|name| name.value.to_lowercase()).unwrap_or_default()
        }
        _ => String::new(),
    }
}

/// A name without quotes in lower case, its parts joined by dots, its catalog aside.
fn lower(name: &ObjectName) -> String {
    let parts: Vec<_> = name.0.iter().filter_map(|part| part.as_ident()).collect();
    let own = parts.iter().skip(parts.len().saturating_sub(2));
    own.map(|part| part.value.to_lowercase()).collect::<Vec<_>>().join(".")
}
