//! Tries a key without paying for an answer.

use std::time::Duration;

use serde_json::Value;

use crate::chat::Url;
use crate::chat::attempts::endpoint_url;
use crate::providers::registry::{KeyCheck, ProviderEntry};
use crate::secrets::ApiKey;
use crate::wire::client::{Client, ClientOptions, Request, WireError};

/// Longest time for the answer.
const DEADLINE: Duration = Duration::from_secs(10);

/// Most that is read of the answer, in bytes: a list of models may be long, and only its start
/// matters.
const LARGEST_ANSWER: usize = 64 * 1024;

/// What the provider says of a key.
#[derive(Debug, Clone, PartialEq)]
pub enum Verdict {
    Accepted {
        /// What is left to spend in USD, where the provider says it and there is a limit.
        remaining: Option<f64>,
    },
    Rejected {
        status: u16,
    },
    /// It could not be found out.
    Unknown {
        why: String,
    },
}

/// Asks the provider about the key.
pub async fn check(
    entry: &ProviderEntry,
    base_url: &Url,
    headers: &[(String, String)],
    key: &ApiKey,
    options: &ClientOptions,
) -> Verdict {
    let KeyCheck::Get(path) = entry.key_check else {
        return Verdict::Unknown {
            why: format!("provider {} has nothing to check it against", entry.name),
        };
    };
    let ask = ask(base_url, path, headers, key, options);
    match tokio::time::timeout(DEADLINE, ask).await {
        Ok(Ok((200, body))) => Verdict::Accepted {
            remaining: remaining(&body),
        },
        Ok(Ok((status @ (401 | 403), _))) => Verdict::Rejected { status },
        Ok(Ok((status, _))) => Verdict::Unknown {
            why: format!("the provider answered with status {status}"),
        },
        Ok(Err(error)) => Verdict::Unknown {
            why: error.to_string(),
        },
        Err(_) => Verdict::Unknown {
            why: format!("no answer within {} s", DEADLINE.as_secs()),
        },
    }
}

async fn ask(
    base_url: &Url,
    path: &str,
    headers: &[(String, String)],
    key: &ApiKey,
    options: &ClientOptions,
) -> Result<(u16, Vec<u8>), WireError> {
    let client = Client::new(base_url, options)?;
    let request = Request {
        url: endpoint_url(base_url, path),
        headers,
        key: Some(key),
        body: None,
    };
    let mut reply = client.send(request, &mut None).await?;
    let status = reply.status();
    Ok((status, reply.body(LARGEST_ANSWER).await?))
}

fn remaining(body: &[u8]) -> Option<f64> {
    let value: Value = serde_json::from_slice(body).ok()?;
    value["data"]["limit_remaining"].as_f64()
}
