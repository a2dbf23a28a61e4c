//! A session as readable text: on the terminal, and as a Markdown document.

use super::table::cost;
use crate::chat::message::ContentPart;
use crate::chat::turn::{Turn, TurnState};
use crate::present::count::plural;
use crate::present::time::utc;
use crate::store::{SessionSummary, StoredTurn};

/// For reading: questions are quoted, answers are verbatim.
pub(super) fn text(session: &SessionSummary, turns: &[StoredTurn]) -> String {
    let model = session.model.as_deref().unwrap_or("no model");
    let mut text = format!(
        "{}  {}\n   {model} · {} · {} · {}\n",
        session.id,
        session.display_name(),
        plural(session.turns, "turn"),
        cost(session.cost),
        utc(session.updated)
    );
    for stored in turns {
        if let Some(label) = &stored.label {
            text.push_str(&format!("\n[branch {label}]\n"));
        }
        text.push('\n');
        let question = question(&stored.turn);
        let lines = question
            .lines()
            .map(|line| format!("> {line}").trim_end().to_owned() + "\n");
        lines.for_each(|line| text.push_str(&line));
        text.push('\n');
        text.push_str(&answer(&stored.turn));
        if stored.summary.is_some() {
            text.push_str("\n[everything above is sent as a summary]\n");
        }
    }
    text
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

/// The text of the answer, and a mark when it is incomplete.
fn answer(turn: &Turn) -> String {
    let text = turn.text.trim_end();
    let mark = match turn.state {
        TurnState::Complete if text.is_empty() => Some("[no text]".to_owned()),
        TurnState::Complete => None,
        TurnState::Pending if text.is_empty() => Some("[no answer saved]".to_owned()),
        TurnState::Pending => Some("[end not saved]".to_owned()),
        TurnState::Stopped => Some("[stopped]".to_owned()),
        TurnState::Failed => Some(turn.error.as_ref().map_or_else(
            || "[failed]".to_owned(),
            |error| format!("[failed: {error}]"),
        )),
    };
    let parts: Vec<String> = [Some(text.to_owned()).filter(|text| !text.is_empty()), mark]
        .into_iter()
        .flatten()
        .collect();
    parts.join("\n\n") + "\n"
}
