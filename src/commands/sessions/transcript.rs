//! A session as readable text: on the terminal, and as a Markdown document.

use std::time::SystemTime;

use super::table::cost;
use crate::chat::message::ContentPart;
use crate::chat::tool::ToolStep;
use crate::chat::turn::{Turn, TurnState};
use crate::ports::call_words::call_words;
use crate::present::count::plural;
use crate::present::page::{Line, Page, Role};
use crate::present::text::as_document;
use crate::present::time::{local, utc};
use crate::store::{Branch, SessionSummary, StoredTurn};

/// Before each line of a question.
const QUOTE: &str = "> ";

const SUMMARISED: &str = "[everything above is sent as a summary]";

/// A session along one of its branches.
pub(super) struct Transcript<'a> {
    pub session: &'a SessionSummary,
    pub turns: &'a [StoredTurn],
    pub branches: &'a [Branch],
    /// The index of the branch.
    pub shown: Option<usize>,
}

impl Transcript<'_> {
    /// As Markdown: questions are quoted, answers are verbatim.
    pub(super) fn text(&self) -> String {
        let session = self.session;
        let mut text = format!("{}  {}\n", session.id, session.display_name());
        for line in self.facts(utc) {
            text.push_str(&format!("   {line}\n"));
        }
        for stored in self.turns {
            if let Some(label) = &stored.label {
                text.push_str(&format!("\n[branch {label}]\n"));
            }
            text.push('\n');
            let question = question(&stored.turn);
            let lines = question
                .lines()
                .map(|line| format!("{QUOTE}{line}").trim_end().to_owned() + "\n");
            lines.for_each(|line| text.push_str(&line));
            text.push('\n');
            text.push_str(&answer(&stored.turn));
            if stored.summary.is_some() {
                text.push_str(&format!("\n{SUMMARISED}\n"));
            }
        }
        text
    }

    /// For a terminal: answers are rendered, times are local.
    pub(super) fn rendered(&self) -> Page {
        let session = self.session;
        let mut page = Page::default();
        page.line(
            Line::plain(format!("{}  ", session.id))
                .with(Role::Heading, session.display_name())
                .hanging(3),
        );
        let facts = self.facts(local).into_iter();
        page.lines(facts.map(|fact| Line::of(Role::Dim, format!("   {fact}")).hanging(3)));
        for stored in self.turns {
            page.gap();
            if let Some(label) = &stored.label {
                page.line(Line::of(Role::Warning, format!("[branch {label}]")));
                page.gap();
            }
            Self::render_turn(stored, &mut page);
        }
        page
    }

    fn render_turn(stored: &StoredTurn, page: &mut Page) {
        let turn = &stored.turn;
        let when = format!("{} · {}", local(turn.asked_at), turn.answering_model());
        page.line(Line::of(Role::Dim, when));
        page.question(question(turn));
        for step in &turn.steps {
            let text = step.text.trim_end();
            if !text.is_empty() {
                page.document(as_document(text));
            }
            page.gap();
            page.lines(calls(step).map(|call| Line::of(Role::Dim, call).hanging(1)));
            page.gap();
        }
        let text = turn.text.trim_end();
        if !text.is_empty() {
            page.document(as_document(text));
        }
        let summarised = stored.summary.as_ref().map(|_| SUMMARISED.to_owned());
        for mark in mark(turn).into_iter().chain(summarised) {
            page.gap();
            page.line(Line::of(Role::Warning, mark).hanging(1));
        }
    }

    /// What is known of the session: model, turns, cost, time; and its branches.
    fn facts(&self, time: fn(SystemTime) -> String) -> Vec<String> {
        let session = self.session;
        let facts = format!(
            "{} · {} · {} · {}",
            session.model.as_deref().unwrap_or("no model"),
            plural(self.turns.len(), "turn"),
            cost(session.cost),
            time(session.updated)
        );
        let branches = self.branches.iter().enumerate().map(|(index, branch)| {
            let shown = if self.shown == Some(index) {
                ", shown here"
            } else {
                ""
            };
            let number = (index + 1).to_string();
            let name = branch.label.as_ref().unwrap_or(&number);
            format!("{name} ({}{shown})", plural(branch.turns, "turn"))
        });
        let branches = (self.branches.len() > 1)
            .then(|| format!("branches: {}", branches.collect::<Vec<_>>().join(", ")));
        std::iter::once(facts).chain(branches).collect()
    }
}

/// A document of its own, in Markdown.
pub(super) fn markdown(session: &SessionSummary, turns: &[StoredTurn]) -> String {
    let mut text = format!("# {}\n", session.display_name());
    for stored in turns {
        let turn = &stored.turn;
        let label = stored
            .label
            .as_ref()
            .map_or_else(String::new, |label| format!(" ({label})"));
        text.push_str(&format!(
            "\n## Question{label}\n\n*{}*\n\n{}",
            utc(turn.asked_at),
            question(turn)
        ));
        text.push_str(&format!(
            "\n## Answer of {}\n\n{}",
            turn.answering_model(),
            answer(turn)
        ));
    }
    text
}

/// The text of the question, and the names of what was attached to it.
fn question(turn: &Turn) -> String {
    let part = |part: &ContentPart| match part {
        ContentPart::Text(text) => text.trim_end().to_owned(),
        ContentPart::Image { .. } => "[an image]".to_owned(),
        ContentPart::File { name, .. } => format!("[file {name}]"),
        ContentPart::Video { .. } => "[a video]".to_owned(),
        ContentPart::Audio { format, .. } => format!("[audio, {format}]"),
    };
    turn.question
        .iter()
        .map(part)
        .collect::<Vec<_>>()
        .join("\n\n")
        + "\n"
}

/// The texts of the answer with the calls of tools between them, and a mark when it is incomplete.
fn answer(turn: &Turn) -> String {
    let mut parts = Vec::new();
    for step in &turn.steps {
        parts.push(step.text.trim_end().to_owned());
        parts.extend(calls(step));
    }
    parts.push(turn.text.trim_end().to_owned());
    parts.extend(mark(turn));
    parts.retain(|part| !part.is_empty());
    parts.join("\n\n") + "\n"
}

/// What became of each call of a step.
fn calls(step: &ToolStep) -> impl Iterator<Item = String> {
    let words = |(call, result)| format!("[{}]", call_words(call, result));
    step.pairs().map(words)
}

/// What is incomplete about the answer.
fn mark(turn: &Turn) -> Option<String> {
    let is_empty = turn.text.trim_end().is_empty();
    match turn.state {
        TurnState::Complete if is_empty && turn.steps.is_empty() => Some("[no text]".to_owned()),
        TurnState::Complete => None,
        TurnState::Pending if is_empty => Some("[no answer saved]".to_owned()),
        TurnState::Pending => Some("[end not saved]".to_owned()),
        TurnState::Stopped => Some("[stopped]".to_owned()),
        TurnState::Failed => Some(turn.error.as_ref().map_or_else(
            || "[failed]".to_owned(),
            |error| format!("[failed: {error}]"),
        )),
    }
}
