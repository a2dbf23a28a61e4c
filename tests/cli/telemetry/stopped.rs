//! Answers that were stopped before their end: their traces have what arrived, and nothing waits
//! for a collector.

use std::path::PathBuf;

use serde_json::{Value, json};

use crate::support::collector::{Collector, Manner, attributes};
use crate::support::double::Double;
use crate::support::reply::{self, Reply, UsageShape};
use crate::support::running::Stream;
use crate::support::sandbox::Sandbox;
use crate::support::written;

/// An answer that stops in the middle; the tokens of the prompt came with its first text.
fn stalled() -> Reply {
    reply::stream(["Hello ", "world"])
        .usage(7, 90, 0, 0.25)
        .usage_shape(UsageShape::PromptWithFirstText)
        .stall_after(1)
}

fn file(sandbox: &Sandbox) -> PathBuf {
    sandbox.home().join(".amx/telemetry.jsonl")
}

/// Stops an answer by a signal once its first text is there.
fn stop(sandbox: &Sandbox, signal: &str, code: i32) {
    let running = sandbox.spawn(["chat", "hi"]);
    running.wait_for(&Stream::Stdout, "Hello");
    running.signal(signal);
    let outcome = running.wait();
    outcome
        .assert_code(code)
        .assert_stderr_lacks("telemetry was not sent");
}

/// The request of a stopped answer, and its root.
#[track_caller]
fn assert_cancelled(spans: &[Value]) {
    assert_eq!(spans.len(), 2, "{spans:#?}");
    for span in spans {
        assert_eq!(span["status"], json!({"code": 2, "message": "cancelled"}));
        assert_eq!(attributes(span)["error.type"], "cancelled");
    }
    let chat = attributes(&spans[1]);
    assert_eq!(chat["gen_ai.usage.input_tokens"], 7, "what was reported");
    assert!(!chat.contains_key("gen_ai.usage.output_tokens"));
    assert!(chat.contains_key("gen_ai.response.time_to_first_chunk"));
    assert_eq!(chat["amx.attempts"], 1);
}

#[test]
fn a_stopped_answer_is_sent_by_the_next_run() {
    for (signal, code) in [("INT", 130), ("TERM", 143), ("HUP", 129)] {
        let double = Double::start([stalled(), reply::stream(["b"])]);
        let collector = Collector::start();
        let sandbox = Sandbox::with(&double).config(collector.config(""));
        stop(&sandbox, signal, code);
        assert_eq!(collector.connections(), 0, "{signal}: nothing waits for it");
        sandbox.run(["chat", "hi"]).assert_answer("b\n");
        let spans = collector.spans();
        assert_eq!(spans.len(), 4, "{signal}: {spans:#?}");
        let trace = &spans[0]["traceId"];
        let is_first = |span: &&Value| span["traceId"] == *trace;
        let of_first: Vec<Value> = spans.iter().filter(is_first).cloned().collect();
        let rest: Vec<Value> = spans
            .iter()
            .filter(|span| !is_first(span))
            .cloned()
            .collect();
        let failed = if of_first[0]["status"].is_null() {
            rest
        } else {
            of_first
        };
        assert_cancelled(&failed);
        assert!(!file(&sandbox).exists(), "it was taken");
    }
}

#[test]
fn a_stopped_answer_counts_its_tokens_and_its_duration() {
    let (double, collector) = (Double::start([stalled()]), Collector::start());
    let sandbox = Sandbox::with(&double).config(collector.config("  flush: later\n"));
    stop(&sandbox, "INT", 130);
    let text = std::fs::read_to_string(file(&sandbox)).unwrap();
    let metrics = text
        .lines()
        .find_map(|line| line.strip_prefix('m')?.split_once(' '))
        .unwrap()
        .1;
    let metrics: Value = serde_json::from_str(metrics).unwrap();
    let metrics = &metrics["scopeMetrics"][0]["metrics"];
    let points = |index: usize| &metrics[index]["histogram"]["dataPoints"];
    assert_eq!(points(0)[0]["count"], "1");
    assert_eq!(attributes(&points(0)[0])["error.type"], "cancelled");
    assert_eq!(points(1).as_array().map(Vec::len), Some(1), "{metrics}");
    assert_eq!(points(1)[0]["sum"], 7.0);
    assert_eq!(collector.connections(), 0);
}

#[test]
fn a_stopped_answer_stays_while_no_collector_takes_it() {
    let answers = [stalled(), reply::stream(["b"]), reply::stream(["c"])];
    let (double, collector) = (Double::start(answers), Collector::answering(Manner::Silent));
    let sandbox = Sandbox::with(&double).config(collector.config("  metrics: false\n"));
    stop(&sandbox, "INT", 130);
    assert_eq!(written::whole_lines(&file(&sandbox)).len(), 1);
    sandbox
        .run(["chat", "hi"])
        .assert_code(0)
        .assert_stdout("b\n");
    assert_eq!(written::whole_lines(&file(&sandbox)).len(), 1);
    collector.change(Manner::Takes("{}"));
    let before = collector.spans().len();
    sandbox.run(["chat", "hi"]).assert_answer("c\n");
    assert_eq!(collector.spans().len(), before + 4);
    assert!(!file(&sandbox).exists());
}

/// As in a job of CI: nothing is kept there, so that the end waits a moment.
#[test]
fn without_a_folder_a_stopped_answer_is_sent_at_the_end() {
    for (signal, code) in [("INT", 130), ("TERM", 143)] {
        let (double, collector) = (Double::start([stalled()]), Collector::start());
        let sandbox = Sandbox::with(&double)
            .env("AMX_TELEMETRY", "otlp")
            .env("OTEL_EXPORTER_OTLP_ENDPOINT", collector.url());
        stop(&sandbox, signal, code);
        assert_cancelled(&collector.spans());
        assert!(!sandbox.home().join(".amx").exists(), "{signal}");
    }
}

#[test]
fn answers_side_by_side_that_are_stopped_are_kept() {
    let stalled = |model: &'static str| stalled().only_for(model);
    let double = Double::start([stalled("a/one"), stalled("b/two")]);
    let collector = Collector::start();
    let sandbox = Sandbox::with(&double).config(collector.config(""));
    let running = sandbox.spawn(["compare", "-m", "a/one", "-m", "b/two", "hi"]);
    double.wait_for_requests(2);
    running.signal("INT");
    running.wait().assert_code(130);
    let lines = written::whole_lines(&file(&sandbox));
    let mut spans = lines.iter().filter_map(|line| line.strip_prefix('t'));
    let (_, spans) = spans.next().unwrap().split_once(' ').unwrap();
    let spans: Value = serde_json::from_str(spans).unwrap();
    let spans = spans["scopeSpans"][0]["spans"].as_array().unwrap();
    assert_eq!(spans.len(), 4, "{spans:#?}");
    for span in spans {
        assert_eq!(attributes(span)["error.type"], "cancelled");
    }
}

#[test]
fn a_reader_that_leaves_ends_the_trace() {
    let (double, collector) = (Double::start([stalled()]), Collector::start());
    let sandbox = Sandbox::with(&double).config(collector.config(""));
    let outcome = sandbox.run_into_closed_pipe(["chat", "hi"]);
    outcome.assert_code(141);
    assert_eq!(outcome.stderr(), "");
    assert_cancelled(&collector.spans());
}
