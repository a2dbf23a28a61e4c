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
        /// Of the provider; may be empty.
        words: String,
    },
    /// The check failed or is not possible.
    Unknown { why: String },
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
    Ok(match status {
        200 => of_success(&body),
        _ if with_head(&reply, |head| is_about_key(head, &body)) => KeyVerdict::Rejected {
            status,
            words: words_of(&body),
        },
        _ => KeyVerdict::Unknown {
            why: match words_of(&body) {
                words if words.is_empty() => format!("the provider returned status {status}"),
                words => format!("the provider returned status {status}: {words}"),
            },
        },
    })
}

/// What the body of a reply with status 200 says, of which only the start was read.
fn of_success(body: &[u8]) -> KeyVerdict {
    let value: Value = serde_json::from_slice(body).unwrap_or_default();
    // A server that has no such path may say so with status 200.
    if !value["error"].is_null() {
        return KeyVerdict::Unknown {
            why: words_of(body),
        };
    }
    // The portal of a network has a page for every URL.
    if !matches!(body.trim_ascii_start().first(), Some(b'{' | b'[')) {
        return KeyVerdict::Unknown {
            why: "the response is not JSON".to_owned(),
        };
    }
    KeyVerdict::Accepted {
        remaining: value["data"]["limit_remaining"].as_f64(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_json_accepts_a_key() {
        let accepted = |remaining| KeyVerdict::Accepted { remaining };
        let good: [(&[u8], _); 3] = [
            (b" {\"data\": {\"limit_remaining\": 2.5}}", Some(2.5)),
            (b"[]", None),
            // The start of a long list.
            (b"{\"data\": [{\"id\": \"a", None),
        ];
        for (body, remaining) in good {
            assert_eq!(of_success(body), accepted(remaining));
        }
        for body in [
            &b"<!DOCTYPE html><title>Welcome to the hotel</title>"[..],
            b"",
            b"ok",
            b"{\"error\": {\"message\": \"no such path\"}}",
        ] {
            assert!(matches!(of_success(body), KeyVerdict::Unknown { .. }));
        }
    }
}
