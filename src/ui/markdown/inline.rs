//! Emphasis, code spans, links and formulas inside running text; what is not complete is left for
//! later. Emphasis, code spans and the text of links go over the line ends of a paragraph.

use super::emphasis::{self, Run, Search};
use super::entity::{self, Entity};
use super::found::{FoundInline, unfinished};
use super::target::Target;
use super::{angle, formula, link, runs};
use crate::ui::capabilities::{LinkForm, MarkdownForm};
use crate::ui::stand_ins;
use crate::ui::style::{Look, Style};

/// Receives text with its look.
pub(super) type Sink<'a> = &'a mut dyn FnMut(&Look, &str);

/// Most that is held back of a line, in bytes: a mark that has not closed by then means nothing.
pub(super) const LONGEST_HELD: usize = 4096;

/// The same for what goes over line ends of the source, and most line ends that it goes over.
const LONGEST_OVER_LINES: usize = 512;
const MOST_LINE_ENDS: usize = 3;

/// Before the text of an image.
const IMAGE: &str = "▣ ";

/// Around struck text.
const STRIKE: &str = "~~";

/// Longest word that is examined for a URL, in bytes.
const LONGEST_ADDRESS: usize = 256;

/// The running text of a paragraph as it arrives, its line ends included.
#[derive(Debug, Default)]
pub(super) struct Inline {
    /// The word that is being passed on, and what is held back.
    source: String,
    /// Bytes of `source` that have been passed on.
    done: usize,
    /// What is held back stays so until this arrives.
    wanted: Option<u8>,
    form: MarkdownForm,
}

impl Inline {
    pub(super) fn new(form: MarkdownForm) -> Self {
        Self {
            form,
            ..Self::default()
        }
    }

    /// Something is held back.
    pub(super) fn is_held(&self) -> bool {
        self.done < self.source.len()
    }

    /// Passes on as much as is certain.
    pub(super) fn push(&mut self, text: &str, base: &Look, sink: Sink<'_>) {
        self.source.push_str(text);
        let held = &self.source[self.done..];
        let is_awaited = |mark| text.bytes().any(|byte| byte == mark || byte == b'\n');
        if self.wanted.is_some_and(|mark| !is_awaited(mark)) && reach(held) == held.len() {
            return;
        }
        let parser = Parser {
            form: self.form,
            is_whole: false,
        };
        (self.done, self.wanted) = parser.parse(&self.source, self.done, base, sink);
        let start = word_start(&self.source[..self.done]);
        self.source.drain(..start);
        self.done -= start;
    }

    /// The paragraph ends here, so that everything is certain.
    pub(super) fn finish(&mut self, base: &Look, sink: Sink<'_>) {
        Parser::of_whole(self.form).parse(&self.source, self.done, base, sink);
        self.source.clear();
        self.done = 0;
        self.wanted = None;
    }
}

/// Where what is held back for the mark at the start of `rest` ends.
fn reach(rest: &str) -> usize {
    let window = &rest[..rest.floor_char_boundary(LONGEST_HELD)];
    let mut line_ends = window.match_indices('\n').map(|(at, _)| at);
    let Some(first) = line_ends.next() else {
        return window.len();
    };
    let last = line_ends.nth(MOST_LINE_ENDS - 1).unwrap_or(window.len());
    first.max(last.min(window.floor_char_boundary(LONGEST_OVER_LINES)))
}

/// A whole text.
pub(super) fn parse_whole(text: &str, base: &Look, form: MarkdownForm, sink: Sink<'_>) {
    Parser::of_whole(form).parse(text, 0, base, sink);
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

/// Parses a text of which more may arrive.
#[derive(Debug, Clone, Copy)]
struct Parser {
    form: MarkdownForm,
    is_whole: bool,
}

impl Parser {
    fn of_whole(form: MarkdownForm) -> Self {
        Self {
            form,
            is_whole: true,
        }
    }

    /// Passes on what follows `at`, as far as it is certain; returns where that ends and what is
    /// waited for.
    fn parse(
        self,
        source: &str,
        mut at: usize,
        base: &Look,
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
            // The window is cut by what follows the mark alone, so that the outcome does not
            // depend on what has arrived.
            let window = &rest[..reach(rest)];
            let is_whole = self.is_whole || window.len() < rest.len();
            let rest = window;
            at += match self.find(source, at, rest, is_whole, &mut closers) {
                FoundInline::Wait(wanted) => return (at, wanted),
                found => self.show(found, rest, base, sink),
            };
        }
        (at, None)
    }

    /// Passes on what was found; returns how much of the source it took.
    fn show(self, found: FoundInline<'_>, rest: &str, base: &Look, sink: Sink<'_>) -> usize {
        match found {
            FoundInline::Wait(_) => 0,
            FoundInline::Literal => {
                let length = literal_length(rest);
                sink(base, &rest[..length]);
                length
            }
            FoundInline::Marks(length) => {
                sink(base, &rest[..length]);
                length
            }
            FoundInline::Styled {
                mark,
                style,
                inner,
                taken,
            } => {
                let look = base.with(style);
                let plain = self.plain_mark(style).filter(|_| rest.starts_with(STRIKE));
                sink(&look, &stand_ins::of(mark, self.form.is_ascii));
                sink(&look, plain.unwrap_or_default());
                parse_whole(inner, &look, self.form, sink);
                sink(&look, plain.unwrap_or_default());
                taken
            }
            FoundInline::Verbatim { style, text, taken } => {
                let look = base.with(style);
                let plain = self.plain_mark(style).unwrap_or_default();
                sink(&look, plain);
                sink(&look, self.shown(&text, &rest[..taken]));
                sink(&look, plain);
                taken
            }
            FoundInline::Url { url, taken } => {
                let look = self.link_look(&Target::of_url(url), base);
                sink(&look, url);
                taken
            }
            FoundInline::Link {
                text,
                target,
                is_image,
                taken,
            } => {
                self.show_link(text, target, is_image, base, sink);
                taken
            }
        }
    }

    /// What stands at the start of `rest`, which is at `at` of the source.
    fn find<'a>(
        self,
        source: &'a str,
        at: usize,
        rest: &'a str,
        is_whole: bool,
        closers: &mut emphasis::Closers,
    ) -> FoundInline<'a> {
        let next = rest.as_bytes().get(1).copied();
        match (rest.as_bytes().first(), next) {
            (Some(b'\\'), None) => unfinished(is_whole, None),
            (Some(b'\\'), Some(open @ (b'(' | b'['))) => {
                formula::find(rest, if open == b'(' { "\\)" } else { "\\]" }, is_whole)
            }
            // The brackets of formulas, and what groups inside them.
            (Some(b'\\'), Some(b')' | b']' | b'{' | b'}')) => FoundInline::plain(&rest[..2], 2),
            (Some(b'\\'), Some(mark)) if mark.is_ascii_punctuation() => {
                FoundInline::plain(&rest[1..2], 2)
            }
            (Some(b'`'), _) => code_span(rest, is_whole),
            (Some(b'*' | b'_' | b'~'), _) => opened(source, at, rest, is_whole, closers),
            (Some(b'['), _) => link::find(rest, 0, is_whole),
            (Some(b'!'), Some(b'[')) => link::find(rest, 1, is_whole),
            (Some(b'!' | b'$'), None) => unfinished(is_whole, None),
            (Some(b'$'), Some(b'$')) => formula::find(rest, "$$", is_whole),
            (Some(b'$'), Some(_)) => formula::dollar(rest, source[..at].chars().last(), is_whole),
            (Some(b'<'), _) => angle::find(rest, is_whole, self.form.is_ascii),
            (Some(b'&'), _) => match entity::find(rest) {
                Entity::Decoded(text, taken) => FoundInline::plain(text, taken),
                Entity::Absent => FoundInline::Literal,
                Entity::Unknown => unfinished(is_whole, None),
            },
            _ => FoundInline::Literal,
        }
    }

    /// What stands around a text without styles, whose sense depends on its style.
    fn plain_mark(self, style: Style) -> Option<&'static str> {
        match style {
            Style::Code if self.form.is_plain => Some("`"),
            Style::Struck if self.form.is_plain => Some(STRIKE),
            _ => None,
        }
    }

    /// What a source stands for, where the terminal can show that.
    fn shown<'a>(self, text: &'a str, source: &'a str) -> &'a str {
        match text {
            text if self.form.shows(text) || !source.is_ascii() => text,
            "\u{a0}" => " ",
            _ => source,
        }
    }

    fn link_look(self, target: &Target, base: &Look) -> Look {
        Look {
            link: target
                .link()
                .filter(|_| self.form.links == LinkForm::Linked),
            ..base.with(Style::Link)
        }
    }

    fn show_link(self, text: &str, target: &str, is_image: bool, base: &Look, sink: Sink<'_>) {
        let target = Target::parse(target);
        let look = self.link_look(&target, base);
        if is_image {
            sink(base, &stand_ins::of(IMAGE, self.form.is_ascii));
        }
        if text.is_empty() || target.is(text) {
            let shown = if text.is_empty() {
                &target.destination
            } else {
                text
            };
            return sink(&look, shown);
        }
        parse_whole(text, &look, self.form, sink);
        sink(base, " ");
        let dim = Style::Dim.into();
        sink(&dim, "(");
        sink(&dim, &target.words(text, self.form.links));
        sink(&dim, ")");
    }
}

/// Bytes that may start markup.
fn is_special(byte: u8) -> bool {
    matches!(
        byte,
        b'\\' | b'`' | b'*' | b'_' | b'~' | b'[' | b'!' | b'<' | b'$' | b'&'
    )
}

/// A run of the same mark that means nothing is passed on whole, or its second half would be read
/// as a mark of its own.
fn literal_length(rest: &str) -> usize {
    let Some(first) = rest.chars().next() else {
        return 0;
    };
    if matches!(first, '*' | '_' | '`' | '~' | '$') {
        runs::run(rest, 0)
    } else {
        first.len_utf8()
    }
}

fn opened<'a>(
    source: &'a str,
    at: usize,
    rest: &'a str,
    is_whole: bool,
    closers: &mut emphasis::Closers,
) -> FoundInline<'a> {
    let length = runs::run(rest, 0);
    let run = Run {
        mark: rest.as_bytes()[0],
        length,
        before: source[..at].chars().last(),
        next: rest[length..].chars().next(),
    };
    if run.next.is_none() {
        return unfinished(is_whole, None);
    }
    if !run.opens() || is_in_url(&source[..at]) {
        return FoundInline::Literal;
    }
    if is_whole && !closers.may_close(source, at + length, run.mark, rest.len()) {
        return FoundInline::Literal;
    }
    match emphasis::closing(rest, run, is_whole) {
        Search::Found { marks, end } => FoundInline::Styled {
            mark: "",
            style: match (run.mark, marks) {
                (b'~', _) => Style::Struck,
                (_, 1) => Style::Italic,
                _ => Style::Bold,
            },
            inner: &rest[marks..end],
            taken: end + marks,
        },
        Search::Literal(marks) if marks < length => FoundInline::Marks(marks),
        Search::Literal(_) => FoundInline::Literal,
        Search::Missing => FoundInline::Wait(Some(run.mark)),
        Search::Unknown => unfinished(is_whole, None),
    }
}

/// Whether a text ends inside a URL, where no mark opens anything.
fn is_in_url(text: &str) -> bool {
    let word = &text[word_start(text)..];
    word.contains("://") || word.trim_start().starts_with("www.")
}

fn code_span(rest: &str, is_whole: bool) -> FoundInline<'_> {
    let marks = runs::run(rest, 0);
    if rest.len() == marks {
        return unfinished(is_whole, None);
    }
    match runs::code_end(rest, 0) {
        // The run may still grow at the end of what has arrived.
        Some(end) if !is_whole && end == rest.len() => FoundInline::Wait(None),
        Some(end) => FoundInline::Verbatim {
            style: Style::Code,
            text: trim_one_space(&rest[marks..end - marks]).into(),
            taken: end,
        },
        None => unfinished(is_whole, Some(b'`')),
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
