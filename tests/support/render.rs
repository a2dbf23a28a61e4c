//! Turns a scripted reply into the bytes of its body, in the shapes that OpenRouter sends.

use serde_json::{Value, json};

use super::reply::{Answer, Ending, Events, Form, Reply, UsageShape};

/// Keep-alive of a stream.
pub const COMMENT: &str = ": OPENROUTER PROCESSING\n\n";

/// Keep-alive of a body: a line feed, nine spaces, a line feed.
pub const PADDING: &str = "\n         \n";

/// What identifies the answer.
pub struct Identity<'a> {
    pub generation_id: &'a str,
    pub asked_model: &'a str,
}

/// The content type and the whole body.
pub fn body(reply: &Reply, identity: &Identity<'_>) -> (&'static str, Vec<u8>) {
    let (content_type, body) = match &reply.form {
        Form::Stream(events) => ("text/event-stream", stream(events, &reply.answer, identity)),
        Form::Whole if matches!(reply.ending, Ending::Trickle(_)) => {
            ("application/json", Vec::new())
        }
        Form::Whole => (
            "application/json",
            whole(&reply.answer, identity).to_string().into_bytes(),
        ),
        Form::Json(value) => ("application/json", value.to_string().into_bytes()),
        Form::Page(content_type, body) => (*content_type, body.clone()),
        Form::Nothing | Form::ByRule => ("application/json", Vec::new()),
    };
    let mut padded = PADDING.repeat(reply.padding).into_bytes();
    padded.extend(body);
    (content_type, padded)
}

fn identified(identity: &Identity<'_>, answer: &Answer, object: &str) -> Value {
    let model = answer.model.as_deref().unwrap_or(identity.asked_model);
    json!({"id": identity.generation_id, "object": object, "created": 1_779_760_224, "model": model, "provider": answer.provider, "service_tier": null})
}

fn native(finish: Option<&str>) -> Option<&str> {
    match finish {
        Some("stop") => Some("end_turn"),
        Some("length") => Some("max_tokens"),
        other => other,
    }
}

fn whole(answer: &Answer, identity: &Identity<'_>) -> Value {
    let text = answer.texts.concat();
    let reasoning = answer.reasoning.concat();
    let mut message = json!({"role": "assistant", "content": text, "refusal": null, "reasoning": (!reasoning.is_empty()).then_some(&reasoning)});
    if !reasoning.is_empty() {
        message["reasoning_details"] =
            json!([{"type": "reasoning.text", "text": reasoning, "format": "unknown", "index": 0}]);
    }
    if !answer.tool_fragments.is_empty() {
        message["content"] = Value::Null;
        message["tool_calls"] = json!(answer.tool_fragments);
    }
    let mut body = identified(identity, answer, "chat.completion");
    body["choices"] = json!([{
        "index": 0, "logprobs": logprobs(answer, 0..answer.texts.len()), "finish_reason": answer.finish, "native_finish_reason": native(answer.finish), "message": message,
    }]);
    if let Some(usage) = &answer.usage {
        body["usage"] = usage.clone();
    }
    body
}

fn stream(events: &Events, answer: &Answer, identity: &Identity<'_>) -> Vec<u8> {
    let mut text = events.prefix.to_owned();
    if events.comments {
        text.push_str(&COMMENT.repeat(3));
    }
    for event in chunks(events, answer, identity) {
        text.push_str(&format!("data: {event}\n\n"));
        if events.comments {
            text.push_str(COMMENT);
        }
    }
    if events.has_done && events.stop_after.is_none() {
        text.push_str("data: [DONE]\n\n");
    }
    text.replace('\n', events.line_end).into_bytes()
}

/// Every event but `[DONE]`.
fn chunks(events: &Events, answer: &Answer, identity: &Identity<'_>) -> Vec<Value> {
    let chunk = |delta: &Value, finish| chunk(identity, answer, choice(delta, finish));
    let mut chunks: Vec<Value> = answer
        .reasoning
        .iter()
        .map(|text| chunk(&thinking(text), None))
        .collect();
    chunks.extend(text_chunks(events, answer, identity));
    if events.stop_after.is_some() {
        return chunks;
    }
    chunks.extend(late_deltas(answer).map(|delta| chunk(&delta, None)));
    chunks.extend(
        events
            .extra
            .iter()
            .map(|extra| extra_event(extra, answer, identity)),
    );
    if answer.finish.is_some() {
        chunks.push(chunk(&saying(""), answer.finish));
    }
    chunks.extend(usage_chunk(events, answer, identity));
    chunks
}

fn chunk(identity: &Identity<'_>, answer: &Answer, choices: Value) -> Value {
    let mut chunk = identified(identity, answer, "chat.completion.chunk");
    chunk["choices"] = choices;
    chunk
}

/// The `choices` of a chunk: one choice with this delta.
fn choice(delta: &Value, finish: Option<&str>) -> Value {
    json!([{
        "index": 0, "delta": delta, "finish_reason": finish,
        "native_finish_reason": native(finish), "logprobs": null,
    }])
}

/// The texts up to the one that the stream stops after, with their log probabilities.
fn text_chunks(events: &Events, answer: &Answer, identity: &Identity<'_>) -> Vec<Value> {
    let texts = answer.texts.iter().enumerate();
    texts
        .take(events.stop_after.unwrap_or(usize::MAX))
        .map(|(index, text)| {
            let mut choices = choice(&saying(text), None);
            choices[0]["logprobs"] = logprobs(answer, index..index + 1);
            let mut event = chunk(identity, answer, choices);
            let is_early = matches!(events.usage_shape, UsageShape::PromptWithFirstText);
            if let Some(usage) = answer.usage.as_ref().filter(|_| is_early && index == 0) {
                event["usage"] = json!({"prompt_tokens": usage["prompt_tokens"]});
            }
            event
        })
        .collect()
}

/// What follows the texts: reasoning details, then fragments of tool calls.
fn late_deltas(answer: &Answer) -> impl Iterator<Item = Value> {
    let details = answer
        .late_details
        .iter()
        .map(|detail| json!({"role": "assistant", "content": "", "reasoning_details": [detail]}));
    let tools = answer
        .tool_fragments
        .iter()
        .map(|fragment| json!({"role": "assistant", "content": null, "tool_calls": [fragment]}));
    details.chain(tools)
}

/// An event without choices that has these fields too.
fn extra_event(extra: &Value, answer: &Answer, identity: &Identity<'_>) -> Value {
    let mut event = identified(identity, answer, "chat.completion.chunk");
    event
        .as_object_mut()
        .into_iter()
        .for_each(|event| event.extend(extra.as_object().cloned().unwrap_or_default()));
    event
}

/// The last event, where the answer has a usage.
fn usage_chunk(events: &Events, answer: &Answer, identity: &Identity<'_>) -> Option<Value> {
    let usage = answer.usage.as_ref()?;
    let choices = match events.usage_shape {
        UsageShape::NullFinish => choice(&saying(""), None),
        UsageShape::NoChoices | UsageShape::PromptWithFirstText => json!([]),
        UsageShape::RepeatedFinish => choice(&saying(""), answer.finish),
    };
    let mut last = chunk(identity, answer, choices);
    last["usage"] = usage.clone();
    Some(last)
}

/// The log probabilities of some of the texts; null when there are none.
fn logprobs(answer: &Answer, texts: std::ops::Range<usize>) -> Value {
    let token = |index: usize| {
        let (text, logprob) = (answer.texts.get(index)?, answer.logprobs.get(index)?);
        Some(
            json!({"token": text, "logprob": logprob, "bytes": text.as_bytes(), "top_logprobs": []}),
        )
    };
    let tokens: Vec<Value> = texts.filter_map(token).collect();
    if tokens.is_empty() {
        Value::Null
    } else {
        json!({"content": tokens, "refusal": null})
    }
}

fn saying(text: &str) -> Value {
    json!({"role": "assistant", "content": text, "reasoning": null, "reasoning_details": []})
}

/// The same reasoning is in both fields.
fn thinking(thought: &str) -> Value {
    let detail =
        json!({"type": "reasoning.text", "text": thought, "format": "unknown", "index": 0});
    json!({"role": "assistant", "content": "", "reasoning": thought, "reasoning_details": [detail]})
}
