//! Backups of config.yml, without the secrets in it.

use super::edit_text::{Edit, apply};
use super::error::ConfigError;
use super::file::ConfigFile;
use super::headers::is_secret_header;
use super::home::Home;
use super::mcp_servers;
use super::private_file::write_atomically;
use crate::secrets::Reference;
use crate::secrets::reference::{REMOVED_FROM_BACKUP, looks_like_a_key};

/// How many earlier versions are kept.
pub(crate) const BACKUPS: usize = 5;

/// Backs up the file before an edit.
pub(crate) fn back_up(home: &Home, current: &ConfigFile) -> Result<(), ConfigError> {
    if !current.exists {
        return Ok(());
    }
    write_backup(home, &without_plain_keys(current))
}

/// Renames each backup to the next age and writes the newest.
pub(crate) fn write_backup(home: &Home, text: &str) -> Result<(), ConfigError> {
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

/// The text without its secrets: keys in plain text, values of headers that have the name of a
/// secret, and words that have the form of a key, also in comments.
pub(crate) fn without_plain_keys(current: &ConfigFile) -> String {
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
    let text = keys
        .chain(headers)
        .chain(mcp_servers::plain_secrets(current.meant()))
        .filter(|secret| secret.len() >= 4)
        .fold(text, |text, secret| {
            text.replace(secret, REMOVED_FROM_BACKUP)
        });
    without_key_words(&text)
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

/// The same for a text that cannot be parsed: every `api_key` line that is not a reference.
pub(crate) fn without_key_lines(text: &str) -> String {
    let forms = ["keyring:", "${", "cmd:", "file:"];
    let blank = |line: &str| {
        let (before, after) = line.split_once("api_key")?;
        let value = after
            .trim_start_matches(['"', '\'', ' '])
            .strip_prefix(':')?
            .trim_start_matches([' ', '"', '\'']);
        let is_reference = forms.iter().any(|form| value.starts_with(form));
        (!is_reference).then(|| format!("{before}api_key: {REMOVED_FROM_BACKUP}"))
    };
    let lines: String = text
        .lines()
        .map(|line| format!("{}\n", blank(line).unwrap_or_else(|| line.to_owned())))
        .collect();
    without_key_words(&lines)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn key_lines_are_removed_and_references_stay() {
        let broken = without_key_lines(
            "\"api_key\" : \"plain-key\"\napi_key: keyring://amx/a/api_key\n  - [\n",
        );
        assert!(
            !broken.contains("plain-key") && broken.contains("keyring://amx/a/api_key"),
            "{broken}"
        );
    }
}
