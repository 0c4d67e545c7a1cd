//! The tables mean what their definition says: on the document's case study, on named scenarios, on random and hostile
//! data, on Postgres and on SQLite, each through the library's own render, plan and apply.

#[path = "../built/mod.rs"]
mod built;
#[path = "../model/mod.rs"]
mod model;
#[path = "../support/mod.rs"]
mod support;

mod case_study;
mod depth;
mod explain;
mod generate;
mod graph;
mod implied;
mod in_place;
mod incremental;
mod made_again;
mod random;
mod refresh;
mod scenario;
mod state;
mod switches;
mod verify;
