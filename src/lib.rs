//! idgraph turns one small YAML file into the SQL of a customer-profile warehouse.

pub mod diagnostic;
pub mod engine;
pub mod project;
