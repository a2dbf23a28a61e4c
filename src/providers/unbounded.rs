//! What a request uses that is billed beside its tokens, so that no limit on money holds.

use serde_json::Value;

use super::body::{is_paid_parser, is_search};

/// What of a request has no highest cost, in words. A tool is only offered to the model: coding
/// agents declare the search of the provider with every request.
pub(crate) fn cost_of(
    model: &str,
    sent: impl Fn(&str) -> Value,
    has_documents: bool,
) -> Option<&'static str> {
    if model.contains("@preset/") || !sent("preset").is_null() {
        return Some("what a preset adds is unknown");
    }
    let plugins = sent("plugins");
    let mut plugins = plugins.as_array().into_iter().flatten();
    let mut variants = model.split(':').skip(1);
    if plugins.clone().any(is_search)
        || !sent("web_search_options").is_null()
        || variants.any(|variant| variant == "online")
    {
        return Some("the cost of a web search is unknown");
    }
    let is_paid = has_documents && plugins.any(is_paid_parser);
    is_paid.then_some("the cost of OCR depends on the pages of the PDF")
}
