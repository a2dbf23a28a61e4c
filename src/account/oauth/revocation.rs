//! Revokes the tokens of a login at their issuer (RFC 7009), so that what leaves the keyring is
//! worth nothing elsewhere.

use super::error::OAuthError;
use super::http;
use super::resource::callable;
use super::token::StoredToken;
use crate::wire::client::{ClientOptions, Url};

/// Revokes a token, where its issuer offers that. Returns whether it does.
///
/// # Errors
/// The issuer cannot be reached, or refuses.
pub(crate) async fn revoke(
    token: &StoredToken,
    options: &ClientOptions,
) -> Result<bool, OAuthError> {
    let Ok(resource) = Url::parse(&token.resource) else {
        return Ok(false);
    };
    let endpoint = token.revocation_endpoint.as_deref();
    let Some(endpoint) = endpoint.and_then(|text| callable(text, &resource)) else {
        return Ok(false);
    };
    // The longer-lived one first: most issuers revoke what came of it with it.
    let refresh = token.refresh_token.as_deref();
    let tokens = refresh.map(|token| ("refresh_token", token)).into_iter();
    for (kind, secret) in tokens.chain([("access_token", token.access_token.as_str())]) {
        let (fields, headers) = token.client.credentials();
        let own = [("token", secret), ("token_type_hint", kind)];
        let form: Vec<(&str, &str)> = own.into_iter().chain(fields).collect();
        let answer = http::post_form(&endpoint, &headers, &form, options).await?;
        if answer.status != 200 {
            return Err(OAuthError::Rejected {
                what: "the revocation",
                status: answer.status,
                words: answer.words(),
            });
        }
    }
    Ok(true)
}
