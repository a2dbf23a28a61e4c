//! Who may access the files of amx: file modes and owners. Windows has neither; what it has
//! instead is not examined, and the report says so.

use std::path::{Path, PathBuf};

use super::check::{Finding, or_ok};
use super::subject::Subject;
use crate::platform::commands::{
    MAKE_FILE_PRIVATE, MAKE_FOLDER_PRIVATE, SHOW_ACCESS, SystemCommand, TAKE_OWNERSHIP,
};

/// What only its owner may access.
#[derive(Debug, Clone, Copy)]
pub(super) enum Private {
    Folder,
    File,
}

impl Private {
    /// The mode without permissions of others.
    fn mode(self) -> &'static str {
        match self {
            Self::Folder => "0700",
            Self::File => "0600",
        }
    }

    fn remedy(self) -> SystemCommand {
        match self {
            Self::Folder => MAKE_FOLDER_PRIVATE,
            Self::File => MAKE_FILE_PRIVATE,
        }
    }
}

/// A finding for each path that others than the owner have permissions for.
pub(super) fn private(subject: &Subject, kind: Private, paths: &[PathBuf]) -> Vec<Finding> {
    if subject.system.is_windows() {
        return vec![not_examined(subject, paths)];
    }
    let open = paths.iter().filter_map(|path| {
        let mode = mode(path).filter(|mode| mode & 0o077 != 0)?;
        let shown = subject.shown(path);
        Some(Finding::failure(
            format!("{shown} has mode {mode:04o}: other users can access it"),
            subject.command(kind.remedy(), [&subject.typed(path)]),
        ))
    });
    or_ok(open.collect(), kind.mode())
}

fn not_examined(subject: &Subject, paths: &[PathBuf]) -> Finding {
    let command = paths.first().map_or_else(String::new, |path| {
        let command = subject.command(SHOW_ACCESS, [&subject.typed(path)]);
        format!("; {command} lists permissions")
    });
    Finding::skipped(format!("not applicable on Windows{command}"))
}

#[cfg(unix)]
fn mode(path: &Path) -> Option<u32> {
    use std::os::unix::fs::PermissionsExt;
    Some(std::fs::metadata(path).ok()?.permissions().mode() & 0o777)
}

#[cfg(not(unix))]
fn mode(_path: &Path) -> Option<u32> {
    None
}

/// Files with another owner than the home directory: what `sudo amx` leaves behind.
pub(super) fn owner(subject: &Subject, folder: &Path, files: Vec<PathBuf>) -> Vec<Finding> {
    if subject.system.is_windows() {
        return vec![Finding::skipped("not applicable on Windows")];
    }
    let Some(expected) = subject.user_home.as_deref().and_then(user_of) else {
        return vec![Finding::skipped("the home directory has no owner")];
    };
    let mut foreign = files
        .into_iter()
        .filter(|path| user_of(path).is_some_and(|found| found != expected));
    let finding = |path: PathBuf| {
        let words = format!(
            "{} and the home directory have different owners",
            subject.shown(&path)
        );
        let remedy = subject.command(TAKE_OWNERSHIP, [&subject.typed(folder)]);
        Finding::failure(words, remedy)
    };
    or_ok(
        foreign.next().map(finding).into_iter().collect(),
        "the current user",
    )
}

#[cfg(unix)]
fn user_of(path: &Path) -> Option<u32> {
    use std::os::unix::fs::MetadataExt;
    std::fs::metadata(path).ok().map(|metadata| metadata.uid())
}

#[cfg(not(unix))]
fn user_of(_path: &Path) -> Option<u32> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::doctor::check::Status;
    use crate::commands::doctor::table::CHECKS;
    use crate::platform::system::System;

    /// Words of a POSIX shell and its files.
    const POSIX: &[&str] = &[
        "chmod",
        "0600",
        "0700",
        "mode",
        "owner",
        "sudo",
        "export ",
        "unset ",
        "getent",
        "ls -",
        "rm ",
        "mv ",
        "cp -",
        "echo ",
        "/dev/",
        "command -v",
    ];

    fn folder(config: &str) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        let amx = folder.path().join(".amx");
        std::fs::create_dir(&amx).unwrap();
        for (name, text) in [
            ("config.yml", config),
            ("config.yml.bak.1", "a: ["),
            ("history", "sk-or-v1-0123456789abcdef\n"),
            (".config.1.tmp", ""),
            ("amx.db", "no database"),
            ("../.git", ""),
            (
                "../.bashrc",
                "export OPENROUTER_API_KEY=sk-or-v1-0123456789abcdef",
            ),
        ] {
            std::fs::write(amx.join(name), text).unwrap();
        }
        folder
    }

    #[test]
    fn on_windows_no_finding_is_about_what_only_unix_has() {
        for config in [
            "llm_profiles: {a: {}}\nx: 1\n",
            "a: [",
            "schema_version: 99\n",
        ] {
            let folder = folder(config);
            let subject = Subject::of_folder(System::Windows, folder.path());
            for check in CHECKS {
                for finding in (check.examine)(&subject) {
                    let text = format!("{} → {:?}", finding.words, finding.remedy);
                    let found = POSIX.iter().find(|words| text.contains(*words));
                    assert_eq!(found, None, "{}: {text}", check.name);
                }
            }
        }
    }

    #[test]
    fn what_was_not_examined_is_skipped() {
        let folder = folder("");
        let subject = Subject::of_folder(System::Windows, folder.path());
        for name in [
            "config.folder-mode",
            "config.file-mode",
            "config.owner",
            "store.mode",
        ] {
            let check = CHECKS.iter().find(|check| check.name == name).unwrap();
            let findings = (check.examine)(&subject);
            assert!(
                findings
                    .iter()
                    .all(|finding| finding.status == Status::Skipped
                        && finding.words.contains("not applicable on Windows")),
                "{name}: {findings:?}"
            );
        }
    }
}
