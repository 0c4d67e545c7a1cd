//! idgraph turns one small YAML file into the SQL of a customer-profile warehouse.

pub mod cli;
pub mod diagnostic;
pub mod dialect;
pub mod docs;
pub mod emit;
pub mod engine;
pub mod explain;
pub(crate) mod files;
pub mod fixture;
pub mod introspect;
pub mod lineage;
pub mod lint;
pub mod migrate;
mod parallel;
pub mod preview;
pub mod project;
pub mod render;
pub mod review;
pub mod verify;
pub(crate) mod visible;
pub mod warehouse;
