//! How long a provider asks to wait, from headers and from the body.

use std::time::{Duration, SystemTime};

use serde_json::Value;

use super::places::object;
use super::words;
use crate::chat::provider::Header;
use crate::wire::retry_after;

/// Where the error has the wait in seconds, as JSON pointers.
const SECONDS: &[&str] = &[
    "/metadata/retry_after_seconds",
    "/availability/retry_after",
    "/retry_after",
    "/parameters/retry_after",
    // Hugging Face, while a model is loading
    "/estimated_time",
];

/// What stands before a wait in the words of OpenAI, Groq, Google and Azure.
const MARKERS: &[&str] = &[
    "try again in ",
    "retry in ",
    "retry after ",
    "please wait ",
    "available in ",
];

/// The wait that the provider asks for, from the most precise place. `words` are those of the
/// error and of the company behind a router.
pub(super) fn hint(
    error: &Value,
    words: &str,
    header: Header<'_>,
    now: SystemTime,
) -> Option<Duration> {
    let metadata = &error["metadata"];
    let millis = || {
        header("retry-after-ms")
            .and_then(|text| text.trim().parse::<f64>().ok())
            .and_then(|millis| retry_after::from_seconds(millis / 1000.0))
    };
    let own_header = || header("retry-after").and_then(|text| retry_after::parse(text, now));
    let seconds = || {
        let mut places = SECONDS.iter().filter_map(|place| error.pointer(place));
        places.find_map(|value| value.as_f64().and_then(retry_after::from_seconds))
    };
    let nested_header =
        || in_headers(metadata, "retry-after").and_then(|text| retry_after::parse(&text, now));
    let raw = || {
        let raw = words::inner(metadata["raw"].as_str()?)?;
        retry_delay(&object(&raw)["details"])
    };
    let reset = || {
        let nested = in_headers(metadata, "x-ratelimit-reset");
        let text = header("x-ratelimit-reset").map(str::to_owned).or(nested)?;
        retry_after::parse_reset(&text, now)
    };
    millis()
        .or_else(own_header)
        .or_else(|| retry_delay(&error["details"]))
        .or_else(seconds)
        .or_else(nested_header)
        .or_else(raw)
        .or_else(|| in_words(words))
        .or_else(reset)
}

/// A wait in words: `Please try again in 9m38.016s`, `retry after 26 seconds`.
fn in_words(words: &str) -> Option<Duration> {
    let lower = words.to_ascii_lowercase();
    let rest = MARKERS
        .iter()
        .find_map(|marker| lower.split_once(marker))
        .map(|(_, rest)| rest)?;
    retry_after::in_units(rest).filter(|wait| !wait.is_zero())
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_are_read_in_words() {
        let rows = [
            ("Please try again in 9m38.016s. Need more", Some(578_016)),
            ("Please try again in 230ms.", Some(230)),
            ("please retry in 45.5s.", Some(45_500)),
            ("Try again in 1h0m2s", Some(3_602_000)),
            ("Please retry after 26 seconds.", Some(26_000)),
            (
                "exceeded. Please wait 3600 seconds before retrying",
                Some(3_600_000),
            ),
            ("Please wait 5.", None),
            ("Please wait a moment", None),
            ("Please try again in 20s", Some(20_000)),
            ("nothing", None),
        ];
        for (words, millis) in rows {
            assert_eq!(
                in_words(words),
                millis.map(Duration::from_millis),
                "{words}"
            );
        }
    }
}
