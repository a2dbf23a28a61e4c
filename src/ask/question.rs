//! What is asked, and which checks it passes before it is sent.

use std::sync::Arc;

use super::session::SessionTurn;
use crate::chat::message::ContentPart;
use crate::chat::schema::Schema;
use crate::config::{ConfigFile, Overrides, Settings};

/// Settings as they were resolved, and what they were resolved from: profiles to fall back to are
/// resolved from the same.
#[derive(Clone, Copy)]
pub struct Resolved<'a> {
    pub settings: &'a Settings,
    pub overrides: &'a Overrides,
    pub config: &'a ConfigFile,
}

/// One question, whoever answers it.
#[derive(Default)]
pub struct Question<'a> {
    pub parts: Vec<ContentPart>,
    /// The turns before it.
    pub past: &'a [SessionTurn],
    pub stream: bool,
    /// What the answer must match.
    pub schema: Option<Arc<Schema>>,
    /// So many answers to it are ranked by confidence: log probabilities and a declared confidence
    /// are requested. `None` for a single answer.
    pub rated: Option<usize>,
}

/// How strict the checks are.
#[derive(Debug, Clone, Copy, Default)]
pub struct Checks {
    /// A parameter that the model does not support is an error.
    pub strict: bool,
    /// What the model does not support according to the catalogue is sent anyway.
    pub force: bool,
}
