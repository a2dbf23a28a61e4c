//! What an answer reports of tokens and cost.

use serde_json::Value;

use super::answer::WholeReply;
use super::attempt_result::AttemptResult;
use super::front::Front;
use super::members::Members;
use super::route::RouteTarget;
use crate::chat::cost::Cost;
use crate::chat::usage::Usage;
use crate::providers::usage_of;

/// What a whole answer reports.
pub(super) fn whole_result(
    front: Front,
    target: &RouteTarget,
    whole: &WholeReply,
) -> AttemptResult {
    let members = Members::of(&whole.body);
    let (usage, cost) = bill(front, target, members.usage());
    let generation_id = whole.headers.generation_id.clone();
    AttemptResult {
        model: members.model(),
        generation_id: generation_id.or_else(|| members.id()),
        usage,
        cost,
        may_have_cost: true,
        ..AttemptResult::default()
    }
}

/// Tokens and cost of a usage object.
pub(super) fn bill(front: Front, target: &RouteTarget, mut object: Value) -> (Option<Usage>, Cost) {
    if front == Front::Embeddings && object["completion_tokens"].is_null() && object.is_object() {
        object["completion_tokens"] = Value::from(0);
    }
    let (usage, billed) = usage_of(&object);
    let prompt_tokens = usage.and_then(|usage| usage.prompt_tokens);
    let price = target.price(prompt_tokens.unwrap_or_default());
    (usage, Cost::of(billed, usage, price))
}
