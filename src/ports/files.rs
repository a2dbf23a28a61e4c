//! Reads files that a user names: bounded, and only where reading ends.

use std::io::Read;
use std::path::Path;

use super::error::{CommandError, ErrorKind};

/// The bytes of a regular file, at most so many. `fails` says what cannot be done otherwise, such
/// as `cannot be attached`.
pub fn read_bounded(path: &Path, most: u64, fails: &str) -> Result<Vec<u8>, CommandError> {
    let failed = |source: std::io::Error| {
        CommandError::new(ErrorKind::Input, format!("{} {fails}", path.display()))
            .caused_by(source)
            .hint(format!("ls -l {}", quoted(path)))
    };
    let metadata = std::fs::metadata(path).map_err(failed)?;
    if metadata.is_dir() {
        return Err(failed(std::io::Error::from(
            std::io::ErrorKind::IsADirectory,
        )));
    }
    // A pipe may never end, a device may never stop.
    if !metadata.is_file() {
        return Err(failed(std::io::Error::other(
            "it is not a regular file; pipe it to stdin instead",
        )));
    }
    let mut bytes = Vec::new();
    std::fs::File::open(path)
        .and_then(|file| file.take(most + 1).read_to_end(&mut bytes))
        .map_err(failed)?;
    if bytes.len() as u64 > most {
        let error = CommandError::new(
            ErrorKind::Input,
            format!(
                "{} is larger than {} MiB",
                path.display(),
                most / 1024 / 1024
            ),
        );
        return Err(error.hint("use a part of it, for example through head -c 1M"));
    }
    Ok(bytes)
}

/// A path as it can be typed into a shell.
pub fn quoted(path: &Path) -> String {
    let text = path.to_string_lossy();
    shlex::try_quote(&text).map_or_else(|_| "FILE".to_owned(), std::borrow::Cow::into_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_quoted_for_a_shell() {
        assert_eq!(quoted(Path::new("a b.txt")), "'a b.txt'");
        assert_eq!(quoted(Path::new("src/a.rs")), "src/a.rs");
    }
}
