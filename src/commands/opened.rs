//! What is decided before the first question.

use crate::ask::session::{Session, SessionTurn};
use crate::ask::template::ChosenTemplate;
use crate::config::{ConfigFile, Overrides, Settings};
/// Settings and conversation, ready to be asked with.
pub struct Opened {
    pub overrides: Overrides,
    pub config: ConfigFile,
    pub settings: Settings,
    /// `None` when nothing is kept.
    pub keeper: Option<Session>,
    /// What the question is put into.
    pub template: Option<ChosenTemplate>,
}

impl Opened {
    /// The turns before the question.
    pub fn past(&self) -> &[SessionTurn] {
        self.keeper
            .as_ref()
            .map_or(&[], |keeper| keeper.path.as_slice())
    }
}
