//! What earlier runs left: sent by the next one, dropped where it is refused for good, and never
//! counted twice.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use crate::support::collector::{Collector, Manner, attributes};
use crate::support::double::Double;
use crate::support::gate::Gate;
use crate::support::reply;
use crate::support::sandbox::Sandbox;

/// Longest wait for what another process does.
const PATIENCE: Duration = Duration::from_secs(20);

fn file(sandbox: &Sandbox) -> PathBuf {
    sandbox.home().join(".amx/telemetry.jsonl")
}

/// How many lines of spans and of measurements wait.
fn waiting(sandbox: &Sandbox) -> (usize, usize) {
    let text = std::fs::read_to_string(file(sandbox)).unwrap_or_default();
    let count = |mark| text.lines().filter(|line| line.starts_with(mark)).count();
    (count('t'), count('m'))
}

#[track_caller]
fn wait_for(sandbox: &Sandbox, lines: (usize, usize)) {
    let start = Instant::now();
    while waiting(sandbox) != lines {
        let found = waiting(sandbox);
        assert!(start.elapsed() < PATIENCE, "{found:?} instead of {lines:?}");
        std::thread::park_timeout(Duration::from_millis(5));
    }
}

/// A home in which a question to each of these models was not sent, and the configuration of the
/// collector.
fn left_by(models: &[&'static str], collector: &Collector) -> Sandbox {
    let double = Double::start(models.iter().map(|_| reply::stream(["x"])));
    let config = collector.config("  flush: later\n");
    let sandbox = Sandbox::with(&double).config(config);
    for model in models {
        // Nothing is sent before the last run.
        let text = std::fs::read(file(&sandbox)).unwrap_or_default();
        let _ = std::fs::remove_file(file(&sandbox));
        sandbox
            .run(["chat", "-m", model, "hi"])
            .assert_answer("x\n");
        let own = std::fs::read(file(&sandbox)).unwrap();
        std::fs::write(file(&sandbox), [text, own].concat()).unwrap();
    }
    assert_eq!(collector.connections(), 0);
    assert_eq!(waiting(&sandbox), (models.len(), models.len()));
    sandbox
}

/// A question whose answer ends after `meanwhile`: until then what was left is sent.
fn ask(sandbox: Sandbox, meanwhile: impl FnOnce(&Sandbox)) -> Sandbox {
    let gate = Gate::default();
    let double = Double::start([reply::stream(["c"]).gate_after(0, &gate)]);
    let sandbox = sandbox.double(&double);
    let running = sandbox.spawn(["chat", "-m", "a/own", "hi"]);
    meanwhile(&sandbox);
    gate.open();
    running.wait().assert_code(0).assert_stdout("c\n");
    sandbox
}

#[test]
fn what_is_refused_for_good_is_dropped() {
    for status in [400, 401, 404, 413, 500] {
        let collector = Collector::answering(Manner::Refuses(status, Vec::new()));
        let sandbox = left_by(&["a/one", "b/two"], &collector);
        let sandbox = ask(sandbox, |sandbox| wait_for(sandbox, (0, 0)));
        assert_eq!(waiting(&sandbox), (1, 1), "{status}: its own answer");
    }
}

#[test]
fn one_line_that_is_refused_does_not_cost_the_others() {
    let refuses = Manner::Refuses(413, Vec::new());
    let collector = Collector::answering(Manner::Only("b/large", Box::new(refuses)));
    let sandbox = left_by(&["a/one", "b/large", "c/three", "d/four"], &collector);
    // All four, two and two, and the first two alone: five exports of each signal.
    ask(sandbox, |_| collector.wait_for_requests(10));
    let taken = |path: &str| -> Vec<String> {
        let posted = collector
            .posted(path)
            .into_iter()
            .map(|body| body.to_string());
        posted.filter(|body| !body.contains("b/large")).collect()
    };
    for path in ["/v1/traces", "/v1/metrics"] {
        let taken = taken(path).concat();
        for model in ["a/one", "c/three", "d/four"] {
            assert!(taken.contains(model), "{path}: {model} was dropped, too");
        }
    }
}

#[test]
fn measurements_whose_export_has_no_answer_are_not_sent_again() {
    let silent = Manner::Only("/v1/metrics", Box::new(Manner::Silent));
    let collector = Collector::answering(silent);
    let sandbox = left_by(&["a/one"], &collector);
    let sandbox = ask(sandbox, |_| collector.wait_for_requests(2));
    assert_eq!(waiting(&sandbox), (1, 1), "its own answer");
    let text = std::fs::read_to_string(file(&sandbox)).unwrap();
    assert!(!text.contains("a/one"), "it may be counted already: {text}");
}

#[test]
fn measurements_that_were_not_taken_are_sent_by_a_later_run_once() {
    let later = vec![("retry-after".to_owned(), "3600".to_owned())];
    let busy = Manner::Only("/v1/metrics", Box::new(Manner::Refuses(503, later)));
    let collector = Collector::answering(busy);
    let sandbox = left_by(&["a/one"], &collector);
    let sandbox = ask(sandbox, |sandbox| {
        collector.wait_for_requests(2);
        // The spans were taken; the measurements are back.
        wait_for(sandbox, (0, 1));
    });
    let before = collector.posted("/v1/metrics").len();
    collector.change(Manner::Takes("{}"));
    ask(sandbox, |sandbox| wait_for(sandbox, (0, 0)));
    let counted = collector.posted("/v1/metrics").split_off(before);
    // A duration and two counts of tokens, once, each with the model that was asked and that
    // answered.
    let counted = counted.iter().map(ToString::to_string).collect::<String>();
    assert_eq!(counted.matches("\"a/one\"").count(), 6, "{counted}");
}

#[test]
fn traces_that_are_refused_do_not_cost_the_measurements() {
    let refuses = Manner::Refuses(404, Vec::new());
    let collector = Collector::answering(Manner::Only("/v1/traces", Box::new(refuses)));
    let double = Double::start([reply::stream(["a"])]);
    let sandbox = Sandbox::with(&double).config(collector.config(""));
    let outcome = sandbox.run(["chat", "hi"]);
    outcome.assert_code(0).assert_stderr_has("answered 404");
    let metrics = collector.metrics();
    let point = &metrics[0]["histogram"]["dataPoints"][0];
    assert_eq!(attributes(point)["gen_ai.operation.name"], "chat");
}

#[test]
fn what_was_meant_for_one_collector_is_not_sent_to_another() {
    let (first, second) = (Collector::start(), Collector::start());
    let sandbox = left_by(&["a/one"], &first);
    let sandbox = sandbox.config(second.config("  flush: later\n"));
    let sandbox = ask(sandbox, |_| {});
    // Its own answer is sent by the next run.
    let sandbox = ask(sandbox, |_| second.wait_for_requests(2));
    for body in [second.posted("/v1/traces"), second.posted("/v1/metrics")].concat() {
        assert!(!body.to_string().contains("a/one"), "{body}");
    }
    let sandbox = sandbox.config(first.config("  flush: later\n"));
    ask(sandbox, |_| first.wait_for_requests(2));
    assert!(first.posted("/v1/traces")[0].to_string().contains("a/one"));
}

#[test]
fn texts_that_wait_are_not_sent_once_content_is_off() {
    let collector = Collector::start();
    let double = Double::start([reply::stream(["a marked answer"])]);
    let with = collector.config("  flush: later\n  content: true\n");
    let sandbox = Sandbox::with(&double).config(with);
    sandbox.run(["chat", "a marked question"]).assert_code(0);
    let text = std::fs::read_to_string(file(&sandbox)).unwrap();
    assert!(text.contains("marked"), "{text}");
    let sandbox = sandbox.config(collector.config("  flush: later\n"));
    let sandbox = ask(sandbox, |_| collector.wait_for_requests(2));
    let sent = collector.posted("/v1/traces");
    assert!(
        sent.len() == 1 && !sent[0].to_string().contains("marked"),
        "{sent:?}"
    );
    assert_eq!(collector.spans().len(), 2);
    let text = std::fs::read_to_string(file(&sandbox)).unwrap();
    assert!(!text.contains("marked"), "{text}");
}
