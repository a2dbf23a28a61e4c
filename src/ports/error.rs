//! The error of a command: one kind per exit code, the message, its cause, and hints.

use serde_json::{Value, json};

use crate::platform::commands::{KEY_FILE, MAKE_FILE_PRIVATE, SET_VARIABLE};
use crate::platform::system::System;
use crate::secrets::SecretError;
use crate::secrets::key_file::OpenToOthers;
use crate::secrets::keyring::KeyringError;
use crate::wire::redact::{cut, without_keys};

/// Kinds of errors. Scripts rely on the exit codes.
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

/// Exit code, name and meaning of each kind; the table in the README is compared with it.
pub const KINDS: &[(ErrorKind, u8, &str, &str)] = &[
    (
        ErrorKind::No,
        1,
        "no",
        "the command worked; the result is negative",
    ),
    (
        ErrorKind::Usage,
        2,
        "usage",
        "an invalid flag, value or combination",
    ),
    (
        ErrorKind::Config,
        3,
        "config",
        "config.yml, a profile or an environment variable",
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
        "400, 402, 404, 413, 422: the provider rejected the request",
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
        "the answer is incomplete; the partial text is kept",
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
        "the model called a tool that cannot run here",
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
    (ErrorKind::Bug, 70, "bug", "a bug in amx; please report it"),
    (
        ErrorKind::HungUp,
        129,
        "signal",
        "HUP: the terminal was closed",
    ),
    (ErrorKind::Interrupted, 130, "signal", "Ctrl-C"),
    (
        ErrorKind::BrokenPipe,
        141,
        "signal",
        "the reader closed stdout (quiet)",
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

/// The variable in hints that know no provider.
const DEFAULT_KEY_VARIABLE: &str = "OPENROUTER_API_KEY";

/// Longest cause shown, in characters.
const LONGEST_CAUSE: usize = 320;

/// A cause, shortened to the length that is shown.
pub(crate) fn bounded(text: &str) -> String {
    cut(text, LONGEST_CAUSE)
}

/// The error that a command reports. Hints are the next commands to type.
#[derive(Debug)]
pub struct CommandError {
    pub kind: ErrorKind,
    pub message: String,
    /// The cause, with its own message.
    pub source: Option<anyhow::Error>,
    pub hints: Vec<String>,
    /// The HTTP status, when a provider refused the request.
    pub status: Option<u16>,
    pub generation_id: Option<String>,
    pub retryable: bool,
    /// The provider does not have the model.
    pub is_unknown_model: bool,
    /// The exit code of a program that ran in place of amx, which becomes that of amx.
    pub child_code: Option<u8>,
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
            is_unknown_model: false,
            child_code: None,
        }
    }

    /// The end of a program that ran in place of amx: not reported, as the program did that.
    pub fn of_child(code: u8) -> Self {
        Self {
            child_code: Some(code),
            ..Self::new(ErrorKind::No, "")
        }
    }

    /// The exit code of amx.
    pub fn exit_code(&self) -> u8 {
        self.child_code.unwrap_or(self.kind.exit_code())
    }

    pub fn usage(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Usage, message)
    }

    #[must_use]
    pub fn caused_by(mut self, source: impl Into<anyhow::Error>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// A cause given as text; none when it is empty.
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

    /// The error with the variable of another provider in the hints about a missing keyring.
    #[must_use]
    pub fn for_key_variable(mut self, variable: &str) -> Self {
        for hint in &mut self.hints {
            *hint = hint.replace(DEFAULT_KEY_VARIABLE, variable);
        }
        self
    }

    /// Adds a general hint for its kind when there is no other.
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

    /// Whether a signal ended the command.
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
        let words = without_keys(&words);
        words.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// A signal or a closed pipe, which is not reported.
    pub fn is_quiet(&self) -> bool {
        self.message.is_empty()
    }

    /// The fields in JSON output.
    pub fn to_json(&self) -> Value {
        json!({
            "kind": self.kind.name(),
            // A program needs a message in any case.
            "message": if self.is_quiet() {
                "stopped".to_owned()
            } else {
                without_keys(&self.message)
            },
            "caused_by": self.cause().map(|cause| bounded(&cause)),
            "hint": self.hints.first().map(|hint| without_keys(hint)),
            "exit_code": self.kind.exit_code(),
            "status": self.status,
            "generation_id": self.generation_id,
            "retryable": self.retryable,
        })
    }

    /// The causes on one line, outermost first, without what the message already contains.
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

impl From<SecretError> for CommandError {
    fn from(error: SecretError) -> Self {
        let command_error = Self::new(ErrorKind::Credentials, error.to_string());
        match error {
            SecretError::Invalid { .. } => command_error.hint("amx add-llm-profile"),
            SecretError::VariableUnset { name, .. } => {
                command_error.hint(SET_VARIABLE.with([&name, "…"]))
            }
            SecretError::Malformed { .. } => command_error.hint("amx config edit"),
            SecretError::ValueNotStored { reference } => {
                let name = reference.rsplit('/').nth(1).unwrap_or("NAME");
                command_error
                    .hint(format!("amx mcp remove {name}, then amx mcp add {name} …"))
                    .hint("amx config edit   (${VARIABLE} and cmd:PROGRAM are possible too)")
            }
            SecretError::RemovedFromBackup { .. } => command_error.hint(
                "amx add-llm-profile NAME   \
                (stores the key again)",
            ),
            SecretError::Command { program, source } => command_error
                .caused_by(source)
                .hint(format!("run {program} in a shell to see its output")),
            SecretError::File { source, .. } => {
                let remedy = match source.downcast_ref::<OpenToOthers>() {
                    Some(open) => {
                        let path = System::CURRENT.quoted(&open.path.display().to_string());
                        MAKE_FILE_PRIVATE.with([&path])
                    }
                    None => "amx config edit".to_owned(),
                };
                command_error.caused_by(source).hint(remedy)
            }
            SecretError::FileNotWritten { source, .. } => command_error
                .caused_by(source)
                .hint("amx add-llm-profile NAME --api-key-ref 'cmd:PROGRAM ARGUMENTS'"),
            SecretError::Keyring(source) => without_keyring(command_error, source),
            SecretError::ValueKeyring(source) => command_error
                .caused_by(source)
                .hint("write ${VARIABLE} or cmd:PROGRAM in place of the secret"),
            SecretError::NotStored { .. } => command_error.hint("amx add-llm-profile"),
            SecretError::BoundElsewhere { .. } => command_error
                .hint("amx add-llm-profile NAME   (stores the key again, for the new URL)")
                .hint("amx config explain base_url"),
        }
    }
}

/// The ways to provide a key without a keyring.
fn without_keyring(error: CommandError, source: KeyringError) -> CommandError {
    let variable = SET_VARIABLE.with([DEFAULT_KEY_VARIABLE, "…"]);
    error.caused_by(source).hints([
        format!("{variable}   (an environment variable, for this shell)"),
        "amx add-llm-profile NAME --api-key-ref 'cmd:PROGRAM ARGUMENTS'   (a secret manager)"
            .to_owned(),
        format!(
            "amx add-llm-profile NAME --api-key-ref {}",
            KEY_FILE.with([])
        ),
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
