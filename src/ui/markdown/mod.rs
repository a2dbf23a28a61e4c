//! Markdown for the terminal, rendered as it streams: text is only ever appended, and every word is written once.
//!
//! A line of the source is classified as soon as its first characters allow it; from then on its
//! words are passed on as they arrive. Only what cannot be known earlier is held back: an emphasis
//! until it closes, a table until it ends.

mod inline;
mod table;
mod wrap;

use super::style::{Span, Style};
use wrap::Wrapper;

/// Most that is held back of a line, in bytes: a mark that has not closed by then means nothing.
const LONGEST_HELD: usize = 4096;

/// Most rows of a table that are held back to align it.
const MOST_ROWS: usize = 200;

/// The renderer. Feed source with [`push`](Self::push), and end with [`finish`](Self::finish).
#[derive(Debug)]
pub struct Markdown {
    width: usize,
    /// Source of the current line that has not been passed on.
    pending: String,
    /// The last character of the current line that has been passed on.
    before: Option<char>,
    line: Line,
    fence: Option<Fence>,
    table: Vec<String>,
    wrapper: Wrapper,
}

/// What the current line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Line {
    /// Not known yet.
    Unknown,
    /// Running text in a base style.
    Text(Style),
    /// Inside a code block, its start already written.
    Code,
}

/// An open code block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Fence {
    mark: char,
    length: usize,
}

/// What the beginning of a line says.
enum Start<'a> {
    /// More is needed.
    Wait,
    Fence(Fence),
    /// A block's prefix to show, the indent of continued lines, and how much of the source it took.
    Block {
        prefix: String,
        taken: usize,
        style: Style,
    },
    Rule,
    Table(&'a str),
}

impl Markdown {
    pub fn new(width: usize) -> Self {
        Self { width, pending: String::new(), before: None, line: Line::Unknown, fence: None, table: Vec::new(), wrapper: Wrapper::new(width) }
    }

    /// Takes more of the source, and appends what can be shown to `out`.
    pub fn push(&mut self, text: &str, out: &mut Vec<Span>) {
        for piece in text.split_inclusive('\n').flat_map(bounded_pieces) {
            let (piece, is_whole) = match piece.strip_suffix('\n') {
                Some(piece) => (piece, true),
                None => (piece, false),
            };
            self.pending.push_str(piece);
            if is_whole {
                self.end_line(out);
            } else {
                self.advance(false, out);
            }
        }
    }

    /// The end of the source.
    pub fn finish(&mut self, out: &mut Vec<Span>) {
        if !self.pending.is_empty() || self.line != Line::Unknown {
            self.end_line(out);
        }
        self.flush_table(out);
    }

    fn end_line(&mut self, out: &mut Vec<Span>) {
        if self.line == Line::Unknown && self.fence.is_none() && self.pending.trim().is_empty() {
            self.pending.clear();
            self.flush_table(out);
            out.push((Style::Plain, "\n".to_owned()));
            return;
        }
        let shows = self.advance(true, out);
        self.pending.clear();
        self.before = None;
        self.line = Line::Unknown;
        if shows {
            self.wrapper.end_line(out);
        }
    }

    /// Passes on what is certain; false when the line itself shows nothing.
    fn advance(&mut self, is_whole: bool, out: &mut Vec<Span>) -> bool {
        if let Some(fence) = self.fence {
            return self.advance_code(fence, is_whole, out);
        }
        if self.line == Line::Unknown {
            // What still says nothing after so many bytes is text.
            let is_too_long = !is_whole && self.pending.len() > LONGEST_HELD;
            let ends_table = is_too_long || !matches!(begin(&self.pending, is_whole), Start::Wait | Start::Table(_));
            if ends_table {
                self.flush_table(out);
            }
            match if is_too_long { text("", 0) } else { begin(&self.pending, is_whole) } {
                Start::Wait => return true,
                Start::Fence(fence) => {
                    self.fence = Some(fence);
                    return false;
                }
                Start::Rule => {
                    out.push((Style::Dim, "─".repeat(self.width.min(40))));
                    return true;
                }
                Start::Table(row) => {
                    let row = row.to_owned();
                    self.pending.clear();
                    self.table.push(row);
                    if self.table.len() >= MOST_ROWS {
                        self.flush_table(out);
                    }
                    return false;
                }
                Start::Block { prefix, taken, style } => {
                    self.pending.drain(..taken);
                    self.wrapper.begin_line(&prefix, out);
                    self.line = Line::Text(style);
                }
            }
        }
        if let Line::Text(style) = self.line {
            let is_whole = is_whole || self.pending.len() > LONGEST_HELD;
            let taken = inline::parse(&self.pending, self.before, style, is_whole, &mut |style, text| self.wrapper.push(style, text, out));
            self.before = self.pending[..taken].chars().last().or(self.before);
            self.pending.drain(..taken);
        }
        true
    }

    fn advance_code(&mut self, fence: Fence, is_whole: bool, out: &mut Vec<Span>) -> bool {
        if self.line == Line::Unknown {
            let trimmed = self.pending.trim_start();
            let marks = trimmed.chars().take_while(|c| *c == fence.mark).count();
            let may_close = trimmed.chars().all(|c| c == fence.mark || c == ' ');
            if is_whole && marks >= fence.length && may_close {
                self.fence = None;
                return false;
            }
            if !is_whole && may_close {
                return true;
            }
            self.line = Line::Code;
        }
        if !self.pending.is_empty() {
            out.push((Style::Code, std::mem::take(&mut self.pending)));
        }
        true
    }

    fn flush_table(&mut self, out: &mut Vec<Span>) {
        if !self.table.is_empty() {
            table::render(&std::mem::take(&mut self.table), self.width, out);
        }
    }
}

/// A text in pieces of at most [`LONGEST_HELD`] bytes: a mark looks for its end in what has arrived,
/// and a long line without one would be searched again and again.
fn bounded_pieces(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let end = rest.floor_char_boundary(LONGEST_HELD);
        let piece = (!rest.is_empty()).then(|| &rest[..end])?;
        rest = &rest[end..];
        Some(piece)
    })
}

/// Looks at the beginning of a line.
fn begin(line: &str, is_whole: bool) -> Start<'_> {
    let trimmed = line.trim_start_matches([' ', '\t']);
    let indent = &line[..line.len() - trimmed.len()];
    let Some(first) = trimmed.chars().next() else { return if is_whole { text(indent, indent.len()) } else { Start::Wait } };
    match first {
        '`' | '~' => begin_fence(line, trimmed, first, is_whole),
        '#' => begin_heading(line, trimmed, is_whole),
        '|' => {
            if is_whole {
                Start::Table(line)
            } else {
                Start::Wait
            }
        }
        '>' => begin_quote(line, trimmed, is_whole),
        '-' | '*' | '+' | '_' => begin_bullet(line, trimmed, first, is_whole),
        '0'..='9' => begin_number(line, trimmed, is_whole),
        _ => text(indent, indent.len()),
    }
}

fn text(prefix: &str, taken: usize) -> Start<'static> {
    Start::Block { prefix: prefix.replace('\t', "    "), taken, style: Style::Plain }
}

fn indent_of(line: &str, trimmed: &str) -> usize {
    line.len() - trimmed.len()
}

fn begin_fence<'a>(line: &'a str, trimmed: &'a str, mark: char, is_whole: bool) -> Start<'a> {
    let length = trimmed.chars().take_while(|c| *c == mark).count();
    let rest = &trimmed[length..];
    // A mark after the opening ones makes it a code span in running text.
    if length >= 3 && !rest.contains(mark) {
        return if is_whole { Start::Fence(Fence { mark, length }) } else { Start::Wait };
    }
    if rest.is_empty() && length < 3 && !is_whole {
        return Start::Wait;
    }
    text(&line[..indent_of(line, trimmed)], indent_of(line, trimmed))
}

fn begin_heading<'a>(line: &'a str, trimmed: &'a str, is_whole: bool) -> Start<'a> {
    let level = trimmed.chars().take_while(|c| *c == '#').count();
    let rest = &trimmed[level..];
    if rest.is_empty() && !is_whole {
        return Start::Wait;
    }
    if level > 6 || !(rest.is_empty() || rest.starts_with(' ')) {
        return text("", indent_of(line, trimmed));
    }
    let taken = indent_of(line, trimmed) + level + (rest.len() - rest.trim_start().len());
    Start::Block { prefix: String::new(), taken, style: Style::Heading }
}

fn begin_quote<'a>(line: &'a str, trimmed: &'a str, is_whole: bool) -> Start<'a> {
    let marks = trimmed.len() - trimmed.trim_start_matches(['>', ' ']).len();
    if marks == trimmed.len() && !is_whole {
        return Start::Wait;
    }
    let depth = trimmed[..marks].matches('>').count();
    Start::Block { prefix: "│ ".repeat(depth), taken: indent_of(line, trimmed) + marks, style: Style::Italic }
}

fn begin_bullet<'a>(line: &'a str, trimmed: &'a str, mark: char, is_whole: bool) -> Start<'a> {
    let indent = indent_of(line, trimmed);
    let is_rule_so_far = mark != '+' && trimmed.chars().all(|c| c == mark || c == ' ');
    if is_rule_so_far {
        if !is_whole {
            return Start::Wait;
        }
        if trimmed.matches(mark).count() >= 3 {
            return Start::Rule;
        }
    }
    if mark != '_' && trimmed[1..].starts_with(' ') {
        let spaces = trimmed[1..].len() - trimmed[1..].trim_start_matches(' ').len();
        let prefix = format!("{}• ", " ".repeat(indent));
        return Start::Block { prefix, taken: indent + 1 + spaces, style: Style::Plain };
    }
    if trimmed.len() == 1 && !is_whole {
        return Start::Wait;
    }
    text(&line[..indent], indent)
}

fn begin_number<'a>(line: &'a str, trimmed: &'a str, is_whole: bool) -> Start<'a> {
    let indent = indent_of(line, trimmed);
    let digits = trimmed.chars().take_while(char::is_ascii_digit).count();
    let rest = &trimmed[digits..];
    let marked = rest.strip_prefix(['.', ')']);
    match marked {
        Some(after) if after.starts_with(' ') && digits <= 9 => {
            let prefix = format!("{}{} ", &line[..indent], &trimmed[..=digits]);
            let spaces = after.len() - after.trim_start_matches(' ').len();
            Start::Block { prefix, taken: indent + digits + 1 + spaces, style: Style::Plain }
        }
        Some("") | None if !is_whole && digits <= 9 && rest.len() <= 1 && (rest.is_empty() || marked.is_some()) => Start::Wait,
        _ => text(&line[..indent], indent),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn render(pieces: &[&str], width: usize) -> Vec<Span> {
        let mut markdown = Markdown::new(width);
        let mut out = Vec::new();
        for piece in pieces {
            markdown.push(piece, &mut out);
        }
        markdown.finish(&mut out);
        out
    }

    fn plain(source: &str, width: usize) -> String {
        render(&[source], width).into_iter().map(|(_, text)| text).collect()
    }

    fn marked(source: &str) -> String {
        let mut shown = String::new();
        for (style, text) in render(&[source], 80) {
            match style {
                Style::Plain => shown.push_str(&text),
                _ => shown.push_str(&format!("<{style:?}:{text}>")),
            }
        }
        shown.replace("><Bold:", "").replace("><Heading:", "").replace("><Italic:", "")
    }

    #[test]
    fn blocks_are_shown_without_their_marks() {
        let source = "# Title\n\nSome **bold words** and `code`.\n\n- one\n  - two\n1. first\n> said\n---\n";
        assert_eq!(plain(source, 80), format!("Title\n\nSome bold words and code.\n\n• one\n  • two\n1. first\n│ said\n{}\n", "─".repeat(40)));
    }

    #[test]
    fn styles_follow_the_marks() {
        assert_eq!(marked("a **b c** d"), "a <Bold:b c> d\n");
        assert_eq!(marked("*i* _j_ ~~s~~ `x*y*`"), "<Italic:i> <Italic:j> <Struck:s> <Code:x*y*>\n");
        assert_eq!(marked("# H"), "<Heading:H>\n");
    }

    #[test]
    fn what_is_no_markup_is_left_alone() {
        for text in [
            "5 * 3 * 2",
            "f(*args, **kwargs)",
            "snake_case_name",
            "a ** b",
            "[x] done",
            "2.5 apples",
            "#hash",
            "`open",
            "**open",
            "1) x (2",
            "-5 degrees",
            "|",
            "a|b",
        ] {
            assert_eq!(plain(text, 80).trim_end(), text, "{text}");
        }
    }

    #[test]
    fn code_is_verbatim_and_never_wrapped() {
        let source = "```rust\nfn  main() { /* **not bold** */ } // a very long line that is longer than the width\n\n```\nafter\n";
        assert_eq!(plain(source, 20), "fn  main() { /* **not bold** */ } // a very long line that is longer than the width\n\nafter\n");
    }

    #[test]
    fn words_wrap_with_a_hanging_indent() {
        assert_eq!(plain("- one two three four\n", 12), "• one two\n  three four\n");
        assert_eq!(plain("日本語のテキスト", 8), "日本語の\nテキスト\n");
    }

    #[test]
    fn a_mark_that_never_closes_holds_nothing_back_for_long() {
        let mut markdown = Markdown::new(80);
        let mut out = Vec::new();
        markdown.push("**", &mut out);
        for _ in 0..LONGEST_HELD {
            markdown.push("word ", &mut out);
        }
        let shown: usize = out.iter().map(|(_, text)| text.len()).sum();
        assert!(shown > 3 * LONGEST_HELD, "{shown}");
        assert!(markdown.pending.len() <= LONGEST_HELD);
    }

    #[test]
    fn a_long_rule_is_drawn_once_and_a_long_row_of_marks_takes_no_time() {
        assert_eq!(plain(&format!("{}\n", "-".repeat(4000)), 80).chars().count(), 41);
        let long: String = "-".repeat(9000);
        assert_eq!(plain(&long, 80).matches('-').count(), 9000);
        let marks = "*a ".repeat(40_000);
        assert_eq!(plain(&marks, 80).matches('a').count(), 40_000);
    }

    #[test]
    fn links_show_their_target() {
        assert_eq!(plain("see [docs](https://x.example/a_b).", 80), "see docs (https://x.example/a_b).\n");
        assert_eq!(plain("<https://x.example>", 80), "https://x.example\n");
    }

    #[test]
    fn tables_are_aligned_when_they_fit() {
        let source = "| a | long head |\n|---|---:|\n| **x** | 1 |\n\nend\n";
        assert_eq!(plain(source, 40), "a  long head\n─  ─────────\nx          1\n\nend\n");
        assert!(plain(source, 10).contains("| a | long head |"));
    }

    fn source() -> impl Strategy<Value = String> {
        let piece = prop_oneof![
            4 => "[a-z]{1,8}",
            3 => Just(" ".to_owned()),
            2 => Just("\n".to_owned()),
            1 => prop_oneof![Just("**"), Just("*"), Just("_"), Just("`"), Just("```\n"), Just("# "), Just("- "), Just("1. "), Just("> "), Just("|"), Just("["), Just("]("), Just(")"), Just("~~"), Just("日本"), Just("👩‍👩‍👧")].prop_map(str::to_owned),
        ];
        proptest::collection::vec(piece, 0..60).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #[test]
        fn the_outcome_does_not_depend_on_the_cut(source in source(), width in 10_usize..60) {
            let whole = plain(&source, width);
            let pieces: Vec<String> = source.chars().map(String::from).collect();
            let pieces: Vec<&str> = pieces.iter().map(String::as_str).collect();
            let cut: String = render(&pieces, width).into_iter().map(|(_, text)| text).collect();
            prop_assert_eq!(cut, whole);
        }

        #[test]
        fn every_word_is_shown_once_and_in_order(words in proptest::collection::vec("[a-z]{1,9}", 1..60), width in 10_usize..60) {
            let source = words.join(" ");
            let shown = plain(&source, width);
            prop_assert_eq!(shown.split_whitespace().collect::<Vec<_>>(), words.iter().map(String::as_str).collect::<Vec<_>>());
            prop_assert!(shown.lines().all(|line| line.len() <= width));
        }

        #[test]
        fn letters_are_never_lost(source in source()) {
            let letters = |text: &str| text.chars().filter(char::is_ascii_lowercase).collect::<String>();
            let shown = plain(&source, 40);
            // The word after an opening fence names a language; nothing else may disappear.
            if !source.contains("```") {
                prop_assert_eq!(letters(&shown), letters(&source));
            }
        }
    }
}
