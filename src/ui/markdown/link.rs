//! Links, images and URLs in angle brackets.

use super::emphasis;
use super::found::FoundInline;
use crate::ui::style::Style;

/// Schemes of URLs in angle brackets.
const SCHEMES: &[&str] = &["https://", "http://", "ftp://", "mailto:"];

/// `[text](target "title")`; an image has a `!` before it, which is `skipped`.
pub(super) fn find(rest: &str, skipped: usize, is_whole: bool) -> FoundInline<'_> {
    let unfinished = |wanted: Option<u8>| {
        if is_whole {
            FoundInline::Literal
        } else {
            FoundInline::Wait(wanted)
        }
    };
    let Some(close) = closing_bracket(&rest[skipped..], is_whole).map(|close| skipped + close)
    else {
        return unfinished(Some(b']'));
    };
    let text = &rest[skipped + 1..close];
    let Some(after) = rest.as_bytes().get(close + 1) else {
        return unfinished(None);
    };
    if *after != b'(' {
        return FoundInline::Literal;
    }
    let inside = &rest[close + 2..];
    let Some(end) = closing_parenthesis(inside) else {
        return unfinished(Some(b')'));
    };
    let target = inside[..end].trim();
    if !is_target(target) {
        return FoundInline::Literal;
    }
    let target = target
        .strip_prefix('<')
        .and_then(|target| target.strip_suffix('>'))
        .unwrap_or(target);
    FoundInline::Link {
        text,
        target,
        taken: close + 2 + end + 1,
    }
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
            b'`' => match emphasis::code_end(text, at) {
                Some(end) if !is_whole && end == text.len() => return None,
                Some(end) => at = end - 1,
                None if is_whole => at += emphasis::run(text, at) - 1,
                None => return None,
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

/// `<https://…>`.
pub(super) fn automatic(rest: &str, is_whole: bool) -> FoundInline<'_> {
    let inner = &rest[1..];
    if !SCHEMES
        .iter()
        .any(|scheme| inner.starts_with(scheme) || scheme.starts_with(inner))
    {
        return FoundInline::Literal;
    }
    match inner.find(['>', ' ']) {
        Some(end) if inner[end..].starts_with('>') && end > 0 => FoundInline::Verbatim {
            style: Style::Link,
            text: &inner[..end],
            taken: end + 2,
        },
        Some(_) => FoundInline::Literal,
        None if is_whole => FoundInline::Literal,
        None => FoundInline::Wait(None),
    }
}
