//! Takes the keys of providers out of what a provider answers, also when it splits one in two.

use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;
use memchr::memmem::{Finder, find};

/// What replaces a key.
const REPLACEMENT: &[u8] = b"[redacted]";

/// Replaces keys in a stream of bytes.
#[derive(Debug, Default)]
pub(super) struct Veil {
    keys: Vec<Arc<Finder<'static>>>,
    /// The end of what was pushed, which may be the start of a key.
    held: Vec<u8>,
}

impl Veil {
    /// Adds a key, with what finds it.
    pub(super) fn add(&mut self, key: Arc<Finder<'static>>) {
        // A placeholder is no secret, and a short word may be part of any text.
        let mut known = self.keys.iter();
        let is_known = known.any(|known| known.needle() == key.needle());
        if key.needle().len() >= 8 && !is_known {
            self.keys.push(key);
        }
    }

    /// The next bytes without keys. The start of a key at their end is held back.
    pub(super) fn push(&mut self, bytes: Bytes) -> Bytes {
        let is_clean = self.held.is_empty()
            && self.held_length(&bytes) == 0
            && self.keys.iter().all(|key| key.find(&bytes).is_none());
        if is_clean {
            return bytes;
        }
        let mut all = std::mem::take(&mut self.held);
        all.extend_from_slice(&bytes);
        let mut all = self.whole(all);
        let held = self.held_length(&all);
        self.held = all.split_off(all.len() - held);
        all.into()
    }

    /// What was held back, at the end.
    pub(super) fn finish(&mut self) -> Bytes {
        std::mem::take(&mut self.held).into()
    }

    /// A whole text without keys. What replaces one is not searched again: a key may be part of it.
    pub(super) fn whole(&self, text: Vec<u8>) -> Vec<u8> {
        let mut places: Vec<Range<usize>> = Vec::new();
        for key in &self.keys {
            let length = key.needle().len();
            places.extend(key.find_iter(&text).map(|at| at..at + length));
        }
        if places.is_empty() {
            return text;
        }
        places.sort_unstable_by_key(|place| place.start);
        let (mut out, mut at) = (Vec::with_capacity(text.len()), 0);
        for place in places {
            // One that overlaps the last is the same secret to whoever reads it.
            if place.start >= at {
                out.extend_from_slice(&text[at..place.start]);
                out.extend_from_slice(REPLACEMENT);
            }
            at = at.max(place.end);
        }
        out.extend_from_slice(&text[at..]);
        out
    }

    /// A header, unless it holds a key.
    pub(super) fn header<'a>(&self, value: &'a str) -> Option<&'a str> {
        let holds = |key: &Arc<Finder<'_>>| find(value.as_bytes(), key.needle()).is_some();
        (!self.keys.iter().any(holds)).then_some(value)
    }

    /// The length of the end that may be the start of a key.
    fn held_length(&self, bytes: &[u8]) -> usize {
        let of_key = |key: &Arc<Finder<'_>>| {
            let key = key.needle();
            let most = bytes.len().min(key.len() - 1);
            let starts = memchr::memrchr_iter(key[0], &bytes[bytes.len() - most..]);
            starts
                .map(|at| most - at)
                .filter(|length| bytes.ends_with(&key[..*length]))
                .max()
                .unwrap_or(0)
        };
        self.keys.iter().map(of_key).max().unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn veiled(parts: &[&str]) -> String {
        let mut veil = Veil::default();
        for key in ["sk-or-secret-1", "sk-other-2"] {
            veil.add(Arc::new(Finder::new(key).into_owned()));
        }
        let mut out = Vec::new();
        for part in parts {
            out.extend_from_slice(&veil.push(Bytes::copy_from_slice(part.as_bytes())));
        }
        out.extend_from_slice(&veil.finish());
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn keys_are_replaced_and_starts_of_keys_are_not() {
        assert_eq!(
            veiled(&["a sk-or-secret-1 b sk-other-2"]),
            "a [redacted] b [redacted]"
        );
        assert_eq!(veiled(&["a sk-or-", "secret-1", "b"]), "a [redacted]b");
        assert_eq!(
            veiled(&["a sk-or-", "sk-or-secret", "-1"]),
            "a sk-or-[redacted]"
        );
        assert_eq!(veiled(&["ends in sk-o"]), "ends in sk-o");
    }

    #[test]
    fn a_key_that_is_part_of_its_replacement_is_replaced_once() {
        let mut veil = Veil::default();
        for key in ["redacted", "edacted]x"] {
            veil.add(Arc::new(Finder::new(key).into_owned()));
        }
        let text = |text: &str| String::from_utf8(veil.whole(text.into())).unwrap();
        assert_eq!(text("a redacted b"), "a [redacted] b");
        assert_eq!(text("[redacted]x, redacted"), "[[redacted], [redacted]");
    }

    proptest! {
        #[test]
        fn any_split_gives_the_same_text(cuts in proptest::collection::vec(0_usize..60, 0..6)) {
            let text = "data: sk-or-secret-1 and sk-sk-other-2, sk-or-secret-sk-or-secret-1";
            let mut cuts = cuts;
            cuts.sort_unstable();
            let (mut parts, mut at) = (Vec::new(), 0);
            for cut in cuts {
                parts.push(&text[at..cut]);
                at = cut;
            }
            parts.push(&text[at..]);
            prop_assert_eq!(veiled(&parts), veiled(&[text]));
        }
    }
}
