//! When a refresh goes wrong, the tables hold the old state or the new one, each as a whole, and the next refresh heals.

#[path = "../built/mod.rs"]
mod built;
#[path = "../model/mod.rs"]
mod model;
#[path = "../support/mod.rs"]
mod support;

mod landings;
mod postgres;
mod readers;
mod sqlite;
