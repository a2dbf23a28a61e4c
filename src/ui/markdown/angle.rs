//! Tags and URLs in angle brackets.

use super::found::{FoundInline, unfinished};
use super::tag::{self, Around, Tag};
use super::{entity, script};
use crate::ui::style::Style;

/// Before the title of what may be folded.
const SUMMARY: &str = "▸ ";

/// A tag or URL in angle brackets.
pub(super) fn find(rest: &str, is_whole: bool) -> FoundInline<'_> {
    let length = match tag::end(rest) {
        tag::End::At(length) => length,
        tag::End::Unknown => return unfinished(is_whole, None),
        tag::End::Absent => return FoundInline::Literal,
    };
    match tag::kind(&rest[..length]) {
        Tag::Url(url) | Tag::Mail(url) => FoundInline::Url { url, taken: length },
        Tag::Break => FoundInline::plain("\n", length),
        Tag::Details => FoundInline::plain("", length),
        Tag::Other => FoundInline::plain(&rest[..length], length),
        Tag::Around(around) => {
            let inner = &rest[length..];
            match inner.to_ascii_lowercase().find(around.end()) {
                Some(at) => around_text(around, &inner[..at], length + at + around.end().len()),
                None if is_whole => FoundInline::plain(&rest[..length], length),
                None => FoundInline::Wait(Some(b'>')),
            }
        }
    }
}

fn around_text(around: Around, inner: &str, taken: usize) -> FoundInline<'_> {
    let styled = |mark, style| FoundInline::Styled {
        mark,
        style,
        inner,
        taken,
    };
    let (mark, form): (char, fn(&str) -> Option<String>) = match around {
        Around::Kbd => return styled("", Style::Code),
        Around::Summary => return styled(SUMMARY, Style::Bold),
        Around::Sub => ('_', script::lowered),
        Around::Sup => ('^', script::raised),
    };
    let text = entity::decode(inner);
    let shown = form(&text).unwrap_or_else(|| format!("{mark}({text})"));
    FoundInline::plain(shown, taken)
}
