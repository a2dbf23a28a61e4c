//! OTLP/HTTP JSON (opentelemetry-proto 1.x): what is posted to `/v1/traces` and `/v1/metrics`.
//!
//! IDs are hexadecimal, 64-bit numbers are text, enumerations are numbers, names are in
//! lowerCamelCase. Every text passes the redactor before it is written, except the names of
//! attributes and the words that are constants of amx.

use std::borrow::Cow;
use std::fmt::Write;
use std::time::{SystemTime, UNIX_EPOCH};

use super::metric::{Histogram, Metric, Observation, histograms};
use super::span::{Attributes, Span, Value};
use crate::wire::redact::Storing;

/// Delta: a point counts what happened since the last one.
const DELTA: u8 = 1;

/// The status of a span that failed.
const FAILED: u8 = 2;

/// What stands once in each span, and in no text: those have their quotes escaped.
pub(super) const START_OF_SPAN: &str = "\"startTimeUnixNano\":";

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
        for (index, part) in parts.into_iter().enumerate() {
            if index > 0 {
                body.push(',');
            }
            body.push_str(part);
        }
        body.push_str("]}");
        body
    }
}

/// The spans of one program: an element of `resourceSpans`, in one line.
pub(crate) fn spans(resource: &Attributes, spans: &[Span]) -> String {
    let mut json = Json::with_capacity(2048 * (1 + spans.len()));
    json.open(resource, "scopeSpans", "spans");
    json.list(spans, Json::span);
    json.out.push_str("]}]}");
    json.out
}

/// The measurements of one program: an element of `resourceMetrics`, in one line.
pub(crate) fn metrics(resource: &Attributes, all: &[Observation], now: SystemTime) -> String {
    let histograms = histograms(all);
    let mut json = Json::with_capacity(2048 * (1 + histograms.len()));
    json.open(resource, "scopeMetrics", "metrics");
    let of = |metric: Metric| histograms.iter().filter(move |one| one.metric == metric);
    let used = Metric::ALL
        .into_iter()
        .filter(|metric| of(*metric).next().is_some());
    json.list(used, |json, metric| {
        let _ = write!(
            json.out,
            "{{\"name\":\"{}\",\"unit\":\"{}\",\"histogram\":{{\"aggregationTemporality\":{DELTA},\
            \"dataPoints\":[",
            metric.name(),
            metric.unit()
        );
        json.list(of(metric), |json, one| json.point(one, now));
        json.out.push_str("]}}");
    });
    json.out.push_str("]}]}");
    json.out
}

/// A part of a body that is being written.
struct Json {
    out: String,
    redactor: Storing,
}

impl Json {
    fn with_capacity(bytes: usize) -> Self {
        Self {
            out: String::with_capacity(bytes),
            redactor: Storing::new(),
        }
    }

    /// Everything before the first span or metric.
    fn open(&mut self, resource: &Attributes, scopes: &str, items: &str) {
        self.out.push_str("{\"resource\":{");
        self.attributes(resource);
        let _ = write!(
            self.out,
            "}},\"{scopes}\":[{{\"scope\":{{\"name\":\"amx\",\"version\":\"{}\"}},\"{items}\":[",
            env!("CARGO_PKG_VERSION")
        );
    }

    fn span(&mut self, span: &Span) {
        let _ = write!(
            self.out,
            "{{\"traceId\":\"{}\",\"spanId\":\"{}\",",
            span.context.trace, span.context.span
        );
        if let Some(parent) = span.parent {
            let _ = write!(self.out, "\"parentSpanId\":\"{parent}\",");
        }
        self.out.push_str("\"name\":");
        self.text(&span.name);
        let _ = write!(
            self.out,
            ",\"kind\":{},{START_OF_SPAN}\"{}\",\"endTimeUnixNano\":\"{}\",",
            span.kind as u8,
            nanoseconds(span.start),
            nanoseconds(span.end.max(span.start))
        );
        self.attributes(&span.attributes);
        if let Some(link) = &span.link {
            let _ = write!(
                self.out,
                ",\"links\":[{{\"traceId\":\"{}\",\"spanId\":\"{}\"}}]",
                link.trace, link.span
            );
        }
        if let Some(error) = &span.error {
            let _ = write!(self.out, ",\"status\":{{\"code\":{FAILED},\"message\":");
            self.text(error);
            self.out.push('}');
        }
        self.out.push('}');
    }

    fn point(&mut self, histogram: &Histogram, now: SystemTime) {
        let _ = write!(
            self.out,
            "{{\"startTimeUnixNano\":\"{}\",\"timeUnixNano\":\"{}\",\"count\":\"{}\",\"sum\":",
            nanoseconds(histogram.start),
            nanoseconds(now.max(histogram.start)),
            histogram.count
        );
        self.double(histogram.sum);
        self.out.push_str(",\"bucketCounts\":[");
        self.list(&histogram.buckets, |json, count| {
            let _ = write!(json.out, "\"{count}\"");
        });
        self.out.push_str("],\"explicitBounds\":[");
        self.list(histogram.metric.bounds(), Self::double);
        self.out.push_str("],");
        self.attributes(&histogram.attributes);
        self.out.push('}');
    }

    fn attributes(&mut self, all: &Attributes) {
        self.out.push_str("\"attributes\":[");
        self.list(all.iter(), |json, (name, value)| {
            json.out.push_str("{\"key\":");
            match name {
                Cow::Borrowed(constant) => json.quoted(constant),
                Cow::Owned(name) => json.text(name),
            }
            json.out.push_str(",\"value\":");
            json.any_value(value);
            json.out.push('}');
        });
        self.out.push(']');
    }

    fn any_value(&mut self, value: &Value) {
        match value {
            Value::Text(value) => self.string_value(value),
            Value::Word(word) => {
                self.out.push_str("{\"stringValue\":");
                self.quoted(word);
                self.out.push('}');
            }
            Value::Integer(number) => {
                // A number of OTLP has a sign.
                let number = i64::try_from(*number).unwrap_or(i64::MAX);
                let _ = write!(self.out, "{{\"intValue\":\"{number}\"}}");
            }
            Value::Double(number) => {
                self.out.push_str("{\"doubleValue\":");
                self.double(*number);
                self.out.push('}');
            }
            Value::Boolean(value) => {
                let _ = write!(self.out, "{{\"boolValue\":{value}}}");
            }
            Value::Texts(values) => {
                self.out.push_str("{\"arrayValue\":{\"values\":[");
                self.list(values, |json, value| json.string_value(value));
                self.out.push_str("]}}");
            }
        }
    }

    fn string_value(&mut self, value: &str) {
        self.out.push_str("{\"stringValue\":");
        self.text(value);
        self.out.push('}');
    }

    /// A text without secrets.
    fn text(&mut self, value: &str) {
        let clean = self.redactor.text(value);
        self.quoted(&clean);
    }

    /// A JSON string.
    fn quoted(&mut self, text: &str) {
        let is_special = |byte: u8| byte < b' ' || byte == b'"' || byte == b'\\';
        if text.bytes().any(is_special) {
            let escaped = serde_json::Value::from(text).to_string();
            self.out.push_str(&escaped);
        } else {
            self.out.push('"');
            self.out.push_str(text);
            self.out.push('"');
        }
    }

    /// JSON has no word for what is no number.
    fn double(&mut self, number: f64) {
        let finite = if number.is_finite() { number } else { 0.0 };
        let _ = write!(self.out, "{finite:?}");
    }

    /// Items with commas between them.
    fn list<T>(&mut self, items: impl IntoIterator<Item = T>, mut write: impl FnMut(&mut Self, T)) {
        for (index, item) in items.into_iter().enumerate() {
            if index > 0 {
                self.out.push(',');
            }
            write(self, item);
        }
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
    fn strings_and_numbers_are_those_of_json() {
        let mut attributes = Attributes::default();
        let texts = ["", "é👋", "a\u{1}\u{7f}", "\\\"\n\r\t", "\u{2028}"];
        for text in texts {
            attributes.add("text", text);
        }
        let numbers = [0.0, 1.0, 0.01, 81.92, 67_108_864.0, 1e-7, 1.5e300, f64::NAN];
        for number in numbers {
            attributes.add("number", number);
        }
        attributes.add("word", Value::Word("stop"));
        let body = parsed(&spans(&attributes, &[]));
        let written = body["resource"]["attributes"].as_array().unwrap();
        for (text, found) in texts.iter().zip(written) {
            assert_eq!(found["value"]["stringValue"], *text);
        }
        for (number, found) in numbers.iter().zip(&written[texts.len()..]) {
            let expected = if number.is_nan() { 0.0 } else { *number };
            assert_eq!(found["value"]["doubleValue"], expected);
        }
        let last = &written[texts.len() + numbers.len()];
        assert_eq!(last["value"], json!({"stringValue": "stop"}));
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
        for _ in 0..24 {
            attributes.add("gen_ai.attribute.00", "a value of usual length");
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
        attributes.add(
            "hunter2-and-more-0123456789".to_owned(),
            "a name of a variable",
        );
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
