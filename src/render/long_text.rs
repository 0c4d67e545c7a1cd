//! A text made piece by piece, which may grow larger than one wants to hold.

use std::fs::File;
use std::io::{self, Read, Seek, Write};

use crate::diagnostic::{Diagnostic, Result};

/// As many bytes of a text that may be put aside are held at a time.
const HELD: usize = 1 << 20;

/// A text. One that is put aside as it grows holds no more than a piece of itself: the rest is in a temporary file without
/// a name, which is gone with it.
#[derive(Debug, Default)]
pub struct LongText {
    /// What was put aside, and how many bytes.
    aside: Option<(File, u64)>,
    /// What comes behind that.
    held: String,
    /// Whether more may be put aside.
    puts_aside: bool,
}

impl From<String> for LongText {
    fn from(held: String) -> Self {
        Self { held, ..Self::default() }
    }
}

impl LongText {
    /// The same text, of which what comes is put aside as it grows.
    #[must_use]
    pub(super) fn put_aside(self) -> Self {
        Self { puts_aside: true, ..self }
    }

    pub(super) fn push_str(&mut self, text: &str) {
        self.held.push_str(text);
        if self.puts_aside && self.held.len() > HELD {
            // Where there is no room for temporary files, there may be enough memory.
            self.puts_aside = self.make_room().is_ok();
        }
    }

    fn make_room(&mut self) -> io::Result<()> {
        let (mut file, bytes) = match self.aside.take() {
            Some(aside) => aside,
            None => (tempfile::tempfile()?, 0),
        };
        let written = file.write_all(self.held.as_bytes());
        // What was written of a piece that did not fit is not counted, so not read.
        let more = if written.is_ok() { self.held.len() as u64 } else { 0 };
        self.aside = Some((file, bytes + more));
        written.map(|()| self.held.clear())
    }

    /// How many bytes it has.
    pub(crate) fn len(&self) -> u64 {
        self.aside.as_ref().map_or(0, |(_, bytes)| *bytes) + self.held.len() as u64
    }

    /// Writes it to a file.
    pub(crate) fn write_to(&self, file: &mut File) -> io::Result<()> {
        if let Some((aside, bytes)) = &self.aside {
            let mut aside: &File = aside;
            aside.rewind()?;
            // Between two files the kernel copies.
            io::copy(&mut aside.take(*bytes), file)?;
        }
        file.write_all(self.held.as_bytes())
    }

    /// It from its beginning. One reader at a time: they share a place in the file.
    pub(crate) fn reader(&self) -> io::Result<impl Read + '_> {
        let aside = match &self.aside {
            Some((file, bytes)) => {
                let mut file: &File = file;
                file.rewind()?;
                Some(file.take(*bytes))
            }
            None => None,
        };
        Ok(Aside(aside).chain(self.held.as_bytes()))
    }

    /// The whole of it.
    ///
    /// # Errors
    /// When what was put aside cannot be read again.
    pub fn into_string(self) -> Result<String> {
        if self.aside.is_none() {
            return Ok(self.held);
        }
        let mut text = String::new();
        let read = self.reader().and_then(|mut reader| reader.read_to_string(&mut text));
        read.map_err(|error| {
            Diagnostic::error(
                "unreadable",
                format!("a temporary file cannot be read again: {error}"),
            )
            .help("check the folder for temporary files (TMPDIR)")
        })?;
        Ok(text)
    }
}

/// What was put aside, if anything.
struct Aside<T>(Option<T>);

impl<T: Read> Read for Aside<T> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.as_mut().map_or(Ok(0), |aside| aside.read(buffer))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_that_is_put_aside_reads_as_it_was_written() {
        let mut text = LongText::from("header\n".to_owned()).put_aside();
        let mut whole = "header\n".to_owned();
        for number in 0..300_000 {
            let piece = format!("line {number} é\n");
            text.push_str(&piece);
            whole.push_str(&piece);
        }
        assert!(text.held.len() <= HELD && whole.len() > 3 * HELD, "{}", text.held.len());
        assert_eq!(text.len(), whole.len() as u64);
        for _ in 0..2 {
            let mut read = String::new();
            text.reader().unwrap().read_to_string(&mut read).unwrap();
            assert!(read == whole);
        }
        assert!(text.into_string().unwrap() == whole);
    }

    #[test]
    fn what_is_not_put_aside_is_held() {
        let mut text = LongText::default();
        text.push_str(&"x".repeat(2 * HELD));
        assert!(text.aside.is_none());
        assert_eq!(text.into_string().unwrap().len(), 2 * HELD);
    }
}
