//! What a check is, and what it can find.

use super::subject::Subject;

/// How serious a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    Ok,
    /// Worth knowing.
    Note,
    /// Probably not meant.
    Warning,
    /// Something will not work, or is not safe.
    Failure,
    /// It could not be looked at, or there is nothing to look at.
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

/// What is looked at together, in the order of the report.
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
    /// What it looks at, for the documentation.
    pub looks_at: &'static str,
    pub examine: fn(&Subject) -> Vec<Finding>,
}

/// What a check found. Words and remedy hold no secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    pub status: Status,
    /// The profile that it is about.
    pub profile: Option<String>,
    pub words: String,
    /// What to type.
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

/// The findings, or that all is well where there are none.
pub fn or_ok(findings: Vec<Finding>, words: &str) -> Vec<Finding> {
    if findings.is_empty() {
        vec![Finding::ok(words)]
    } else {
        findings
    }
}
