//! From a warehouse and a dialect to SQL: files of statements, in the order in which they must run.

mod add_columns;
mod body;
mod bookkeeping;
mod change;
mod context;
mod draft;
mod explain;
mod files;
mod incremental;
mod introspect;
mod limits;
mod long_text;
mod order;
mod rules;
mod schedule;
mod split;
mod statement;
mod taken;
mod template;
mod trace;
mod verify;

pub use add_columns::add_columns;
pub use bookkeeping::{Bookkeeping, Noted};
pub use change::{Changes, Subject as Changed};
pub use context::MADE_BY;
pub use explain::{Questions, questions};
pub use files::{File, MARKER, Subject, Text, Unit, render, render_full, render_texts};
pub use introspect::landed_columns;
pub use limits::check as check_limits;
pub use long_text::LongText;
pub use rules::{LIMITS, Level, Rule};
pub use statement::{Action, Comment, ObjectRef, Statement, Written, statements, written};
pub use taken::{How, Taken};
pub(crate) use template::{innermost, place as place_in_template};
pub use verify::{Asks, ModelCheck, RuleCheck, Verification, verify};
