//! The login to a server of the user's own choice, such as an MCP server: the server names its
//! authorization server (RFC 9728), which describes itself (RFC 8414); a code with PKCE (RFC 7636)
//! for exactly this resource (RFC 8707) becomes a token in the keyring, which is sent to no other
//! server.

mod authorization;
mod challenge;
mod discovery;
mod error;
mod http;
mod metadata;
mod registration;
mod resource;
mod revocation;
mod token;

pub(crate) use authorization::{Authorization, ClientChoice};
pub(crate) use discovery::discover;
pub(crate) use error::OAuthError;
pub(crate) use revocation::revoke;
pub(crate) use token::{Deleted, StoredToken, TokenStore};
