//! Emphasis, code spans, links and formulas inside a line; what is not complete is left for later.

use super::emphasis::{self, Search};
use super::found::FoundInline;
use super::link;
use crate::ui::style::{Look, Style};

/// Receives text with its look.
pub(super) type Sink<'a> = &'a mut dyn FnMut(&Look, &str);

/// Most that is held back of a line, in bytes: a mark that has not closed by then means nothing.
pub(super) const LONGEST_HELD: usize = 4096;

/// The same for `$`, which most often is money.
const LONGEST_FORMULA: usize = 200;

/// Longest word that is examined for a URL, in bytes.
const LONGEST_ADDRESS: usize = 256;

/// The running text of one line as it arrives.
#[derive(Debug, Default)]
pub(super) struct Inline {
    /// The word that is being passed on, and what is held back.
    source: String,
    /// Bytes of `source` that have been passed on.
    done: usize,
    /// What is held back stays so until this arrives.
    wanted: Option<u8>,
}

impl Inline {
    /// Passes on as much as is certain.
    pub(super) fn push(&mut self, text: &str, base: &Look, sink: Sink<'_>) {
        self.source.push_str(text);
        let held = self.source.len() - self.done;
        if held <= LONGEST_HELD
            && self
                .wanted
                .is_some_and(|mark| !text.as_bytes().contains(&mark))
        {
            return;
        }
        (self.done, self.wanted) = parse(&self.source, self.done, base, false, sink);
        let start = word_start(&self.source[..self.done]);
        self.source.drain(..start);
        self.done -= start;
    }

    /// The line ends here, so that everything is certain.
    pub(super) fn finish(&mut self, base: &Look, sink: Sink<'_>) {
        parse(&self.source, self.done, base, true, sink);
        self.source.clear();
        self.done = 0;
        self.wanted = None;
    }
}

/// A whole text.
pub(super) fn parse_whole(text: &str, base: &Look, sink: Sink<'_>) {
    parse(text, 0, base, true, sink);
}

/// Where the last word of a text starts, with the character before it: a URL is recognised by its
/// start.
fn word_start(text: &str) -> usize {
    let from = text.ceil_char_boundary(text.len().saturating_sub(LONGEST_ADDRESS));
    let word = text[from..]
        .rfind(|c: char| c.is_whitespace() || !c.is_ascii())
        .unwrap_or(0);
    from + word
}

/// Passes on what follows `at`, as far as it is certain; returns where that ends and what is waited
/// for.
fn parse(
    source: &str,
    mut at: usize,
    base: &Look,
    is_whole: bool,
    sink: Sink<'_>,
) -> (usize, Option<u8>) {
    let mut closers = emphasis::Closers::default();
    while at < source.len() {
        let rest = &source[at..];
        let plain = rest.bytes().position(is_special).unwrap_or(rest.len());
        if plain > 0 {
            sink(base, &rest[..plain]);
            at += plain;
            continue;
        }
        // The window is cut by the distance from the mark alone, so that the outcome does not
        // depend on what has arrived.
        let (rest, is_whole) = if rest.len() > LONGEST_HELD {
            (&rest[..rest.floor_char_boundary(LONGEST_HELD)], true)
        } else {
            (rest, is_whole)
        };
        at += match find(source, at, rest, is_whole, &mut closers) {
            FoundInline::Wait(wanted) => return (at, wanted),
            FoundInline::Literal => {
                let length = literal_length(rest);
                sink(base, &rest[..length]);
                length
            }
            FoundInline::Styled {
                style,
                inner,
                taken,
            } => {
                parse_whole(inner, &base.with(style), sink);
                taken
            }
            FoundInline::Verbatim { style, text, taken } => {
                sink(&base.with(style), text);
                taken
            }
            FoundInline::Link {
                text,
                target,
                taken,
            } => {
                show_link(text, target, base, sink);
                taken
            }
        };
    }
    (at, None)
}

fn show_link(text: &str, target: &str, base: &Look, sink: Sink<'_>) {
    let is_target = |url: &str| text == url || format!("mailto:{text}") == url;
    if text.is_empty() || is_target(target) {
        sink(
            &Style::Link.into(),
            target
                .strip_prefix("mailto:")
                .filter(|url| *url == text)
                .unwrap_or(target),
        );
        return;
    }
    parse_whole(text, &base.with(Style::Link), sink);
    sink(base, " ");
    let dim = Style::Dim.into();
    sink(&dim, "(");
    sink(&dim, target);
    sink(&dim, ")");
}

/// Bytes that may start markup.
fn is_special(byte: u8) -> bool {
    matches!(
        byte,
        b'\\' | b'`' | b'*' | b'_' | b'~' | b'[' | b'!' | b'<' | b'$'
    )
}

/// A run of the same mark that means nothing is passed on whole, or its second half would be read
/// as a mark of its own.
fn literal_length(rest: &str) -> usize {
    let Some(first) = rest.chars().next() else {
        return 0;
    };
    if matches!(first, '*' | '_' | '`' | '~' | '$') {
        emphasis::run(rest, 0)
    } else {
        first.len_utf8()
    }
}

fn find<'a>(
    source: &'a str,
    at: usize,
    rest: &'a str,
    is_whole: bool,
    closers: &mut emphasis::Closers,
) -> FoundInline<'a> {
    let unfinished = |wanted: Option<u8>| {
        if is_whole {
            FoundInline::Literal
        } else {
            FoundInline::Wait(wanted)
        }
    };
    let next = rest.as_bytes().get(1).copied();
    match (rest.as_bytes().first(), next) {
        (Some(b'\\'), None) => unfinished(None),
        (Some(b'\\'), Some(open @ (b'(' | b'['))) => {
            formula(rest, if open == b'(' { "\\)" } else { "\\]" }, is_whole)
        }
        // The brackets of formulas, and what groups inside them.
        (Some(b'\\'), Some(b')' | b']' | b'{' | b'}')) => FoundInline::Verbatim {
            style: Style::Plain,
            text: &rest[..2],
            taken: 2,
        },
        (Some(b'\\'), Some(mark)) if mark.is_ascii_punctuation() => FoundInline::Verbatim {
            style: Style::Plain,
            text: &rest[1..2],
            taken: 2,
        },
        (Some(b'`'), _) => code_span(rest, is_whole),
        (Some(b'*' | b'_' | b'~'), _) => opened(source, at, rest, is_whole, closers),
        (Some(b'['), _) => link::find(rest, 0, is_whole),
        (Some(b'!'), Some(b'[')) => link::find(rest, 1, is_whole),
        (Some(b'!' | b'$'), None) => unfinished(None),
        (Some(b'$'), Some(b'$')) => formula(rest, "$$", is_whole),
        (Some(b'$'), Some(_)) => dollar(rest, source[..at].chars().last(), is_whole),
        (Some(b'<'), _) => link::automatic(rest, is_whole),
        _ => FoundInline::Literal,
    }
}

fn opened<'a>(
    source: &'a str,
    at: usize,
    rest: &'a str,
    is_whole: bool,
    closers: &mut emphasis::Closers,
) -> FoundInline<'a> {
    let marks = emphasis::run(rest, 0);
    let mark = rest.as_bytes()[0];
    let Some(next) = rest[marks..].chars().next() else {
        return if is_whole {
            FoundInline::Literal
        } else {
            FoundInline::Wait(None)
        };
    };
    let before = source[..at].chars().last();
    let is_open = match mark {
        b'~' => marks == 2 && !next.is_whitespace(),
        _ => marks <= 3 && emphasis::opens(mark, marks, before, next),
    };
    if !is_open || is_in_url(&source[..at]) {
        return FoundInline::Literal;
    }
    if is_whole && !closers.may_close(source, at + marks, mark, rest.len()) {
        return FoundInline::Literal;
    }
    let style = match (mark, marks) {
        (b'~', _) => Style::Struck,
        (_, 1) => Style::Italic,
        (_, 2) => Style::Bold,
        _ => Style::BoldItalic,
    };
    match emphasis::closing(&rest[marks..], mark, marks, is_whole) {
        Search::FoundInline(end) => FoundInline::Styled {
            style,
            inner: &rest[marks..marks + end],
            taken: marks + end + marks,
        },
        Search::Missing if is_whole => FoundInline::Literal,
        Search::Missing => FoundInline::Wait(Some(mark)),
        Search::Unknown => FoundInline::Wait(None),
    }
}

/// Whether a text ends inside a URL, where no mark opens anything.
fn is_in_url(text: &str) -> bool {
    let word = &text[word_start(text)..];
    word.contains("://") || word.trim_start().starts_with("www.")
}

fn code_span(rest: &str, is_whole: bool) -> FoundInline<'_> {
    let marks = emphasis::run(rest, 0);
    if rest.len() == marks {
        return if is_whole {
            FoundInline::Literal
        } else {
            FoundInline::Wait(None)
        };
    }
    match emphasis::code_end(rest, 0) {
        // The run may still grow at the end of what has arrived.
        Some(end) if !is_whole && end == rest.len() => FoundInline::Wait(None),
        Some(end) => FoundInline::Verbatim {
            style: Style::Code,
            text: trim_one_space(&rest[marks..end - marks]),
            taken: end,
        },
        None if is_whole => FoundInline::Literal,
        None => FoundInline::Wait(Some(b'`')),
    }
}

fn trim_one_space(text: &str) -> &str {
    match text
        .strip_prefix(' ')
        .and_then(|text| text.strip_suffix(' '))
    {
        Some(inner) if !inner.trim().is_empty() => inner,
        _ => text,
    }
}

/// A formula is shown as its source; nothing in it is a mark of ours.
fn formula<'a>(rest: &'a str, end: &str, is_whole: bool) -> FoundInline<'a> {
    let text_of = |length: usize| FoundInline::Verbatim {
        style: Style::Plain,
        text: &rest[..length],
        taken: length,
    };
    match rest[2..].find(end) {
        Some(at) => text_of(at + 4),
        None if is_whole => text_of(2),
        None => FoundInline::Wait(end.bytes().last()),
    }
}

/// `$x$`, but not `$5 and $10` or `$HOME`.
fn dollar(rest: &str, before: Option<char>, is_whole: bool) -> FoundInline<'_> {
    let (rest, is_whole) = if rest.len() > LONGEST_FORMULA {
        (&rest[..rest.floor_char_boundary(LONGEST_FORMULA)], true)
    } else {
        (rest, is_whole)
    };
    let next = rest[1..].chars().next();
    if before.is_some_and(char::is_alphanumeric)
        || next.is_none_or(|c| c.is_whitespace() || c.is_ascii_digit())
    {
        return FoundInline::Literal;
    }
    let Some(end) = rest[1..].find('$').map(|end| end + 1) else {
        return if is_whole {
            FoundInline::Literal
        } else {
            FoundInline::Wait(None)
        };
    };
    let after = rest[end + 1..].chars().next();
    if after.is_none() && !is_whole {
        return FoundInline::Wait(None);
    }
    if rest[..end].ends_with(char::is_whitespace) || after.is_some_and(char::is_alphanumeric) {
        return FoundInline::Literal;
    }
    FoundInline::Verbatim {
        style: Style::Plain,
        text: &rest[..=end],
        taken: end + 1,
    }
}
