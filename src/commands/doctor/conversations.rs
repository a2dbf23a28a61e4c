//! Checks of the store of conversations; the file is opened read-only, and marked when it is
//! damaged.

use super::access;
use super::check::{Finding, or_ok};
use super::subject::{Problem, Subject};
use crate::config::Home;
use crate::ports::error::CommandError;
use crate::present::count::plural;
use crate::store::{ReadOnlyStore, StoreCondition, StoreError, damaged_files, mark_damaged};
use crate::wire::files::is_full;

/// The home directory if it has a store.
fn stored(subject: &Subject) -> Result<&Home, Vec<Finding>> {
    match &subject.home {
        Ok(home) if home.database_file().exists() => Ok(home),
        Ok(_) => Err(vec![Finding::skipped("no conversation is saved yet")]),
        Err(_) => Err(vec![Finding::skipped("no configuration folder")]),
    }
}

fn condition(home: &Home) -> Result<Option<StoreCondition>, StoreError> {
    ReadOnlyStore::open(home)?
        .map(|store| store.examine())
        .transpose()
}

pub(super) fn integrity(subject: &Subject) -> Vec<Finding> {
    let home = match stored(subject) {
        Ok(home) => home,
        Err(findings) => return findings,
    };
    let moved = "amx sessions list   (repairs the damaged file, or moves it aside)";
    let condition = condition(home);
    if matches!(
        condition,
        Ok(Some(StoreCondition::Damaged(_))) | Err(StoreError::Corrupt { .. })
    ) {
        // A command that opens the store checks only a file that is marked.
        mark_damaged(home);
    }
    vec![match condition {
        Ok(None) => Finding::skipped("no conversation is saved yet"),
        Ok(Some(StoreCondition::Intact { sessions })) => {
            Finding::ok(format!("intact, {}", plural(sessions, "session")))
        }
        Ok(Some(StoreCondition::Older | StoreCondition::Newer { .. })) => Finding::ok("intact"),
        Ok(Some(StoreCondition::Damaged(why))) => Finding::failure(
            format!("{} is damaged: {why}", subject.shown(&home.database_file())),
            moved,
        ),
        Err(StoreError::Corrupt { path, .. }) => {
            Finding::failure(format!("{} is damaged", subject.shown(&path)), moved)
        }
        Err(error) => {
            let problem = Problem::from(CommandError::from(error));
            Finding::failure(problem.words, problem.remedy)
        }
    }]
}

pub(super) fn space(subject: &Subject) -> Vec<Finding> {
    let folder = subject.home.as_ref().ok().map(Home::directory);
    let Some(folder) = folder.filter(|folder| is_full(folder)) else {
        let found = stored(subject).map(|_| vec![Finding::ok("enough")]);
        return found.unwrap_or_else(|findings| findings);
    };
    let words = format!("no space left for {}", subject.shown(folder));
    let remedy = format!("df -h {}   (then free disk space)", subject.typed(folder));
    vec![Finding::failure(words, remedy)]
}

pub(super) fn schema(subject: &Subject) -> Vec<Finding> {
    let home = match stored(subject) {
        Ok(home) => home,
        Err(findings) => return findings,
    };
    vec![match condition(home) {
        Ok(Some(StoreCondition::Newer { found, known })) => Finding::failure(
            format!("the store has version {found}, this amx supports {known}"),
            "cargo install --path .   (of the newer amx)",
        ),
        Ok(Some(StoreCondition::Older)) => {
            Finding::note("the store is of an earlier amx; it is upgraded when next opened")
        }
        Ok(Some(StoreCondition::Intact { .. })) => Finding::ok("current"),
        _ => Finding::skipped("the store cannot be read"),
    }]
}

pub(super) fn mode(subject: &Subject) -> Vec<Finding> {
    let home = match stored(subject) {
        Ok(home) => home,
        Err(findings) => return findings,
    };
    access::private(subject, access::Private::File, &[home.database_file()])
}

pub(super) fn aside(subject: &Subject) -> Vec<Finding> {
    let Ok(home) = &subject.home else {
        return vec![Finding::skipped("no configuration folder")];
    };
    let (aside, is_suspected) = damaged_files(home);
    let mut findings: Vec<Finding> = Vec::new();
    for path in &aside {
        let shown = subject.shown(path);
        findings.push(Finding::warning(
            format!("a damaged store was moved to {shown}"),
            format!(
                "sqlite3 {} .recover   (recovers what is readable; then delete it)",
                subject.typed(path)
            ),
        ));
    }
    if is_suspected {
        findings.push(Finding::warning(
            "the store reported an error; it is checked when next opened",
            "amx sessions list",
        ));
    }
    or_ok(findings, "none")
}
