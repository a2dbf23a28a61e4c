//! The client that amx is for an authorization server: registered by hand, or by itself (RFC 7591).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::error::OAuthError;
use super::http;
use super::metadata::ServerMetadata;
use crate::wire::api_key::remember;
use crate::wire::client::{ClientOptions, Url};

/// Names and values of a form.
pub(super) type FormFields<'a> = Vec<(&'a str, &'a str)>;

/// A client of an authorization server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct RegisteredClient {
    pub id: String,
    /// Only where the server gave one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secret: Option<String>,
    /// The secret goes into the header instead of the form.
    #[serde(default)]
    pub uses_basic: bool,
}

impl RegisteredClient {
    pub(super) fn public(id: &str) -> Self {
        Self {
            id: id.to_owned(),
            secret: None,
            uses_basic: false,
        }
    }

    /// What identifies the client at the token endpoint: fields of the form, and headers.
    pub(super) fn credentials(&self) -> (FormFields<'_>, Vec<(String, String)>) {
        match &self.secret {
            None => (vec![("client_id", &self.id)], Vec::new()),
            Some(secret) if self.uses_basic => {
                let encode = |text: &str| -> String {
                    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
                };
                let pair = STANDARD.encode(format!("{}:{}", encode(&self.id), encode(secret)));
                remember(&pair);
                (
                    vec![("client_id", &self.id)],
                    vec![("Authorization".to_owned(), format!("Basic {pair}"))],
                )
            }
            Some(secret) => (
                vec![("client_id", &self.id), ("client_secret", secret)],
                Vec::new(),
            ),
        }
    }
}

/// Registers a client with a redirect to this machine.
pub(super) async fn register(
    server: &ServerMetadata,
    endpoint: &Url,
    redirect: &str,
    scope: &str,
    options: &ClientOptions,
) -> Result<RegisteredClient, OAuthError> {
    let mut body = json!({
        "client_name": "amx",
        "redirect_uris": [redirect],
        "grant_types": ["authorization_code", "refresh_token"],
        "response_types": ["code"],
        "token_endpoint_auth_method": "none",
        "application_type": "native",
    });
    if !scope.is_empty() {
        body["scope"] = scope.into();
    }
    let headers = [("Accept".to_owned(), "application/json".to_owned())];
    let answer = http::post(endpoint, &headers, &body, options).await?;
    let id = answer.value["client_id"]
        .as_str()
        .filter(|id| !id.is_empty());
    let (201 | 200, Some(id)) = (answer.status, id) else {
        return Err(OAuthError::Rejected {
            what: "the registration of amx",
            status: answer.status,
            words: answer.words(),
        });
    };
    let secret = answer.value["client_secret"].as_str().map(str::to_owned);
    if let Some(secret) = &secret {
        remember(secret);
    }
    let method = answer.value["token_endpoint_auth_method"].as_str();
    let posts = |method: &str| method == "client_secret_post" || method == "none";
    let uses_basic = match method {
        Some(method) => !posts(method),
        None => !server.token_methods.iter().any(|method| posts(method)),
    };
    Ok(RegisteredClient {
        id: id.to_owned(),
        secret,
        uses_basic,
    })
}
