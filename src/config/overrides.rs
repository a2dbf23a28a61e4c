//! What flags and slash commands decide, above file and environment.

use serde_json::{Map, Value};

use crate::chat::reasoning::Effort;

/// What the command line decides. `None` means that the flag was not given.
#[derive(Debug, Clone, Default)]
pub struct Overrides {
    pub profile: Option<String>,
    pub model: Option<String>,
    pub system: Option<String>,
    pub temperature: Option<f64>,
    pub top_p: Option<f64>,
    pub max_tokens: Option<u32>,
    pub effort: Option<Effort>,
    pub show_reasoning: Option<bool>,
    pub max_cost: Option<f64>,
    /// Fields of the body by their own names (`-o`).
    pub body: Map<String, Value>,
}
