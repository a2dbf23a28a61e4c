//! Entities such as `&amp;`, `&#39;` and `&#x27;`, decoded to what a terminal may show.

use crate::ui::sanitise::inert;

/// Longest entity, in bytes: the longest name is `&CounterClockwiseContourIntegral;`.
const LONGEST: usize = 34;

/// What an `&` starts.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Entity {
    /// Its text, and how much of the source it took.
    Decoded(String, usize),
    Absent,
    /// More is needed.
    Unknown,
}

/// The entity at the start of `rest`, which starts with `&`.
pub(super) fn find(rest: &str) -> Entity {
    let bytes = rest.as_bytes();
    let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'#';
    let length = 1 + bytes[1..]
        .iter()
        .take(LONGEST)
        .take_while(|byte| is_part(byte))
        .count();
    match bytes.get(length) {
        None if length < LONGEST => return Entity::Unknown,
        Some(b';') => {}
        _ => return Entity::Absent,
    }
    let written = &rest[..=length];
    match decoded(written) {
        Some(text) => Entity::Decoded(text, written.len()),
        None => Entity::Absent,
    }
}

/// A whole text with its entities decoded.
pub(super) fn decode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let taken = match find(rest) {
            Entity::Decoded(decoded, taken) => {
                out.push_str(&decoded);
                taken
            }
            Entity::Absent | Entity::Unknown => {
                out.push('&');
                1
            }
        };
        rest = &rest[taken..];
    }
    out.push_str(rest);
    out
}

/// What an entity stands for, made inert: no entity drives the terminal or ends a line.
fn decoded(entity: &str) -> Option<String> {
    let inner = &entity[1..entity.len() - 1];
    let Some(number) = inner.strip_prefix('#') else {
        // A name of old HTML needs no `;`, which then stays: `&notit;` is none of ours.
        let text = html_escape::decode_html_entities(entity);
        return (text != entity && !text.contains(';') || inner == "semi").then(|| visible(&text));
    };
    let hexadecimal = number.strip_prefix(['x', 'X']);
    let (digits, radix, most) = match hexadecimal {
        Some(digits) => (digits, 16, 6),
        None => (number, 10, 7),
    };
    if digits.is_empty() || digits.len() > most {
        return None;
    }
    let code = u32::from_str_radix(digits, radix).ok()?;
    let c = char::from_u32(code)
        .filter(|c| *c != '\0')
        .unwrap_or('\u{fffd}');
    Some(visible(c.encode_utf8(&mut [0; 4])))
}

fn visible(text: &str) -> String {
    inert(text).replace(['\n', '\t'], " ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn names_and_numbers_are_decoded() {
        for (text, expected) in [
            ("&amp;&lt;&#39;&#x22;&#X22;", "&<'\"\""),
            ("&copy; &AElig; &nbsp;&ngE;", "© Æ \u{a0}≧̸"),
            ("&ClockwiseContourIntegral; &semi;", "∲ ;"),
            ("&#0; &#x110000; &#xD800;", "\u{fffd} \u{fffd} \u{fffd}"),
            (
                "AT&T &copy &nosuch; &; &#; &#x; &#987654321; a && b",
                "AT&T &copy &nosuch; &; &#; &#x; &#987654321; a && b",
            ),
        ] {
            assert_eq!(decode(text), expected, "{text}");
        }
    }

    #[test]
    fn no_entity_drives_the_terminal() {
        assert_eq!(
            decode("&#27;[2J&#x9b;2J&#7;&#13;&#8238;"),
            "␛[2J\u{fffd}2J␇␍\u{fffd}"
        );
        assert_eq!(decode("a&#10;b&Tab;c&NewLine;d"), "a b c d");
    }

    proptest! {
        #[test]
        fn whatever_is_written_is_inert_and_short(text in "&#?x?[0-9a-fA-F]{0,9};?") {
            let shown = decode(&text);
            prop_assert_eq!(&inert(&shown), &shown);
            prop_assert!(!shown.contains('\n'));
        }
    }
}
