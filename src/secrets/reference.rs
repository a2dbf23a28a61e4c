//! The `api_key` of a profile: a keyring entry, a variable, a command, a file, or (with a warning)
//! the key itself.

use std::fmt;
use std::path::PathBuf;

use secrecy::SecretString;

use crate::platform::system::System;
pub(crate) use crate::wire::key_forms::looks_like_a_key;

/// The keyring service of every key of amx.
pub(crate) const SERVICE: &str = "amx";

/// Replaces a plain key in a backup of the configuration.
pub(crate) const REMOVED_FROM_BACKUP: &str = "(removed from the backup)";

/// A parsed `api_key`.
#[derive(Clone)]
pub enum Reference {
    /// `keyring://amx/PROFILE/api_key`; also `keyring:llm_profiles/PROFILE/api_key`, the form of
    /// the Python predecessor.
    Keyring { service: String, user: String },
    /// `${NAME}`.
    Variable(String),
    /// `cmd:PROGRAM ARGUMENT…`, split as a shell would, run without one.
    Command(Vec<String>),
    /// `file:/PATH`; `~/` is the home directory.
    File(PathBuf),
    /// A key that was removed from the backup the file was restored from.
    Removed,
    /// The key itself.
    Plain(SecretString),
}

impl Reference {
    /// The entry where `add-llm-profile` and `login` store the key of a profile.
    pub fn of_profile(profile: &str) -> Self {
        Self::Keyring {
            service: SERVICE.to_owned(),
            user: format!("{profile}/api_key"),
        }
    }

    /// Parses an `api_key`. The error never contains the text.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        if let Some(entry) = text.strip_prefix("keyring:") {
            let user = keyring_user(entry).ok_or(KEYRING_FORM)?;
            return Ok(Self::Keyring {
                service: SERVICE.to_owned(),
                user: user.to_owned(),
            });
        }
        if let Some(command) = text.strip_prefix("cmd:") {
            let words = System::CURRENT
                .words(command)
                .ok_or("the command has an unclosed quote")?;
            return if words.is_empty() {
                Err("cmd: needs a program to run")
            } else {
                Ok(Self::Command(words))
            };
        }
        if let Some(path) = text.strip_prefix("file:") {
            return if path.is_empty() {
                Err("file: needs a path")
            } else {
                Ok(Self::File(PathBuf::from(path)))
            };
        }
        if let Some(name) = text
            .strip_prefix("${")
            .and_then(|rest| rest.strip_suffix('}'))
        {
            return if is_variable_name(name) {
                Ok(Self::Variable(name.to_owned()))
            } else {
                Err("a variable reference has the form ${NAME}")
            };
        }
        match text {
            "" => Err("is empty"),
            REMOVED_FROM_BACKUP => Ok(Self::Removed),
            _ if text.starts_with('$') => Err("a variable reference has the form ${NAME}"),
            _ if text.contains("${") => Err("a variable is the whole key: ${NAME}"),
            _ if names_a_keyring(text) => Err(KEYRING_FORM),
            _ if text.contains("://") => {
                Err("is a URL; a key or a reference to one is needed: file:/PATH, ${NAME}")
            }
            _ => Ok(Self::Plain(SecretString::from(text))),
        }
    }

    pub fn is_plain(&self) -> bool {
        matches!(self, Self::Plain(_))
    }
}

/// Shows the place of the key, never the key.
impl fmt::Display for Reference {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Keyring { service, user } => write!(formatter, "keyring://{service}/{user}"),
            Self::Variable(name) => write!(formatter, "${{{name}}}"),
            Self::Command(words) => write!(
                formatter,
                "cmd:{}",
                words.first().map_or("", String::as_str)
            ),
            Self::File(path) => write!(formatter, "file:{}", path.display()),
            Self::Removed => formatter.write_str("missing: removed from the backup"),
            Self::Plain(_) => formatter.write_str("a key in plain text"),
        }
    }
}

impl fmt::Debug for Reference {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Reference({self})")
    }
}

const KEYRING_FORM: &str = "a keyring reference has the form keyring://amx/PROFILE/api_key";

/// The user of a keyring entry, for a reference without `keyring:`. Exactly the entries that amx
/// writes: another program's secret must not be sent to a server.
fn keyring_user(entry: &str) -> Option<&str> {
    let of_amx = entry
        .strip_prefix("//")
        .and_then(|entry| entry.strip_prefix(SERVICE)?.strip_prefix('/'));
    let (user, profile) = match of_amx {
        Some(user) => (user, user),
        None => (entry, entry.strip_prefix("llm_profiles/")?),
    };
    let is_entry = profile.strip_suffix("/api_key").is_some_and(is_entry_name);
    is_entry.then_some(user)
}

/// Whether a text was meant as a keyring reference.
fn names_a_keyring(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    ["keyring", "keychain"]
        .iter()
        .any(|word| text.trim_start().starts_with(word) && text.contains([':', '/']))
}

/// Whether a profile, and so its entry in the keyring, may have this name:
/// `[A-Za-z0-9][A-Za-z0-9._-]{0,63}`.
pub(crate) fn is_entry_name(text: &str) -> bool {
    let first_is_fine = text
        .bytes()
        .next()
        .is_some_and(|byte| byte.is_ascii_alphanumeric());
    first_is_fine
        && text.len() <= 64
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
}

/// Letters, digits and underscores, not starting with a digit.
pub(crate) fn is_variable_name(name: &str) -> bool {
    !name.starts_with(|c: char| c.is_ascii_digit())
        && !name.is_empty()
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn every_form_is_parsed() {
        for (text, shown) in [
            (
                "keyring://amx/or-claude/api_key",
                "keyring://amx/or-claude/api_key",
            ),
            (
                "keyring:llm_profiles/or-claude/api_key",
                "keyring://amx/llm_profiles/or-claude/api_key",
            ),
            ("${OPENROUTER_API_KEY}", "${OPENROUTER_API_KEY}"),
            (
                "cmd:infisical secrets get 'OR KEY' --plain",
                "cmd:infisical",
            ),
            ("file:/run/secrets/or", "file:/run/secrets/or"),
            ("sk-or-v1-secret", "a key in plain text"),
        ] {
            assert_eq!(Reference::parse(text).unwrap().to_string(), shown);
        }
        let Reference::Command(words) = Reference::parse("cmd:get 'a b' c").unwrap() else {
            panic!("not a command")
        };
        assert_eq!(words, ["get", "a b", "c"]);
    }

    #[test]
    fn malformed_references_are_refused() {
        for text in [
            "",
            "keyring://",
            "keyring://amx",
            "keyring:///x",
            "keyring:",
            "keyring://other/work/api_key",
            "keyring://amx//api_key",
            "keyring://amx/work/api_key?x=1",
            "keyring://amx/work/api_key/",
            "keyring://amx/work/api_key.origin",
            "keyring://amx/work/other",
            "keyring://amx/../api_key",
            "keyring://amx/a/b/api_key",
            "keyring://AMX/work/api_key",
            "Keyring://amx/work/api_key",
            "keyring//amx/work/api_key",
            "keychain://amx/work/api_key",
            "keyring:work/api_key",
            "keyring:llm_profiles//api_key",
            "https://h.example/key",
            "$KEY",
            "cmd:",
            "cmd:'open",
            "file:",
            "${}",
            "${1A}",
            "${A-B}",
            "sk-${A}",
            "${A}-${B}",
            "$${A}",
        ] {
            assert!(Reference::parse(text).is_err(), "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn no_text_panics_and_no_plain_key_is_shown(text in "\\PC{12,60}") {
            if let Ok(reference @ Reference::Plain(_)) = Reference::parse(&text) {
                let shown = format!("{reference} {reference:?}");
                prop_assert!(!shown.contains(&text));
            }
        }
    }
}
