//! Tags and URLs in angle brackets.

use super::found::{FoundInline, first_line, unfinished};
use super::tag::{self, Around, Tag};
use super::wrap::BREAK;
use super::{entity, script};
use crate::ui::style::Style;

/// Before the title of what may be folded.
const SUMMARY: &str = "▸ ";

/// A tag or URL in angle brackets.
pub(super) fn find(rest: &str, is_whole: bool, is_ascii: bool) -> FoundInline<'_> {
    let (rest, is_whole) = first_line(rest, is_whole);
    let length = match tag::end(rest) {
        tag::End::At(length) => length,
        tag::End::Unknown => return unfinished(is_whole, None),
        tag::End::Absent => return FoundInline::Literal,
    };
    match tag::kind(&rest[..length]) {
        Tag::Url(url) | Tag::Mail(url) => FoundInline::Url { url, taken: length },
        Tag::Break => FoundInline::plain(BREAK, length),
        Tag::Details => FoundInline::plain("", length),
        Tag::Other => FoundInline::plain(&rest[..length], length),
        Tag::Around(around) => {
            let inner = &rest[length..];
            match inner.to_ascii_lowercase().find(around.end()) {
                Some(at) => {
                    let taken = length + at + around.end().len();
                    around_text(around, &inner[..at], taken, is_ascii)
                }
                None if is_whole => FoundInline::plain(&rest[..length], length),
                None => FoundInline::Wait(Some(b'>')),
            }
        }
    }
}

fn around_text(around: Around, inner: &str, taken: usize, is_ascii: bool) -> FoundInline<'_> {
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
    let shown = form(&text).filter(|_| !is_ascii);
    FoundInline::plain(shown.unwrap_or_else(|| marked(mark, &text)), taken)
}

/// Text behind the mark of its place, in parentheses where its end would not be seen.
fn marked(mark: char, text: &str) -> String {
    let is_one = text.chars().count() == 1 || text.bytes().all(|byte| byte.is_ascii_digit());
    if is_one && !text.is_empty() {
        format!("{mark}{text}")
    } else {
        format!("{mark}({text})")
    }
}
