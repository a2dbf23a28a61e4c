//! A key that can be sent in a header but not printed, and the list of every key of this process.

use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use secrecy::{ExposeSecret, SecretString};

/// A provider's key. `Debug` hides it, and from the moment it exists all output is redacted by its
/// value (see [`known_secrets`]).
#[derive(Clone)]
pub struct ApiKey(SecretString);

/// Why a text is not a valid key. Never contains the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidKey {
    #[error("the key is empty")]
    Empty,
    #[error("the key contains white space or a control character")]
    WhiteSpace,
    #[error("the key contains a character that cannot be sent in a header")]
    NotAscii,
    #[error("the key is longer than {} characters", ApiKey::LONGEST)]
    TooLong,
}

impl ApiKey {
    /// Longest key accepted, in bytes: a longer one is a file pasted by mistake.
    pub const LONGEST: usize = 4096;

    /// Reads a key. Nothing is trimmed: a key with white space around it is refused, because the
    /// same text sent by another program would be refused by the provider.
    pub fn parse(text: &str) -> Result<Self, InvalidKey> {
        if text.is_empty() {
            return Err(InvalidKey::Empty);
        }
        if text.len() > Self::LONGEST {
            return Err(InvalidKey::TooLong);
        }
        remember(text);
        if text.chars().any(|c| c.is_whitespace() || c.is_control()) {
            return Err(InvalidKey::WhiteSpace);
        }
        if !text.is_ascii() {
            return Err(InvalidKey::NotAscii);
        }
        Ok(Self(SecretString::from(text)))
    }

    /// The value itself, for the `Authorization` header and for the keyring.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

impl fmt::Debug for ApiKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("ApiKey(…)")
    }
}

impl PartialEq for ApiKey {
    fn eq(&self, other: &Self) -> bool {
        self.expose() == other.expose()
    }
}

static KNOWN: Mutex<Vec<String>> = Mutex::new(Vec::new());
static KNOWN_COUNT: AtomicUsize = AtomicUsize::new(0);

/// Shortest value that is redacted, in bytes. Placeholders such as `ollama` are not secrets, and
/// replacing a short word everywhere would damage answers.
const SHORTEST_REDACTED: usize = 8;

/// Adds a value to the list of secrets, so that it is redacted in all output.
pub(crate) fn remember(secret: &str) {
    let secret = secret.trim();
    if secret.len() < SHORTEST_REDACTED {
        return;
    }
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    if !known.iter().any(|other| other == secret) {
        known.push(secret.to_owned());
        // Longest first: where one secret starts with another, all of it is replaced.
        known.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
        KNOWN_COUNT.store(known.len(), Ordering::Release);
    }
}

/// How many secrets are listed: cheaper than [`known_secrets`].
pub(crate) fn known_secret_count() -> usize {
    KNOWN_COUNT.load(Ordering::Acquire)
}

/// Every secret so far, longest first.
pub(crate) fn known_secrets() -> Vec<String> {
    KNOWN.lock().unwrap_or_else(PoisonError::into_inner).clone()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_never_shown_by_debug() {
        let key = ApiKey::parse("sk-or-v1-0123456789abcdef").unwrap();
        assert_eq!(format!("{key:?}"), "ApiKey(…)");
    }

    #[test]
    fn keys_with_white_space_or_control_characters_are_refused() {
        for text in ["sk-or 1", "sk-or\n", "\tsk-or", "sk\u{7f}or", "sk\u{a0}or"] {
            assert_eq!(ApiKey::parse(text), Err(InvalidKey::WhiteSpace), "{text:?}");
        }
        assert_eq!(ApiKey::parse(""), Err(InvalidKey::Empty));
        assert_eq!(ApiKey::parse("sk-ключ"), Err(InvalidKey::NotAscii));
        assert_eq!(ApiKey::parse(&"k".repeat(5000)), Err(InvalidKey::TooLong));
    }

    #[test]
    fn a_refused_key_is_redacted_too() {
        let _ = ApiKey::parse("sk-or-refused-key\n");
        assert!(known_secrets().contains(&"sk-or-refused-key".to_owned()));
    }

    #[test]
    fn placeholders_are_not_treated_as_secrets() {
        ApiKey::parse("ollama").unwrap();
        assert!(!known_secrets().contains(&"ollama".to_owned()));
    }
}
