//! The authorization in the browser: the page to open, the callback, and the exchange of the code.

use std::time::Duration;

use tokio::sync::mpsc;

use super::discovery::Discovered;
use super::error::OAuthError;
use super::registration::{RegisteredClient, register};
use super::token::{self, StoredToken};
use crate::account::browser::{challenge, page, random_text};
use crate::wire::client::{ClientOptions, Url};
use crate::wire::loopback::{Answer, Asked, Loopback};
use crate::wire::redact::cut;

/// How long to wait for the browser.
const CALLBACK_TIMEOUT: Duration = Duration::from_secs(600);

/// What the user decides about a login.
#[derive(Debug, Clone, Default)]
pub(crate) struct ClientChoice {
    /// Registered by hand.
    pub id: Option<String>,
    /// Instead of those that the server asks for.
    pub scopes: Vec<String>,
    /// Of the redirect; 0 lets the system choose.
    pub port: u16,
}

/// An authorization in progress.
pub(crate) struct Authorization {
    discovered: Discovered,
    client: RegisteredClient,
    redirect: String,
    scope: String,
    verifier: String,
    state: String,
    receiver: mpsc::UnboundedReceiver<Vec<(String, String)>>,
}

impl Authorization {
    /// Opens the local port, and registers amx where no client is registered by hand.
    pub(crate) async fn begin(
        discovered: Discovered,
        choice: &ClientChoice,
        options: &ClientOptions,
    ) -> Result<Self, OAuthError> {
        let bound = Loopback::bind_to(choice.port);
        let listener = bound.map_err(|source| OAuthError::Port {
            port: choice.port,
            source,
        })?;
        let redirect = format!("http://127.0.0.1:{}/callback", listener.port());
        let scopes = if choice.scopes.is_empty() {
            &discovered.scopes
        } else {
            &choice.scopes
        };
        let scope = scopes.join(" ");
        let endpoint = discovered.server.registration_endpoint.as_ref();
        let client = match (&choice.id, endpoint) {
            (Some(id), _) => RegisteredClient::public(id),
            (None, Some(endpoint)) => {
                register(&discovered.server, endpoint, &redirect, &scope, options).await?
            }
            (None, None) => {
                return Err(OAuthError::Unsupported(format!(
                    "{} registers no clients by itself; set oauth.client_id",
                    discovered.server.issuer
                )));
            }
        };
        let (sender, receiver) = mpsc::unbounded_channel();
        let state = random_text().ok_or(OAuthError::Random)?;
        let own = state.clone();
        tokio::spawn(listener.serve(move |asked| answer_browser(&asked, &own, &sender)));
        Ok(Self {
            discovered,
            client,
            redirect,
            scope,
            verifier: random_text().ok_or(OAuthError::Random)?,
            state,
            receiver,
        })
    }

    /// The page to open.
    pub(crate) fn page(&self) -> Url {
        let mut page = self.discovered.server.authorization_endpoint.clone();
        {
            let mut query = page.query_pairs_mut();
            query
                .append_pair("response_type", "code")
                .append_pair("client_id", &self.client.id)
                .append_pair("redirect_uri", &self.redirect)
                .append_pair("code_challenge", &challenge(&self.verifier))
                .append_pair("code_challenge_method", "S256")
                .append_pair("state", &self.state)
                .append_pair("resource", &self.discovered.resource);
            if !self.scope.is_empty() {
                query.append_pair("scope", &self.scope);
            }
        }
        page
    }

    /// Waits for the browser, and exchanges the code for a token.
    pub(crate) async fn finish(
        mut self,
        options: &ClientOptions,
    ) -> Result<StoredToken, OAuthError> {
        let Ok(Some(query)) = tokio::time::timeout(CALLBACK_TIMEOUT, self.receiver.recv()).await
        else {
            return Err(OAuthError::TimedOut);
        };
        self.exchange(&query, options).await
    }

    /// The same for the URL that the browser was sent to, from the browser of another machine.
    pub(crate) async fn finish_with(
        self,
        url: &str,
        options: &ClientOptions,
    ) -> Result<StoredToken, OAuthError> {
        let url = Url::parse(url.trim());
        let query: Vec<(String, String)> = url
            .map(|url| url.query_pairs().into_owned().collect())
            .unwrap_or_default();
        if value(&query, "state") != Some(&self.state) {
            let what = "the URL does not belong to this login; paste all of it";
            return Err(OAuthError::Unsupported(what.to_owned()));
        }
        self.exchange(&query, options).await
    }

    async fn exchange(
        &self,
        query: &[(String, String)],
        options: &ClientOptions,
    ) -> Result<StoredToken, OAuthError> {
        let server = &self.discovered.server;
        // RFC 9207: the answer of another issuer must not be exchanged at this one.
        match value(query, "iss") {
            Some(issuer) if issuer != server.issuer => {
                let what = format!(
                    "the answer is of another issuer: '{}'",
                    issuer.escape_debug()
                );
                return Err(OAuthError::Unsupported(what));
            }
            None if server.names_issuer => {
                let what = "the answer does not name its issuer".to_owned();
                return Err(OAuthError::Unsupported(what));
            }
            _ => {}
        }
        if let Some(error) = value(query, "error") {
            let description = value(query, "error_description").unwrap_or_default();
            let words = cut(format!("{error} {description}").trim(), 200);
            return Err(OAuthError::Denied { words });
        }
        let code = value(query, "code").unwrap_or_default();
        let form = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", &self.redirect),
            ("code_verifier", &self.verifier),
        ];
        let resource = &self.discovered.resource;
        let endpoint = &server.token_endpoint;
        let granted =
            token::request(endpoint, &self.client, resource, &form, "the code", options).await?;
        Ok(StoredToken {
            issuer: server.issuer.clone(),
            resource: resource.clone(),
            token_endpoint: endpoint.to_string(),
            revocation_endpoint: server.revocation_endpoint.as_ref().map(Url::to_string),
            client: self.client.clone(),
            access_token: granted.access_token,
            refresh_token: granted.refresh_token,
            expires_at: granted.expires_at,
        })
    }
}

fn value<'a>(query: &'a [(String, String)], name: &str) -> Option<&'a str> {
    let found = query.iter().find(|(key, _)| key == name);
    found.map(|(_, value)| value.as_str())
}

/// Takes an answer only with the right state: any page can call this port.
fn answer_browser(
    asked: &Asked,
    state: &str,
    sender: &mpsc::UnboundedSender<Vec<(String, String)>>,
) -> Answer {
    if asked.path != "/callback" {
        return page(404, "Not found", "There is nothing here.");
    }
    let is_answer = value(&asked.query, "code").is_some() || value(&asked.query, "error").is_some();
    if !is_answer || value(&asked.query, "state") != Some(state) {
        let text = "This request does not belong to the login that amx started.";
        return page(400, "Not logged in", text);
    }
    // Nobody waits for a second one.
    let _ = sender.send(asked.query.clone());
    if value(&asked.query, "error").is_some() {
        return page(
            200,
            "Not logged in",
            "The login was denied. You can close this window.",
        );
    }
    let text = "You can close this window and return to the terminal.";
    page(200, "Done", text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_answer_with_the_state_is_taken() {
        let (sender, mut receiver) = mpsc::unbounded_channel();
        let call = |path: &str, query: &[(&str, &str)]| {
            let query = query.iter();
            let asked = Asked {
                method: "GET".to_owned(),
                path: path.to_owned(),
                query: query
                    .map(|(a, b)| ((*a).to_owned(), (*b).to_owned()))
                    .collect(),
                body: Vec::new(),
            };
            answer_browser(&asked, "s1", &sender).status
        };
        assert_eq!(call("/callback", &[("code", "c")]), 400);
        assert_eq!(call("/callback", &[("code", "c"), ("state", "s2")]), 400);
        assert_eq!(call("/callback", &[("error", "access_denied")]), 400);
        assert_eq!(call("/callback", &[("state", "s1")]), 400);
        assert_eq!(call("/other", &[("code", "c"), ("state", "s1")]), 404);
        assert!(receiver.try_recv().is_err());
        assert_eq!(call("/callback", &[("code", "c"), ("state", "s1")]), 200);
        assert_eq!(value(&receiver.try_recv().unwrap(), "code"), Some("c"));
    }
}
