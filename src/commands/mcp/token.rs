//! Removes the token of a server: from the keyring, and at the issuer that gave it.

use crate::account::oauth::{Deleted, OAuthError, StoredToken, TokenStore, revoke};
use crate::ports::context::Context;
use crate::ports::error::CommandError;
use crate::secrets::SecretError;

/// Where a token was removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Removed {
    /// There was none.
    Nothing,
    FromKeyring,
    /// Its issuer has revoked it as well.
    AndRevoked,
}

/// Removes the token of a server. What the issuer does not revoke is a warning: the token is no
/// longer here.
///
/// # Errors
/// The keyring cannot be used.
pub(super) fn remove(name: &str, context: &mut Context<'_>) -> Result<Removed, SecretError> {
    let token = match TokenStore::new(context.equipment.keyring()).delete(name)? {
        Deleted::Nothing => return Ok(Removed::Nothing),
        Deleted::Unreadable => return Ok(Removed::FromKeyring),
        Deleted::Token(token) => token,
    };
    let why = match revoked(&token, context) {
        Ok(Ok(true)) => return Ok(Removed::AndRevoked),
        Ok(Ok(false)) => return Ok(Removed::FromKeyring),
        Ok(Err(error)) => error.to_string(),
        Err(error) => error.in_one_line(),
    };
    let issuer = token.issuer();
    context.output.warning(&format!(
        "{issuer} did not revoke the token, which stays valid until it expires: {why}"
    ));
    Ok(Removed::FromKeyring)
}

fn revoked(
    token: &StoredToken,
    context: &Context<'_>,
) -> Result<Result<bool, OAuthError>, CommandError> {
    let options = context.equipment.client_options()?;
    context.equipment.run(revoke(token, &options))
}
