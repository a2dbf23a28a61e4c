//! `config explain` says what `--dry-run` sends, and why, whatever the layers hold.

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::{Value, json};

use crate::support::sandbox::Sandbox;

/// What the layers hold: file, environment, flags.
#[derive(Debug, Clone)]
struct Layers {
    file: BTreeMap<&'static str, Value>,
    environment: BTreeMap<&'static str, String>,
    flags: Vec<(&'static str, String)>,
}

const MODELS: &[&str] = &[
    "a/plain",
    "openai/gpt-5-mini",
    "deepseek/deepseek-r1",
    "x/other",
];
const EFFORTS: &[&str] = &["none", "minimal", "low", "medium", "high", "xhigh", "max"];

fn one_of(values: &'static [&'static str]) -> impl Strategy<Value = String> {
    proptest::sample::select(values).prop_map(str::to_owned)
}

fn maybe<T: std::fmt::Debug + Clone>(
    strategy: impl Strategy<Value = T>,
) -> impl Strategy<Value = Option<T>> {
    proptest::option::of(strategy)
}

/// Numbers with few digits, as people write them.
fn tenths(most: u32) -> impl Strategy<Value = f64> {
    (0..=most).prop_map(|tenths| f64::from(tenths) / 10.0)
}

fn file() -> impl Strategy<Value = BTreeMap<&'static str, Value>> {
    let numbers = (maybe(tenths(20)), maybe(tenths(10)), maybe(1..60_000_u32));
    let words = (
        maybe(one_of(MODELS)),
        maybe(one_of(EFFORTS)),
        maybe(one_of(&["auto", "on", "off"])),
        maybe(one_of(&["Be brief.", "Answer in verse."])),
    );
    let body = (
        maybe(1..9_u32),
        maybe(one_of(&["price", "latency"])),
        maybe(proptest::collection::vec(one_of(MODELS), 1..3)),
        any::<bool>(),
    );
    (numbers, words, body).prop_map(
        |(
            (temperature, top_p, max_tokens),
            (model, effort, reasoning, system),
            (top_k, sort, fallbacks, lifts),
        )| {
            let mut file = BTreeMap::from([("provider", json!("openrouter"))]);
            let mut body = serde_json::Map::new();
            body.extend(top_k.map(|top_k| ("top_k".to_owned(), json!(top_k))));
            body.extend(
                sort.map(|sort| ("provider".to_owned(), json!({"sort": sort, "zdr": true}))),
            );
            // A setting may also stand among the fields of the body.
            if lifts && temperature.is_none() {
                body.insert("temperature".to_owned(), json!(1.5));
            }
            let fields = [
                ("temperature", temperature.map(Value::from)),
                ("top_p", top_p.map(Value::from)),
                ("max_tokens", max_tokens.map(Value::from)),
                ("model", model.map(Value::from)),
                ("reasoning_effort", effort.map(Value::from)),
                ("reasoning", reasoning.map(Value::from)),
                ("system", system.map(Value::from)),
                ("fallback_models", fallbacks.map(Value::from)),
                (
                    "openrouter",
                    Some(Value::Object(body)).filter(|body| *body != json!({})),
                ),
            ];
            file.extend(
                fields
                    .into_iter()
                    .filter_map(|(key, value)| Some((key, value?))),
            );
            file
        },
    )
}

fn environment() -> impl Strategy<Value = BTreeMap<&'static str, String>> {
    let floor = proptest::sample::select(vec!["0", "100", "50000"]).prop_map(str::to_owned);
    (maybe(one_of(MODELS)), maybe(one_of(EFFORTS)), maybe(floor)).prop_map(
        |(model, effort, floor)| {
            let variables = [
                ("AMX_MODEL", model),
                ("AMX_REASONING_EFFORT", effort),
                ("AMX_LLM_MIN_MAX_TOKENS", floor),
            ];
            variables
                .into_iter()
                .filter_map(|(name, value)| Some((name, value?)))
                .collect()
        },
    )
}

fn flags() -> impl Strategy<Value = Vec<(&'static str, String)>> {
    let settings = (
        maybe(one_of(MODELS)),
        maybe(tenths(20)),
        maybe(tenths(10)),
        maybe(1..60_000_u32),
        maybe(one_of(EFFORTS)),
        maybe(one_of(&["Be kind."])),
    );
    let options = (
        maybe(1..9_u32),
        maybe(one_of(&["throughput"])),
        maybe(1..99_u32),
        maybe(tenths(20)),
    );
    (settings, options).prop_map(
        |(
            (model, temperature, top_p, max_tokens, effort, system),
            (top_k, sort, seed, optional),
        )| {
            let flags = [
                ("--model", model),
                (
                    "--temperature",
                    temperature.map(|number| number.to_string()),
                ),
                ("--top-p", top_p.map(|number| number.to_string())),
                ("--max-tokens", max_tokens.map(|number| number.to_string())),
                ("--reasoning-effort", effort),
                ("--system", system),
                ("-o", top_k.map(|number| format!("top_k={number}"))),
                ("-o", sort.map(|sort| format!("provider.sort={sort}"))),
                ("-o", seed.map(|seed| format!("seed={seed}"))),
                (
                    "--presence-penalty",
                    optional.map(|number| format!("-{number}")),
                ),
                // Both spellings at once would have to agree.
                (
                    "-o",
                    optional
                        .filter(|_| temperature.is_none())
                        .map(|number| format!("temperature={number}")),
                ),
            ];
            flags
                .into_iter()
                .filter_map(|(flag, value)| Some((flag, value?)))
                .collect()
        },
    )
}

fn layers() -> impl Strategy<Value = Layers> {
    (file(), environment(), flags()).prop_map(|(file, environment, flags)| Layers {
        file,
        environment,
        flags,
    })
}

impl Layers {
    fn sandbox(&self) -> Sandbox {
        // JSON is YAML.
        let config =
            json!({"llm_profiles": {"p": self.file}, "active_llm_profile": "p"}).to_string();
        self.environment
            .iter()
            .fold(Sandbox::new().config(config), |sandbox, (name, value)| {
                sandbox.env(name, value)
            })
    }

    fn arguments<'a>(&'a self, first: &[&'a str], last: &[&'a str]) -> Vec<&'a str> {
        let flags = self
            .flags
            .iter()
            .flat_map(|(flag, value)| [*flag, value.as_str()]);
        first
            .iter()
            .copied()
            .chain(flags)
            .chain(last.iter().copied())
            .collect()
    }

    /// What `--dry-run` would send.
    fn sent(&self) -> Value {
        let outcome = self
            .sandbox()
            .run(self.arguments(&["chat", "--dry-run"], &["--no-stdin", "hi"]));
        outcome.assert_code(0);
        outcome.json()
    }

    /// What `config explain` says of each key.
    fn explained(&self) -> BTreeMap<String, Value> {
        let outcome = self
            .sandbox()
            .run(self.arguments(&["config", "explain", "--json"], &[]));
        outcome.assert_code(0);
        let Value::Array(lines) = outcome.json() else {
            panic!("no list\n{outcome}")
        };
        lines
            .into_iter()
            .map(|line| (line["key"].as_str().unwrap().to_owned(), line))
            .collect()
    }
}

/// The value of a line, as JSON where it can be read as that.
fn value(line: Option<&Value>) -> Value {
    let Some(text) = line
        .and_then(|line| line["value"].as_str())
        .filter(|text| *text != "not sent")
    else {
        return Value::Null;
    };
    serde_json::from_str(text).unwrap_or_else(|_| Value::from(text))
}

/// The same number, however it is written.
fn is_equal(one: &Value, other: &Value) -> bool {
    one == other
        || one
            .as_f64()
            .is_some_and(|number| Some(number) == other.as_f64())
}

/// What a body says, by the keys of the explanation.
fn by_key(body: &Value) -> BTreeMap<String, Value> {
    let known = [
        "model",
        "models",
        "messages",
        "max_tokens",
        "temperature",
        "top_p",
        "reasoning",
        "stream",
        "stream_options",
        "usage",
    ];
    let system = body["messages"]
        .as_array()
        .into_iter()
        .flatten()
        .find(|message| message["role"] == "system");
    let fallbacks = body["models"].as_array().map(|models| {
        models
            .iter()
            .filter_map(Value::as_str)
            .collect::<Vec<_>>()
            .join(", ")
    });
    let mut keys: BTreeMap<String, Value> = ["model", "max_tokens", "temperature", "top_p"]
        .map(|key| (key.to_owned(), body[key].clone()))
        .into();
    keys.insert(
        "reasoning_effort".to_owned(),
        body["reasoning"]["effort"].clone(),
    );
    keys.insert(
        "system".to_owned(),
        system.map_or(Value::Null, |message| message["content"].clone()),
    );
    keys.insert(
        "fallback_models".to_owned(),
        fallbacks.map_or(Value::Null, Value::from),
    );
    let others = body
        .as_object()
        .into_iter()
        .flatten()
        .filter(|(field, _)| !known.contains(&field.as_str()));
    keys.extend(others.map(|(field, value)| (format!("body.{field}"), value.clone())));
    keys
}

fn check(layers: &Layers) -> Result<(), TestCaseError> {
    let (sent, explained) = (layers.sent(), layers.explained());
    let sent_by_key = by_key(&sent);
    for (key, expected) in &sent_by_key {
        let told = value(explained.get(key));
        prop_assert!(
            is_equal(&told, expected),
            "{} is explained as {} and sent as {}: {:?}",
            key,
            told,
            expected,
            explained.get(key)
        );
    }
    // Nothing of the body is explained that is not sent.
    for key in explained.keys().filter(|key| key.starts_with("body.")) {
        prop_assert!(
            sent_by_key.contains_key(key),
            "{} is explained and not sent",
            key
        );
    }
    // The strongest layer that names a model gave it, and the others are what it hides.
    let flag = layers
        .flags
        .iter()
        .any(|(flag, _)| *flag == "--model")
        .then_some("flag --model");
    let variable = layers
        .environment
        .contains_key("AMX_MODEL")
        .then_some("environment, AMX_MODEL");
    let file = layers
        .file
        .contains_key("model")
        .then_some("config.yml, profile 'p'");
    let expected: Vec<&str> = [flag, variable, file, Some("default")]
        .into_iter()
        .flatten()
        .collect();
    let line = &explained["model"];
    let hidden = line["hides"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|hidden| hidden["source"].as_str());
    let told: Vec<&str> = line["source"].as_str().into_iter().chain(hidden).collect();
    prop_assert_eq!(told, expected);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 64,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn what_is_explained_is_what_is_sent(layers in layers()) {
        check(&layers)?;
    }
}

#[test]
fn the_floor_of_a_reasoning_model_is_explained_with_what_it_overrides() {
    let config = "llm_profiles: {p: {model: openai/gpt-5-mini, max_tokens: 100}}\n";
    let line = Sandbox::new()
        .config(config)
        .run(["config", "explain", "max_tokens", "--json"])
        .json();
    assert_eq!(line["value"], "32768", "{line}");
    assert_eq!(
        line["source"], "default, floor of reasoning models",
        "{line}"
    );
    assert_eq!(
        line["hides"][0],
        json!({"value": "100", "source": "config.yml, profile 'p'"}),
        "{line}"
    );
}

#[test]
fn an_effort_that_is_not_sent_is_reported() {
    let config =
        "llm_profiles: {p: {model: openai/gpt-5-mini, reasoning: off, reasoning_effort: high}}\n";
    let line = Sandbox::new()
        .config(config)
        .run(["config", "explain", "reasoning_effort", "--json"])
        .json();
    assert_eq!(
        (&line["value"], &line["source"]),
        (
            &json!("not sent"),
            &json!("reasoning is off, config.yml, profile 'p'")
        ),
        "{line}"
    );
    assert_eq!(line["hides"][0]["value"], "high", "{line}");
}

#[test]
fn a_group_of_settings_is_explained_together() {
    let config = "llm_profiles:\n  work:\n    model: a/b\n    \
        max_cost: {per_request: 0.1, per_day: 2}\n    \
        price: {input: 3, output: 15}\n    openrouter: {top_k: 4}\nactive_llm_profile: work\n";
    let sandbox = Sandbox::new().config(config);
    for (group, lines) in [
        (
            "max_cost",
            &["max_cost.per_request = 0.1", "max_cost.per_day = 2"][..],
        ),
        ("price", &["price.input = 3", "price.output = 15"]),
        ("app", &["app.referer = ", "app.title = "]),
        ("openrouter", &["body.top_k = 4"]),
    ] {
        let outcome = sandbox.run(["config", "explain", group]);
        outcome.assert_code(0);
        for line in lines {
            assert!(outcome.stdout().contains(line), "{line}\n{outcome}");
        }
        assert!(!outcome.stdout().contains("model = "), "{outcome}");
    }
    let caps = sandbox
        .run(["config", "explain", "max_cost", "--json"])
        .json();
    assert_eq!(caps.as_array().map(Vec::len), Some(2), "{caps}");
    let unset = Sandbox::new().config("llm_profiles: {work: {model: a/b}}\n");
    for (setting, words) in [
        ("max_cost", "max_cost is not set; no cap applies"),
        ("price", "price is not set; the catalogue's price applies"),
        ("headers", "headers is not set"),
    ] {
        unset
            .run(["config", "explain", setting])
            .assert_failure(1)
            .assert_stderr_has(words);
    }
}
