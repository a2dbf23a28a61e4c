//! Checks an API key with a request that costs nothing.

use std::time::Duration;

use serde_json::Value;

use crate::chat::attempts::endpoint_url;
use crate::chat::provider::with_head;
use crate::providers::registry::{KeyCheck, ProviderEntry};
use crate::providers::{is_about_key, words_of};
use crate::wire::api_key::ApiKey;
use crate::wire::client::{Client, ClientOptions, Request, Url, WireError};

/// Longest time for the response.
const DEADLINE: Duration = Duration::from_secs(10);

/// Most that is read of the response, in bytes: a model list may be long, and only its start
/// matters.
const LARGEST_ANSWER: usize = 64 * 1024;

/// The result of a key check.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum KeyVerdict {
    Accepted {
        /// The remaining credit in USD, where the provider reports a limit.
        remaining: Option<f64>,
    },
    Rejected {
        status: u16,
    },
    /// The check failed or is not possible.
    Unknown {
        why: String,
    },
}

/// Sends the request of the provider that accepts or rejects the key.
pub(crate) async fn check(
    entry: &ProviderEntry,
    base_url: &Url,
    headers: &[(String, String)],
    key: &ApiKey,
    options: &ClientOptions,
) -> KeyVerdict {
    let KeyCheck::Get(path) = entry.key_check else {
        return KeyVerdict::Unknown {
            why: format!("provider {} has no endpoint for a key check", entry.name),
        };
    };
    let ask = ask(entry, base_url, path, headers, key, options);
    match tokio::time::timeout(DEADLINE, ask).await {
        Ok(Ok(verdict)) => verdict,
        Ok(Err(error)) => KeyVerdict::Unknown {
            why: error.to_string(),
        },
        Err(_) => KeyVerdict::Unknown {
            why: format!("no response within {} s", DEADLINE.as_secs()),
        },
    }
}

async fn ask(
    entry: &ProviderEntry,
    base_url: &Url,
    path: &str,
    headers: &[(String, String)],
    key: &ApiKey,
    options: &ClientOptions,
) -> Result<KeyVerdict, WireError> {
    let client = Client::new(base_url, options)?;
    let headers = entry.with_list_headers(headers.to_vec());
    let request = Request {
        url: endpoint_url(base_url, path),
        headers: &headers,
        key: Some(key),
        key_header: entry.list_key,
        body: None,
    };
    let mut reply = client.send(request, &mut None).await?;
    let body = reply.body(LARGEST_ANSWER).await?;
    let status = reply.status();
    let is_error = || {
        let body: Value = serde_json::from_slice(&body).unwrap_or_default();
        // A server that has no such path may say so with status 200.
        !body["error"].is_null()
    };
    Ok(match status {
        200 if is_error() => KeyVerdict::Unknown {
            why: words_of(&body),
        },
        200 => KeyVerdict::Accepted {
            remaining: remaining(&body),
        },
        _ if with_head(&reply, |head| is_about_key(head, &body)) => KeyVerdict::Rejected { status },
        _ => KeyVerdict::Unknown {
            why: format!("the provider returned status {status}"),
        },
    })
}

fn remaining(body: &[u8]) -> Option<f64> {
    let value: Value = serde_json::from_slice(body).ok()?;
    value["data"]["limit_remaining"].as_f64()
}
