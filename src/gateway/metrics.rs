//! Counters and histograms, in the text form 0.0.4 of Prometheus.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use super::log::LogLine;

/// Most models that have numbers of their own; the rest are `other`.
const MOST_MODELS: usize = 100;

/// Upper bounds of the histograms, in seconds.
const BOUNDS: [f64; 12] = [
    0.01, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0,
];

/// What distinguishes requests.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Labels {
    front: &'static str,
    profile: String,
    model: String,
    status: u16,
}

/// How often a time was up to each bound.
#[derive(Debug, Clone, Default)]
struct Histogram {
    counts: [u64; BOUNDS.len()],
    count: u64,
    sum: f64,
}

impl Histogram {
    fn add(&mut self, time: Duration) {
        let seconds = time.as_secs_f64();
        self.count += 1;
        self.sum += seconds;
        let bounds = BOUNDS.iter().zip(&mut self.counts);
        for (_, count) in bounds.filter(|(bound, _)| seconds <= **bound) {
            *count += 1;
        }
    }
}

#[derive(Debug, Default)]
struct Numbers {
    requests: BTreeMap<Labels, u64>,
    tokens: BTreeMap<(Labels, &'static str), u64>,
    usd: BTreeMap<Labels, f64>,
    models: BTreeSet<String>,
    first_byte: Histogram,
    total: Histogram,
    limits_unavailable: u64,
}

/// The numbers of the server.
#[derive(Debug, Default)]
pub(super) struct Metrics(Mutex<Numbers>);

impl Metrics {
    /// Counts a request that has ended.
    pub(super) fn count(&self, line: &LogLine) {
        let mut numbers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_known = numbers.models.contains(&line.model);
        let model = if is_known || numbers.models.len() < MOST_MODELS {
            line.model.clone()
        } else {
            "other".to_owned()
        };
        numbers.models.insert(model.clone());
        let labels = Labels {
            front: line.front.map_or("none", |front| front.row().name),
            profile: line.profile.clone(),
            model,
            status: line.status,
        };
        *numbers.requests.entry(labels.clone()).or_default() += 1;
        let usage = line.usage.unwrap_or_default();
        let counts = [
            ("prompt", usage.prompt_tokens),
            ("completion", usage.completion_tokens),
        ];
        for (kind, count) in counts {
            if let Some(count) = count {
                *numbers.tokens.entry((labels.clone(), kind)).or_default() += count;
            }
        }
        if let Some(usd) = line.usd {
            *numbers.usd.entry(labels).or_default() += usd;
        }
        if line.attempts > 0 {
            numbers.total.add(line.total);
        }
        if let Some(first) = line.first_byte {
            numbers.first_byte.add(first);
        }
    }

    /// The shared limits could not be asked.
    pub(super) fn limits_unavailable(&self) {
        let mut numbers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        numbers.limits_unavailable += 1;
    }

    /// All of them as text. `live` is the number of requests in progress, `dropped` of spans that
    /// were not sent where telemetry is on.
    pub(super) fn text(&self, live: usize, dropped: Option<u64>) -> String {
        let numbers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut out = String::new();
        head(
            &mut out,
            "amx_requests_total",
            "counter",
            "Requests that have ended.",
        );
        for (labels, count) in &numbers.requests {
            line(&mut out, "amx_requests_total", &labels.text(), *count);
        }
        head(
            &mut out,
            "amx_tokens_total",
            "counter",
            "Tokens as the provider counted them.",
        );
        for ((labels, kind), count) in &numbers.tokens {
            let labels = format!("{},kind=\"{kind}\"", labels.text());
            line(&mut out, "amx_tokens_total", &labels, *count);
        }
        head(
            &mut out,
            "amx_cost_usd_total",
            "counter",
            "Cost in USD, where it is known.",
        );
        for (labels, usd) in &numbers.usd {
            line(&mut out, "amx_cost_usd_total", &labels.text(), *usd);
        }
        let what = "Requests for which shared limits could not be asked.";
        head(&mut out, "amx_limits_unavailable_total", "counter", what);
        line(
            &mut out,
            "amx_limits_unavailable_total",
            "",
            numbers.limits_unavailable,
        );
        head(
            &mut out,
            "amx_requests_in_progress",
            "gauge",
            "Requests in progress.",
        );
        line(&mut out, "amx_requests_in_progress", "", live);
        dropped_spans(&mut out, dropped);
        let what = "Time to the first byte of an answer.";
        histogram(
            &mut out,
            "amx_first_byte_seconds",
            what,
            &numbers.first_byte,
        );
        let what = "Time to the end of an answer.";
        histogram(&mut out, "amx_request_seconds", what, &numbers.total);
        out
    }
}

/// How many spans were not sent; nothing where telemetry is off.
fn dropped_spans(out: &mut String, dropped: Option<u64>) {
    let Some(dropped) = dropped else { return };
    let name = "amx_telemetry_dropped_spans_total";
    let what = "Spans dropped because the queue was full.";
    head(out, name, "counter", what);
    line(out, name, "", dropped);
}

impl Labels {
    fn text(&self) -> String {
        format!(
            "api=\"{}\",profile=\"{}\",model=\"{}\",status=\"{}\"",
            self.front,
            escaped(&self.profile),
            escaped(&self.model),
            self.status
        )
    }
}

fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\")
        .replace('"', "\\\"")
        .replace('\n', "\\n")
}

fn head(out: &mut String, name: &str, kind: &str, help: &str) {
    // Writing to a string cannot fail.
    let _ = writeln!(out, "# HELP {name} {help}\n# TYPE {name} {kind}");
}

fn line(out: &mut String, name: &str, labels: &str, value: impl std::fmt::Display) {
    let labels = if labels.is_empty() {
        String::new()
    } else {
        format!("{{{labels}}}")
    };
    // Writing to a string cannot fail.
    let _ = writeln!(out, "{name}{labels} {value}");
}

fn histogram(out: &mut String, name: &str, help: &str, of: &Histogram) {
    head(out, name, "histogram", help);
    for (bound, count) in BOUNDS.iter().zip(of.counts) {
        line(
            out,
            &format!("{name}_bucket"),
            &format!("le=\"{bound}\""),
            count,
        );
    }
    line(out, &format!("{name}_bucket"), "le=\"+Inf\"", of.count);
    line(out, &format!("{name}_sum"), "", of.sum);
    line(out, &format!("{name}_count"), "", of.count);
}
