//! A page on stdout: styled, broken between words and rendered on a terminal, as it is elsewhere.

use unicode_width::UnicodeWidthStr;

use super::pager::Pager;
use super::question;
use super::style::Style;
use super::terminal::{self, Stream};
use super::text::TextAnswer;
use super::theme;
use crate::ports::output::OutputError;
use crate::present::page::{Block, Line, Page, Role, Span};

/// The style of a role.
fn style_of(role: Role) -> Style {
    match role {
        Role::Plain => Style::Plain,
        Role::Heading => Style::TableHead,
        Role::Strong => Style::Bold,
        Role::Dim => Style::Dim,
        Role::Ok => Style::Ok,
        Role::Warning => Style::Warning,
        Role::Failure => Style::Fail,
        Role::Command => Style::Hint,
    }
}

/// Adds every block to stdout; nothing is written.
fn add(page: &Page, stdout: &mut Stream) {
    let width = if stdout.is_terminal {
        terminal::width()
    } else {
        usize::MAX
    };
    for block in &page.blocks {
        match block {
            Block::Line(line) => {
                for spans in broken(line, width) {
                    for (role, text) in spans {
                        stdout.text(&text, style_of(role));
                    }
                    stdout.finish();
                    stdout.text("\n", Style::Plain);
                }
            }
            Block::Document(text) => TextAnswer::document(text, stdout),
            Block::Question(text) => {
                for (look, text) in question::block(text, terminal::width(), theme::current()) {
                    stdout.content(&text, look);
                }
                stdout.finish();
            }
        }
    }
    stdout.finish();
}

/// Writes a page, through the pager where it is longer than the screen.
pub(super) fn write(
    page: &Page,
    pager: Option<&Pager>,
    stdout: &mut Stream,
) -> Result<(), OutputError> {
    add(page, stdout);
    if let Some(pager) = pager.filter(|_| !page.is_kept)
        && rows(stdout.unwritten(), terminal::width()) >= terminal::height()
    {
        let text = stdout.take_unwritten();
        if !pager.show(&text) {
            stdout.put_back(text);
        }
    }
    stdout.flush()
}

/// Rows of the screen that a text takes.
fn rows(text: &str, width: usize) -> usize {
    let rows = |line: &str| console::measure_text_width(line).div_ceil(width).max(1);
    text.lines().map(rows).sum()
}

/// A line in lines of at most `width` columns, broken between words; all but the first are indented
/// by its `hang`. A word that is wider stays whole.
fn broken(line: &Line, width: usize) -> Vec<Vec<Span>> {
    let total: usize = line.spans.iter().map(|(_, text)| text.width()).sum();
    if total <= width || line.is_verbatim {
        return vec![line.spans.clone()];
    }
    // A deep hang on a narrow terminal would leave a column of single words.
    let hang = if line.hang * 2 > width {
        line.hang.min(width / 4)
    } else {
        line.hang
    };
    let mut lines: Vec<Vec<Span>> = vec![Vec::new()];
    let (mut columns, mut has_word) = (0, false);
    for (blanks, word) in words(&line.spans) {
        let blank_columns: usize = blanks.iter().map(|(_, text)| text.width()).sum();
        let word_columns: usize = word.iter().map(|(_, text)| text.width()).sum();
        let fits = columns + blank_columns + word_columns <= width;
        if has_word && !fits {
            lines.push(vec![(Role::Plain, " ".repeat(hang))]);
            columns = hang;
        } else if let Some(last) = lines.last_mut() {
            last.extend(blanks);
            columns += blank_columns;
        }
        if let Some(last) = lines.last_mut() {
            last.extend(word);
        }
        columns += word_columns;
        has_word = true;
    }
    lines
}

/// The words of a line, each with the blanks before it; a word may have several roles.
fn words(spans: &[Span]) -> Vec<(Vec<Span>, Vec<Span>)> {
    let mut words: Vec<(Vec<Span>, Vec<Span>)> = Vec::new();
    for (role, text) in spans {
        for piece in pieces(text) {
            let is_blank = piece.starts_with(char::is_whitespace);
            let span = (*role, piece.to_owned());
            match words.last_mut() {
                Some((_, word)) if !is_blank => word.push(span),
                Some((blanks, word)) if word.is_empty() => blanks.push(span),
                _ if is_blank => words.push((vec![span], Vec::new())),
                _ => words.push((Vec::new(), vec![span])),
            }
        }
    }
    words.retain(|(_, word)| !word.is_empty());
    words
}

/// Runs of blanks, and runs of other characters.
fn pieces(text: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let is_blank = first.is_whitespace();
        let end = rest
            .find(|c: char| c.is_whitespace() != is_blank)
            .unwrap_or(rest.len());
        let (piece, after) = rest.split_at(end);
        pieces.push(piece);
        rest = after;
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(line: &Line, width: usize) -> Vec<String> {
        let lines = broken(line, width).into_iter();
        let text = |spans: Vec<Span>| spans.into_iter().map(|(_, text)| text).collect();
        lines.map(text).collect()
    }

    #[test]
    fn a_line_breaks_between_words_below_its_hang() {
        let line = Line::plain("  ok   ")
            .with(Role::Strong, "name")
            .and("'s words go on and on")
            .hanging(7);
        assert_eq!(
            texts(&line, 20),
            ["  ok   name's words", "       go on and on"]
        );
        assert_eq!(texts(&line, 80), ["  ok   name's words go on and on"]);
        assert_eq!(texts(&line, 12)[2], "   words go");
        assert_eq!(texts(&line, usize::MAX).len(), 1);
    }

    #[test]
    fn a_word_that_is_too_wide_stays_whole() {
        let line = Line::plain("see https://example.com/a/long/path now").hanging(2);
        assert_eq!(
            texts(&line, 12),
            ["see", "  https://example.com/a/long/path", "  now"]
        );
    }

    #[test]
    fn roles_stay_with_their_words() {
        let line = Line::of(Role::Ok, "one two").with(Role::Failure, " three");
        assert_eq!(
            broken(&line, 8)[1],
            [
                (Role::Plain, String::new()),
                (Role::Failure, "three".to_owned())
            ]
        );
    }

    #[test]
    fn rows_are_those_of_the_screen() {
        assert_eq!(rows("one\n\n\x1b[1mtwelve chars\x1b[m\n", 10), 4);
    }
}
