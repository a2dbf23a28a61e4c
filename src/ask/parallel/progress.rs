//! How far each of several answers has come, in a line each.

use crate::ask::outcome::Outcome;
use crate::chat::event::ChatEvent;

/// Bytes of text that make about one token.
const BYTES_OF_TOKEN: usize = 4;

/// How far one has come.
#[derive(Debug, Default)]
struct Row {
    label: String,
    bytes: usize,
    words: String,
}

/// The lines, kept until all have ended.
#[derive(Debug)]
pub struct Progress {
    rows: Vec<Row>,
    widest: usize,
}

impl Progress {
    pub fn new(labels: Vec<String>) -> Self {
        let widest = labels
            .iter()
            .map(|label| label.chars().count())
            .max()
            .unwrap_or_default();
        let row = |label| Row {
            label,
            words: "waiting".to_owned(),
            bytes: 0,
        };
        Self {
            rows: labels.into_iter().map(row).collect(),
            widest,
        }
    }

    pub fn see(&mut self, index: usize, event: &ChatEvent) {
        let row = &mut self.rows[index];
        match event {
            ChatEvent::Start { .. } => "asked".clone_into(&mut row.words),
            ChatEvent::Reasoning(text) => row.arrived("thinking", text),
            ChatEvent::Text(text) => row.arrived("writing", text),
            ChatEvent::Retry {
                attempt, attempts, ..
            } => row.words = format!("waiting for attempt {attempt} of {attempts}"),
            ChatEvent::LargerBudget { to, .. } => {
                row.words = format!("asked again with {to} tokens");
            }
            ChatEvent::Fallback { to, .. } => row.words = format!("asking profile {to}"),
            ChatEvent::WithoutLogprobs { .. } | ChatEvent::AskAgain { .. } => {
                "asked again".clone_into(&mut row.words);
            }
            ChatEvent::Structured(_) | ChatEvent::End(_) => {}
        }
    }

    pub fn end(&mut self, index: usize, outcome: &Outcome) {
        let answer = &outcome.answer;
        let seconds = answer.total.as_secs_f64();
        self.rows[index].words = match (
            &outcome.error,
            answer.usage.and_then(|usage| usage.completion_tokens),
        ) {
            (Some(_), _) if outcome.is_signalled() || outcome.is_unwatched => "stopped".to_owned(),
            (Some(error), _) => format!("failed: {}", error.message),
            (None, Some(tokens)) => format!("done, {tokens} tokens, {seconds:.1} s"),
            (None, None) => format!("done, {seconds:.1} s"),
        };
    }

    pub fn lines(&self) -> Vec<String> {
        self.rows
            .iter()
            .map(|row| format!("{:<width$}  {}", row.label, row.words, width = self.widest))
            .collect()
    }
}

impl Row {
    fn arrived(&mut self, what: &str, text: &str) {
        self.bytes += text.len();
        self.words = format!(
            "{what}, about {} tokens",
            self.bytes.div_ceil(BYTES_OF_TOKEN)
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chat::answer::Answer;
    use crate::chat::turn::TurnState;

    #[test]
    fn each_line_tells_how_far_it_is() {
        let mut progress = Progress::new(vec!["1".to_owned(), "a/model".to_owned()]);
        progress.see(0, &ChatEvent::Reasoning("hm hm hm".to_owned()));
        progress.see(0, &ChatEvent::Text("Hello".to_owned()));
        assert_eq!(
            progress.lines(),
            ["1        writing, about 4 tokens", "a/model  waiting"]
        );
        progress.end(
            1,
            &Outcome::new(Answer::default(), TurnState::Complete, None),
        );
        assert_eq!(progress.lines()[1], "a/model  done, 0.0 s");
    }
}
