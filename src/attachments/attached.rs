//! An attachment of a question.

use std::path::PathBuf;

use super::text;
use crate::chat::message::ContentPart;
use crate::present::count::about_tokens;

/// Bytes of a MiB.
pub(super) const MIB: u64 = 1024 * 1024;

/// One attachment, read and ready to be sent.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Attachment {
    /// How it is called, to the user and to the model; without control characters.
    pub name: String,
    pub part: ContentPart,
    /// Of the file; 0 for what is fetched by the provider.
    pub bytes: u64,
    /// Which file it is, so that none is sent twice.
    pub origin: Option<PathBuf>,
}

impl Attachment {
    /// Name, size and, of a text, about how many tokens it makes.
    pub(crate) fn description(&self) -> String {
        match &self.part {
            ContentPart::Text(text) => format!(
                "{} · {} · {}",
                self.name,
                size(self.bytes),
                about_tokens(text::estimated_tokens(text))
            ),
            _ if self.bytes == 0 => format!("{} · fetched by the provider", self.name),
            _ => format!("{} · {}", self.name, size(self.bytes)),
        }
    }
}

/// How many there are, how large, and about how many tokens their texts make.
pub(crate) fn sum(attached: &[Attachment]) -> String {
    let estimate = |attached: &Attachment| match &attached.part {
        ContentPart::Text(text) => text::estimated_tokens(text),
        _ => 0,
    };
    let texts = about_tokens(attached.iter().map(estimate).sum());
    format!(
        "{} files · {} · {texts} of text",
        attached.len(),
        size(attached.iter().map(|attached| attached.bytes).sum())
    )
}

/// `12 B`, `3.4 KiB`, `1.2 MiB`.
pub(super) fn size(bytes: u64) -> String {
    let tenths = |unit: u64| (bytes * 10).div_ceil(unit);
    match bytes {
        0..1024 => format!("{bytes} B"),
        1024..MIB => format!("{}.{} KiB", tenths(1024) / 10, tenths(1024) % 10).replace(".0 ", " "),
        _ => format!("{}.{} MiB", tenths(MIB) / 10, tenths(MIB) % 10).replace(".0 ", " "),
    }
}

/// Adds attachments; one of the same file replaces the earlier one.
pub(crate) fn add(to: &mut Vec<Attachment>, more: Vec<Attachment>) {
    for attached in more {
        let there = attached.origin.as_ref().and_then(|origin| {
            to.iter_mut()
                .find(|there| there.origin.as_ref() == Some(origin))
        });
        match there {
            Some(there) => *there = attached,
            None => to.push(attached),
        }
    }
}
