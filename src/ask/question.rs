//! The input of the engine: a question, its settings, and the strictness of the checks.

use std::rc::Rc;
use std::sync::Arc;

use super::images::ImageCall;
use super::session::SessionTurn;
use super::tools::ToolSession;
use crate::chat::message::ContentPart;
use crate::chat::schema::Schema;
use crate::config::{ConfigFile, Overrides, Settings};

/// Resolved settings, and their sources, from which the settings of fallback profiles are resolved.
#[derive(Clone, Copy)]
pub(crate) struct Resolved<'a> {
    pub settings: &'a Settings,
    pub overrides: &'a Overrides,
    pub config: &'a ConfigFile,
}

/// One question.
#[derive(Default)]
pub(crate) struct Question<'a> {
    pub parts: Vec<ContentPart>,
    /// The turns before it, oldest first.
    pub past: &'a [SessionTurn],
    pub stream: bool,
    /// The schema that the answer must match.
    pub schema: Option<Arc<Schema>>,
    /// Runs the calls of the tools that the settings name. `None` where the caller runs none.
    pub tools: Option<&'a Rc<ToolSession>>,
    /// The number of answers that are ranked by confidence, for which log probabilities and a
    /// declared confidence are requested. `None` for a single answer.
    pub rated: Option<usize>,
    /// The number of answers that share a cap; 0 is one.
    pub answers: usize,
    /// The key of its conversation, for a provider that groups requests by it.
    pub session: Option<&'a str>,
    /// The images that are asked for in place of a text.
    pub images: Option<&'a ImageCall>,
}

/// How strict the checks are.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Checks {
    /// A parameter that the model does not support is an error.
    pub strict: bool,
    /// Parameters and attachments that the model does not support, according to the catalogue, are
    /// sent anyway.
    pub force: bool,
    /// Hints name slash commands instead of shell commands.
    pub is_conversation: bool,
    /// Nothing is sent, so that no missing price is fetched either.
    pub is_dry_run: bool,
}
