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
    #[error("the key is in quotation marks; remove them")]
    Quoted,
    #[error("the key starts with 'Bearer', which amx adds")]
    Scheme,
    #[error("the key starts with the name of a variable and '='; remove them")]
    Assignment,
    #[error("it is a reference, not a key: nothing replaced the variable")]
    Unexpanded,
    #[error("it is a reference, not a key: write it in `api_key` of a profile")]
    Reference,
    #[error("it is a placeholder, not a key")]
    Placeholder,
    #[error("the key ends with a comma or a semicolon; remove it")]
    Separator,
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
        if let Some(fault) = wrapper_of(text) {
            // The key inside, not the words around it, which an error names.
            if !fault.has_no_key() {
                remember(unwrapped(text));
            }
            return Err(fault);
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

impl InvalidKey {
    /// Whether the text is the name of a key and has none inside.
    fn has_no_key(self) -> bool {
        matches!(self, Self::Unexpanded | Self::Placeholder | Self::Reference)
    }
}

/// What references to a key start with, see `secrets::Reference`.
const REFERENCES: &[&str] = &["keyring:", "cmd:", "file:"];

/// Quotation marks, also those that an editor or a web page makes of them.
const QUOTES: &[char] = &['"', '\'', '`', '“', '”', '„', '‘', '’', '«', '»'];

/// What a key was copied with, when it is not the key alone.
fn wrapper_of(text: &str) -> Option<InvalidKey> {
    let text = text.trim();
    let first_word = text.split_whitespace().next().unwrap_or_default();
    let is_scheme =
        ["bearer", "bearer:", "authorization:"].contains(&first_word.to_ascii_lowercase().as_str());
    if text.starts_with(QUOTES) || text.ends_with(QUOTES) {
        Some(InvalidKey::Quoted)
    } else if is_scheme {
        Some(InvalidKey::Scheme)
    } else if REFERENCES.iter().any(|form| text.starts_with(form)) {
        Some(InvalidKey::Reference)
    } else if text.starts_with('$') {
        Some(InvalidKey::Unexpanded)
    } else if name_before(text).is_some() || first_word == "export" {
        Some(InvalidKey::Assignment)
    } else if text.starts_with('<') && text.ends_with('>') {
        Some(InvalidKey::Placeholder)
    } else if text.ends_with([',', ';']) {
        Some(InvalidKey::Separator)
    } else {
        None
    }
}

/// The name of a variable that is assigned a value: capitals, digits and underscores.
fn name_before(text: &str) -> Option<&str> {
    let (name, value) = text.split_once('=')?;
    let is_name = name.contains('_')
        && name
            .bytes()
            .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_');
    // Base64 may end with `=`.
    (is_name && !value.trim_matches('=').is_empty()).then_some(name)
}

/// The key inside what it was copied with.
fn unwrapped(text: &str) -> &str {
    let text = text.split_whitespace().next_back().unwrap_or_default();
    let text = name_before(text).map_or(text, |name| &text[name.len() + 1..]);
    text.trim_matches(QUOTES)
        .trim_matches(['<', '>', ',', ';'])
        .trim_matches(QUOTES)
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
    fn what_a_key_was_copied_with_is_named_and_the_key_inside_is_redacted() {
        let cases = [
            ("\"@\"", InvalidKey::Quoted),
            ("'@'", InvalidKey::Quoted),
            ("“@”", InvalidKey::Quoted),
            ("@\"", InvalidKey::Quoted),
            ("Bearer @", InvalidKey::Scheme),
            ("Authorization: Bearer @", InvalidKey::Scheme),
            ("OPENROUTER_API_KEY=@", InvalidKey::Assignment),
            ("export OPENAI_API_KEY=@", InvalidKey::Assignment),
            ("${@}", InvalidKey::Unexpanded),
            ("$@", InvalidKey::Unexpanded),
            ("<@>", InvalidKey::Placeholder),
            ("keyring://amx/@/api_key", InvalidKey::Reference),
            ("file:/run/secrets/@", InvalidKey::Reference),
            ("cmd:show @", InvalidKey::Reference),
            ("@,", InvalidKey::Separator),
            ("@;", InvalidKey::Separator),
            ("@\n", InvalidKey::WhiteSpace),
        ];
        for (index, (text, fault)) in cases.into_iter().enumerate() {
            let key = format!("sk-inner-{index}-0123456789");
            let text = text.replace('@', &key);
            assert_eq!(ApiKey::parse(&text), Err(fault), "{text}");
            let is_known = known_secrets().contains(&key);
            assert!(is_known != fault.has_no_key(), "{text}");
        }
        for good in ["sk-or-v1-abc=", "dGVzdA==", "a_b=c", "lm-studio"] {
            assert!(ApiKey::parse(good).is_ok(), "{good}");
        }
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
