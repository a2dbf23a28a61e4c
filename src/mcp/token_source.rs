//! The token of a login, for a server behind a URL: read once, renewed when the server refuses it.

use tokio::sync::Mutex;

use crate::account::oauth::TokenStore;
use crate::wire::api_key::ApiKey;
use crate::wire::client::{ClientOptions, Url};

/// Where the token is, which is sent as `Authorization: Bearer …` to this URL alone.
pub(super) struct TokenSource {
    store: TokenStore,
    /// The name of the server.
    server: String,
    url: Url,
    options: ClientOptions,
    known: Mutex<KnownToken>,
}

#[derive(Default)]
enum KnownToken {
    #[default]
    Unread,
    /// `None` without a login.
    Read(Option<ApiKey>),
}

impl TokenSource {
    pub(super) fn new(store: TokenStore, server: &str, url: Url, options: ClientOptions) -> Self {
        Self {
            store,
            server: server.to_owned(),
            url,
            options,
            known: Mutex::default(),
        }
    }

    /// The token, another one than the `refused`; `None` without a login, and when it cannot be
    /// read or renewed: the server then requires a login.
    pub(super) async fn current(&self, refused: Option<&ApiKey>) -> Option<ApiKey> {
        // Calls side by side renew it once.
        let mut known = self.known.lock().await;
        if let KnownToken::Read(token) = &*known
            && (refused.is_none() || token.as_ref() != refused)
        {
            return token.clone();
        }
        let current = self
            .store
            .current(&self.server, &self.url, refused, &self.options);
        match current.await {
            Ok(current) => {
                *known = KnownToken::Read(current.clone());
                current
            }
            // The next call tries again: the network may be back.
            Err(error) => {
                tracing::debug!(%error, "no token of a server");
                None
            }
        }
    }
}
