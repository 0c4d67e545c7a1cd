//! `idgraph init`: a commented project to start from.

use std::path::{Path, PathBuf};

use super::test::FOLDER;
use super::{Verdict, output};
use crate::diagnostic::Result;
use crate::emit;

/// The project that `init` writes.
pub(crate) const TEMPLATE: &str = include_str!("init.yml");

/// The fixture that it writes beside it.
const FIXTURE: &str = include_str!("init-fixture.yml");

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// The folder to write idgraph.yml and a first fixture into; made if it is not there
    #[arg(default_value = ".", value_name = "DIR")]
    folder: PathBuf,
}

pub(super) fn run(arguments: &Arguments) -> Result<Verdict> {
    let path = arguments.folder.join("idgraph.yml");
    emit::recover(&arguments.folder)?;
    let below = Path::new(FOLDER).join("case-study.yml");
    let fixture = arguments.folder.join(&below);
    let mut texts = vec![(Path::new("idgraph.yml"), TEMPLATE)];
    let has_fixture = fixture.exists();
    if !has_fixture {
        texts.push((&below, FIXTURE));
    }
    emit::create_all(&arguments.folder, &texts)?;
    output::message(format_args!("wrote {}", path.display()));
    match has_fixture {
        true => output::message(format_args!("{} is there already, left alone", fixture.display())),
        false => output::message(format_args!("wrote {}", fixture.display())),
    }
    output::message(format_args!(
        "next: put your space, traits and events into it, then run `idgraph test` and `idgraph render`"
    ));
    Ok(Verdict::Fine)
}
