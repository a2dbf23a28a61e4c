//! A chunk that repeats what earlier chunks said: some servers end a stream with the whole message.
//! Others stream the pieces of an answer as messages.

use super::delta::Delta;

/// Most of a text that is compared, in bytes.
const COMPARED: usize = 64 * 1024;

/// The part of the answer that has arrived.
#[derive(Debug, Default)]
pub(super) struct Arrived {
    text: ArrivedText,
    reasoning: ArrivedText,
    refusal: ArrivedText,
    has_details: bool,
    has_tools: bool,
    has_media: bool,
    /// The reason of the end has arrived: no piece follows it.
    has_finished: bool,
}

/// The start of a text, and the length of all of it.
#[derive(Debug, Default)]
struct ArrivedText {
    start: String,
    length: usize,
    /// Some of it arrived in deltas.
    has_deltas: bool,
}

impl Arrived {
    /// Removes from a whole message what has arrived, and remembers the rest.
    pub(super) fn remove_from(&mut self, delta: &mut Delta) {
        if delta.is_whole {
            let is_last = delta.finish_reason.is_some() || self.has_finished;
            let is_repeated = self.text.remove_from(&mut delta.text, is_last);
            self.reasoning.remove_from(&mut delta.reasoning, is_last);
            self.refusal.remove_from(&mut delta.refusal, is_last);
            if is_repeated {
                delta.logprobs.clear();
            }
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
        let is_delta = !delta.is_whole;
        self.text.push(&delta.text, is_delta);
        self.reasoning.push(&delta.reasoning, is_delta);
        self.refusal.push(&delta.refusal, is_delta);
        self.has_details = self.has_details || delta.reasoning_details.is_some();
        self.has_tools = self.has_tools || !delta.tool_fragments.is_empty();
        self.has_media = self.has_media || !delta.media.is_empty();
        self.has_finished = self.has_finished || delta.finish_reason.is_some();
    }
}

impl ArrivedText {
    fn push(&mut self, text: &str, is_delta: bool) {
        self.has_deltas = self.has_deltas || is_delta && !text.is_empty();
        self.length += text.len();
        let room = COMPARED.saturating_sub(self.start.len());
        if room > 0 {
            let kept = text.floor_char_boundary(room.min(text.len()));
            self.start.push_str(&text[..kept]);
        }
    }

    /// Removes from a message the part that has arrived, also in another form of white space;
    /// true when it repeats that. What starts otherwise is a piece of its own, unless it is the
    /// last message after deltas: then it is the same text in another form.
    fn remove_from(&self, message: &mut String, is_last: bool) -> bool {
        if self.length == 0 {
            return false;
        }
        let rest = match self.rest_of(message) {
            Some(rest) => rest.to_owned(),
            None if is_last && self.has_deltas => String::new(),
            None => return false,
        };
        *message = rest;
        true
    }

    /// What follows the part that has arrived; `None` when the text does not start with it.
    fn rest_of<'a>(&self, message: &'a str) -> Option<&'a str> {
        if message.starts_with(&self.start)
            && let Some(rest) = message.get(self.length..)
        {
            return Some(rest);
        }
        let mut rest = message;
        for c in self.start.chars().filter(|c| !c.is_whitespace()) {
            rest = rest.trim_start().strip_prefix(c)?;
        }
        // Where the text that was not compared ends is unknown.
        let is_compared = self.start.len() == self.length;
        Some(if is_compared { rest } else { "" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chat::finish_reason::FinishReason;

    /// The text after these chunks; each is a text, with a bar when it is the last one, and whether
    /// it is a whole message.
    fn text(chunks: &[(&str, bool)]) -> String {
        let mut arrived = Arrived::default();
        let mut all = String::new();
        for (text, is_whole) in chunks {
            let mut delta = Delta {
                text: (*text).trim_end_matches('|').to_owned(),
                is_whole: *is_whole,
                finish_reason: text.ends_with('|').then_some(FinishReason::Stop),
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
    fn pieces_that_come_as_messages_are_all_read() {
        let rows: [(&[(&str, bool)], &str); 8] = [
            (
                &[
                    ("<think>hm</think>Hello", false),
                    ("|", false),
                    ("Hello", true),
                ],
                "<think>hm</think>Hello",
            ),
            (
                &[("Hello ", true), ("there ", true), ("world|", true)],
                "Hello there world",
            ),
            (&[("Hello ", true), ("world|", true)], "Hello world"),
            (
                &[("Hello ", false), ("there ", true), ("Hello there", true)],
                "Hello there ",
            ),
            // The same text in another form.
            (
                &[("Hello  there", false), ("Hello there", true)],
                "Hello  there",
            ),
            (&[("Hello there", false), ("Hallo|", true)], "Hello there"),
            (&[("A  b", false), ("A b c", true)], "A  b c"),
            (&[("\n", false), ("Hello", true)], "\nHello"),
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
