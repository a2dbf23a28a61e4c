//! The variables of OpenTelemetry and Langfuse. They are read once telemetry is on, and switch
//! nothing on: machines have them for other programs.

use std::borrow::Cow;
use std::time::Duration;

use crate::config::headers::fault_of_collector;
use crate::config::{ConfigError, Environment};
use crate::wire::redact::cut;

/// Each with what it sets; the table of docs/telemetry.md is compared with it.
pub const VARIABLES: &[(&str, &str)] = &[
    (
        ENDPOINT,
        "base URL of the collector; `/v1/traces` and `/v1/metrics` are added",
    ),
    (TRACES_ENDPOINT, "URL for traces, as it is"),
    (METRICS_ENDPOINT, "URL for metrics, as it is"),
    (
        HEADERS,
        "headers for the collector, `name=value,name=value`, percent-encoded",
    ),
    (INSECURE, "`true`: plain http to another machine is allowed"),
    (PROTOCOL, "`http/json`; any other protocol is an error"),
    (
        TIMEOUT,
        "longest time of one export, in milliseconds (10000)",
    ),
    (SERVICE_NAME, "`service.name` (amx)"),
    (
        RESOURCE_ATTRIBUTES,
        "further attributes of the program, `name=value,name=value`",
    ),
    (SDK_DISABLED, "`true`: nothing is sent"),
    (
        CAPTURE_CONTENT,
        "`false`: no texts, whatever `content` says",
    ),
    (TRACEPARENT, "trace and span that answers belong to"),
    (LANGFUSE_HOST, "URL of Langfuse"),
    (LANGFUSE_PUBLIC_KEY, "public key of Langfuse"),
    (LANGFUSE_SECRET_KEY, "secret key of Langfuse"),
];

pub(super) const ENDPOINT: &str = "OTEL_EXPORTER_OTLP_ENDPOINT";
pub(super) const TRACES_ENDPOINT: &str = "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT";
pub(super) const METRICS_ENDPOINT: &str = "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT";
pub(super) const HEADERS: &str = "OTEL_EXPORTER_OTLP_HEADERS";
const INSECURE: &str = "OTEL_EXPORTER_OTLP_INSECURE";
const PROTOCOL: &str = "OTEL_EXPORTER_OTLP_PROTOCOL";
const TIMEOUT: &str = "OTEL_EXPORTER_OTLP_TIMEOUT";
pub(super) const SERVICE_NAME: &str = "OTEL_SERVICE_NAME";
const RESOURCE_ATTRIBUTES: &str = "OTEL_RESOURCE_ATTRIBUTES";
pub(super) const SDK_DISABLED: &str = "OTEL_SDK_DISABLED";
pub(super) const CAPTURE_CONTENT: &str = "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT";
pub(super) const TRACEPARENT: &str = "TRACEPARENT";
pub(super) const LANGFUSE_HOST: &str = "LANGFUSE_HOST";
pub(super) const LANGFUSE_PUBLIC_KEY: &str = "LANGFUSE_PUBLIC_KEY";
pub(super) const LANGFUSE_SECRET_KEY: &str = "LANGFUSE_SECRET_KEY";

/// The protocol that amx speaks.
const HTTP_JSON: &str = "http/json";

/// The time of one export without a variable.
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(10);

/// Words of [`CAPTURE_CONTENT`] that leave no texts on spans.
const NO_CONTENT: &[&str] = &["false", "no_content", "event_only"];

/// Longest value that an error shows, in characters.
const LONGEST_SHOWN: usize = 60;

pub(super) fn error(variable: &str, what: impl Into<String>) -> ConfigError {
    ConfigError::Variable {
        variable: variable.to_owned(),
        what: what.into(),
    }
}

pub(super) fn is_true(variable: &str, environment: &Environment) -> Result<bool, ConfigError> {
    let value = environment.named(variable)?;
    Ok(value.is_some_and(|value| value.trim().eq_ignore_ascii_case("true")))
}

/// Whether plain http to another machine is allowed.
pub(super) fn allows_insecure(environment: &Environment) -> Result<bool, ConfigError> {
    is_true(INSECURE, environment)
}

/// # Errors
/// For every protocol but the one that amx speaks.
pub(super) fn check_protocol(environment: &Environment) -> Result<(), ConfigError> {
    match environment.named(PROTOCOL)?.map(str::trim) {
        None | Some(HTTP_JSON) => Ok(()),
        Some(other) => Err(error(
            PROTOCOL,
            format!(
                "is '{}': amx speaks {HTTP_JSON}; port 4318",
                cut(other, LONGEST_SHOWN).escape_debug()
            ),
        )),
    }
}

/// The longest time of one export.
pub(super) fn timeout(environment: &Environment) -> Result<Duration, ConfigError> {
    let Some(text) = environment.named(TIMEOUT)? else {
        return Ok(DEFAULT_TIMEOUT);
    };
    let read = text.trim().parse().ok().filter(|ms| *ms > 0);
    read.map(Duration::from_millis).ok_or_else(|| {
        let shown = cut(text, LONGEST_SHOWN);
        let shown = shown.escape_debug();
        error(
            TIMEOUT,
            format!("is '{shown}': it must be a number of milliseconds, above 0"),
        )
    })
}

/// Whether the variable takes the texts away.
pub(super) fn forbids_content(environment: &Environment) -> Result<bool, ConfigError> {
    let value = environment.named(CAPTURE_CONTENT)?.map(str::trim);
    Ok(value.is_some_and(|value| NO_CONTENT.contains(&value.to_ascii_lowercase().as_str())))
}

/// The headers for the collector of the variables.
///
/// # Errors
/// For a header that cannot be sent.
pub(super) fn headers(environment: &Environment) -> Result<Vec<(String, String)>, ConfigError> {
    let headers = pairs(environment.named(HEADERS)?.unwrap_or_default());
    match headers
        .iter()
        .find_map(|(name, value)| fault_of_collector(name, value))
    {
        Some(what) => Err(error(
            HEADERS,
            format!("has a header that cannot be sent: {what}"),
        )),
        None => Ok(headers),
    }
}

/// Further attributes of the program.
pub(super) fn resource(environment: &Environment) -> Result<Vec<(String, String)>, ConfigError> {
    let text = environment.named(RESOURCE_ATTRIBUTES)?;
    Ok(pairs(text.unwrap_or_default()))
}

/// `name=value,name=value`, percent-encoded. What has no `=` is skipped, as other programs do.
fn pairs(text: &str) -> Vec<(String, String)> {
    let pair = |pair: &str| {
        let (name, value) = pair.split_once('=')?;
        let (name, value) = (decoded(name.trim()), decoded(value.trim()));
        (!name.is_empty()).then(|| (name.into_owned(), value.into_owned()))
    };
    text.split(',').filter_map(pair).collect()
}

/// A text with its `%20` decoded; as it is where that gives no text.
fn decoded(text: &str) -> Cow<'_, str> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let digits = after
            .get(..2)
            .and_then(|digits| str::from_utf8(digits).ok());
        let code = digits
            .filter(|digits| *first == b'%' && digits.bytes().all(|byte| byte.is_ascii_hexdigit()))
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        match code {
            Some(code) => {
                bytes.push(code);
                rest = &after[2..];
            }
            None => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8(bytes).map_or(Cow::Borrowed(text), Cow::Owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_are_decoded() {
        let environment = Environment::from_pairs([
            (
                HEADERS,
                "Authorization=Basic%20YQ==, x-scope = a%2Cb ,broken,=x",
            ),
            (RESOURCE_ATTRIBUTES, "a=%zz,b=é%"),
        ]);
        let own = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        assert_eq!(
            headers(&environment).unwrap(),
            [("Authorization", "Basic YQ=="), ("x-scope", "a,b")]
                .iter()
                .map(own)
                .collect::<Vec<_>>()
        );
        assert_eq!(
            resource(&environment).unwrap(),
            [("a", "%zz"), ("b", "é%")]
                .iter()
                .map(own)
                .collect::<Vec<_>>()
        );
    }

    #[test]
    fn invalid_values_name_their_variable() {
        let of = |name, value| Environment::from_pairs([(name, value)]);
        let words = |error: ConfigError| error.to_string();
        assert_eq!(
            words(check_protocol(&of(PROTOCOL, "grpc")).unwrap_err()),
            "OTEL_EXPORTER_OTLP_PROTOCOL is 'grpc': amx speaks http/json; port 4318"
        );
        assert!(check_protocol(&of(PROTOCOL, "http/json")).is_ok());
        assert_eq!(
            words(timeout(&of(TIMEOUT, "0")).unwrap_err()),
            "OTEL_EXPORTER_OTLP_TIMEOUT is '0': it must be a number of milliseconds, above 0"
        );
        assert_eq!(
            timeout(&of(TIMEOUT, "250")).unwrap(),
            Duration::from_millis(250)
        );
        let error = headers(&of(HEADERS, "host=a")).unwrap_err().to_string();
        assert!(error.contains("'host' is set by amx"), "{error}");
    }

    #[test]
    fn content_is_only_taken_away() {
        let of = |value| Environment::from_pairs([(CAPTURE_CONTENT, value)]);
        assert!(forbids_content(&of("False")).unwrap());
        assert!(forbids_content(&of("NO_CONTENT")).unwrap());
        assert!(!forbids_content(&of("true")).unwrap());
        assert!(!forbids_content(&Environment::default()).unwrap());
    }
}
