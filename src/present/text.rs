//! Texts on one line, shortened to a number of columns.

use unicode_width::UnicodeWidthChar;

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

#[cfg(test)]
mod tests {
    use super::*;
    use unicode_width::UnicodeWidthStr;

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
}
