//! An answer for people: text as it arrives, Markdown on a terminal, reasoning folded.

use std::time::Instant;

use super::blank_rows::BlankRows;
use super::capabilities::MarkdownForm;
use super::last_row;
use super::markdown::Markdown;
use super::sanitise::Sanitiser;
use super::spinner::Spinner;
use super::style::{Span, Style};
use super::terminal::{self, Stream};
use crate::chat::event::ChatEvent;
use crate::ports::call_words::call_words;
use crate::ports::output::ReasoningDisplay;
use crate::present::count::{plural, thousands};
use crate::wire::redact::Redactor;

/// The note for an event that holds nothing of the answer.
pub(super) fn note_of(event: &ChatEvent) -> Option<String> {
    match event {
        ChatEvent::Retry {
            attempt,
            attempts,
            wait,
            failed,
        } => {
            // Rounded up, so that nothing is sent before the time that was shown.
            let tenths = wait.as_millis().div_ceil(100);
            let (seconds, tenth) = (tenths / 10, tenths % 10);
            // The words once: they may be long, and an attempt that fails alike adds nothing.
            let why = if failed.is_repeated {
                String::new()
            } else {
                format!(": {}", failed.why)
            };
            Some(format!(
                "retrying in {seconds}.{tenth} s ({attempt} of {attempts}){why}"
            ))
        }
        ChatEvent::LargerBudget { from, to } => Some(format!(
            "all {} tokens went into reasoning; retrying with {}",
            thousands((*from).into()),
            thousands((*to).into())
        )),
        ChatEvent::Fallback { failed, to, .. } => {
            let why = if failed.is_repeated {
                failed.status.to_string()
            } else {
                failed.why.clone()
            };
            Some(format!(
                "profile '{}' failed ({why}); trying profile '{to}'",
                failed.profile
            ))
        }
        ChatEvent::AskAgain { why } => Some(why.clone()),
        ChatEvent::CallEnded(ended) => Some(call_words(&ended.call, &ended.result)),
        ChatEvent::Shortened { results } => Some(format!(
            "{} shortened to fit the context window",
            plural(*results, "result")
        )),
        ChatEvent::WithoutLogprobs { why } => Some(format!(
            "retrying without log probabilities; the model declares its confidence: {why}"
        )),
        ChatEvent::Start { .. }
        | ChatEvent::Reasoning(_)
        | ChatEvent::Text(_)
        | ChatEvent::Structured(_)
        | ChatEvent::Calls
        | ChatEvent::Running(_)
        | ChatEvent::End(_) => None,
    }
}

/// State of one answer that is being shown.
pub(super) struct TextAnswer {
    /// `None` when the source is shown as it is.
    markdown: Option<Markdown>,
    spans: Vec<Span>,
    sanitiser: Sanitiser,
    redactor: Redactor,
    reasoning: ReasoningDisplay,
    reasoning_since: Option<Instant>,
    reasoning_is_shown: bool,
    has_text: bool,
    /// Its first text was shown.
    has_begun: bool,
    /// A text of the same answer was shown before its calls; an empty line separates the two.
    follows_text: bool,
    /// Calls of tools follow its text.
    has_calls: bool,
    blank_rows: BlankRows,
    width: usize,
    has_paused: bool,
}

impl TextAnswer {
    /// `form` is how Markdown is shown; `None` where its source is.
    pub(super) fn new(
        form: Option<MarkdownForm>,
        reasoning: ReasoningDisplay,
        width: usize,
    ) -> Self {
        Self {
            markdown: form.map(|form| Markdown::new(width, form)),
            spans: Vec::new(),
            blank_rows: BlankRows::default(),
            sanitiser: Sanitiser::default(),
            redactor: Redactor::default(),
            reasoning,
            reasoning_since: None,
            reasoning_is_shown: false,
            has_text: false,
            has_begun: false,
            follows_text: false,
            has_calls: false,
            width,
            has_paused: false,
        }
    }

    /// The same for what follows the calls of another text.
    pub(super) fn after(self, earlier: &Self) -> Self {
        Self {
            follows_text: earlier.has_calls && (earlier.has_text || earlier.follows_text),
            ..self
        }
    }

    /// A whole text, rendered on a terminal.
    pub(super) fn document(text: &str, stdout: &mut Stream) {
        let mut document = Self::new(
            stdout.markdown(),
            ReasoningDisplay::Hidden,
            terminal::width(),
        );
        // What is above it is no note.
        document.has_begun = true;
        document.show(text, stdout);
        document.finish(stdout);
    }

    /// Nothing more has arrived: the width of the terminal may change before the next text.
    pub(super) fn pause(&mut self) {
        self.has_paused = true;
    }

    fn follow_width(&mut self) {
        if !std::mem::take(&mut self.has_paused) {
            return;
        }
        if let Some(markdown) = &mut self.markdown {
            self.width = terminal::width();
            markdown.set_width(self.width);
        }
    }

    /// Shows one event; returns a note where nothing else shows it.
    pub(super) fn event(
        &mut self,
        event: &ChatEvent,
        stdout: &mut Stream,
        stderr: &mut Stream,
        spinner: &mut Spinner,
    ) -> Option<String> {
        self.follow_width();
        match event {
            ChatEvent::Start { model, .. } => spinner.show(model),
            ChatEvent::Reasoning(text) => self.show_reasoning(text, stderr, spinner),
            ChatEvent::Text(text) => {
                self.end_reasoning(stderr, spinner);
                if stdout.is_file {
                    spinner.receiving(text.len());
                } else {
                    spinner.answer(text.len());
                }
                self.show(text, stdout);
            }
            ChatEvent::Structured(json) => {
                self.end_reasoning(stderr, spinner);
                spinner.clear();
                self.show_json(json, stdout);
            }
            ChatEvent::AskAgain { .. } | ChatEvent::LargerBudget { .. } => {
                self.reasoning_since = None;
            }
            ChatEvent::Calls => {
                self.end_reasoning(stderr, spinner);
                spinner.clear();
                self.finish(stdout);
                self.has_calls = true;
            }
            ChatEvent::Running(tools) => spinner.run(&running_words(tools)),
            ChatEvent::Retry { .. }
            | ChatEvent::CallEnded(_)
            | ChatEvent::Fallback { .. }
            | ChatEvent::WithoutLogprobs { .. }
            | ChatEvent::Shortened { .. }
            | ChatEvent::End(_) => {}
        }
        note_of(event)
    }

    fn show(&mut self, text: &str, stdout: &mut Stream) {
        // White space before the first word would only push the answer down.
        let text = if self.has_text {
            text
        } else {
            text.trim_start_matches(['\n', '\r'])
        };
        self.has_text = self.has_text || !text.is_empty();
        let is_first = self.has_text && !std::mem::replace(&mut self.has_begun, self.has_text);
        if is_first && self.needs_gap(stdout.is_terminal) {
            stdout.text("\n", Style::Plain);
        }
        match &mut self.markdown {
            None => stdout.content(text, Style::Plain),
            Some(markdown) => {
                // Rendered after the text has been made inert, so that no mark hides in it.
                let (mut inert, mut clean) = (
                    String::with_capacity(text.len()),
                    String::with_capacity(text.len()),
                );
                self.sanitiser.push(text, &mut inert);
                // Before the marks are removed, or a secret with a mark in it would pass.
                self.redactor.push(&inert, &mut clean);
                markdown.push(&clean, &mut self.spans);
                self.show_spans(stdout);
            }
        }
    }

    fn show_spans(&mut self, stdout: &mut Stream) {
        for (look, text) in self.spans.drain(..) {
            self.blank_rows
                .push(look, &text, &mut |look, text| stdout.content(text, look));
        }
    }

    /// Whether an empty row belongs before the first word: below the text before its calls, and on
    /// a terminal below notes and other words of ours.
    fn needs_gap(&self, is_terminal: bool) -> bool {
        if is_terminal {
            last_row::is_below_words()
        } else {
            self.follows_text
        }
    }

    /// Data is not Markdown: highlighted on a terminal, verbatim elsewhere.
    fn show_json(&mut self, json: &str, stdout: &mut Stream) {
        if let Some(markdown) = &mut self.markdown {
            markdown.omit_labels();
            return self.show(&format!("```json\n{json}\n```\n"), stdout);
        }
        self.has_text = true;
        stdout.json(json);
    }

    fn show_reasoning(&mut self, text: &str, stderr: &mut Stream, spinner: &mut Spinner) {
        self.reasoning_since.get_or_insert_with(Instant::now);
        match self.reasoning {
            ReasoningDisplay::Hidden => {}
            ReasoningDisplay::Folded => spinner.reasoning(text, self.width),
            ReasoningDisplay::Shown => {
                spinner.clear();
                self.reasoning_is_shown = true;
                stderr.content(text, Style::Dim);
                // The answer does not depend on its reasoning being shown.
                let _ = stderr.flush();
            }
        }
    }

    fn end_reasoning(&mut self, stderr: &mut Stream, spinner: &mut Spinner) {
        let Some(since) = self.reasoning_since.take() else {
            return;
        };
        spinner.clear();
        if self.reasoning_is_shown {
            stderr.finish();
            stderr.text(
                if stderr.at_line_start() { "\n" } else { "\n\n" },
                Style::Plain,
            );
            let _ = stderr.flush();
        } else if self.reasoning == ReasoningDisplay::Folded && stderr.is_styled {
            let _ = stderr.line(
                &format!("thought for {:.1} s", since.elapsed().as_secs_f64()),
                Style::Dim,
            );
        }
    }

    /// The end of the text, on a line of its own end.
    pub(super) fn finish(&mut self, stdout: &mut Stream) {
        if let Some(markdown) = &mut self.markdown {
            let (mut rest, mut clean) = (String::new(), String::new());
            self.sanitiser.finish(&mut rest);
            self.redactor.push(&rest, &mut clean);
            self.redactor.finish(&mut clean);
            markdown.push(&clean, &mut self.spans);
            markdown.finish(&mut self.spans);
            self.show_spans(stdout);
            self.blank_rows.finish();
        }
        stdout.finish();
        if self.has_text && !stdout.at_line_start() {
            stdout.text("\n", Style::Plain);
        }
    }
}

/// Which tools run: the first by name, and how many others where there is no room for three.
fn running_words(tools: &[String]) -> String {
    match tools {
        [first, others @ ..] if others.len() > 1 => {
            format!("running {first} and {} more", others.len())
        }
        _ => format!("running {}", tools.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tools_that_run_are_named_or_counted() {
        for (tools, words) in [
            (vec!["weather"], "running weather"),
            (vec!["weather", "now"], "running weather, now"),
            (vec!["weather", "now", "read"], "running weather and 2 more"),
        ] {
            let tools: Vec<String> = tools.into_iter().map(str::to_owned).collect();
            assert_eq!(running_words(&tools), words);
        }
    }
}
