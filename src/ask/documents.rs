//! Picks the PDF parser of a request, and adds a note when it costs money.

use super::model_facts::ModelFacts;
use crate::chat::message::Message;
use crate::chat::pdf::{self, PdfEngine};
use crate::config::{Settings, ValueSource};
use crate::providers::{is_paid_parser, is_parser};

/// The note for a document that the paid parser reads.
const OCR_COSTS: &str = "OCR of the PDF costs about $2 per 1,000 pages, on top of the answer";

/// The parser to name in the request; `None` without a document, for a provider without parsers,
/// and when the user's own plugins name one. The default is the model itself if the catalogue lists
/// file input for it, else the free parser.
pub(super) fn engine(
    settings: &Settings,
    messages: &[Message],
    facts: &ModelFacts,
    notes: &mut Vec<String>,
) -> Option<PdfEngine> {
    let chosen = settings.pdf_engine.as_ref();
    if !pdf::has_documents(messages) {
        return None;
    }
    if !settings.entry.is_openrouter {
        notes.extend(chosen.map(|_| {
            format!(
                "pdf_engine is not sent: provider {} does not support it and receives the \
                unparsed PDF",
                settings.entry.name
            )
        }));
        return None;
    }
    // `-o plugins` and the flag exclude each other; the flag overrides the profile's plugins.
    let is_flag = chosen.is_some_and(|chosen| matches!(chosen.source, ValueSource::Flag { .. }));
    let plugins = settings
        .body
        .get("plugins")
        .and_then(|plugins| plugins.as_array())
        .map(Vec::as_slice)
        .unwrap_or_default();
    let own = plugins
        .iter()
        .find(|plugin| is_parser(plugin))
        .filter(|_| !is_flag);
    let by_default = if facts.accepts_documents() {
        PdfEngine::Native
    } else {
        PdfEngine::Free
    };
    let engine = chosen.map_or(by_default, |chosen| chosen.value);
    let is_ocr = own.map_or(engine == PdfEngine::Ocr, is_paid_parser);
    if is_ocr && pdf::has_unparsed(messages) {
        notes.push(OCR_COSTS.to_owned());
    }
    own.is_none().then_some(engine)
}
