//! What is decided before the first question.

use serde_json::Value;

use crate::ask::question::Resolved;
use crate::ask::remembered;
use crate::ask::session::{Session, SessionTurn};
use crate::ask::template::ChosenTemplate;
use crate::config::{ConfigFile, Overrides, Settings};

/// Settings and conversation, ready to be asked with.
pub struct Opened {
    pub overrides: Overrides,
    pub config: ConfigFile,
    pub settings: Settings,
    /// `None` when nothing is kept.
    pub session: Option<Session>,
    /// What the question is put into.
    pub template: Option<ChosenTemplate>,
}

impl Opened {
    /// The turns before the question.
    pub fn past(&self) -> &[SessionTurn] {
        let session = self.session.as_ref();
        session.map_or(&[], |session| session.path.as_slice())
    }

    /// The settings, and what profiles to fall back to are resolved from.
    pub fn resolved(&self) -> Resolved<'_> {
        Resolved {
            settings: &self.settings,
            overrides: &self.overrides,
            config: &self.config,
        }
    }

    /// How the conversation is set up, for when it is resumed.
    pub fn remembered(&self) -> Value {
        remembered::to_remember(&self.overrides, &self.settings)
    }
}
