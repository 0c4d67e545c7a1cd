//! The `idgraph` command: parses the arguments, calls the library, returns its exit code.

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    idgraph::cli::run(&idgraph::cli::Arguments::parse())
}
