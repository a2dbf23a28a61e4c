//! `--json` and `--jsonl`: exactly the documented fields, and one event a line as it happens.

use serde_json::{Value, json};

use crate::support::double::Double;
use crate::support::reply;
use crate::support::running::Stream;
use crate::support::sandbox::Sandbox;

const FIELDS: &[&str] = &[
    "profile",
    "provider",
    "requested_model",
    "model",
    "served_by",
    "generation_id",
    "content",
    "reasoning",
    "finish_reason",
    "native_finish_reason",
    "usage",
    "cost_usd",
    "cost_source",
    "confidence",
    "attempts",
    "timing",
    "session",
];

fn keys(object: &Value) -> Vec<&str> {
    object
        .as_object()
        .map(|object| object.keys().map(String::as_str).collect())
        .unwrap_or_default()
}

#[test]
fn the_object_has_exactly_the_documented_fields() {
    for (scripted, flag) in [
        (reply::stream(["Hel", "lo"]), "--json"),
        (reply::whole("Hello"), "--no-stream"),
    ] {
        let double = Double::start([scripted
            .usage(100, 20, 8, 0.0125)
            .served_by("a/b-2025", "Some Cloud")]);
        let sandbox = Sandbox::with(&double).config("llm_profiles:\n  work: {model: a/b}\n");
        let outcome = sandbox.run(
            ["chat", "--json", "hi"]
                .iter()
                .chain((flag != "--json").then_some(&flag)),
        );
        outcome.assert_code(0);
        assert_eq!(outcome.stderr(), "");
        let object = outcome.json();
        assert_eq!(keys(&object), FIELDS);
        let words = [
            "profile",
            "provider",
            "requested_model",
            "model",
            "served_by",
            "content",
            "finish_reason",
            "native_finish_reason",
        ];
        let said = words.map(|field| object[field].as_str().unwrap_or_default());
        assert_eq!(
            said,
            [
                "work",
                "openrouter",
                "a/b",
                "a/b-2025",
                "Some Cloud",
                "Hello",
                "stop",
                "end_turn"
            ]
        );
        assert_eq!(object["generation_id"], double.request().generation_id);
        let usage = json!({"prompt_tokens": 100, "completion_tokens": 20, "reasoning_tokens": 8, "cached_tokens": 0, "total_tokens": 120});
        assert_eq!(object["usage"].to_string(), usage.to_string());
        assert_eq!(
            [&object["cost_usd"], &object["cost_source"]],
            [&json!(0.0125), &json!("provider")]
        );
        assert_eq!(
            keys(&object["attempts"][0]),
            ["model", "profile", "status", "waited_ms"]
        );
        assert_eq!(object["attempts"].as_array().map(Vec::len), Some(1));
        assert_eq!(keys(&object["timing"]), ["first_token_ms", "total_ms"]);
        assert!(
            object["timing"]["total_ms"].as_u64() >= object["timing"]["first_token_ms"].as_u64()
        );
    }
}

#[test]
fn reasoning_is_in_its_field_and_adds_no_other() {
    let double = Double::start([reply::stream(["Hello"]).reasoning(["let me ", "think"])]);
    let object = Sandbox::with(&double).run(["chat", "--json", "hi"]).json();
    assert_eq!(
        [&object["reasoning"], &object["content"]],
        ["let me think", "Hello"]
    );
    assert_eq!(keys(&object), FIELDS);
}

#[test]
fn an_unknown_cost_is_not_zero() {
    let double = Double::start([reply::stream(["Hello"]).no_usage()]);
    let object = Sandbox::with(&double).run(["chat", "--json", "hi"]).json();
    assert_eq!(
        [
            &object["cost_usd"],
            &object["cost_source"],
            &object["usage"]
        ],
        [&Value::Null, &json!("unknown"), &Value::Null]
    );
}

#[test]
fn without_a_bill_the_price_of_the_profile_gives_an_estimate() {
    let mut scripted = reply::stream(["Hello"]).usage(1_000_000, 500_000, 0, 0.0);
    scripted
        .answer
        .usage
        .iter_mut()
        .for_each(|usage| usage["cost"] = Value::Null);
    let double = Double::start([scripted]);
    let sandbox = Sandbox::with(&double)
        .config("llm_profiles:\n  p: {model: a/b, price: {input: 3, output: 15}}\n");
    let object = sandbox.run(["chat", "--json", "hi"]).json();
    assert_eq!(
        [&object["cost_usd"], &object["cost_source"]],
        [&json!(10.5), &json!("estimate")]
    );
}

#[test]
fn joined_text_events_are_the_answer() {
    let double = Double::start([reply::stream(["Hel", "lo"]).reasoning(["h", "m"])]);
    let outcome = Sandbox::with(&double).run(["chat", "--jsonl", "hi"]);
    outcome.assert_code(0);
    assert_eq!(outcome.stderr(), "");
    let lines = outcome.json_lines();
    let kinds: Vec<&str> = lines
        .iter()
        .filter_map(|line| line["type"].as_str())
        .collect();
    assert_eq!(kinds.len(), lines.len(), "{outcome}");
    assert_eq!(
        [kinds.first(), kinds.last()],
        [Some(&"start"), Some(&"end")]
    );
    let known = [
        "start",
        "reasoning",
        "text",
        "tool_call",
        "retry",
        "usage",
        "end",
        "error",
    ];
    assert!(kinds.iter().all(|kind| known.contains(kind)), "{outcome}");
    let joined = |kind: &str| -> String {
        lines
            .iter()
            .filter(|line| line["type"] == kind)
            .filter_map(|line| line["text"].as_str())
            .collect()
    };
    assert_eq!([joined("text"), joined("reasoning")], ["Hello", "hm"]);
    assert!(kinds.contains(&"usage"), "{outcome}");
}

#[test]
fn a_retry_is_an_event() {
    let double = Double::start([
        reply::refusal(503, "overloaded").header("retry-after", "0"),
        reply::stream(["Hello"]),
    ]);
    let outcome = Sandbox::with(&double).run(["chat", "--jsonl", "hi"]);
    outcome.assert_code(0);
    assert_eq!(outcome.stderr(), "");
    assert!(
        outcome
            .json_lines()
            .iter()
            .any(|line| line["type"] == "retry"),
        "{outcome}"
    );
}

#[test]
fn events_are_written_when_they_happen() {
    let double = Double::start([reply::stream(["first", "never"]).stall_after(1)]);
    let sandbox = Sandbox::with(&double);
    let mut running = sandbox.spawn(["chat", "--jsonl", "hi"]);
    running.wait_for(&Stream::Stdout, "\"first\"");
    assert!(running.is_running());
    running.signal("INT");
    running.wait().assert_code(130);
}

#[test]
fn an_error_is_one_object_and_nothing_else() {
    for (flag, has_stdout) in [("--json", false), ("--jsonl", true)] {
        let double = Double::start([reply::refusal(
            402,
            "Insufficient credits. Add more using https://openrouter.ai/settings/credits",
        )]);
        let outcome = Sandbox::with(&double).run(["chat", flag, "hi"]);
        let error = outcome.json_failure(7);
        assert_eq!(
            [&error["status"], &error["retryable"]],
            [&json!(402), &json!(false)]
        );
        assert!(
            error["caused_by"]
                .as_str()
                .is_some_and(|words| words.contains("Insufficient credits")),
            "{outcome}"
        );
        assert_eq!(error["generation_id"], double.request().generation_id);
        assert_eq!(!outcome.stdout().is_empty(), has_stdout, "{outcome}");
    }
}

#[test]
fn faults_of_the_command_line_and_the_configuration_are_objects_too() {
    Sandbox::new()
        .run(["chat", "--json", "-t", "hot", "hi"])
        .json_failure(2);
    Sandbox::new()
        .config("active_llm_profile: nowhere\n")
        .run(["chat", "--json", "hi"])
        .json_failure(3);
    Sandbox::new().run(["chat", "--json", "hi"]).json_failure(4);
    let error = Sandbox::new()
        .env("OPENROUTER_API_KEY", "sk-or-v1-x")
        .run(["chat", "--jsonl", "-f", "missing", "hi"])
        .json_failure(5);
    assert_eq!(
        [&error["status"], &error["generation_id"]],
        [&Value::Null, &Value::Null]
    );
}
