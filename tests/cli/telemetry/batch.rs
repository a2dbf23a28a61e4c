//! The telemetry of `amx batch`: a trace for each row, linked to the span of the job.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::{Value, json};

use crate::support::collector::{Collector, attributes};
use crate::support::crowd::Crowd;
use crate::support::double::KEY;
use crate::support::outcome::Outcome;
use crate::support::reply;
use crate::support::sandbox::Sandbox;

/// Rows of a job; the second is refused where `fails`.
fn run(rows: usize, fails: bool, collector: Option<&Collector>, more: &str) -> Outcome {
    let crowd = Crowd::start(move |asked| {
        let refused = fails && asked.prompt == "text 1";
        let reply = if refused {
            reply::refusal(400, "Input must have at least 1 token.")
        } else {
            reply::stream([asked.prompt.as_str()]).usage(3, 2, 0, 0.25)
        };
        (reply, Duration::ZERO)
    });
    let csv: String = (0..rows)
        .map(|row| format!("r{row},\"text {row}\"\n"))
        .collect();
    let config = collector.map_or(String::new(), |collector| collector.config(more));
    let sandbox = Sandbox::new()
        .env("OPENROUTER_BASE_URL", crowd.base_url())
        .env("OPENROUTER_API_KEY", KEY)
        .config(format!("keys: emacs\n{config}"))
        .file("rows.csv", format!("id,text\n{csv}"));
    sandbox.run(["batch", "rows.csv", "{{text}}", "-o", "out.jsonl"])
}

fn named<'a>(spans: &'a [Value], name: &str) -> Vec<&'a Value> {
    spans.iter().filter(|span| span["name"] == name).collect()
}

#[test]
fn a_row_is_a_trace_that_is_linked_to_the_job() {
    let collector = Collector::start();
    run(3, true, Some(&collector), "").assert_code(13);
    let spans = collector.spans();
    let jobs = named(&spans, "amx batch");
    assert_eq!(jobs.len(), 1, "{spans:#?}");
    let job = jobs[0];
    assert!(job["parentSpanId"].is_null() && job["links"].is_null());
    let found = attributes(job);
    assert_eq!(found["amx.batch.rows_ok"], 2);
    assert_eq!(found["amx.batch.rows_failed"], 1);
    let rows = named(&spans, "amx batch row");
    assert_eq!(rows.len(), 3);
    let link = json!([{"traceId": job["traceId"], "spanId": job["spanId"]}]);
    let mut traces = BTreeSet::from([job["traceId"].as_str().unwrap()]);
    for row in rows {
        assert_eq!(row["links"], link);
        assert!(traces.insert(row["traceId"].as_str().unwrap()));
        let below: Vec<&Value> = spans
            .iter()
            .filter(|span| span["traceId"] == row["traceId"] && span["spanId"] != row["spanId"])
            .collect();
        assert_eq!(below.len(), 1, "a request to the model");
        assert_eq!(below[0]["parentSpanId"], row["spanId"]);
        assert_eq!((&below[0]["kind"], &row["kind"]), (&json!(3), &json!(1)));
    }
    let failed = spans.iter().filter(|span| span["status"]["code"] == 2);
    assert_eq!(failed.count(), 2, "the row and its request");
    let text = collector.requests();
    let text: Vec<u8> = text.into_iter().flat_map(|request| request.body).collect();
    assert!(!String::from_utf8_lossy(&text).contains("text 1"));
}

#[test]
fn many_rows_are_few_exports_and_none_is_lost() {
    let collector = Collector::start();
    run(700, false, Some(&collector), "").assert_code(0);
    let spans = collector.spans();
    assert_eq!(spans.len(), 1 + 2 * 700);
    let exports = collector.posted("/v1/traces");
    let sizes: Vec<usize> = exports
        .iter()
        .map(|export| {
            let spans = &export["resourceSpans"][0]["scopeSpans"][0]["spans"];
            spans.as_array().unwrap().len()
        })
        .collect();
    assert!(sizes.iter().all(|size| *size <= 512), "{sizes:?}");
    assert!(sizes.len() < 100, "{sizes:?}");
    let sum: f64 = collector
        .metrics()
        .iter()
        .filter(|metric| metric["name"] == "gen_ai.client.token.usage")
        .flat_map(|metric| {
            let points = metric["histogram"]["dataPoints"].as_array();
            points.cloned().unwrap_or_default()
        })
        .filter_map(|point| point["sum"].as_f64())
        .sum();
    assert!((sum - 700.0 * 5.0).abs() < 0.5, "{sum}");
}

#[test]
fn a_job_keeps_its_pace_and_its_code_when_the_collector_is_silent() {
    let silent = Collector::answering(crate::support::collector::Manner::Silent);
    run(20, false, Some(&silent), "").assert_code(0);
    let off = run(20, false, None, "");
    off.assert_code(0).assert_stderr_lacks("telemetry");
}
