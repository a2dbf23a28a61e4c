//! Errors of the configuration, each with its place.

use std::path::PathBuf;

use crate::wire::trust::Distrust;

/// Line and column, both from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    pub line: usize,
    pub column: usize,
}

#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// An error in a file.
    #[error("{}{}: {what}", path.display(), position_suffix(*position))]
    Invalid {
        path: PathBuf,
        position: Option<Position>,
        what: String,
        hint: Option<String>,
    },
    /// An error in an environment variable.
    #[error("{variable} {what}")]
    Variable { variable: String, what: String },
    /// An error in a flag.
    #[error("{option} {what}")]
    Option { option: &'static str, what: String },
    /// No profile of that name.
    #[error("there is no profile '{name}'")]
    NoProfile {
        name: String,
        from: String,
        nearest: Option<String>,
        known: Vec<String>,
    },
    /// The file cannot be read.
    #[error("{} cannot be read", path.display())]
    Read {
        path: PathBuf,
        #[source]
        source: std::io::Error,
    },
    /// The file or its folder cannot be written. Nothing was changed.
    #[error("{} cannot be written", path.display())]
    Write {
        path: PathBuf,
        #[source]
        source: std::io::Error,
    },
    #[error("{} is locked by another process", path.display())]
    Locked { path: PathBuf },
    #[error("{} is a symbolic link, which amx does not write through", path.display())]
    Symlink { path: PathBuf },
    /// The file is missing, and was meant to exist.
    #[error("{} is a symbolic link to {}, which does not exist", path.display(), target.display())]
    DanglingLink { path: PathBuf, target: PathBuf },
    #[error("{} is not a regular file", path.display())]
    NotRegular { path: PathBuf },
    #[error(
        "{} was written by a newer amx (schema_version {found}; this version supports {known})",
        path.display()
    )]
    NewerSchema {
        path: PathBuf,
        found: u64,
        known: u64,
    },
    /// The edit would have changed something else in the file. Nothing was written.
    #[error("{} cannot be edited automatically without changing something else", path.display())]
    EditUnsafe { path: PathBuf },
    #[error("the home directory cannot be found")]
    NoHome,
    /// Somebody else can change the file or its folder.
    #[error("{} {}", path.display(), distrust_words(*why))]
    Untrusted {
        path: PathBuf,
        why: Distrust,
        /// The command after which it is trusted.
        remedy: String,
    },
}

fn distrust_words(why: Distrust) -> String {
    match why {
        Distrust::Owner { found, .. } => format!(
            "belongs to another user (user ID {found}), who could change the server that gets your \
            key and text"
        ),
        Distrust::Writable(mode) => format!(
            "has mode {mode:04o}: other users could change the server that gets your key and text"
        ),
    }
}

fn position_suffix(position: Option<Position>) -> String {
    position.map_or_else(String::new, |Position { line, column }| {
        format!(":{line}:{column}")
    })
}
