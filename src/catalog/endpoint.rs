//! The endpoints of a model: who serves it, how well, and at what price.

use serde_json::Value;

use super::decode::{count, text};
use super::price::Price;

/// One provider of a model at OpenRouter. `None` where OpenRouter reports nothing.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Endpoint {
    pub provider: String,
    /// Its name in `provider.order`.
    pub tag: Option<String>,
    pub quantization: Option<String>,
    pub context: Option<u64>,
    pub max_completion_tokens: Option<u64>,
    pub price: Price,
    /// Share of requests answered in the last half hour, in percent.
    pub uptime: Option<f64>,
    /// Median time to the first token in the last half hour, in milliseconds. Needs an API key.
    pub latency: Option<f64>,
    /// Median tokens per second in the last half hour. Needs an API key.
    pub throughput: Option<f64>,
    /// Whether OpenRouter currently routes to it.
    pub is_up: bool,
}

/// The endpoints in a response; `None` when it is not a list of endpoints.
pub(super) fn decode(body: &[u8]) -> Option<Vec<Endpoint>> {
    let value: Value = serde_json::from_slice(body).ok()?;
    let rows = value["data"]["endpoints"].as_array()?;
    Some(rows.iter().filter_map(endpoint).collect())
}

fn endpoint(row: &Value) -> Option<Endpoint> {
    let median = |value: &Value| value["p50"].as_f64().filter(|number| *number > 0.0);
    Some(Endpoint {
        provider: text(&row["provider_name"]).or_else(|| text(&row["name"]))?,
        tag: text(&row["tag"]),
        quantization: text(&row["quantization"]).filter(|quantization| quantization != "unknown"),
        context: count(&row["context_length"]),
        max_completion_tokens: count(&row["max_completion_tokens"]),
        price: Price::decode(&row["pricing"]),
        uptime: row["uptime_last_30m"].as_f64(),
        latency: median(&row["latency_last_30m"]),
        throughput: median(&row["throughput_last_30m"]),
        // A negative status is a reason not to route to it.
        is_up: row["status"].as_i64().is_none_or(|status| status >= 0),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn endpoints_are_read_without_optional_fields() {
        let full = json!({"provider_name": "P", "tag": "p/fp8", "quantization": "fp8", "context_length": 8192, "max_completion_tokens": null,
            "pricing": {"prompt": "0.000001", "completion": "0.000002", "discount": 0}, "status": 0, "uptime_last_30m": 99.5,
            "latency_last_30m": {"p50": 420, "p99": 900}, "throughput_last_30m": null});
        let bare = json!({"name": "Q | m", "quantization": "unknown", "status": -2});
        let body = json!({"data": {"id": "a/b", "endpoints": [full, bare, {}, null]}});
        let endpoints = decode(body.to_string().as_bytes()).unwrap();
        assert_eq!(endpoints.len(), 2);
        assert_eq!(
            (
                endpoints[0].latency,
                endpoints[0].throughput,
                endpoints[0].uptime,
                endpoints[0].is_up
            ),
            (Some(420.0), None, Some(99.5), true)
        );
        assert_eq!(
            (
                endpoints[1].provider.as_str(),
                endpoints[1].quantization.as_deref(),
                endpoints[1].is_up
            ),
            ("Q | m", None, false)
        );
        assert_eq!(decode(b"{\"data\":{}}"), None);
    }
}
