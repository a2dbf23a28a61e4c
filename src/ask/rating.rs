//! Requests the data by which answers are ranked: log probabilities, and a declared confidence as a
//! fallback.

use serde_json::json;

use super::plan::PlannedTarget;
use crate::catalog::Capability;
use crate::chat::declaration::INSTRUCTION;
use crate::chat::message::{ContentPart, Message, Role};
use crate::chat::refusal::{Refusal, RefusalKind, RoutingRule};
use crate::config::options::Remark;

/// Makes each request ask for log probabilities, unless the catalogue says that the model does not
/// return them, and for a declared confidence.
pub(super) fn request(targets: &mut [PlannedTarget]) {
    for planned in targets {
        let model = planned.facts.model();
        let has_none = model.and_then(|model| model.can(Capability::Logprobs)) == Some(false);
        let request = &mut planned.target.request;
        if !has_none && !request.extra.contains_key("logprobs") {
            request.extra.insert("logprobs".to_owned(), json!(true));
        }
        // The last line of a declaration would break a JSON answer.
        let format = request.extra.get("response_format");
        let is_text = format.is_none_or(|format| format.is_null() || format["type"] == "text");
        if planned.form.is_none() && is_text {
            instruct(&mut request.messages);
        }
        planned.update_worst_case();
    }
}

/// A note when several answers will hardly differ.
pub(super) fn remark(targets: &[PlannedTarget], count: usize) -> Option<Remark> {
    let temperature = targets.first()?.target.request.temperature;
    (count > 1 && temperature == Some(0.0)).then(|| {
        Remark::Note(
            "at temperature 0 the answers will hardly differ; raise the temperature for variety"
                .to_owned(),
        )
    })
}

/// Removes the request for log probabilities. Returns false when there was none.
pub(super) fn without_logprobs(targets: &mut [PlannedTarget]) -> bool {
    let mut is_changed = false;
    for planned in targets {
        // `top_logprobs` requires `logprobs`.
        for field in ["logprobs", "top_logprobs"] {
            let removed = planned.target.request.extra.shift_remove(field);
            is_changed = removed.is_some() || is_changed;
        }
    }
    is_changed
}

/// Whether the provider, or every provider it routes to, refuses log probabilities.
pub(super) fn refuses_logprobs(refusal: &Refusal) -> bool {
    let names = |text: &str| {
        let plain = text.to_ascii_lowercase().replace(['_', ' '], "");
        plain.contains("logprob")
    };
    let is_field = match &refusal.kind {
        RefusalKind::BadRequest { field: Some(field) } => names(field),
        RefusalKind::NoEndpoint { rule } => *rule == RoutingRule::Parameters,
        _ => false,
    };
    matches!(refusal.status, 400 | 404 | 422) && (is_field || names(&refusal.message))
}

/// Adds the request for a declaration to the system prompt.
fn instruct(messages: &mut Vec<Message>) {
    match messages
        .first_mut()
        .filter(|first| first.role == Role::System)
    {
        Some(Message { content, .. }) => match content.as_mut_slice() {
            [ContentPart::Text(text)] => *text = format!("{text}\n\n{INSTRUCTION}").into(),
            _ => content.push(ContentPart::Text(INSTRUCTION.into())),
        },
        None => messages.insert(0, Message::text(Role::System, INSTRUCTION)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_declaration_is_requested_at_the_end_of_the_system_prompt() {
        let mut without = vec![Message::text(Role::User, "hi")];
        instruct(&mut without);
        assert_eq!(
            without,
            [
                Message::text(Role::System, INSTRUCTION),
                Message::text(Role::User, "hi")
            ]
        );
        let mut with = vec![
            Message::text(Role::System, "Be brief."),
            Message::text(Role::User, "hi"),
        ];
        instruct(&mut with);
        assert_eq!(
            with[0],
            Message::text(Role::System, format!("Be brief.\n\n{INSTRUCTION}"))
        );
        assert_eq!(with.len(), 2);
    }
}
