//! The errors of a job of texts, some of which may have vectors.

use super::input::PlacedText;
use crate::chat::refusal::{Refusal, RefusalKind};
use crate::ports::error::{CommandError, ErrorKind};
use crate::present::count::{plural, thousands};

/// Texts that are named in an error.
const MOST_NAMED: usize = 5;

/// Whether a refusal may be about the number or the length of the texts of a request, which amx
/// chose.
pub(super) fn is_about_size(refusal: &Refusal) -> bool {
    let words = refusal.message.to_ascii_lowercase();
    let names_size = [
        "batch",
        "too many",
        "too large",
        "too long",
        "at most",
        "maximum",
        "exceed",
    ]
    .iter()
    .any(|part| words.contains(part));
    match refusal.kind {
        RefusalKind::TooLarge | RefusalKind::ContextLength | RefusalKind::OutputTooLong => true,
        RefusalKind::BadRequest { .. } | RefusalKind::Other => refusal.status < 500 && names_size,
        _ => false,
    }
}

pub(super) fn wrong_dimensions(asked: usize, found: usize) -> CommandError {
    CommandError::new(
        ErrorKind::Content,
        format!(
            "--dimensions {asked} was ignored: the vectors have {} dimensions",
            thousands(found as u64)
        ),
    )
    .hint("omit --dimensions, or use a model that supports it")
}

/// The error of a job of which some texts have vectors, which were written.
pub(super) fn partial(error: CommandError, embedded: usize, texts: usize) -> CommandError {
    let keeps_kind = [ErrorKind::LocalIo, ErrorKind::BrokenPipe, ErrorKind::Limit];
    if embedded == 0 || error.is_signal() || keeps_kind.contains(&error.kind) {
        return error;
    }
    let message = format!(
        "{} of {} have a vector; {}",
        thousands(embedded as u64),
        plural(texts as u64, "text"),
        error.message
    );
    CommandError {
        kind: ErrorKind::Partial,
        message,
        ..error
    }
}

/// The error for texts without a usable vector.
pub(super) fn unusable(mut faults: Vec<(usize, String)>, texts: &[PlacedText]) -> CommandError {
    faults.sort_unstable();
    let named = faults.iter().take(MOST_NAMED).map(|(index, why)| {
        let place = texts.get(*index).map(|text| text.place.as_str());
        format!("{}: {why}", place.unwrap_or_default())
    });
    let words: Vec<String> = named.collect();
    let count = plural(faults.len() as u64, "text");
    let has = if faults.len() == 1 { "has" } else { "have" };
    CommandError::new(
        ErrorKind::Content,
        format!("{count} {has} no usable vector"),
    )
    .caused_by_words(words.join("; "))
    .hint("embed these texts again, or use another model with -m")
}
