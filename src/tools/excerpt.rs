//! Cuts a long output for the model: its beginning and its end.

use std::fmt::Write;

/// Parts of a hundred that the beginning has; the end has the rest.
const BEGINNING: usize = 60;

/// A text of at most about `most` bytes: its first 60 % and its last 40 %, with a line between them
/// that says how many bytes are omitted.
pub(crate) fn excerpt(text: &str, most: usize) -> String {
    if text.len() <= most {
        return text.to_owned();
    }
    let head = text.floor_char_boundary(most * BEGINNING / 100);
    let tail = text.ceil_char_boundary(text.len() - (most - most * BEGINNING / 100));
    let mut cut = text[..head].to_owned();
    // Writing to a string does not fail.
    let _ = write!(cut, "\n[… {} bytes omitted …]\n", tail - head);
    cut.push_str(&text[tail..]);
    cut
}

/// The last lines of a text, at most `lines` of them and `most` bytes.
pub(crate) fn last_lines(text: &str, lines: usize, most: usize) -> &str {
    let text = text.trim_end();
    let start = text.ceil_char_boundary(text.len().saturating_sub(most));
    let end = &text[start..];
    let from = end
        .rmatch_indices('\n')
        .nth(lines.saturating_sub(1))
        .map_or(0, |(at, _)| at + 1);
    &end[from..]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_middle_of_a_long_text_is_left_out() {
        assert_eq!(excerpt("0123456789", 10), "0123456789");
        assert_eq!(
            excerpt("0123456789x", 10),
            "012345\n[… 1 bytes omitted …]\n789x"
        );
        let text = "é".repeat(100);
        let cut = excerpt(&text, 51);
        assert!(cut.starts_with("ééé") && cut.ends_with("ééé"), "{cut}");
        assert!(cut.contains("omitted") && cut.len() < 90, "{cut}");
    }

    #[test]
    fn the_last_lines_are_the_end_of_the_text() {
        assert_eq!(last_lines("a\nb\nc\n", 2, 100), "b\nc");
        assert_eq!(last_lines("a\nb", 5, 100), "a\nb");
        assert_eq!(last_lines("abcdef", 5, 3), "def");
        assert_eq!(last_lines("", 5, 3), "");
    }
}
