//! Checks of the folder and of config.yml.

use std::path::{Path, PathBuf};

use super::access;
use super::check::{Finding, or_ok};
use super::subject::{Problem, Subject};
use crate::config::backups::BACKUPS;
use crate::config::file::SCHEMA_VERSION;
use crate::config::{ConfigError, ConfigFile, Home, defaults, env};
use crate::platform::commands::{
    APPEND_LINE, DELETE, MAKE_FILE_PRIVATE, MAKE_FOLDER_PRIVATE, MOVE, REPLACE_LINK, SHOW_ACCESS,
};
use crate::ports::error::CommandError;
use crate::present::count::plural;

pub(super) fn home(subject: &Subject) -> Vec<Finding> {
    vec![match &subject.home {
        Err(problem) => of_problem(problem),
        Ok(home) => Finding::ok(subject.shown(home.directory())),
    }]
}

pub(super) fn folder(subject: &Subject) -> Vec<Finding> {
    let Ok(home) = &subject.home else {
        return vec![Finding::skipped("no configuration folder")];
    };
    let (path, shown) = (home.directory(), subject.shown(home.directory()));
    let typed = || subject.typed(path);
    // On Windows the attribute of a folder does not keep files from being created in it.
    let is_read_only = |metadata: &std::fs::Metadata| {
        metadata.permissions().readonly() && !subject.system.is_windows()
    };
    vec![match std::fs::metadata(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Finding::note(format!(
            "{shown} does not exist yet; it is created when needed"
        )),
        Err(error) => Finding::failure(
            format!("{shown} cannot be accessed: {error}"),
            subject.command(SHOW_ACCESS, [&typed()]),
        ),
        Ok(metadata) if !metadata.is_dir() => Finding::failure(
            format!("{shown} is not a folder"),
            moved_aside(subject, path),
        ),
        Ok(metadata) if is_read_only(&metadata) => Finding::failure(
            format!("{shown} is not writable: nothing can be saved"),
            subject.command(MAKE_FOLDER_PRIVATE, [&typed()]),
        ),
        Ok(_) => match std::fs::read_dir(path) {
            Err(error) => Finding::failure(
                format!("{shown} cannot be read: {error}"),
                subject.command(MAKE_FOLDER_PRIVATE, [&typed()]),
            ),
            Ok(_) => Finding::ok(shown),
        },
    }]
}

pub(super) fn folder_mode(subject: &Subject) -> Vec<Finding> {
    let Some(home) = subject
        .home
        .as_ref()
        .ok()
        .filter(|home| home.directory().is_dir())
    else {
        return vec![Finding::skipped("the folder does not exist")];
    };
    access::private(
        subject,
        access::Private::Folder,
        &[home.directory().to_owned()],
    )
}

pub(super) fn file(subject: &Subject) -> Vec<Finding> {
    vec![match &subject.config {
        Ok(config) if !config.exists => Finding::note(
            "config.yml does not exist yet: amx add-llm-profile, or set a key in the environment",
        ),
        Ok(config) => Finding::ok(subject.shown(&config.path)),
        Err(ConfigError::Read { path, source }) => {
            let shown = subject.shown(path);
            let remedy = if path.is_dir() {
                moved_aside(subject, path)
            } else {
                subject.command(MAKE_FILE_PRIVATE, [&subject.typed(path)])
            };
            let remedy = if source.kind() == std::io::ErrorKind::InvalidData {
                "amx config restore".to_owned()
            } else {
                remedy
            };
            Finding::failure(format!("{shown} cannot be read: {source}"), remedy)
        }
        Err(_) => Finding::ok("config.yml can be read"),
    }]
}

/// The path with an addition to its name.
fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

/// A command that renames what is in the way.
fn moved_aside(subject: &Subject, path: &Path) -> String {
    let aside = subject.typed(&with_suffix(path, ".old"));
    subject.command(MOVE, [&subject.typed(path), &aside])
}

/// The files that only their owner may access.
fn private_files(home: &Home) -> Vec<PathBuf> {
    let backups = (1..=BACKUPS).map(|age| home.backup(age));
    [home.config_file(), home.lock_file(), home.history_file()]
        .into_iter()
        .chain(backups)
        .collect()
}

pub(super) fn file_mode(subject: &Subject) -> Vec<Finding> {
    let Ok(home) = &subject.home else {
        return vec![Finding::skipped("no configuration folder")];
    };
    let files: Vec<PathBuf> = private_files(home)
        .into_iter()
        .filter(|path| path.is_file())
        .collect();
    if files.is_empty() {
        return vec![Finding::skipped("no file exists")];
    }
    access::private(subject, access::Private::File, &files)
}

pub(super) fn owner(subject: &Subject) -> Vec<Finding> {
    let Ok(home) = &subject.home else {
        return vec![Finding::skipped("no configuration folder")];
    };
    let mut files = private_files(home);
    files.extend([home.directory().to_owned(), home.database_file()]);
    access::owner(subject, home.directory(), files)
}

pub(super) fn links(subject: &Subject) -> Vec<Finding> {
    let Ok(home) = &subject.home else {
        return vec![Finding::skipped("no configuration folder")];
    };
    let database = home.database_file();
    let companions = ["-wal", "-shm", "-journal", ".lock"]
        .map(|suffix| PathBuf::from(format!("{}{suffix}", database.display())));
    let files = private_files(home)
        .into_iter()
        .chain([database])
        .chain(companions);
    let linked = files
        .filter(|path| std::fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_symlink()));
    let finding = |path: PathBuf| {
        let shown = subject.shown(&path);
        Finding::failure(
            format!("{shown} is a symbolic link; amx does not write through links"),
            subject.command(
                REPLACE_LINK,
                [
                    &subject.typed(&path),
                    &subject.typed(&with_suffix(&path, ".copy")),
                ],
            ),
        )
    };
    or_ok(linked.map(finding).collect(), "no file is a symbolic link")
}

/// The file if it loads, else the finding that replaces the check's own.
fn parsed(subject: &Subject) -> Result<&ConfigFile, Vec<Finding>> {
    match &subject.config {
        Ok(config) if config.exists => Ok(config),
        Ok(_) => Err(vec![Finding::skipped("config.yml does not exist")]),
        Err(_) => Err(vec![Finding::skipped("config.yml is invalid")]),
    }
}

pub(super) fn valid(subject: &Subject) -> Vec<Finding> {
    vec![match &subject.config {
        Err(ConfigError::Read { .. }) => Finding::skipped("config.yml cannot be read"),
        Err(error @ ConfigError::Untrusted { remedy, .. }) => {
            Finding::failure(error.to_string(), remedy)
        }
        Err(error) => Finding::failure(
            error.to_string(),
            "amx config edit   (or amx config restore)",
        ),
        Ok(config) if !config.exists => Finding::skipped("config.yml does not exist"),
        Ok(config) => Finding::ok(plural(config.profiles.len(), "profile")),
    }]
}

pub(super) fn unknown_keys(subject: &Subject) -> Vec<Finding> {
    let config = match parsed(subject) {
        Ok(config) => config,
        Err(findings) => return findings,
    };
    let unknown = config
        .warnings
        .iter()
        .filter(|warning| warning.contains("unknown setting"));
    or_ok(
        unknown
            .map(|warning| Finding::warning(warning, "amx config edit"))
            .collect(),
        "none",
    )
}

pub(super) fn schema(subject: &Subject) -> Vec<Finding> {
    match parsed(subject).map(ConfigFile::schema_version) {
        Err(findings) => findings,
        Ok(Some(found)) if found > SCHEMA_VERSION => {
            let words = format!(
                "config.yml has schema_version {found}, this amx supports {SCHEMA_VERSION}: \
                read-only"
            );
            vec![Finding::warning(
                words,
                "cargo install --path .   (of the newer amx)",
            )]
        }
        Ok(_) => vec![Finding::ok(format!("{SCHEMA_VERSION}"))],
    }
}

pub(super) fn active(subject: &Subject) -> Vec<Finding> {
    let config = match parsed(subject) {
        Ok(config) => config,
        Err(findings) => return findings,
    };
    let is_known =
        |name: &str| config.profiles.contains_key(name) || name == defaults::DEMO_PROFILE;
    vec![match (&config.active, config.profiles.len()) {
        (Some(name), _) if !is_known(name) => Finding::failure(
            format!(
                "active_llm_profile is '{}', an unknown profile",
                name.escape_debug()
            ),
            "amx profiles use NAME",
        ),
        (Some(name), _) => Finding::ok(name),
        (None, count) if count > 1 && !subject.environment.is_set(&env::AMX_PROFILE) => {
            Finding::failure(
                format!("none of {count} profiles is active"),
                "amx profiles use NAME",
            )
        }
        (None, 1) => Finding::ok("the only profile"),
        (None, 0) => Finding::note("config.yml has no profile"),
        (None, _) => Finding::note("none; AMX_PROFILE selects one"),
    }]
}

pub(super) fn leftovers(subject: &Subject) -> Vec<Finding> {
    let Ok(home) = &subject.home else {
        return vec![Finding::skipped("no configuration folder")];
    };
    let paths = std::fs::read_dir(home.directory())
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path());
    let is_left = |path: &PathBuf| {
        let has_prefix = path
            .file_name()
            .and_then(|name| name.to_str())
            .is_some_and(|name| name.starts_with(".config."));
        has_prefix && path.extension().is_some_and(|extension| extension == "tmp")
    };
    let left = paths.filter(is_left).count();
    let folder = subject.shown(home.directory());
    // A POSIX shell expands a pattern only outside quotes.
    let pattern = || {
        if subject.system.is_windows() {
            subject.typed(&home.directory().join(".config.*.tmp"))
        } else {
            format!("{}/.config.*.tmp", subject.typed(home.directory()))
        }
    };
    let finding = || {
        Finding::warning(
            format!(
                "{} of interrupted writes in {folder}",
                plural(left, "temporary file")
            ),
            subject.command(DELETE, [&pattern()]),
        )
    };
    or_ok((left > 0).then(finding).into_iter().collect(), "none")
}

pub(super) fn backups(subject: &Subject) -> Vec<Finding> {
    let Ok(home) = &subject.home else {
        return vec![Finding::skipped("no configuration folder")];
    };
    let existing: Vec<(usize, PathBuf)> = (1..=BACKUPS)
        .map(|age| (age, home.backup(age)))
        .filter(|(_, path)| path.is_file())
        .collect();
    let unusable = existing.iter().filter_map(|(age, path)| {
        let text = ConfigFile::read_text(path).ok();
        let is_usable = text.is_some_and(|text| ConfigFile::parse(path.clone(), text).is_ok());
        (!is_usable).then(|| {
            Finding::warning(
                format!("backup {age} is invalid and cannot be restored"),
                subject.command(DELETE, [&subject.typed(path)]),
            )
        })
    });
    or_ok(
        unusable.collect(),
        &format!("{} of {BACKUPS}", existing.len()),
    )
}

/// A folder under version control may be published with its repository.
pub(super) fn repository(subject: &Subject) -> Vec<Finding> {
    let Ok(home) = &subject.home else {
        return vec![Finding::skipped("no configuration folder")];
    };
    let found = home
        .directory()
        .ancestors()
        .find(|folder| folder.join(".git").exists());
    vec![match found {
        None => Finding::ok("not under version control"),
        Some(root) => {
            let shown = subject.shown(root);
            let inside = home
                .directory()
                .strip_prefix(root)
                .map(|path| path.display().to_string().replace('\\', "/"))
                .unwrap_or_default();
            let pattern = if inside.is_empty() {
                "*".to_owned()
            } else {
                format!("/{inside}/")
            };
            Finding::warning(
                format!(
                    "the folder is inside the git working copy {shown}: commits there may be \
                    published"
                ),
                subject.command(
                    APPEND_LINE,
                    [&pattern, &subject.typed(&root.join(".gitignore"))],
                ),
            )
        }
    }]
}

/// The finding for a problem of settings.
pub(super) fn of_problem(problem: &Problem) -> Finding {
    Finding::failure(&problem.words, &problem.remedy)
}

/// The problem that a configuration error describes.
pub(super) fn problem_of(error: ConfigError) -> Problem {
    CommandError::from(error).into()
}
