//! The folder of amx's files: `$AMX_CONFIG_DIR` or `~/.amx`.

use std::path::{Path, PathBuf};

use super::env::{self, Environment};
use super::error::ConfigError;
use crate::platform::paths;
use crate::wire::redact::cut;

/// The name of the configuration in its folder.
pub(super) const FILE_NAME: &str = "config.yml";

/// The folder of configuration and state.
#[derive(Debug, Clone)]
pub struct Home {
    directory: PathBuf,
    trusts_all: bool,
}

impl Home {
    pub fn find(environment: &Environment) -> Result<Self, ConfigError> {
        let directory = match environment.get(&env::AMX_CONFIG_DIR)? {
            Some(text) => absolute(text)?,
            None => user_home()
                .filter(|home| home.is_absolute())
                .ok_or(ConfigError::NoHome)?
                .join(".amx"),
        };
        Ok(Self {
            directory,
            trusts_all: environment
                .get(&env::AMX_TRUST_CONFIG)?
                .is_some_and(|value| value != "0"),
        })
    }

    pub fn at(directory: impl Into<PathBuf>) -> Self {
        Self {
            directory: directory.into(),
            trusts_all: false,
        }
    }

    /// Whether config.yml is obeyed whoever can change it: `AMX_TRUST_CONFIG`.
    pub(super) fn trusts_all(&self) -> bool {
        self.trusts_all
    }

    pub fn directory(&self) -> &Path {
        &self.directory
    }

    pub fn config_file(&self) -> PathBuf {
        self.directory.join(FILE_NAME)
    }

    pub fn lock_file(&self) -> PathBuf {
        self.directory.join("config.lock")
    }

    /// The history of the line editor, one entry a line.
    pub fn history_file(&self) -> PathBuf {
        self.directory.join("history")
    }

    /// The store of the conversations.
    pub fn database_file(&self) -> PathBuf {
        self.directory.join("amx.db")
    }

    /// What telemetry has yet to send, one part of a body a line.
    pub fn telemetry_file(&self) -> PathBuf {
        self.directory.join("telemetry.jsonl")
    }

    /// The lock of that file.
    pub fn telemetry_lock(&self) -> PathBuf {
        self.directory.join("telemetry.lock")
    }

    /// The day of the last warning of telemetry.
    pub fn telemetry_warning(&self) -> PathBuf {
        self.directory.join("telemetry.warned")
    }

    /// How many spans of telemetry were dropped lately.
    pub fn telemetry_dropped(&self) -> PathBuf {
        self.directory.join("telemetry.dropped")
    }

    /// The folder of the saved schemas.
    pub fn schemas(&self) -> PathBuf {
        self.directory.join("schemas")
    }

    /// The file of a schema, for a text that may be a name: letters, digits, `.`, `_` and `-`.
    pub fn saved_schema(&self, name: &str) -> Option<PathBuf> {
        let begins_well = name.starts_with(|c: char| c.is_ascii_alphanumeric());
        let is_name = begins_well
            && name.len() <= 64
            && name
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || "._-".contains(c));
        is_name.then(|| self.schemas().join(format!("{name}.json")))
    }

    /// The folder of the keys that are stored in files, by explicit choice.
    pub fn keys(&self) -> PathBuf {
        self.directory.join("keys")
    }

    /// The file of a profile's key.
    pub fn key_file(&self, profile: &str) -> PathBuf {
        self.keys().join(profile)
    }

    /// The backup of the given age; 1 is the newest.
    pub fn backup(&self, age: usize) -> PathBuf {
        self.directory.join(format!("config.yml.bak.{age}"))
    }

    /// The file for a configuration that could not be read when another one replaced it.
    pub(super) fn broken(&self, number: usize) -> PathBuf {
        self.directory.join(format!("config.yml.broken.{number}"))
    }
}

/// A folder that does not depend on the working directory: a configuration could stand in any.
fn absolute(text: &str) -> Result<PathBuf, ConfigError> {
    let directory = PathBuf::from(text);
    if directory.is_absolute() {
        return Ok(directory);
    }
    Err(ConfigError::Variable {
        variable: env::AMX_CONFIG_DIR.name.to_owned(),
        what: format!(
            "is '{}': it must be an absolute path",
            cut(text, 80).escape_debug()
        ),
    })
}

/// The user's home directory.
pub(crate) fn user_home() -> Option<PathBuf> {
    directories::BaseDirs::new().map(|directories| directories.home_dir().to_owned())
}

/// A path as it is typed: `~/` at its start is the home directory, as in a shell.
pub(crate) fn expanded(text: &str) -> PathBuf {
    match (paths::below_home(text), user_home()) {
        (Some(rest), Some(home)) => home.join(rest),
        _ => PathBuf::from(text),
    }
}
