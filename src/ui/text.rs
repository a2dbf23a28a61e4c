//! An answer for people: text as it arrives, Markdown on a terminal, thoughts folded away.

use std::time::Instant;

use super::markdown::Markdown;
use super::redact::Redactor;
use super::sanitise::Sanitiser;
use super::spinner::Spinner;
use super::style::{Span, Style};
use super::terminal::Stream;
use crate::chat::cost::CostSource;
use crate::chat::event::ChatEvent;
use crate::commands::chat::report::AnswerReport;
use crate::commands::output::ReasoningDisplay;

/// State of one answer that is being shown.
pub struct TextAnswer {
    /// `None` when the source is shown as it is.
    markdown: Option<Markdown>,
    spans: Vec<Span>,
    sanitiser: Sanitiser,
    redactor: Redactor,
    reasoning: ReasoningDisplay,
    thinking_since: Option<Instant>,
    thinking_is_shown: bool,
    has_text: bool,
    width: usize,
}

impl TextAnswer {
    pub fn new(renders: bool, reasoning: ReasoningDisplay, width: usize) -> Self {
        Self {
            markdown: renders.then(|| Markdown::new(width)),
            spans: Vec::new(),
            sanitiser: Sanitiser::default(),
            redactor: Redactor::default(),
            reasoning,
            thinking_since: None,
            thinking_is_shown: false,
            has_text: false,
            width,
        }
    }

    /// Shows one event; gives a note where that is all there is to say.
    pub fn event(&mut self, event: &ChatEvent, stdout: &mut Stream, stderr: &mut Stream, spinner: &mut Spinner) -> Option<String> {
        match event {
            ChatEvent::Start { model, .. } => spinner.show(model),
            ChatEvent::Reasoning(text) => self.think(text, stderr, spinner),
            ChatEvent::Text(text) => {
                self.end_thinking(stderr, spinner);
                spinner.clear();
                self.show(text, stdout);
            }
            ChatEvent::Retry { attempt, attempts, wait, why } => {
                return Some(format!("retrying in {:.1} s (attempt {attempt} of {attempts}): {why}", wait.as_secs_f64()));
            }
            ChatEvent::LargerBudget { from, to } => {
                self.thinking_since = None;
                return Some(format!("all {from} tokens went into thinking; asking once more with {to}"));
            }
            ChatEvent::Fallback { from, to, why } => return Some(format!("profile '{from}' failed ({why}); asking profile '{to}'")),
            ChatEvent::End(_) => {}
        }
        None
    }

    fn show(&mut self, text: &str, stdout: &mut Stream) {
        // White space before the first word would only push the answer down.
        let text = if self.has_text { text } else { text.trim_start_matches(['\n', '\r']) };
        self.has_text = self.has_text || !text.is_empty();
        match &mut self.markdown {
            None => stdout.text(text, Style::Plain),
            Some(markdown) => {
                // Rendered after the text has been made inert, so that no mark hides in it.
                let (mut inert, mut clean) = (String::with_capacity(text.len()), String::with_capacity(text.len()));
                self.sanitiser.push(text, &mut inert);
                // Before the marks are taken out, or a secret with a mark in it would pass.
                self.redactor.push(&inert, &mut clean);
                markdown.push(&clean, &mut self.spans);
                for (style, text) in self.spans.drain(..) {
                    stdout.text(&text, style);
                }
            }
        }
    }

    fn think(&mut self, text: &str, stderr: &mut Stream, spinner: &mut Spinner) {
        self.thinking_since.get_or_insert_with(Instant::now);
        match self.reasoning {
            ReasoningDisplay::Hidden => {}
            ReasoningDisplay::Folded => spinner.think(text, self.width),
            ReasoningDisplay::Shown => {
                spinner.clear();
                self.thinking_is_shown = true;
                stderr.text(text, Style::Dim);
                // Thoughts that cannot be shown must not cost the answer.
                let _ = stderr.flush();
            }
        }
    }

    fn end_thinking(&mut self, stderr: &mut Stream, spinner: &mut Spinner) {
        let Some(since) = self.thinking_since.take() else { return };
        spinner.clear();
        if self.thinking_is_shown {
            stderr.finish();
            stderr.text(if stderr.at_line_start() { "\n" } else { "\n\n" }, Style::Plain);
            let _ = stderr.flush();
        } else if self.reasoning == ReasoningDisplay::Folded && stderr.is_styled {
            let _ = stderr.line(&format!("thought for {:.1} s", since.elapsed().as_secs_f64()), Style::Dim);
        }
    }

    /// The end of the text, on a line of its own end.
    pub fn finish(&mut self, stdout: &mut Stream) {
        if let Some(markdown) = &mut self.markdown {
            let (mut rest, mut clean) = (String::new(), String::new());
            self.sanitiser.finish(&mut rest);
            self.redactor.push(&rest, &mut clean);
            self.redactor.finish(&mut clean);
            markdown.push(&clean, &mut self.spans);
            markdown.finish(&mut self.spans);
            for (style, text) in self.spans.drain(..) {
                stdout.text(&text, style);
            }
        }
        stdout.finish();
        if self.has_text && !stdout.at_line_start() {
            stdout.text("\n", Style::Plain);
        }
    }

    /// What is worth saying below the answer; the flag marks the status line.
    pub fn closing_notes(report: &AnswerReport, with_status: bool) -> Vec<(String, bool)> {
        let answer = &report.answer;
        let mut notes = Vec::new();
        if let Some(model) = answer.model.as_deref().filter(|model| *model != answer.requested_model && !report.is_incomplete) {
            notes.push((format!("answered by {model} (asked for {})", answer.requested_model), false));
        }
        if with_status && !report.is_incomplete {
            notes.push((status_line(report), true));
        }
        notes
    }
}

/// Model, tokens, cost and time of an answer.
fn status_line(report: &AnswerReport) -> String {
    let answer = &report.answer;
    let mut parts = vec![answer.model.as_deref().unwrap_or(&answer.requested_model).to_owned()];
    if let Some(usage) = answer.usage {
        let thinking = if usage.reasoning_tokens > 0 { format!(", {} of them thinking", usage.reasoning_tokens) } else { String::new() };
        let tokens = if usage.prompt_tokens == 1 { "token" } else { "tokens" };
        parts.push(format!("{} {tokens} in, {} out{thinking}", usage.prompt_tokens, usage.completion_tokens));
    }
    parts.push(match (answer.cost.usd, answer.cost.source) {
        (Some(usd), CostSource::Estimate) => format!("~${}", amount(usd)),
        (Some(usd), _) => format!("${}", amount(usd)),
        (None, _) => "cost unknown".to_owned(),
    });
    parts.push(format!("{:.1} s", answer.total.as_secs_f64()));
    parts.join(" · ")
}

/// Dollars with as many digits as a small amount needs.
fn amount(usd: f64) -> String {
    if usd == 0.0 {
        "0".to_owned()
    } else if usd < 0.01 {
        format!("{usd:.6}").trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        format!("{usd:.4}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_amounts_keep_their_digits() {
        assert_eq!([0.0, 0.00183, 4e-7, 0.25, 12.5].map(amount), ["0", "0.00183", "0", "0.2500", "12.5000"]);
    }
}
