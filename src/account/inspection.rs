//! Inspects a provider's server for `doctor`: whether it can be reached, the state of the key, and
//! the models it offers.

use std::time::{Duration, Instant, SystemTime};

use serde_json::Value;

use crate::catalog::{Model, decode};
use crate::chat::attempts::endpoint_url;
use crate::chat::provider::with_head;
use crate::providers::{is_about_key, words_of};
use crate::wire::api_key::ApiKey;
use crate::wire::client::{Client, ClientOptions, KeyHeader, Reply, Request, Url, WireError};

/// Largest model list, in bytes.
const LARGEST_LIST: usize = 16 * 1024 * 1024;

/// Largest other response, in bytes.
const LARGEST_ANSWER: usize = 64 * 1024;

/// The server to inspect.
#[derive(Clone)]
pub(crate) struct InspectedServer {
    pub base_url: Url,
    pub headers: Vec<(String, String)>,
    pub key: Option<ApiKey>,
    pub key_header: KeyHeader,
    /// The query of its list.
    pub query: Option<&'static str>,
    /// What the IDs of its list start with, and those of requests need not.
    pub prefix: Option<&'static str>,
    pub client: ClientOptions,
    /// It is OpenRouter, which reports the state of the key and of the account.
    pub reports_account: bool,
}

/// What prevented a response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InspectionFailure {
    /// The client could not be set up: a CA file or a proxy that cannot be read.
    SetUp,
    Name,
    Connection,
    Certificate,
    /// Connected, but no response within the deadline.
    Silence,
}

/// The response of the server.
#[derive(Debug, Clone, Default)]
pub struct ServerInspection {
    /// HTTP status of the model list.
    pub status: u16,
    pub location: Option<String>,
    /// The time by its clock, and by ours when it arrived.
    pub date: Option<(SystemTime, SystemTime)>,
    pub took: Duration,
    /// `None` when the response is not a model list.
    pub models: Option<Vec<ListedModel>>,
    /// The server refuses the key. Google's answer to a wrong one has status 400.
    pub refuses_key: bool,
    /// The words of a refusal.
    pub refusal: String,
    /// HTTP status of the key request; `None` when it was not sent.
    pub key_status: Option<u16>,
    pub account: AccountLimits,
}

/// The limits of a key at OpenRouter, in USD; `None` is no limit, or not reported.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct AccountLimits {
    pub limit: Option<f64>,
    pub remaining: Option<f64>,
    /// As reported, such as `2026-12-31T23:59:59Z`.
    pub expires_at: Option<String>,
    /// The remaining credits of the account.
    pub credits: Option<f64>,
}

/// A model in the list of the server.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListedModel {
    pub id: String,
    /// Another name that requests may use.
    pub canonical_slug: Option<String>,
    /// A day such as `2026-12-31`.
    pub expires: Option<String>,
    /// Empty when the provider reports none.
    pub parameters: Vec<String>,
    pub context_length: Option<u64>,
    pub max_completion_tokens: Option<u64>,
}

/// What failed, and its root cause in words.
pub(crate) type InspectionError = (InspectionFailure, String);

impl InspectedServer {
    /// Sends the requests, within the deadline.
    pub(crate) async fn inspect(
        self,
        deadline: Duration,
    ) -> Result<ServerInspection, InspectionError> {
        match tokio::time::timeout(deadline, self.responses()).await {
            Ok(answered) => answered,
            Err(_) => Err((
                InspectionFailure::Silence,
                format!("no response within {} s", deadline.as_secs()),
            )),
        }
    }

    async fn responses(self) -> Result<ServerInspection, InspectionError> {
        let client =
            Client::new(&self.base_url, &self.client).map_err(|error| failure_of(&error))?;
        let began = Instant::now();
        let mut reply = self
            .get(&client, "models", self.query)
            .await
            .map_err(|error| failure_of(&error))?;
        let mut answered = ServerInspection {
            status: reply.status(),
            location: reply.header("location").map(str::to_owned),
            date: reply
                .header("date")
                .and_then(|text| httpdate::parse_http_date(text).ok())
                .map(|date| (date, SystemTime::now())),
            took: began.elapsed(),
            ..ServerInspection::default()
        };
        let body = reply
            .body(LARGEST_LIST)
            .await
            .map_err(|error| failure_of(&error))?;
        answered.refuses_key = key_is_refused(&reply, &body);
        if reply.status() != 200 {
            answered.refusal = words_of(&body);
        }
        answered.models = listed(&body, self.prefix);
        if self.reports_account && self.key.is_some() {
            // The rest of the inspection does not depend on these.
            let (key_status, key) = self.get_json(&client, "key").await;
            let (_, credits) = self.get_json(&client, "credits").await;
            answered.key_status = key_status;
            answered.account = account(&key, &credits);
        }
        Ok(answered)
    }

    async fn get_json(&self, client: &Client, path: &str) -> (Option<u16>, Value) {
        let Ok(mut reply) = self.get(client, path, None).await else {
            return (None, Value::Null);
        };
        let body = reply.body(LARGEST_ANSWER).await.unwrap_or_default();
        (
            Some(reply.status()),
            serde_json::from_slice(&body).unwrap_or_default(),
        )
    }

    async fn get(
        &self,
        client: &Client,
        path: &str,
        query: Option<&str>,
    ) -> Result<Reply, WireError> {
        let mut url = endpoint_url(&self.base_url, path);
        url.set_query(query);
        client
            .send(
                Request {
                    url,
                    headers: &self.headers,
                    key: self.key.as_ref(),
                    key_header: self.key_header,
                    body: None,
                },
                &mut None,
            )
            .await
    }
}

fn key_is_refused(reply: &Reply, body: &[u8]) -> bool {
    with_head(reply, |head| is_about_key(head, body))
}

/// Checks that a client can be set up. The error is the root cause.
pub(crate) fn set_up(options: &ClientOptions) -> Result<(), String> {
    // For plain `http` only the CA files that the options name are read.
    let base_url = Url::parse("http://127.0.0.1/").map_err(|error| error.to_string())?;
    Client::new(&base_url, options)
        .map(drop)
        .map_err(|error| failure_of(&error).1)
}

fn failure_of(error: &WireError) -> InspectionError {
    let cause = error.root_cause();
    let words = if cause.is_empty() {
        error.to_string()
    } else {
        format!("{error}: {cause}")
    };
    let obstacle = match error {
        WireError::Authorities { .. } | WireError::Proxy { .. } | WireError::SetUp(_) => {
            InspectionFailure::SetUp
        }
        WireError::Certificate { .. } => InspectionFailure::Certificate,
        WireError::Connect { .. } if is_of_name(error) => InspectionFailure::Name,
        WireError::Connect { .. } | WireError::ConnectTimeout { .. } => {
            InspectionFailure::Connection
        }
        WireError::NotTaken { .. }
        | WireError::NoAnswer { .. }
        | WireError::Broken(_)
        | WireError::TooLarge
        | WireError::TimedOut { .. }
        | WireError::Replay(_) => InspectionFailure::Silence,
    };
    (obstacle, words)
}

/// The layers below give no kind, only words.
fn is_of_name(error: &WireError) -> bool {
    let chain = std::iter::successors(Some(error as &(dyn std::error::Error + 'static)), |error| {
        error.source()
    });
    chain
        .into_iter()
        .map(ToString::to_string)
        .any(|cause| cause.contains("dns error") || cause.contains("invalid dns name"))
}

/// The models of a list in any server's form.
fn listed(body: &[u8], prefix: Option<&str>) -> Option<Vec<ListedModel>> {
    Some(decode::models(body, prefix)?.into_iter().map(row).collect())
}

fn row(model: Model) -> ListedModel {
    ListedModel {
        canonical_slug: model.canonical_slug,
        id: model.id,
        expires: model.expires,
        parameters: model.parameters.iter().map(str::to_owned).collect(),
        context_length: model.context,
        max_completion_tokens: model.max_completion_tokens,
    }
}

fn account(key: &Value, credits: &Value) -> AccountLimits {
    let (key, credits) = (&key["data"], &credits["data"]);
    let bought_and_used = credits["total_credits"]
        .as_f64()
        .zip(credits["total_usage"].as_f64());
    AccountLimits {
        limit: key["limit"].as_f64(),
        remaining: key["limit_remaining"].as_f64(),
        expires_at: key["expires_at"].as_str().map(str::to_owned),
        credits: bought_and_used.map(|(bought, used)| bought - used),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn model_lists_are_read_leniently() {
        let models = listed(br#"{"data":[{"id":"a/b","expiration_date":"2026-12-31","supported_parameters":["tools",null],"top_provider":{}},{"name":"x"}]}"#, None);
        let expected = ListedModel {
            id: "a/b".to_owned(),
            expires: Some("2026-12-31".to_owned()),
            parameters: vec!["tools".to_owned()],
            ..ListedModel::default()
        };
        assert_eq!(models.unwrap(), [expected]);
        assert_eq!(listed(b"<html>", None), None);
    }

    #[test]
    fn an_account_that_reports_nothing_has_no_limits() {
        assert_eq!(
            account(&Value::Null, &json!({"data": {"total_credits": 5}})),
            AccountLimits::default()
        );
        let reported = account(
            &json!({"data": {"limit": 10, "limit_remaining": 0, "expires_at": "x"}}),
            &json!({"data": {"total_credits": 5, "total_usage": 7.5}}),
        );
        assert_eq!(
            reported,
            AccountLimits {
                limit: Some(10.0),
                remaining: Some(0.0),
                expires_at: Some("x".to_owned()),
                credits: Some(-2.5)
            }
        );
    }
}
