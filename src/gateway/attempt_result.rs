//! What the answer to one attempt at a provider reported.

use crate::chat::attempt_status::AttemptStatus;
use crate::chat::cost::Cost;
use crate::chat::usage::Usage;

/// What the answer to an attempt reported.
#[derive(Debug, Clone, Default)]
pub(super) struct AttemptResult {
    pub status: Option<AttemptStatus>,
    pub model: Option<String>,
    pub generation_id: Option<String>,
    pub usage: Option<Usage>,
    pub cost: Cost,
    pub may_have_cost: bool,
    /// Nothing has left this machine.
    pub is_unsent: bool,
}
