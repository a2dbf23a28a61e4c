//! What a row's own body has that no cap holds for.

use serde_json::{Map, Value};

use super::caps;
use crate::ask::plan::PlannedTarget;
use crate::chat::hidden_content::HiddenContent;
use crate::ports::error::{CommandError, ErrorKind};
use crate::providers::unbounded;

/// Checks that the cost of a body has a limit, where it has a cap.
///
/// # Errors
/// [`ErrorKind::Limit`] when it has none.
pub(crate) fn check(
    targets: &[PlannedTarget],
    body: &Map<String, Value>,
) -> Result<(), CommandError> {
    for planned in targets {
        let settings = &planned.settings;
        let cap = settings.max_cost.as_ref().map(|cap| cap.value);
        let cap = cap.or(settings.max_cost_per_day);
        let Some(cap) = cap.filter(|_| caps::is_capped(settings)) else {
            continue;
        };
        if let Some(what) = unbounded(planned, body) {
            let message = format!("{what}, so the cap of ${cap} cannot be enforced");
            return Err(CommandError::new(ErrorKind::Limit, message)
                .hint("change the body of the row, or ask it without a cap"));
        }
    }
    Ok(())
}

/// Why the cost of a body has no limit.
fn unbounded(planned: &PlannedTarget, body: &Map<String, Value>) -> Option<&'static str> {
    let hidden = HiddenContent::of_fields(body);
    let model = &planned.target.request.model;
    let sent = |name: &str| body.get(name).cloned().unwrap_or_default();
    let unbounded = unbounded::cost_of(model, sent, hidden.has_documents);
    if unbounded.is_some() {
        return unbounded;
    }
    if hidden.is_unbounded {
        return Some("the size of content by URL or ID is unknown");
    }
    let is_priced = |models: &Value| match models {
        Value::Null => true,
        Value::Array(models) if planned.settings.entry.is_openrouter => {
            models.iter().all(Value::is_string)
        }
        Value::Array(models) => models.is_empty(),
        _ => false,
    };
    let has_unpriced = body.get("models").is_some_and(|models| !is_priced(models));
    has_unpriced.then_some("the prices of the models in 'models' are unknown")
}
