//! One look at a provider's server: whether it is reached, what it says of the key, and which
//! models it offers.

use std::time::{Duration, Instant, SystemTime};

use serde_json::Value;

use crate::chat::Url;
use crate::chat::attempts::endpoint_url;
use crate::secrets::ApiKey;
use crate::wire::client::{Client, ClientOptions, Reply, Request, WireError};

/// Longest list of models read, in bytes.
const LARGEST_LIST: usize = 16 * 1024 * 1024;

/// Most that is read of any other answer, in bytes.
const LARGEST_ANSWER: usize = 64 * 1024;

/// Whom to look at.
#[derive(Clone)]
pub struct Server {
    pub base_url: Url,
    pub headers: Vec<(String, String)>,
    pub key: Option<ApiKey>,
    pub client: ClientOptions,
    /// It is OpenRouter, which tells the state of a key and of the account.
    pub tells_account: bool,
}

/// What stands between here and the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Obstacle {
    /// A file of authorities, a proxy that cannot be read.
    SetUp,
    Name,
    Connection,
    Certificate,
    /// Connected, and no answer came.
    Silence,
}

/// What the server answered.
#[derive(Debug, Clone, Default)]
pub struct Answered {
    /// Of the list of models.
    pub status: u16,
    pub location: Option<String>,
    /// By its clock, with when it was read here.
    pub date: Option<(SystemTime, SystemTime)>,
    pub took: Duration,
    /// `None` when what came is no list of models.
    pub models: Option<Vec<Listed>>,
    /// Status of the question about the key; `None` when it was not asked.
    pub key_status: Option<u16>,
    pub account: Account,
}

/// What OpenRouter says of a key. Amounts are USD; `None` is no limit, or not told.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Account {
    pub limit: Option<f64>,
    pub remaining: Option<f64>,
    /// As it was told, such as `2026-12-31T23:59:59Z`.
    pub expires_at: Option<String>,
    /// What is left of the credits of the account.
    pub credits: Option<f64>,
}

/// One model of the list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Listed {
    pub id: String,
    /// A day such as `2026-12-31`.
    pub expires: Option<String>,
    /// Empty when the provider tells none.
    pub parameters: Vec<String>,
    pub context_length: Option<u64>,
    pub max_completion_tokens: Option<u64>,
}

/// An obstacle, and what lies at the bottom of it in words.
pub type Hindered = (Obstacle, String);

impl Server {
    /// Asks within the deadline.
    pub async fn inspect(self, deadline: Duration) -> Result<Answered, Hindered> {
        match tokio::time::timeout(deadline, self.asked()).await {
            Ok(answered) => answered,
            Err(_) => Err((
                Obstacle::Silence,
                format!("no answer within {} s", deadline.as_secs()),
            )),
        }
    }

    async fn asked(self) -> Result<Answered, Hindered> {
        let client = Client::new(&self.base_url, &self.client).map_err(|error| hindered(&error))?;
        let began = Instant::now();
        let mut reply = self
            .get(&client, "models")
            .await
            .map_err(|error| hindered(&error))?;
        let mut answered = Answered {
            status: reply.status(),
            location: reply.header("location").map(str::to_owned),
            date: reply
                .header("date")
                .and_then(|text| httpdate::parse_http_date(text).ok())
                .map(|date| (date, SystemTime::now())),
            took: began.elapsed(),
            ..Answered::default()
        };
        let body = reply
            .body(LARGEST_LIST)
            .await
            .map_err(|error| hindered(&error))?;
        answered.models = listed(&body);
        if self.tells_account && self.key.is_some() {
            // Without an answer to these the rest is known all the same.
            let (key_status, key) = self.told(&client, "key").await;
            let (_, credits) = self.told(&client, "credits").await;
            answered.key_status = key_status;
            answered.account = account(&key, &credits);
        }
        Ok(answered)
    }

    async fn told(&self, client: &Client, path: &str) -> (Option<u16>, Value) {
        let Ok(mut reply) = self.get(client, path).await else {
            return (None, Value::Null);
        };
        let body = reply.body(LARGEST_ANSWER).await.unwrap_or_default();
        (
            Some(reply.status()),
            serde_json::from_slice(&body).unwrap_or_default(),
        )
    }

    async fn get(&self, client: &Client, path: &str) -> Result<Reply, WireError> {
        client
            .send(
                Request {
                    url: endpoint_url(&self.base_url, path),
                    headers: &self.headers,
                    key: self.key.as_ref(),
                    body: None,
                },
                &mut None,
            )
            .await
    }
}

/// Whether a client can be set up so. The error says why not.
pub fn set_up(options: &ClientOptions) -> Result<(), String> {
    // No authority is read for plain `http`, except those that are named.
    let base_url = Url::parse("http://127.0.0.1/").map_err(|error| error.to_string())?;
    Client::new(&base_url, options)
        .map(drop)
        .map_err(|error| hindered(&error).1)
}

fn hindered(error: &WireError) -> Hindered {
    let cause = error.root_cause();
    let words = if cause.is_empty() {
        error.to_string()
    } else {
        format!("{error}: {cause}")
    };
    let obstacle = match error {
        WireError::Authorities { .. } | WireError::SetUp(_) => Obstacle::SetUp,
        WireError::Certificate { .. } => Obstacle::Certificate,
        WireError::Connect { .. } if is_of_name(error) => Obstacle::Name,
        WireError::Connect { .. } | WireError::ConnectTimeout { .. } => Obstacle::Connection,
        WireError::NoAnswer { .. }
        | WireError::Broken(_)
        | WireError::TooLarge
        | WireError::TimedOut { .. }
        | WireError::Replay(_) => Obstacle::Silence,
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

/// Lists as OpenAI and OpenRouter give them: `{"data": [{"id": …}, …]}`.
fn listed(body: &[u8]) -> Option<Vec<Listed>> {
    let value: Value = serde_json::from_slice(body).ok()?;
    let rows = value["data"].as_array()?;
    Some(rows.iter().filter_map(model).collect())
}

fn model(row: &Value) -> Option<Listed> {
    let parameters = row["supported_parameters"].as_array().into_iter().flatten();
    Some(Listed {
        id: row["id"].as_str()?.to_owned(),
        expires: row["expiration_date"].as_str().map(str::to_owned),
        parameters: parameters
            .filter_map(|parameter| parameter.as_str().map(str::to_owned))
            .collect(),
        context_length: row["context_length"].as_u64(),
        max_completion_tokens: row["top_provider"]["max_completion_tokens"].as_u64(),
    })
}

fn account(key: &Value, credits: &Value) -> Account {
    let (key, credits) = (&key["data"], &credits["data"]);
    let bought_and_used = credits["total_credits"]
        .as_f64()
        .zip(credits["total_usage"].as_f64());
    Account {
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
    fn lists_are_read_leniently() {
        let models = listed(br#"{"data":[{"id":"a/b","expiration_date":"2026-12-31","supported_parameters":["tools",null],"top_provider":{}},{"name":"x"}]}"#);
        let expected = Listed {
            id: "a/b".to_owned(),
            expires: Some("2026-12-31".to_owned()),
            parameters: vec!["tools".to_owned()],
            ..Listed::default()
        };
        assert_eq!(models.unwrap(), [expected]);
        assert_eq!(listed(b"<html>"), None);
    }

    #[test]
    fn an_account_that_tells_nothing_has_no_limits() {
        assert_eq!(
            account(&Value::Null, &json!({"data": {"total_credits": 5}})),
            Account::default()
        );
        let told = account(
            &json!({"data": {"limit": 10, "limit_remaining": 0, "expires_at": "x"}}),
            &json!({"data": {"total_credits": 5, "total_usage": 7.5}}),
        );
        assert_eq!(
            told,
            Account {
                limit: Some(10.0),
                remaining: Some(0.0),
                expires_at: Some("x".to_owned()),
                credits: Some(-2.5)
            }
        );
    }
}
