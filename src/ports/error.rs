//! How a command fails: one kind per exit code, the message, its cause, and what to type next.

use serde_json::{Value, json};

use crate::config::ConfigError;
use crate::secrets::SecretError;
use crate::secrets::keyring::KeyringError;

/// Kinds of failure. The exit codes are part of the contract with scripts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorKind {
    No,
    Usage,
    Config,
    Credentials,
    Input,
    Network,
    Refused,
    TryLater,
    Cut,
    Content,
    Tool,
    LocalIo,
    Partial,
    Limit,
    Bug,
    HungUp,
    Interrupted,
    BrokenPipe,
    Terminated,
}

/// Exit code, name and meaning of each kind; the documentation is made from it.
pub const KINDS: &[(ErrorKind, u8, &str, &str)] = &[
    (
        ErrorKind::No,
        1,
        "no",
        "the command worked, the answer is no",
    ),
    (
        ErrorKind::Usage,
        2,
        "usage",
        "a flag, a value or a combination of them",
    ),
    (
        ErrorKind::Config,
        3,
        "config",
        "config.yml, a profile, a value of the environment",
    ),
    (
        ErrorKind::Credentials,
        4,
        "credentials",
        "no key, keyring unreachable, 401, 403",
    ),
    (ErrorKind::Input, 5, "input", "stdin, an attachment, a file"),
    (
        ErrorKind::Network,
        6,
        "network",
        "DNS, connection, TLS, proxy: nothing reached the provider",
    ),
    (
        ErrorKind::Refused,
        7,
        "refused",
        "400, 402, 404, 413, 422: the provider said no for good",
    ),
    (
        ErrorKind::TryLater,
        8,
        "try later",
        "408, 429, 5xx after the last attempt",
    ),
    (
        ErrorKind::Cut,
        9,
        "cut",
        "the answer ended early; the partial text is kept",
    ),
    (
        ErrorKind::Content,
        10,
        "content",
        "empty or filtered answer, truncation with --strict",
    ),
    (
        ErrorKind::Tool,
        11,
        "tool",
        "the model asked for a tool that cannot be run here",
    ),
    (
        ErrorKind::LocalIo,
        12,
        "local io",
        "disk, permissions, stdout write error",
    ),
    (
        ErrorKind::Partial,
        13,
        "partial",
        "some of several answers failed",
    ),
    (
        ErrorKind::Limit,
        14,
        "limit",
        "--max-cost or a cap of the profile",
    ),
    (
        ErrorKind::Bug,
        70,
        "bug",
        "a fault in amx; please report it",
    ),
    (
        ErrorKind::HungUp,
        129,
        "signal",
        "HUP: the terminal went away",
    ),
    (ErrorKind::Interrupted, 130, "signal", "Ctrl-C"),
    (
        ErrorKind::BrokenPipe,
        141,
        "signal",
        "the reader of stdout went away (quiet)",
    ),
    (ErrorKind::Terminated, 143, "signal", "TERM"),
];

impl ErrorKind {
    pub fn exit_code(self) -> u8 {
        self.row().1
    }

    pub fn name(self) -> &'static str {
        self.row().2
    }

    fn row(self) -> (ErrorKind, u8, &'static str, &'static str) {
        KINDS
            .iter()
            .copied()
            .find(|(kind, ..)| *kind == self)
            .unwrap_or((ErrorKind::Bug, 70, "bug", ""))
    }
}

/// Longest cause shown, in characters.
const LONGEST_CAUSE: usize = 320;

/// As much of a cause as is shown.
pub fn bounded(text: &str) -> String {
    if text.chars().count() <= LONGEST_CAUSE {
        text.to_owned()
    } else {
        text.chars().take(LONGEST_CAUSE).chain(['…']).collect()
    }
}

/// What a command tells the user when it fails. Hints are commands to type.
#[derive(Debug)]
pub struct CommandError {
    pub kind: ErrorKind,
    pub message: String,
    /// The cause in the words of who said it.
    pub source: Option<anyhow::Error>,
    pub hints: Vec<String>,
    /// The HTTP status, when a provider refused.
    pub status: Option<u16>,
    pub generation_id: Option<String>,
    pub retryable: bool,
}

impl CommandError {
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
            source: None,
            hints: Vec::new(),
            status: None,
            generation_id: None,
            retryable: false,
        }
    }

    pub fn usage(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Usage, message)
    }

    #[must_use]
    pub fn caused_by(mut self, source: impl Into<anyhow::Error>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// A cause given in words.
    #[must_use]
    pub fn caused_by_words(mut self, words: impl Into<String>) -> Self {
        let words = words.into();
        if !words.is_empty() {
            self.source = Some(anyhow::Error::msg(words));
        }
        self
    }

    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    #[must_use]
    pub fn hints<T: Into<String>>(mut self, hints: impl IntoIterator<Item = T>) -> Self {
        self.hints.extend(hints.into_iter().map(Into::into));
        self
    }

    /// Every failure says what to do next: where nothing better is known, where to look.
    #[must_use]
    pub fn with_default_hint(self) -> Self {
        if !self.hints.is_empty() || self.is_quiet() {
            return self;
        }
        match self.kind {
            ErrorKind::Usage => self.hint("amx --help"),
            ErrorKind::Config => self.hint("amx config validate"),
            ErrorKind::Credentials => self.hint("amx config explain api_key"),
            _ => self.hint("amx config explain"),
        }
    }

    /// Whether a signal ended what was under way.
    pub fn is_signal(&self) -> bool {
        matches!(
            self.kind,
            ErrorKind::Interrupted | ErrorKind::Terminated | ErrorKind::HungUp
        )
    }

    /// Message and cause on one line.
    pub fn in_one_line(&self) -> String {
        let words = self.cause().map_or_else(
            || self.message.clone(),
            |cause| format!("{}: {cause}", self.message),
        );
        words.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// A signal or a closed pipe: there is nothing to say.
    pub fn is_quiet(&self) -> bool {
        self.message.is_empty()
    }

    /// The fields that a program is told.
    pub fn to_json(&self) -> Value {
        json!({
            "kind": self.kind.name(),
            // A program is not left with nothing to read.
            "message": if self.is_quiet() { "stopped" } else { &self.message },
            "caused_by": self.cause().map(|cause| bounded(&cause)),
            "hint": self.hints.first(),
            "exit_code": self.kind.exit_code(),
            "status": self.status,
            "generation_id": self.generation_id,
            "retryable": self.retryable,
        })
    }

    /// The causes on one line, outermost first, without what the message says already.
    pub fn cause(&self) -> Option<String> {
        let source = self.source.as_ref()?;
        let mut causes: Vec<String> = Vec::new();
        for cause in source.chain() {
            let text = cause.to_string();
            if !text.is_empty()
                && !self.message.contains(&text)
                && causes.last().is_none_or(|last| !last.contains(&text))
            {
                causes.push(text);
            }
        }
        if causes.is_empty() {
            None
        } else {
            Some(causes.join(": "))
        }
    }
}

impl From<ConfigError> for CommandError {
    fn from(error: ConfigError) -> Self {
        let message = error.to_string();
        match error {
            ConfigError::Invalid { hint, .. } => Self::new(ErrorKind::Config, message)
                .hint(hint.unwrap_or_else(|| "amx config edit".to_owned())),
            ConfigError::Variable { variable, .. } => {
                Self::new(ErrorKind::Config, message).hint(format!("unset {variable}"))
            }
            ConfigError::Option { .. } => Self::new(ErrorKind::Usage, message)
                .hint("amx config explain model -m MODEL   (says how a model is read)"),
            ConfigError::NoProfile {
                name,
                from,
                nearest,
                known,
            } => {
                let chosen = if from.starts_with("default") {
                    String::new()
                } else {
                    format!(" (chosen by {from})")
                };
                let error = Self::new(
                    ErrorKind::Config,
                    format!("there is no profile '{}'{chosen}", name.escape_debug()),
                );
                match (nearest, known.is_empty()) {
                    (Some(nearest), _) => error
                        .hint(format!("did you mean '{nearest}'?"))
                        .hint("amx profiles list"),
                    (None, false) => error.hint("amx profiles list"),
                    (None, true) => error.hint("amx add-llm-profile"),
                }
            }
            ConfigError::Read { source, .. } => {
                let kind = if source.kind() == std::io::ErrorKind::PermissionDenied {
                    ErrorKind::LocalIo
                } else {
                    ErrorKind::Config
                };
                Self::new(kind, message)
                    .caused_by(source)
                    .hint("amx config path")
            }
            ConfigError::Write { source, .. } => Self::new(ErrorKind::LocalIo, message)
                .caused_by(source)
                .hint("check space and permissions, then run the command again"),
            ConfigError::Locked { .. } => Self::new(ErrorKind::LocalIo, message)
                .hint("wait for the other amx, or end it, and run the command again"),
            ConfigError::Symlink { path } => Self::new(ErrorKind::LocalIo, message).hint(format!(
                "edit the file that {} points to, or replace the link by a file",
                path.display()
            )),
            ConfigError::NewerSchema { .. } => {
                Self::new(ErrorKind::Config, message).hint("install the newer amx")
            }
            ConfigError::EditUnsafe { .. } => {
                Self::new(ErrorKind::Config, message).hint("amx config edit")
            }
            ConfigError::NoHome => {
                Self::new(ErrorKind::Config, message).hint("set HOME or AMX_CONFIG_DIR")
            }
        }
    }
}

impl From<SecretError> for CommandError {
    fn from(error: SecretError) -> Self {
        let command_error = Self::new(ErrorKind::Credentials, error.to_string());
        match error {
            SecretError::Invalid { .. } => command_error.hint("amx add-llm-profile"),
            SecretError::VariableUnset { name, .. } => {
                command_error.hint(format!("export {name}=…"))
            }
            SecretError::LeftOutOfBackup { .. } => command_error.hint(
                "amx add-llm-profile NAME   \
                (stores the key again)",
            ),
            SecretError::Command { program, source } => command_error
                .caused_by(source)
                .hint(format!("run {program} by hand to see what it says")),
            SecretError::File { source, .. } => {
                command_error.caused_by(source).hint("amx config edit")
            }
            SecretError::Keyring(source) => without_keyring(command_error, source),
            SecretError::NotStored { .. } => command_error.hint("amx add-llm-profile"),
            SecretError::BoundElsewhere { .. } => command_error
                .hint(
                    "amx add-llm-profile NAME   (asks for the key again and stores \
                    it for the new address)",
                )
                .hint("amx config explain base_url"),
        }
    }
}

/// The ways to give a key without a keyring.
fn without_keyring(error: CommandError, source: KeyringError) -> CommandError {
    error.caused_by(source).hints([
        "export OPENROUTER_API_KEY=…   (an environment variable, for this shell)",
        "amx add-llm-profile NAME --api-key-ref 'cmd:PROGRAM ARGUMENTS'   (a secret manager)",
        "amx add-llm-profile NAME --api-key-ref file:/PATH   (a file with mode 0600)",
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_its_documented_exit_code() {
        let codes: Vec<u8> = KINDS.iter().map(|(_, code, ..)| *code).collect();
        assert_eq!(
            codes,
            [
                1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 70, 129, 130, 141, 143
            ]
        );
        assert_eq!(ErrorKind::Content.exit_code(), 10);
    }

    #[test]
    fn causes_do_not_repeat_the_message() {
        let source = std::io::Error::other("disk full");
        let error =
            CommandError::new(ErrorKind::LocalIo, "cannot write: disk full").caused_by(source);
        assert_eq!(error.cause(), None);
    }
}
