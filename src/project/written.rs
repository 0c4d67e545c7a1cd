//! What kind of YAML file is read, for messages: the project file, or a fixture.

/// A kind of file that people write.
#[derive(Debug)]
pub(crate) struct Written {
    /// What it is called: `project file`.
    pub noun: &'static str,
    /// How it begins.
    pub begin: &'static str,
    /// What to write into one that says nothing.
    pub first: &'static str,
    /// What to do when it is not there.
    pub missing: &'static str,
    /// How another is named.
    pub other: &'static str,
    /// The option or argument in front of a path.
    pub option: &'static str,
    /// What such a file is usually called.
    pub usual: &'static str,
    /// How deep its own shape nests, in words.
    pub depth: &'static str,
}

impl Written {
    /// What it describes: `project`.
    pub fn thing(&self) -> &'static str {
        self.noun.split(' ').next().unwrap_or(self.noun)
    }
}

/// The project file.
pub(super) const PROJECT: Written = Written {
    noun: "project file",
    begin: "begin with `space: …`",
    first: "write `space: …` and `dialects: […]` to begin; `idgraph init` in another folder shows the rest",
    missing: "write one with `idgraph init`, or give another with `--project FILE`",
    other: "with `--project FILE`",
    option: "--project ",
    usual: "idgraph.yml",
    depth: "a project needs six levels at most",
};
