//! A chunk that repeats what earlier chunks said: some servers end a stream with the whole message.

use super::delta::Delta;

/// Most of a text that is compared, in bytes.
const COMPARED: usize = 64 * 1024;

/// The part of the answer that has arrived.
#[derive(Debug, Default)]
pub(super) struct Arrived {
    text: Start,
    reasoning: Start,
    refusal: Start,
    has_details: bool,
    has_tools: bool,
    has_media: bool,
}

/// The start of a text, and the length of all of it.
#[derive(Debug, Default)]
struct Start {
    start: String,
    length: usize,
}

impl Arrived {
    /// Removes from a whole message what has arrived, and remembers the rest.
    pub(super) fn remove_from(&mut self, delta: &mut Delta) {
        if delta.is_whole {
            if self.text.length > 0 {
                delta.logprobs.clear();
            }
            self.text.remove_from(&mut delta.text);
            self.reasoning.remove_from(&mut delta.reasoning);
            self.refusal.remove_from(&mut delta.refusal);
            if self.has_tools {
                delta.tool_fragments.clear();
            }
            if self.has_media {
                delta.media.clear();
            }
            if self.has_details {
                delta.reasoning_details = None;
            }
        }
        self.text.push(&delta.text);
        self.reasoning.push(&delta.reasoning);
        self.refusal.push(&delta.refusal);
        self.has_details = self.has_details || delta.reasoning_details.is_some();
        self.has_tools = self.has_tools || !delta.tool_fragments.is_empty();
        self.has_media = self.has_media || !delta.media.is_empty();
    }
}

impl Start {
    fn push(&mut self, text: &str) {
        self.length += text.len();
        let room = COMPARED.saturating_sub(self.start.len());
        if room > 0 {
            let kept = text.floor_char_boundary(room.min(text.len()));
            self.start.push_str(&text[..kept]);
        }
    }

    /// Leaves what follows the part that has arrived. A text that starts otherwise is the same one
    /// in another form, such as without white space, unless nothing has arrived.
    fn remove_from(&self, whole: &mut String) {
        if self.length == 0 {
            return;
        }
        let continues = whole.starts_with(&self.start);
        let rest = whole.get(self.length..).filter(|_| continues);
        *whole = rest.unwrap_or_default().to_owned();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The text after these chunks; each is a text and whether it is a whole message.
    fn text(chunks: &[(&str, bool)]) -> String {
        let mut arrived = Arrived::default();
        let mut all = String::new();
        for (text, is_whole) in chunks {
            let mut delta = Delta {
                text: (*text).to_owned(),
                is_whole: *is_whole,
                ..Delta::default()
            };
            arrived.remove_from(&mut delta);
            all.push_str(&delta.text);
        }
        all
    }

    #[test]
    fn a_message_after_its_deltas_is_read_once() {
        let rows: [(&[(&str, bool)], &str); 6] = [
            (
                &[("Hello ", false), ("there", false), ("Hello there", true)],
                "Hello there",
            ),
            (&[("Hello ", false), ("Hello there", true)], "Hello there"),
            (&[("", false), ("Hello there", true)], "Hello there"),
            (
                &[("Hello there ", false), ("Hello there", true)],
                "Hello there ",
            ),
            (&[("Hi", false), ("Hi", false)], "HiHi"),
            (&[("A", true), ("A b", true)], "A b"),
        ];
        for (chunks, expected) in rows {
            assert_eq!(text(chunks), expected, "{chunks:?}");
        }
    }

    #[test]
    fn a_long_text_is_compared_by_its_start() {
        let long = "word ".repeat(COMPARED);
        assert_eq!(text(&[(&long, false), (&long, true)]), long);
    }
}
