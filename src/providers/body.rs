//! Writes the body of a chat-completions request.

use serde_json::{Map, Value, json};

use super::entry::{ProviderEntry, ReasoningField};
use crate::chat::message::{ContentPart, Message, Role};
use crate::chat::pdf::PdfEngine;
use crate::chat::reasoning_details::replayable;
use crate::chat::request::{ChatRequest, lay_over};
use crate::chat::tool::{Declaration, ToolCall, ToolChoice};
use crate::wire::body::{BodyWriter, RequestBody};

/// OpenRouter's name for its parser of documents.
const PARSER: &str = "file-parser";

/// The field of the messages.
const MESSAGES: &str = "messages";

/// The fields of the tools, and of whether they may be called.
const TOOLS: &str = "tools";
const TOOL_CHOICE: &str = "tool_choice";

/// The body of a request. Fields that the user did not set are absent, except `max_tokens`; the
/// order of the fields is always the same, because caches compare the text. The texts of the
/// messages are shared with the request, not copied.
pub(super) fn encode(entry: &ProviderEntry, request: &ChatRequest) -> RequestBody {
    let mut writer = BodyWriter::default();
    let mut before = "{";
    for (field, value) in &fields(entry, request) {
        writer.raw(before);
        writer.value(field);
        writer.raw(":");
        if field == MESSAGES && !request.extra.contains_key(MESSAGES) {
            write_list(&mut writer, &request.messages, |writer, message| {
                write_message(writer, message, entry);
            });
        } else {
            writer.value(value);
        }
        before = ",";
    }
    writer.raw("}");
    writer.finish()
}

/// The fields of the body in order, with null where the messages belong.
fn fields(entry: &ProviderEntry, request: &ChatRequest) -> Map<String, Value> {
    let mut body = Map::new();
    body.insert("model".to_owned(), json!(request.model));
    if !request.fallback_models.is_empty() && entry.is_openrouter {
        body.insert("models".to_owned(), json!(request.fallback_models));
    }
    body.insert(MESSAGES.to_owned(), Value::Null);
    if request.stream {
        body.insert("stream".to_owned(), json!(true));
        if entry.asks_for_usage {
            body.insert("stream_options".to_owned(), json!({"include_usage": true}));
        }
    }
    let limit_field = request.limit_field.unwrap_or(entry.max_tokens_field);
    body.insert(limit_field.to_owned(), json!(request.max_tokens));
    if let Some(temperature) = request.temperature {
        body.insert("temperature".to_owned(), number(temperature));
    }
    if let Some(top_p) = request.top_p {
        body.insert("top_p".to_owned(), number(top_p));
    }
    if let Some(effort) = request.effort {
        match entry.reasoning {
            ReasoningField::Object => {
                body.insert("reasoning".to_owned(), json!({"effort": effort}))
            }
            ReasoningField::Text => body.insert("reasoning_effort".to_owned(), json!(effort)),
            ReasoningField::Unsupported => None,
        };
    }
    for (field, value) in &request.extra {
        lay_over(&mut body, field, value);
    }
    if !request.tools.is_empty() {
        declare_tools(&mut body, request);
    }
    if let Some(engine) = request.pdf_engine.filter(|_| entry.is_openrouter) {
        choose_parser(&mut body, engine);
    }
    for field in &request.without {
        remove(&mut body, field);
    }
    body
}

/// Adds the declarations before the tools that run at the provider. The user's choice of a tool
/// holds, unless the model must answer without calls.
fn declare_tools(body: &mut Map<String, Value>, request: &ChatRequest) {
    let declared = request.tools.iter().map(Declaration::to_json);
    let others = body.get(TOOLS).and_then(Value::as_array).cloned();
    let tools = declared.chain(others.unwrap_or_default()).collect();
    body.insert(TOOLS.to_owned(), tools);
    if request.tool_choice != ToolChoice::Auto || !body.contains_key(TOOL_CHOICE) {
        body.insert(TOOL_CHOICE.to_owned(), json!(request.tool_choice));
    }
}

/// Removes the field of a dotted name, and an object that becomes empty.
fn remove(body: &mut Map<String, Value>, name: &str) {
    let Some((field, rest)) = name.split_once('.') else {
        body.shift_remove(name);
        return;
    };
    if let Some(inner) = body.get_mut(field).and_then(Value::as_object_mut) {
        remove(inner, rest);
        if inner.is_empty() {
            body.shift_remove(field);
        }
    }
}

/// Sets the parser of documents among the plugins.
fn choose_parser(body: &mut Map<String, Value>, engine: PdfEngine) {
    let engine = match engine {
        PdfEngine::Free => "cloudflare-ai",
        PdfEngine::Native => "native",
        PdfEngine::Ocr => "mistral-ocr",
    };
    let plugins = body.entry("plugins").or_insert_with(|| json!([]));
    let Some(plugins) = plugins.as_array_mut() else {
        return;
    };
    plugins.retain(|plugin| !is_parser(plugin));
    plugins.push(json!({"id": PARSER, "pdf": {"engine": engine}}));
}

/// Whether a plugin is the parser of documents.
pub(crate) fn is_parser(plugin: &Value) -> bool {
    plugin["id"] == PARSER
}

/// Whether a plugin searches the web for each request.
pub(crate) fn is_search(plugin: &Value) -> bool {
    plugin["id"] == "web" && plugin["enabled"] != false
}

/// Whether a plugin is a document parser billed by the page, which is the default of the parser.
pub(crate) fn is_paid_parser(plugin: &Value) -> bool {
    is_parser(plugin)
        && !matches!(
            plugin["pdf"]["engine"].as_str(),
            Some("cloudflare-ai" | "pdf-text" | "native")
        )
}

/// Whole numbers are written without a fraction.
fn number(value: f64) -> Value {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "checked to be a whole number in range"
    )]
    if value.fract() == 0.0 && value.abs() < 1e9 {
        json!(value as i64)
    } else {
        json!(value)
    }
}

fn write_list<T>(writer: &mut BodyWriter, items: &[T], write: impl Fn(&mut BodyWriter, &T)) {
    writer.raw("[");
    for (index, item) in items.iter().enumerate() {
        writer.raw(if index > 0 { "," } else { "" });
        write(writer, item);
    }
    writer.raw("]");
}

fn write_message(writer: &mut BodyWriter, message: &Message, entry: &ProviderEntry) {
    writer.raw(r#"{"role":"#);
    writer.value(&role(message));
    if let Some(id) = &message.tool_call_id {
        writer.raw(r#","tool_call_id":"#);
        writer.value(id);
    }
    writer.raw(r#","content":"#);
    match message.content.as_slice() {
        // Some servers refuse an empty text.
        [ContentPart::Text(text)] if text.is_empty() && !message.tool_calls.is_empty() => {
            writer.raw("null");
        }
        [ContentPart::Text(text)] => writer.text(text),
        parts => write_list(writer, parts, write_part),
    }
    if !message.tool_calls.is_empty() {
        writer.raw(r#","tool_calls":"#);
        write_list(writer, &message.tool_calls, |writer, call| {
            writer.value(&call_json(call));
        });
    }
    if let Some((field, reasoning)) = returned_reasoning(entry, message) {
        writer.raw(",");
        writer.value(&field);
        writer.raw(":");
        writer.value(&reasoning);
    }
    if let Some(details) = &message.reasoning_details {
        writer.raw(r#","reasoning_details":"#);
        writer.value(&replayable(details));
    }
    if !message.annotations.is_empty() {
        writer.raw(r#","annotations":"#);
        writer.value(&message.annotations);
    }
    writer.raw("}");
}

/// Plain reasoning, and the field that it is sent back in. A router needs it only where there are
/// no details, which say the same.
fn returned_reasoning<'a>(
    entry: &ProviderEntry,
    message: &'a Message,
) -> Option<(&'static str, &'a str)> {
    let details = message.reasoning_details.as_deref().unwrap_or_default();
    let reasoning = message.reasoning.as_deref()?;
    let field = entry.returned_reasoning?;
    (!entry.is_openrouter || details.is_empty()).then_some((field, reasoning))
}

fn role(message: &Message) -> &'static str {
    match message.role {
        Role::System => "system",
        Role::User => "user",
        Role::Assistant => "assistant",
        Role::Tool => "tool",
    }
}

/// Some servers refuse a whole conversation for arguments that are no object, which only the result
/// of their call is about.
fn call_json(call: &ToolCall) -> Value {
    let mut json = call.to_json();
    if serde_json::from_str::<Map<String, Value>>(&call.arguments).is_err() {
        json["function"]["arguments"] = json!("{}");
    }
    if let Some(extra) = &call.extra_content {
        json["extra_content"] = extra.clone();
    }
    json
}

fn write_part(writer: &mut BodyWriter, part: &ContentPart) {
    match part {
        ContentPart::Text(text) => {
            writer.raw(r#"{"type":"text","text":"#);
            writer.text(text);
            writer.raw("}");
        }
        ContentPart::Image { url } => {
            writer.raw(r#"{"type":"image_url","image_url":{"url":"#);
            writer.text(url);
            writer.raw("}}");
        }
        ContentPart::File { name, url } => {
            writer.raw(r#"{"type":"file","file":{"filename":"#);
            writer.value(name);
            writer.raw(r#","file_data":"#);
            writer.text(url);
            writer.raw("}}");
        }
        ContentPart::Video { url } => {
            writer.raw(r#"{"type":"video_url","video_url":{"url":"#);
            writer.text(url);
            writer.raw("}}");
        }
        ContentPart::Audio { base64, format } => {
            writer.raw(r#"{"type":"input_audio","input_audio":{"data":"#);
            writer.text(base64);
            writer.raw(r#","format":"#);
            writer.value(format);
            writer.raw("}}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chat::reasoning::Effort;
    use crate::providers::find;
    use crate::wire::shared_text::SharedText;
    use proptest::prelude::*;

    fn request() -> ChatRequest {
        ChatRequest::plain(vec![
            Message::text(Role::System, "Be brief."),
            Message::text(Role::User, "hi"),
        ])
    }

    fn encoded(provider: &str, request: &ChatRequest) -> String {
        let body = encode(find(provider).unwrap(), request);
        String::from_utf8(body.to_vec()).unwrap()
    }

    /// The same body by way of a tree of values.
    fn by_value(provider: &str, request: &ChatRequest) -> String {
        let mut fields = fields(find(provider).unwrap(), request);
        if !request.extra.contains_key(MESSAGES) {
            let messages = request.messages.iter();
            fields[MESSAGES] = messages.map(|one| message(provider, one)).collect();
        }
        Value::Object(fields).to_string()
    }

    fn message(provider: &str, message: &Message) -> Value {
        let has_calls = !message.tool_calls.is_empty();
        let content = match message.content.as_slice() {
            [ContentPart::Text(text)] if text.is_empty() && has_calls => Value::Null,
            [ContentPart::Text(text)] => json!(text.as_str()),
            parts => parts.iter().map(part).collect(),
        };
        let mut encoded = json!({"role": role(message)});
        if let Some(id) = &message.tool_call_id {
            encoded["tool_call_id"] = json!(id);
        }
        encoded["content"] = content;
        if has_calls {
            encoded["tool_calls"] = message.tool_calls.iter().map(call_json).collect();
        }
        let entry = find(provider).unwrap();
        if let Some((field, reasoning)) = returned_reasoning(entry, message) {
            encoded[field] = json!(reasoning);
        }
        if let Some(details) = &message.reasoning_details {
            encoded["reasoning_details"] = json!(replayable(details));
        }
        if !message.annotations.is_empty() {
            encoded["annotations"] = json!(message.annotations);
        }
        encoded
    }

    fn part(part: &ContentPart) -> Value {
        match part {
            ContentPart::Text(text) => json!({"type": "text", "text": text.as_str()}),
            ContentPart::Image { url } => {
                json!({"type": "image_url", "image_url": {"url": url.as_str()}})
            }
            ContentPart::File { name, url } => {
                json!({"type": "file", "file": {"filename": name, "file_data": url.as_str()}})
            }
            ContentPart::Video { url } => {
                json!({"type": "video_url", "video_url": {"url": url.as_str()}})
            }
            ContentPart::Audio { base64, format } => {
                json!({"type": "input_audio", "input_audio": {"data": base64.as_str(), "format": format}})
            }
        }
    }

    fn any_text() -> impl Strategy<Value = SharedText> {
        let long = (
            "\\PC{0,6}|[A-Z+/=]{1,8}|[\"\\\\\n\u{1}]{1,3}",
            1_usize..8000,
        );
        prop_oneof![
            "(?s).{0,12}".prop_map(SharedText::from),
            long.prop_map(|(text, times)| text.repeat(times).into()),
        ]
    }

    fn any_part() -> impl Strategy<Value = ContentPart> {
        (0..5, any_text(), "(?s).{0,8}").prop_map(|(kind, text, name)| match kind {
            0 => ContentPart::Text(text),
            1 => ContentPart::Image { url: text },
            2 => ContentPart::File { name, url: text },
            3 => ContentPart::Video { url: text },
            _ => ContentPart::Audio {
                base64: text,
                format: "wav",
            },
        })
    }

    fn any_message() -> impl Strategy<Value = Message> {
        let details = proptest::option::of(proptest::collection::vec("(?s).{0,5}", 0..3));
        let role = prop_oneof![
            Just(Role::System),
            Just(Role::User),
            Just(Role::Assistant),
            Just(Role::Tool)
        ];
        let parts = proptest::collection::vec(any_part(), 0..4);
        let calls = proptest::collection::vec(any_call(), 0..3);
        let texts = proptest::option::of(("(?s).{0,5}", "(?s).{0,5}"));
        let values = |texts: Vec<String>| texts.into_iter().map(Value::from).collect();
        (role, parts, details, any::<bool>(), calls, texts).prop_map(
            move |(role, content, details, parsed, tool_calls, texts)| Message {
                role,
                content,
                reasoning_details: details.map(values),
                annotations: parsed.then(|| json!({"hash": "h"})).into_iter().collect(),
                tool_calls,
                tool_call_id: texts.as_ref().map(|(id, _)| id.clone()),
                reasoning: texts.map(|(_, reasoning)| reasoning),
            },
        )
    }

    fn any_call() -> impl Strategy<Value = ToolCall> {
        ("(?s).{0,4}", "[a-z]{1,4}", "(?s).{0,9}", any::<bool>()).prop_map(
            |(id, name, arguments, signed)| ToolCall {
                id,
                name,
                arguments,
                extra_content: signed.then(|| json!({"google": {"thought_signature": "s"}})),
            },
        )
    }

    proptest! {
        #[test]
        fn the_body_is_the_one_of_serde_json(
            messages in proptest::collection::vec(any_message(), 0..4),
            provider in prop_oneof![Just("openrouter"), Just("openai"), Just("deepseek")],
            temperature in proptest::option::of(0.0..2.0),
            stream in any::<bool>(),
            extra in prop_oneof![
                Just(json!({})),
                Just(json!({"seed": 1, "reasoning": {"exclude": true}})),
                Just(json!({"messages": [{"role": "user", "content": "other"}]})),
            ],
        ) {
            let request = ChatRequest {
                temperature,
                stream,
                extra: extra.as_object().unwrap().clone(),
                ..ChatRequest::plain(messages)
            };
            prop_assert_eq!(encoded(provider, &request), by_value(provider, &request));
        }
    }

    #[test]
    fn declarations_come_before_the_tools_of_the_provider() {
        let declared = |description: Option<&str>| Declaration {
            name: "now".to_owned(),
            description: description.map(str::to_owned),
            parameters: json!({"type": "object", "properties": {}}),
        };
        let mut request = ChatRequest {
            tools: vec![declared(None), declared(Some("The time."))],
            ..request()
        };
        let function = r#"{"type":"function","function":{"name":"now""#;
        let parameters = r#","parameters":{"type":"object","properties":{}}}}"#;
        let both =
            format!(r#"{function}{parameters},{function},"description":"The time."{parameters}"#);
        assert!(
            encoded("openai", &request)
                .ends_with(&format!(r#""tools":[{both}],"tool_choice":"auto"}}"#))
        );
        let extra = json!({"tools": [{"type": "web"}], "tool_choice": "required"});
        request.extra = extra.as_object().unwrap().clone();
        let own = r#""tools":[{"type":"function","#;
        let joined = encoded("openrouter", &request);
        assert!(joined.contains(own), "{joined}");
        assert!(
            joined.ends_with(r#"}},{"type":"web"}],"tool_choice":"required"}"#),
            "{joined}"
        );
        request.tool_choice = ToolChoice::None;
        assert!(encoded("openrouter", &request).ends_with(r#""tool_choice":"none"}"#));
    }

    #[test]
    fn only_what_was_set_is_sent() {
        assert_eq!(
            encoded("openrouter", &request()),
            r#"{"model":"a/b","messages":[{"role":"system","content":"Be brief."},{"role":"user","content":"hi"}],"stream":true,"max_tokens":4096}"#
        );
    }

    #[test]
    fn each_provider_has_its_own_field_names() {
        let request = ChatRequest {
            effort: Some(Effort::Low),
            temperature: Some(1.0),
            ..request()
        };
        assert!(
            encoded("openrouter", &request)
                .ends_with(r#""max_tokens":4096,"temperature":1,"reasoning":{"effort":"low"}}"#)
        );
        let openai = encoded("openai", &request);
        assert!(
            openai.contains(
                r#""stream_options":{"include_usage":true},"max_completion_tokens":4096"#
            ),
            "{openai}"
        );
        assert!(openai.ends_with(r#""reasoning_effort":"low"}"#), "{openai}");
        assert!(!encoded("anthropic", &request).contains("reasoning"));
    }

    #[test]
    fn what_is_omitted_is_not_sent_whatever_sets_it() {
        let extra = json!({"reasoning": {"exclude": true}, "seed": 1});
        let mut request = ChatRequest {
            effort: Some(Effort::High),
            extra: extra.as_object().unwrap().clone(),
            limit_field: Some("max_completion_tokens"),
            ..request()
        };
        let body = encoded("openrouter", &request);
        assert!(body.ends_with(
            r#""max_completion_tokens":4096,"reasoning":{"effort":"high","exclude":true},"seed":1}"#
        ));
        for field in ["reasoning.effort", "seed"] {
            request.omit(field);
        }
        let body = encoded("openrouter", &request);
        assert!(body.ends_with(r#""max_completion_tokens":4096,"reasoning":{"exclude":true}}"#));
        for field in ["reasoning.exclude", "max_tokens", "stream"] {
            request.omit(field);
        }
        assert!(encoded("openrouter", &request).ends_with(r#""content":"hi"}]}"#));
        assert!(!request.is_limited());
    }

    #[test]
    fn extra_fields_are_merged_into_objects() {
        let extra =
            json!({"reasoning": {"exclude": true}, "provider": {"sort": "price"}, "seed": 1});
        let request = ChatRequest {
            effort: Some(Effort::High),
            extra: extra.as_object().unwrap().clone(),
            ..request()
        };
        assert!(encoded("openrouter", &request).ends_with(
            r#""reasoning":{"effort":"high","exclude":true},"provider":{"sort":"price"},"seed":1}"#
        ));
    }

    #[test]
    fn the_parser_is_one_of_the_plugins_and_only_openrouter_has_one() {
        let plugins = json!([{"id": "web"}, {"id": "file-parser", "pdf": {"engine": "native"}}]);
        let extra: Map<String, Value> = [("plugins".to_owned(), plugins)].into_iter().collect();
        let request = ChatRequest {
            pdf_engine: Some(PdfEngine::Free),
            extra,
            ..request()
        };
        let ending =
            r#""plugins":[{"id":"web"},{"id":"file-parser","pdf":{"engine":"cloudflare-ai"}}]}"#;
        assert!(encoded("openrouter", &request).ends_with(ending));
        assert!(
            !encoded(
                "openai",
                &ChatRequest {
                    extra: Map::new(),
                    ..request.clone()
                }
            )
            .contains("plugins")
        );
        assert!(
            encoded(
                "openrouter",
                &ChatRequest {
                    extra: Map::new(),
                    ..request
                }
            )
            .contains(r#""plugins":[{"id":"file-parser""#)
        );
    }

    #[test]
    fn annotations_are_sent_back_unchanged() {
        let mut request = request();
        request.messages.push(Message {
            annotations: vec![json!({"type": "file", "file": {"hash": "h"}})],
            ..Message::answer("hello", None)
        });
        let expected = r#"{"role":"assistant","content":"hello","annotations":[{"type":"file","file":{"hash":"h"}}]}"#;
        assert!(encoded("openrouter", &request).contains(expected));
    }

    #[test]
    fn reasoning_is_sent_back_unchanged() {
        let details = vec![json!({"type": "reasoning.encrypted", "data": "AAAA", "id": null})];
        let mut request = request();
        request
            .messages
            .push(Message::answer("hello", Some(details)));
        assert!(
            encoded("openrouter", &request)
                .contains(r#"{"role":"assistant","content":"hello","reasoning_details":[{"type":"reasoning.encrypted","data":"AAAA","id":null}]}"#)
        );
    }
}
