//! A check, and its findings.

use super::subject::Subject;

/// How serious a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    Ok,
    /// Information.
    Note,
    /// Probably a mistake.
    Warning,
    /// Does not work, or is not safe.
    Failure,
    /// The check did not apply, or could not run.
    Skipped,
}

impl Status {
    pub fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Failure => "failure",
            Self::Skipped => "skipped",
        }
    }
}

/// The groups of the report, in its order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Group {
    Configuration,
    Profiles,
    Keys,
    Network,
    Model,
    Store,
    Terminal,
    Program,
}

impl Group {
    pub fn word(self) -> &'static str {
        match self {
            Self::Configuration => "configuration",
            Self::Profiles => "profiles",
            Self::Keys => "keys",
            Self::Network => "network",
            Self::Model => "model",
            Self::Store => "store",
            Self::Terminal => "terminal",
            Self::Program => "program",
        }
    }
}

/// One row of the table of checks.
pub struct Check {
    pub name: &'static str,
    pub group: Group,
    /// What it checks, for the documentation.
    pub looks_at: &'static str,
    pub examine: fn(&Subject) -> Vec<Finding>,
}

/// What a check found, without secrets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    pub status: Status,
    /// The profile that it is about.
    pub profile: Option<String>,
    pub words: String,
    /// The command that fixes it.
    pub remedy: Option<String>,
}

impl Finding {
    fn new(status: Status, words: impl Into<String>, remedy: Option<String>) -> Self {
        Self {
            status,
            profile: None,
            words: words.into(),
            remedy,
        }
    }

    pub fn ok(words: impl Into<String>) -> Self {
        Self::new(Status::Ok, words, None)
    }

    pub fn note(words: impl Into<String>) -> Self {
        Self::new(Status::Note, words, None)
    }

    pub fn skipped(words: impl Into<String>) -> Self {
        Self::new(Status::Skipped, words, None)
    }

    pub fn warning(words: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self::new(Status::Warning, words, Some(remedy.into()))
    }

    pub fn failure(words: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self::new(Status::Failure, words, Some(remedy.into()))
    }

    /// About one profile.
    #[must_use]
    pub fn of(self, profile: &str) -> Self {
        Self {
            profile: Some(profile.to_owned()),
            ..self
        }
    }
}

/// The findings; when there are none, that everything is fine.
pub(crate) fn or_ok(findings: Vec<Finding>, words: &str) -> Vec<Finding> {
    if findings.is_empty() {
        vec![Finding::ok(words)]
    } else {
        findings
    }
}
