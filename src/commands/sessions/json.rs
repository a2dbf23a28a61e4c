//! Sessions, turns and search hits as JSON.

use serde_json::{Value, json};

use crate::chat::cost::CostSource;
use crate::chat::message::ContentPart;
use crate::chat::tool::ToolStep;
use crate::chat::turn::TurnState;
use crate::present::time::{millis, utc};
use crate::store::{Branch, SearchField, SearchHit, SessionSummary, StoredTurn};

pub(super) fn summary(session: &SessionSummary) -> Value {
    json!({
        "id": session.id.0,
        "name": session.name,
        "title": session.title,
        "turns": session.turns,
        "model": session.model,
        "cost_usd": session.cost.usd,
        "cost_is_estimated": session.cost.has_estimates,
        "cost_is_incomplete": session.cost.has_unknown,
        "created": utc(session.created),
        "updated": utc(session.updated),
    })
}

pub(super) fn turn(stored: &StoredTurn) -> Value {
    let turn = &stored.turn;
    let mut value = json!({
        "id": stored.id.0,
        "parent": stored.parent.map(|parent| parent.0),
        "label": stored.label,
        "state": state(turn.state),
        "asked_at": utc(turn.asked_at),
        "system": turn.system,
        "question": turn.question.iter().map(part).collect::<Vec<_>>(),
        "answer": turn.text,
        "reasoning": Some(&turn.reasoning).filter(|reasoning| !reasoning.is_empty()),
        "reasoning_details": turn.reasoning_details,
        "summary": stored.summary,
        "profile": turn.profile,
        "provider": turn.provider,
        "requested_model": turn.requested_model,
        "model": turn.model,
        "served_by": turn.served_by,
        "generation_id": turn.generation_id,
        "finish_reason": turn.finish_reason,
        "usage": turn.usage,
        "cost_usd": turn.cost.usd,
        "cost_source": source(turn.cost.source),
        "first_token_ms": turn.first_token.map(millis),
        "total_ms": millis(turn.total),
        "error": turn.error,
    });
    if !turn.steps.is_empty() {
        value["steps"] = turn.steps.iter().map(step).collect();
    }
    value
}

/// A step with the contents of its results, as the model received them.
fn step(step: &ToolStep) -> Value {
    let mut value = step.to_json();
    for (index, result) in step.results.iter().enumerate() {
        value["calls"][index]["content"] = json!(result.content);
    }
    value
}

/// In the form of the OpenAI API, for other programs.
fn part(part: &ContentPart) -> Value {
    match part {
        ContentPart::Text(text) => json!({"type": "text", "text": text}),
        ContentPart::Image { url } => json!({"type": "image_url", "image_url": {"url": url}}),
        ContentPart::File { name, url } => {
            json!({"type": "file", "file": {"filename": name, "file_data": url}})
        }
        ContentPart::Video { url } => json!({"type": "video_url", "video_url": {"url": url}}),
        ContentPart::Audio { base64, format } => {
            json!({"type": "input_audio", "input_audio": {"data": base64, "format": format}})
        }
    }
}

fn state(state: TurnState) -> &'static str {
    match state {
        TurnState::Pending => "pending",
        TurnState::Complete => "complete",
        TurnState::Stopped => "stopped",
        TurnState::Failed => "failed",
    }
}

fn source(source: CostSource) -> &'static str {
    match source {
        CostSource::Provider => "provider",
        CostSource::Estimate => "estimate",
        CostSource::Unknown => "unknown",
    }
}

pub(super) fn branch(branch: &Branch) -> Value {
    json!({
        "last": branch.last.0,
        "label": branch.label,
        "turns": branch.turns,
        "current": branch.is_current,
        "asked_at": utc(branch.asked_at),
    })
}

pub(super) fn hit(hit: &SearchHit) -> Value {
    let place = match hit.field {
        SearchField::Title => "title",
        SearchField::Question => "question",
        SearchField::Answer => "answer",
    };
    let marks: Vec<&str> = hit
        .marks
        .iter()
        .filter_map(|mark| hit.snippet.get(mark.clone()))
        .collect();
    json!({
        "session": hit.session.0,
        "name": hit.name,
        "title": hit.title,
        "turn": hit.turn.map(|turn| turn.0),
        "place": place,
        "snippet": hit.snippet,
        "found": marks,
        "when": utc(hit.when),
    })
}
