//! The characters that a terminal obeys or hides: the one table that decides which text is inert.

use std::borrow::Cow;

/// What a character does where it is printed as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Effect {
    /// C0 and C1 controls and DEL: they move the cursor, start escape sequences, ring the bell.
    Controls,
    /// Embeddings, overrides and isolates: with them a text reads otherwise than it is.
    Reorders,
    /// Annotations and tags, which no terminal shows: a copy holds more than what was seen.
    Hides,
}

/// Ranges of such characters, both ends included. Line feed and tab are among the controls; text
/// in several lines lets them pass.
pub(crate) const RANGES: &[(char, char, Effect)] = &[
    ('\0', '\u{1f}', Effect::Controls),
    ('\u{7f}', '\u{9f}', Effect::Controls),
    ('\u{202a}', '\u{202e}', Effect::Reorders),
    ('\u{2066}', '\u{2069}', Effect::Reorders),
    ('\u{fff9}', '\u{fffb}', Effect::Hides),
    ('\u{e0000}', '\u{e007f}', Effect::Hides),
];

/// What a character does; `None` for one that is only shown.
pub(crate) fn effect_of(c: char) -> Option<Effect> {
    // Most characters are ASCII, and few of those are controls.
    if (' '..'\u{7f}').contains(&c) {
        return None;
    }
    RANGES
        .iter()
        .find(|(first, last, _)| (*first..=*last).contains(&c))
        .map(|(.., effect)| *effect)
}

/// Whether a terminal obeys or hides the character, on a line of its own.
pub(crate) fn is_active(c: char) -> bool {
    effect_of(c).is_some()
}

/// The same in a text of several lines, in which line feeds and tabs are what they are.
pub(crate) fn is_active_in_text(c: char) -> bool {
    c != '\n' && c != '\t' && is_active(c)
}

/// Ranges of characters that have no width or no direction of their own, both ends included. In a
/// text they do something; in a name they only make it look like another.
const WITHOUT_SHAPE: &[(char, char)] = &[
    ('\u{ad}', '\u{ad}'),
    ('\u{34f}', '\u{34f}'),
    ('\u{61c}', '\u{61c}'),
    ('\u{115f}', '\u{1160}'),
    ('\u{17b4}', '\u{17b5}'),
    ('\u{180b}', '\u{180f}'),
    ('\u{200b}', '\u{200f}'),
    ('\u{2028}', '\u{202e}'),
    ('\u{2060}', '\u{206f}'),
    ('\u{2800}', '\u{2800}'),
    ('\u{3164}', '\u{3164}'),
    ('\u{fe00}', '\u{fe0f}'),
    ('\u{feff}', '\u{feff}'),
    ('\u{ffa0}', '\u{ffa0}'),
    ('\u{fff0}', '\u{fffd}'),
    ('\u{1bca0}', '\u{1bca3}'),
    ('\u{1d173}', '\u{1d17a}'),
    ('\u{e0000}', '\u{e0fff}'),
];

/// Whether a character cannot be seen in a name, or changes how the name around it is read.
pub(crate) fn is_hidden_in_name(c: char) -> bool {
    is_active(c)
        || WITHOUT_SHAPE
            .iter()
            .any(|(first, last)| (*first..=*last).contains(&c))
}

/// The same in a text of several lines, in which line feeds and tabs are what they are.
pub(crate) fn is_hidden_in_text(c: char) -> bool {
    c != '\n' && c != '\t' && is_hidden_in_name(c)
}

/// A text in which every hidden character but line feeds and tabs is shown as `<U+200B>`.
pub(crate) fn visible_text(text: &str) -> String {
    visible(text, is_hidden_in_text)
}

/// A name in which every hidden character is shown as `<U+200B>`.
pub(crate) fn visible_name(name: &str) -> String {
    visible(name, is_hidden_in_name)
}

fn visible(text: &str, is_hidden: fn(char) -> bool) -> String {
    let mut visible = String::with_capacity(text.len());
    for c in text.chars() {
        if is_hidden(c) {
            visible.push_str(&format!("<U+{:04X}>", u32::from(c)));
        } else {
            visible.push(c);
        }
    }
    visible
}

/// JSON in which the characters that JSON allows and a terminal obeys are escaped too. Line feeds
/// and tabs stay: between values they are white space, inside strings JSON escapes them.
pub(crate) fn inert_json<'a>(json: impl Into<Cow<'a, str>>) -> Cow<'a, str> {
    let json = json.into();
    if !json.contains(is_active_in_text) {
        return json;
    }
    let mut inert = String::with_capacity(json.len() + 16);
    for c in json.chars() {
        if is_active_in_text(c) {
            for unit in c.encode_utf16(&mut [0; 2]) {
                inert.push_str(&format!("\\u{unit:04x}"));
            }
        } else {
            inert.push(c);
        }
    }
    Cow::Owned(inert)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_control_of_unicode_is_in_the_table() {
        for c in '\0'..=char::MAX {
            assert_eq!(
                c.is_control(),
                effect_of(c) == Some(Effect::Controls),
                "{c:?}"
            );
        }
        assert_eq!(effect_of('\u{202e}'), Some(Effect::Reorders));
        assert_eq!(effect_of('\u{2069}'), Some(Effect::Reorders));
        assert_eq!(effect_of('\u{e0041}'), Some(Effect::Hides));
        for shown in ['a', 'é', '漢', '👋', '\u{a0}', '\u{200d}', '\u{301}'] {
            assert_eq!(effect_of(shown), None, "{shown:?}");
        }
    }

    #[test]
    fn line_feeds_and_tabs_pass_in_text_only() {
        assert!(is_active('\n') && is_active('\t'));
        assert!(!is_active_in_text('\n') && !is_active_in_text('\t'));
        assert!(is_active_in_text('\r'));
    }

    #[test]
    fn hidden_characters_of_a_name_are_shown() {
        assert_eq!(
            visible_name("a\u{200b}/\u{202e}b\u{1b}é漢"),
            "a<U+200B>/<U+202E>b<U+001B>é漢"
        );
    }

    #[test]
    fn json_stays_json() {
        let hostile = "\u{1b}[2J\u{9b}\u{7f}\u{202e}\u{e0041}";
        let inert = inert_json(serde_json::to_string(hostile).unwrap());
        assert!(inert.is_ascii());
        assert_eq!(serde_json::from_str::<String>(&inert).unwrap(), hostile);
    }
}
