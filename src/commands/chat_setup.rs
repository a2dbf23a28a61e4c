//! Settings, session and template of a chat, resolved before the first question.

use std::rc::Rc;

use serde_json::Value;

use crate::ask::question::Resolved;
use crate::ask::session::{Session, SessionTurn};
use crate::ask::session_settings;
use crate::ask::template::ChosenTemplate;
use crate::ask::tools::ToolSession;
use crate::config::{ConfigFile, Overrides, Settings};

/// Everything that is resolved before the first question.
pub(crate) struct ChatSetup {
    pub overrides: Overrides,
    pub config: ConfigFile,
    pub settings: Settings,
    /// `None` when nothing is stored.
    pub session: Option<Session>,
    /// The template of the first question.
    pub template: Option<ChosenTemplate>,
    /// What runs the calls of tools.
    pub tools: Rc<ToolSession>,
}

impl ChatSetup {
    /// The turns before the question, oldest first.
    pub(crate) fn past(&self) -> &[SessionTurn] {
        let session = self.session.as_ref();
        session.map_or(&[], |session| session.path.as_slice())
    }

    /// The key of the conversation, where the profile names it to the provider.
    pub(crate) fn session_key(&self) -> Option<&str> {
        self.session.as_ref()?.key(&self.settings)
    }

    /// The settings with their sources.
    pub(crate) fn resolved(&self) -> Resolved<'_> {
        Resolved {
            settings: &self.settings,
            overrides: &self.overrides,
            config: &self.config,
        }
    }

    /// The settings to store with the conversation.
    pub(crate) fn session_settings(&self) -> Value {
        session_settings::to_json(&self.overrides, &self.settings)
    }
}
