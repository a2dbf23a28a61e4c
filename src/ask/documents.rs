//! Decides who reads the PDFs of a request, and says what that costs.

use super::model_facts::ModelFacts;
use crate::chat::message::Message;
use crate::chat::pdf::{self, PdfEngine};
use crate::config::{Settings, ValueSource};
use crate::providers::{is_paid_parser, is_parser};

/// Said where a document is read by the paid parser.
const OCR_COSTS: &str =
    "reading the PDF with ocr costs about $2 for 1,000 pages, beside the answer";

/// The engine to name in the request; `None` where there is no document, where the provider has no
/// parser, or where the user's own plugins name one. By default the model reads for itself when it
/// is known to be able to, and else the parser that costs nothing.
pub fn engine(
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
                "pdf_engine is OpenRouter's: provider {} gets the PDF as it is",
                settings.entry.name
            )
        }));
        return None;
    }
    // Plugins of `-o` were checked against the flag before; those of the profile give way to it.
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
    let by_default = if facts.takes_documents() {
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
