//! Backups of config.yml, without the secrets in it.

use std::io::ErrorKind;
use std::path::PathBuf;

use super::broken_text::without_secrets;
use super::edit_text::{Edit, apply};
use super::error::ConfigError;
use super::file::ConfigFile;
use super::headers::is_secret_header;
use super::home::Home;
use super::private_file::{refuse_symlink, write_atomically};
use super::{plain_secrets, scalars};
use crate::secrets::Reference;
use crate::secrets::reference::{REMOVED_FROM_BACKUP, looks_like_a_key};
use crate::wire::files::is_symlink;
use crate::wire::key_forms::keys_in;

/// How many earlier versions are kept.
pub(crate) const BACKUPS: usize = 5;

/// Backs up the file before an edit.
pub(crate) fn back_up(home: &Home, current: &ConfigFile) -> Result<(), ConfigError> {
    if !current.exists {
        return Ok(());
    }
    write_backup(home, &without_plain_keys(current))
}

/// Bytes of a secret from which on it is no part of other words by chance.
const LONG_SECRET: usize = 16;

/// Renames each backup to the next age and writes the newest.
fn write_backup(home: &Home, text: &str) -> Result<(), ConfigError> {
    for age in (1..BACKUPS).rev() {
        let (newer, older) = (home.backup(age), home.backup(age + 1));
        if newer.exists() {
            std::fs::rename(&newer, &older).map_err(|source| ConfigError::Write {
                path: older,
                source,
            })?;
        }
    }
    write_atomically(&home.backup(1), text)
}

/// Where the configuration is after another one has replaced it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Previous {
    /// There was none.
    None,
    Backup,
    /// It is no text, and so has no backup: it is as it was.
    Aside(PathBuf),
}

/// Puts the present configuration away, whatever it is.
pub(crate) fn put_away(home: &Home) -> Result<Previous, ConfigError> {
    let path = home.config_file();
    refuse_symlink(&path)?;
    match ConfigFile::read_text(&path) {
        Ok(text) => {
            let text = match ConfigFile::parse(path, text.clone()) {
                Ok(file) => without_plain_keys(&file),
                Err(_) => without_key_words(&without_secrets(&text)),
            };
            write_backup(home, &text).map(|()| Previous::Backup)
        }
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(Previous::None),
        Err(_) => {
            let mut names = (1..).map(|number| home.broken(number));
            let aside = names.find(|name| !name.exists() && !is_symlink(name));
            let aside = aside.unwrap_or_else(|| home.broken(0));
            std::fs::rename(&path, &aside).map_err(|source| ConfigError::Write {
                path: aside.clone(),
                source,
            })?;
            Ok(Previous::Aside(aside))
        }
    }
}

/// The text without its secrets: keys in plain text, values of headers that have the name of a
/// secret, and words that have the form of a key, also in comments.
fn without_plain_keys(current: &ConfigFile) -> String {
    let is_plain = |text: &str| Reference::parse(text).is_ok_and(|reference| reference.is_plain());
    let with_plain = current
        .profiles
        .iter()
        .filter(|(_, profile)| profile.api_key.as_deref().is_some_and(is_plain));
    let edits: Vec<Edit> = with_plain
        .map(|(name, _)| Edit::set(&["llm_profiles", name, "api_key"], REMOVED_FROM_BACKUP))
        .collect();
    let text = apply(current, &edits).unwrap_or_else(|_| current.text.clone());
    // What an edit cannot change: an anchor, or a form that cannot be edited.
    let keys = current
        .profiles
        .values()
        .filter_map(|profile| profile.api_key.as_deref())
        .filter(|text| is_plain(text));
    let headers = current
        .profiles
        .values()
        .filter_map(|profile| profile.headers.as_ref())
        .flatten();
    let headers = headers
        .filter(|(name, value)| is_secret_header(name, value) && !value.contains("${"))
        .map(|(_, value)| value.as_str());
    let secrets: Vec<&str> = keys
        .chain(headers)
        .chain(plain_secrets::of_sections(current.meant()))
        .filter(|secret| secret.len() >= 4)
        .collect();
    let text = scalars::without_disguised(&text, REMOVED_FROM_BACKUP, |value| {
        let known = secrets
            .iter()
            .copied()
            .filter(|secret| value.contains(secret));
        known.chain(keys_in(value)).map(str::to_owned).collect()
    });
    let text = secrets
        .iter()
        .fold(text, |text, secret| without_secret(&text, secret));
    without_key_words(&text)
}

/// The text without a secret where it is no key of YAML: it may be the name of a setting. A short
/// secret is also a part of other words, and stays there.
fn without_secret(text: &str, secret: &str) -> String {
    let is_part = |c: char| c.is_alphanumeric() || c == '-' || c == '_';
    let (starts, ends) = (secret.starts_with(is_part), secret.ends_with(is_part));
    let mut cleaned = String::with_capacity(text.len());
    let mut copied = 0;
    for (at, _) in text.match_indices(secret) {
        let (before, after) = (&text[..at], &text[at + secret.len()..]);
        // The letter of an escape, such as `\n`, is no part of the word.
        let is_escape = before.chars().rev().nth(1) == Some('\\');
        let is_inside = (starts && before.ends_with(is_part) && !is_escape)
            || (ends && after.starts_with(is_part));
        let is_kept = if is_inside {
            secret.len() < LONG_SECRET
        } else {
            is_key(before, after)
        };
        let shown = if is_kept { secret } else { REMOVED_FROM_BACKUP };
        cleaned.push_str(&text[copied..at]);
        cleaned.push_str(shown);
        copied = at + secret.len();
    }
    cleaned.push_str(&text[copied..]);
    cleaned
}

/// Whether what is between two parts of a text is a key of YAML.
fn is_key(before: &str, after: &str) -> bool {
    let is_quote = ['"', '\''];
    let line = before.rsplit('\n').next().unwrap_or_default();
    let line = line.strip_suffix(is_quote).unwrap_or(line).trim_end();
    let unquoted = after.strip_prefix(is_quote).unwrap_or(after);
    let is_quoted = unquoted.len() < after.len();
    let value = unquoted.trim_start_matches(' ').strip_prefix(':');
    let ends = |value: &str| value.is_empty() || value.starts_with(char::is_whitespace);
    (line.is_empty() || line.ends_with(['-', '{', ',']))
        && value.is_some_and(|value| is_quoted || ends(value))
}

/// Replaces every word that has the form of a provider's key.
fn without_key_words(text: &str) -> String {
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    let words = text
        .split(|c: char| !is_part(c))
        .filter(|word| looks_like_a_key(word));
    words.fold(text.to_owned(), |text, word| {
        text.replace(word, REMOVED_FROM_BACKUP)
    })
}
