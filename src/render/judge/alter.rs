//! `ALTER TABLE`: what each of its operations does.

use sqlparser::ast::{
    AlterColumnOperation, AlterTable, AlterTableOperation, DropBehavior, Ident, RenameTableNameKind,
};

use super::super::taken::{How, is_cast, one};
use super::Judge;

impl Judge<'_> {
    pub(super) fn alter_table(&mut self, alter: &AlterTable) {
        let table = self.names(&alter.name);
        for operation in &alter.operations {
            self.altered(&table, operation);
        }
    }

    fn altered(&mut self, table: &[String], operation: &AlterTableOperation) {
        use AlterTableOperation as O;
        let dialect = self.dialect;
        let of = |name: &Ident| [table, &[one(name, dialect)]].concat();
        let cascades =
            |behavior: &Option<DropBehavior>| matches!(behavior, Some(DropBehavior::Cascade));
        match operation {
            O::AddColumn { column_def, .. } => self.column(table, column_def),
            O::AddConstraint { constraint, .. } => {
                self.constraints(table, std::slice::from_ref(constraint));
            }
            O::ValidateConstraint { .. } => {}
            O::ClusterBy { .. } | O::AlterSortKey { .. } => {}
            O::SuspendRecluster | O::ResumeRecluster | O::DropClusteringKey => {}
            O::DropColumn { column_names, drop_behavior, .. } => {
                for name in column_names {
                    self.take_with(of(name), How::Column, cascades(drop_behavior));
                }
            }
            O::AlterColumn { column_name, op } => match op {
                AlterColumnOperation::SetDataType { data_type, using, .. } => {
                    self.sql_type(data_type);
                    let is_computed =
                        using.as_ref().is_some_and(|using| !is_cast(using, column_name, data_type));
                    let sql_type = data_type.to_string();
                    self.take(of(column_name), How::Type { sql_type, is_computed });
                }
                AlterColumnOperation::SetNotNull
                | AlterColumnOperation::DropNotNull
                | AlterColumnOperation::SetDefault { .. }
                | AlterColumnOperation::DropDefault
                | AlterColumnOperation::AddGenerated { .. } => {}
            },
            O::ChangeColumn { old_name: name, data_type, options, .. }
            | O::ModifyColumn { col_name: name, data_type, options, .. } => {
                self.sql_type(data_type);
                self.options(table, options);
                let sql_type = data_type.to_string();
                self.take(of(name), How::Type { sql_type, is_computed: false });
                if let O::ChangeColumn { new_name, .. } = operation
                    && new_name != name
                {
                    self.take(of(name), How::Name(one(new_name, dialect)));
                }
            }
            O::RenameColumn { old_column_name: was, new_column_name: is } => {
                self.take(of(was), How::Name(one(is, dialect)));
            }
            O::RenameTable { table_name } => {
                let (RenameTableNameKind::As(name) | RenameTableNameKind::To(name)) = table_name;
                let to = self.last(name);
                self.renamed(table, &to);
                self.take(table.to_vec(), How::Name(to));
            }
            O::SwapWith { table_name } => {
                let other = self.names(table_name);
                self.take(table.to_vec(), How::Table);
                self.take(other, How::Table);
            }
            O::DropConstraint { name, drop_behavior, .. }
            | O::DropForeignKey { name, drop_behavior } => {
                self.take_with(of(name), How::Object("constraint"), cascades(drop_behavior));
            }
            O::RenameConstraint { old_name: name, .. } => {
                self.take(of(name), How::Object("constraint"));
            }
            O::DropIndex { name } => self.take(of(name), How::Object("index")),
            O::OwnerTo { .. } => self.take(table.to_vec(), How::Rights),
            _ => self.unknown(table.to_vec(), "changes of its kind"),
        }
    }
}
