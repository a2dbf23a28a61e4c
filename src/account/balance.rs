//! The remaining credit at OpenRouter: the limits of the API key and the credits of the account.

use std::time::Duration;

use serde_json::Value;

use crate::chat::attempts::endpoint_url;
use crate::chat::error::{ChatError, DecodeError};
use crate::chat::provider::{Provider, with_head};
use crate::secrets::Credential;
use crate::wire::api_key::ApiKey;
use crate::wire::client::{Client, ClientOptions, KeyHeader, Request, Url};
use crate::wire::error::WireError;

/// Longest time for each of the two responses.
const DEADLINE: Duration = Duration::from_secs(15);

/// Largest response, in bytes.
const LARGEST_ANSWER: usize = 256 * 1024;

/// The limits and usage of the key, in USD; `None` where the provider reports nothing.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct AccountBalance {
    /// `None` without a limit.
    pub limit: Option<f64>,
    pub remaining: Option<f64>,
    /// When the limit resets: `daily`, `weekly` or `monthly`.
    pub reset: Option<String>,
    /// Since the key was created.
    pub used: Option<f64>,
    pub used_today: Option<f64>,
    pub used_this_week: Option<f64>,
    pub used_this_month: Option<f64>,
    pub is_free_tier: bool,
    /// `None` where the key has no permission to read them.
    pub credits: Option<Credits>,
}

/// The credits of the whole account, in USD.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Credits {
    pub bought: f64,
    pub used: f64,
}

impl Credits {
    pub(crate) fn left(self) -> f64 {
        self.bought - self.used
    }
}

/// Where and how to request the balance.
pub(crate) struct AccountClient<'a> {
    pub provider: &'a dyn Provider,
    pub base_url: Url,
    pub headers: Vec<(String, String)>,
    pub credential: Credential,
    pub client: ClientOptions,
}

impl AccountClient<'_> {
    /// Requests both. A key without permission to read the credits is not an error.
    ///
    /// # Errors
    /// When there is no key, the provider cannot be reached, or it refuses the key.
    pub(crate) async fn fetch(self) -> Result<AccountBalance, ChatError> {
        let key = self.credential.resolve()?;
        let no_key = || ChatError::NoKey {
            provider: self.provider.name(),
            variable: self.provider.key_variable(),
        };
        let key = key.ok_or_else(no_key)?;
        let client = Client::new(&self.base_url, &self.client)?;
        let mut balance = read_key(&self.get(&client, &key, "key").await?)
            .ok_or_else(|| self.unreadable("key"))?;
        match self.get(&client, &key, "credits").await {
            Ok(credits) => balance.credits = read_credits(&credits),
            Err(ChatError::Refused(_)) => {}
            Err(error) => return Err(error),
        }
        Ok(balance)
    }

    async fn get(&self, client: &Client, key: &ApiKey, path: &str) -> Result<Value, ChatError> {
        let ask = async {
            let request = Request {
                url: endpoint_url(&self.base_url, path),
                headers: &self.headers,
                key: Some(key),
                key_header: KeyHeader::Bearer,
                body: None,
            };
            let mut reply = client.send(request, &mut None).await?;
            let body = reply.body(LARGEST_ANSWER).await?;
            Ok::<_, WireError>((reply, body))
        };
        let (reply, body) = tokio::time::timeout(DEADLINE, ask)
            .await
            .map_err(|_| ChatError::TimeLimit { limit: DEADLINE })??;
        if reply.status() != 200 {
            let refusal = with_head(&reply, |head| self.provider.decode_refusal(head, &body));
            return Err(ChatError::Refused(refusal));
        }
        serde_json::from_slice(&body).map_err(|_| self.unreadable(path))
    }

    fn unreadable(&self, path: &str) -> ChatError {
        ChatError::Unreadable {
            endpoint: endpoint_url(&self.base_url, path).to_string(),
            why: DecodeError::NoAccountData,
            words: String::new(),
        }
    }
}

/// `{"data": {"limit": …, …}}`; every field may be missing.
fn read_key(value: &Value) -> Option<AccountBalance> {
    let data = value.get("data").filter(|data| data.is_object())?;
    let usd = |name: &str| data[name].as_f64();
    Some(AccountBalance {
        limit: usd("limit"),
        remaining: usd("limit_remaining"),
        reset: data["limit_reset"].as_str().map(str::to_owned),
        used: usd("usage"),
        used_today: usd("usage_daily"),
        used_this_week: usd("usage_weekly"),
        used_this_month: usd("usage_monthly"),
        is_free_tier: data["is_free_tier"] == true,
        credits: None,
    })
}

/// `{"data": {"total_credits": …, "total_usage": …}}`.
fn read_credits(value: &Value) -> Option<Credits> {
    let data = &value["data"];
    Some(Credits {
        bought: data["total_credits"].as_f64()?,
        used: data["total_usage"].as_f64()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn missing_fields_stay_unknown() {
        assert_eq!(
            read_key(&json!({"data": {}})),
            Some(AccountBalance::default())
        );
        assert_eq!(read_key(&json!({"error": {}})), None);
        let balance = read_key(&json!({"data": {"limit": null, "limit_remaining": 7.5, "limit_reset": "daily", "usage": "2"}})).unwrap();
        assert_eq!(
            (
                balance.limit,
                balance.remaining,
                balance.reset.as_deref(),
                balance.used
            ),
            (None, Some(7.5), Some("daily"), None)
        );
        assert_eq!(
            read_credits(&json!({"data": {"total_credits": 10, "total_usage": 2.5}}))
                .map(Credits::left),
            Some(7.5)
        );
        assert_eq!(
            read_credits(&json!({"data": {"total_credits": null}})),
            None
        );
    }
}
