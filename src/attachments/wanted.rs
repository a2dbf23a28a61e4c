//! What somebody asks to be attached: one word of `-f` or `/file`, read but not looked up.

use std::path::{Path, PathBuf};

use super::address::is_address;

/// What one word means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted {
    /// What stdin brings, under that name.
    Stdin {
        name: String,
    },
    /// A picture on the clipboard.
    Clipboard,
    Address(String),
    /// A file or folder.
    Path(PathBuf),
    /// Files below a folder whose names fit a pattern.
    Pattern {
        below: PathBuf,
        pattern: String,
    },
}

/// Characters that make a pattern of a path.
const SPECIAL: &[char] = &['*', '?', '[', '{'];

impl Wanted {
    /// A path that is there is that path, whatever characters are in it.
    pub fn parse(word: &Path) -> Self {
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
        if is_address(text) {
            return Self::Address(text.to_owned());
        }
        let path = expanded(text);
        match path
            .to_str()
            .filter(|_| path.symlink_metadata().is_err())
            .and_then(split)
        {
            Some((below, pattern)) => Self::Pattern {
                below: PathBuf::from(below),
                pattern: pattern.to_owned(),
            },
            None => Self::Path(path),
        }
    }
}

/// Whether any of the words takes what stdin brings.
pub fn takes_stdin(words: &[PathBuf]) -> bool {
    words
        .iter()
        .any(|word| matches!(Wanted::parse(word), Wanted::Stdin { .. }))
}

/// `stdin` for `-`, `NAME` for `NAME=-`.
fn stdin_name(text: &str) -> Option<&str> {
    if text == "-" {
        return Some("stdin");
    }
    text.strip_suffix("=-").filter(|name| !name.is_empty())
}

/// A leading `~/` stands for the home directory, as in a shell.
pub fn expanded(text: &str) -> PathBuf {
    match (text.strip_prefix("~/"), crate::config::home::user_home()) {
        (Some(rest), Some(home)) => home.join(rest),
        _ => PathBuf::from(text),
    }
}

/// The folder before the first part with a special character, and the pattern from there on.
fn split(text: &str) -> Option<(&str, &str)> {
    let special = text.find(SPECIAL)?;
    Some(match text[..special].rfind('/') {
        Some(0) => ("/", &text[1..]),
        Some(slash) => (&text[..slash], &text[slash + 1..]),
        None => (".", text),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_read_as_what_it_looks_like() {
        let pattern = |below: &str, pattern: &str| Wanted::Pattern {
            below: PathBuf::from(below),
            pattern: pattern.to_owned(),
        };
        for (word, wanted) in [
            (
                "-",
                Wanted::Stdin {
                    name: "stdin".to_owned(),
                },
            ),
            (
                "a b.diff=-",
                Wanted::Stdin {
                    name: "a b.diff".to_owned(),
                },
            ),
            ("clipboard:", Wanted::Clipboard),
            (
                "https://x.example/*.png",
                Wanted::Address("https://x.example/*.png".to_owned()),
            ),
            ("no/such.txt", Wanted::Path(PathBuf::from("no/such.txt"))),
            ("=-", Wanted::Path(PathBuf::from("=-"))),
            ("no/**/*.rs", pattern("no", "**/*.rs")),
            ("*.rs", pattern(".", "*.rs")),
            ("/no*/x", pattern("/", "no*/x")),
            ("no/{a,b}", pattern("no", "{a,b}")),
        ] {
            assert_eq!(Wanted::parse(Path::new(word)), wanted, "{word}");
        }
        assert!(
            takes_stdin(&[PathBuf::from("a"), PathBuf::from("x=-")])
                && !takes_stdin(&[PathBuf::from("a")])
        );
    }

    #[test]
    fn what_is_there_is_meant_as_it_is_written() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a[1]*.txt");
        std::fs::write(&path, "x").unwrap();
        assert_eq!(Wanted::parse(&path), Wanted::Path(path));
    }
}
