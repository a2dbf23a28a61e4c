//! What flags and slash commands decide, above file and environment.

use serde_json::{Map, Value};

use super::options::laid::Spellings;
use crate::chat::pdf::PdfEngine;
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
    pub pdf_engine: Option<PdfEngine>,
    pub max_cost: Option<f64>,
    /// Fields of the body by their own names (`-o`, their flags, `/set`).
    pub body: Map<String, Value>,
    /// How each of them was chosen.
    pub spellings: Spellings,
}
