//! Tokens of servers: kept in the keyring, sent to their resource, renewed at their issuer.

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::error::OAuthError;
use super::http;
use super::registration::RegisteredClient;
use super::resource::foreign_audience;
use crate::secrets::keyring::store_and_verify;
use crate::secrets::reference::SERVICE;
use crate::secrets::{SecretError, SecretStore};
use crate::wire::api_key::remember;
use crate::wire::client::{ClientOptions, Url};

/// A token, and all that is needed to renew it. This is what the keyring has, as JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct StoredToken {
    pub(super) issuer: String,
    /// The server that it is for.
    pub(super) resource: String,
    pub(super) token_endpoint: String,
    pub(super) client: RegisteredClient,
    pub(super) access_token: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) refresh_token: Option<String>,
    /// In seconds since 1970; `None` when the server does not say it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) expires_at: Option<u64>,
}

impl StoredToken {
    pub(crate) fn issuer(&self) -> &str {
        &self.issuer
    }
}

/// What the token endpoint gave.
pub(super) struct Granted {
    pub access_token: String,
    pub refresh_token: Option<String>,
    pub expires_at: Option<u64>,
}

/// Posts to the token endpoint. `what` names what is exchanged.
pub(super) async fn request(
    endpoint: &Url,
    client: &RegisteredClient,
    resource: &str,
    form: &[(&str, &str)],
    what: &'static str,
    options: &ClientOptions,
) -> Result<Granted, OAuthError> {
    let (fields, mut headers) = client.credentials();
    headers.push(("Accept".to_owned(), "application/json".to_owned()));
    let form: Vec<(&str, &str)> = form
        .iter()
        .copied()
        .chain(fields)
        .chain([("resource", resource)])
        .collect();
    let answer = http::post_form(endpoint, &headers, &form, options).await?;
    let text = |name: &str| answer.value[name].as_str().map(str::to_owned);
    let (200, Some(access_token)) = (answer.status, text("access_token")) else {
        return Err(OAuthError::Rejected {
            what,
            status: answer.status,
            words: answer.words(),
        });
    };
    remember(&access_token);
    let kind = text("token_type").unwrap_or_default();
    if !kind.eq_ignore_ascii_case("bearer") {
        let kind = kind.escape_debug().to_string();
        return Err(OAuthError::Unsupported(format!(
            "tokens of type '{kind}' are not supported"
        )));
    }
    if let Some(audience) = foreign_audience(&access_token, resource) {
        return Err(OAuthError::Audience { audience });
    }
    Ok(Granted {
        access_token,
        refresh_token: text("refresh_token").inspect(|token| remember(token)),
        expires_at: expiry(&answer.value),
    })
}

fn expiry(value: &Value) -> Option<u64> {
    let seconds = value["expires_in"].as_u64()?;
    let now = SystemTime::now().duration_since(UNIX_EPOCH).ok()?;
    Some(now.as_secs().saturating_add(seconds))
}

/// The tokens in the keyring, one for each server of config.yml.
#[derive(Clone)]
pub(crate) struct TokenStore {
    store: Arc<dyn SecretStore>,
}

impl TokenStore {
    pub(crate) fn new(store: Arc<dyn SecretStore>) -> Self {
        Self { store }
    }

    /// The keyring user of a server's token.
    fn user(server: &str) -> String {
        format!("mcp/{server}/oauth")
    }

    pub(crate) fn write(&self, server: &str, token: &StoredToken) -> Result<(), SecretError> {
        let text = serde_json::to_string(token).unwrap_or_default();
        store_and_verify(self.store.as_ref(), SERVICE, &Self::user(server), &text)?;
        Ok(())
    }

    /// Deletes the token of a server, and returns whether there was one.
    ///
    /// # Errors
    /// The keyring cannot be used.
    pub(crate) fn delete(&self, server: &str) -> Result<bool, SecretError> {
        let user = Self::user(server);
        let exists = self.store.get(SERVICE, &user)?.is_some();
        self.store.delete(SERVICE, &user)?;
        Ok(exists)
    }
}
