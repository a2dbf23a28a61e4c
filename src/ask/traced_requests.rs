//! The attempts of a round at one profile, as a span and measurements have them.

use std::time::{Duration, SystemTime};

use super::outcome::Outcome;
use crate::chat::answer::{Answer, Attempt, Sent};
use crate::chat::attempt_status::AttemptStatus;
use crate::chat::bill::Bill;
use crate::chat::cost::{Cost, CostSource};
use crate::chat::endpoint::{EMBEDDINGS, RERANK};
use crate::chat::message::Role;
use crate::chat::request::ChatRequest;
use crate::chat::target::Target;
use crate::chat::usage::Usage;
use crate::ports::error::ErrorKind;
use crate::telemetry::content;
use crate::telemetry::metric::{Metric, Observation};
use crate::telemetry::names;
use crate::telemetry::span::{Attributes, Span, Value};

/// The attempts of a round at one profile.
pub(super) struct Requests<'a> {
    pub attempts: &'a [Attempt],
    pub target: Option<&'a Target>,
    pub start: SystemTime,
    pub end: SystemTime,
    pub error: Option<String>,
    /// What the answer has, when it is of this profile.
    pub answer: Option<&'a Answer>,
    /// From the start of the span to the first token.
    pub first_token: Option<Duration>,
}

impl Requests<'_> {
    /// What spans and measurements have in common.
    pub(super) fn identity(&self) -> Attributes {
        let mut attributes = Attributes::default();
        attributes.word(names::OPERATION, self.operation());
        if let Some(target) = self.target {
            let provider = names::provider(target.provider.name());
            attributes.word(names::PROVIDER, provider);
        }
        let first = self.attempts.first();
        attributes.add_some(
            names::REQUEST_MODEL,
            first.map(|first| first.model.as_str()),
        );
        let answered = self.sent().last().and_then(|sent| sent.model.as_deref());
        attributes.add_some(names::RESPONSE_MODEL, answered);
        if let Some(target) = self.target {
            let url = &target.base_url;
            attributes.add_some(names::SERVER_ADDRESS, url.host_str());
            let port = url.port_or_known_default().map(u64::from);
            attributes.add_some(names::SERVER_PORT, port);
        }
        attributes.add_some(names::ERROR_TYPE, self.error.as_deref());
        attributes
    }

    /// What the requests ask for.
    pub(super) fn operation(&self) -> &'static str {
        self.target
            .map_or("chat", |target| target.provider.operation())
    }

    /// Whether the answer is numbers, of which the conventions want no parameters of texts.
    pub(super) fn is_of_numbers(&self) -> bool {
        [EMBEDDINGS, RERANK].contains(&self.operation())
    }

    /// What the request wants to be produced; `None` for numbers.
    pub(super) fn output_type(&self, has_schema: bool) -> Option<Value> {
        let target = self.target;
        let modalities = target.and_then(|target| target.request.extra.get("modalities"));
        let modalities = modalities.and_then(serde_json::Value::as_array);
        let wants_image = modalities.is_some_and(|all| all.iter().any(|one| one == "image"));
        let word = match self.operation() {
            "chat" if has_schema => "json",
            "chat" if !wants_image => "text",
            _ if self.is_of_numbers() => return None,
            _ => "image",
        };
        Some(Value::Word(word))
    }

    fn sent(&self) -> impl Iterator<Item = &Sent> + Clone {
        let attempts = self.attempts.iter();
        attempts.filter_map(|attempt| attempt.sent.as_ref())
    }

    pub(super) fn add_response(&self, attributes: &mut Attributes) {
        let sent = self.sent().last();
        let id = sent.and_then(|sent| sent.generation_id.as_deref());
        attributes.add_some(names::RESPONSE_ID, id);
        let reason = self.answer.and_then(|answer| answer.finish_reason.as_ref());
        let reasons = reason.map(|reason| Value::Texts(vec![reason.to_string()]));
        attributes.add_some(names::RESPONSE_FINISH_REASONS, reasons);
        let is_stream = self.target.is_some_and(|target| target.request.stream);
        let first = self.first_token.filter(|_| is_stream);
        let first = first.map(|first| first.as_secs_f64());
        attributes.add_some(names::RESPONSE_FIRST_CHUNK, first);
    }

    /// The user of the request, where the profile names one.
    pub(super) fn add_user(&self, attributes: &mut Attributes) {
        let user = self
            .target
            .and_then(|target| target.request.extra.get("user"));
        attributes.add_some(names::USER_ID, user.and_then(serde_json::Value::as_str));
    }

    pub(super) fn add_content(&self, attributes: &mut Attributes) {
        if let Some(target) = self.target {
            let messages = &target.request.messages;
            attributes.add_some(names::SYSTEM_INSTRUCTIONS, content::system(messages));
            let has_question = messages.iter().any(|message| message.role != Role::System);
            let input = has_question.then(|| content::input(messages));
            attributes.add_some(names::INPUT_MESSAGES, input);
        }
        attributes.add_some(names::OUTPUT_MESSAGES, self.answer.map(content::output));
    }

    /// The tokens of all attempts.
    pub(super) fn usage(&self) -> Option<Usage> {
        // Numbers are no tokens.
        Bill::of(self.sent()).usage.map(|usage| Usage {
            completion_tokens: usage.completion_tokens.filter(|_| !self.is_of_numbers()),
            ..usage
        })
    }

    /// The cost of all attempts that may have cost something; unknown when that of one is.
    pub(super) fn cost(&self) -> Cost {
        Bill::of(self.sent()).cost
    }
}

/// The parameters of a request, as they are sent.
pub(super) fn add_parameters(
    attributes: &mut Attributes,
    request: &ChatRequest,
    answer: Option<&Answer>,
) {
    if request.is_limited() {
        // A retry may have had a larger limit.
        let limit = answer.map_or(request.max_tokens, |answer| answer.max_tokens);
        attributes.add(names::REQUEST_MAX_TOKENS, limit);
    }
    attributes.add_some(names::REQUEST_TEMPERATURE, request.temperature);
    attributes.add_some(names::REQUEST_TOP_P, request.top_p);
    let extra = |field: &str| request.extra.get(field).and_then(serde_json::Value::as_u64);
    attributes.add_some(names::REQUEST_SEED, extra("seed"));
    attributes.add_some(
        names::REQUEST_CHOICES,
        extra("n").filter(|count| *count != 1),
    );
    attributes.add(names::REQUEST_STREAM, request.stream);
    let effort = request.effort.map(|effort| Value::Word(effort.as_str()));
    attributes.add_some(names::REQUEST_REASONING, effort);
}

/// The parameters of a request for numbers, as they are sent.
pub(super) fn add_texts_parameters(attributes: &mut Attributes, request: &ChatRequest) {
    let extra = |field: &str| request.extra.get(field);
    let dimensions = extra("dimensions").and_then(serde_json::Value::as_u64);
    attributes.add_some(names::EMBEDDINGS_DIMENSIONS, dimensions);
    let is_omitted = request.without.iter().any(|name| name == "encoding_format");
    let format = extra("encoding_format").filter(|_| !is_omitted);
    let format = format.and_then(serde_json::Value::as_str);
    let formats = format.map(|format| Value::Texts(vec![format.to_owned()]));
    attributes.add_some(names::REQUEST_ENCODING_FORMATS, formats);
}

pub(crate) fn add_usage(attributes: &mut Attributes, usage: Option<Usage>) {
    let usage = usage.unwrap_or_default();
    attributes.add_some(names::USAGE_INPUT, usage.prompt_tokens);
    attributes.add_some(names::USAGE_OUTPUT, usage.completion_tokens);
    attributes.add_some(names::USAGE_CACHE_READ, usage.cached_tokens);
    attributes.add_some(names::USAGE_REASONING, usage.reasoning_tokens);
}

pub(crate) fn add_cost(attributes: &mut Attributes, cost: Cost, is_langfuse: bool) {
    attributes.add_some(names::USAGE_COST, cost.usd);
    let source = match cost.source {
        CostSource::Provider => "provider",
        CostSource::Estimate => "estimate",
        CostSource::Unknown => "unknown",
    };
    attributes.word(names::COST_SOURCE, source);
    if is_langfuse {
        let details = cost.usd.map(|usd| serde_json::json!({"total": usd}));
        let details = details.map(|details| details.to_string());
        attributes.add_some(names::LANGFUSE_COST, details);
    }
}

/// The duration of a request, and its tokens in and out.
pub(crate) fn observations(
    span: &Span,
    shared: Attributes,
    usage: Option<Usage>,
) -> Vec<Observation> {
    let took = span.end.duration_since(span.start).unwrap_or_default();
    let observed = |metric, value, attributes| Observation {
        metric,
        value,
        start: span.start,
        attributes,
    };
    let usage = usage.unwrap_or_default();
    let tokens = |kind: &'static str, count: Option<u64>| {
        let mut attributes = shared.clone();
        attributes.word(names::TOKEN_TYPE, kind);
        #[expect(
            clippy::cast_precision_loss,
            reason = "token counts are far below 2^52"
        )]
        let count = count? as f64;
        Some(observed(Metric::Tokens, count, attributes))
    };
    let input = tokens("input", usage.prompt_tokens);
    let output = tokens("output", usage.completion_tokens);
    let duration = observed(Metric::Duration, took.as_secs_f64(), shared);
    [Some(duration), input, output]
        .into_iter()
        .flatten()
        .collect()
}

/// `error.type` of what was stopped before its end: by a signal, Esc, or a reader that left.
const CANCELLED: &str = "cancelled";

/// The kind of error in one word, as attributes have it.
pub(crate) fn word(kind: ErrorKind) -> String {
    match kind {
        ErrorKind::Interrupted
        | ErrorKind::Terminated
        | ErrorKind::HungUp
        | ErrorKind::BrokenPipe => CANCELLED.to_owned(),
        _ => kind.name().replace(' ', "_"),
    }
}

/// Why requests failed: the error of the answer for the last ones, else the status of the last
/// attempt.
pub(super) fn error_of(attempts: &[Attempt], ended: Option<&Outcome>) -> Option<String> {
    match ended {
        Some(outcome) => outcome.error.as_ref().map(|error| word(error.kind)),
        None => kind_of(attempts.last()?.status).map(word),
    }
}

/// The kind of error of an attempt after which another profile was asked.
pub(crate) fn kind_of(status: AttemptStatus) -> Option<ErrorKind> {
    Some(match status {
        AttemptStatus::Ok => return None,
        AttemptStatus::Length | AttemptStatus::Empty | AttemptStatus::Filtered => {
            ErrorKind::Content
        }
        AttemptStatus::Http(401 | 403) | AttemptStatus::NoKey => ErrorKind::Credentials,
        AttemptStatus::Http(408 | 429 | 500..) | AttemptStatus::Timeout => ErrorKind::TryLater,
        AttemptStatus::Http(_) | AttemptStatus::Refused | AttemptStatus::Unreadable => {
            ErrorKind::Refused
        }
        AttemptStatus::Cut => ErrorKind::Cut,
        AttemptStatus::Unreachable => ErrorKind::Network,
        AttemptStatus::Cancelled => ErrorKind::Interrupted,
        AttemptStatus::NotRecorded => ErrorKind::LocalIo,
    })
}
