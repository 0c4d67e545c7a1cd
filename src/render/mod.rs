//! From a warehouse and a dialect to SQL: files of statements, in the order in which they must run.

mod body;
mod bookkeeping;
mod change;
mod context;
mod draft;
mod explain;
mod files;
mod given;
mod introspect;
mod limits;
mod long_text;
mod order;
mod schedule;
mod split;
mod statement;
mod taken;
mod template;
mod trace;
mod verify;

pub use bookkeeping::{Bookkeeping, Noted};
pub use change::{Changes, Subject as Changed};
pub use context::MADE_BY;
pub use explain::{Questions, questions};
pub use files::{
    File, MARKER, Subject, Text, Unit, add_columns, render, render_full, render_texts,
};
pub use given::Given;
pub use introspect::landed_columns;
pub use limits::check as check_limits;
pub use long_text::LongText;
pub use statement::{Action, Comment, ObjectRef, Statement, Written, statements, written};
pub use taken::{How, Taken};
pub(crate) use template::{innermost, place as place_in_template};
pub use verify::{Asks, LIMITS, Level, ModelCheck, Rule, RuleCheck, Verification, verify};
