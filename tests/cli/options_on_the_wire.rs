//! Every row of the table of options, in each way it can be given: the same value reaches the wire,
//! and a bad one nothing.

use amx::tables::{OPTIONS, RequestOption, ValueKind};
use serde_json::{Map, Value, json};

use crate::support::double::{Double, Recorded};
use crate::support::reply;
use crate::support::sandbox::Sandbox;

/// Each row's value on the wire: the name of the field, and what must stand there.
fn expected(option: &RequestOption) -> (&'static str, Value) {
    let value = serde_json::from_str(option.example).unwrap();
    match option.name {
        "reasoning_effort" => ("reasoning.effort", value),
        "private" => ("provider", json!({"data_collection": "deny", "zdr": true})),
        "route" => ("route", Value::Null),
        name => (name, value),
    }
}

fn at<'a>(body: &'a Value, name: &str) -> &'a Value {
    name.split('.').fold(body, |value, part| &value[part])
}

/// `{a: {b: value}}` for `a.b`.
fn nested(name: &str, value: Value) -> Value {
    name.rsplit('.').fold(value, |value, part| {
        Value::Object(Map::from_iter([(part.to_owned(), value)]))
    })
}

fn in_profile(option: &RequestOption, value: Value) -> String {
    let mut profile = nested(&option.profile_key(), value);
    profile["model"] = json!("a/b");
    // JSON is YAML.
    json!({"llm_profiles": {"p": profile}}).to_string()
}

fn by_flag(option: &RequestOption, text: &str) -> Vec<String> {
    vec![format!("{}={text}", option.flag())]
}

fn by_option(option: &RequestOption, text: &str) -> Vec<String> {
    vec!["-o".to_owned(), format!("{}={text}", option.name)]
}

/// Asks with each row, and holds what was shown in a dry run and what was sent against what must
/// be.
#[track_caller]
fn all_arrive(set_up: impl Fn(&RequestOption, Sandbox) -> (Sandbox, Vec<String>)) {
    let double = Double::start(
        OPTIONS
            .iter()
            .map(|_| reply::stream(["Hello"]))
            .collect::<Vec<_>>(),
    );
    for option in OPTIONS {
        let (sandbox, arguments) = set_up(option, Sandbox::with(&double));
        let arguments: Vec<&str> = ["chat", "-m", "a/b", "hi"]
            .into_iter()
            .chain(arguments.iter().map(String::as_str))
            .collect();
        let dry = sandbox.run(arguments.iter().chain(&["--dry-run"]));
        dry.assert_code(0);
        let outcome = sandbox.run(&arguments);
        outcome.assert_code(0).assert_stdout("Hello\n");
        if option.name != "route" {
            outcome.assert_answer("Hello\n");
        }
        let sent = double.requests().last().map(Recorded::json).unwrap();
        let (name, value) = expected(option);
        assert_eq!(at(&sent, name), &value, "{}: {sent}", option.name);
        assert_eq!(dry.json(), sent, "{}", option.name);
        // Nothing else comes along, save what the option implies.
        let implied = [
            "model",
            "messages",
            "stream",
            "max_tokens",
            "logprobs",
            "plugins",
        ];
        let first = name.split('.').next().unwrap();
        let others: Vec<&String> = sent
            .as_object()
            .unwrap()
            .keys()
            .filter(|key| *key != first && !implied.contains(&key.as_str()))
            .collect();
        assert!(others.is_empty(), "{} brings {others:?}", option.name);
    }
}

#[test]
fn every_row_arrives_by_profile() {
    all_arrive(|option, sandbox| {
        (
            sandbox.config(in_profile(
                option,
                serde_json::from_str(option.example).unwrap(),
            )),
            Vec::new(),
        )
    });
}

#[test]
fn every_row_arrives_by_its_flag() {
    all_arrive(|option, sandbox| (sandbox, by_flag(option, &option.typed_example())));
}

#[test]
fn every_row_arrives_by_dash_o() {
    all_arrive(|option, sandbox| (sandbox, by_option(option, &option.typed_example())));
}

#[test]
fn every_row_of_a_profile_is_explained() {
    for option in OPTIONS.iter().filter(|option| option.name != "route") {
        let sandbox = Sandbox::new().config(in_profile(
            option,
            serde_json::from_str(option.example).unwrap(),
        ));
        let key = match option.name {
            "models" => "fallback_models",
            name if option.is_setting() || name == "private" => name,
            name => name.split('.').next().unwrap(),
        };
        let key = if key == "reasoning" || key == "provider" {
            format!("body.{key}")
        } else {
            key.to_owned()
        };
        let line = sandbox.run(["config", "explain", &key, "--json"]).json();
        assert_eq!(
            line["source"], "config.yml, profile 'p'",
            "{}: {line}",
            option.name
        );
        let told = line["value"].as_str().unwrap();
        let words = match serde_json::from_str(option.example).unwrap() {
            Value::String(text) => text,
            Value::Array(items) if option.name == "models" => items
                .iter()
                .filter_map(Value::as_str)
                .collect::<Vec<_>>()
                .join(", "),
            value => value.to_string(),
        };
        assert!(told.contains(&words), "{}: {line}", option.name);
    }
}

/// A value that the kind does not accept, as text and as in a profile.
fn bad(kind: &ValueKind) -> (String, Value) {
    let as_json = |value: Value| (value.to_string(), value);
    let as_text = |text: &str| (text.to_owned(), Value::from(text));
    match kind {
        ValueKind::Number { least, .. } => as_json(json!(least - 1.0)),
        ValueKind::Above { floor, .. } => as_json(json!(floor)),
        ValueKind::Integer {
            least: i64::MIN, ..
        } => as_json(json!(1.5)),
        ValueKind::Integer { least, .. } => as_json(json!(least - 1)),
        ValueKind::Text { most: 256 } => as_text(&"x".repeat(257)),
        ValueKind::Text { .. } | ValueKind::OpenChoice(_) => as_text(""),
        ValueKind::Bool => as_text("maybe"),
        ValueKind::Choice(_) | ValueKind::Effort => as_text("nonsense"),
        ValueKind::List { .. } => as_json(json!([{}])),
        ValueKind::Object { .. } | ValueKind::Pairs { .. } => as_json(json!([7])),
        ValueKind::Either(kinds) if kinds.iter().any(ValueKind::is_list) => {
            as_json(json!(["a", "b", "c", "d", "e"]))
        }
        ValueKind::Either(_) => as_json(json!([7])),
    }
}

#[test]
fn a_bad_value_of_any_row_is_refused_before_anything_is_sent() {
    let double = Double::start([]);
    for option in OPTIONS {
        let (text, value) = bad(&option.kind);
        for arguments in [by_flag(option, &text), by_option(option, &text)] {
            let outcome = Sandbox::with(&double).run(
                ["chat", "-m", "a/b", "hi"]
                    .into_iter()
                    .map(str::to_owned)
                    .chain(arguments),
            );
            outcome.assert_failure(2);
            outcome.assert_stdout("");
        }
        let outcome = Sandbox::with(&double)
            .config(in_profile(option, value))
            .run(["chat", "hi"]);
        outcome.assert_failure(3).assert_stderr_has("config.yml:1:");
    }
    assert!(double.requests().is_empty());
}

#[test]
fn a_bad_value_in_a_profile_is_shown_where_it_stands() {
    let config = "llm_profiles:\n  p:\n    model: a/b\n    openrouter:\n      top_k: 40\n      provider:\n        srot: price\n";
    let outcome = Sandbox::new().config(config).run(["chat", "hi"]);
    outcome
        .assert_failure(3)
        .assert_stderr_has("config.yml:7:15")
        .assert_stderr_has("did you mean 'provider.sort'?");
    let config = config
        .replace("srot: price", "only: [\"${ONE}\", b]")
        .replace("top_k: 40", "top_k: many");
    Sandbox::new()
        .config(&config)
        .run(["chat", "hi"])
        .assert_failure(3)
        .assert_stderr_has("config.yml:5:14")
        .assert_stderr_has("a whole number, 0 or more");
    // What comes from the environment is checked when it is there.
    let config = config
        .replace("top_k: many", "top_k: 40")
        .replace("only: [\"${ONE}\", b]", "data_collection: ${ONE}");
    Sandbox::new()
        .config(&config)
        .env("ONE", "denny")
        .run(["chat", "--dry-run", "hi"])
        .assert_failure(3)
        .assert_stderr_has("one of allow, deny");
    Sandbox::new()
        .config(&config)
        .env("ONE", "deny")
        .run(["chat", "--dry-run", "hi"])
        .assert_code(0);
}
