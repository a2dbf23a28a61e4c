//! OTLP/HTTP JSON (opentelemetry-proto 1.x): what is posted to `/v1/traces` and `/v1/metrics`.
//!
//! IDs are hexadecimal, 64-bit numbers are text, enumerations are numbers, names are in
//! lowerCamelCase. Every text passes the redactor before it is written.

use std::fmt::Write;
use std::time::{SystemTime, UNIX_EPOCH};

use super::metric::{Histogram, Metric, Observation, histograms};
use super::span::{Attributes, Span, Value};
use crate::wire::redact;

/// Delta: a point counts what happened since the last one.
const DELTA: u8 = 1;

/// The status of a span that failed.
const FAILED: u8 = 2;

/// What is posted: one body for each signal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Signal {
    Traces,
    Metrics,
}

impl Signal {
    /// The body of several encoded [`spans`] or [`metrics`].
    pub(crate) fn body<'a>(self, parts: impl IntoIterator<Item = &'a str>) -> String {
        let name = match self {
            Self::Traces => "resourceSpans",
            Self::Metrics => "resourceMetrics",
        };
        let mut body = format!("{{\"{name}\":[");
        list(&mut body, parts, String::push_str);
        body.push_str("]}");
        body
    }
}

/// The spans of one program: an element of `resourceSpans`, in one line.
pub(crate) fn spans(resource: &Attributes, spans: &[Span]) -> String {
    let mut out = String::with_capacity(1024 * (1 + spans.len()));
    open(&mut out, resource, "scopeSpans", "spans");
    list(&mut out, spans, span);
    out.push_str("]}]}");
    out
}

/// The measurements of one program: an element of `resourceMetrics`, in one line.
pub(crate) fn metrics(resource: &Attributes, all: &[Observation], now: SystemTime) -> String {
    let histograms = histograms(all);
    let mut out = String::with_capacity(2048);
    open(&mut out, resource, "scopeMetrics", "metrics");
    let of = |metric: Metric| histograms.iter().filter(move |one| one.metric == metric);
    let used = Metric::ALL
        .into_iter()
        .filter(|metric| of(*metric).next().is_some());
    list(&mut out, used, |out, metric| {
        let _ = write!(
            out,
            "{{\"name\":\"{}\",\"unit\":\"{}\",\"histogram\":{{\"aggregationTemporality\":{DELTA},\
            \"dataPoints\":[",
            metric.name(),
            metric.unit()
        );
        list(out, of(metric), |out, one| point(out, one, now));
        out.push_str("]}}");
    });
    out.push_str("]}]}");
    out
}

/// Everything before the first span or metric.
fn open(out: &mut String, resource: &Attributes, scopes: &str, items: &str) {
    out.push_str("{\"resource\":{");
    attributes(out, resource);
    let _ = write!(
        out,
        "}},\"{scopes}\":[{{\"scope\":{{\"name\":\"amx\",\"version\":\"{}\"}},\"{items}\":[",
        env!("CARGO_PKG_VERSION")
    );
}

fn span(out: &mut String, span: &Span) {
    let _ = write!(
        out,
        "{{\"traceId\":\"{}\",\"spanId\":\"{}\",",
        span.context.trace, span.context.span
    );
    if let Some(parent) = span.parent {
        let _ = write!(out, "\"parentSpanId\":\"{parent}\",");
    }
    out.push_str("\"name\":");
    text(out, &span.name);
    let _ = write!(
        out,
        ",\"kind\":{},\"startTimeUnixNano\":\"{}\",\"endTimeUnixNano\":\"{}\",",
        span.kind as u8,
        nanoseconds(span.start),
        nanoseconds(span.end.max(span.start))
    );
    attributes(out, &span.attributes);
    if let Some(link) = &span.link {
        let _ = write!(
            out,
            ",\"links\":[{{\"traceId\":\"{}\",\"spanId\":\"{}\"}}]",
            link.trace, link.span
        );
    }
    if let Some(error) = &span.error {
        let _ = write!(out, ",\"status\":{{\"code\":{FAILED},\"message\":");
        text(out, error);
        out.push('}');
    }
    out.push('}');
}

fn point(out: &mut String, histogram: &Histogram, now: SystemTime) {
    let _ = write!(
        out,
        "{{\"startTimeUnixNano\":\"{}\",\"timeUnixNano\":\"{}\",\"count\":\"{}\",\"sum\":",
        nanoseconds(histogram.start),
        nanoseconds(now.max(histogram.start)),
        histogram.count
    );
    double(out, histogram.sum);
    out.push_str(",\"bucketCounts\":[");
    list(out, &histogram.buckets, |out, count| {
        let _ = write!(out, "\"{count}\"");
    });
    out.push_str("],\"explicitBounds\":[");
    list(out, histogram.metric.bounds(), double);
    out.push_str("],");
    attributes(out, &histogram.attributes);
    out.push('}');
}

fn attributes(out: &mut String, all: &Attributes) {
    out.push_str("\"attributes\":[");
    list(out, all.iter(), |out, (name, value)| {
        out.push_str("{\"key\":");
        text(out, name);
        out.push_str(",\"value\":");
        any_value(out, value);
        out.push('}');
    });
    out.push(']');
}

fn any_value(out: &mut String, value: &Value) {
    match value {
        Value::Text(value) => string_value(out, value),
        Value::Integer(number) => {
            // A number of OTLP has a sign.
            let number = i64::try_from(*number).unwrap_or(i64::MAX);
            let _ = write!(out, "{{\"intValue\":\"{number}\"}}");
        }
        Value::Double(number) => {
            out.push_str("{\"doubleValue\":");
            double(out, *number);
            out.push('}');
        }
        Value::Boolean(value) => {
            let _ = write!(out, "{{\"boolValue\":{value}}}");
        }
        Value::Texts(values) => {
            out.push_str("{\"arrayValue\":{\"values\":[");
            list(out, values, |out, value| string_value(out, value));
            out.push_str("]}}");
        }
    }
}

fn string_value(out: &mut String, value: &str) {
    out.push_str("{\"stringValue\":");
    text(out, value);
    out.push('}');
}

/// A text without secrets, as a JSON string.
fn text(out: &mut String, value: &str) {
    let clean = redact::stored(value);
    out.push_str(&serde_json::Value::from(clean.as_ref()).to_string());
}

/// JSON has no word for what is no number.
fn double(out: &mut String, number: f64) {
    let finite = if number.is_finite() { number } else { 0.0 };
    out.push_str(&serde_json::Value::from(finite).to_string());
}

/// Items with commas between them.
fn list<T>(
    out: &mut String,
    items: impl IntoIterator<Item = T>,
    mut write: impl FnMut(&mut String, T),
) {
    for (index, item) in items.into_iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        write(out, item);
    }
}

/// Nanoseconds since 1970; 0 for a clock before that.
fn nanoseconds(time: SystemTime) -> u128 {
    time.duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_nanos())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::{Value as Json, json};

    use super::*;
    use crate::telemetry::context::SpanContext;
    use crate::telemetry::span::SpanKind;
    use crate::wire::api_key::remember;

    fn resource() -> Attributes {
        let mut resource = Attributes::default();
        resource.add("service.name", "amx");
        resource
    }

    fn parsed(text: &str) -> Json {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn a_span_has_the_form_of_the_protocol() {
        let text = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
        let context = SpanContext::parse(text).unwrap();
        let mut attributes = Attributes::default();
        attributes.add("a", "x\n\"y\"");
        attributes.add("b", u64::MAX);
        attributes.add("c", 0.5);
        attributes.add("d", true);
        attributes.add("e", Value::Texts(vec!["stop".to_owned()]));
        let span = Span {
            context,
            parent: Some(context.span),
            link: None,
            name: "chat a/b".to_owned(),
            kind: SpanKind::Client,
            start: UNIX_EPOCH + Duration::from_nanos(1_764_150_000_000_000_001),
            end: UNIX_EPOCH,
            attributes,
            error: Some("refused".to_owned()),
        };
        let body = Signal::Traces.body([spans(&resource(), &[span]).as_str()]);
        let expected = json!({"resourceSpans": [{
            "resource": {"attributes": [
                {"key": "service.name", "value": {"stringValue": "amx"}}]},
            "scopeSpans": [{
                "scope": {"name": "amx", "version": env!("CARGO_PKG_VERSION")},
                "spans": [{
                    "traceId": "4bf92f3577b34da6a3ce929d0e0e4736",
                    "spanId": "00f067aa0ba902b7",
                    "parentSpanId": "00f067aa0ba902b7",
                    "name": "chat a/b",
                    "kind": 3,
                    "startTimeUnixNano": "1764150000000000001",
                    "endTimeUnixNano": "1764150000000000001",
                    "attributes": [
                        {"key": "a", "value": {"stringValue": "x\n\"y\""}},
                        {"key": "b", "value": {"intValue": "9223372036854775807"}},
                        {"key": "c", "value": {"doubleValue": 0.5}},
                        {"key": "d", "value": {"boolValue": true}},
                        {"key": "e", "value": {"arrayValue": {"values": [
                            {"stringValue": "stop"}]}}}],
                    "status": {"code": 2, "message": "refused"}}]}]}]});
        assert_eq!(parsed(&body), expected);
        assert!(!body.contains('\n'));
    }

    #[test]
    fn a_histogram_has_the_form_of_the_protocol() {
        let start = UNIX_EPOCH + Duration::from_secs(1);
        let observation = Observation {
            metric: Metric::Duration,
            value: 0.81,
            start,
            attributes: resource(),
        };
        let part = metrics(&resource(), &[observation], start + Duration::from_secs(1));
        let body = parsed(&Signal::Metrics.body([part.as_str()]));
        let metrics = &body["resourceMetrics"][0]["scopeMetrics"][0]["metrics"];
        assert_eq!(metrics.as_array().map(Vec::len), Some(1));
        let (metric, point) = (&metrics[0], &metrics[0]["histogram"]["dataPoints"][0]);
        assert_eq!(metric["name"], "gen_ai.client.operation.duration");
        assert_eq!(metric["histogram"]["aggregationTemporality"], 1);
        assert_eq!(point["startTimeUnixNano"], "1000000000");
        assert_eq!(point["timeUnixNano"], "2000000000");
        assert_eq!(
            (&point["count"], &point["sum"]),
            (&json!("1"), &json!(0.81))
        );
        assert_eq!(point["bucketCounts"].as_array().map(Vec::len), Some(15));
        assert_eq!(point["bucketCounts"][7], "1");
        assert_eq!(point["explicitBounds"].as_array().map(Vec::len), Some(14));
    }

    #[test]
    #[ignore = "a measurement; benches/telemetry.sh runs it"]
    #[expect(clippy::print_stdout, reason = "the result of the measurement")]
    fn measured_encoding() {
        const COUNT: u32 = 1000;
        remember("a-key-of-the-provider-0123456789");
        let text = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
        let context = SpanContext::parse(text).unwrap();
        let mut attributes = Attributes::default();
        for number in 0..24 {
            attributes.add(
                format!("gen_ai.attribute.{number}"),
                "a value of usual length",
            );
        }
        let now = SystemTime::now();
        let span = Span {
            context,
            parent: Some(context.span),
            name: "chat openai/gpt-5".to_owned(),
            kind: SpanKind::Client,
            start: now,
            end: now,
            attributes: attributes.clone(),
            error: None,
            link: None,
        };
        let all = [span.clone(), span.clone(), span];
        let observed = |metric| Observation {
            metric,
            value: 1.0,
            start: now,
            attributes: attributes.clone(),
        };
        let observations = [Metric::Duration, Metric::Tokens].map(observed);
        let start = std::time::Instant::now();
        let mut bytes = 0;
        for _ in 0..COUNT {
            bytes += spans(&resource(), &all).len();
            bytes += metrics(&resource(), &observations, now).len();
        }
        let each = start.elapsed() / COUNT;
        println!(
            "an answer with a tool call: {each:?}, {} bytes",
            bytes / COUNT as usize
        );
    }

    #[test]
    fn no_text_leaves_with_a_key_in_it() {
        remember("hunter2-and-more-0123456789");
        let mut attributes = resource();
        attributes.add("text", "it is hunter2-and-more-0123456789");
        attributes.add("form", "gsk_0123456789abcdefghij");
        let text = spans(&attributes, &[]);
        assert!(
            !text.contains("hunter2") && !text.contains("gsk_0123"),
            "{text}"
        );
        assert_eq!(
            parsed(&text)["resource"]["attributes"][2]["value"]["stringValue"],
            "[redacted]"
        );
    }
}
