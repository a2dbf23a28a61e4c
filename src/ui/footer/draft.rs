//! The rows of the line that is being typed, with the caret.

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

use super::row::Row;
use crate::ui::style::Style;
use crate::ui::theme::Theme;

/// What is typed, made inert, with as many bytes as the text itself.
#[derive(Debug, Clone, Copy)]
pub(super) struct Draft<'a> {
    pub text: &'a str,
    /// The caret, as an offset in bytes.
    pub caret: usize,
    /// The prompt before the first row and the marks before the others.
    pub prompt: &'a str,
    pub continuation: &'a str,
    /// Follows the text, dimmed: the rest of a line of the history.
    pub hint: &'a str,
}

/// A part of the text on one row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Piece {
    start: usize,
    end: usize,
    /// It follows a line end of the text, or is its first one.
    begins_line: bool,
}

/// Breaks the text into rows of at most `width` columns after their indents.
fn pieces(draft: Draft<'_>, width: usize) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut start = 0;
    for line in draft.text.split('\n') {
        let mut piece = Piece {
            start,
            end: start,
            begins_line: true,
        };
        let mut columns = indent(draft, pieces.is_empty());
        for (at, grapheme) in line.grapheme_indices(true) {
            let taken = grapheme.width();
            if columns + taken > width && piece.end > piece.start {
                pieces.push(piece);
                piece = Piece {
                    start: start + at,
                    end: start + at,
                    begins_line: false,
                };
                columns = indent(draft, false);
            }
            columns += taken;
            piece.end = start + at + grapheme.len();
        }
        pieces.push(piece);
        // The caret behind a full row needs one of its own.
        if columns >= width && draft.caret == piece.end {
            pieces.push(Piece {
                start: piece.end,
                end: piece.end,
                begins_line: false,
            });
        }
        start += line.len() + 1;
    }
    pieces
}

fn indent(draft: Draft<'_>, is_first: bool) -> usize {
    if is_first {
        draft.prompt.width()
    } else {
        draft.continuation.width()
    }
}

/// The row of the caret.
fn caret_row(pieces: &[Piece], caret: usize) -> usize {
    pieces
        .iter()
        .rposition(|piece| piece.start <= caret)
        .unwrap_or_default()
}

/// The rows around the caret, `most` of them at most.
pub(super) fn rows(draft: Draft<'_>, width: usize, most: usize, theme: Theme) -> Vec<String> {
    let pieces = pieces(draft, width);
    let at = caret_row(&pieces, draft.caret);
    let most = most.max(1);
    let first = (at + 1)
        .saturating_sub(most)
        .min(pieces.len().saturating_sub(most));
    pieces
        .iter()
        .enumerate()
        .skip(first)
        .take(most)
        .map(|(index, piece)| {
            let mut row = Row::new(width, theme);
            if index == 0 {
                row.push(Style::QuestionMark, draft.prompt);
            } else if piece.begins_line {
                row.push(Style::Dim, draft.continuation);
            } else {
                row.push(Style::Plain, &" ".repeat(draft.continuation.width()));
            }
            let text = draft.text.get(piece.start..piece.end).unwrap_or_default();
            if index == at {
                with_caret(&mut row, text, draft.caret - piece.start, draft.hint);
            } else {
                row.push(Style::Plain, text);
            }
            row.end()
        })
        .collect()
}

/// A row with the caret on a character, or behind the text.
fn with_caret(row: &mut Row, text: &str, caret: usize, hint: &str) {
    let (before, after) = text.split_at_checked(caret).unwrap_or((text, ""));
    row.push(Style::Plain, before);
    // The hint is only there behind the text, and a caret on it is not one on the text.
    let behind = if after.is_empty() { hint } else { after };
    let on = behind.graphemes(true).next().unwrap_or(" ");
    row.push(Style::Caret, on);
    let rest = behind.get(on.len()..).unwrap_or_default();
    let look = if after.is_empty() {
        Style::Dim
    } else {
        Style::Plain
    };
    row.push(look, rest);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str, caret: usize, width: usize, most: usize) -> Vec<String> {
        let draft = Draft {
            text,
            caret,
            prompt: "> ",
            continuation: ". ",
            hint: "",
        };
        rows(draft, width, most, Theme::BASE)
            .into_iter()
            .map(|row| {
                let row = row.replace("\x1b[36m> \x1b[m", "> ");
                let row = row.replace("\x1b[2m. \x1b[m", ". ");
                row.replace("\x1b[7m", "[").replace("\x1b[m", "]")
            })
            .collect()
    }

    #[test]
    fn the_caret_is_on_a_character_or_behind_the_text() {
        assert_eq!(shown("", 0, 10, 3), ["> [ ]"]);
        assert_eq!(shown("abc", 1, 10, 3), ["> a[b]c"]);
        assert_eq!(shown("abc", 3, 10, 3), ["> abc[ ]"]);
        assert_eq!(shown("a日b", 1, 10, 3), ["> a[日]b"]);
    }

    #[test]
    fn lines_are_broken_and_marked() {
        assert_eq!(shown("abcdef", 0, 5, 3), ["> [a]bc", "  def"]);
        assert_eq!(shown("a\nb", 3, 5, 3), ["> a", ". b[ ]"]);
        assert_eq!(shown("abc", 3, 5, 3), ["> abc", "  [ ]"]);
        assert_eq!(shown("ab\n", 3, 5, 3), ["> ab", ". [ ]"]);
        assert_eq!(shown("日本語", 0, 6, 3), ["> [日]本", "  語"]);
    }

    #[test]
    fn the_rows_around_the_caret_are_shown() {
        assert_eq!(shown("1\n2\n3\n4", 7, 5, 2), [". 3", ". 4[ ]"]);
        assert_eq!(shown("1\n2\n3\n4", 0, 5, 2), ["> [1]", ". 2"]);
    }
}
