//! Without `telemetry` and `AMX_TELEMETRY` nothing is sent, whatever the variables of other
//! programs say.

use crate::support::collector::Collector;
use crate::support::double::Double;
use crate::support::reply;
use crate::support::sandbox::Sandbox;

/// Commands of every kind. What becomes of them is not the question.
const COMMANDS: &[&[&str]] = &[
    &["chat", "-p", "demo", "hi"],
    &["chat", "-p", "demo", "--json", "hi"],
    &["chat", "-p", "demo", "--jsonl", "hi"],
    &["chat", "-p", "demo", "--no-stream", "hi"],
    &["chat", "-p", "demo", "--no-save", "hi"],
    &["chat", "-p", "demo", "--dry-run", "hi"],
    &["chat", "-p", "demo", "--alternatives", "2", "hi"],
    &["chat", "-p", "demo", "-c", "hi"],
    &["chat", "-p", "demo", "-x", "hi"],
    &["-p", "demo", "hi"],
    &["compare", "-p", "demo", "-p", "demo", "hi"],
    &["profiles", "list"],
    &["profiles", "show", "demo"],
    &["profiles", "test", "demo"],
    &["profiles", "use", "demo"],
    &["profiles", "remove", "none"],
    &["models", "-p", "demo"],
    &["models", "show", "demo/fast", "-p", "demo"],
    &["mcp", "list"],
    &["mcp", "test", "none"],
    &["doctor", "--offline"],
    &["doctor", "models", "--profile", "demo"],
    &["sessions", "list"],
    &["sessions", "show", "1"],
    &["sessions", "search", "hi"],
    &["templates", "list"],
    &["templates", "show", "none"],
    &["tools", "list"],
    &["usage"],
    &["usage", "--json"],
    &["config", "path"],
    &["config", "show"],
    &["config", "explain"],
    &["config", "explain", "model"],
    &["config", "validate"],
    &["completions", "bash"],
    &["completions", "zsh"],
    &["shell-init", "bash"],
    &["man"],
    &["--help"],
    &["--version"],
    &["batch", "none.jsonl"],
    &["logout", "none"],
];

/// Every variable that another program may have set.
fn with_variables(sandbox: Sandbox, url: &str) -> Sandbox {
    sandbox
        .env("OTEL_EXPORTER_OTLP_ENDPOINT", url)
        .env(
            "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
            format!("{url}/v1/traces"),
        )
        .env(
            "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT",
            format!("{url}/v1/metrics"),
        )
        .env("OTEL_EXPORTER_OTLP_HEADERS", "authorization=Bearer%20x")
        .env("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc")
        .env("OTEL_EXPORTER_OTLP_TIMEOUT", "soon")
        .env("OTEL_SERVICE_NAME", "job")
        .env("OTEL_RESOURCE_ATTRIBUTES", "a=b")
        .env("OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT", "true")
        .env(
            "TRACEPARENT",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        )
        .env("LANGFUSE_HOST", url)
        .env("LANGFUSE_PUBLIC_KEY", "pk-lf-1")
        .env("LANGFUSE_SECRET_KEY", "sk-lf-1")
}

#[test]
fn no_command_connects_to_the_collector_of_other_programs() {
    let collector = Collector::start();
    let sandbox = Sandbox::new().config("llm_profiles:\n  work: {model: a/b}\n");
    let sandbox = with_variables(sandbox, &collector.url());
    assert!(COMMANDS.len() >= 40);
    for command in COMMANDS {
        let outcome = sandbox.run(*command);
        assert_ne!(outcome.code, 70, "{outcome}");
    }
    assert_eq!(collector.connections(), 0);
}

#[test]
fn what_is_off_needs_no_valid_variable() {
    let (double, collector) = (
        Double::start([reply::stream(["Hello"])]),
        Collector::start(),
    );
    let sandbox = with_variables(Sandbox::with(&double), &collector.url());
    sandbox.run(["chat", "hi"]).assert_answer("Hello\n");
    assert_eq!(collector.connections(), 0);
}

#[test]
fn telemetry_can_be_turned_off_for_a_run() {
    let double = Double::start([reply::stream(["a"]), reply::stream(["b"])]);
    let collector = Collector::start();
    let config = collector.config("");
    for (name, value) in [("AMX_TELEMETRY", "off"), ("OTEL_SDK_DISABLED", "true")] {
        let sandbox = Sandbox::with(&double).config(&config).env(name, value);
        sandbox.run(["chat", "hi"]).assert_code(0);
    }
    assert_eq!(collector.connections(), 0);
}

#[test]
fn a_replay_and_a_dry_run_send_nothing() {
    let (double, collector) = (
        Double::start([reply::stream(["Hello"])]),
        Collector::start(),
    );
    let sandbox = Sandbox::with(&double).config(collector.config(""));
    sandbox.run(["chat", "--dry-run", "hi"]).assert_code(0);
    assert_eq!(collector.connections(), 0);
    let recorded = sandbox.run(["chat", "--record", "tape.jsonl", "hi"]);
    recorded.assert_answer("Hello\n");
    let before = collector.requests().len();
    assert_eq!(before, 2, "a recorded question is one as any other");
    let replayed = sandbox.run(["chat", "--replay", "tape.jsonl", "hi"]);
    replayed.assert_answer("Hello\n");
    assert_eq!(collector.requests().len(), before);
}
