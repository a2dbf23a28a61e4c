//! The requests of a login: JSON and forms, each with a deadline and a bounded answer.

use std::time::Duration;

use serde_json::Value;

use super::error::OAuthError;
use crate::wire::client::{Client, ClientOptions, KeyHeader, Reply, Request, Url, WireError};
use crate::wire::redact::cut;

/// Longest wait for a whole answer.
const DEADLINE: Duration = Duration::from_secs(30);

/// Largest answer, in bytes.
const LARGEST: usize = 256 * 1024;

/// Longest reason of a refusal that is shown, in characters.
const LONGEST_WORDS: usize = 200;

/// An answer, read.
pub(super) struct Answer {
    pub status: u16,
    pub authenticate: Option<String>,
    /// `Null` when the body is no JSON.
    pub value: Value,
}

impl Answer {
    /// The reason of a refusal, as RFC 6749 has it.
    pub(super) fn words(&self) -> String {
        let text = |name: &str| self.value[name].as_str().unwrap_or_default();
        let words = match (text("error"), text("error_description")) {
            (error, "") => error.to_owned(),
            ("", description) => description.to_owned(),
            (error, description) => format!("{error}: {description}"),
        };
        cut(&words, LONGEST_WORDS)
    }
}

pub(super) async fn get(url: &Url, options: &ClientOptions) -> Result<Answer, OAuthError> {
    let headers = [("Accept".to_owned(), "application/json".to_owned())];
    send(url, &headers, None, options).await
}

/// Posts JSON.
pub(super) async fn post(
    url: &Url,
    headers: &[(String, String)],
    body: &Value,
    options: &ClientOptions,
) -> Result<Answer, OAuthError> {
    send(url, headers, Some(body), options).await
}

async fn send(
    url: &Url,
    headers: &[(String, String)],
    body: Option<&Value>,
    options: &ClientOptions,
) -> Result<Answer, OAuthError> {
    let client = Client::new(url, options)?;
    let request = Request {
        url: url.clone(),
        headers,
        key: None,
        key_header: KeyHeader::Bearer,
        body: body.map(|body| body.to_string().into_bytes().into()),
    };
    within(client.send(request, &mut None)).await
}

/// Posts a form.
pub(super) async fn post_form(
    url: &Url,
    headers: &[(String, String)],
    form: &[(&str, &str)],
    options: &ClientOptions,
) -> Result<Answer, OAuthError> {
    let client = Client::new(url, options)?;
    within(client.send_form(url.clone(), headers, form)).await
}

async fn within(
    sent: impl Future<Output = Result<Reply, WireError>>,
) -> Result<Answer, OAuthError> {
    let read = tokio::time::timeout(DEADLINE, async {
        let mut reply = sent.await?;
        let body = if reply.is_event_stream() {
            Vec::new()
        } else {
            reply.body(LARGEST).await?
        };
        Ok::<_, WireError>(Answer {
            status: reply.status(),
            authenticate: reply.header("www-authenticate").map(str::to_owned),
            value: serde_json::from_slice(&body).unwrap_or_default(),
        })
    });
    Ok(read.await.map_err(|_| OAuthError::NoAnswer)??)
}
