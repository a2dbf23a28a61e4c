//! The traces of requests for vectors, scores and images, of discounted rows, and the name of the
//! trace at OpenRouter.

use serde_json::{Value, json};

use crate::support::batches::{BatchDouble, Script};
use crate::support::collector::{Collector, attributes};
use crate::support::double::{Double, KEY};
use crate::support::images::{self, PANDA, made};
use crate::support::media::PNG;
use crate::support::reply;
use crate::support::sandbox::Sandbox;
use crate::support::texts::{embedder, reranker, scores};

/// The sums of the tokens of a kind, and the number of durations.
fn measured(collector: &Collector, kind: &str) -> (f64, usize) {
    let (mut sum, mut durations) = (0.0, 0);
    for metric in collector.metrics() {
        for point in metric["histogram"]["dataPoints"].as_array().unwrap() {
            let found = attributes(point);
            if metric["name"] == "gen_ai.client.operation.duration" {
                durations += 1;
            } else if found["gen_ai.token.type"] == kind {
                sum += point["sum"].as_f64().unwrap();
            }
        }
    }
    (sum, durations)
}

#[test]
fn vectors_are_a_trace_with_a_request_for_each_part() {
    let double = Double::start([]).also(embedder());
    let collector = Collector::start();
    let sandbox = Sandbox::with(&double).config(collector.config("  content: true\n"));
    let outcome = sandbox.run(["embed", "--batch-size", "1", "first", "second one"]);
    outcome.assert_code(0);
    let spans = collector.spans();
    assert_eq!(spans.len(), 3, "{spans:#?}");
    assert_eq!(spans[0]["name"], "amx embed");
    let name = "embeddings openai/text-embedding-3-small";
    for span in &spans[1..] {
        assert_eq!((&span["name"], &span["kind"]), (&json!(name), &json!(3)));
        assert_eq!(span["parentSpanId"], spans[0]["spanId"]);
        let found = attributes(span);
        assert_eq!(found["gen_ai.operation.name"], "embeddings");
        assert_eq!(found["gen_ai.request.encoding_formats"], json!(["base64"]));
        assert!(found["gen_ai.usage.input_tokens"].as_u64() > Some(0));
        let others = [
            "gen_ai.usage.output_tokens",
            "gen_ai.request.max_tokens",
            "gen_ai.output.type",
            "gen_ai.input.messages",
        ];
        for other in others {
            assert!(!found.contains_key(other), "{other}: {found:#?}");
        }
    }
    let used = |span: &Value| attributes(span)["gen_ai.usage.input_tokens"].as_f64();
    let used: f64 = spans[1..].iter().filter_map(used).sum();
    assert_eq!(measured(&collector, "input"), (used, 1));
    assert!(measured(&collector, "output").0 < f64::EPSILON);
}

#[test]
fn a_refused_request_for_vectors_is_an_error() {
    let refuses = crate::support::texts::embeddings(|_| reply::refusal(402, "no credits"));
    let double = Double::start([]).also(refuses);
    let collector = Collector::start();
    let sandbox = Sandbox::with(&double).config(collector.config(""));
    sandbox.run(["embed", "first"]).assert_failure(7);
    let spans = collector.spans();
    assert_eq!(spans.len(), 2, "{spans:#?}");
    for span in &spans {
        assert_eq!(attributes(span)["error.type"], "refused");
    }
}

#[test]
fn scores_are_a_trace() {
    let double = Double::start([]).also(reranker(|request| scores(request, &[(1, 0.2), (0, 0.5)])));
    let collector = Collector::start();
    let sandbox = Sandbox::with(&double).config(collector.config(""));
    sandbox.run(["rerank", "query", "a", "b"]).assert_code(0);
    let spans = collector.spans();
    assert_eq!(spans.len(), 2, "{spans:#?}");
    assert_eq!(spans[0]["name"], "amx rerank");
    assert_eq!(spans[1]["name"], "rerank cohere/rerank-v3.5");
    let found = attributes(&spans[1]);
    assert_eq!(found["gen_ai.operation.name"], "rerank");
    assert_eq!(found["gen_ai.usage.input_tokens"], 40);
}

#[test]
fn images_are_a_trace() {
    let double = Double::start([made(&[("image/png", PNG)])]).also(images::list());
    let collector = Collector::start();
    let sandbox = Sandbox::with(&double).config(collector.config(""));
    sandbox
        .run(["image", "-m", PANDA, "a red panda"])
        .assert_code(0);
    let spans = collector.spans();
    assert_eq!(spans.len(), 2, "{spans:#?}");
    assert_eq!(spans[0]["name"], "amx image");
    assert_eq!(spans[1]["name"], format!("generate_content {PANDA}"));
    let found = attributes(&spans[1]);
    assert_eq!(found["gen_ai.operation.name"], "generate_content");
    assert_eq!(found["gen_ai.output.type"], "image");
}

#[test]
fn a_discounted_row_is_a_trace_from_its_submission() {
    let double = BatchDouble::start(Script::default());
    let collector = Collector::start();
    let sandbox = Sandbox::new()
        .env("OPENROUTER_BASE_URL", double.base_url())
        .env("OPENROUTER_API_KEY", KEY)
        .env("AMX_BATCH_POLL_SEC", "0.01")
        .env("AMX_MODEL", "openai/gpt-4o-mini")
        .config(collector.config(""))
        .file("rows.csv", "id,text\na,one\nb,two\nc,three\n");
    let arguments = [
        "batch",
        "rows.csv",
        "{{text}}",
        "-o",
        "o.jsonl",
        "--discount",
    ];
    sandbox.run(arguments).assert_code(0);
    let spans = collector.spans();
    let named = |name: &str| -> Vec<&Value> {
        let name = Value::from(name);
        spans.iter().filter(|span| span["name"] == name).collect()
    };
    let (jobs, rows) = (named("amx batch"), named("amx batch row"));
    assert_eq!((jobs.len(), rows.len()), (1, 3), "{spans:#?}");
    assert_eq!(attributes(jobs[0])["amx.batch.rows_ok"], 3);
    let link = json!([{"traceId": jobs[0]["traceId"], "spanId": jobs[0]["spanId"]}]);
    let requests = named("chat openai/gpt-4o-mini");
    assert_eq!(requests.len(), 3);
    for (row, request) in rows.iter().zip(&requests) {
        assert_eq!(row["links"], link);
        assert_eq!(request["parentSpanId"], row["spanId"]);
        assert_eq!(row["startTimeUnixNano"], request["startTimeUnixNano"]);
        let found = attributes(request);
        assert!(
            found["gen_ai.usage.cost"].as_f64() > Some(0.0),
            "{found:#?}"
        );
        assert_eq!(found["amx.cost_source"], "provider");
        assert!(found["amx.batch.id"].is_string());
    }
    let (tokens, durations) = measured(&collector, "input");
    assert!(tokens > 0.0 && durations == 0, "{tokens}, {durations}");
}

#[test]
fn openrouter_has_the_name_of_the_trace_where_the_profile_asks_for_it() {
    for (enrich, sample) in [(true, "1.0"), (true, "0.0"), (false, "1.0")] {
        let double = Double::start([reply::stream(["Hello"])]);
        let collector = Collector::start();
        let config = format!(
            "{}llm_profiles:\n  work: {{provider: openrouter, model: a/b, enrich: {enrich}}}\n\
            active_llm_profile: work\n",
            collector.config(&format!("  sample: {sample}\n"))
        );
        let sandbox = Sandbox::with(&double).config(config);
        sandbox.run(["chat", "hi"]).assert_code(0);
        let sent = double.request().json();
        let spans = collector.spans();
        if enrich && sample == "1.0" {
            let expected = json!({
                "trace_id": spans[0]["traceId"], "span_name": "chat a/b",
                "parent_span_id": spans[0]["spanId"],
            });
            assert_eq!(sent["trace"], expected);
        } else {
            assert!(sent.get("trace").is_none(), "{sent}");
        }
    }
}

/// The lines of `config explain telemetry`.
fn explained(sandbox: &Sandbox) -> Value {
    let outcome = sandbox.run(["config", "explain", "telemetry", "--json"]);
    outcome.assert_code(0);
    assert!(!outcome.stdout().contains("-secret-"), "{outcome}");
    outcome.json()
}

#[track_caller]
fn assert_line(lines: &Value, key: &str, value: &str, source: &str) {
    let found = lines.as_array().unwrap().iter();
    let found: Vec<&Value> = found.filter(|line| line["key"] == key).collect();
    assert_eq!(found.len(), 1, "{key}: {lines:#}");
    assert_eq!(found[0]["value"], value, "{key}");
    assert_eq!(found[0]["source"], source, "{key}");
}

const WRITTEN: &str = "telemetry:\n  otlp:\n    endpoint: http://127.0.0.1:4318\n    \
    headers: {X-Scope: a-secret-scope}\n  content: true\n  sample: 0.5\n";

#[test]
fn settings_are_explained_with_their_sources_and_without_keys() {
    let sandbox = Sandbox::new().config(WRITTEN);
    let lines = explained(&sandbox);
    let file = "config.yml, telemetry";
    for (key, value, source) in [
        ("telemetry", "otlp", file),
        ("telemetry.otlp.endpoint", "http://127.0.0.1:4318", file),
        ("telemetry.otlp.headers.X-Scope", "set, not shown", file),
        ("telemetry.content", "true", file),
        ("telemetry.metrics", "true", "default"),
        ("telemetry.sample", "0.5", file),
        ("telemetry.flush", "exit", "default"),
    ] {
        assert_line(&lines, key, value, source);
    }
    let sandbox = sandbox.env(
        "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT",
        "false",
    );
    let source = "environment, OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT";
    assert_line(&explained(&sandbox), "telemetry.content", "false", source);
}

#[test]
fn variables_are_explained_and_so_is_what_they_override() {
    let sandbox = Sandbox::new().config(WRITTEN).env("AMX_TELEMETRY", "off");
    let line = explained(&sandbox);
    assert_eq!(line["value"], "off");
    assert_eq!(line["source"], "environment, AMX_TELEMETRY");
    assert_eq!(line["hides"][0]["value"], "otlp");
    let langfuse = sandbox
        .env("AMX_TELEMETRY", "langfuse")
        .env("LANGFUSE_PUBLIC_KEY", "pk-secret-1")
        .env("LANGFUSE_SECRET_KEY", "sk-secret-2");
    let lines = explained(&langfuse);
    for (key, value, source) in [
        ("telemetry", "langfuse", "environment, AMX_TELEMETRY"),
        (
            "telemetry.langfuse.host",
            "https://cloud.langfuse.com",
            "default",
        ),
        (
            "telemetry.langfuse.secret_key",
            "set, not shown",
            "environment, LANGFUSE_SECRET_KEY",
        ),
    ] {
        assert_line(&lines, key, value, source);
    }
    Sandbox::new()
        .run(["config", "explain", "telemetry"])
        .assert_failure(1)
        .assert_stderr_has("telemetry is not set");
}
