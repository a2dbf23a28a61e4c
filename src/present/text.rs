//! Texts on one line, shortened to a number of columns.

use std::borrow::Cow;

use serde::de::IgnoredAny;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use crate::wire::redact::redacted;

/// The first line that is not blank: control characters and runs of whitespace become one space.
pub(crate) fn one_line(text: &str) -> String {
    let lines = text.lines().map(|line| {
        line.chars()
            .map(|c| if c.is_control() { ' ' } else { c })
            .collect::<String>()
    });
    lines
        .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
        .find(|line| !line.is_empty())
        .unwrap_or_default()
}

/// The first line that is not blank, in at most so many columns; `…` marks what is omitted.
pub(crate) fn shortened(text: &str, most_columns: usize) -> String {
    let line = one_line(text);
    let width = |c: char| c.width().unwrap_or(0);
    if line.len() <= most_columns {
        return line;
    }
    // Before the cut: afterwards a key that was cut in two is no longer recognised.
    let line = redacted(&line);
    if line.chars().map(width).sum::<usize>() <= most_columns {
        return line;
    }
    let mut columns = 0;
    let kept: String = line
        .chars()
        .take_while(|c| (columns += width(*c), columns < most_columns).1)
        .collect();
    format!("{}…", kept.trim_end())
}

/// An answer as Markdown: JSON is a block of code.
pub(crate) fn as_document(text: &str) -> Cow<'_, str> {
    let is_data = text.starts_with(['{', '[']) && serde_json::from_str::<IgnoredAny>(text).is_ok();
    if is_data {
        Cow::Owned(format!("```json\n{text}\n```"))
    } else {
        Cow::Borrowed(text)
    }
}

/// The text in lines of at most `width` columns, broken between words; a word that is wider is
/// broken itself. At least one line.
pub(crate) fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    // Before a word is broken: afterwards a key in it is no longer recognised.
    for word in redacted(text).split_whitespace() {
        for piece in pieces(word, width) {
            let Some(last) = lines.last_mut() else { break };
            if last.is_empty() {
                last.push_str(piece);
            } else if piece.len() == word.len() && last.width() + 1 + piece.width() <= width {
                last.push(' ');
                last.push_str(piece);
            } else {
                lines.push(piece.to_owned());
            }
        }
    }
    lines
}

/// A word in pieces of at most `width` columns.
fn pieces(word: &str, width: usize) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut rest = word;
    while rest.width() > width.max(1) {
        let mut columns = 0;
        let fitting = rest.char_indices().find(|(_, c)| {
            columns += c.width().unwrap_or(0);
            columns > width
        });
        // A character that is wider than the column stands alone.
        let first = rest.chars().next().map_or(1, char::len_utf8);
        let (piece, after) = rest.split_at(fitting.map_or(first, |(index, _)| index.max(first)));
        pieces.push(piece);
        rest = after;
    }
    if pieces.is_empty() || !rest.is_empty() {
        pieces.push(rest);
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_has_no_control_characters() {
        assert_eq!(
            one_line("\n  \r\n  How\tis \u{1b}[31mit?\nmore"),
            "How is [31mit?"
        );
    }

    #[test]
    fn an_ellipsis_marks_what_is_omitted() {
        assert_eq!(shortened(&"x".repeat(60), 60), "x".repeat(60));
        assert_eq!(
            shortened(&"x".repeat(61), 60),
            format!("{}…", "x".repeat(59))
        );
        let wide = shortened(&"漢字".repeat(40), 60);
        assert!(wide.width() <= 60 && wide.ends_with('…'), "{wide}");
    }

    #[test]
    fn lines_break_between_words_and_inside_those_that_are_too_long() {
        assert_eq!(wrapped("one two three", 7), ["one two", "three"]);
        assert_eq!(
            wrapped("a 漢字漢字漢 keyring://amx/x", 8),
            ["a", "漢字漢字", "漢", "keyring:", "//amx/x"]
        );
        assert_eq!(wrapped("漢字", 1), ["漢", "字"]);
        assert_eq!(wrapped("", 5), [""]);
    }
}
