//! Emphasis, code spans and links inside a line; what is not complete is left for later.

use crate::ui::style::Style;

/// Receives text in a style.
type Sink<'a> = &'a mut dyn FnMut(Style, &str);

/// Characters that may begin something.
const SPECIAL: &[char] = &['\\', '`', '*', '_', '~', '[', '!', '<'];

/// What was found at a special character.
enum Found<'a> {
    /// Not complete; wait for more of the line.
    Wait,
    /// No markup: the character itself.
    Literal,
    /// Text in a style, parsed further, and how much of the source it took.
    Styled {
        style: Style,
        inner: &'a str,
        taken: usize,
    },
    /// Text as it is.
    Verbatim {
        style: Style,
        text: &'a str,
        taken: usize,
    },
    Link {
        text: &'a str,
        target: &'a str,
        taken: usize,
    },
}

/// Passes on as much of `source` as is certain and gives its length in bytes. With `is_whole` the
/// line ends here, so that everything is certain. `before` is the character that the source follows.
pub fn parse(source: &str, before: Option<char>, base: Style, is_whole: bool, sink: Sink<'_>) -> usize {
    let mut at = 0;
    while at < source.len() {
        let rest = &source[at..];
        let plain = rest.find(SPECIAL).unwrap_or(rest.len());
        if plain > 0 {
            sink(base, &rest[..plain]);
            at += plain;
            continue;
        }
        let before = source[..at].chars().last().or(before);
        at += match find(rest, before, is_whole) {
            Found::Wait => return at,
            Found::Literal => {
                let length = literal_length(rest);
                sink(base, &rest[..length]);
                length
            }
            Found::Styled { style, inner, taken } => {
                parse(inner, None, style.within(base), true, sink);
                taken
            }
            Found::Verbatim { style, text, taken } => {
                sink(style.within(base), text);
                taken
            }
            Found::Link { text, target, taken } => {
                parse(text, None, Style::Link.within(base), true, sink);
                if text != target {
                    sink(Style::Dim, &format!(" ({target})"));
                }
                taken
            }
        };
    }
    at
}

/// A run of the same mark that means nothing is passed on whole, or its second half would be read
/// as a mark of its own.
fn literal_length(rest: &str) -> usize {
    let Some(first) = rest.chars().next() else { return 0 };
    if matches!(first, '*' | '_' | '`' | '~') { rest.chars().take_while(|c| *c == first).count() } else { first.len_utf8() }
}

fn find(rest: &str, before: Option<char>, is_whole: bool) -> Found<'_> {
    let unfinished = if is_whole { Found::Literal } else { Found::Wait };
    match rest.as_bytes().first() {
        Some(b'\\') => match rest[1..].chars().next() {
            None => unfinished,
            Some(c) if c.is_ascii_punctuation() => Found::Verbatim { style: Style::Plain, text: &rest[1..2], taken: 2 },
            Some(_) => Found::Literal,
        },
        Some(b'`') => code_span(rest, is_whole),
        Some(b'*' | b'_' | b'~') => emphasis(rest, before, is_whole),
        Some(b'[') => link(rest, 0, is_whole),
        Some(b'!') => match rest[1..].chars().next() {
            None => unfinished,
            Some('[') => link(rest, 1, is_whole),
            Some(_) => Found::Literal,
        },
        Some(b'<') => autolink(rest, is_whole),
        _ => Found::Literal,
    }
}

fn code_span(rest: &str, is_whole: bool) -> Found<'_> {
    let marks = literal_length(rest);
    let inner = &rest[marks..];
    if inner.is_empty() && !is_whole {
        return Found::Wait;
    }
    let mut from = 0;
    while let Some(at) = inner[from..].find('`') {
        let start = from + at;
        let length = literal_length(&inner[start..]);
        // The run may still grow at the end of what has arrived.
        let is_certain = is_whole || start + length < inner.len();
        if length == marks {
            if !is_certain {
                return Found::Wait;
            }
            return Found::Verbatim { style: Style::Code, text: trim_one_space(&inner[..start]), taken: marks + start + length };
        }
        from = start + length;
    }
    if is_whole { Found::Literal } else { Found::Wait }
}

fn trim_one_space(text: &str) -> &str {
    match text.strip_prefix(' ').and_then(|text| text.strip_suffix(' ')) {
        Some(inner) if !inner.trim().is_empty() => inner,
        _ => text,
    }
}

fn emphasis(rest: &str, before: Option<char>, is_whole: bool) -> Found<'_> {
    let marks = literal_length(rest);
    let mark = &rest[..1];
    let Some(next) = rest[marks..].chars().next() else { return if is_whole { Found::Literal } else { Found::Wait } };
    let is_word = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    if next.is_whitespace() || marks > 3 || (mark == "~" && marks != 2) || (mark != "~" && is_word(before)) {
        return Found::Literal;
    }
    let style = match (mark, marks) {
        ("~", _) => Style::Struck,
        (_, 1) => Style::Italic,
        (_, 2) => Style::Bold,
        _ => Style::BoldItalic,
    };
    let inner = &rest[marks..];
    let mut from = 0;
    while let Some(at) = inner[from..].find(mark) {
        let start = from + at;
        let length = literal_length(&inner[start..]);
        let after = inner[start + length..].chars().next();
        if after.is_none() && !is_whole {
            return Found::Wait;
        }
        let closes = length == marks && !inner[..start].ends_with(char::is_whitespace) && start > 0 && !is_word(after);
        if closes {
            return Found::Styled { style, inner: &inner[..start], taken: marks + start + length };
        }
        from = start + length;
    }
    if is_whole { Found::Literal } else { Found::Wait }
}

/// `[text](target)`; an image has a `!` before it.
fn link(rest: &str, skipped: usize, is_whole: bool) -> Found<'_> {
    let unfinished = if is_whole { Found::Literal } else { Found::Wait };
    let inner = &rest[skipped + 1..];
    let Some(close) = inner.find(']') else { return unfinished };
    let after = &inner[close + 1..];
    if after.is_empty() {
        return unfinished;
    }
    let Some(target) = after.strip_prefix('(') else { return Found::Literal };
    let Some(end) = target.find(')') else { return unfinished };
    if inner[..close].is_empty() || target[..end].is_empty() || target[..end].contains(char::is_whitespace) {
        return Found::Literal;
    }
    Found::Link { text: &inner[..close], target: &target[..end], taken: skipped + 1 + close + 1 + 1 + end + 1 }
}

fn autolink(rest: &str, is_whole: bool) -> Found<'_> {
    let inner = &rest[1..];
    let could_be = ["https://", "http://", "mailto:"].iter().any(|scheme| inner.starts_with(scheme) || scheme.starts_with(inner));
    if !could_be {
        return Found::Literal;
    }
    match inner.find(['>', ' ']) {
        Some(end) if inner[end..].starts_with('>') && end > 0 => Found::Verbatim { style: Style::Link, text: &inner[..end], taken: end + 2 },
        Some(_) => Found::Literal,
        None if is_whole => Found::Literal,
        None => Found::Wait,
    }
}
