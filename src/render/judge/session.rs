//! What changes the session: what names mean, and who acts. And what changes rights.

use sqlparser::ast::{self, AlterRoleOperation, GrantObjects, ObjectName, Set, Statement as S};

use super::super::taken::How;
use super::Judge;

/// Settings that only say how long something may take and how it is planned.
const HARMLESS: [&str; 12] = [
    "lock_timeout",
    "statement_timeout",
    "idle_in_transaction_session_timeout",
    "deadlock_timeout",
    "work_mem",
    "maintenance_work_mem",
    "temp_buffers",
    "random_page_cost",
    "jit",
    "client_min_messages",
    "max_parallel_workers_per_gather",
    "max_parallel_maintenance_workers",
];

impl Judge<'_> {
    pub(super) fn session(&mut self, statement: &S) {
        match statement {
            S::Set(set) => self.set(set),
            S::Use(_) => self.refuse("USE"),
            S::Reset(_) => self.refuse("RESET"),
            S::Discard { .. } => self.refuse("DISCARD"),
            // What is said of the file or of the connection: some of it writes into the file that Segment lands in.
            S::Pragma { name, .. } => {
                self.refuse(format!("PRAGMA {}", self.all_parts(name).join(".")));
            }
            S::AttachDatabase { .. } | S::AttachDuckDBDatabase { .. } => self.refuse("ATTACH"),
            S::DetachDuckDBDatabase { .. } => self.refuse("DETACH"),
            _ => self.refuse("ALTER SESSION"),
        }
    }

    fn set(&mut self, set: &Set) {
        match set {
            Set::SingleAssignment { variable, .. } => self.setting(variable),
            Set::ParenthesizedAssignments { variables, .. } => {
                variables.iter().for_each(|variable| self.setting(variable));
            }
            Set::MultipleAssignments { assignments } => {
                assignments.iter().for_each(|one| self.setting(&one.name));
            }
            Set::SetRole { .. } => self.refuse("SET ROLE"),
            Set::SetSessionAuthorization(_) => self.refuse("SET SESSION AUTHORIZATION"),
            _ => self.refuse("SET"),
        }
    }

    fn setting(&mut self, variable: &ObjectName) {
        let name = self.parts(variable).join(".").to_lowercase();
        if self.depth == 0 && !HARMLESS.contains(&name.as_str()) {
            self.refuse(format!("SET {name}"));
        }
    }

    pub(super) fn rights(&mut self, statement: &S) {
        match statement {
            S::Grant(ast::Grant { objects, .. }) | S::Revoke(ast::Revoke { objects, .. }) => {
                match objects {
                    Some(
                        GrantObjects::Tables(names)
                        | GrantObjects::Views(names)
                        | GrantObjects::Sequences(names),
                    ) => {
                        for name in names {
                            self.object(name, How::Rights);
                        }
                    }
                    Some(
                        GrantObjects::Schemas(names)
                        | GrantObjects::AllTablesInSchema { schemas: names }
                        | GrantObjects::AllViewsInSchema { schemas: names }
                        | GrantObjects::AllMaterializedViewsInSchema { schemas: names }
                        | GrantObjects::AllExternalTablesInSchema { schemas: names }
                        | GrantObjects::AllSequencesInSchema { schemas: names }
                        | GrantObjects::AllFunctionsInSchema { schemas: names }
                        | GrantObjects::FutureTablesInSchema { schemas: names }
                        | GrantObjects::FutureViewsInSchema { schemas: names }
                        | GrantObjects::FutureMaterializedViewsInSchema { schemas: names }
                        | GrantObjects::FutureExternalTablesInSchema { schemas: names }
                        | GrantObjects::FutureSequencesInSchema { schemas: names },
                    ) => {
                        for name in names {
                            let name = self.schema(name);
                            self.take(name, How::Rights);
                        }
                    }
                    _ => self.take(Vec::new(), How::Rights),
                }
            }
            S::AlterRole { operation: AlterRoleOperation::Set { .. }, .. } => {
                self.refuse("ALTER ROLE … SET");
            }
            S::AlterRole { operation: AlterRoleOperation::Reset { .. }, .. } => {
                self.refuse("ALTER ROLE … RESET");
            }
            S::AlterRole { name, .. } => self.take(vec![self.one(name)], How::Rights),
            S::CreateRole(create) => {
                for name in &create.names {
                    self.take(self.parts(name), How::Rights);
                }
            }
            _ => self.take(Vec::new(), How::Rights),
        }
    }
}
