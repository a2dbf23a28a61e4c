//! What a collector receives for one question, but for IDs and times.

use serde_json::{Value, json};

use crate::support::collector::Collector;
use crate::support::double::Double;
use crate::support::reply;
use crate::support::sandbox::Sandbox;

/// Attributes whose values differ from run to run.
const VARIABLE: &[&str] = &[
    "gen_ai.response.id",
    "gen_ai.response.time_to_first_chunk",
    "server.port",
    "service.version",
];

/// Replaces what differs from run to run.
fn masked(value: &Value) -> Value {
    let Value::Object(fields) = value else {
        return match value {
            Value::Array(items) => items.iter().map(masked).collect(),
            other => other.clone(),
        };
    };
    let key = value["key"].as_str().unwrap_or_default();
    let is_seconds = value["explicitBounds"][0] == 0.01;
    let field = |(name, value): (&String, &Value)| {
        let is_variable = name.ends_with("Id")
            || name.ends_with("UnixNano")
            || name == "version"
            || (name == "value" && VARIABLE.contains(&key))
            || (is_seconds && ["sum", "bucketCounts"].contains(&name.as_str()));
        let masked = if is_variable {
            json!("*")
        } else {
            masked(value)
        };
        (name.clone(), masked)
    };
    Value::Object(fields.iter().map(field).collect())
}

fn golden(name: &str) -> Value {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/telemetry");
    let text = std::fs::read_to_string(folder.join(name)).unwrap();
    serde_json::from_str(&text).unwrap()
}

#[track_caller]
fn assert_golden(name: &str, posted: &[Value]) {
    assert_eq!(posted.len(), 1);
    let masked = masked(&posted[0]);
    let text = serde_json::to_string_pretty(&masked).unwrap();
    assert_eq!(masked, golden(name), "{name} is not:\n{text}");
}

#[test]
fn a_question_is_sent_as_in_the_file() {
    let answer = reply::stream(["Hello"]).usage(12, 34, 0, 0.25);
    let (double, collector) = (Double::start([answer]), Collector::start());
    let config = format!(
        "{}llm_profiles:\n  work: {{model: a/b, temperature: 0.5, max_tokens: 100}}\n\
        active_llm_profile: work\n",
        collector.config("")
    );
    let sandbox = Sandbox::with(&double).config(config);
    sandbox
        .run(["chat", "--no-save", "hi"])
        .assert_answer("Hello\n");
    assert_golden("traces.json", &collector.posted("/v1/traces"));
    assert_golden("metrics.json", &collector.posted("/v1/metrics"));
}
