//! A question of the user in the transcript: a shaded block across the row, or a bar at its left
//! where there are no shades, with an empty line before and after.

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

use super::line_break::{is_closing, is_opening};
use super::sanitise::inert;
use super::stand_ins;
use super::style::{Ground, Look, Span, Style, append};
use super::terminal::{self, Stream};
use super::theme::{self, Theme};

/// Before the first row of a shaded question, and before the others.
const MARKS: [&str; 2] = ["› ", "  "];

/// Before every row of a question without shade.
const BARS: [&str; 2] = ["▌ ", "▌ "];

/// Columns of a mark.
const MARK: usize = 2;

/// Blanks for a tab.
const TAB: &str = "    ";

/// Fewest columns that the text is broken to.
const NARROWEST: usize = 10;

/// Writes the block for a question to a stream that is at the start of a line.
pub(super) fn show(text: &str, is_below_blank_row: bool, stream: &mut Stream) {
    add(text, is_below_blank_row, stream);
    stream.finish();
    // Without the stream there is nowhere to report it.
    let _ = stream.flush();
}

/// Adds the block for a question. Below an empty row it needs no other one before it.
pub(super) fn add(text: &str, is_below_blank_row: bool, stream: &mut Stream) {
    let block = block(text, terminal::width(), theme::current());
    for (index, (look, text)) in block.into_iter().enumerate() {
        let text = match index {
            0 if is_below_blank_row => text.trim_start_matches('\n'),
            _ => &text,
        };
        stream.content(text, look);
    }
}

/// The block for a question in the transcript, at the start of a line. The text may be anything; it
/// is made inert here, and broken to the width so that no row touches the edge.
pub(super) fn block(text: &str, width: usize, theme: Theme) -> Vec<Span> {
    let room = width.saturating_sub(MARK + 1).max(NARROWEST);
    let marks = if theme.has_bars() { BARS } else { MARKS };
    let mut out = Vec::new();
    append(&mut out, Style::Plain, "\n");
    let text = inert(text).replace('\t', TAB);
    let rows = text
        .trim_end()
        .split('\n')
        .flat_map(|line| rows(line, room));
    for (index, row) in rows.enumerate() {
        let mark = marks[usize::from(index > 0)];
        append(
            &mut out,
            on_ground(Style::QuestionMark),
            &stand_ins::shown(mark),
        );
        append(&mut out, on_ground(Style::Question), row);
        append(&mut out, on_ground(Style::Plain), "\n");
    }
    append(&mut out, Style::Plain, "\n");
    out
}

fn on_ground(style: Style) -> Look {
    Look::on(style, Ground::Question)
}

/// A line in rows of at most so many columns, broken after a blank or next to a character of a wide
/// script where there is one.
fn rows(line: &str, room: usize) -> Vec<&str> {
    let mut rows = Vec::new();
    let (mut start, mut columns, mut place) = (0, 0, None);
    let mut before = "";
    for (at, grapheme) in line.grapheme_indices(true) {
        let width = grapheme.width();
        let is_beside_wide = width.max(before.width()) > 1 && !before.trim().is_empty();
        if is_beside_wide && grapheme != " " && !is_closing(grapheme) && !is_opening(before) {
            place = Some(at);
        }
        // A blank at the edge is not shown.
        while columns + width > room && at > start && grapheme != " " {
            let end = place.take().unwrap_or(at);
            rows.push(line[start..end].trim_end());
            (start, columns) = (end, line[end..at].width());
        }
        columns += width;
        // The indent of a line stays with its first word.
        if grapheme == " " && !line[start..at].trim().is_empty() {
            place = Some(at + 1);
        }
        before = grapheme;
    }
    rows.push(line[start..].trim_end());
    rows
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn plain(text: &str, width: usize, theme: Theme) -> String {
        block(text, width, theme)
            .into_iter()
            .map(|(_, text)| text)
            .collect()
    }

    #[test]
    fn a_question_stands_between_empty_lines() {
        assert_eq!(
            plain("why is the sky blue?\n  and\tred", 18, Theme::DARK),
            "\n› why is the sky\n  blue?\n    and    red\n\n"
        );
        assert_eq!(plain("why?\nso", 80, Theme::BASE), "\n▌ why?\n▌ so\n\n");
    }

    #[test]
    fn every_row_is_shaded_to_its_end() {
        let spans = block("one", 80, Theme::DARK);
        let shaded: String = spans
            .iter()
            .filter(|(look, _)| look.ground == Ground::Question)
            .map(|(_, text)| text.as_str())
            .collect();
        assert_eq!(shaded, "› one\n");
    }

    #[test]
    fn a_word_wider_than_the_row_is_broken_anywhere() {
        assert_eq!(rows("日本語日本語 a", 6), ["日本語", "日本語", "a"]);
        assert_eq!(rows("", 6), [""]);
        assert_eq!(rows("a b", 6), ["a b"]);
        assert_eq!(rows("  abcdefgh", 6), ["  abcd", "efgh"]);
        assert_eq!(rows("a bcdefghijk", 6), ["a", "bcdefg", "hijk"]);
    }

    #[test]
    fn a_row_starts_with_no_closing_mark_and_ends_with_no_opening_one() {
        assert_eq!(rows("日本語，日本語", 6), ["日本", "語，日", "本語"]);
        assert_eq!(rows("日本（語）日", 6), ["日本", "（語）", "日"]);
        assert_eq!(rows("用amx吗？好", 6), ["用amx", "吗？好"]);
        assert_eq!(rows("，，，，，，", 6), ["，，，", "，，，"]);
    }

    proptest! {
        #[test]
        fn no_row_touches_the_edge_and_no_word_is_lost(
            text in "[a-zé日 \n\t\u{1b}\u{7}\r]{0,200}",
            width in 13_usize..90,
        ) {
            let shown = plain(&text, width, Theme::DARK);
            prop_assert!(shown.lines().all(|row| row.width() < width));
            let active = ['\u{1b}', '\u{7}', '\r', '\t'];
            prop_assert!(!shown.contains(active));
            let letters = |text: &str| -> String {
                text.chars().filter(|c| c.is_alphabetic()).collect()
            };
            prop_assert_eq!(letters(&shown), letters(&text));
        }
    }
}
