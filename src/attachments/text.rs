//! Text files: what counts as text, and the fences that delimit each file for the model.

use crate::wire::control_characters::is_active;

/// Why bytes are not text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NotText {
    Binary,
    /// Text in an unknown encoding; the offset of the first byte that is not UTF-8.
    OtherEncoding {
        at: usize,
    },
}

const UTF8_BOM: &[u8] = b"\xef\xbb\xbf";

/// Decodes UTF-8, with or without a byte order mark, or UTF-16 with one.
pub(super) fn decode(mut bytes: Vec<u8>) -> Result<String, NotText> {
    let text = match bytes.as_slice() {
        [0xff, 0xfe, rest @ ..] => utf16(rest, u16::from_le_bytes)?,
        [0xfe, 0xff, rest @ ..] => utf16(rest, u16::from_be_bytes)?,
        _ => {
            if bytes.starts_with(UTF8_BOM) {
                bytes.drain(..UTF8_BOM.len());
            }
            String::from_utf8(bytes)
                .map_err(|error| not_utf8(error.as_bytes(), error.utf8_error().valid_up_to()))?
        }
    };
    if text.contains('\0') {
        Err(NotText::Binary)
    } else {
        Ok(text)
    }
}

fn utf16(bytes: &[u8], read: fn([u8; 2]) -> u16) -> Result<String, NotText> {
    let (pairs, rest) = bytes.as_chunks::<2>();
    let units: Vec<u16> = pairs.iter().copied().map(read).collect();
    String::from_utf16(&units)
        .ok()
        .filter(|_| rest.is_empty())
        .ok_or(NotText::Binary)
}

/// Text in a legacy single-byte encoding contains no control characters but whitespace.
fn not_utf8(bytes: &[u8], at: usize) -> NotText {
    let is_binary = bytes
        .iter()
        .any(|byte| matches!(byte, 0..=8 | 14..=26 | 28..=31 | 127));
    if is_binary {
        NotText::Binary
    } else {
        NotText::OtherEncoding { at }
    }
}

/// Whether the head of a file may be that of a text file: its last character may be incomplete.
pub(super) fn may_begin_text(head: &[u8]) -> bool {
    match head {
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => true,
        _ => match std::str::from_utf8(head) {
            Ok(text) => !text.contains('\0'),
            Err(error) => error.error_len().is_none() && !head.contains(&0),
        },
    }
}

/// The text between two fences, after its name.
pub(super) fn fenced(name: &str, text: &str) -> String {
    let fence = fence_for(text);
    let end = if text.ends_with('\n') { "" } else { "\n" };
    [name, ":\n", &fence, "\n", text, end, &fence].concat()
}

/// A fence longer than any in the text, so that the text cannot close it.
fn fence_for(text: &str) -> String {
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    "`".repeat(longest.max(2) + 1)
}

/// A name on one line that can neither open a fence nor reverse the direction of the text.
pub(super) fn shown_name(name: &str) -> String {
    // On one line, line separators and zero-width characters are no part of a name.
    let is_invisible = |c: char| {
        is_active(c)
            || matches!(
                c,
                '\u{2028}' | '\u{2029}' | '\u{200b}'..='\u{200f}' | '\u{feff}'
            )
    };
    let mut shown = String::with_capacity(name.len());
    for c in name.chars() {
        if c.is_control() || c == '`' || is_invisible(c) {
            shown.extend(c.escape_unicode());
        } else {
            shown.push(c);
        }
    }
    shown
}

/// The estimated tokens of a text: one for four ASCII characters, and one for any other.
pub(crate) fn estimated_tokens(text: &str) -> u64 {
    let ascii = text.bytes().filter(u8::is_ascii).count() as u64;
    let others = text.chars().filter(|c| !c.is_ascii()).count() as u64;
    ascii.div_ceil(4) + others
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encodings_with_a_byte_order_mark_are_decoded_and_others_are_not() {
        assert_eq!(decode("plain é".into()), Ok("plain é".to_owned()));
        assert_eq!(
            decode(b"\xef\xbb\xbfmarked".to_vec()),
            Ok("marked".to_owned())
        );
        assert_eq!(decode(b"\xff\xfeh\0\xe9\0".to_vec()), Ok("hé".to_owned()));
        assert_eq!(
            decode(b"\xfe\xff\0h\xd8\x3d\xde\x00".to_vec()),
            Ok("h😀".to_owned())
        );
        assert_eq!(
            decode(b"caf\xe9 ole\n".to_vec()),
            Err(NotText::OtherEncoding { at: 3 })
        );
        for binary in [
            &b"\x7fELF\0\0"[..],
            b"\xff\xfeh",
            b"\xff\xfe\0\xd8",
            b"a\0b",
            b"\x9f\x92\x01",
            b"\xff\xfe\0\0",
        ] {
            assert_eq!(decode(binary.to_vec()), Err(NotText::Binary), "{binary:?}");
        }
    }

    #[test]
    fn the_last_character_of_a_head_may_be_incomplete() {
        assert!(
            may_begin_text(&"é".as_bytes()[..1])
                && may_begin_text(b"plain")
                && may_begin_text(b"\xff\xfeh\0")
        );
        assert!(!may_begin_text(b"a\0b") && !may_begin_text(b"\xe9 a"));
    }

    #[test]
    fn no_text_closes_its_fence_and_every_name_stays_on_one_line() {
        for text in ["a ``` b\n````\nx", "\r`````\r", "`", "", "   ```````\n"] {
            let written = fenced("n", text);
            let fence = written.lines().nth(1).unwrap();
            assert!(fence.len() >= 3 && !text.contains(fence), "{written}");
            assert!(
                written.ends_with(&format!("\n{fence}"))
                    && written.starts_with(&format!("n:\n{fence}\n"))
            );
        }
        assert_eq!(
            fenced("n.md", "a ``` b\n````\nx"),
            "n.md:\n`````\na ``` b\n````\nx\n`````"
        );
        assert_eq!(
            shown_name("a\n```\u{202e}\u{9b}b\u{85}"),
            r"a\u{a}\u{60}\u{60}\u{60}\u{202e}\u{9b}b\u{85}"
        );
        assert_eq!(shown_name("Übung 漢字 (1).md"), "Übung 漢字 (1).md");
    }

    #[test]
    fn tokens_are_estimated_from_characters() {
        assert_eq!(
            [
                estimated_tokens(""),
                estimated_tokens("12345"),
                estimated_tokens("漢字é")
            ],
            [0, 2, 3]
        );
    }
}
