//! Changes config.yml: comments, order and foreign keys stay; the write is atomic, under a lock,
//! with backups.

use std::fs::{File, OpenOptions};
use std::path::Path;
use std::str::FromStr;
use std::sync::mpsc;
use std::time::Duration;

use serde_yaml::Value;
use yaml_edit::{Document, Mapping, YamlFile};

use super::error::ConfigError;
use super::file::{ConfigFile, SCHEMA_VERSION};
use super::home::Home;
use super::private_file::{
    TEMPORARY_PREFIX, TEMPORARY_SUFFIX, create_directory, refuse_symlink, write_atomically,
};
use super::profile::is_secret_header;
use crate::secrets::Reference;
use crate::secrets::reference::{REMOVED_FROM_BACKUP, looks_like_a_key};

/// How many earlier versions are kept.
pub const BACKUPS: usize = 5;

/// One change, by the path of keys to what changes.
#[derive(Debug, Clone, PartialEq)]
pub enum Edit {
    Set { path: Vec<String>, value: Value },
    Remove { path: Vec<String> },
    Rename { path: Vec<String>, to: String },
}

impl Edit {
    pub fn set(path: &[&str], value: impl Into<Value>) -> Self {
        Self::Set {
            path: owned(path),
            value: value.into(),
        }
    }

    pub fn remove(path: &[&str]) -> Self {
        Self::Remove { path: owned(path) }
    }

    pub fn rename(path: &[&str], to: &str) -> Self {
        Self::Rename {
            path: owned(path),
            to: to.to_owned(),
        }
    }
}

fn owned(path: &[&str]) -> Vec<String> {
    path.iter().map(|key| (*key).to_owned()).collect()
}

/// Reads the file again under the lock, asks `decide` what to change, and writes the outcome.
/// Nothing is written when there is nothing to change or when `decide` fails.
pub fn edit<E: From<ConfigError>>(
    home: &Home,
    decide: impl FnOnce(&ConfigFile) -> Result<Vec<Edit>, E>,
) -> Result<(), E> {
    let _lock = lock(home)?;
    let current = ConfigFile::load_for_edit(home)?;
    if let Some(found) = current
        .schema_version()
        .filter(|found| *found > SCHEMA_VERSION)
    {
        return Err(ConfigError::NewerSchema {
            path: current.path,
            found,
            known: SCHEMA_VERSION,
        }
        .into());
    }
    let edits = decide(&current)?;
    if edits.is_empty() {
        return Ok(());
    }
    let text = apply(&current, &edits)?;
    // The outcome must be a configuration that loads, or the next start would fail.
    ConfigFile::parse(current.path.clone(), text.clone())?;
    back_up(home, &current)?;
    write_atomically(&current.path, &text)?;
    Ok(())
}

/// Puts a backup in the place of the configuration, which becomes the newest backup itself.
pub fn restore(home: &Home, age: usize) -> Result<(), ConfigError> {
    let _lock = lock(home)?;
    let backup = home.backup(age);
    let text = std::fs::read_to_string(&backup).map_err(|source| ConfigError::Read {
        path: backup.clone(),
        source,
    })?;
    // What is put back must be a configuration that this program can read.
    let restored = ConfigFile::parse(backup, text.clone())?;
    if let Some(found) = restored
        .schema_version()
        .filter(|found| *found > SCHEMA_VERSION)
    {
        return Err(ConfigError::NewerSchema {
            path: restored.path,
            found,
            known: SCHEMA_VERSION,
        });
    }
    let current = std::fs::read_to_string(home.config_file()).unwrap_or_default();
    let current = match ConfigFile::parse(home.config_file(), current.clone()) {
        Ok(file) => without_plain_keys(&file),
        Err(_) => without_key_lines(&current),
    };
    write_backup(home, &current)?;
    write_atomically(&home.config_file(), &text)
}

/// Makes sure that there is a file to open in an editor, private from the start.
pub fn touch(home: &Home) -> Result<(), ConfigError> {
    let _lock = lock(home)?;
    let path = home.config_file();
    if path.exists() {
        Ok(())
    } else {
        write_atomically(&path, "")
    }
}

/// The text with the edits made; refused when anything but the edits would change.
fn apply(current: &ConfigFile, edits: &[Edit]) -> Result<String, ConfigError> {
    let unsafe_edit = || ConfigError::EditUnsafe {
        path: current.path.clone(),
    };
    let file = YamlFile::from_str(&current.text).map_err(|_| unsafe_edit())?;
    let mut expected = match current.root() {
        Value::Null => Value::Mapping(serde_yaml::Mapping::new()),
        root => root.clone(),
    };
    let document = file.ensure_document();
    if document.as_mapping().is_none() {
        // Nothing but comments so far: begin a mapping below them.
        let text = format!(
            "{}{}",
            with_final_newline(&current.text),
            render_first(edits)
        );
        apply_to_value(&mut expected, edits);
        return if reads_as(&text, &expected) {
            Ok(text)
        } else {
            Err(unsafe_edit())
        };
    }
    let root = document.as_mapping().ok_or_else(unsafe_edit)?;
    for edit in edits {
        apply_to_text(&root, edit).ok_or_else(unsafe_edit)?;
    }
    apply_to_value(&mut expected, edits);
    let text = with_final_newline(&file.to_string());
    if reads_as(&text, &expected) {
        Ok(text)
    } else {
        Err(unsafe_edit())
    }
}

fn reads_as(text: &str, expected: &Value) -> bool {
    serde_yaml::from_str::<Value>(text).is_ok_and(|read| {
        read == *expected
            || (read.is_null()
                && expected
                    .as_mapping()
                    .is_some_and(serde_yaml::Mapping::is_empty))
    })
}

fn with_final_newline(text: &str) -> String {
    if text.is_empty() || text.ends_with('\n') {
        text.to_owned()
    } else {
        format!("{text}\n")
    }
}

/// A whole document made of the edits, for a file that has no mapping yet.
fn render_first(edits: &[Edit]) -> String {
    let mut value = Value::Mapping(serde_yaml::Mapping::new());
    apply_to_value(&mut value, edits);
    serde_yaml::to_string(&value).unwrap_or_default()
}

fn apply_to_value(root: &mut Value, edits: &[Edit]) {
    for edit in edits {
        let (path, is_set) = match edit {
            Edit::Set { path, .. } => (path, true),
            Edit::Remove { path } | Edit::Rename { path, .. } => (path, false),
        };
        let Some((last, parents)) = path.split_last() else {
            continue;
        };
        let Some(mapping) = descend_value(root, parents, is_set) else {
            continue;
        };
        match edit {
            Edit::Set { value, .. } => {
                mapping.insert(Value::from(last.as_str()), value.clone());
            }
            Edit::Remove { .. } => {
                mapping.shift_remove(last.as_str());
            }
            Edit::Rename { to, .. } => {
                let entries = std::mem::take(mapping).into_iter();
                *mapping = entries
                    .map(|(key, value)| {
                        (
                            if key.as_str() == Some(last) {
                                Value::from(to.as_str())
                            } else {
                                key
                            },
                            value,
                        )
                    })
                    .collect();
            }
        }
    }
}

fn descend_value<'a>(
    mut value: &'a mut Value,
    parents: &[String],
    create: bool,
) -> Option<&'a mut serde_yaml::Mapping> {
    for key in parents {
        let mapping = value.as_mapping_mut()?;
        if create && !mapping.get(key.as_str()).is_some_and(Value::is_mapping) {
            mapping.insert(
                Value::from(key.as_str()),
                Value::Mapping(serde_yaml::Mapping::new()),
            );
        }
        value = mapping.get_mut(key.as_str())?;
    }
    value.as_mapping_mut()
}

fn apply_to_text(root: &Mapping, edit: &Edit) -> Option<()> {
    match edit {
        Edit::Set { path, value } => set(root, path, value),
        Edit::Remove { path } => {
            let (last, parents) = path.split_last()?;
            if let Some(mapping) = descend(root, parents) {
                mapping.remove(last.as_str());
            }
            Some(())
        }
        Edit::Rename { path, to } => {
            let (last, parents) = path.split_last()?;
            descend(root, parents)?
                .rename_key(last.as_str(), to.as_str())
                .then_some(())
        }
    }
}

fn descend(root: &Mapping, parents: &[String]) -> Option<Mapping> {
    parents.iter().try_fold(root.clone(), |mapping, key| {
        mapping.get_mapping(key.as_str())
    })
}

fn set(root: &Mapping, path: &[String], value: &Value) -> Option<()> {
    let (last, parents) = path.split_last()?;
    let mut mapping = root.clone();
    for key in parents {
        if mapping.get_mapping(key.as_str()).is_none() {
            mapping.set(key.as_str(), Mapping::new_pending_block());
        }
        mapping = mapping.get_mapping(key.as_str())?;
    }
    let rendered = serde_yaml::to_string(value).ok()?;
    let document = Document::from_str(&rendered).ok()?;
    if let Some(node) = document.as_mapping() {
        mapping.set(last.as_str(), node);
    } else if let Some(node) = document.as_sequence() {
        mapping.set(last.as_str(), node);
    } else {
        mapping.set(last.as_str(), document.as_scalar()?);
    }
    Some(())
}

/// Longest wait for another process that edits.
const LOCK_PATIENCE: Duration = Duration::from_secs(10);

/// Holds the lock until dropped. Processes that edit at the same time wait for each other.
fn lock(home: &Home) -> Result<File, ConfigError> {
    create_directory(home.directory())?;
    let path = home.lock_file();
    let write_error = |source| ConfigError::Write {
        path: path.clone(),
        source,
    };
    refuse_symlink(&path)?;
    let file = private(
        OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false),
    )
    .open(&path)
    .map_err(write_error)?;
    // On a thread of its own: waiting in the kernel's queue is fair where asking again and again is
    // not, and a wait that lasts too long can be given up. The thread ends with the process.
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        // Nobody listens any more when the patience is over; the lock goes with the file.
        let _ = sender.send(file.lock().map(|()| file));
    });
    match receiver.recv_timeout(LOCK_PATIENCE) {
        Ok(locked) => {
            let file = locked.map_err(write_error)?;
            remove_leftovers(home.directory());
            Ok(file)
        }
        Err(_) => Err(ConfigError::Locked { path }),
    }
}

fn back_up(home: &Home, current: &ConfigFile) -> Result<(), ConfigError> {
    if !current.exists {
        return Ok(());
    }
    write_backup(home, &without_plain_keys(current))
}

/// Moves each backup one place back and writes the newest.
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

/// The text with secrets taken out: a backup is no place for one. Keys in plain text, values of
/// headers that are named like a secret, and whatever has the form of a key, also in comments.
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
    // Where an edit did not reach: behind an anchor, in a form that cannot be edited.
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
        .filter(|secret| secret.len() >= 4)
        .fold(text, |text, secret| {
            text.replace(secret, REMOVED_FROM_BACKUP)
        });
    without_key_words(&text)
}

/// Every word that has the form of a provider's key is replaced.
fn without_key_words(text: &str) -> String {
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    let words = text
        .split(|c: char| !is_part(c))
        .filter(|word| looks_like_a_key(word));
    words.fold(text.to_owned(), |text, word| {
        text.replace(word, REMOVED_FROM_BACKUP)
    })
}

/// The same for a text that cannot be parsed: every `api_key` line that is not plainly a reference.
fn without_key_lines(text: &str) -> String {
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

/// Removes what a writer that was killed left behind. Only the holder of the lock writes such
/// files.
fn remove_leftovers(directory: &Path) {
    let entries = std::fs::read_dir(directory).into_iter().flatten().flatten();
    for entry in entries {
        let name = entry.file_name();
        let is_leftover = name.to_str().is_some_and(|name| {
            name.starts_with(TEMPORARY_PREFIX) && name.ends_with(TEMPORARY_SUFFIX)
        });
        if is_leftover {
            // It is in nobody's way if it stays.
            let _ = std::fs::remove_file(entry.path());
        }
    }
}

fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    options
}

#[cfg(test)]
mod tests {
    use super::*;

    fn home() -> (tempfile::TempDir, Home) {
        let directory = tempfile::tempdir().unwrap();
        let home = Home::at(directory.path().join("amx"));
        (directory, home)
    }

    fn write(home: &Home, text: &str) {
        create_directory(home.directory()).unwrap();
        std::fs::write(home.config_file(), text).unwrap();
    }

    fn read(home: &Home) -> String {
        std::fs::read_to_string(home.config_file()).unwrap()
    }

    fn make(home: &Home, edits: Vec<Edit>) -> Result<(), ConfigError> {
        edit(home, |_| Ok(edits))
    }

    #[test]
    fn a_first_profile_makes_the_file() {
        let (_directory, home) = home();
        let value: Value =
            serde_yaml::from_str("{provider: openrouter, temperature: 0.2}").unwrap();
        make(
            &home,
            vec![
                Edit::set(&["llm_profiles", "a"], value),
                Edit::set(&["active_llm_profile"], "a"),
            ],
        )
        .unwrap();
        assert_eq!(
            read(&home),
            "llm_profiles:\n  a:\n    provider: openrouter\n    temperature: 0.2\nactive_llm_profile: a\n"
        );
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
            assert_eq!(
                (
                    mode(home.directory()),
                    mode(&home.config_file()),
                    mode(&home.lock_file())
                ),
                (0o700, 0o600, 0o600)
            );
        }
    }

    #[test]
    fn comments_order_and_foreign_keys_stay() {
        let (_directory, home) = home();
        let text = "# mine\nother_tool: {x: 1} # keep\n\nllm_profiles:\n  # first\n  a:\n    model: x # why\n    future_key: 1\nactive_llm_profile: a\n";
        write(&home, text);
        make(
            &home,
            vec![Edit::set(&["llm_profiles", "a", "model"], "y/z")],
        )
        .unwrap();
        assert_eq!(read(&home), text.replace("model: x", "model: y/z"));
        make(
            &home,
            vec![
                Edit::rename(&["llm_profiles", "a"], "b"),
                Edit::set(&["active_llm_profile"], "b"),
            ],
        )
        .unwrap();
        assert_eq!(
            read(&home),
            text.replace("model: x", "model: y/z")
                .replace("  a:", "  b:")
                .replace("profile: a", "profile: b")
        );
    }

    #[test]
    fn a_file_of_comments_only_keeps_them() {
        let (_directory, home) = home();
        write(&home, "# about this file\n");
        make(&home, vec![Edit::set(&["active_llm_profile"], "demo")]).unwrap();
        assert_eq!(read(&home), "# about this file\nactive_llm_profile: demo\n");
    }

    #[test]
    fn five_backups_are_kept_without_plain_keys() {
        let (_directory, home) = home();
        write(
            &home,
            "llm_profiles:\n  a:\n    api_key: sk-plain-secret-key\n    temperature: 0\n",
        );
        for temperature in 1..=7 {
            make(
                &home,
                vec![Edit::set(
                    &["llm_profiles", "a", "temperature"],
                    f64::from(temperature) / 10.0,
                )],
            )
            .unwrap();
        }
        assert!(read(&home).contains("sk-plain-secret-key"));
        let backups: Vec<String> = (1..=BACKUPS)
            .map(|age| std::fs::read_to_string(home.backup(age)).unwrap())
            .collect();
        assert!(backups.iter().all(
            |text| !text.contains("sk-plain-secret-key") && text.contains(REMOVED_FROM_BACKUP)
        ));
        assert!(
            backups[0].contains("0.6") && backups[4].contains("0.2"),
            "{backups:?}"
        );
        assert!(!home.backup(BACKUPS + 1).exists());
        restore(&home, 2).unwrap();
        assert!(read(&home).contains("0.5"));
    }

    #[test]
    fn a_backup_holds_no_secret_in_any_form() {
        let (_directory, home) = home();
        let key = "sk-or-v1-0123456789abcdef";
        write(
            &home,
            &format!(
                "k: &k {key}\n# old: {key}x\nllm_profiles:\n  a:\n    api_key: *k\n    headers: {{X-Api-Key: header-secret, X-Team: core}}\n"
            ),
        );
        make(&home, vec![Edit::set(&["active_llm_profile"], "a")]).unwrap();
        let backup = std::fs::read_to_string(home.backup(1)).unwrap();
        assert!(
            !backup.contains("0123456789")
                && !backup.contains("header-secret")
                && backup.contains("core"),
            "{backup}"
        );
        let broken = without_key_lines(
            "\"api_key\" : \"plain-key\"\napi_key: keyring://amx/a/api_key\n  - [\n",
        );
        assert!(
            !broken.contains("plain-key") && broken.contains("keyring://amx/a/api_key"),
            "{broken}"
        );
    }

    #[test]
    fn a_dangling_active_profile_can_be_mended() {
        let (_directory, home) = home();
        write(
            &home,
            "llm_profiles:\n  a: {model: x}\nactive_llm_profile: gone\n",
        );
        make(&home, vec![Edit::set(&["active_llm_profile"], "a")]).unwrap();
        assert!(read(&home).ends_with("active_llm_profile: a\n"));
    }

    #[test]
    fn a_newer_schema_and_a_broken_file_are_not_written() {
        let (_directory, home) = home();
        for text in ["schema_version: 99\n", "llm_profiles: [\n"] {
            write(&home, text);
            assert!(make(&home, vec![Edit::set(&["active_llm_profile"], "demo")]).is_err());
            assert_eq!(read(&home), text);
        }
    }

    #[cfg(unix)]
    #[test]
    fn nothing_is_written_through_a_link() {
        let (directory, home) = home();
        let elsewhere = directory.path().join("elsewhere.yml");
        std::fs::write(&elsewhere, "").unwrap();
        create_directory(home.directory()).unwrap();
        std::os::unix::fs::symlink(&elsewhere, home.config_file()).unwrap();
        assert!(matches!(
            make(&home, vec![Edit::set(&["active_llm_profile"], "demo")]),
            Err(ConfigError::Symlink { .. })
        ));
        assert_eq!(std::fs::read_to_string(&elsewhere).unwrap(), "");
    }

    #[test]
    fn edits_from_many_threads_lose_none() {
        let (_directory, home) = home();
        std::thread::scope(|scope| {
            for thread in 0..8 {
                let home = &home;
                scope.spawn(move || {
                    for number in 0..10 {
                        let name = format!("t{thread}-{number}");
                        make(
                            home,
                            vec![Edit::set(&["llm_profiles", &name, "model"], "x")],
                        )
                        .unwrap();
                    }
                });
            }
        });
        assert_eq!(ConfigFile::load(&home).unwrap().profiles.len(), 80);
    }
}
