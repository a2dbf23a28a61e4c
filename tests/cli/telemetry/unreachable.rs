//! A collector that does not take what it is sent changes neither the answer nor the exit code.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::time::Duration;

use crate::nowhere::Nowhere;
use crate::support::collector::{Collector, Manner};
use crate::support::double::Double;
use crate::support::outcome::Outcome;
use crate::support::reply;
use crate::support::running::Stream;
use crate::support::sandbox::Sandbox;

/// Far more than the wait of 500 ms that is promised, for a machine that is busy.
const LONGEST: Duration = Duration::from_secs(20);

const WARNING: &str = "warning: telemetry was not sent: ";

fn refusing(status: u16, retry_after: &str) -> Manner {
    Manner::Refuses(
        status,
        vec![("retry-after".to_owned(), retry_after.to_owned())],
    )
}

fn silent() -> Vec<Manner> {
    vec![
        Manner::Silent,
        refusing(429, "0"),
        refusing(429, "3600"),
        refusing(503, "1"),
        Manner::Refuses(500, Vec::new()),
        Manner::Refuses(401, Vec::new()),
    ]
}

#[track_caller]
fn assert_answered(outcome: &Outcome) {
    outcome.assert_code(0).assert_stdout("Hello\n");
    assert!(outcome.elapsed < LONGEST, "{outcome}");
}

#[test]
fn the_answer_is_complete_and_there_is_one_warning_a_day() {
    for manner in silent() {
        let double = Double::start([reply::stream(["Hello"]), reply::stream(["Hello"])]);
        let collector = Collector::answering(manner.clone());
        let sandbox = Sandbox::with(&double).config(collector.config(""));
        let outcome = sandbox.run(["chat", "hi"]);
        assert_answered(&outcome);
        assert_eq!(outcome.lines_starting(WARNING), 1, "{manner:?}: {outcome}");
        outcome.assert_stderr_has("amx doctor");
        let outcome = sandbox.run(["chat", "hi"]);
        assert_answered(&outcome);
        assert_eq!(outcome.lines_starting(WARNING), 0, "{manner:?}: {outcome}");
    }
}

#[test]
fn nobody_listens() {
    let gone = Nowhere::new();
    let double = Double::start([reply::stream(["Hello"])]);
    let config = format!(
        "telemetry:\n  otlp: {{endpoint: \"http://{}\"}}\n",
        gone.address()
    );
    let outcome = Sandbox::with(&double).config(config).run(["chat", "hi"]);
    assert_answered(&outcome);
    outcome.assert_stderr_has(WARNING);
}

#[test]
fn an_exit_code_is_that_of_the_answer() {
    let double = Double::start([reply::refusal(400, "no")]);
    let collector = Collector::answering(Manner::Silent);
    let sandbox = Sandbox::with(&double).config(collector.config(""));
    sandbox.run(["chat", "--json", "hi"]).json_failure(7);
}

#[test]
fn a_refusal_that_passes_is_tried_again_in_time() {
    let double = Double::start([reply::stream(["Hello"])]);
    let collector = Collector::answering(refusing(429, "0"));
    let sandbox = Sandbox::with(&double).config(collector.config("  metrics: false\n"));
    assert_answered(&sandbox.run(["chat", "hi"]));
    let requests = collector.requests();
    assert!(requests.len() > 1, "it was sent again: {}", requests.len());
    assert!(
        requests
            .iter()
            .all(|request| request.body == requests[0].body)
    );
}

#[test]
fn ctrl_c_waits_for_nothing() {
    let double = Double::start([reply::stream(["Hello ", "world"]).stall_after(1)]);
    let collector = Collector::answering(Manner::Silent);
    let sandbox = Sandbox::with(&double).config(collector.config(""));
    let running = sandbox.spawn(["chat", "hi"]);
    running.wait_for(&Stream::Stdout, "Hello");
    running.signal("INT");
    let outcome = running.wait();
    outcome.assert_code(130).assert_stderr_lacks(WARNING);
    assert!(outcome.elapsed < LONGEST, "{outcome}");
}

#[test]
fn later_keeps_what_is_to_be_sent_until_it_is_taken() {
    let answers = ["a", "b"].map(|text| reply::stream([text]));
    let (double, collector) = (Double::start(answers), Collector::answering(Manner::Silent));
    let sandbox = Sandbox::with(&double).config(collector.config("  flush: later\n"));
    let file = sandbox.home().join(".amx/telemetry.jsonl");
    sandbox.run(["chat", "hi"]).assert_answer("a\n");
    assert_eq!(
        collector.connections(),
        0,
        "the first run has nothing to send"
    );
    let mode = fs::metadata(&file).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    sandbox.run(["chat", "hi"]).assert_answer("b\n");
    let lines = fs::read_to_string(&file).unwrap().lines().count();
    assert_eq!(lines, 4, "traces and metrics of both answers");
    collector.change(Manner::Takes("{}"));
    // It is sent while the answer is waited for, which lasts until the collector has it.
    let gate = crate::support::gate::Gate::default();
    let double = Double::start([reply::stream(["c"]).gate_after(0, &gate)]);
    let before = collector.requests().len();
    let sandbox = sandbox.double(&double);
    let running = sandbox.spawn(["chat", "hi"]);
    collector.wait_for_requests(before + 2);
    gate.open();
    let outcome = running.wait();
    outcome.assert_code(0).assert_stdout("c\n");
    assert!(collector.spans().len() >= 4, "the spans of both answers");
}

/// The row of `amx doctor` about what was not sent.
fn unsent(sandbox: &Sandbox) -> (String, String) {
    let doctor = ["doctor", "--profile", "demo", "--offline", "--json"];
    let all = sandbox.run(doctor).json();
    let rows = all["checks"].as_array().unwrap();
    let row = rows.iter().find(|row| row["name"] == "network.unsent");
    let row = row.unwrap();
    let text = |name: &str| row[name].as_str().unwrap().to_owned();
    (text("status"), text("words"))
}

#[test]
fn doctor_counts_what_was_dropped_and_what_waits() {
    let nothing = "no span waits, none dropped in the last 7 days";
    for manner in silent() {
        let double = Double::start([reply::stream(["Hello"]), reply::stream(["Hello"])]);
        let collector = Collector::answering(manner.clone());
        let sandbox = Sandbox::with(&double).config(collector.config(""));
        assert_eq!(unsent(&sandbox), ("ok".to_owned(), nothing.to_owned()));
        assert_answered(&sandbox.run(["chat", "hi"]));
        let (status, words) = unsent(&sandbox);
        assert_eq!(status, "warning", "{manner:?}: {words}");
        assert!(
            words.starts_with("2 spans dropped since today "),
            "{manner:?}: {words}"
        );
        assert_answered(&sandbox.run(["chat", "hi"]));
        assert!(
            unsent(&sandbox).1.starts_with("4 spans dropped since"),
            "{manner:?}"
        );
    }
    let double = Double::start([reply::stream(["Hello"])]);
    let collector = Collector::answering(Manner::Silent);
    let sandbox = Sandbox::with(&double).config(collector.config("  flush: later\n"));
    assert_answered(&sandbox.run(["chat", "hi"]));
    let waiting = "2 spans wait for the next question";
    assert_eq!(unsent(&sandbox), ("note".to_owned(), waiting.to_owned()));
    let off = Sandbox::new();
    assert_eq!(
        unsent(&off),
        ("skipped".to_owned(), "telemetry is off".to_owned())
    );
}

#[test]
fn a_partial_rejection_is_for_the_log() {
    let double = Double::start([reply::stream(["Hello"])]);
    let body = r#"{"partialSuccess":{"rejectedSpans":"1","errorMessage":"too old"}}"#;
    let collector = Collector::answering(Manner::Takes(body));
    let sandbox = Sandbox::with(&double)
        .config(collector.config(""))
        .env("AMX_LOG", "warn");
    let outcome = sandbox.run(["chat", "hi"]);
    outcome.assert_code(0).assert_stderr_has("too old");
    outcome.assert_stderr_lacks(WARNING);
}
