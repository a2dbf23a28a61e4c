//! Text of our own broken between words, so that no terminal breaks inside a word.

use console::measure_text_width;

/// Columns that a meaning needs next to its term; with less room it goes below.
const LEAST_MEANING: usize = 34;

/// The text in lines of at most `width` columns. Its own line ends stay, and so does the indent of
/// each line.
pub(super) fn wrapped(text: &str, width: usize) -> String {
    hanging(text, 0, width)
}

/// The same with so many more blanks before what continues a line; fewer where they would leave
/// little room.
pub(super) fn hanging(text: &str, hang: usize, width: usize) -> String {
    let hang = if hang * 3 > width { 2 } else { hang };
    text.lines()
        .map(|line| wrapped_line(line, hang, width))
        .collect::<Vec<_>>()
        .join("\n")
}

/// The same for text with empty lines around it, which stay.
pub(super) fn spaced(text: &str, width: usize) -> String {
    let lines = text.split('\n').map(|line| hanging(line, 2, width));
    lines.collect::<Vec<_>>().join("\n")
}

fn wrapped_line(line: &str, hang: usize, width: usize) -> String {
    if measure_text_width(line) <= width {
        return line.to_owned();
    }
    let indent = &line[..line.len() - line.trim_start().len()];
    let next = format!("{indent}{}", " ".repeat(hang));
    let mut lines = vec![indent.to_owned()];
    for word in line.split_whitespace() {
        let Some(last) = lines.last_mut() else { break };
        let is_empty = last.trim().is_empty();
        if is_empty || measure_text_width(last) + 1 + measure_text_width(word) <= width {
            if !is_empty {
                last.push(' ');
            }
            last.push_str(word);
        } else {
            lines.push(format!("{next}{word}"));
        }
    }
    lines.join("\n")
}

/// Terms with their meanings next to them, or below on a narrow terminal.
pub(super) fn definitions(rows: &[(String, &str)], width: usize) -> String {
    let term_width = rows
        .iter()
        .map(|(term, _)| measure_text_width(term))
        .max()
        .unwrap_or_default();
    let room = width.saturating_sub(term_width + 2);
    let lines = rows.iter().map(|(term, meaning)| {
        if room < LEAST_MEANING {
            return format!("{term}\n{}", wrapped(&format!("    {meaning}"), width));
        }
        let indent = " ".repeat(term_width + 2);
        let padding = " ".repeat(term_width - measure_text_width(term) + 2);
        format!(
            "{term}{padding}{}",
            wrapped(meaning, room).replace('\n', &format!("\n{indent}"))
        )
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn empty_lines_around_a_text_stay() {
        assert_eq!(spaced("\n  one two three\n", 9), "\n  one two\n    three\n");
        assert_eq!(spaced("one two three", 9), "one two\n  three");
    }

    #[test]
    fn lines_break_between_words_and_keep_their_indent() {
        assert_eq!(
            wrapped("one two three\n  four five", 9),
            "one two\nthree\n  four\n  five"
        );
        assert_eq!(wrapped("unbreakable", 4), "unbreakable");
        assert_eq!(wrapped("", 4), "");
    }

    #[test]
    fn a_line_continues_below_its_hang() {
        assert_eq!(
            hanging("note: one two three\nfour", 6, 18),
            "note: one two\n      three\nfour"
        );
        assert_eq!(hanging("note: one two", 6, 10), "note: one\n  two");
    }

    #[test]
    fn meanings_stand_beside_their_terms_or_below() {
        let rows = [
            ("/a".to_owned(), "alpha"),
            (
                "/long X".to_owned(),
                "one two three four five six seven eight nine",
            ),
        ];
        assert_eq!(
            definitions(&rows, 43),
            "/a       alpha\n/long X  one two three four five six seven\n         eight nine"
        );
        assert_eq!(definitions(&rows[..1], 20), "/a\n    alpha");
    }
}
