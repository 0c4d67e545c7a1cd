//! What is dropped by a statement of its own kind.

use sqlparser::ast::{self, ObjectName, ObjectType, Statement as S};

use super::super::taken::How;
use super::Judge;

impl Judge<'_> {
    pub(super) fn drops(&mut self, statement: &S) {
        match statement {
            S::DropFunction(drop) => {
                for one in &drop.func_desc {
                    self.object(&one.name, How::Object("function"));
                }
            }
            S::DropProcedure { proc_desc, .. } => {
                for one in proc_desc {
                    self.object(&one.name, How::Object("procedure"));
                }
            }
            S::DropExtension(drop) => {
                let cascades =
                    matches!(drop.cascade_or_restrict, Some(ast::ReferentialAction::Cascade));
                for name in &drop.names {
                    let name = vec![self.one(name)];
                    self.take_with(name, How::Object("extension"), cascades);
                }
            }
            S::DropTrigger(drop) => {
                let table = drop.table_name.as_ref().map(|name| self.names(name));
                let name =
                    table.unwrap_or_default().into_iter().chain(self.parts(&drop.trigger_name));
                let name = name.collect();
                self.take(name, How::Object("trigger"));
            }
            S::DropPolicy(drop) => {
                let mut name = self.names(&drop.table_name);
                name.push(self.one(&drop.name));
                self.take(name, How::Object("policy"));
            }
            _ => {}
        }
    }

    pub(super) fn drop_all(
        &mut self,
        kind: &ObjectType,
        names: &[ObjectName],
        cascades: bool,
        table: Option<&ObjectName>,
    ) {
        let how = match kind {
            ObjectType::Table => How::Table,
            ObjectType::View | ObjectType::MaterializedView => How::View,
            ObjectType::Schema | ObjectType::Database => How::Schema,
            ObjectType::Index => How::Object("index"),
            ObjectType::Sequence => How::Object("sequence"),
            ObjectType::Type => How::Object("type"),
            ObjectType::Role | ObjectType::User => How::Rights,
            _ => How::Object("object"),
        };
        for name in names {
            let name = match (table, &how) {
                // DROP INDEX … ON schema.table
                (Some(table), _) => {
                    let table = self.names(table);
                    table.into_iter().chain(self.parts(name)).collect()
                }
                (None, How::Schema) => self.schema(name),
                (None, How::Rights | How::Object("object")) => self.parts(name),
                _ => self.names(name),
            };
            self.take_with(name, how.clone(), cascades);
        }
    }
}
