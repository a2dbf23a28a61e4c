//! Pasted text: data, made inert, and replaced by a label on the line when it is very long.

use crate::ui::sanitise::inert;

/// Longest paste in bytes that is put on the line as it is. The line is repainted at each key.
const LONGEST_SHOWN: usize = 16 * 1024;

/// The text with line feeds as line ends, made inert. A terminal
/// sends a pasted line end as a carriage return.
pub(in crate::ui) fn cleaned(text: &str) -> String {
    inert(&text.replace("\r\n", "\n").replace('\r', "\n"))
}

/// Long pastes, each with a label on the line.
#[derive(Debug, Default)]
pub(in crate::ui) struct Pastes {
    /// Labels with their texts.
    kept: Vec<(String, String)>,
}

impl Pastes {
    /// The text itself, or the label of a long one.
    pub(in crate::ui) fn insert(&mut self, text: String) -> String {
        if text.len() <= LONGEST_SHOWN {
            return text;
        }
        let label = format!(
            "[paste {}: {} lines, {} KiB]",
            self.kept.len() + 1,
            text.lines().count(),
            text.len() / 1024
        );
        self.kept.push((label.clone(), text));
        label
    }

    /// The line with each label replaced by its paste.
    pub(in crate::ui) fn expand(&self, line: &str) -> String {
        // In one pass: a paste may itself contain a label.
        let mut expanded = String::with_capacity(line.len());
        let mut rest = line;
        while let Some(at) = rest.find("[paste ") {
            expanded.push_str(&rest[..at]);
            rest = &rest[at..];
            let (shown, meant) = self
                .kept
                .iter()
                .find(|(label, _)| rest.starts_with(label))
                .map_or(("[", "["), |(label, text)| (label, text));
            expanded.push_str(meant);
            rest = &rest[shown.len()..];
        }
        expanded.push_str(rest);
        expanded
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_ends_become_line_feeds_and_nothing_drives_the_terminal() {
        assert_eq!(cleaned("a\rb\r\nc\nd\te"), "a\nb\nc\nd\te");
        assert_eq!(
            cleaned("\u{1b}]52;c;ZXZpbA==\u{7}\u{9b}2J"),
            "␛]52;c;ZXZpbA==␇\u{fffd}2J"
        );
    }

    #[test]
    fn a_very_long_paste_has_a_label_and_is_expanded() {
        let mut pastes = Pastes::default();
        assert_eq!(pastes.insert("short".to_owned()), "short");
        let first = "[paste 2: 1 lines, 16 KiB] \n".repeat(40_000);
        let second = "b".repeat(LONGEST_SHOWN + 1);
        let line = format!(
            "see {} and {} [paste 7]",
            pastes.insert(first.clone()),
            pastes.insert(second.clone())
        );
        assert_eq!(
            line,
            "see [paste 1: 40000 lines, 1093 KiB] and [paste 2: 1 lines, 16 KiB] [paste 7]"
        );
        assert_eq!(
            pastes.expand(&line),
            format!("see {first} and {second} [paste 7]")
        );
    }
}
