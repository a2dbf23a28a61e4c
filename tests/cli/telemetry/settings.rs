//! Where the settings come from, and what is wrong with them.

use serde_json::json;

use crate::support::collector::{Collector, attributes};
use crate::support::double::Double;
use crate::support::reply;
use crate::support::sandbox::Sandbox;

const KEYS: &str = "public_key: pk-lf-1, secret_key: sk-lf-0123456789abcdef";

/// The lines of `telemetry`, variables, and what the error says.
type Invalid = (
    &'static str,
    &'static [(&'static str, &'static str)],
    &'static str,
);

const INVALID: &[Invalid] = &[
    (
        "otlp: {endpoint: collector}",
        &[],
        "telemetry.otlp.endpoint: 'collector' is not a URL",
    ),
    (
        "otlp: {endpoint: \"http://192.0.2.1:4318\"}",
        &[],
        "is plain http to another machine",
    ),
    (
        "langfuse: {host: \"http://192.0.2.1\"}",
        &[],
        "is plain http to another machine",
    ),
    (
        "otlp: {}\n  langfuse: {}",
        &[],
        "telemetry.langfuse: is given besides otlp",
    ),
    (
        "langfuse: {public_key: pk-lf-1}",
        &[],
        "telemetry.langfuse: has no secret_key",
    ),
    ("langfuse: {}", &[], "LANGFUSE_PUBLIC_KEY is not set"),
    (
        "content: true",
        &[],
        "telemetry: has neither otlp nor langfuse",
    ),
    (
        "otlp: {endpoint: \"${GONE}\"}",
        &[],
        "telemetry.otlp.endpoint refers to ${GONE}",
    ),
    (
        "otlp: {}",
        &[("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc")],
        "amx speaks http/json; port 4318",
    ),
    (
        "otlp: {}",
        &[("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf")],
        "amx speaks http/json; port 4318",
    ),
    (
        "otlp: {}",
        &[("OTEL_EXPORTER_OTLP_ENDPOINT", "nonsense")],
        "OTEL_EXPORTER_OTLP_ENDPOINT is not usable",
    ),
    (
        "otlp: {}",
        &[("OTEL_EXPORTER_OTLP_ENDPOINT", "http://192.0.2.1:4318")],
        "is plain http to another machine",
    ),
    (
        "otlp: {}",
        &[("OTEL_EXPORTER_OTLP_TIMEOUT", "soon")],
        "OTEL_EXPORTER_OTLP_TIMEOUT is 'soon'",
    ),
    (
        "otlp: {}",
        &[("AMX_TELEMETRY", "jaeger")],
        "AMX_TELEMETRY is 'jaeger': it must be otlp",
    ),
];

#[test]
fn invalid_settings_are_found_before_anything_is_sent_and_by_validate() {
    for (telemetry, variables, expected) in INVALID {
        // A script without a reply fails the test on any request.
        let double = Double::start([]);
        let config = format!("telemetry:\n  {telemetry}\n");
        let sandbox = Sandbox::with(&double).config(config);
        let sandbox = variables
            .iter()
            .fold(sandbox, |sandbox, (name, value)| sandbox.env(name, value));
        for command in [&["chat", "hi"][..], &["config", "validate"]] {
            let outcome = sandbox.run(command);
            outcome.assert_failure(3).assert_stderr_has(expected);
        }
    }
}

#[test]
fn a_question_to_langfuse_has_its_path_keys_version_and_type() {
    let (double, collector) = (
        Double::start([reply::stream(["Hello"])]),
        Collector::start(),
    );
    let host = collector.url();
    let config = format!("telemetry:\n  langfuse: {{host: \"{host}\", {KEYS}}}\n");
    let sandbox = Sandbox::with(&double).config(config);
    let outcome = sandbox.run(["chat", "--session", "work", "hi"]);
    outcome.assert_code(0).assert_stdout("Hello\n");
    let requests = collector.requests();
    assert_eq!(requests.len(), 1, "no metrics");
    let request = &requests[0];
    assert_eq!(request.path, "/api/public/otel/v1/traces");
    // pk-lf-1:sk-lf-0123456789abcdef
    let basic = "Basic cGstbGYtMTpzay1sZi0wMTIzNDU2Nzg5YWJjZGVm";
    assert_eq!(request.header("authorization"), Some(basic));
    assert_eq!(request.header("x-langfuse-ingestion-version"), Some("4"));
    let spans = collector.spans();
    let (root, chat) = (attributes(&spans[0]), attributes(&spans[1]));
    assert_eq!(root["langfuse.trace.name"], "amx chat");
    assert_eq!(chat["langfuse.observation.type"], "generation");
    let cost = chat["langfuse.observation.cost_details"].as_str().unwrap();
    let cost: serde_json::Value = serde_json::from_str(cost).unwrap();
    assert_eq!(cost["total"], chat["gen_ai.usage.cost"]);
    assert_eq!(chat["session.id"], chat["gen_ai.conversation.id"]);
}

#[test]
fn variables_are_read_once_telemetry_is_on() {
    let (double, collector) = (
        Double::start([reply::stream(["Hello"])]),
        Collector::start(),
    );
    let sandbox = Sandbox::with(&double)
        .env("AMX_TELEMETRY", "otlp")
        .env(
            "OTEL_EXPORTER_OTLP_ENDPOINT",
            format!("{}/base/", collector.url()),
        )
        .env(
            "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT",
            format!("{}/other/v1/metrics", collector.url()),
        )
        .env(
            "OTEL_EXPORTER_OTLP_HEADERS",
            "authorization=Basic%20eDp5,x-scope=a",
        )
        .env("OTEL_SERVICE_NAME", "job")
        .env(
            "OTEL_RESOURCE_ATTRIBUTES",
            "deployment.environment.name=ci,service.name=no",
        )
        .env(
            "TRACEPARENT",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        );
    sandbox.run(["chat", "hi"]).assert_answer("Hello\n");
    let traces = collector.posted("/base/v1/traces");
    assert_eq!(collector.posted("/other/v1/metrics").len(), 1);
    let resource = attributes(&traces[0]["resourceSpans"][0]["resource"]);
    assert_eq!(resource["service.name"], "job");
    assert_eq!(resource["deployment.environment.name"], "ci");
    for request in collector.requests() {
        assert_eq!(request.header("authorization"), Some("Basic eDp5"));
        assert_eq!(request.header("x-scope"), Some("a"));
    }
    let spans = collector.spans();
    assert_eq!(spans[0]["parentSpanId"], "00f067aa0ba902b7");
    let trace = json!("4bf92f3577b34da6a3ce929d0e0e4736");
    assert!(spans.iter().all(|span| span["traceId"] == trace));
}

#[test]
fn a_key_of_the_file_never_goes_to_the_url_of_a_variable() {
    let (double, collector) = (
        Double::start([reply::stream(["Hello"])]),
        Collector::start(),
    );
    let other = Collector::start();
    let config = format!(
        "telemetry:\n  otlp:\n    endpoint: \"{}\"\n    headers: {{authorization: \"cmd:echo \
        Bearer x\", x-scope: \"${{SCOPE}}\"}}\n",
        collector.url()
    );
    let sandbox = Sandbox::with(&double)
        .config(config)
        .env("SCOPE", "team a")
        .env("OTEL_EXPORTER_OTLP_ENDPOINT", other.url())
        .env("OTEL_EXPORTER_OTLP_HEADERS", "x-other=b")
        .env("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc");
    sandbox.run(["chat", "hi"]).assert_answer("Hello\n");
    let request = &collector.requests()[0];
    assert_eq!(request.header("authorization"), Some("Bearer x"));
    assert_eq!(request.header("x-scope"), Some("team a"));
    assert_eq!(request.header("x-other"), None);
    assert_eq!(other.connections(), 0);
}

#[test]
fn a_share_of_the_traces_is_sent_and_all_measurements() {
    let (double, collector) = (
        Double::start([reply::stream(["Hello"])]),
        Collector::start(),
    );
    let sandbox = Sandbox::with(&double).config(collector.config("  sample: 0\n"));
    sandbox.run(["chat", "hi"]).assert_answer("Hello\n");
    assert!(collector.spans().is_empty());
    assert_eq!(collector.metrics().len(), 2);
    // The job that runs amx decides for its own trace.
    let double = Double::start([reply::stream(["Hello"]), reply::stream(["Hello"])]);
    for (flag, sent) in [("00", 0), ("01", 2)] {
        let collector = Collector::start();
        let parent = format!("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-{flag}");
        let sandbox = Sandbox::with(&double)
            .config(collector.config("  sample: 0\n  metrics: false\n"))
            .env("TRACEPARENT", parent);
        sandbox.run(["chat", "hi"]).assert_answer("Hello\n");
        assert_eq!(collector.spans().len(), sent, "{flag}");
        assert!(collector.metrics().is_empty());
    }
}

#[test]
fn doctor_tests_the_url_with_an_empty_export() {
    let collector = Collector::start();
    let sandbox = Sandbox::new().config(collector.config(""));
    let rows = |sandbox: &Sandbox| {
        let all = sandbox
            .run(["doctor", "--profile", "demo", "--json"])
            .json();
        let rows = all["checks"].as_array().unwrap().clone();
        let row = rows
            .into_iter()
            .find(|row| row["name"] == "network.telemetry");
        row.unwrap()
    };
    let row = rows(&sandbox);
    assert_eq!(row["status"], "ok", "{row}");
    assert_eq!(
        collector.posted("/v1/traces"),
        [json!({"resourceSpans": []})]
    );
    assert_eq!(
        collector.posted("/v1/metrics"),
        [json!({"resourceMetrics": []})]
    );
    collector.change(crate::support::collector::Manner::Refuses(401, Vec::new()));
    let row = rows(&sandbox);
    assert_eq!(row["status"], "failure", "{row}");
    assert!(
        row["words"].as_str().unwrap().contains("answered 401"),
        "{row}"
    );
}
