//! Tokens of servers: kept in the keyring, sent to their resource, renewed at their issuer.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::error::OAuthError;
use super::http;
use super::registration::RegisteredClient;
use super::resource::{callable, covers, foreign_audience};
use crate::secrets::keyring::store_and_verify;
use crate::secrets::reference::SERVICE;
use crate::secrets::{SecretError, SecretStore};
use crate::wire::api_key::{ApiKey, remember};
use crate::wire::background::unblock;
use crate::wire::client::{ClientOptions, Url};
use crate::wire::lock::FileLock;

/// A token is renewed this long before it expires.
const EARLY: Duration = Duration::from_secs(30);

/// How long another process may take to renew a token.
const LONGEST_RENEWAL: Duration = Duration::from_secs(30);

/// A token, and all that is needed to renew it. This is what the keyring has, as JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct StoredToken {
    pub(super) issuer: String,
    /// The server that it is for.
    pub(super) resource: String,
    pub(super) token_endpoint: String,
    /// `None` when the issuer has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) revocation_endpoint: Option<String>,
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

    fn is_expired(&self) -> bool {
        let soon = (SystemTime::now() + EARLY).duration_since(UNIX_EPOCH);
        let soon = soon.map_or(0, |time| time.as_secs());
        self.expires_at.is_some_and(|at| at <= soon)
    }

    fn remember(&self) {
        remember(&self.access_token);
        for secret in [&self.refresh_token, &self.client.secret]
            .into_iter()
            .flatten()
        {
            remember(secret);
        }
    }
}

/// What was in the keyring.
pub(crate) enum Deleted {
    Nothing,
    /// Another version of amx wrote it, or someone else.
    Unreadable,
    Token(Box<StoredToken>),
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
    /// The folder of the locks under which tokens are renewed; `None` where there is none.
    locks: Option<PathBuf>,
}

impl TokenStore {
    pub(crate) fn new(store: Arc<dyn SecretStore>) -> Self {
        Self { store, locks: None }
    }

    /// The same with a folder, where processes lock a token before they renew it.
    pub(crate) fn with_locks(self, folder: Option<PathBuf>) -> Self {
        Self {
            locks: folder,
            ..self
        }
    }

    /// The keyring user of a server's token.
    fn user(server: &str) -> String {
        format!("mcp/{server}/oauth")
    }

    /// The token of a server, for its URL. One that was made for another URL is not returned.
    ///
    /// # Errors
    /// The keyring cannot be used.
    pub(crate) fn read(&self, server: &str, url: &Url) -> Result<Option<StoredToken>, SecretError> {
        let text = self.store.get(SERVICE, &Self::user(server))?;
        let token: Option<StoredToken> = text.and_then(|text| serde_json::from_str(&text).ok());
        let token = token.inspect(StoredToken::remember);
        Ok(token.filter(|token| covers(&token.resource, url)))
    }

    pub(crate) fn write(&self, server: &str, token: &StoredToken) -> Result<(), SecretError> {
        let text = serde_json::to_string(token).unwrap_or_default();
        store_and_verify(self.store.as_ref(), SERVICE, &Self::user(server), &text)?;
        Ok(())
    }

    /// Deletes the token of a server, and returns it.
    ///
    /// # Errors
    /// The keyring cannot be used.
    pub(crate) fn delete(&self, server: &str) -> Result<Deleted, SecretError> {
        let user = Self::user(server);
        let text = self.store.get(SERVICE, &user)?;
        self.store.delete(SERVICE, &user)?;
        Ok(match text.map(|text| serde_json::from_str(&text)) {
            None => Deleted::Nothing,
            Some(Err(_)) => Deleted::Unreadable,
            Some(Ok(token)) => {
                StoredToken::remember(&token);
                Deleted::Token(Box::new(token))
            }
        })
    }

    /// The token to send to a server: renewed when it expires, or when the server has `refused` it.
    /// `None` without a login, or when the refused one cannot be renewed.
    ///
    /// # Errors
    /// The keyring cannot be used, or the issuer refuses to renew it.
    pub(crate) async fn current(
        &self,
        server: &str,
        url: &Url,
        refused: Option<&ApiKey>,
        options: &ClientOptions,
    ) -> Result<Option<ApiKey>, OAuthError> {
        let is_refused = |token: &StoredToken| {
            refused.is_some_and(|refused| refused.expose() == token.access_token)
        };
        let is_good = |token: &StoredToken| !is_refused(token) && !token.is_expired();
        let read = async || self.read_later(server, url).await;
        match read().await? {
            None => return Ok(None),
            Some(token) if is_good(&token) => return Ok(Some(key(&token)?)),
            Some(_) => {}
        }
        // Issuers accept a refresh token once: one process renews, and the others read again.
        let _lock = self.lock(server).await;
        let token = match read().await? {
            None => return Ok(None),
            Some(token) if is_good(&token) => return Ok(Some(key(&token)?)),
            Some(token) => token,
        };
        let renewed = match renew(&token, url, options).await {
            Ok(Some(renewed)) => renewed,
            Ok(None) if is_refused(&token) => return Ok(None),
            Ok(None) => return Ok(Some(key(&token)?)),
            // A process with another folder shares the keyring, and not the lock.
            Err(error) => {
                return match read().await? {
                    Some(token) if is_good(&token) => Ok(Some(key(&token)?)),
                    _ => Err(error),
                };
            }
        };
        let (own, name, token) = (self.clone(), server.to_owned(), renewed.clone());
        let written = unblock(move || own.write(&name, &token)).await;
        written.ok_or(OAuthError::NoAnswer)??;
        Ok(Some(key(&renewed)?))
    }

    /// Like [`Self::read`], without blocking other tasks.
    async fn read_later(&self, server: &str, url: &Url) -> Result<Option<StoredToken>, OAuthError> {
        let (own, name, at) = (self.clone(), server.to_owned(), url.clone());
        let read = unblock(move || own.read(&name, &at)).await;
        Ok(read.ok_or(OAuthError::NoAnswer)??)
    }

    /// Waits until no other process renews the token of the server. `None` where there can be no
    /// lock: what another process has renewed is then read after a refusal.
    async fn lock(&self, server: &str) -> Option<FileLock> {
        let is_name = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
        if !server.chars().all(is_name) {
            return None;
        }
        let path = self.locks.as_ref()?.join(format!("mcp-{server}.lock"));
        let taken = unblock(move || FileLock::wait(&path, LONGEST_RENEWAL)).await?;
        taken
            .inspect_err(|error| tracing::debug!(%error, "a token is renewed without a lock"))
            .ok()
    }
}

fn key(token: &StoredToken) -> Result<ApiKey, OAuthError> {
    ApiKey::parse(&token.access_token).map_err(|source| {
        OAuthError::Secret(SecretError::Invalid {
            place: "the token of the server".to_owned(),
            source,
        })
    })
}

/// A new token at the issuer of the old one; `None` when it cannot be renewed.
async fn renew(
    token: &StoredToken,
    url: &Url,
    options: &ClientOptions,
) -> Result<Option<StoredToken>, OAuthError> {
    let endpoint = callable(&token.token_endpoint, url);
    let (Some(refresh), Some(endpoint)) = (&token.refresh_token, endpoint) else {
        return Ok(None);
    };
    let form = [("grant_type", "refresh_token"), ("refresh_token", refresh)];
    let what = "the refresh token";
    let granted = request(
        &endpoint,
        &token.client,
        &token.resource,
        &form,
        what,
        options,
    )
    .await?;
    Ok(Some(StoredToken {
        access_token: granted.access_token,
        refresh_token: granted
            .refresh_token
            .or_else(|| token.refresh_token.clone()),
        expires_at: granted.expires_at,
        ..token.clone()
    }))
}
