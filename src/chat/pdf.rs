//! The engines that parse a PDF for the model.

use std::str::FromStr;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::message::{ContentPart, Message, Role};

/// What parses a PDF.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PdfEngine {
    /// The router's free parser; it reads text, not scanned pages.
    Free,
    /// The model itself.
    Native,
    /// A paid parser that also reads scanned pages.
    Ocr,
}

/// Each engine with its word in flags and profiles.
pub(crate) const ENGINES: &[(&str, PdfEngine)] = &[
    ("free", PdfEngine::Free),
    ("native", PdfEngine::Native),
    ("ocr", PdfEngine::Ocr),
];

/// The words alone, in the same order.
pub(crate) const ENGINE_WORDS: &[&str] = &[ENGINES[0].0, ENGINES[1].0, ENGINES[2].0];

/// A word that names no engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("it must be one of free, native, ocr")]
pub struct UnknownEngine;

impl FromStr for PdfEngine {
    type Err = UnknownEngine;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        ENGINES
            .iter()
            .find(|(word, _)| *word == text)
            .map(|(_, engine)| *engine)
            .ok_or(UnknownEngine)
    }
}

impl std::fmt::Display for PdfEngine {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let word = ENGINES
            .iter()
            .find(|(_, engine)| engine == self)
            .map_or("", |(word, _)| word);
        formatter.write_str(word)
    }
}

/// Whether a document is among the messages.
pub(crate) fn has_documents(messages: &[Message]) -> bool {
    messages.iter().any(holds_document)
}

/// Whether a document among the messages is not parsed yet: the parse of an earlier one is in the
/// answer to it.
pub(crate) fn has_unparsed(messages: &[Message]) -> bool {
    // The answers with tool calls, and the results of these, may come before it.
    let is_parsed = |index: usize| {
        let later = messages[index + 1..].iter();
        later
            .take_while(|message| message.role != Role::User)
            .any(|answer| !answer.annotations.is_empty())
    };
    messages
        .iter()
        .enumerate()
        .any(|(index, message)| holds_document(message) && !is_parsed(index))
}

fn holds_document(message: &Message) -> bool {
    message
        .content
        .iter()
        .any(|part| matches!(part, ContentPart::File { .. }))
}

/// Whether an annotation of an answer is the parse of a file. It is sent back so that the file is
/// not parsed, and billed, again.
pub(crate) fn is_parse(annotation: &Value) -> bool {
    annotation["type"] == "file" && annotation["file"].is_object()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn words_and_engines_are_the_same_everywhere() {
        for (word, engine) in ENGINES {
            assert_eq!(
                (word.parse(), engine.to_string().as_str(), json!(engine)),
                (Ok(*engine), *word, json!(word))
            );
        }
        assert_eq!("mistral-ocr".parse::<PdfEngine>(), Err(UnknownEngine));
    }

    #[test]
    fn a_document_whose_parse_came_with_the_answer_is_parsed() {
        let document = ContentPart::File {
            name: "a.pdf".to_owned(),
            url: "data:".into(),
        };
        let asked = Message {
            content: vec![document],
            ..Message::text(Role::User, "")
        };
        let parsed = Message {
            annotations: vec![json!({"type": "file", "file": {"hash": "h"}})],
            ..Message::answer("a", None)
        };
        assert!(!has_documents(&[Message::text(Role::User, "hi")]));
        assert!(has_unparsed(&[
            asked.clone(),
            Message::answer("a", None),
            Message::text(Role::User, "hi")
        ]));
        assert!(!has_unparsed(&[
            asked.clone(),
            parsed.clone(),
            Message::text(Role::User, "hi")
        ]));
        assert!(has_unparsed(&[
            asked.clone(),
            parsed.clone(),
            asked.clone()
        ]));
        let of_tools = || {
            [
                Message::answer("", None),
                Message::text(Role::Tool, "result"),
            ]
        };
        let mut with_tools = vec![asked.clone()];
        with_tools.extend(of_tools());
        with_tools.push(Message::text(Role::User, "hi"));
        with_tools.push(parsed.clone());
        assert!(has_unparsed(&with_tools));
        with_tools.remove(3);
        assert!(!has_unparsed(&with_tools));
    }
}
