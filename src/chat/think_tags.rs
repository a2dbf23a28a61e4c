//! Reasoning that a server sends inside the text: `<think>…</think>` before the answer.
//!
//! Only the start of a text is searched, because a later tag is part of what the model writes.
//! The pieces of a stream may end anywhere, also inside a tag. Where the template of a model has
//! the opening tag, the text has only the closing one: at its start it is removed, and a text that
//! ends in it was reasoning.

use super::delta::Delta;

/// The tags of each family: DeepSeek, Qwen and most others; Gemini; Magistral; Seed-OSS; Kimi;
/// gpt-oss, on a server that does not read its channels.
const TAGS: &[(&str, &str)] = &[
    ("<think>", "</think>"),
    ("<thought>", "</thought>"),
    ("[THINK]", "[/THINK]"),
    ("<seed:think>", "</seed:think>"),
    ("◁think▷", "◁/think▷"),
    (
        "<|channel|>analysis<|message|>",
        "<|end|><|start|>assistant<|channel|>final<|message|>",
    ),
];

/// Most white space before a tag, in bytes: a text that starts with more is all text.
const MOST_BLANK: usize = 1024;

/// Where in the text the next piece continues.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Place {
    /// Before the first visible character, or inside what may be a tag.
    #[default]
    Start,
    /// Inside the reasoning, which this tag ends.
    Reasoning(&'static str),
    /// After the reasoning, before the first visible character.
    After,
    Text,
}

/// Separates the reasoning from the text, piece by piece.
#[derive(Debug, Default)]
pub(super) struct ThinkTags {
    place: Place,
    /// What may still be a tag, or white space at the end of the reasoning.
    held: String,
    saw_reasoning: bool,
    /// The place in the list of tokens, whose pieces are others.
    tokens: Option<Box<ThinkTags>>,
}

impl ThinkTags {
    /// Moves the reasoning in the text of a delta to its reasoning, and drops the log
    /// probabilities of its tokens.
    pub(super) fn split(&mut self, delta: &mut Delta) {
        if delta.is_whole
            && self.place == Place::Start
            && let Some(length) = unopened(&delta.text)
        {
            delta.text.truncate(length);
            delta.reasoning.push_str(delta.text.trim());
            delta.text.clear();
        }
        if !delta.logprobs.is_empty() {
            self.split_tokens(delta);
        }
        if self.place == Place::Text || delta.text.is_empty() {
            return;
        }
        let text = std::mem::take(&mut delta.text);
        self.push(&text, &mut delta.text, &mut delta.reasoning);
    }

    /// What was held back, at the end of the text.
    pub(super) fn finish(&mut self, text: &mut String) {
        if self.place == Place::Start {
            text.push_str(&std::mem::take(&mut self.held));
        }
    }

    /// Whether the text so far ends inside the reasoning.
    pub(super) fn is_inside(&self) -> bool {
        matches!(self.place, Place::Reasoning(_))
    }

    fn split_tokens(&mut self, delta: &mut Delta) {
        let tokens = self.tokens.get_or_insert_default();
        delta.logprobs.retain(|(token, _)| {
            let (mut text, mut reasoning) = (String::new(), String::new());
            tokens.push(token, &mut text, &mut reasoning);
            !text.is_empty()
        });
    }

    fn push(&mut self, piece: &str, text: &mut String, reasoning: &mut String) {
        if self.place == Place::Text {
            text.push_str(piece);
            return;
        }
        self.held.push_str(piece);
        if self.place == Place::Start {
            self.start(text);
        }
        if let Place::Reasoning(close) = self.place {
            self.reason(close, reasoning);
        }
        if self.place == Place::After {
            let rest = self.held.trim_start();
            if !rest.is_empty() {
                text.push_str(rest);
                self.place = Place::Text;
            }
            self.held.clear();
        }
    }

    /// Decides whether the text starts with a tag, once enough of it is there.
    fn start(&mut self, text: &mut String) {
        let visible = self.held.trim_start();
        let blank = self.held.len() - visible.len();
        let tag = TAGS.iter().find(|(open, _)| visible.starts_with(open));
        let closing = TAGS.iter().find(|(_, close)| visible.starts_with(close));
        let may_be_tag =
            |(open, close): &(&str, &str)| open.starts_with(visible) || close.starts_with(visible);
        if let Some((open, close)) = tag {
            self.held.drain(..blank + open.len());
            self.place = Place::Reasoning(close);
        } else if let Some((_, close)) = closing {
            self.held.drain(..blank + close.len());
            self.place = Place::After;
        } else if blank > MOST_BLANK || !TAGS.iter().any(may_be_tag) {
            text.push_str(&std::mem::take(&mut self.held));
            self.place = Place::Text;
        }
    }

    fn reason(&mut self, close: &'static str, reasoning: &mut String) {
        if !self.saw_reasoning {
            let blank = self.held.len() - self.held.trim_start().len();
            self.held.drain(..blank);
            self.saw_reasoning = !self.held.is_empty();
        }
        if let Some(end) = self.held.find(close) {
            reasoning.push_str(self.held[..end].trim_end());
            self.held.drain(..end + close.len());
            self.place = Place::After;
            return;
        }
        let tag_start = (1..close.len())
            .rev()
            .find(|length| {
                close
                    .get(..*length)
                    .is_some_and(|start| self.held.ends_with(start))
            })
            .unwrap_or(0);
        let kept = self.held[..self.held.len() - tag_start].trim_end().len();
        // White space is bounded too.
        let kept = if self.held.len() - kept > MOST_BLANK {
            self.held.len() - tag_start
        } else {
            kept
        };
        reasoning.push_str(&self.held[..kept]);
        self.held.drain(..kept);
    }
}

/// The length of the reasoning, if the text is nothing else: it ends in a closing tag on a line of
/// its own that no tag opens.
pub(super) fn unopened(text: &str) -> Option<usize> {
    let end = text.trim_end();
    TAGS.iter().find_map(|(open, close)| {
        let before = end.strip_suffix(close)?;
        let is_tag = before.ends_with('\n') && !before.contains(open) && !before.contains(close);
        is_tag.then_some(before.len())
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The text and the reasoning of an answer in these pieces.
    fn split<'a>(pieces: impl IntoIterator<Item = &'a str>) -> (String, String) {
        let mut tags = ThinkTags::default();
        let (mut text, mut reasoning) = (String::new(), String::new());
        for piece in pieces {
            let mut delta = Delta {
                text: piece.to_owned(),
                ..Delta::default()
            };
            tags.split(&mut delta);
            text.push_str(&delta.text);
            reasoning.push_str(&delta.reasoning);
        }
        tags.finish(&mut text);
        (text, reasoning)
    }

    const ROWS: &[(&str, &str, &str)] = &[
        ("<think>plan</think>Answer", "Answer", "plan"),
        (
            "\n <think>\nplan\nmore\n</think>\n\nAnswer\n",
            "Answer\n",
            "plan\nmore",
        ),
        ("<think>\n\n</think>\n\nAnswer", "Answer", ""),
        ("<think>cut insi", "", "cut insi"),
        ("<think>cut </thi", "", "cut"),
        ("<think>a < b </ c</think>x", "x", "a < b </ c"),
        ("<thought>plan</thought>Answer", "Answer", "plan"),
        ("[THINK]plan[/THINK]Answer", "Answer", "plan"),
        ("<seed:think>plan</seed:think>Answer", "Answer", "plan"),
        ("◁think▷plan ◁/ b◁/think▷Answer", "Answer", "plan ◁/ b"),
        ("◁think▷cut ◁/thi", "", "cut"),
        ("◁ is a triangle", "◁ is a triangle", ""),
        (
            "<|channel|>analysis<|message|>plan<|end|><|start|>assistant<|channel|>final<|message|>\
            Answer",
            "Answer",
            "plan",
        ),
        ("<|channel|>analysis<|message|>cut<|end|><|st", "", "cut"),
        ("<|channel|>final", "<|channel|>final", ""),
        (
            "A <think>later</think> tag",
            "A <think>later</think> tag",
            "",
        ),
        (
            "<think>a</think>b<think>c</think>",
            "b<think>c</think>",
            "a",
        ),
        ("</think>\n\nAnswer", "Answer", ""),
        ("\n</think>\n", "", ""),
        ("[/THINK]Answer", "Answer", ""),
        ("</thi", "</thi", ""),
        ("</thinking>text", "</thinking>text", ""),
        ("plan\n</think>\n\nAnswer", "plan\n</think>\n\nAnswer", ""),
        ("<thinking>text</thinking>", "<thinking>text</thinking>", ""),
        ("<html>", "<html>", ""),
        ("  indented", "  indented", ""),
        ("<thi", "<thi", ""),
        ("", "", ""),
    ];

    #[test]
    fn reasoning_at_the_start_is_no_text_however_it_is_split() {
        for (answer, text, reasoning) in ROWS {
            let expected = ((*text).to_owned(), (*reasoning).to_owned());
            assert_eq!(split([*answer]), expected, "{answer}");
            let characters = answer.split_inclusive(|_| true);
            assert_eq!(split(characters), expected, "{answer}, one by one");
            for at in (0..=answer.len()).filter(|at| answer.is_char_boundary(*at)) {
                let (one, two) = answer.split_at(at);
                assert_eq!(split([one, two]), expected, "{one}|{two}");
            }
        }
    }

    #[test]
    fn the_tokens_of_the_reasoning_do_not_count() {
        let tokens = ["<think>", "plan", "</", "think>", "\n", "Yes", " sir"];
        let mut delta = Delta {
            text: tokens.concat(),
            logprobs: tokens.map(|token| (token.to_owned(), -0.5)).to_vec(),
            ..Delta::default()
        };
        ThinkTags::default().split(&mut delta);
        let kept: Vec<&str> = delta
            .logprobs
            .iter()
            .map(|(token, _)| token.as_str())
            .collect();
        assert_eq!(
            (delta.text.as_str(), kept),
            ("Yes sir", vec!["Yes", " sir"])
        );
    }

    #[test]
    fn white_space_is_not_held_without_end() {
        let blank = " ".repeat(MOST_BLANK + 1);
        let mut tags = ThinkTags::default();
        let (mut text, mut reasoning) = (String::new(), String::new());
        tags.push(&blank, &mut text, &mut reasoning);
        assert_eq!(text, blank);
        let mut tags = ThinkTags::default();
        tags.push("<think>x", &mut text, &mut reasoning);
        tags.push(&blank, &mut text, &mut reasoning);
        assert_eq!(reasoning.len(), 1 + blank.len());
    }

    proptest! {
        #[test]
        fn nothing_else_is_lost(answer in "[a<>/ ]{0,8}(<think>)?[a-z<>/\n ]{0,20}", at in 0..20_usize) {
            let at = answer.floor_char_boundary(at.min(answer.len()));
            let (one, two) = answer.split_at(at);
            prop_assert_eq!(split([one, two]), split([answer.as_str()]));
        }
    }
}
