//! Checks of the stored conversations; the file is only read.

use std::path::Path;

use super::check::{Finding, or_ok};
use super::subject::{Subject, SubjectFault};
use crate::config::Home;
use crate::ports::error::CommandError;
use crate::store::{ReadOnlyStore, StoreCondition, StoreError, damaged_files};

/// The home where there is a store in it.
fn stored(subject: &Subject) -> Result<&Home, Vec<Finding>> {
    match &subject.home {
        Ok(home) if home.database_file().exists() => Ok(home),
        Ok(_) => Err(vec![Finding::skipped("nothing is stored yet")]),
        Err(_) => Err(vec![Finding::skipped("no folder is known")]),
    }
}

fn condition(home: &Home) -> Result<Option<StoreCondition>, StoreError> {
    ReadOnlyStore::open(home)?
        .map(|glimpse| glimpse.examine())
        .transpose()
}

pub fn integrity(subject: &Subject) -> Vec<Finding> {
    let home = match stored(subject) {
        Ok(home) => home,
        Err(findings) => return findings,
    };
    let moved = "amx sessions list   (moves the damaged file aside and begins a new one)";
    vec![match condition(home) {
        Ok(None) => Finding::skipped("nothing is stored yet"),
        Ok(Some(StoreCondition::Intact { sessions })) => Finding::ok(format!(
            "whole, {sessions} session{}",
            if sessions == 1 { "" } else { "s" }
        )),
        Ok(Some(StoreCondition::Older | StoreCondition::Newer { .. })) => Finding::ok("whole"),
        Ok(Some(StoreCondition::Damaged(why))) => Finding::failure(
            format!("{} is damaged: {why}", subject.shown(&home.database_file())),
            moved,
        ),
        Err(StoreError::Corrupt { path, .. }) => {
            Finding::failure(format!("{} is damaged", subject.shown(&path)), moved)
        }
        Err(error) => {
            let fault = SubjectFault::from(CommandError::from(error));
            Finding::failure(fault.words, fault.remedy)
        }
    }]
}

pub fn schema(subject: &Subject) -> Vec<Finding> {
    let home = match stored(subject) {
        Ok(home) => home,
        Err(findings) => return findings,
    };
    vec![match condition(home) {
        Ok(Some(StoreCondition::Newer { found, known })) => Finding::failure(
            format!("the store has version {found}, this amx knows {known}"),
            "cargo install --path .   (of the newer amx)",
        ),
        Ok(Some(StoreCondition::Older)) => Finding::note(
            "the store is of an earlier amx; it is brought up to date when it is next opened",
        ),
        Ok(Some(StoreCondition::Intact { .. })) => Finding::ok("present"),
        _ => Finding::skipped("the store cannot be read"),
    }]
}

#[cfg(unix)]
fn mode_of_others(path: &Path) -> Option<u32> {
    use std::os::unix::fs::PermissionsExt;
    std::fs::metadata(path)
        .ok()
        .map(|metadata| metadata.permissions().mode() & 0o777)
        .filter(|mode| mode & 0o077 != 0)
}

#[cfg(not(unix))]
fn mode_of_others(_path: &Path) -> Option<u32> {
    None
}

pub fn mode(subject: &Subject) -> Vec<Finding> {
    let home = match stored(subject) {
        Ok(home) => home,
        Err(findings) => return findings,
    };
    let path = home.database_file();
    let shown = subject.shown(&path);
    let finding = |mode| {
        Finding::failure(
            format!("{shown} has mode {mode:04o}: others on this machine have rights to it"),
            format!("chmod 600 {shown}"),
        )
    };
    or_ok(
        mode_of_others(&path).map(finding).into_iter().collect(),
        "0600",
    )
}

pub fn aside(subject: &Subject) -> Vec<Finding> {
    let Ok(home) = &subject.home else {
        return vec![Finding::skipped("no folder is known")];
    };
    let (aside, is_suspected) = damaged_files(home);
    let mut findings: Vec<Finding> = Vec::new();
    for path in &aside {
        let shown = subject.shown(path);
        findings.push(Finding::warning(
            format!("a store that was damaged lies in {shown}"),
            format!("sqlite3 {shown} .recover   (what can be had back; then delete it)"),
        ));
    }
    if is_suspected {
        findings.push(Finding::warning(
            "the store failed lately, and is examined when it is next opened",
            "amx sessions list",
        ));
    }
    or_ok(findings, "no damaged file was found before")
}
