//! How long a provider asks to wait, from headers and from the body.

use std::time::{Duration, SystemTime};

use serde_json::Value;

use crate::wire::retry_after;

/// Looks up a header.
pub(super) type Header<'a> = &'a dyn Fn(&str) -> Option<&'a str>;

/// The wait that the provider asks for, from the most precise place.
pub(super) fn hint(error: &Value, header: Header<'_>, now: SystemTime) -> Option<Duration> {
    let metadata = &error["metadata"];
    let millis = || {
        header("retry-after-ms")
            .and_then(|text| text.trim().parse::<f64>().ok())
            .and_then(|millis| retry_after::from_seconds(millis / 1000.0))
    };
    let own_header = || header("retry-after").and_then(|text| retry_after::parse(text, now));
    let seconds = |value: &Value| value.as_f64().and_then(retry_after::from_seconds);
    let nested_header =
        || in_headers(metadata, "retry-after").and_then(|text| retry_after::parse(&text, now));
    let reset = || {
        let nested = in_headers(metadata, "x-ratelimit-reset");
        let text = header("x-ratelimit-reset").map(str::to_owned).or(nested)?;
        retry_after::parse_reset(&text, now)
    };
    millis()
        .or_else(own_header)
        .or_else(|| seconds(&metadata["retry_after_seconds"]))
        .or_else(|| retry_delay(&error["details"]))
        .or_else(nested_header)
        .or_else(|| seconds(&error["availability"]["retry_after"]))
        .or_else(reset)
}

/// Google's `RetryInfo`: `{"retryDelay": "2.8s"}` among the details.
fn retry_delay(details: &Value) -> Option<Duration> {
    let mut details = details.as_array()?.iter();
    let delay = details.find_map(|detail| detail["retryDelay"].as_str())?;
    let seconds = delay.trim_end_matches('s').parse().ok()?;
    retry_after::from_seconds(seconds)
}

/// A header that the error repeats in its metadata.
fn in_headers(metadata: &Value, name: &str) -> Option<String> {
    let headers = metadata["headers"].as_object()?;
    let value = headers
        .iter()
        .find(|(key, _)| key.eq_ignore_ascii_case(name))?
        .1;
    value
        .as_str()
        .map(str::to_owned)
        .or_else(|| value.as_u64().map(|number| number.to_string()))
}
