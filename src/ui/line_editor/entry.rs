//! When a text is complete, and what is left of it without the marks that joined its lines.
//!
//! A line that ends in `\` continues; a text that starts with a line `:::` continues to the next
//! line `:::`.

/// Starts and ends a text of several lines.
const FENCE: &str = ":::";

/// Separates a `\` and a line end that belong to the text itself, such as pasted code. It
/// takes no room on the screen (U+2060, the word joiner).
const KEPT: char = '\u{2060}';

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

/// The text as it was meant.
pub(in crate::ui) fn without_marks(text: &str, is_multiline: bool) -> String {
    if let Some(inner) = fenced(text) {
        return unprotected(inner);
    }
    // Where Enter starts a line, no mark is needed for it.
    if is_multiline {
        unprotected(text)
    } else {
        unprotected(&text.replace("\\\n", "\n"))
    }
}

/// Keeps each `\` before a line end from being taken for a mark.
pub(in crate::ui) fn protected(text: &str) -> String {
    text.replace("\\\n", &format!("\\{KEPT}\n"))
}

/// The other way round.
pub(in crate::ui) fn unprotected(text: &str) -> String {
    text.replace(&format!("\\{KEPT}\n"), "\\\n")
}

/// The lines between the first and the last, when both are fences.
fn fenced(text: &str) -> Option<&str> {
    let (first, rest) = text.split_once('\n')?;
    let last = last_line(rest);
    (is_fence(first) && is_fence(last)).then(|| {
        rest[..rest.len() - last.len()]
            .strip_suffix('\n')
            .unwrap_or_default()
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

    #[test]
    fn the_marks_are_removed() {
        for (typed, meant) in [
            ("a\\\nb", "a\nb"),
            (":::\na\nb\n:::", "a\nb"),
            (":::\n:::", ""),
            (":::\na\\\nb\n:::", "a\\\nb"),
            ("a\\b", "a\\b"),
            ("a\n\nb", "a\n\nb"),
        ] {
            assert_eq!(without_marks(typed, false), meant, "{typed:?}");
        }
        assert_eq!(without_marks("a\\\nb", true), "a\\\nb");
    }

    #[test]
    fn what_looks_like_a_mark_in_pasted_text_stays() {
        let code = "curl \\\n  -H x \\\n  url";
        assert!(is_complete(&protected(code), false));
        assert_eq!(without_marks(&protected(code), false), code);
        assert_eq!(
            without_marks(&format!("look:\\\n{}", protected(code)), false),
            format!("look:\n{code}")
        );
    }
}
