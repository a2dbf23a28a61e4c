//! The progress of several answers, one line each.

use crate::ask::outcome::Outcome;
use crate::chat::event::ChatEvent;
use crate::present::count::{thousands, token_words};

/// Bytes of text per token, approximately.
const BYTES_PER_TOKEN: usize = 4;

/// The progress of one answer.
#[derive(Debug, Default)]
struct Row {
    label: String,
    /// Bytes of text and reasoning so far.
    bytes: usize,
    status: String,
}

/// The lines of all answers.
#[derive(Debug)]
pub(super) struct Progress {
    rows: Vec<Row>,
    widest: usize,
}

impl Progress {
    pub(super) fn new(labels: Vec<String>) -> Self {
        let widest = labels
            .iter()
            .map(|label| label.chars().count())
            .max()
            .unwrap_or_default();
        let row = |label| Row {
            label,
            status: "waiting".to_owned(),
            bytes: 0,
        };
        Self {
            rows: labels.into_iter().map(row).collect(),
            widest,
        }
    }

    /// Updates the line of an answer; `index` counts from 0.
    pub(super) fn update(&mut self, index: usize, event: &ChatEvent) {
        let row = &mut self.rows[index];
        match event {
            ChatEvent::Start { .. } => "sent".clone_into(&mut row.status),
            ChatEvent::Reasoning(text) => row.receive("thinking", text),
            ChatEvent::Text(text) => row.receive("writing", text),
            ChatEvent::Retry {
                attempt, attempts, ..
            } => row.status = format!("retrying ({attempt} of {attempts})"),
            ChatEvent::LargerBudget { to, .. } => {
                row.status = format!("retrying with {} tokens", thousands((*to).into()));
            }
            ChatEvent::Fallback { to, .. } => row.status = format!("trying profile {to}"),
            ChatEvent::WithoutLogprobs { .. } | ChatEvent::AskAgain { .. } => {
                "retrying".clone_into(&mut row.status);
            }
            // Several answers have no tools.
            ChatEvent::Calls
            | ChatEvent::Running(_)
            | ChatEvent::CallEnded(_)
            | ChatEvent::Shortened { .. }
            | ChatEvent::Structured(_)
            | ChatEvent::End(_) => {}
        }
    }

    /// Sets the final line of an answer.
    pub(super) fn finish(&mut self, index: usize, outcome: &Outcome) {
        let answer = &outcome.answer;
        let seconds = answer.total.as_secs_f64();
        self.rows[index].status = match (
            &outcome.error,
            answer.usage.and_then(|usage| usage.completion_tokens),
        ) {
            (Some(_), _) if outcome.is_signalled() || outcome.is_output_closed => {
                "stopped".to_owned()
            }
            (Some(error), _) => format!("failed: {}", error.message),
            (None, Some(tokens)) => format!("done, {}, {seconds:.1} s", token_words(tokens)),
            (None, None) => format!("done, {seconds:.1} s"),
        };
    }

    pub(super) fn lines(&self) -> Vec<String> {
        self.rows
            .iter()
            .map(|row| format!("{:<width$}  {}", row.label, row.status, width = self.widest))
            .collect()
    }
}

impl Row {
    fn receive(&mut self, what: &str, text: &str) {
        self.bytes += text.len();
        let tokens = self.bytes.div_ceil(BYTES_PER_TOKEN) as u64;
        self.status = format!("{what}, about {}", token_words(tokens));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chat::answer::Answer;
    use crate::chat::turn::TurnState;

    #[test]
    fn each_line_shows_the_progress_of_its_answer() {
        let mut progress = Progress::new(vec!["1".to_owned(), "a/model".to_owned()]);
        progress.update(0, &ChatEvent::Reasoning("hm hm hm".to_owned()));
        progress.update(0, &ChatEvent::Text("Hello".to_owned()));
        assert_eq!(
            progress.lines(),
            ["1        writing, about 4 tokens", "a/model  waiting"]
        );
        progress.finish(
            1,
            &Outcome::new(Answer::default(), TurnState::Complete, None),
        );
        assert_eq!(progress.lines()[1], "a/model  done, 0.0 s");
    }
}
