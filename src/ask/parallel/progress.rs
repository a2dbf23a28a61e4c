//! How far each of several answers has come, in a line each.

use crate::ask::run::Ending;
use crate::chat::event::ChatEvent;

/// Bytes of text that make about one token.
const BYTES_OF_TOKEN: usize = 4;

/// How far one has come.
#[derive(Debug, Default)]
struct Lane {
    label: String,
    bytes: usize,
    words: String,
}

/// The lines, kept until all have ended.
#[derive(Debug)]
pub struct Progress {
    lanes: Vec<Lane>,
    widest: usize,
}

impl Progress {
    pub fn new(labels: Vec<String>) -> Self {
        let widest = labels
            .iter()
            .map(|label| label.chars().count())
            .max()
            .unwrap_or_default();
        let lane = |label| Lane {
            label,
            words: "waiting".to_owned(),
            bytes: 0,
        };
        Self {
            lanes: labels.into_iter().map(lane).collect(),
            widest,
        }
    }

    pub fn see(&mut self, index: usize, event: &ChatEvent) {
        let lane = &mut self.lanes[index];
        match event {
            ChatEvent::Start { .. } => "asked".clone_into(&mut lane.words),
            ChatEvent::Reasoning(text) => lane.arrived("thinking", text),
            ChatEvent::Text(text) => lane.arrived("writing", text),
            ChatEvent::Retry {
                attempt, attempts, ..
            } => lane.words = format!("waiting for attempt {attempt} of {attempts}"),
            ChatEvent::LargerBudget { to, .. } => {
                lane.words = format!("asked again with {to} tokens");
            }
            ChatEvent::Fallback { to, .. } => lane.words = format!("asking profile {to}"),
            ChatEvent::WithoutLogprobs { .. } | ChatEvent::AskAgain { .. } => {
                "asked again".clone_into(&mut lane.words);
            }
            ChatEvent::Structured(_) | ChatEvent::End(_) => {}
        }
    }

    pub fn end(&mut self, index: usize, ending: &Ending) {
        let lane = &mut self.lanes[index];
        lane.words = match ending {
            Ending::Complete(answer) => {
                match answer.usage.and_then(|usage| usage.completion_tokens) {
                    Some(tokens) => {
                        format!("done, {tokens} tokens, {:.1} s", answer.total.as_secs_f64())
                    }
                    None => format!("done, {:.1} s", answer.total.as_secs_f64()),
                }
            }
            Ending::Failed(failure) => format!("failed: {}", failure.error),
            Ending::Signalled(..) | Ending::Unshown(..) => "stopped".to_owned(),
        };
    }

    pub fn lines(&self) -> Vec<String> {
        self.lanes
            .iter()
            .map(|lane| {
                format!(
                    "{:<width$}  {}",
                    lane.label,
                    lane.words,
                    width = self.widest
                )
            })
            .collect()
    }
}

impl Lane {
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

    #[test]
    fn each_line_tells_how_far_it_is() {
        let mut progress = Progress::new(vec!["1".to_owned(), "a/model".to_owned()]);
        progress.see(0, &ChatEvent::Reasoning("hm hm hm".to_owned()));
        progress.see(0, &ChatEvent::Text("Hello".to_owned()));
        assert_eq!(
            progress.lines(),
            ["1        writing, about 4 tokens", "a/model  waiting"]
        );
        progress.end(1, &Ending::Complete(Box::default()));
        assert_eq!(progress.lines()[1], "a/model  done, 0.0 s");
    }
}
