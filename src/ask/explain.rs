//! Every setting with its source, read from the request that would be sent.

use super::output_limit::LimitReason;
use super::plan::{self, PlannedTarget};
use super::preflight::caps::{self, Cap};
use super::preflight::parameters;
use super::question::{Checks, Question, Resolved};
use crate::config::Explained;
use crate::config::explained::{NOT_SENT, shown, weaker};
use crate::config::options::path;
use crate::config::{Setting, ValueSource};
use crate::ports::equipment::Equipment;
use crate::ports::error::CommandError;

/// Every setting as it is sent with a question, in the order of the documentation.
///
/// # Errors
/// When the targets cannot be planned.
pub(crate) fn explain(
    resolved: &Resolved<'_>,
    equipment: &Equipment,
) -> Result<Vec<Explained>, CommandError> {
    let planned = planned(resolved, equipment)?;
    let Some(first) = planned.first() else {
        return Ok(resolved.settings.explain());
    };
    let mut lines = Vec::new();
    for line in resolved.settings.explain() {
        match line.key.as_str() {
            "max_tokens" => lines.push(max_tokens(first)),
            "reasoning_effort" => {}
            _ => lines.push(sent(line, first)),
        }
    }
    let after = lines.iter().position(|line| line.key == "max_tokens");
    if let Some(effort) = effort(first) {
        lines.insert(after.map_or(0, |index| index + 1), effort);
    }
    Ok(lines)
}

/// One option inside a field of the body, such as `provider.sort`; `None` when it is not set.
///
/// # Errors
/// As [`explain`].
pub(crate) fn explain_option(
    name: &str,
    resolved: &Resolved<'_>,
    equipment: &Equipment,
) -> Result<Option<Explained>, CommandError> {
    let planned = planned(resolved, equipment)?;
    let line = resolved.settings.explained_option(name);
    Ok(line.map(|line| {
        planned
            .first()
            .map_or(line.clone(), |first| sent(line, first))
    }))
}

/// The request of an empty question.
fn planned(
    resolved: &Resolved<'_>,
    equipment: &Equipment,
) -> Result<Vec<PlannedTarget>, CommandError> {
    let mut planned = plan::targets(resolved, &Question::default(), None, equipment)?;
    planned.truncate(1);
    parameters::remove_unsupported(&mut planned, Checks::default(), equipment)?;
    Ok(planned)
}

/// The line itself, or the line of a setting that is not sent because the model does not support
/// it.
fn sent(line: Explained, planned: &PlannedTarget) -> Explained {
    let request = &planned.target.request;
    let is_sent = match line.key.as_str() {
        "temperature" => request.temperature.is_some(),
        "top_p" => request.top_p.is_some(),
        key => match key.strip_prefix("body.") {
            Some(name) => path::get(&request.extra, name).is_some(),
            None => true,
        },
    };
    if is_sent {
        return line;
    }
    if is_removed(&line.key, planned) {
        return not_sent(&line.key.clone(), (line.value, line.source), planned);
    }
    let overridden = std::iter::once((line.value, line.source)).chain(line.overridden);
    Explained {
        key: line.key,
        value: NOT_SENT.to_owned(),
        source: format!("{} does not support it, model catalogue", request.model),
        overridden: overridden.collect(),
    }
}

/// Whether the user removes a field with `null`.
fn is_removed(key: &str, planned: &PlannedTarget) -> bool {
    let mut omitted = planned.settings.options.omitted.iter();
    omitted.any(|name| path::overlap(name, key))
}

/// The line of a field that is not sent, because the user removes it or the server refused it.
fn not_sent(key: &str, value: (String, String), planned: &PlannedTarget) -> Explained {
    let source = if is_removed(key, planned) {
        "removed by null".to_owned()
    } else {
        format!("refused by {}", planned.target.base_url)
    };
    Explained {
        key: key.to_owned(),
        value: NOT_SENT.to_owned(),
        source,
        overridden: vec![value],
    }
}

/// The limit that is sent, and where it comes from.
fn max_tokens(planned: &PlannedTarget) -> Explained {
    let settings = &planned.settings;
    let limit = planned.decisions.limit;
    let source = match limit.reason {
        LimitReason::Chosen => settings.max_tokens.source.to_string(),
        LimitReason::Floor => format!("{}, floor of reasoning models", settings.floor.source),
        LimitReason::Cap => format!("affordable under {}", cap_words(planned)),
        LimitReason::ModelMaximum => {
            format!("maximum of {}, model catalogue", settings.model.value)
        }
        LimitReason::Window => format!(
            "context window of {} without the prompt",
            settings.model.value
        ),
    };
    let request = &planned.target.request;
    if !request.is_limited() {
        return not_sent("max_tokens", shown(&settings.max_tokens), planned);
    }
    let beaten = (limit.reason != LimitReason::Chosen).then(|| shown(&settings.max_tokens));
    let overridden = beaten.into_iter().chain(weaker(&settings.max_tokens));
    Explained {
        key: "max_tokens".to_owned(),
        value: request.max_tokens.to_string(),
        source,
        overridden: overridden.collect(),
    }
}

/// The cap that lowers the limit.
fn cap_words(planned: &PlannedTarget) -> String {
    let words = |cap: Cap| caps::words(&planned.settings, cap.kind);
    planned.cap.map_or_else(|| "a cap".to_owned(), words)
}

/// The effort that is sent, or the configured one with the reason why it is not sent; `None` when
/// there is neither.
fn effort(planned: &PlannedTarget) -> Option<Explained> {
    let settings = &planned.settings;
    let route = planned.decisions.effort.route;
    let set = settings.effort.as_ref();
    if let (Some(route), None) = (route, planned.target.request.effort) {
        let value = (route.effort.to_string(), ValueSource::Default.to_string());
        return Some(not_sent("reasoning_effort", value, planned));
    }
    let (value, source) = match (route, set) {
        (None, None) => return None,
        (Some(route), None) => (
            route.effort.to_string(),
            format!("{}, for a reasoning model", ValueSource::Default),
        ),
        (Some(route), Some(set)) if route.effort == set.value => {
            return Some(line(
                set.value.to_string(),
                set.source.to_string(),
                weaker(set),
            ));
        }
        (Some(route), Some(_)) => (
            route.effort.to_string(),
            format!(
                "nearest that {} supports, model catalogue",
                settings.model.value
            ),
        ),
        (None, Some(_)) => (NOT_SENT.to_owned(), unsent_reason(planned)),
    };
    let beaten = set.into_iter().map(shown);
    let overridden = beaten.chain(set.map_or_else(Vec::new, weaker));
    Some(line(value, source, overridden.collect()))
}

/// Why an effort that is set is not sent.
fn unsent_reason(planned: &PlannedTarget) -> String {
    use crate::chat::reasoning::ReasoningMode;
    let Setting { value, source, .. } = &planned.settings.reasoning;
    if *value == ReasoningMode::Off {
        format!("reasoning is off, {source}")
    } else {
        format!(
            "{} is not a reasoning model, model catalogue",
            planned.settings.model.value
        )
    }
}

fn line(value: String, source: String, overridden: Vec<(String, String)>) -> Explained {
    Explained {
        key: "reasoning_effort".to_owned(),
        value,
        source,
        overridden,
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;
    use std::time::SystemTime;

    use proptest::option::of;
    use proptest::prelude::*;
    use proptest::sample::{select, subsequence};
    use serde_json::{Value, json};

    use super::*;
    use crate::ask::prepare::prepare;
    use crate::catalog::Model;
    use crate::chat::reasoning::Effort;
    use crate::config::{ConfigFile, Environment, GenerationSettings, Home, Overrides, Settings};
    use crate::ports::fetched::FetchedCatalogs;
    use crate::ports::interrupt::Interrupt;
    use crate::store::Store;
    use crate::telemetry::Telemetry;

    const MODELS: [&str; 4] = ["openai/o3", "a/plain", "x/kimi-k2", "not/listed"];
    const SUPPORTED: [&str; 6] = ["temperature", "top_p", "seed", "top_k", "tools", "stop"];
    const EFFORTS: [&str; 7] = ["none", "minimal", "low", "medium", "high", "xhigh", "max"];

    /// A catalogue entry with any of the facts that affect a decision.
    fn model(id: &'static str) -> impl Strategy<Value = Model> {
        let reasoning = (
            any::<bool>(),
            of(any::<bool>()),
            subsequence(&EFFORTS[1..], 0..5),
        );
        let supported = subsequence(&SUPPORTED, 0..6);
        (of(1000_u64..200_000), supported, of(reasoning)).prop_map(
            move |(most, names, reasoning)| {
                let reasoning = reasoning.map(|(mandatory, default_enabled, efforts)| {
                    let efforts = if efforts.is_empty() {
                        json!("all")
                    } else {
                        json!({"listed": efforts})
                    };
                    json!({
                        "mandatory": mandatory,
                        "default_enabled": default_enabled,
                        "efforts": efforts,
                    })
                });
                let entry = json!({
                    "id": id,
                    "max_completion_tokens": most,
                    "parameters": names.join(" "),
                    "reasoning": reasoning,
                });
                serde_json::from_value(entry).unwrap()
            },
        )
    }

    /// Settings of a profile, as written in config.yml.
    fn profile() -> impl Strategy<Value = String> {
        let numbers = (
            of(0.0..2.0_f64),
            of(0.0..1.0_f64),
            of(1_u32..60_000),
            of(0_u32..50),
        );
        let words = (
            select(&MODELS[..]),
            of(select(&EFFORTS[..])),
            of(select(&["auto", "on", "off"][..])),
        );
        (numbers, words).prop_map(
            |((temperature, top_p, max_tokens, top_k), (model, effort, mode))| {
                let mut profile = json!({"model": model, "api_key": "file:/k"});
                for (key, value) in [
                    ("temperature", temperature.map(Value::from)),
                    ("top_p", top_p.map(Value::from)),
                    ("max_tokens", max_tokens.map(Value::from)),
                    ("reasoning_effort", effort.map(Value::from)),
                    ("reasoning", mode.map(Value::from)),
                    (
                        "openrouter",
                        top_k.map(|top_k| json!({"top_k": top_k, "seed": 7})),
                    ),
                ] {
                    if let Some(value) = value {
                        profile[key] = value;
                    }
                }
                json!({"llm_profiles": {"p": profile}, "active_llm_profile": "p"}).to_string()
            },
        )
    }

    /// Settings of flags, and of the environment.
    fn overrides() -> impl Strategy<Value = (Overrides, Option<&'static str>, Option<u32>)> {
        let flags = (
            of(0.0..2.0_f64),
            of(1_u32..60_000),
            of(select(&Effort::ALL[..])),
        );
        let flags = flags.prop_map(|(temperature, max_tokens, effort)| Overrides {
            generation: GenerationSettings {
                temperature,
                max_tokens,
                effort,
                ..GenerationSettings::default()
            },
            ..Overrides::default()
        });
        (flags, of(select(&EFFORTS[..])), of(0_u32..70_000))
    }

    /// The value that the body has for a line of the explanation.
    fn in_body(key: &str, body: &Value) -> Value {
        match key {
            "reasoning_effort" => body["reasoning"]["effort"].clone(),
            key => body[key.strip_prefix("body.").unwrap_or(key)].clone(),
        }
    }

    const KEYS: [&str; 6] = [
        "max_tokens",
        "temperature",
        "top_p",
        "reasoning_effort",
        "body.top_k",
        "body.seed",
    ];

    /// `1` and `1.0` are the same value.
    fn comparable(value: &str) -> String {
        value
            .parse::<f64>()
            .map_or_else(|_| value.to_owned(), |number| number.to_string())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(96))]

        /// For any layers and catalogue, the explanation has the values of the body.
        #[test]
        fn explained_values_are_those_of_the_body(
            models in (model("openai/o3"), model("a/plain"), model("x/kimi-k2")),
            text in profile(),
            (overrides, effort, floor) in overrides(),
        ) {
            let folder = tempfile::tempdir().unwrap();
            let home = Home::at(folder.path());
            let config = ConfigFile::parse(PathBuf::from("config.yml"), text).unwrap();
            let floor = floor.map(|floor| floor.to_string());
            let mut variables = vec![("AMX_CONFIG_DIR", folder.path().to_str().unwrap())];
            variables.extend(effort.map(|effort| ("AMX_REASONING_EFFORT", effort)));
            variables.extend(
                floor
                    .as_deref()
                    .map(|floor| ("AMX_LLM_MIN_MAX_TOKENS", floor)),
            );
            let equipment = Equipment {
                environment: Environment::from_pairs(variables),
                interrupt: Interrupt::default(),
                tape: None,
                is_watched: false,
                fetched: FetchedCatalogs::default(),
                telemetry: Telemetry::default(),
            };
            let settings = Settings::resolve(&overrides, &equipment.environment, &config).unwrap();
            let server = crate::ask::model_list::server_name(&settings.base_url.value);
            let mut store = Store::open(&home).unwrap();
            let listed = [models.0, models.1, models.2];
            store.save_catalog(&server, &listed, SystemTime::now()).unwrap();
            let resolved = Resolved {
                settings: &settings,
                overrides: &overrides,
                config: &config,
            };
            let (question, checks) = (Question::default(), Checks::default());
            let prepared = prepare(&resolved, question, checks, &equipment);
            let body = prepared.unwrap().body().to_value();
            let lines = explain(&resolved, &equipment).unwrap();
            for key in KEYS {
                let sent = in_body(key, &body);
                let line = lines.iter().find(|line| line.key == key);
                let explained = line
                    .map(|line| line.value.as_str())
                    .filter(|value| *value != NOT_SENT);
                let sent = (!sent.is_null())
                    .then(|| sent.as_str().map_or_else(|| sent.to_string(), str::to_owned));
                prop_assert_eq!(
                    explained.map(comparable),
                    sent.as_deref().map(comparable),
                    "{}",
                    key
                );
            }
        }
    }
}
