//! What can be wrong with the configuration, each with the place where it stands.

use std::path::PathBuf;

/// Line and column of a text, both from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    pub line: usize,
    pub column: usize,
}

#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// A fault in the file.
    #[error("{}{}: {what}", path.display(), position_suffix(*position))]
    Invalid {
        path: PathBuf,
        position: Option<Position>,
        what: String,
        hint: Option<String>,
    },
    /// A fault in an environment variable.
    #[error("{variable} {what}")]
    Variable { variable: String, what: String },
    /// A fault in an option of the command line.
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
    #[error("another process holds {}", path.display())]
    Locked { path: PathBuf },
    #[error("{} is a symbolic link, and amx writes through none", path.display())]
    Symlink { path: PathBuf },
    #[error("{} was written by a newer amx (schema_version {found}, this one knows {known})", path.display())]
    NewerSchema {
        path: PathBuf,
        found: u64,
        known: u64,
    },
    /// The edit would have damaged something else in the file. Nothing was changed.
    #[error("{} has a form that cannot be edited without changing something else", path.display())]
    EditUnsafe { path: PathBuf },
    #[error("the home directory cannot be found")]
    NoHome,
}

fn position_suffix(position: Option<Position>) -> String {
    position.map_or_else(String::new, |Position { line, column }| {
        format!(":{line}:{column}")
    })
}
