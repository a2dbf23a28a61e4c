//! Where to log in for a server: asked of the server, then of the authorization server it names.

use serde_json::json;

use super::challenge::BearerChallenge;
use super::error::OAuthError;
use super::metadata::{
    ResourceMetadata, ServerMetadata, issuer_places, resource, resource_places, server,
};
use super::resource::{callable, identifier};
use super::{challenge, http};
use crate::wire::client::{ClientOptions, Url, endpoint};

/// Where to log in, and what to ask for.
#[derive(Debug, Clone)]
pub(crate) struct Discovered {
    pub(super) server: ServerMetadata,
    /// What tokens are for.
    pub(super) resource: String,
    /// The scopes to ask for; empty leaves it to the server.
    pub(super) scopes: Vec<String>,
}

impl Discovered {
    pub(crate) fn issuer(&self) -> &str {
        &self.server.issuer
    }
}

/// Asks a server for its authorization server, and that one for its endpoints. `metadata_url` names
/// the metadata of an authorization server that the server does not name.
///
/// # Errors
/// The server needs no login, or the metadata is missing or not as the standards require.
pub(crate) async fn discover(
    mcp_server: &Url,
    metadata_url: Option<&Url>,
    options: &ClientOptions,
) -> Result<Discovered, OAuthError> {
    let refusal = refusal(mcp_server, options).await?;
    let described = match (metadata_url, &refusal.resource_metadata) {
        (Some(_), None) => None,
        (_, Some(place)) => Some(named_resource(place, mcp_server, options).await?),
        (None, None) => known_resource(mcp_server, options).await?,
    };
    let asked = refusal.scope.unwrap_or_default();
    let asked: Vec<String> = asked.split_whitespace().map(str::to_owned).collect();
    let offered = described.as_ref().map(|described| described.scopes.clone());
    let scopes = if asked.is_empty() {
        offered.unwrap_or_default()
    } else {
        asked
    };
    let server = match metadata_url {
        Some(place) => {
            let answer = http::get(place, options).await?;
            checked(place, server(&answer.value, None, mcp_server))?
        }
        None => {
            // Servers before 2025-06-18 are their own authorization server.
            let origin = endpoint(mcp_server);
            let issuer = described
                .as_ref()
                .map_or(&origin, |described| &described.issuer);
            issuer_metadata(issuer, mcp_server, options).await?
        }
    };
    Ok(Discovered {
        server,
        resource: described.map_or_else(|| identifier(mcp_server), |described| described.resource),
        scopes,
    })
}

/// How the server refuses a request without a token.
async fn refusal(server: &Url, options: &ClientOptions) -> Result<BearerChallenge, OAuthError> {
    let headers = [(
        "Accept".to_owned(),
        "application/json, text/event-stream".to_owned(),
    )];
    let body = json!({
        "jsonrpc": "2.0",
        "id": 1,
        "method": "initialize",
        "params": {
            "protocolVersion": "2025-11-25",
            "capabilities": {},
            "clientInfo": {"name": "amx", "version": env!("CARGO_PKG_VERSION")},
        },
    });
    let answer = http::post(server, &headers, &body, options).await?;
    match answer.status {
        401 => {
            let header = answer.authenticate.unwrap_or_default();
            Ok(challenge::bearer(&header).unwrap_or_default())
        }
        200..=299 => Err(OAuthError::NotNeeded),
        status => Err(OAuthError::Rejected {
            what: "a request without a token",
            status,
            words: answer.words(),
        }),
    }
}

/// The metadata at a place that the refusal names.
async fn named_resource(
    place: &str,
    mcp_server: &Url,
    options: &ClientOptions,
) -> Result<ResourceMetadata, OAuthError> {
    let url = callable(place, mcp_server).ok_or_else(|| OAuthError::Metadata {
        url: "the metadata of the server".to_owned(),
        what: format!("is not at an https URL: '{}'", place.escape_debug()),
    })?;
    let answer = http::get(&url, options).await?;
    checked(&url, resource(&answer.value, mcp_server))
}

/// The metadata at the well-known places; `None` when there is none.
async fn known_resource(
    mcp_server: &Url,
    options: &ClientOptions,
) -> Result<Option<ResourceMetadata>, OAuthError> {
    for place in resource_places(mcp_server) {
        let answer = http::get(&place, options).await?;
        if answer.status == 200 && answer.value.is_object() {
            return checked(&place, resource(&answer.value, mcp_server)).map(Some);
        }
    }
    Ok(None)
}

async fn issuer_metadata(
    issuer: &str,
    mcp_server: &Url,
    options: &ClientOptions,
) -> Result<ServerMetadata, OAuthError> {
    let missing = || OAuthError::Metadata {
        url: issuer.to_owned(),
        what: "does not describe its endpoints; set oauth.metadata_url".to_owned(),
    };
    let url = callable(issuer, mcp_server).ok_or_else(missing)?;
    for place in issuer_places(&url) {
        let answer = http::get(&place, options).await?;
        if answer.status == 200 && answer.value.is_object() {
            return checked(&place, server(&answer.value, Some(issuer), mcp_server));
        }
    }
    Err(missing())
}

fn checked<T>(place: &Url, read: Result<T, String>) -> Result<T, OAuthError> {
    read.map_err(|what| OAuthError::Metadata {
        url: place.to_string(),
        what,
    })
}
