//! What is made and described.

use sqlparser::ast::{self, CommentObject, IndexType, ObjectName};

use super::super::taken::{How, exact};
use super::Judge;

/// Whether a table says where its files are.
fn is_elsewhere(create: &ast::CreateTable) -> bool {
    create.hive_formats.as_ref().is_some_and(|formats| formats.location.is_some())
}

impl Judge<'_> {
    /// Something new under this name.
    pub(super) fn makes(&mut self, name: &ObjectName, is_temporary: bool) -> Vec<String> {
        self.look_at(name);
        let name = self.parts(name);
        match name.as_slice() {
            [bare] if is_temporary => {
                self.found.temporary.insert(bare.clone());
                name
            }
            _ => self.qualified(name),
        }
    }

    pub(super) fn create_table(&mut self, create: &ast::CreateTable) {
        let name = self.makes(&create.name, create.temporary);
        for column in &create.columns {
            self.column(&name, column);
        }
        self.constraints(&name, &create.constraints);
        self.models_of(create);
        if create.with_row_access_policy.is_some() || create.with_aggregation_policy.is_some() {
            self.unknown(name.clone(), "a policy");
        }
        for parent in create.partition_of.iter().chain(create.inherits.iter().flatten()) {
            let parent = self.names(parent);
            self.unknown(parent, "a table that gets a part");
        }
        // A dynamic table has what its query yields, as a view: nothing is lost with the one before.
        if create.or_replace && !create.temporary && !create.dynamic {
            self.take(name, How::Table);
        } else if create.or_replace && !create.temporary {
            self.take(name, How::Replaced);
        } else if create.external || create.location.is_some() || is_elsewhere(create) {
            self.unknown(name, "a table whose rows are elsewhere");
        }
    }

    pub(super) fn comment(&mut self, kind: CommentObject, of: &ObjectName) {
        use CommentObject as C;
        // Of a column the name of its table is before it.
        if kind != C::Column {
            self.look_at(of);
        }
        let mut name = exact(of, self.dialect);
        match kind {
            C::Column => drop(name.pop()),
            C::Schema => return drop(self.schema(of)),
            // What is no object of a schema is everybody's.
            C::Database | C::Role | C::User | C::Extension => {
                return self.unknown(name, "what it describes");
            }
            _ => {}
        }
        name.drain(..name.len().saturating_sub(2));
        self.qualified(name);
    }

    pub(super) fn create_view(&mut self, create: &ast::CreateView) {
        let name = self.makes(&create.name, create.temporary);
        self.found.views.insert(name.clone());
        if create.materialized && create.or_replace {
            self.take(name, How::View);
        } else if (create.or_replace || create.or_alter) && !create.temporary {
            self.take(name, How::Replaced);
        }
    }

    pub(super) fn create_index(&mut self, create: &ast::CreateIndex) {
        // Where an index has a schema, its table is in the same one and must not be qualified.
        let index = create.name.as_ref().map(|name| self.parts(name)).unwrap_or_default();
        let table = self.parts(&create.table_name);
        self.named.insert(table.clone());
        let is_known = |using: &IndexType| !matches!(using, IndexType::Custom(_));
        if create.columns.iter().any(|column| column.operator_class.is_some())
            || !create.using.iter().all(is_known)
        {
            self.unknown(table.clone(), "an operator class or an access method");
        }
        match (index.as_slice(), table.as_slice()) {
            ([schema, _], [table]) => self.touches(&[schema.clone(), table.clone()]),
            _ => drop(self.qualified(table)),
        }
    }
}
