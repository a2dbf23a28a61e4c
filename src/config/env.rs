//! Every environment variable that amx reads, each with its meaning, and the one place where they
//! are read.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::str::FromStr;

use super::error::ConfigError;

/// A variable with its documentation.
#[derive(Debug, Clone, Copy)]
pub struct Variable {
    pub name: &'static str,
    pub meaning: &'static str,
}

const fn variable(name: &'static str, meaning: &'static str) -> Variable {
    Variable { name, meaning }
}

pub const AMX_CONFIG_DIR: Variable =
    variable("AMX_CONFIG_DIR", "folder of config.yml, instead of ~/.amx");
pub const AMX_PROFILE: Variable = variable("AMX_PROFILE", "profile to use, as -p");
pub const AMX_MODEL: Variable = variable("AMX_MODEL", "model to use, as -m");
pub const AMX_REASONING_EFFORT: Variable = variable(
    "AMX_REASONING_EFFORT",
    "none, minimal, low, medium, high, xhigh or max; overrides the profile",
);
pub const AMX_LLM_MIN_MAX_TOKENS: Variable = variable(
    "AMX_LLM_MIN_MAX_TOKENS",
    "replaces the 32768 floor of reasoning models; 0 turns it off",
);
pub const AMX_LLM_TIMEOUT_SEC: Variable = variable(
    "AMX_LLM_TIMEOUT_SEC",
    "longest silence without a data event, in seconds (180)",
);
pub const AMX_LLM_API_KEY: Variable = variable(
    "AMX_LLM_API_KEY",
    "key for any provider whose own variable is unset",
);
pub const OPENROUTER_BASE_URL: Variable = variable(
    "OPENROUTER_BASE_URL",
    "base URL of provider openrouter, for proxies and tests",
);
pub const AMX_NO_KEYRING: Variable = variable("AMX_NO_KEYRING", "never touch the keyring");
pub const AMX_RECORD: Variable = variable(
    "AMX_RECORD",
    "new file for a recording of every exchange, as --record",
);
pub const AMX_REPLAY: Variable = variable(
    "AMX_REPLAY",
    "recording to answer from, without network and key, as --replay",
);
pub const AMX_CA_BUNDLE: Variable = variable(
    "AMX_CA_BUNDLE",
    "PEM file of certificate authorities to trust beside the system's",
);
pub const SSL_CERT_FILE: Variable = variable(
    "SSL_CERT_FILE",
    "PEM file of certificate authorities instead of the system's",
);
pub const NO_COLOR: Variable = variable("NO_COLOR", "no colour and no other styling");
pub const TERM: Variable = variable("TERM", "`dumb` turns styling and moving parts off");
pub const AMX_LOG: Variable = variable(
    "AMX_LOG",
    "log filter for stderr, such as debug or amx=trace",
);

/// Set by the completion scripts when they ask for candidates: the shell to answer in its form. Not
/// for people.
pub const AMX_COMPLETE: Variable = variable(
    "AMX_COMPLETE",
    "shell that asks for candidates, set by the completion scripts",
);

/// All of them, in the order of the documentation. Keys of providers are in the table of providers.
pub const ALL: &[&Variable] = &[
    &AMX_PROFILE,
    &AMX_MODEL,
    &AMX_REASONING_EFFORT,
    &AMX_LLM_MIN_MAX_TOKENS,
    &AMX_LLM_TIMEOUT_SEC,
    &AMX_LLM_API_KEY,
    &OPENROUTER_BASE_URL,
    &AMX_CONFIG_DIR,
    &AMX_NO_KEYRING,
    &AMX_RECORD,
    &AMX_REPLAY,
    &AMX_CA_BUNDLE,
    &SSL_CERT_FILE,
    &NO_COLOR,
    &TERM,
    &AMX_LOG,
];

/// The environment as it was when the program started. An empty variable counts as unset.
#[derive(Debug, Clone, Default)]
pub struct Environment {
    variables: BTreeMap<OsString, OsString>,
}

impl Environment {
    /// Takes a copy of the process's environment.
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place where the environment is read"
    )]
    pub fn from_process() -> Self {
        Self {
            variables: std::env::vars_os().collect(),
        }
    }

    pub fn from_pairs<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        Self {
            variables: pairs
                .into_iter()
                .map(|(name, value)| (name.into(), value.into()))
                .collect(),
        }
    }

    /// The same environment with one variable unset.
    #[must_use]
    pub fn without(&self, variable: &Variable) -> Self {
        let mut variables = self.variables.clone();
        variables.remove(&OsString::from(variable.name));
        Self { variables }
    }

    /// The value of a documented variable.
    pub fn get(&self, variable: &Variable) -> Result<Option<&str>, ConfigError> {
        self.named(variable.name)
    }

    /// The value of any variable, for keys of providers and `${NAME}`.
    pub fn named(&self, name: &str) -> Result<Option<&str>, ConfigError> {
        match self.variables.get(&OsString::from(name)) {
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

    /// The names that are set, as far as they are text.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.variables
            .iter()
            .filter(|(_, value)| !value.is_empty())
            .filter_map(|(name, _)| name.to_str())
    }

    pub fn is_set(&self, variable: &Variable) -> bool {
        self.variables
            .get(&OsString::from(variable.name))
            .is_some_and(|value| !value.is_empty())
    }

    /// The value of a documented variable, read as a `T`.
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
            .map_err(|_| ConfigError::Variable {
                variable: variable.name.to_owned(),
                what: format!(
                    "is '{}': {expected}",
                    text.chars().take(40).collect::<String>()
                ),
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_variable_counts_as_unset() {
        let environment = Environment::from_pairs([("AMX_MODEL", ""), ("AMX_PROFILE", "work")]);
        assert_eq!(environment.get(&AMX_MODEL).unwrap(), None);
        assert_eq!(environment.get(&AMX_PROFILE).unwrap(), Some("work"));
        assert!(!environment.is_set(&AMX_MODEL));
    }

    #[test]
    fn a_value_that_cannot_be_read_names_the_variable() {
        let environment = Environment::from_pairs([("AMX_LLM_MIN_MAX_TOKENS", "many")]);
        let error = environment
            .parsed::<u32>(&AMX_LLM_MIN_MAX_TOKENS, "a whole number")
            .unwrap_err();
        assert_eq!(
            error.to_string(),
            "AMX_LLM_MIN_MAX_TOKENS is 'many': a whole number"
        );
    }
}
