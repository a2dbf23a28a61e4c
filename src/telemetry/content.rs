//! Texts of questions, answers and calls as attributes: JSON in the form of the conventions,
//! without secrets, and each at most 64 KiB.
//!
//! A text is redacted before it is shortened: a cut in the middle of a key would leave the rest.
//! What does not fit is cut from the oldest messages on, and a mark says how much it was.

use serde_json::{Value, json};

use crate::chat::answer::Answer;
use crate::chat::message::{ContentPart, Message, Role};
use crate::chat::tool::ToolCall;
use crate::wire::{redact, scrub};

/// Most of one attribute, in bytes of JSON.
const MOST: usize = 64 * 1024;

/// Room for the marks and the syntax around a text that is cut.
const ROOM: usize = 512;

/// The messages of a request, without the system prompt.
pub(crate) fn input(messages: &[Message]) -> String {
    let messages = messages
        .iter()
        .filter(|message| message.role != Role::System);
    bounded(messages.map(message_json).collect())
}

/// The system prompt; `None` without one.
pub(crate) fn system(messages: &[Message]) -> Option<String> {
    let system = messages
        .iter()
        .filter(|message| message.role == Role::System);
    let parts: Vec<Value> = system.flat_map(|message| parts(&message.content)).collect();
    (!parts.is_empty()).then(|| bounded(parts))
}

/// The answer.
pub(crate) fn output(answer: &Answer) -> String {
    let mut parts = Vec::new();
    if !answer.reasoning.is_empty() {
        parts.push(json!({"type": "reasoning", "content": clean(&answer.reasoning)}));
    }
    if !answer.text.is_empty() {
        parts.push(text_part(&answer.text));
    }
    parts.extend(answer.tool_calls.iter().map(call_part));
    let reason = answer.finish_reason.as_ref().map(ToString::to_string);
    bounded(vec![
        json!({"role": "assistant", "parts": parts, "finish_reason": reason}),
    ])
}

/// The arguments or the result of a call.
pub(crate) fn text(text: &str) -> String {
    let clean = clean(text);
    if clean.len() <= MOST {
        return clean;
    }
    cut(&clean, MOST - ROOM)
}

fn message_json(message: &Message) -> Value {
    let role = match message.role {
        Role::System => "system",
        Role::User => "user",
        Role::Assistant => "assistant",
        Role::Tool => "tool",
    };
    let mut parts = match &message.tool_call_id {
        Some(id) => {
            let texts: Vec<String> = message.content.iter().filter_map(plain).collect();
            let response = texts.concat();
            vec![json!({"type": "tool_call_response", "id": id, "response": response})]
        }
        None => parts(&message.content).collect(),
    };
    parts.extend(message.tool_calls.iter().map(call_part));
    json!({"role": role, "parts": parts})
}

fn parts(content: &[ContentPart]) -> impl Iterator<Item = Value> {
    content.iter().map(|part| match part {
        ContentPart::Text(text) => text_part(text),
        ContentPart::Image { .. } => media("image"),
        ContentPart::Video { .. } => media("video"),
        ContentPart::Audio { .. } => media("audio"),
        ContentPart::File { name, .. } => {
            json!({"type": "file", "modality": "document", "name": clean(name)})
        }
    })
}

/// An attachment is named and not sent.
fn media(modality: &str) -> Value {
    json!({"type": "blob", "modality": modality})
}

fn plain(part: &ContentPart) -> Option<String> {
    match part {
        ContentPart::Text(text) => Some(clean(text)),
        _ => None,
    }
}

fn text_part(text: &str) -> Value {
    json!({"type": "text", "content": clean(text)})
}

fn call_part(call: &ToolCall) -> Value {
    let arguments = scrub::json(&call.arguments);
    json!({"type": "tool_call", "id": call.id, "name": call.name, "arguments": arguments})
}

fn clean(text: &str) -> String {
    redact::stored(text).into_owned()
}

/// The items as a JSON list of at most [`MOST`] bytes: the newest whole, then as much as fits.
fn bounded(items: Vec<Value>) -> String {
    let mut room = MOST - ROOM;
    let mut kept = Vec::new();
    let count = items.len();
    for item in items.into_iter().rev() {
        let item = within(item, room);
        let Some(left) = room.checked_sub(item.to_string().len() + 1) else {
            break;
        };
        room = left;
        kept.push(item);
    }
    let omitted = count - kept.len();
    if omitted > 0 {
        kept.push(text_part(&format!("[{omitted} earlier parts omitted]")));
    }
    kept.reverse();
    Value::Array(kept).to_string()
}

/// A value whose texts are cut so that its JSON has at most so many bytes, where that is possible.
fn within(mut value: Value, room: usize) -> Value {
    let mut length = value.to_string().len();
    while length > room {
        let Some(longest) = longest(&mut value) else {
            break;
        };
        let surplus = length - room;
        let escaped = Value::from(longest.as_str()).to_string().len();
        let kept = escaped.saturating_sub(surplus + ROOM / 4);
        let shorter = cut(longest, kept);
        if shorter.len() >= longest.len() {
            break;
        }
        *longest = shorter;
        length = value.to_string().len();
    }
    value
}

/// The longest text in a value.
fn longest(value: &mut Value) -> Option<&mut String> {
    match value {
        Value::String(text) => Some(text),
        Value::Array(items) => items
            .iter_mut()
            .filter_map(longest)
            .max_by_key(|text| text.len()),
        Value::Object(fields) => fields
            .values_mut()
            .filter_map(longest)
            .max_by_key(|text| text.len()),
        _ => None,
    }
}

/// The beginning of a text whose JSON has at most so many bytes, and a mark.
fn cut(text: &str, most: usize) -> String {
    let mut length = 0;
    let fits = |(_, c): &(usize, char)| {
        length += match c {
            '"' | '\\' | '\n' | '\r' | '\t' | '\u{8}' | '\u{c}' => 2,
            c if *c < ' ' => 6,
            c => c.len_utf8(),
        };
        length <= most
    };
    let kept: usize = text
        .char_indices()
        .take_while(fits)
        .map(|(_, c)| c.len_utf8())
        .sum();
    let omitted = text.len() - kept;
    format!("{}… [{omitted} bytes omitted]", &text[..kept])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::api_key::remember;

    fn parsed(text: &str) -> Value {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn messages_have_the_form_of_the_conventions() {
        let call = ToolCall {
            id: "c1".to_owned(),
            name: "add".to_owned(),
            arguments: "{}".to_owned(),
            extra_content: None,
        };
        let mut asked = Message::text(Role::Assistant, "");
        asked.content.clear();
        asked.tool_calls = vec![call];
        let mut result = Message::text(Role::Tool, "3");
        result.tool_call_id = Some("c1".to_owned());
        let image = ContentPart::Image {
            url: "data:image/png;base64,AAAA".into(),
        };
        let mut question = Message::text(Role::User, "add");
        question.content.push(image);
        let all = [
            Message::text(Role::System, "be kind"),
            question,
            asked,
            result,
        ];
        assert_eq!(
            parsed(&input(&all)),
            json!([
                {"role": "user", "parts": [
                    {"type": "text", "content": "add"}, {"type": "blob", "modality": "image"}]},
                {"role": "assistant", "parts": [
                    {"type": "tool_call", "id": "c1", "name": "add", "arguments": "{}"}]},
                {"role": "tool", "parts": [
                    {"type": "tool_call_response", "id": "c1", "response": "3"}]},
            ])
        );
        let system = system(&all).unwrap();
        assert_eq!(
            parsed(&system),
            json!([{"type": "text", "content": "be kind"}])
        );
    }

    #[test]
    fn what_does_not_fit_is_cut_from_the_oldest_on() {
        let long =
            |mark: &str| Message::text(Role::User, format!("{mark}{}", "\u{1}x".repeat(6000)));
        let all = [
            long("first"),
            long("second"),
            Message::text(Role::User, "last"),
        ];
        let text = input(&all);
        assert!(text.len() <= MOST, "{}", text.len());
        let items = parsed(&text);
        let items = items.as_array().unwrap();
        assert_eq!(items.last().unwrap()["parts"][0]["content"], "last");
        assert!(text.contains("second") && text.contains("bytes omitted]"));
        let huge = Message::text(Role::User, "\"".repeat(1_000_000));
        let text = input(&[huge]);
        assert!(
            text.len() <= MOST && text.len() > MOST / 2,
            "{}",
            text.len()
        );
        assert!(parsed(&text).is_array());
        let many: Vec<Message> = (0..5000)
            .map(|_| Message::text(Role::User, "ten letters"))
            .collect();
        let text = input(&many);
        assert!(text.len() <= MOST && text.contains("earlier parts omitted"));
    }

    #[test]
    fn a_key_is_gone_before_anything_is_cut() {
        let secret = "content-secret-0123456789";
        remember(secret);
        let before = "x".repeat(MOST - ROOM - 8);
        let text = text(&format!("{before}{secret}{}", "y".repeat(600)));
        assert!(!text.contains("content-s"), "{}", &text[text.len() - 80..]);
        assert!(text.len() <= MOST && text.ends_with("bytes omitted]"));
    }
}
