//! Searches for keys in plain text: the files of amx, shell histories and start-up files, `.env`.

use std::path::{Path, PathBuf};

use super::check::Finding;
use super::subject::{KeyState, Subject};
use crate::config::Home;
use crate::config::backups::BACKUPS;
use crate::config::headers::is_secret_header;
use crate::platform::commands::{DELETE, MAKE_FILE_PRIVATE};
use crate::secrets::Reference;
use crate::secrets::reference::looks_like_a_key;
use crate::wire::files::read_bounded;

/// Largest file that is searched, in bytes.
const LARGEST_FILE: u64 = 64 * 1024 * 1024;

/// Files below the home directory, each with the remedy for a key in it.
const SHELL_FILES: &[(&str, &str)] = &[
    (
        ".bash_history",
        "delete the line, then replace the key at the provider",
    ),
    (
        ".zsh_history",
        "delete the line, then replace the key at the provider",
    ),
    (
        ".local/share/fish/fish_history",
        "delete the line, then replace the key at the provider",
    ),
    (
        ".python_history",
        "delete the line, then replace the key at the provider",
    ),
    (".profile", "amx login   (then delete the line)"),
    (".bash_profile", "amx login   (then delete the line)"),
    (".bashrc", "amx login   (then delete the line)"),
    (".zprofile", "amx login   (then delete the line)"),
    (".zshenv", "amx login   (then delete the line)"),
    (".zshrc", "amx login   (then delete the line)"),
    (
        ".config/fish/config.fish",
        "amx login   (then delete the line)",
    ),
    (".env", "amx login   (then delete the line)"),
];

/// A finding for each place with a key.
pub(super) fn find(subject: &Subject) -> Vec<Finding> {
    let mut findings = in_config(subject);
    if let Ok(home) = &subject.home {
        findings.extend(
            places_of_amx(subject, home)
                .into_iter()
                .filter_map(|(path, remedy)| in_file(subject, &path, &remedy)),
        );
    }
    let shell = subject.user_home.iter().flat_map(|home| {
        SHELL_FILES
            .iter()
            .map(|(name, remedy)| (home.join(name), *remedy))
    });
    findings.extend(shell.filter_map(|(path, remedy)| in_file(subject, &path, remedy)));
    let here = std::env::current_dir()
        .ok()
        .filter(|here| Some(here) != subject.user_home.as_ref());
    findings.extend(here.and_then(|here| {
        in_file(
            subject,
            &here.join(".env"),
            &format!(
                "{}   (and exclude it from version control)",
                subject.command(MAKE_FILE_PRIVATE, [".env"])
            ),
        )
    }));
    findings
}

/// Keys and headers of profiles; an invalid file is searched for whatever looks like a key.
fn in_config(subject: &Subject) -> Vec<Finding> {
    let Ok(config) = &subject.config else {
        let path = subject
            .home
            .as_ref()
            .map(Home::config_file)
            .unwrap_or_default();
        return in_file(subject, &path, "amx config edit")
            .into_iter()
            .collect();
    };
    let mut findings = Vec::new();
    let mut is_in_profile = false;
    for (name, profile) in &config.profiles {
        if profile
            .api_key
            .as_deref()
            .is_some_and(|text| Reference::parse(text).is_ok_and(|reference| reference.is_plain()))
        {
            is_in_profile = true;
            let words = format!(
                "the key is stored in plain text in {}",
                subject.shown(&config.path)
            );
            findings.push(
                Finding::warning(
                    words,
                    format!("amx profiles show {name}   (offers to move it to the keyring)"),
                )
                .of(name),
            );
        }
        let is_plain = |(header, value): &(&String, &String)| {
            is_secret_header(header, value) && !value.contains("${")
        };
        for (header, _) in profile.headers.iter().flatten().filter(is_plain) {
            is_in_profile = true;
            let words = format!(
                "the value of header '{header}' is stored in plain text in {}",
                subject.shown(&config.path)
            );
            findings.push(
                Finding::warning(words, "amx config edit   (replace it with ${NAME})").of(name),
            );
        }
    }
    // A key may also be in a comment, or in a setting of another program.
    if !is_in_profile && config.exists {
        findings.extend(in_file(subject, &config.path, "amx config edit"));
    }
    findings
}

fn places_of_amx(subject: &Subject, home: &Home) -> Vec<(PathBuf, String)> {
    let backups = (1..=BACKUPS).map(|age| home.backup(age)).map(|path| {
        let remedy = subject.command(DELETE, [&subject.typed(&path)]);
        (path, remedy)
    });
    let history = home.history_file();
    let forget = format!(
        "{}   (deletes the input history of conversations)",
        subject.command(DELETE, [&subject.typed(&history)])
    );
    let store = (
        home.database_file(),
        "amx sessions search sk-   (finds the conversation; amx sessions delete removes it)"
            .to_owned(),
    );
    backups.chain([(history, forget), store]).collect()
}

fn in_file(subject: &Subject, path: &Path, remedy: &str) -> Option<Finding> {
    let bytes = read_bounded(path, LARGEST_FILE).ok()?;
    if !contains_key(subject, &bytes) {
        return None;
    }
    Some(Finding::warning(
        format!("a key is in {}", subject.shown(path)),
        remedy,
    ))
}

/// Whether the bytes contain a key in use, or a word that looks like a key.
fn contains_key(subject: &Subject, bytes: &[u8]) -> bool {
    let is_in_use = subject.profiles.iter().any(|profile| match &profile.key {
        // A short placeholder such as `ollama` is not secret and occurs everywhere.
        KeyState::Found(key) if key.expose().len() >= 12 => {
            memchr::memmem::find(bytes, key.expose().as_bytes()).is_some()
        }
        _ => false,
    });
    let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_".contains(byte);
    // Names of libraries and style sheets start like keys; only keys have digits.
    let is_key =
        |word: &str| looks_like_a_key(word) && word.bytes().any(|byte| byte.is_ascii_digit());
    is_in_use
        || bytes
            .split(|byte| !is_part(byte))
            .any(|word| std::str::from_utf8(word).is_ok_and(is_key))
}
