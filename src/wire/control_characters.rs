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
    fn json_stays_json() {
        let hostile = "\u{1b}[2J\u{9b}\u{7f}\u{202e}\u{e0041}";
        let inert = inert_json(serde_json::to_string(hostile).unwrap());
        assert!(inert.is_ascii());
        assert_eq!(serde_json::from_str::<String>(&inert).unwrap(), hostile);
    }
}
