//! Checks of the program itself: its version, its path, and others of the same name.

use crate::platform::commands::{DELETE, FIND_PROGRAM};
use std::path::{Path, PathBuf};

use super::check::Finding;
use super::subject::Subject;

pub(super) fn version(_subject: &Subject) -> Vec<Finding> {
    let build = if cfg!(debug_assertions) {
        ", a debug build"
    } else {
        ""
    };
    vec![Finding::ok(format!(
        "amx {} on {} {}{build}",
        env!("AMX_VERSION"),
        std::env::consts::OS,
        std::env::consts::ARCH
    ))]
}

/// Every program `amx` on the path, in the order of the search.
fn on_path(subject: &Subject) -> Vec<PathBuf> {
    let Ok(Some(path)) = subject.environment.named("PATH") else {
        return Vec::new();
    };
    let name = format!("amx{}", std::env::consts::EXE_SUFFIX);
    let mut found: Vec<PathBuf> = Vec::new();
    for folder in std::env::split_paths(path) {
        let candidate = folder.join(&name);
        // A file found under two names, as when /bin links to /usr/bin, counts once.
        let Ok(real) = candidate.canonicalize() else {
            continue;
        };
        if is_program(&real)
            && !found
                .iter()
                .any(|other| other.canonicalize().is_ok_and(|other| other == real))
        {
            found.push(candidate);
        }
    }
    found
}

#[cfg(unix)]
fn is_program(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    std::fs::metadata(path)
        .is_ok_and(|metadata| metadata.is_file() && metadata.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn is_program(path: &Path) -> bool {
    path.is_file()
}

pub(super) fn duplicates(subject: &Subject) -> Vec<Finding> {
    let found = on_path(subject);
    vec![match found.as_slice() {
        [] => Finding::skipped("amx is not on PATH"),
        [one] => Finding::ok(subject.shown(one)),
        [first, duplicates @ ..] => {
            let others: Vec<String> = duplicates.iter().map(|path| subject.shown(path)).collect();
            let words = format!(
                "{} programs amx on PATH: {} runs, {} does not",
                found.len(),
                subject.shown(first),
                others.join(" and ")
            );
            Finding::warning(
                words,
                subject.command(DELETE, [&subject.typed(&duplicates[0])]),
            )
        }
    }]
}

/// Whether the shell runs this program as `amx`.
pub(super) fn this_one(subject: &Subject) -> Vec<Finding> {
    let Ok(own) = std::env::current_exe().and_then(|path| path.canonicalize()) else {
        return vec![Finding::skipped("the path of this program is unknown")];
    };
    vec![match on_path(subject).first() {
        None => Finding::note(format!("{} is not on PATH", subject.shown(&own))),
        Some(first) if first.canonicalize().is_ok_and(|first| first == own) => {
            Finding::ok(subject.shown(&own))
        }
        Some(first) => {
            let words = format!(
                "this is {}; the shell runs {}",
                subject.shown(&own),
                subject.shown(first)
            );
            Finding::warning(words, subject.command(FIND_PROGRAM, ["amx"]))
        }
    }]
}
