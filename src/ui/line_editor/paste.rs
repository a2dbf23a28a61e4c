//! Pasted text: data, made inert, and replaced by a label on the line when it is very long.

use crate::ports::entered_text::EnteredText;
use crate::ui::sanitise::inert;

/// Longest paste in bytes that is put on the line as it is. The line is repainted at each key.
const LONGEST_SHOWN: usize = 16 * 1024;

/// The text with line feeds as line ends, made inert. A terminal
/// sends a pasted line end as a carriage return.
pub(in crate::ui) fn cleaned(text: &str) -> String {
    inert(&text.replace("\r\n", "\n").replace('\r', "\n"))
}

/// The same of an entered text. One that has to change is data as a whole.
pub(in crate::ui) fn cleaned_entry(text: EnteredText) -> EnteredText {
    let cleaned = cleaned(&text.text);
    if cleaned == text.text {
        text
    } else {
        EnteredText::data(cleaned)
    }
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

    /// The text with a label in place of each long paste, and of all of it when it is long even so.
    pub(in crate::ui) fn shortened(&mut self, text: &EnteredText) -> EnteredText {
        let (mut short, mut end) = (EnteredText::default(), 0);
        for pasted in &text.pasted {
            short.push(&text.slice(end..pasted.start));
            let paste = text.slice(pasted.clone()).text;
            short.push(&EnteredText::data(self.insert(paste)));
            end = pasted.end;
        }
        short.push(&text.slice(end..text.text.len()));
        if short.text.len() <= LONGEST_SHOWN {
            return short;
        }
        EnteredText::data(self.insert(text.text.clone()))
    }

    /// The line with each label replaced by its paste.
    pub(in crate::ui) fn expand(&self, line: &EnteredText) -> EnteredText {
        // In one pass: a paste may itself contain a label.
        let mut expanded = EnteredText::default();
        let mut end = 0;
        for (at, _) in line.text.match_indices("[paste ") {
            let rest = line.text.get(at..).filter(|_| at >= end);
            let kept = rest.and_then(|rest| {
                let labels = &mut self.kept.iter();
                labels.find(|(label, _)| rest.starts_with(label))
            });
            if let Some((label, text)) = kept {
                expanded.push(&line.slice(end..at));
                expanded.push(&EnteredText::data(text));
                end = at + label.len();
            }
        }
        expanded.push(&line.slice(end..line.text.len()));
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
        let expanded = pastes.expand(&EnteredText::typed(line));
        let (start, end) = (4 + first.len(), 9 + first.len() + second.len());
        assert_eq!(expanded.text, format!("see {first} and {second} [paste 7]"));
        assert_eq!(expanded.pasted, [4..start, start + 5..end]);
    }
}
