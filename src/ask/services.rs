//! Web search and the response cache, as each provider is asked for them.

use serde_json::{Map, Value, json};

use super::preflight::caps::{Cap, CapKind};
use crate::chat::request::ChatRequest;
use crate::chat::target::Target;
use crate::config::options::Remark;
use crate::config::response_cache::CacheChoice;
use crate::config::{Settings, ValueSource};
use crate::ports::error::CommandError;
use crate::providers::registry::WebSearch;
use crate::telemetry::trace::Trace;

/// OpenRouter's tools for the web, which run there.
const SERVER_TOOLS: [&str; 3] = [
    "openrouter:web_search",
    "openrouter:web_fetch",
    "openrouter:datetime",
];

/// The field that says when they stop.
const STOP: &str = "stop_server_tools_when";

/// Steps of the cost at which they stop in a USD. One is the least: zero is not accepted.
const PER_USD: f64 = 1e6;

/// What is left of a day is rounded down to whole cents, when it is at least one.
const CENTS_PER_USD: f64 = 100.0;

/// Parts of a step that a difference of binary fractions may miss.
const ROUNDING: f64 = 1e-6;

/// Adds web search to the fields of the body: the tools that run at the provider, after those of
/// the user, and the cap of the request, which holds for them too.
pub(super) fn search(settings: &Settings, fields: &mut Map<String, Value>) {
    if !settings.services.searches() {
        return;
    }
    match settings.entry.web_search {
        WebSearch::ServerTools => {
            let tools = fields.entry("tools").or_insert_with(|| json!([]));
            if let Some(tools) = tools.as_array_mut() {
                for name in SERVER_TOOLS {
                    if !tools.iter().any(|tool| tool["type"] == name) {
                        tools.push(json!({"type": name}));
                    }
                }
            }
            if let Some(cap) = &settings.max_cost {
                fields.entry(STOP).or_insert_with(|| stop_at(cap.value));
            }
        }
        WebSearch::OwnModels(marks) => {
            if is_marked(&settings.model.value, marks) {
                fields
                    .entry("web_search_options")
                    .or_insert_with(|| json!({}));
            }
        }
        WebSearch::Unsupported => {}
    }
}

/// Stops the tools that run at the provider at what is left of the caps, unless the user says when
/// they stop. `cap` is what is left of the lowest cap: what is reserved of a day covers the tokens
/// alone. What is left of a day is rounded, so that not every request has another body.
pub(super) fn cap_server_tools(settings: &Settings, cap: Option<Cap>, target: &mut Target) {
    let has_tools = matches!(settings.entry.web_search, WebSearch::ServerTools);
    // A recording is complete in itself: what is left of a day is no part of it.
    if !has_tools || !settings.services.searches() || target.client.tape.is_some() {
        return;
    }
    let fields = &mut target.request.extra;
    let planned = settings.max_cost.as_ref().map(|cap| stop_at(cap.value));
    let is_of_user = settings.body.contains_key(STOP) || fields.get(STOP) != planned.as_ref();
    let of_cap = |cap: Cap| match cap.kind {
        CapKind::Day if cap.left * CENTS_PER_USD >= 1.0 => rounded_down(cap.left, CENTS_PER_USD),
        _ => cap.left,
    };
    let caps = [target.most_usd, cap.map(of_cap)];
    let left = caps.into_iter().flatten().reduce(f64::min);
    if let Some(left) = left.filter(|_| !is_of_user) {
        fields.insert(STOP.to_owned(), stop_at(left));
    }
}

/// The condition that ends them at a cost in USD, which is rounded down.
fn stop_at(usd: f64) -> Value {
    let most = rounded_down(usd, PER_USD).max(1.0 / PER_USD);
    json!([{"type": "max_cost", "max_cost_in_dollars": most}])
}

/// An amount in USD, rounded down to whole steps.
fn rounded_down(usd: f64, steps_per_usd: f64) -> f64 {
    (usd * steps_per_usd + ROUNDING).floor() / steps_per_usd
}

/// Names the conversation, where the profile wants that and sets no other name for it.
pub(super) fn enrich(settings: &Settings, session: Option<&str>, fields: &mut Map<String, Value>) {
    let is_named = settings.entry.is_openrouter && settings.services.names_session();
    if let Some(session) = session.filter(|_| is_named) {
        fields.entry("session_id").or_insert_with(|| json!(session));
    }
}

/// Names the trace of the answer and its root, where the profile wants that and sets no other: what
/// OpenRouter sends to a backend is then beside the spans of amx. A trace that is not sampled is in
/// no backend.
pub(super) fn name_trace(settings: &Settings, trace: &Trace, request: &mut ChatRequest) {
    let is_named = settings.entry.is_openrouter && settings.services.names_session();
    if is_named && trace.context.is_sampled {
        let name = format!("chat {}", request.model);
        let fields = json!({
            "trace_id": trace.context.trace.to_string(),
            "span_name": name,
            "parent_span_id": trace.context.span.to_string(),
        });
        request.extra.entry("trace").or_insert(fields);
    }
}

/// The headers of the response cache.
pub(super) fn cache_headers(settings: &Settings) -> Vec<(String, String)> {
    let choice = settings.services.cache.as_ref().map(|cache| cache.value);
    let Some(choice) = choice.filter(|_| settings.entry.is_openrouter) else {
        return Vec::new();
    };
    let header = |name: &str, value: String| (format!("X-OpenRouter-Cache{name}"), value);
    let is_on = choice != CacheChoice::Off;
    let mut headers = vec![header("", is_on.to_string())];
    match choice {
        CacheChoice::On(Some(seconds)) => headers.push(header("-TTL", seconds.to_string())),
        CacheChoice::Refresh => headers.push(header("-Clear", "true".to_owned())),
        CacheChoice::On(None) | CacheChoice::Off => {}
    }
    headers
}

/// Refuses a service that was requested for this question and that the provider does not have.
/// Where it is a setting of the profile, or the target is only a fallback, it is a warning.
///
/// # Errors
/// [`ErrorKind::Usage`](crate::ports::error::ErrorKind::Usage).
pub(crate) fn check<'a>(
    targets: impl IntoIterator<Item = &'a Settings>,
    is_conversation: bool,
    remarks: &mut Vec<Remark>,
) -> Result<(), CommandError> {
    for (index, settings) in targets.into_iter().enumerate() {
        for lacking in lacking(settings) {
            if index == 0 && matches!(lacking.source, ValueSource::Flag { .. }) {
                return Err(lacking.error(is_conversation));
            }
            remarks.push(Remark::Warning(lacking.words));
        }
    }
    Ok(())
}

/// A service that a provider does not have.
struct Lacking {
    words: String,
    /// How to get it, on the command line.
    hint: String,
    /// How to do without it, in a conversation.
    slash: &'static str,
    source: ValueSource,
}

impl Lacking {
    fn error(self, is_conversation: bool) -> CommandError {
        let error = CommandError::usage(self.words);
        if is_conversation {
            error.hint(self.slash)
        } else {
            error.hint(self.hint)
        }
    }
}

fn lacking(settings: &Settings) -> Vec<Lacking> {
    let (mut found, entry) = (Vec::new(), settings.entry);
    let web = settings.services.web.as_ref().filter(|web| web.value);
    if let Some(web) = web.filter(|_| !can_search(settings)) {
        let hint = match entry.web_search {
            WebSearch::OwnModels(marks) => {
                format!("-m MODEL   (a model whose ID has {})", marks.join(" or "))
            }
            _ => "-m openrouter:MODEL   (OpenRouter searches for any model with tools)".to_owned(),
        };
        found.push(Lacking {
            words: format!(
                "{} of provider {} does not search the web",
                settings.model.value, entry.name
            ),
            hint,
            slash: "/web off, or /model",
            source: web.source.clone(),
        });
    }
    let cache = settings.services.cache.as_ref();
    let cache = cache.filter(|cache| cache.value != CacheChoice::Off && !entry.is_openrouter);
    if let Some(cache) = cache {
        found.push(Lacking {
            words: format!("provider {} has no response cache", entry.name),
            hint: "omit --cache; only openrouter has one".to_owned(),
            slash: "/profile",
            source: cache.source.clone(),
        });
    }
    found
}

fn can_search(settings: &Settings) -> bool {
    match settings.entry.web_search {
        WebSearch::ServerTools => true,
        WebSearch::OwnModels(marks) => is_marked(&settings.model.value, marks),
        WebSearch::Unsupported => false,
    }
}

fn is_marked(model: &str, marks: &[&str]) -> bool {
    marks.iter().any(|mark| model.contains(mark))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stop_is_the_cap_as_written_and_never_zero() {
        for (usd, most) in [
            (0.1, 0.1),
            (0.05, 0.05),
            (0.07, 0.07),
            (0.3, 0.3),
            (1.234_567_8, 1.234_567),
            (0.0, 0.000_001),
        ] {
            let condition = json!([{"type": "max_cost", "max_cost_in_dollars": most}]);
            assert_eq!(stop_at(usd), condition, "{usd}");
        }
    }
}
