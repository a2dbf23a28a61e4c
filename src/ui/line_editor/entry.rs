//! When a text is complete, and what is left of it without the marks that joined its lines.
//!
//! A line that ends in `\` continues; a text that starts with a line `:::` continues to the next
//! line `:::`.

use std::ops::Range;

use crate::ports::entered_text::EnteredText;

/// Starts and ends a text of several lines.
const FENCE: &str = ":::";

/// Separates a `\` and a line end that belong to the text itself, such as pasted code, and precedes
/// a character that would be a command or a mention, and is data. It takes no room on the screen
/// (U+2060, the word joiner).
const KEPT: char = '\u{2060}';

/// Characters that start a command or a mention.
const SIGNS: [char; 3] = ['/', '!', '@'];

/// Whether Enter submits the text.
pub(in crate::ui) fn is_complete(text: &str, is_multiline: bool) -> bool {
    if is_multiline {
        return text.starts_with('/') && !text.contains('\n');
    }
    match text.split_once('\n') {
        _ if text.trim_end() == FENCE => false,
        Some((first, rest)) if is_fence(first) => is_fence(last_line(rest)),
        _ => !text.ends_with('\\'),
    }
}

/// The text as it was meant, without the marks.
pub(in crate::ui) fn without_marks(text: &EnteredText, is_multiline: bool) -> EnteredText {
    match fenced(&text.text) {
        Some(inner) => unprotected(&text.slice(inner)),
        // Where Enter starts a line, no mark is needed for it.
        None => without(text, !is_multiline),
    }
}

/// The text without invisible marks.
pub(in crate::ui) fn unprotected(text: &EnteredText) -> EnteredText {
    without(text, false)
}

fn without(text: &EnteredText, joins_lines: bool) -> EnteredText {
    let line = text.text.as_str();
    let (mut removed, mut data) = (Vec::new(), Vec::new());
    for (at, mark) in line.match_indices(['\\', KEPT]) {
        let end = at + mark.len();
        let next = line[end..].chars().next();
        let is_escaped = line[..at].ends_with('\\');
        match (mark == "\\", next) {
            (true, Some('\n')) if joins_lines => removed.push(at..end),
            (false, Some('\n')) if is_escaped => removed.push(at..end),
            (false, Some(sign)) if SIGNS.contains(&sign) && text.is_typed(at..end) => {
                removed.push(at..end);
                data.push(end..end + sign.len_utf8());
            }
            _ => {}
        }
    }
    text.with_data(&data).without(&removed)
}

/// The text as it is stored: what would be a command or a mention if it were typed has a mark.
pub(in crate::ui) fn with_marks(text: &EnteredText) -> String {
    let line = text.text.as_str();
    let mut marked = String::with_capacity(line.len());
    let mut end = 0;
    for (at, sign) in line.match_indices(SIGNS) {
        let before = &line[..at];
        let starts_word = before.is_empty() || before.ends_with(|c: char| !c.is_alphanumeric());
        if starts_word && !text.is_typed(at..at + sign.len()) {
            marked.push_str(&line[end..at]);
            marked.push(KEPT);
            end = at;
        }
    }
    marked.push_str(&line[end..]);
    marked
}

/// Keeps each `\` before a line end from being taken for a mark.
pub(in crate::ui) fn protected(text: &str) -> String {
    text.replace("\\\n", &format!("\\{KEPT}\n"))
}

/// A text whose line ends in `\` are no marks.
pub(in crate::ui) fn protected_entry(text: &EnteredText) -> EnteredText {
    let mut kept = EnteredText::default();
    let mut end = 0;
    for (at, found) in text.text.match_indices("\\\n") {
        kept.push(&text.slice(end..at + 1));
        kept.push(&EnteredText::data(KEPT));
        end = at + found.len() - 1;
    }
    kept.push(&text.slice(end..text.text.len()));
    kept
}

/// The bytes of the lines between the first and the last, when both are fences.
fn fenced(text: &str) -> Option<Range<usize>> {
    let (first, rest) = text.split_once('\n')?;
    let last = last_line(rest);
    (is_fence(first) && is_fence(last)).then(|| {
        let start = text.len() - rest.len();
        start..(text.len() - last.len()).saturating_sub(1).max(start)
    })
}

fn last_line(text: &str) -> &str {
    text.rsplit('\n').next().unwrap_or_default()
}

fn is_fence(line: &str) -> bool {
    line.trim_end() == FENCE
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_continues_as_long_as_its_marks_say() {
        for text in [
            "",
            "one line",
            "a\\\nb",
            ":::\na\n:::",
            ":::\n:::",
            "a\n:::",
            "/help",
            ":::: four",
        ] {
            assert!(is_complete(text, false), "{text:?}");
        }
        for text in [
            "a\\", "a\\\nb\\", ":::", "::: ", ":::\n", ":::\na", ":::\na\\",
        ] {
            assert!(!is_complete(text, false), "{text:?}");
        }
    }

    #[test]
    fn in_multiline_mode_only_a_command_is_complete() {
        assert!(is_complete("/multiline", true));
        for text in ["", "text", "a\n/help", "/a\nb"] {
            assert!(!is_complete(text, true), "{text:?}");
        }
    }

    fn meant(text: &str, is_multiline: bool) -> String {
        without_marks(&EnteredText::typed(text), is_multiline).text
    }

    #[test]
    fn the_marks_are_removed() {
        for (typed, expected) in [
            ("a\\\nb", "a\nb"),
            (":::\na\nb\n:::", "a\nb"),
            (":::\n:::", ""),
            (":::\n\n:::", ""),
            (":::\na\\\nb\n:::", "a\\\nb"),
            ("a\\b", "a\\b"),
            ("a\n\nb", "a\n\nb"),
        ] {
            assert_eq!(meant(typed, false), expected, "{typed:?}");
        }
        assert_eq!(meant("a\\\nb", true), "a\\\nb");
    }

    #[test]
    fn what_looks_like_a_mark_in_pasted_text_stays() {
        let code = "curl \\\n  -H x \\\n  url";
        assert!(is_complete(&protected(code), false));
        assert_eq!(meant(&protected(code), false), code);
        assert_eq!(
            meant(&format!("look:\\\n{}", protected(code)), false),
            format!("look:\n{code}")
        );
        let kept = protected_entry(&EnteredText::typed(code));
        assert_eq!(kept.text, protected(code));
        assert_eq!(without_marks(&kept, false), EnteredText::typed(code));
    }

    #[test]
    fn a_stored_text_is_still_data() {
        let mut text = EnteredText::data("!rm -rf /x");
        text.push(&EnteredText::typed(" and @b "));
        text.push(&EnteredText::data("a@b @c"));
        let stored = with_marks(&text);
        let recalled = without_marks(&EnteredText::typed(stored), false);
        assert_eq!(recalled.text, text.text);
        assert_eq!(recalled.pasted, [0..1, 8..9, 22..23]);
        let typed = EnteredText::typed("!ls @a");
        assert_eq!(with_marks(&typed), typed.text);
    }

    #[test]
    fn a_word_joiner_of_a_paste_stays() {
        let text = EnteredText::data("a\u{2060}@b");
        assert_eq!(without_marks(&text, false), text);
    }
}
