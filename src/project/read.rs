//! The text of a file that people write, or what is wrong with the file as a file.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Read};
use std::path::Path;

use super::written::Written;
use crate::diagnostic::Diagnostic;

/// The largest file that is read, in bytes. Five thousand events of a hundred properties take half of it.
const LARGEST: u64 = 8 * 1024 * 1024;

/// The text of a file, without a byte order mark.
pub(crate) fn text(path: &Path, written: &Written) -> Result<String, Diagnostic> {
    let name = path.display();
    // Asked before opening: opening a pipe waits for its writer.
    let metadata = fs::metadata(path).map_err(|error| unreadable(path, &error, written))?;
    if metadata.is_dir() {
        return Err(Diagnostic::error(
            "file-is-directory",
            format!("`{name}` is a directory, not a {}", written.noun),
        )
        .help(format!(
            "give the file in it: `{}{}`",
            written.option,
            path.join(written.usual).display()
        )));
    }
    if !metadata.is_file() {
        return Err(Diagnostic::error(
            "file-not-regular",
            format!("`{name}` is not a regular file"),
        )
        .note("a device, a pipe or a socket may never end, so it is not read")
        .help(format!("save the {} to a file and give that one", written.thing())));
    }
    if metadata.len() > LARGEST {
        return Err(too_big(path, format!("has {} bytes", metadata.len()), written));
    }
    let mut bytes = Vec::new();
    // A file may grow while it is read, and some file systems report no size.
    File::open(path)
        .and_then(|file| file.take(LARGEST + 1).read_to_end(&mut bytes))
        .map_err(|error| unreadable(path, &error, written))?;
    if bytes.len() as u64 > LARGEST {
        return Err(too_big(path, "goes on".to_owned(), written));
    }
    decode(path, bytes, written)
}

fn decode(path: &Path, bytes: Vec<u8>, written: &Written) -> Result<String, Diagnostic> {
    let name = path.display();
    let text = String::from_utf8(bytes).map_err(|error| {
        let bytes = error.as_bytes();
        let valid = bytes.get(..error.utf8_error().valid_up_to()).unwrap_or_default();
        let line = valid.iter().filter(|byte| **byte == b'\n').count() + 1;
        let what = if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
            format!("`{name}` is UTF-16, not UTF-8")
        } else {
            format!("`{name}` is not UTF-8 text: line {line} has bytes that are no character")
        };
        Diagnostic::error("file-not-text", what).help(format!(
            "save it as UTF-8; if it is not a text file at all, give another {}",
            written.other
        ))
    })?;
    if text.contains('\0') {
        return Err(Diagnostic::error(
            "file-not-text",
            format!("`{name}` holds zero bytes, as binary files do"),
        )
        .help(format!("give the {}, a YAML text, {}", written.noun, written.other)));
    }
    let text = text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text);
    Ok(text)
}

fn too_big(path: &Path, how: String, written: &Written) -> Diagnostic {
    let message = format!(
        "`{}` is too big for a {}: it {how}, the limit is {LARGEST}",
        path.display(),
        written.noun
    );
    Diagnostic::error("file-too-big", message)
        .help(format!("is it another file? give the right one {}", written.other))
}

fn unreadable(path: &Path, error: &io::Error, written: &Written) -> Diagnostic {
    let name = path.display();
    match error.kind() {
        ErrorKind::NotFound => {
            Diagnostic::error("file-missing", format!("there is no {} `{name}`", written.noun))
                .help(written.missing)
        }
        ErrorKind::PermissionDenied => {
            Diagnostic::error("file-unreadable", format!("you may not read `{name}`"))
                .help("check the permissions of the file and of the folders that lead to it")
        }
        _ => Diagnostic::error("file-unreadable", format!("`{name}` cannot be read: {error}"))
            .help(format!("check the path, or give another file {}", written.other)),
    }
}

#[cfg(test)]
mod tests {
    use super::super::written::PROJECT;
    use super::*;

    #[test]
    fn a_file_one_may_not_read_is_explained() {
        // The kind is made by hand: tests may run as root, who may read everything.
        let error =
            unreadable(Path::new("idgraph.yml"), &ErrorKind::PermissionDenied.into(), &PROJECT);
        assert_eq!(
            error.to_string(),
            "error[file-unreadable]: you may not read `idgraph.yml`\n |\n \
             = help: check the permissions of the file and of the folders that lead to it"
        );
    }

    #[test]
    fn a_byte_order_mark_is_no_part_of_the_text() {
        let text = decode(Path::new("x"), b"\xef\xbb\xbfspace: a".to_vec(), &PROJECT).unwrap();
        assert_eq!(text, "space: a");
    }

    #[test]
    fn utf_16_is_named() {
        let error = decode(Path::new("x"), b"\xff\xfes\0p\0".to_vec(), &PROJECT).unwrap_err();
        assert_eq!(error.message(), "`x` is UTF-16, not UTF-8");
    }

    #[test]
    fn a_device_is_not_read() {
        #[cfg(unix)]
        assert_eq!(text(Path::new("/dev/zero"), &PROJECT).unwrap_err().code(), "file-not-regular");
    }
}
