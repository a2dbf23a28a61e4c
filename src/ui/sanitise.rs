//! Makes untrusted text inert: what could drive a terminal is shown as a symbol instead.

use crate::wire::control_characters::is_active_in_text;

/// Keeps what one chunk of a stream leaves open for the next: a carriage return may belong to a
/// line end that is still on its way.
#[derive(Debug, Default)]
pub(super) struct Sanitiser {
    held_carriage_return: bool,
}

impl Sanitiser {
    /// Appends `text` to `out`. Line feeds and tabs stay, `\r\n` becomes `\n`; other characters
    /// that a terminal obeys or hides become visible.
    pub(super) fn push(&mut self, text: &str, out: &mut String) {
        let mut rest = text;
        if self.held_carriage_return && !rest.is_empty() {
            self.held_carriage_return = false;
            if !rest.starts_with('\n') {
                out.push('␍');
            }
        }
        while let Some(at) = rest.find(is_active_in_text) {
            out.push_str(&rest[..at]);
            let mut chars = rest[at..].chars();
            let Some(active) = chars.next() else { break };
            rest = chars.as_str();
            match active {
                '\r' if rest.is_empty() => self.held_carriage_return = true,
                '\r' if rest.starts_with('\n') => {}
                _ => out.push(symbol_of(active)),
            }
        }
        out.push_str(rest);
    }

    /// The end of the text: what was held back is shown.
    pub(super) fn finish(&mut self, out: &mut String) {
        if std::mem::take(&mut self.held_carriage_return) {
            out.push('␍');
        }
    }
}

/// A whole text made inert.
pub(super) fn inert(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut sanitiser = Sanitiser::default();
    sanitiser.push(text, &mut out);
    sanitiser.finish(&mut out);
    out
}

/// The symbol of a C0 code; the replacement character for the rest, which have none.
fn symbol_of(c: char) -> char {
    match c {
        '\0'..='\u{1f}' => char::from_u32(0x2400 + u32::from(c)).unwrap_or('\u{fffd}'),
        '\u{7f}' => '␡',
        _ => '\u{fffd}',
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn escape_sequences_become_visible() {
        assert_eq!(inert("\u{1b}]52;c;ZXZpbA==\u{7}"), "␛]52;c;ZXZpbA==␇");
        assert_eq!(inert("a\u{9b}31mb\u{7f}\0"), "a\u{fffd}31mb␡␀");
        assert_eq!(inert("safe\rfake\r\nnext\ttab\r"), "safe␍fake\nnext\ttab␍");
        assert_eq!(inert("abc\u{202e}txt"), "abc\u{fffd}txt");
        assert_eq!(inert("a\u{e0041}b\u{fff9}c"), "a\u{fffd}b\u{fffd}c");
        assert_eq!(inert("plain ünï 👋🏽\n"), "plain ünï 👋🏽\n");
    }

    fn characters() -> impl Strategy<Value = Vec<char>> {
        let one = prop_oneof![any::<char>(), Just('\r'), Just('\n'), Just('\u{1b}')];
        proptest::collection::vec(one, 0..60)
    }

    proptest! {
        #[test]
        fn nothing_active_gets_through_however_it_is_cut(
            chars in characters(),
            cut in 0_usize..60,
        ) {
            let text: String = chars.iter().collect();
            let cut = text.char_indices().map(|(at, _)| at).nth(cut).unwrap_or(text.len());
            let mut out = String::new();
            let mut sanitiser = Sanitiser::default();
            sanitiser.push(&text[..cut], &mut out);
            sanitiser.push(&text[cut..], &mut out);
            sanitiser.finish(&mut out);
            prop_assert!(!out.contains(is_active_in_text));
            prop_assert_eq!(out, inert(&text));
        }
    }
}
