//! Edits of config.yml: atomic, under a lock, with backups.

use std::path::Path;
use std::time::Duration;

use super::backups::{Previous, back_up, put_away};
pub(crate) use super::edit_text::Edit;
use super::edit_text::apply;
use super::error::ConfigError;
use super::file::{ConfigFile, SCHEMA_VERSION};
use super::home::Home;
use super::private_file::{TEMPORARY_PREFIX, create_directory, write_atomically};
use super::restored_secrets::{RestoredSecrets, secrets_of};
use super::trust;
use crate::wire::files::TEMPORARY_SUFFIX;
use crate::wire::lock::{FileLock, LockError};

/// Reads the file again under the lock and writes it with the edits that `decide` returns. Nothing
/// is written without edits, or when `decide` fails.
pub(crate) fn edit<E: From<ConfigError>>(
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
    // The result must load, or the next start would fail.
    ConfigFile::parse(current.path.clone(), text.clone())?;
    back_up(home, &current)?;
    write_atomically(&current.path, &text)?;
    Ok(())
}

/// What a restored configuration replaced, and what it lacks.
#[derive(Debug)]
pub(crate) struct Restored {
    pub previous: Previous,
    /// The settings whose secrets are not in the backup.
    pub missing: Vec<String>,
}

/// Restores a backup. The present configuration becomes the newest backup, and its secrets those of
/// the same settings of the same servers.
pub(crate) fn restore(home: &Home, age: usize) -> Result<Restored, ConfigError> {
    let _lock = lock(home)?;
    let backup = home.backup(age);
    let text = ConfigFile::read_text(&backup).map_err(|source| ConfigError::Read {
        path: backup.clone(),
        source,
    })?;
    // This version must be able to read it.
    let restored = ConfigFile::parse(backup, text)?;
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
    let present = ConfigFile::load_for_edit(home).ok();
    let RestoredSecrets { edits, mut missing } = secrets_of(&restored, present.as_ref());
    let text = apply(&restored, &edits).unwrap_or_else(|_| {
        // A form that cannot be edited, such as a key behind an anchor.
        missing.extend(edits.iter().filter_map(Edit::set_path));
        restored.text.clone()
    });
    ConfigFile::parse(restored.path.clone(), text.clone())?;
    let previous = put_away(home)?;
    write_atomically(&home.config_file(), &text)?;
    Ok(Restored { previous, missing })
}

/// Backs up a configuration that was changed by another program since.
pub(crate) fn back_up_changed(home: &Home, before: &ConfigFile) -> Result<(), ConfigError> {
    let _lock = lock(home)?;
    let is_changed = ConfigFile::read_text(&before.path).map_or(true, |text| text != before.text);
    if is_changed {
        back_up(home, before)?;
    }
    Ok(())
}

/// Creates the file, private, unless it exists.
pub(crate) fn touch(home: &Home) -> Result<(), ConfigError> {
    let _lock = lock(home)?;
    let path = home.config_file();
    if path.exists() {
        Ok(())
    } else {
        write_atomically(&path, "")
    }
}

/// Longest wait for one edit of another process.
const LOCK_PATIENCE: Duration = Duration::from_secs(10);

/// Takes the lock, which is held until dropped. Concurrent edits wait for each other.
fn lock(home: &Home) -> Result<FileLock, ConfigError> {
    create_directory(home.directory())?;
    trust::check_folder(home)?;
    let path = home.lock_file();
    let lock = FileLock::wait(&path, LOCK_PATIENCE).map_err(|error| match error {
        LockError::Symlink => ConfigError::Symlink { path },
        LockError::NotRegular => ConfigError::NotRegular { path },
        LockError::Busy => ConfigError::Locked { path },
        LockError::Io(source) => ConfigError::Write { path, source },
    })?;
    remove_leftovers(home.directory());
    Ok(lock)
}

/// Removes the temporary files of writers that were killed. Only the holder of the lock writes such
/// files.
fn remove_leftovers(directory: &Path) {
    let entries = std::fs::read_dir(directory).into_iter().flatten().flatten();
    for entry in entries {
        let name = entry.file_name();
        let is_leftover = name.to_str().is_some_and(|name| {
            name.starts_with(TEMPORARY_PREFIX) && name.ends_with(TEMPORARY_SUFFIX)
        });
        if is_leftover {
            // One that remains does no harm.
            let _ = std::fs::remove_file(entry.path());
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_yaml::Value;

    use super::*;
    use crate::config::backups::BACKUPS;
    use crate::secrets::reference::REMOVED_FROM_BACKUP;

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
    fn the_first_profile_creates_the_file() {
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
    fn comments_order_and_unknown_settings_are_kept() {
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
    fn a_backup_keeps_the_words_that_only_contain_a_secret_and_the_keys() {
        let (_directory, home) = home();
        let text = "llm_profiles:\n  a:\n    model: model-1\nmcp_servers:\n  s: {command: db, \
            args: [--password, model, --token=model, modelled, 'model']}\n";
        write(&home, text);
        make(&home, vec![Edit::set(&["active_llm_profile"], "a")]).unwrap();
        let backup = std::fs::read_to_string(home.backup(1)).unwrap();
        let expected = text
            .replace(
                "password, model",
                &format!("password, {REMOVED_FROM_BACKUP}"),
            )
            .replace("--token=model", &format!("--token={REMOVED_FROM_BACKUP}"))
            .replace("'model'", &format!("'{REMOVED_FROM_BACKUP}'"));
        assert_eq!(backup, expected);
    }

    #[test]
    fn a_long_secret_is_removed_from_a_backup_also_inside_a_word() {
        let (_directory, home) = home();
        let secret = "correct-horse-battery";
        let text = format!(
            "llm_profiles:\n  a: {{model: m, api_key: {secret}}}\n# X-Token_{secret}, pre_{secret}, \
            {secret}-x, a{secret}b\n"
        );
        write(&home, &text);
        make(&home, vec![Edit::set(&["active_llm_profile"], "a")]).unwrap();
        let backup = std::fs::read_to_string(home.backup(1)).unwrap();
        assert_eq!(backup, text.replace(secret, REMOVED_FROM_BACKUP));
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
    fn a_backup_has_no_secret_in_any_form() {
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
    }

    #[test]
    fn a_dangling_active_profile_can_be_fixed() {
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
    fn a_symbolic_link_is_not_followed() {
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
    fn no_concurrent_edit_is_lost() {
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
