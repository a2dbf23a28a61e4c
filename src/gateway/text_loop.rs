//! Notices a stream of text that repeats itself.

use serde::Deserialize;
use serde_json::Value;

use super::event_split::{EventSplitter, Piece};
use super::stream_scan::data_of;

/// The end of the text that is looked for in what was before it, in bytes.
const LENGTH: usize = 80;

/// How often it must be repeated, or what is longer.
const TIMES: usize = 6;

/// Longest text whose repetition is noticed, in bytes.
const LONGEST: usize = 400;

/// What is kept of the text, in bytes.
const KEPT: usize = LONGEST * TIMES;

/// Starts of lines that repeat in good answers: tables, lists, rules.
const EXCUSED: &[&str] = &["|", "-", "*", "+", "=", "#", ">", "_", "```", "    "];

/// Follows the text of an answer.
#[derive(Debug, Default)]
pub(super) struct TextLoop {
    events: EventSplitter,
    text: TextEnd,
}

/// The end of a text.
#[derive(Debug, Default)]
struct TextEnd {
    /// The last [`KEPT`] bytes.
    tail: Vec<u8>,
    /// The current line, up to its first bytes.
    line: Vec<u8>,
    is_in_fence: bool,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct TextEvent {
    choices: Vec<TextChoice>,
    delta: Value,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct TextChoice {
    delta: TextDelta,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct TextDelta {
    content: Option<String>,
}

impl TextLoop {
    /// Reads the bytes of a stream; whether its text repeats itself.
    pub(super) fn push(&mut self, bytes: &[u8]) -> bool {
        let (text, mut is_loop) = (&mut self.text, false);
        self.events.push(bytes, |piece| {
            if let Piece::Event(event) = piece {
                is_loop = is_loop || text.read(&text_of(event));
            }
        });
        is_loop
    }
}

impl TextEnd {
    /// Adds text; whether it repeats itself now.
    fn read(&mut self, text: &str) -> bool {
        for byte in text.bytes() {
            if byte == b'\n' {
                if self.line.starts_with(b"```") {
                    self.is_in_fence = !self.is_in_fence;
                }
                self.line.clear();
            } else if self.line.len() < 8 {
                self.line.push(byte);
            }
        }
        self.tail.extend_from_slice(text.as_bytes());
        let more = self.tail.len().saturating_sub(KEPT);
        self.tail.drain(..more);
        self.is_loop()
    }

    fn is_loop(&self) -> bool {
        let Some(start) = self.tail.len().checked_sub(LENGTH) else {
            return false;
        };
        let (before, last) = (&self.tail[..self.tail.len() - 1], &self.tail[start..]);
        let Some(found) = memchr::memmem::rfind(before, last) else {
            return false;
        };
        let period = start - found;
        let Some(from) = self.tail.len().checked_sub(TIMES * period.max(LENGTH)) else {
            return false;
        };
        let span = &self.tail[from..];
        let mut pairs = span[period..].iter().zip(span);
        pairs.all(|(later, earlier)| later == earlier)
            && !self.is_in_fence
            && !self.is_excused(span)
    }

    /// Whether the text is a table, a list or a rule: its lines repeat in good answers.
    fn is_excused(&self, text: &[u8]) -> bool {
        let is_mark = |line: &[u8]| {
            let is_number = line.first().is_some_and(u8::is_ascii_digit);
            is_number || EXCUSED.iter().any(|mark| line.starts_with(mark.as_bytes()))
        };
        let mut lines = text.split(|byte| *byte == b'\n').skip(1);
        let has_lines = text.contains(&b'\n');
        let are_marks = has_lines && lines.all(|line| line.is_empty() || is_mark(line));
        are_marks || (!has_lines && is_mark(&self.line))
    }
}

/// The text that an event adds to the answer, in any of the APIs.
fn text_of(event: &[u8]) -> String {
    let data = data_of(event).unwrap_or_default();
    let event: TextEvent = serde_json::from_slice(&data).unwrap_or_default();
    let chat = event
        .choices
        .into_iter()
        .filter_map(|choice| choice.delta.content);
    let other = event.delta.as_str().or(event.delta["text"].as_str());
    chat.chain(other.map(str::to_owned)).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn loops(text: &str) -> bool {
        loops_with(text, "\n\n")
    }

    /// The same with events that end otherwise.
    fn loops_with(text: &str, end: &str) -> bool {
        let mut guard = TextLoop::default();
        let chars: Vec<char> = text.chars().collect();
        chars.chunks(7).any(|chunk| {
            let content: String = chunk.iter().collect();
            let event = json!({"choices": [{"delta": {"content": content}}]});
            guard.push(format!("data: {event}{end}").as_bytes())
        })
    }

    #[test]
    fn only_text_that_repeats_itself_is_a_loop() {
        let sentence =
            "I will now read the file again to see what it says about it. Once more, go.....\n";
        assert_eq!(sentence.len(), 80);
        let table = "| a | b | c |\n|---|---|---|\n".to_owned() + &"| 1 | 2 | 3 |\n".repeat(100);
        let fence = format!("```\n{}```\n", "0000000000000000\n".repeat(100));
        let list = "- [ ] todo\n".repeat(100);
        let rule = "-".repeat(600);
        let prose = (0..200).map(|number| format!("Sentence {number} is another one. "));
        for (text, is_loop) in [
            (sentence.repeat(7).as_str(), true),
            (&"again ".repeat(200), true),
            (&sentence.repeat(7).replace("....", "."), true),
            (&sentence.repeat(5).replace("....", "."), false),
            (&sentence.repeat(3).replace("go", "stop").repeat(7), true),
            (&"again and ".repeat(100), true),
            (&sentence.repeat(5), false),
            (&table, false),
            (&fence, false),
            (&list, false),
            (&rule, false),
            (&prose.collect::<String>(), false),
        ] {
            assert_eq!(loops(text), is_loop, "{}", &text[..40]);
        }
    }

    #[test]
    fn events_of_every_line_end_are_read() {
        for end in ["\n\n", "\r\n\r\n", "\r\r", "\n\r\n"] {
            assert!(loops_with(&"again ".repeat(200), end), "{end:?}");
        }
    }

    #[test]
    fn the_text_of_every_api_is_read() {
        for event in [
            json!({"choices": [{"delta": {"content": "x"}}]}),
            json!({"type": "response.output_text.delta", "delta": "x"}),
            json!({"type": "content_block_delta", "delta": {"type": "text_delta", "text": "x"}}),
        ] {
            assert_eq!(
                text_of(format!("event: e\ndata: {event}\n\n").as_bytes()),
                "x"
            );
        }
        assert_eq!(text_of(b": comment\n\n"), "");
        assert_eq!(text_of(b"data: [DONE]\n\n"), "");
    }
}
