//! What one word of `-f` or `/file` names: parsed, not looked up.

use std::path::{Path, PathBuf};

use super::url::is_url;
use crate::config::home::expanded;
use crate::platform::paths;
use crate::platform::system::System;

/// Where an attachment comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum AttachmentSource {
    /// Data from stdin, attached under that name.
    Stdin {
        name: String,
    },
    /// The image on the clipboard.
    Clipboard,
    Url(String),
    /// A file or folder.
    Path(PathBuf),
    /// Files below a folder whose paths match a pattern.
    Pattern {
        below: PathBuf,
        pattern: String,
    },
}

/// Characters that make a path a pattern.
const SPECIAL: &[char] = &['*', '?', '[', '{'];

impl AttachmentSource {
    /// A path that exists is that path, whatever characters are in it.
    pub(super) fn parse(word: &Path) -> Self {
        if word.symlink_metadata().is_ok() {
            return Self::Path(word.to_owned());
        }
        let Some(text) = word.to_str() else {
            return Self::Path(word.to_owned());
        };
        if text == "clipboard:" {
            return Self::Clipboard;
        }
        if let Some(name) = stdin_name(text) {
            return Self::Stdin {
                name: name.to_owned(),
            };
        }
        if is_url(text) {
            return Self::Url(text.to_owned());
        }
        let path = expanded(text);
        match path
            .to_str()
            .filter(|_| path.symlink_metadata().is_err())
            .and_then(|text| split(System::CURRENT, text))
        {
            Some((below, pattern)) => Self::Pattern {
                below: PathBuf::from(below),
                pattern,
            },
            None => Self::Path(path),
        }
    }
}

/// Whether any of the words attaches stdin.
pub(crate) fn takes_stdin(words: &[PathBuf]) -> bool {
    words.iter().any(|word| {
        matches!(
            AttachmentSource::parse(word),
            AttachmentSource::Stdin { .. }
        )
    })
}

/// `stdin` for `-`, `NAME` for `NAME=-`.
fn stdin_name(text: &str) -> Option<&str> {
    if text == "-" {
        return Some("stdin");
    }
    text.strip_suffix("=-").filter(|name| !name.is_empty())
}

/// The folder before the first part with a special character, and the pattern from there on.
fn split(system: System, text: &str) -> Option<(String, String)> {
    let text = paths::pattern(system, text);
    let special = text.find(SPECIAL)?;
    let (below, pattern) = match text[..special].rfind('/') {
        Some(slash) => {
            // `/` and `C:/` are folders, `C:` is the working directory of that drive.
            let is_root = slash == 0 || system.is_windows() && text[..slash].ends_with(':');
            (&text[..slash + usize::from(is_root)], &text[slash + 1..])
        }
        None => (".", text.as_str()),
    };
    Some((below.to_owned(), pattern.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_parsed_by_its_form() {
        let pattern = |below: &str, pattern: &str| AttachmentSource::Pattern {
            below: PathBuf::from(below),
            pattern: pattern.to_owned(),
        };
        for (word, wanted) in [
            (
                "-",
                AttachmentSource::Stdin {
                    name: "stdin".to_owned(),
                },
            ),
            (
                "a b.diff=-",
                AttachmentSource::Stdin {
                    name: "a b.diff".to_owned(),
                },
            ),
            ("clipboard:", AttachmentSource::Clipboard),
            (
                "https://x.example/*.png",
                AttachmentSource::Url("https://x.example/*.png".to_owned()),
            ),
            (
                "no/such.txt",
                AttachmentSource::Path(PathBuf::from("no/such.txt")),
            ),
            ("=-", AttachmentSource::Path(PathBuf::from("=-"))),
            ("no/**/*.rs", pattern("no", "**/*.rs")),
            ("*.rs", pattern(".", "*.rs")),
            ("/no*/x", pattern("/", "no*/x")),
            ("no/{a,b}", pattern("no", "{a,b}")),
        ] {
            assert_eq!(AttachmentSource::parse(Path::new(word)), wanted, "{word}");
        }
        assert!(
            takes_stdin(&[PathBuf::from("a"), PathBuf::from("x=-")])
                && !takes_stdin(&[PathBuf::from("a")])
        );
    }

    #[test]
    fn backslashes_separate_on_windows() {
        for (text, below, pattern) in [
            (r"src\**\*.rs", "src", "**/*.rs"),
            (r"C:\*.rs", "C:/", "*.rs"),
            (r"C:\src\a*", "C:/src", "a*"),
            ("*.rs", ".", "*.rs"),
        ] {
            let wanted = Some((below.to_owned(), pattern.to_owned()));
            assert_eq!(split(System::Windows, text), wanted, "{text}");
        }
    }

    #[test]
    fn a_path_that_exists_is_not_a_pattern() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a[1]{b}.txt");
        std::fs::write(&path, "x").unwrap();
        assert_eq!(AttachmentSource::parse(&path), AttachmentSource::Path(path));
    }
}
