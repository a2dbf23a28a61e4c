//! Links and images: where they end, and what they lead to.

use super::found::{FoundInline, first_line, unfinished};
use super::{runs, tag};

/// `[text](target "title")`; an image has a `!` before it, which is `skipped`.
pub(super) fn find(rest: &str, skipped: usize, is_whole: bool) -> FoundInline<'_> {
    let Some(close) = closing_bracket(&rest[skipped..], is_whole).map(|close| skipped + close)
    else {
        return unfinished(is_whole, Some(b']'));
    };
    let text = &rest[skipped + 1..close];
    match rest.as_bytes().get(close + 1) {
        None if !is_whole => return FoundInline::Wait(None),
        Some(b'(') => {}
        _ => return footnote(text, close + 1, skipped),
    }
    // The text may go over line ends, the target may not.
    let (inside, is_whole) = first_line(&rest[close + 2..], is_whole);
    let Some(end) = closing_parenthesis(inside) else {
        return unfinished(is_whole, Some(b')'));
    };
    let target = inside[..end].trim();
    if !is_target(target) {
        return FoundInline::Literal;
    }
    FoundInline::Link {
        text,
        target,
        is_image: skipped > 0,
        taken: close + 2 + end + 1,
    }
}

/// The length of the link at the start of `rest`, or of its bracket when it is none; `None` when
/// that is not certain yet.
pub(super) fn end(rest: &str, is_whole: bool) -> Option<usize> {
    match find(rest, 0, is_whole) {
        FoundInline::Wait(_) => None,
        FoundInline::Link { taken, .. } => Some(taken),
        _ => Some(1),
    }
}

/// `[^1]`, the mark of a footnote, as a raised number.
fn footnote(text: &str, taken: usize, skipped: usize) -> FoundInline<'_> {
    match footnote_mark(text).filter(|_| skipped == 0) {
        Some(mark) => FoundInline::plain(mark, taken),
        None => FoundInline::Literal,
    }
}

/// The raised number for `^1`. A word after the `^` may be a class of characters.
pub(super) fn footnote_mark(text: &str) -> Option<String> {
    let number = text.strip_prefix('^')?;
    let is_number = number.len() <= 3 && number.bytes().all(|byte| byte.is_ascii_digit());
    super::script::raised(number).filter(|_| is_number)
}

/// Where the bracket that opens a text closes, past code spans and brackets inside it.
fn closing_bracket(text: &str, is_whole: bool) -> Option<usize> {
    let bytes = text.as_bytes();
    let (mut at, mut depth) = (0, 0_usize);
    while at < bytes.len() {
        match bytes[at] {
            b'\\' => at += 1,
            b'[' => depth += 1,
            b']' if depth == 1 => return Some(at),
            b']' => depth -= 1,
            b'`' => match runs::code_end(text, at) {
                Some(end) if !is_whole && end == text.len() => return None,
                Some(end) => at = end - 1,
                None if is_whole => at += runs::run(text, at) - 1,
                None => return None,
            },
            b'<' => match tag::end(&text[at..]) {
                tag::End::At(length) => at += length - 1,
                tag::End::Unknown if !is_whole => return None,
                tag::End::Unknown | tag::End::Absent => {}
            },
            _ => {}
        }
        at += 1;
    }
    None
}

/// Where the parenthesis before a target closes, past pairs inside it and quoted titles.
fn closing_parenthesis(target: &str) -> Option<usize> {
    let (mut depth, mut in_brackets, mut in_title) = (0_usize, false, false);
    let mut before = '(';
    for (at, c) in target.char_indices() {
        match c {
            _ if before == '\\' => {}
            '"' if in_title || before == ' ' => in_title = !in_title,
            _ if in_title => {}
            '<' if at == 0 => in_brackets = true,
            '>' => in_brackets = false,
            _ if in_brackets => {}
            '(' => depth += 1,
            ')' if depth == 0 => return Some(at),
            ')' => depth -= 1,
            _ => {}
        }
        before = if before == '\\' && c == '\\' { ' ' } else { c };
    }
    None
}

/// Whether this is a URL, with a title after it or not.
fn is_target(target: &str) -> bool {
    if target.starts_with('<') {
        return target.len() > 2 && target.contains('>');
    }
    match target.split_once(char::is_whitespace) {
        None => !target.is_empty(),
        Some((_, title)) => title.trim_start().starts_with(['"', '\'', '(']),
    }
}
