//! Why a key could not be resolved. No variant contains a key.

use std::path::PathBuf;

use super::keyring::KeyringError;
use crate::wire::api_key::InvalidKey;

#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    #[error("{place}: {source}")]
    Invalid { place: String, source: InvalidKey },
    #[error("{place} refers to ${{{name}}}, which is not set")]
    VariableUnset { place: String, name: String },
    /// A value that is no text, variable or reference; `what` follows its name.
    #[error("{place} {what}")]
    Malformed { place: String, what: String },
    #[error("{place}: the key was removed from the backup")]
    RemovedFromBackup { place: String },
    #[error("the command `{program}` returned no key")]
    Command {
        program: String,
        #[source]
        source: anyhow::Error,
    },
    #[error("the key file {} cannot be used", path.display())]
    File {
        path: PathBuf,
        #[source]
        source: anyhow::Error,
    },
    #[error("the key file {} cannot be written", path.display())]
    FileNotWritten {
        path: PathBuf,
        #[source]
        source: anyhow::Error,
    },
    #[error("the keyring cannot be used")]
    Keyring(#[from] KeyringError),
    /// For a secret of a server or a tool, of which an API key in a variable is no substitute.
    #[error("the keyring cannot be used")]
    ValueKeyring(#[source] KeyringError),
    #[error("the keyring has no key under {reference}")]
    NotStored { reference: String },
    /// The value of a tool or a server.
    #[error("the keyring has nothing under {reference}")]
    ValueNotStored { reference: String },
    /// The profile's base URL is not the one the key was stored for.
    #[error("the stored key is bound to {stored} and would be sent to {asked}")]
    BoundElsewhere { stored: String, asked: String },
}

impl SecretError {
    /// The same error for a secret of a server or a tool.
    #[must_use]
    pub fn of_value(self) -> Self {
        match self {
            Self::Keyring(error) => Self::ValueKeyring(error),
            other => other,
        }
    }

    /// A copy for another caller that waited for the same key. The cause becomes text.
    #[must_use]
    pub fn again(&self) -> Self {
        let words = |source: &anyhow::Error| anyhow::Error::msg(format!("{source:#}"));
        match self {
            Self::Invalid { place, source } => Self::Invalid {
                place: place.clone(),
                source: *source,
            },
            Self::VariableUnset { place, name } => Self::VariableUnset {
                place: place.clone(),
                name: name.clone(),
            },
            Self::Malformed { place, what } => Self::Malformed {
                place: place.clone(),
                what: what.clone(),
            },
            Self::RemovedFromBackup { place } => Self::RemovedFromBackup {
                place: place.clone(),
            },
            Self::Command { program, source } => Self::Command {
                program: program.clone(),
                source: words(source),
            },
            Self::File { path, source } => Self::File {
                path: path.clone(),
                source: words(source),
            },
            Self::FileNotWritten { path, source } => Self::FileNotWritten {
                path: path.clone(),
                source: words(source),
            },
            Self::Keyring(error) => Self::Keyring(error.clone()),
            Self::ValueKeyring(error) => Self::ValueKeyring(error.clone()),
            Self::NotStored { reference } => Self::NotStored {
                reference: reference.clone(),
            },
            Self::ValueNotStored { reference } => Self::ValueNotStored {
                reference: reference.clone(),
            },
            Self::BoundElsewhere { stored, asked } => Self::BoundElsewhere {
                stored: stored.clone(),
                asked: asked.clone(),
            },
        }
    }
}
