//! What a table refers to: a foreign key holds on to the other table, which can no longer be emptied or dropped by itself.

use sqlparser::ast::{
    ColumnOption, ColumnOptionDef, CreateTable, CreateTableLikeKind, ForeignKeyConstraint,
    ReferentialAction, TableConstraint,
};

use super::Judge;

impl Judge<'_> {
    /// What the constraints of a table refer to.
    pub(super) fn constraints(&mut self, table: &[String], constraints: &[TableConstraint]) {
        for constraint in constraints {
            if let TableConstraint::ForeignKey(key) = constraint {
                self.refers(table, key);
            }
        }
    }

    /// What a column's options refer to.
    pub(super) fn options<'a>(
        &mut self,
        table: &[String],
        options: impl IntoIterator<Item = &'a ColumnOption>,
    ) {
        for option in options {
            match option {
                ColumnOption::ForeignKey(key) => self.refers(table, key),
                ColumnOption::Policy(_) => self.unknown(table.to_vec(), "a policy"),
                _ => {}
            }
        }
    }

    pub(super) fn column_options(&mut self, table: &[String], options: &[ColumnOptionDef]) {
        self.options(table, options.iter().map(|one| &one.option));
    }

    /// The tables that a new one is made like: their defaults and checks become its own.
    pub(super) fn models_of(&mut self, create: &CreateTable) {
        let like = create.like.as_ref().map(|like| match like {
            CreateTableLikeKind::Parenthesized(like) | CreateTableLikeKind::Plain(like) => {
                &like.name
            }
        });
        for name in like.into_iter().chain(&create.clone) {
            let name = self.parts(name);
            self.found.sources.insert(name);
        }
    }

    fn refers(&mut self, table: &[String], key: &ForeignKeyConstraint) {
        let to = self.parts(&key.foreign_table);
        // Whoever deletes or changes rows over there would delete or change rows here, without a word.
        let is_passive = |action: &ReferentialAction| {
            matches!(action, ReferentialAction::NoAction | ReferentialAction::Restrict)
        };
        if !key.on_delete.iter().chain(&key.on_update).all(is_passive) {
            self.unknown(table.to_vec(), "what a foreign key does to rows");
        }
        // Where a schema is a file and nothing is said across two, a table refers to one beside it, whose name is bare.
        match (table, to.as_slice(), self.dialect.facts.can.views_across_schemas) {
            ([schema, _], [bare], false) => self.touches(&[schema.clone(), bare.clone()]),
            _ => drop(self.qualified(to)),
        }
    }
}
