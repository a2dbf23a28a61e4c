//! The environment variables of amx, each with its meaning, and the one place that reads them.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::str::FromStr;
use std::time::Duration;

use super::error::ConfigError;
use super::generation::{self, GenerationSettings};
use crate::platform::system::System;
use crate::providers::registry::PROVIDERS;
use crate::wire::redact::cut;

/// A variable with its documentation.
#[derive(Debug, Clone, Copy)]
pub struct Variable {
    pub name: &'static str,
    pub meaning: &'static str,
}

const fn variable(name: &'static str, meaning: &'static str) -> Variable {
    Variable { name, meaning }
}

pub(crate) const AMX_CONFIG_DIR: Variable =
    variable("AMX_CONFIG_DIR", "folder of config.yml, instead of ~/.amx");
pub(crate) const AMX_TRUST_CONFIG: Variable = variable(
    "AMX_TRUST_CONFIG",
    "1: use config.yml even if other users can change it, for file systems without permissions",
);
pub(crate) const AMX_PROFILE: Variable = variable("AMX_PROFILE", "profile to use, as -p");
pub(crate) const AMX_MODEL: Variable = variable("AMX_MODEL", "model to use, as -m");
pub(crate) const AMX_REASONING_EFFORT: Variable = variable(
    "AMX_REASONING_EFFORT",
    "none, minimal, low, medium, high, xhigh or max; overrides the profile",
);
pub(crate) const AMX_LLM_MIN_MAX_TOKENS: Variable = variable(
    "AMX_LLM_MIN_MAX_TOKENS",
    "floor of max_tokens for reasoning models (32768); 0 turns it off",
);
pub(crate) const AMX_LLM_TIMEOUT_SEC: Variable = variable(
    "AMX_LLM_TIMEOUT_SEC",
    "how long to wait for data while streaming, in seconds (180)",
);
pub(crate) const AMX_LLM_API_KEY: Variable = variable(
    "AMX_LLM_API_KEY",
    "API key for any provider whose own variable is unset",
);
pub(crate) const OPENROUTER_MANAGEMENT_KEY: Variable = variable(
    "OPENROUTER_MANAGEMENT_KEY",
    "management key of an OpenRouter account, for `amx logs`",
);
pub(crate) const OPENROUTER_BASE_URL: Variable = variable(
    "OPENROUTER_BASE_URL",
    "base URL of provider openrouter, for proxies and tests",
);
pub(crate) const AMX_NO_KEYRING: Variable = variable("AMX_NO_KEYRING", "never use the keyring");
pub(crate) const AMX_RECORD: Variable = variable(
    "AMX_RECORD",
    "file to record every exchange to, as --record",
);
pub(crate) const AMX_REPLAY: Variable = variable(
    "AMX_REPLAY",
    "recording to replay, without network and key, as --replay",
);
pub(crate) const AMX_CA_BUNDLE: Variable = variable(
    "AMX_CA_BUNDLE",
    "PEM file of certificate authorities, in addition to the system's",
);
pub(crate) const SSL_CERT_FILE: Variable = variable(
    "SSL_CERT_FILE",
    "PEM file of certificate authorities instead of the system's",
);
pub(crate) const AMX_NO_FOOTER: Variable = variable(
    "AMX_NO_FOOTER",
    "no footer in conversations, as footer: false",
);
pub(crate) const AMX_SHARDS: Variable = variable(
    "AMX_SHARDS",
    "number of tasks, for batch --shard auto where the scheduler does not say it",
);
pub(crate) const AMX_TELEMETRY: Variable = variable(
    "AMX_TELEMETRY",
    "otlp or langfuse: sends traces of answers there; off: sends none",
);
pub(crate) const AMX_BATCH_POLL_SEC: Variable = variable(
    "AMX_BATCH_POLL_SEC",
    "time between two looks at discounted batches, in seconds, instead of 10 to 300",
);
pub(crate) const NO_COLOR: Variable = variable("NO_COLOR", "no colour and no styling");
pub(crate) const TERM: Variable = variable("TERM", "`dumb` turns styling and animation off");
pub(crate) const AMX_PAGER: Variable = variable(
    "AMX_PAGER",
    "pager for output longer than the screen, instead of PAGER; empty or `cat` for none",
);
pub(crate) const PAGER: Variable = variable("PAGER", "pager of all programs (less)");
pub(crate) const AMX_LOG: Variable = variable(
    "AMX_LOG",
    "log filter for stderr, such as debug or amx=trace",
);

/// Set by the completion scripts: the shell whose format the candidates have. Not for users.
pub(crate) const AMX_COMPLETE: Variable = variable(
    "AMX_COMPLETE",
    "shell that completes, set by the completion scripts",
);

/// All of them, in the order of the documentation. Keys of providers are in the table of providers.
pub const ALL: &[&Variable] = &[
    &AMX_PROFILE,
    &AMX_MODEL,
    &AMX_REASONING_EFFORT,
    &AMX_LLM_MIN_MAX_TOKENS,
    &AMX_LLM_TIMEOUT_SEC,
    &AMX_LLM_API_KEY,
    &OPENROUTER_MANAGEMENT_KEY,
    &OPENROUTER_BASE_URL,
    &AMX_CONFIG_DIR,
    &AMX_TRUST_CONFIG,
    &AMX_NO_KEYRING,
    &AMX_RECORD,
    &AMX_REPLAY,
    &AMX_CA_BUNDLE,
    &SSL_CERT_FILE,
    &AMX_NO_FOOTER,
    &AMX_SHARDS,
    &AMX_TELEMETRY,
    &AMX_BATCH_POLL_SEC,
    &NO_COLOR,
    &TERM,
    &AMX_PAGER,
    &PAGER,
    &AMX_LOG,
];

/// The environment variables that hold API keys; child processes do not inherit them.
pub(crate) fn key_variables() -> Vec<&'static str> {
    PROVIDERS
        .iter()
        .map(|entry| entry.key_variable)
        .chain([AMX_LLM_API_KEY.name, OPENROUTER_MANAGEMENT_KEY.name])
        .collect()
}

/// The environment as it was when the program started. An empty variable counts as unset.
#[derive(Debug, Clone, Default)]
pub struct Environment {
    variables: BTreeMap<OsString, OsString>,
}

/// A name as it is compared: on Windows without regard to case, as in `Path`.
fn key(system: System, name: &OsStr) -> OsString {
    if system.is_windows() {
        name.to_ascii_uppercase()
    } else {
        name.to_owned()
    }
}

impl Environment {
    /// Copies the process's environment.
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place where the environment is read"
    )]
    pub fn from_process() -> Self {
        Self {
            variables: std::env::vars_os()
                .map(|(name, value)| (key(System::CURRENT, &name), value))
                .collect(),
        }
    }

    pub fn from_pairs<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        Self {
            variables: pairs
                .into_iter()
                .map(|(name, value)| (key(System::CURRENT, name.as_ref()), value.into()))
                .collect(),
        }
    }

    /// The same environment with one variable unset.
    #[must_use]
    pub fn without(&self, variable: &Variable) -> Self {
        let mut variables = self.variables.clone();
        variables.remove(&key(System::CURRENT, variable.name.as_ref()));
        Self { variables }
    }

    /// The value of a documented variable.
    pub fn get(&self, variable: &Variable) -> Result<Option<&str>, ConfigError> {
        self.named(variable.name)
    }

    /// The value of any variable, for keys of providers and `${NAME}`.
    pub fn named(&self, name: &str) -> Result<Option<&str>, ConfigError> {
        match self.variables.get(&key(System::CURRENT, name.as_ref())) {
            None => Ok(None),
            Some(value) if value.is_empty() => Ok(None),
            Some(value) => value
                .to_str()
                .map(Some)
                .ok_or_else(|| ConfigError::Variable {
                    variable: name.to_owned(),
                    what: "is not valid UTF-8".to_owned(),
                }),
        }
    }

    /// The names that are set and valid UTF-8.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.variables
            .iter()
            .filter(|(_, value)| !value.is_empty())
            .filter_map(|(name, _)| name.to_str())
    }

    /// Whether a variable is in the environment, also with an empty value.
    pub fn is_present(&self, variable: &Variable) -> bool {
        let name = key(System::CURRENT, variable.name.as_ref());
        self.variables.contains_key(&name)
    }

    pub fn is_set(&self, variable: &Variable) -> bool {
        self.variables
            .get(&key(System::CURRENT, variable.name.as_ref()))
            .is_some_and(|value| !value.is_empty())
    }

    /// The value of a documented variable, parsed as a `T`; `expected` is `must be …`.
    pub fn parsed<T: FromStr>(
        &self,
        variable: &Variable,
        expected: &str,
    ) -> Result<Option<T>, ConfigError> {
        let Some(text) = self.get(variable)? else {
            return Ok(None);
        };
        text.trim()
            .parse()
            .map(Some)
            .map_err(|_| bad_value(variable, text, expected))
    }

    /// `AMX_REASONING_EFFORT`, as a layer of settings.
    pub fn generation(&self) -> Result<GenerationSettings, ConfigError> {
        const NAME: &str = "reasoning_effort";
        let mut settings = GenerationSettings::default();
        if let Some(text) = self.get(&AMX_REASONING_EFFORT)? {
            let value = generation::read(NAME, &text.trim().to_lowercase())
                .map_err(|what| bad_value(&AMX_REASONING_EFFORT, text, &what))?;
            settings.set(NAME, Some(&value));
        }
        Ok(settings)
    }

    /// `AMX_LLM_MIN_MAX_TOKENS`.
    pub fn reasoning_floor(&self) -> Result<Option<u32>, ConfigError> {
        self.parsed(
            &AMX_LLM_MIN_MAX_TOKENS,
            "must be a whole number, 0 or more; 0 turns the floor off",
        )
    }

    /// `AMX_LLM_TIMEOUT_SEC`: above 0, at most a day.
    pub fn silence(&self) -> Result<Option<Duration>, ConfigError> {
        self.seconds(&AMX_LLM_TIMEOUT_SEC)
    }

    /// `AMX_BATCH_POLL_SEC`: above 0, at most a day.
    pub fn batch_poll(&self) -> Result<Option<Duration>, ConfigError> {
        self.seconds(&AMX_BATCH_POLL_SEC)
    }

    fn seconds(&self, variable: &Variable) -> Result<Option<Duration>, ConfigError> {
        let expected = "must be a number of seconds, above 0, at most 86400";
        let Some(seconds) = self.parsed(variable, expected)? else {
            return Ok(None);
        };
        let duration = Duration::try_from_secs_f64(seconds)
            .ok()
            .filter(|duration| !duration.is_zero() && duration.as_secs() <= 86_400);
        let text = self.get(variable)?.unwrap_or_default();
        duration
            .map(Some)
            .ok_or_else(|| bad_value(variable, text, expected))
    }
}

/// The error for a value that cannot be used; `expected` is `must be …`.
fn bad_value(variable: &Variable, text: &str, expected: &str) -> ConfigError {
    let shown = cut(text, 40);
    ConfigError::Variable {
        variable: variable.name.to_owned(),
        what: format!("is '{}': it {expected}", shown.escape_debug()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_windows_have_no_case() {
        let key = |system, name: &str| key(system, name.as_ref());
        assert_eq!(key(System::Windows, "Path"), key(System::Windows, "PATH"));
        assert_ne!(key(System::Linux, "Path"), key(System::Linux, "PATH"));
    }

    #[test]
    fn an_empty_variable_counts_as_unset() {
        let environment = Environment::from_pairs([("AMX_MODEL", ""), ("AMX_PROFILE", "work")]);
        assert_eq!(environment.get(&AMX_MODEL).unwrap(), None);
        assert_eq!(environment.get(&AMX_PROFILE).unwrap(), Some("work"));
        assert!(!environment.is_set(&AMX_MODEL));
    }

    #[test]
    fn a_bad_value_names_the_variable() {
        let environment = Environment::from_pairs([("AMX_LLM_MIN_MAX_TOKENS", "many")]);
        let error = environment
            .parsed::<u32>(&AMX_LLM_MIN_MAX_TOKENS, "must be a whole number")
            .unwrap_err();
        assert_eq!(
            error.to_string(),
            "AMX_LLM_MIN_MAX_TOKENS is 'many': it must be a whole number"
        );
    }
}
