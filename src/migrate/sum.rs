//! Checksums of migration files, and the file that lists them: two branches that both add a migration collide in it.

use std::sync::Arc;

use sha2::{Digest, Sha256};

use super::name::FileName;
use crate::diagnostic::{Diagnostic, Diagnostics, Place, Result, Source};

/// The name of the file that lists the checksums.
pub const SUM_FILE: &str = "idgraph.sum";

/// How checksums are computed: a change of it gets another number, and what was recorded stays comparable.
pub const ALGORITHM: u32 = 1;

const SIGN: &str = "sha256:";

/// The checksum of a file's text: SHA-256, with line ends as LF and those at the end left out.
pub fn checksum(text: &str) -> String {
    let text = text.replace("\r\n", "\n");
    let mut sum = SIGN.to_owned();
    for byte in Sha256::digest(text.trim_end_matches('\n').as_bytes()) {
        sum.push_str(&format!("{byte:02x}"));
    }
    sum
}

/// The checksums as they were recorded, in the order of the file.
#[derive(Debug, Clone, Default)]
pub struct SumFile {
    /// A file, its checksum, and its line.
    pub lines: Vec<SumLine>,
}

/// A line of the sum file.
#[derive(Debug, Clone)]
pub struct SumLine {
    /// The file.
    pub name: FileName,
    /// Its checksum when it was recorded.
    pub checksum: String,
    /// The line; `None` when it is yet to be written.
    pub place: Option<Place>,
}

impl SumFile {
    /// The text of the file.
    pub fn text(&self) -> String {
        let body = self.body();
        format!("{SUM_FILE} v{ALGORITHM} {}\n{body}", checksum(&body))
    }

    fn body(&self) -> String {
        self.lines.iter().map(|line| format!("{} {}\n", line.name, line.checksum)).collect()
    }

    /// Reads the text of the file.
    ///
    /// # Errors
    /// With every line that is not as idgraph writes it, and when the lines do not add up to the first one's checksum.
    pub fn parse(source: &Arc<Source>) -> Result<Self> {
        let mut problems = Vec::new();
        let mut file = Self::default();
        let mut total = None;
        // Where two branches meet, no line means what it says.
        let mut numbers = 1..=source.text.lines().count();
        let mut lines = source.text.lines();
        if let Some(number) = numbers.find(|_| lines.next().is_some_and(is_conflict)) {
            let place = Place { source: source.clone(), span: source.line(number) };
            return Err(malformed(&place, "a merge conflict").into());
        }
        for number in 1..=source.text.lines().count() {
            let place = Place { source: source.clone(), span: source.line(number) };
            let line = source.text.get(place.span.clone()).unwrap_or_default();
            if number == 1 {
                total = head(line);
                if total.is_none() {
                    problems
                        .push(malformed(&place, &format!("not `{SUM_FILE} v{ALGORITHM} {SIGN}…`")));
                }
                continue;
            }
            match entry(line) {
                Ok((name, checksum)) => {
                    file.lines.push(SumLine { name, checksum, place: Some(place) });
                }
                Err(why) => problems.push(malformed(&place, why)),
            }
        }
        if source.text.is_empty() {
            let place = Place { source: source.clone(), span: 0..0 };
            problems.push(malformed(&place, "the file is empty"));
        }
        Diagnostics::check(problems)?;
        if total != Some(checksum(&file.body())) {
            let place = Place { source: source.clone(), span: source.line(1) };
            return Err(malformed(&place, "not the checksum of the lines below").into());
        }
        Ok(file)
    }

    /// The line about a file.
    pub fn find(&self, name: &FileName) -> Option<&SumLine> {
        self.lines.iter().find(|line| line.name == *name)
    }
}

fn head(line: &str) -> Option<String> {
    let rest = line.strip_prefix(&format!("{SUM_FILE} v{ALGORITHM} "))?;
    is_checksum(rest).then(|| rest.to_owned())
}

fn is_conflict(line: &str) -> bool {
    ["<<<<<<<", "=======", ">>>>>>>"].iter().any(|mark| line.starts_with(mark))
}

fn entry(line: &str) -> std::result::Result<(FileName, String), &'static str> {
    let (name, checksum) = line.split_once(' ').ok_or("not a file name and a checksum")?;
    if !is_checksum(checksum) {
        return Err("not a checksum behind the file name");
    }
    Ok((FileName::parse(name)?, checksum.to_owned()))
}

fn is_checksum(text: &str) -> bool {
    let digits = text.strip_prefix(SIGN).unwrap_or_default();
    digits.len() == 64 && digits.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
}

fn malformed(place: &Place, why: &str) -> Diagnostic {
    Diagnostic::error("sum-file", format!("{SUM_FILE} is not as idgraph writes it"))
        .at(place, why)
        .note("two branches that both add a migration meet here: one of the two has to take the next number")
        .help("when the migration files are as they should be, `idgraph migrate sum` writes it anew")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file() -> SumFile {
        let line = |name: FileName, text| SumLine { name, checksum: checksum(text), place: None };
        let up = FileName::new(1, "initial");
        SumFile { lines: vec![line(up.clone(), "a"), line(up.down(), "b")] }
    }

    #[test]
    fn line_ends_do_not_change_a_checksum_and_any_other_byte_does() {
        let sum = checksum("SELECT 1;\nSELECT 2;\n");
        assert_eq!(sum, checksum("SELECT 1;\r\nSELECT 2;\r\n\r\n"));
        assert_eq!(sum, checksum("SELECT 1;\nSELECT 2;"));
        assert_ne!(sum, checksum("SELECT 1;\nSELECT 2; "));
        assert_ne!(sum, checksum("SELECT 1;\n\nSELECT 2;"));
        // As `printf abc | sha256sum` has it.
        assert_eq!(
            checksum("abc\n"),
            "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
    }

    #[test]
    fn the_file_is_read_as_it_was_written() {
        let text = file().text();
        let read = SumFile::parse(&Source::new(SUM_FILE, text.clone())).unwrap();
        assert_eq!(read.text(), text);
        assert!(SumFile::parse(&Source::new(SUM_FILE, text.replace('\n', "\r\n"))).is_ok());
    }

    #[test]
    fn a_file_that_was_changed_by_hand_is_refused() {
        let text = file().text();
        let last = text.lines().last().unwrap().to_owned();
        for broken in [
            String::new(),
            text.replace("v1", "v2"),
            text.replacen("sha256:", "sha1:", 1),
            text.replace(&last, ""),
            text.replace(&last, &format!("<<<<<<< HEAD\n{last}")),
            text.replace("0001_initial.sql", "0002_initial.sql"),
            text.replace("0001_initial.sql ", "0001_initial.sql"),
            format!("{text}{last}\n"),
            format!("{text}\nmore"),
        ] {
            assert!(SumFile::parse(&Source::new(SUM_FILE, broken.clone())).is_err(), "{broken}");
        }
    }
}
