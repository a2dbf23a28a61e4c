//! `amx usage export --otlp`: rows of the ledger as spans and measurements.

use serde_json::Value;

use crate::support::collector::{Collector, Manner, attributes};
use crate::support::double::{Double, KEY};
use crate::support::reply;
use crate::support::sandbox::Sandbox;

/// Two answers and a refusal, asked without telemetry.
fn spent() -> (Double, Sandbox) {
    let double = Double::start([
        reply::stream(["the answer"]).usage(100, 50, 8, 0.000_183_7),
        reply::stream(["the answer"])
            .usage(10, 20, 4, 0.25)
            .served_by("c/d", "Cloud"),
        reply::refusal(402, "Insufficient credits"),
    ]);
    let sandbox = Sandbox::with(&double).config(
        "llm_profiles:\n  p: {model: a/b, api_key: '${OPENROUTER_API_KEY}'}\n\
        active_llm_profile: p\n",
    );
    for code in [0, 0, 7] {
        sandbox
            .run(["chat", "--no-save", "a marked prompt"])
            .assert_code(code);
    }
    (double, sandbox)
}

fn to(collector: &Collector, sandbox: Sandbox) -> Sandbox {
    sandbox
        .env("AMX_TELEMETRY", "otlp")
        .env("OTEL_EXPORTER_OTLP_ENDPOINT", collector.url())
}

/// The sum of the tokens of a type over all points.
fn tokens(collector: &Collector, kind: &str) -> f64 {
    let metrics = collector.metrics();
    let points = metrics.iter().flat_map(|metric| {
        assert_eq!(metric["name"], "gen_ai.client.token.usage");
        let points = metric["histogram"]["dataPoints"].as_array();
        points.cloned().unwrap_or_default()
    });
    points
        .filter(|point| attributes(point)["gen_ai.token.type"] == kind)
        .filter_map(|point| point["sum"].as_f64())
        .sum()
}

#[test]
fn the_sums_of_the_ledger_are_those_of_spans_and_metrics() {
    let (_double, sandbox) = spent();
    let total = sandbox.run(["usage", "--json"]).json()["total"].clone();
    let collector = Collector::start();
    let sandbox = to(&collector, sandbox);
    sandbox
        .run(["usage", "export", "--otlp"])
        .assert_answer(&format!("✓ Sent 3 requests to {}\n", collector.url()));
    let spans = collector.spans();
    assert_eq!(spans.len(), 3);
    let number = |name: &str| total[name].as_f64().unwrap();
    assert!((tokens(&collector, "input") - number("prompt_tokens")).abs() < 1e-9);
    assert!((tokens(&collector, "output") - number("completion_tokens")).abs() < 1e-9);
    for (own, name) in [
        ("prompt_tokens", "gen_ai.usage.input_tokens"),
        ("completion_tokens", "gen_ai.usage.output_tokens"),
        ("reasoning_tokens", "gen_ai.usage.reasoning.output_tokens"),
        ("cost_usd", "gen_ai.usage.cost"),
    ] {
        let with: f64 = spans
            .iter()
            .filter_map(|span| attributes(span).get(name).and_then(Value::as_f64))
            .sum();
        assert!((with - number(own)).abs() < 1e-9, "{name}: {with}");
    }
    let (answered, refused) = (&spans[1], &spans[2]);
    assert_eq!(attributes(answered)["gen_ai.response.model"], "c/d");
    assert_eq!(attributes(refused)["error.type"], "402");
    assert_eq!(refused["status"]["code"], 2);
    for request in collector.requests() {
        let text = String::from_utf8_lossy(&request.body).into_owned();
        assert!(!text.contains("marked") && !text.contains("the answer"));
        assert!(!text.contains(KEY));
    }
}

#[test]
fn a_row_that_is_sent_again_has_the_same_ids() {
    let (_double, sandbox) = spent();
    let collector = Collector::start();
    let sandbox = to(&collector, sandbox);
    for _ in 0..2 {
        sandbox.run(["usage", "export", "--otlp"]).assert_code(0);
    }
    let spans = collector.spans();
    let ids = |spans: &[Value]| -> Vec<(Value, Value)> {
        let ids = spans.iter();
        ids.map(|span| (span["traceId"].clone(), span["spanId"].clone()))
            .collect()
    };
    assert_eq!(ids(&spans[..3]), ids(&spans[3..]));
    let mut traces: Vec<Value> = spans[..3]
        .iter()
        .map(|span| span["traceId"].clone())
        .collect();
    traces.dedup();
    assert_eq!(traces.len(), 3);
}

#[test]
fn an_export_that_fails_says_so_with_its_exit_code() {
    let (_double, sandbox) = spent();
    sandbox
        .run(["usage", "export", "--otlp"])
        .assert_failure(3)
        .assert_stderr_has("telemetry is off")
        .assert_stderr_has("AMX_TELEMETRY=otlp");
    let refusing = Collector::answering(Manner::Refuses(401, Vec::new()));
    let sandbox = to(&refusing, sandbox);
    let failure = sandbox.run(["usage", "export", "--otlp"]);
    failure
        .assert_failure(8)
        .assert_stderr_has("the collector did not take the ledger")
        .assert_stderr_has("answered 401");
    sandbox
        .run(["usage", "export", "--otlp", "-o", "rows.csv"])
        .assert_failure(2);
    sandbox
        .run(["usage", "export", "--otlp", "--csv"])
        .assert_failure(2);
    let none = sandbox.run(["usage", "export", "--otlp", "--since", "2999-01-01"]);
    none.assert_answer(&format!("✓ Sent 0 requests to {}\n", refusing.url()));
}
