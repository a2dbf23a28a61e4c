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
pub(in crate::ui) fn is_complete(entered: &EnteredText, is_multiline: bool) -> bool {
    let text = entered.text.as_str();
    if is_multiline {
        return text.starts_with('/') && !text.contains('\n');
    }
    if starts_with_fence(entered) {
        return ends_with_fence(entered);
    }
    let is_typed = || entered.is_typed(text.len() - 1..text.len());
    !(text.ends_with('\\') && is_typed())
}

/// A line without invisible marks, and the caret on it.
#[cfg(unix)]
pub(in crate::ui) fn drawn(line: &str, caret: usize) -> (String, usize) {
    let marks = line.get(..caret).unwrap_or_default().matches(KEPT).count();
    (line.replace(KEPT, ""), caret - marks * KEPT.len_utf8())
}

/// Whether a text is meant as a command, of the conversation or of the shell. A typed path starts
/// as one.
#[cfg(unix)]
pub(in crate::ui) fn starts_command(text: &EnteredText) -> bool {
    let start = text.text.len() - text.text.trim_start().len();
    text.text[start..].starts_with(['/', '!']) && text.is_typed(start..start + 1)
}

/// The text as it was meant, without the marks.
pub(in crate::ui) fn without_marks(text: &EnteredText, is_multiline: bool) -> EnteredText {
    match fenced(text) {
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
            (true, Some('\n')) if joins_lines && text.is_typed(at..end) => removed.push(at..end),
            (false, Some('\n')) if is_escaped => removed.push(at..end),
            (false, _) if !text.is_typed(at..end) => {}
            (false, Some(sign)) if SIGNS.contains(&sign) => {
                removed.push(at..end);
                data.push(end..end + sign.len_utf8());
            }
            (false, _) if at == 0 && line[end..].starts_with(FENCE) => {
                removed.push(at..end);
                data.push(end..end + FENCE.len());
            }
            (false, _) if is_escaped => {
                removed.push(at..end);
                data.push(at - 1..at);
            }
            _ => {}
        }
    }
    data.sort_by_key(|range| range.start);
    text.with_data(&data).without(&removed)
}

/// The text as it is stored: what would be a command, a mention or a mark of several lines if it
/// were typed has a mark.
pub(in crate::ui) fn with_marks(text: &EnteredText) -> String {
    let line = text.text.as_str();
    let is_data = |at: usize, length: usize| !text.is_typed(at..at + length);
    let signs = line.match_indices(SIGNS).filter(|(at, sign)| {
        let before = &line[..*at];
        let starts_word = before.is_empty() || before.ends_with(|c: char| !c.is_alphanumeric());
        starts_word && is_data(*at, sign.len())
    });
    let joined = line.match_indices('\\').filter(|(at, mark)| {
        let rest = &line[at + mark.len()..];
        (rest.is_empty() || rest.starts_with('\n')) && is_data(*at, mark.len())
    });
    let is_fence = has_fence_at_start(line) && is_data(0, FENCE.len());
    let mut places: Vec<usize> = signs.map(|(at, _)| at).collect();
    places.extend(joined.map(|(at, mark)| at + mark.len()));
    places.extend(is_fence.then_some(0));
    places.sort_unstable();
    let mut marked = String::with_capacity(line.len());
    let mut end = 0;
    for at in places {
        marked.push_str(&line[end..at]);
        marked.push(KEPT);
        end = at;
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
fn fenced(entered: &EnteredText) -> Option<Range<usize>> {
    let text = entered.text.as_str();
    let start = text.find('\n')? + 1;
    let end = text.rfind('\n')?;
    (starts_with_fence(entered) && ends_with_fence(entered)).then(|| start..end.max(start))
}

/// Whether the first line is a fence that was typed.
fn starts_with_fence(entered: &EnteredText) -> bool {
    has_fence_at_start(&entered.text) && entered.is_typed(0..FENCE.len())
}

fn has_fence_at_start(text: &str) -> bool {
    is_fence(text.split('\n').next().unwrap_or_default())
}

/// Whether the last line, which is not the first, is a fence that was typed.
fn ends_with_fence(entered: &EnteredText) -> bool {
    let Some((_, last)) = entered.text.rsplit_once('\n') else {
        return false;
    };
    let start = entered.text.len() - last.len();
    is_fence(last) && entered.is_typed(start..start + FENCE.len())
}

fn is_fence(line: &str) -> bool {
    line.trim_end() == FENCE
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(text: &str) -> EnteredText {
        EnteredText::typed(text)
    }

    #[cfg(unix)]
    #[test]
    fn the_marks_of_a_pasted_line_are_not_drawn() {
        let line = protected_entry(&EnteredText::data("!ls"));
        let (drawn, caret) = drawn(&line.text, line.text.len());
        assert_eq!((drawn.as_str(), caret), ("!ls", 3));
    }

    #[cfg(unix)]
    #[test]
    fn a_command_is_typed() {
        for text in ["!ls", "  /model x", "/tmp/notes.md"] {
            assert!(starts_command(&EnteredText::typed(text)), "{text}");
            assert!(!starts_command(&EnteredText::data(text)), "{text}");
        }
        for text in ["", "  ", "a !ls", "?"] {
            assert!(!starts_command(&EnteredText::typed(text)), "{text}");
        }
    }

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
            assert!(is_complete(&typed(text), false), "{text:?}");
        }
        for text in [
            "a\\", "a\\\nb\\", ":::", "::: ", ":::\n", ":::\na", ":::\na\\",
        ] {
            assert!(!is_complete(&typed(text), false), "{text:?}");
        }
    }

    #[test]
    fn in_multiline_mode_only_a_command_is_complete() {
        assert!(is_complete(&typed("/multiline"), true));
        for text in ["", "text", "a\n/help", "/a\nb"] {
            assert!(!is_complete(&typed(text), true), "{text:?}");
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
        assert!(is_complete(&typed(&protected(code)), false));
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
    fn a_mark_in_pasted_text_is_text() {
        for text in ["C:\\Users\\", ":::", ":::\nnote\n:::", "a\\\nb\\"] {
            let pasted = EnteredText::data(text);
            assert!(is_complete(&pasted, false), "{text:?}");
            assert_eq!(without_marks(&pasted, false), pasted);
            let recalled = typed(&with_marks(&pasted));
            assert!(is_complete(&recalled, false), "{text:?}");
            assert_eq!(without_marks(&recalled, false).text, text);
        }
        let mut fenced = typed(":::\n");
        fenced.push(&EnteredText::data("a\n:::"));
        assert!(!is_complete(&fenced, false));
        fenced.push(&typed("\n:::"));
        assert!(is_complete(&fenced, false));
        assert_eq!(without_marks(&fenced, false), EnteredText::data("a\n:::"));
        let mut joined = EnteredText::data("C:\\");
        joined.push(&typed("\nand \\\nb"));
        assert_eq!(without_marks(&joined, false).text, "C:\\\nand \nb");
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
