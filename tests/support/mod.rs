//! What several test files share.
#![allow(dead_code, unused_imports, reason = "each test file uses a part of it")]

pub mod command;
pub mod landed;
pub mod postgres;
pub mod sqlite;
