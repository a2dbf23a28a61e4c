//! How a request carries a schema: as `response_format`, as a required tool call, or in the system
//! prompt.

use serde_json::{Map, Value, json};

use super::shape::Schema;
use crate::chat::message::{ContentPart, Message, Role};
use crate::chat::refusal::{Refusal, RefusalKind, RoutingRule};
use crate::chat::request::{ChatRequest, lay_over};

/// The ways, best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    /// `response_format` of type `json_schema`.
    Schema,
    /// A tool that must be called; its arguments are the answer.
    Tool,
    /// The schema is in the system prompt; only amx validates the answer.
    Instructions,
}

/// Fields of the body that the ways use. They replace the user's.
const FIELDS: &[&str] = &["response_format", "tools", "tool_choice"];

/// Words of a refusal that is about `response_format`, and of one about tools.
const ABOUT_SCHEMA: &[&str] = &[
    "response_format",
    "response format",
    "json_schema",
    "schema",
    "structured",
    "strict",
    "require_parameters",
];
const ABOUT_TOOLS: &[&str] = &["tool", "function"];

/// The form of a request with a schema, and what is needed to change it.
#[derive(Debug, Clone)]
pub(crate) struct Form {
    pub way: Way,
    /// Whether the model supports tools, where known.
    calls_tools: Option<bool>,
    is_openrouter: bool,
    /// `provider.require_parameters` was set here, not by the user.
    requires_parameters: bool,
    system: Option<Message>,
}

impl Form {
    /// Adds the schema to the request. `calls_tools` decides what follows a refusal.
    pub(crate) fn put(
        way: Way,
        calls_tools: Option<bool>,
        is_openrouter: bool,
        schema: &Schema,
        request: &mut ChatRequest,
    ) -> Self {
        let system = request
            .messages
            .first()
            .filter(|message| message.role == Role::System)
            .cloned();
        let mut form = Self {
            way,
            calls_tools,
            is_openrouter,
            requires_parameters: false,
            system,
        };
        form.apply(schema, request);
        form
    }

    /// Changes the request to the next way after a refusal. False when there is none.
    pub(crate) fn step_down(&mut self, schema: &Schema, request: &mut ChatRequest) -> bool {
        self.way = match self.way {
            Way::Schema if self.calls_tools != Some(false) => Way::Tool,
            Way::Schema | Way::Tool => Way::Instructions,
            Way::Instructions => return false,
        };
        self.apply(schema, request);
        true
    }

    /// Whether a refusal is about the way the request carries the schema, so that another may work.
    pub(crate) fn is_refused_by(&self, refusal: &Refusal) -> bool {
        let about = match self.way {
            Way::Schema => ABOUT_SCHEMA,
            Way::Tool => ABOUT_TOOLS,
            Way::Instructions => return false,
        };
        if !matches!(refusal.status, 400 | 404 | 422) {
            return false;
        }
        let words = refusal.message.to_ascii_lowercase();
        let names_it = || about.iter().any(|marker| words.contains(marker));
        match &refusal.kind {
            // The request required that providers support every parameter.
            RefusalKind::NoEndpoint {
                rule: RoutingRule::Parameters | RoutingRule::Unknown,
            } => true,
            RefusalKind::NoEndpoint {
                rule: RoutingRule::Tools,
            } => self.way == Way::Tool,
            RefusalKind::BadRequest { .. } | RefusalKind::NotFound | RefusalKind::Other => {
                names_it()
            }
            _ => false,
        }
    }

    /// Removes the fields of the form from the body.
    fn remove(&mut self, extra: &mut Map<String, Value>) {
        extra.retain(|field, _| !FIELDS.contains(&field.as_str()));
        let provider = extra
            .get_mut("provider")
            .and_then(Value::as_object_mut)
            .filter(|_| std::mem::take(&mut self.requires_parameters));
        if let Some(provider) = provider {
            provider.shift_remove("require_parameters");
            if provider.is_empty() {
                extra.shift_remove("provider");
            }
        }
    }

    fn apply(&mut self, schema: &Schema, request: &mut ChatRequest) {
        self.remove(&mut request.extra);
        if request
            .messages
            .first()
            .is_some_and(|message| message.role == Role::System)
        {
            request.messages.remove(0);
        }
        if let Some(system) = &self.system {
            request.messages.insert(0, system.clone());
        }
        match self.way {
            Way::Schema => {
                let described = json!({
                    "name": schema.name(),
                    "strict": schema.is_strict(),
                    "schema": schema.sent(),
                });
                request.extra.insert(
                    "response_format".to_owned(),
                    json!({"type": "json_schema", "json_schema": described}),
                );
                let is_decided = request
                    .extra
                    .get("provider")
                    .is_some_and(|provider| provider.get("require_parameters").is_some());
                self.requires_parameters = self.is_openrouter && !is_decided;
                if self.requires_parameters {
                    lay_over(
                        &mut request.extra,
                        "provider",
                        &json!({"require_parameters": true}),
                    );
                }
            }
            Way::Tool => {
                let mut function = json!({
                    "name": schema.name(),
                    "description": "Receives the answer.",
                    "parameters": schema.sent(),
                });
                if schema.is_strict() {
                    function["strict"] = json!(true);
                }
                request.extra.insert(
                    "tools".to_owned(),
                    json!([{"type": "function", "function": function}]),
                );
                request.extra.insert(
                    "tool_choice".to_owned(),
                    json!({"type": "function", "function": {"name": schema.name()}}),
                );
            }
            Way::Instructions => instruct(schema, request),
        }
    }
}

fn instruct(schema: &Schema, request: &mut ChatRequest) {
    let words = format!(
        "Answer with one JSON value that is valid against this JSON Schema, and with nothing else: \
        no other text, no code fences.\n\n{}",
        schema.sent()
    );
    match request.messages.first_mut() {
        Some(system) if system.role == Role::System => {
            system.content.push(ContentPart::Text(words.into()));
        }
        _ => request
            .messages
            .insert(0, Message::text(Role::System, words)),
    }
    join_texts(&mut request.messages[0]);
}

/// Joins texts into one: not every server accepts a system prompt in parts.
fn join_texts(message: &mut Message) {
    let texts: Option<Vec<&str>> = message
        .content
        .iter()
        .map(|part| {
            if let ContentPart::Text(text) = part {
                Some(text.as_str())
            } else {
                None
            }
        })
        .collect();
    if let Some(texts) = texts {
        message.content = vec![ContentPart::Text(texts.join("\n\n").into())];
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chat::schema::read_short_form;

    fn request(extra: Value) -> ChatRequest {
        ChatRequest {
            extra: extra.as_object().unwrap().clone(),
            ..ChatRequest::plain(vec![
                Message::text(Role::System, "Be brief."),
                Message::text(Role::User, "hi"),
            ])
        }
    }

    fn schema() -> Schema {
        Schema::new("person", read_short_form("name").unwrap(), false).unwrap()
    }

    fn refusal(status: u16, kind: RefusalKind, message: &str) -> Refusal {
        Refusal::new(status, kind, message.to_owned())
    }

    #[test]
    fn each_step_removes_the_one_before() {
        let before = request(
            json!({"seed": 1, "provider": {"sort": "price"}, "response_format": {"type": "text"}, "tools": []}),
        );
        let (mut asked, schema) = (before.clone(), schema());
        let mut form = Form::put(Way::Schema, None, true, &schema, &mut asked);
        assert_eq!(
            asked.extra["provider"],
            json!({"sort": "price", "require_parameters": true})
        );
        assert_eq!(
            asked.extra["response_format"]["json_schema"]["strict"],
            true
        );
        assert!(form.step_down(&schema, &mut asked));
        assert_eq!(
            asked.extra.keys().collect::<Vec<_>>(),
            ["seed", "provider", "tools", "tool_choice"]
        );
        assert_eq!(asked.extra["provider"], json!({"sort": "price"}));
        assert_eq!(
            asked.extra["tool_choice"]["function"]["name"],
            asked.extra["tools"][0]["function"]["name"]
        );
        assert_eq!(asked.messages, before.messages);
        assert!(form.step_down(&schema, &mut asked));
        assert_eq!(asked.extra.keys().collect::<Vec<_>>(), ["seed", "provider"]);
        let ContentPart::Text(system) = &asked.messages[0].content[0] else {
            panic!()
        };
        assert!(
            system.starts_with("Be brief.\n\nAnswer with one JSON value")
                && system.contains("\"properties\""),
            "{system}"
        );
        assert_eq!(
            (asked.messages[0].content.len(), asked.messages.len()),
            (1, 2)
        );
        assert!(!form.step_down(&schema, &mut asked));
    }

    #[test]
    fn the_users_routing_options_stay() {
        let mut asked = request(json!({"provider": {"require_parameters": false}}));
        Form::put(Way::Schema, None, true, &schema(), &mut asked);
        assert_eq!(
            asked.extra["provider"],
            json!({"require_parameters": false})
        );
        let mut elsewhere = request(json!({}));
        let mut form = Form::put(Way::Schema, Some(false), false, &schema(), &mut elsewhere);
        assert!(elsewhere.extra.get("provider").is_none());
        assert!(form.step_down(&schema(), &mut elsewhere) && form.way == Way::Instructions);
    }

    #[test]
    fn only_a_refusal_of_the_form_leads_to_the_next_way() {
        let mut asked = request(json!({}));
        let mut form = Form::put(Way::Schema, None, true, &schema(), &mut asked);
        let bad = |words: &str| refusal(400, RefusalKind::BadRequest { field: None }, words);
        let no_endpoint =
            |rule| refusal(404, RefusalKind::NoEndpoint { rule }, "No endpoints found");
        for about in [
            bad("This response_format type is unavailable now"),
            bad("Invalid schema for response_format 'person'"),
            bad("structured outputs are not supported"),
            no_endpoint(RoutingRule::Parameters),
            no_endpoint(RoutingRule::Unknown),
        ] {
            assert!(form.is_refused_by(&about), "{about:?}");
        }
        for other in [
            bad("temperature: too hot"),
            no_endpoint(RoutingRule::Privacy),
            no_endpoint(RoutingRule::MaxPrice),
            refusal(400, RefusalKind::UnknownModel, "no schema for this model"),
            refusal(500, RefusalKind::Server, "json_schema"),
            refusal(402, RefusalKind::Credits, "strict"),
        ] {
            assert!(!form.is_refused_by(&other), "{other:?}");
        }
        form.step_down(&schema(), &mut asked);
        assert!(
            form.is_refused_by(&no_endpoint(RoutingRule::Tools))
                && form.is_refused_by(&bad("tool_choice is not supported with thinking"))
        );
        assert!(!form.is_refused_by(&bad("response_format")));
        form.step_down(&schema(), &mut asked);
        assert!(!form.is_refused_by(&bad("tools, schema")));
    }
}
