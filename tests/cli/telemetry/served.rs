//! The telemetry of `amx serve`: the trace of a client is continued, and nothing waits for a
//! collector.

use serde_json::{Value, json};

use crate::serve::gateway::{Gateway, add_key, config, sandbox};
use crate::serve::upstream::{Ending, Script, Upstream};
use crate::support::collector::{Collector, Manner, attributes};

const ANSWER: &str = r#"{"id":"gen-7","model":"author/model-1","choices":[{"message":{"content":"the answer"}}],"usage":{"prompt_tokens":3,"completion_tokens":2,"total_tokens":5,"cost":0.25}}"#;

const BODY: &str =
    r#"{"model":"author/model","messages":[{"role":"user","content":"a marked prompt"}]}"#;

/// The span of a client.
const TRACEPARENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

fn gateway(upstream: &Upstream, collector: &Collector) -> Gateway {
    let sandbox = sandbox(&config(upstream, &collector.config("")));
    let key = add_key(&sandbox, "laptop", &[]);
    Gateway::run(sandbox, key, &["--metrics"])
}

fn post(gateway: &Gateway, headers: &[(&str, &str)], body: &str) -> u16 {
    let request = gateway.request("POST", "/v1/chat/completions", headers, body);
    gateway.send(&request).status
}

/// The spans that were sent by the end of the server.
fn spans_at_end(gateway: Gateway, collector: &Collector) -> Vec<Value> {
    gateway.stop().assert_code(0);
    collector.spans()
}

#[test]
fn the_trace_of_a_client_is_continued_without_texts() {
    let upstream = Upstream::start(|_| Script::json(200, ANSWER));
    let collector = Collector::start();
    let gateway = gateway(&upstream, &collector);
    let traced = [("traceparent", TRACEPARENT)];
    assert_eq!(post(&gateway, &traced, BODY), 200);
    let spans = spans_at_end(gateway, &collector);
    assert_eq!(spans.len(), 2, "{spans:#?}");
    let (root, chat) = (&spans[0], &spans[1]);
    assert_eq!(
        (&root["name"], &root["kind"]),
        (&json!("amx serve"), &json!(2))
    );
    assert_eq!(root["traceId"], "4bf92f3577b34da6a3ce929d0e0e4736");
    assert_eq!(root["parentSpanId"], "00f067aa0ba902b7");
    assert_eq!(chat["traceId"], root["traceId"]);
    assert_eq!(chat["parentSpanId"], root["spanId"]);
    let found = attributes(root);
    assert_eq!(found["http.route"], "/v1/chat/completions");
    assert_eq!(found["http.response.status_code"], 200);
    assert_eq!(found["amx.client"], "laptop");
    assert_eq!(chat["name"], "chat author/model");
    let found = attributes(chat);
    for (name, value) in [
        ("gen_ai.provider.name", json!("openrouter")),
        ("gen_ai.response.model", json!("author/model-1")),
        ("gen_ai.response.id", json!("gen-7")),
        ("gen_ai.usage.input_tokens", json!(3)),
        ("gen_ai.usage.output_tokens", json!(2)),
        ("gen_ai.usage.cost", json!(0.25)),
        ("amx.profile", json!("work")),
        ("amx.attempts", json!(1)),
    ] {
        assert_eq!(found[name], value, "{name}");
    }
    for request in collector.requests() {
        let text = String::from_utf8_lossy(&request.body).into_owned();
        assert!(!text.contains("marked") && !text.contains("the answer"));
    }
}

#[test]
fn an_unsampled_client_is_not_sent_and_a_malformed_one_starts_a_trace() {
    let upstream = Upstream::start(|_| Script::json(200, ANSWER));
    let collector = Collector::start();
    let gateway = gateway(&upstream, &collector);
    let unsampled = TRACEPARENT.replace("-01", "-00");
    assert_eq!(post(&gateway, &[("traceparent", &unsampled)], BODY), 200);
    assert_eq!(post(&gateway, &[("traceparent", "00-nonsense")], BODY), 200);
    let spans = spans_at_end(gateway, &collector);
    assert_eq!(spans.len(), 2, "{spans:#?}");
    assert!(spans[0]["parentSpanId"].is_null());
    assert_ne!(spans[0]["traceId"], "4bf92f3577b34da6a3ce929d0e0e4736");
}

#[test]
fn a_stream_that_breaks_is_a_span_that_failed_and_other_routes_are_none() {
    let upstream = Upstream::start(|_| {
        let first = "data: {\"id\":\"gen-8\",\"choices\":[{\"delta\":{\"content\":\"x\"}}]}\n\n";
        Script::stream(&[first], Ending::Cut)
    });
    let collector = Collector::start();
    let gateway = gateway(&upstream, &collector);
    gateway.get("/healthz").assert_status(200);
    gateway.get("/v1/models").assert_status(200);
    gateway.stream("/v1/chat/completions", "author/model");
    let spans = spans_at_end(gateway, &collector);
    assert_eq!(spans.len(), 2, "{spans:#?}");
    assert_eq!(spans[1]["status"]["code"], 2);
    assert_eq!(attributes(&spans[1])["error.type"], "cut");
}

#[test]
fn requests_do_not_wait_for_a_collector_and_metrics_count_what_was_dropped() {
    let upstream = Upstream::start(|_| Script::json(200, ANSWER));
    let silent = Collector::answering(Manner::Silent);
    let gateway = gateway(&upstream, &silent);
    for _ in 0..20 {
        assert_eq!(post(&gateway, &[], BODY), 200);
    }
    let metrics = gateway.get("/metrics").assert_status(200).text();
    assert!(
        metrics.contains("\namx_telemetry_dropped_spans_total 0\n"),
        "{metrics}"
    );
    gateway.stop().assert_code(0);
}

#[test]
fn without_telemetry_nothing_is_sent_and_nothing_counted() {
    let upstream = Upstream::start(|_| Script::json(200, ANSWER));
    let collector = Collector::start();
    let sandbox =
        sandbox(&config(&upstream, "")).env("OTEL_EXPORTER_OTLP_ENDPOINT", collector.url());
    let key = add_key(&sandbox, "laptop", &[]);
    let gateway = Gateway::run(sandbox, key, &["--metrics"]);
    assert_eq!(post(&gateway, &[("traceparent", TRACEPARENT)], BODY), 200);
    let metrics = gateway.get("/metrics").assert_status(200).text();
    assert!(!metrics.contains("telemetry"), "{metrics}");
    gateway.stop().assert_code(0);
    assert_eq!(collector.connections(), 0);
}
