//! The `idgraph` command.
fn main() {}
