//! When an apply of migrations goes wrong, ledger and catalog agree, nothing is half applied, and the next apply finishes.

#[path = "../support/migrations.rs"]
mod migrations;
#[path = "../support/mod.rs"]
mod support;

mod disk;
mod files;
mod postgres;
mod sqlite;
