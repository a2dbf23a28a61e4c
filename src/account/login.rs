//! OpenRouter's login for programs: OAuth with PKCE (RFC 7636), with a callback to a local port or
//! a pasted code.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::sync::mpsc;

use super::browser::{challenge, page, random_text};
use crate::chat::attempts::endpoint_url;
use crate::wire::api_key::{ApiKey, InvalidKey};
use crate::wire::client::{Client, ClientOptions, KeyHeader, Request, Url, WireError};
use crate::wire::loopback::{Answer, Asked, Loopback};
use crate::wire::redact::cut;

/// How long to wait for the callback. The code is valid for ten minutes.
pub(crate) const CALLBACK_TIMEOUT: Duration = Duration::from_secs(600);

/// Longest time for the exchange of the code.
const EXCHANGE_DEADLINE: Duration = Duration::from_secs(30);

#[derive(Debug, thiserror::Error)]
pub(crate) enum LoginError {
    #[error("the system provides no random numbers")]
    Random,
    #[error("no local port can be opened")]
    Port(#[source] std::io::Error),
    #[error("the login was denied")]
    Denied,
    #[error("no callback from the browser within {} min", CALLBACK_TIMEOUT.as_secs() / 60)]
    TimedOut,
    #[error("no response to the code within {} s", EXCHANGE_DEADLINE.as_secs())]
    NoAnswer,
    #[error(transparent)]
    Wire(#[from] WireError),
    #[error("the code was rejected ({status})")]
    CodeRefused { status: u16, words: String },
    #[error("the response to the code cannot be read")]
    Unreadable,
    #[error("the returned key is invalid: {0}")]
    Key(#[from] InvalidKey),
}

/// A login in progress: the PKCE verifier, the state, and the server.
pub(crate) struct Login {
    verifier: String,
    state: String,
    base_url: Url,
    client: Client,
}

impl Login {
    /// Starts a login at the server of `base_url`, such as `https://openrouter.ai/api/v1`.
    pub(crate) fn begin(base_url: Url, options: &ClientOptions) -> Result<Self, LoginError> {
        let client = Client::new(&base_url, options)?;
        Ok(Self {
            verifier: random_text().ok_or(LoginError::Random)?,
            state: random_text().ok_or(LoginError::Random)?,
            base_url,
            client,
        })
    }

    /// The page to open when the user pastes the code.
    pub(crate) fn page_for_pasting(&self) -> Url {
        self.page(None)
    }

    fn page(&self, callback: Option<&str>) -> Url {
        let mut page = self.base_url.clone();
        page.set_path("/auth");
        {
            let mut query = page.query_pairs_mut();
            if let Some(callback) = callback {
                query
                    .append_pair("callback_url", callback)
                    .append_pair("state", &self.state);
            }
            query
                .append_pair("code_challenge", &challenge(&self.verifier))
                .append_pair("code_challenge_method", "S256")
                .append_pair("key_label", "amx");
        }
        page
    }

    /// Opens a local port for the callback, and returns the page to open.
    pub(crate) fn listen(&self) -> Result<(Url, LoginCallback), LoginError> {
        let server = Loopback::bind().map_err(LoginError::Port)?;
        let page = self.page(Some(&format!(
            "http://127.0.0.1:{}/callback",
            server.port()
        )));
        let (sender, receiver) = mpsc::unbounded_channel();
        let state = self.state.clone();
        tokio::spawn(server.serve(move |asked| answer_browser(&asked, &state, &sender)));
        Ok((page, LoginCallback { receiver }))
    }

    /// Exchanges the code for a key. A code can be exchanged once.
    pub(crate) async fn exchange(&self, code: &str) -> Result<ApiKey, LoginError> {
        let body = json!({
            "code": code.trim(),
            "code_verifier": self.verifier,
            "code_challenge_method": "S256",
        });
        let request = Request {
            url: endpoint_url(&self.base_url, "auth/keys"),
            headers: &[],
            key: None,
            key_header: KeyHeader::Bearer,
            body: Some(body.to_string().into_bytes().into()),
        };
        let exchanged = tokio::time::timeout(EXCHANGE_DEADLINE, async {
            let mut reply = self.client.send(request, &mut None).await?;
            let status = reply.status();
            Ok::<_, WireError>((status, reply.body(64 * 1024).await?))
        });
        let (status, body) = exchanged.await.map_err(|_| LoginError::NoAnswer)??;
        let value: Value = serde_json::from_slice(&body).unwrap_or_default();
        if status != 200 {
            let words = cut(value["error"]["message"].as_str().unwrap_or_default(), 200);
            return Err(LoginError::CodeRefused { status, words });
        }
        let key = value["key"].as_str().ok_or(LoginError::Unreadable)?;
        Ok(ApiKey::parse(key)?)
    }
}

/// Receives the callback of the browser.
pub(crate) struct LoginCallback {
    receiver: mpsc::UnboundedReceiver<Option<String>>,
}

impl LoginCallback {
    /// The code in the callback.
    pub(crate) async fn code(mut self) -> Result<String, LoginError> {
        match tokio::time::timeout(CALLBACK_TIMEOUT, self.receiver.recv()).await {
            Ok(Some(Some(code))) => Ok(code),
            Ok(_) => Err(LoginError::Denied),
            Err(_) => Err(LoginError::TimedOut),
        }
    }
}

/// Accepts a code only with the right state: another page may call this port too.
fn answer_browser(
    asked: &Asked,
    state: &str,
    sender: &mpsc::UnboundedSender<Option<String>>,
) -> Answer {
    if asked.path != "/callback" {
        return page(404, "Not found", "There is nothing here.");
    }
    let value = |name: &str| {
        asked
            .query
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.clone())
    };
    // A denial has no state. It can only end the login, so it is accepted.
    if value("error").is_some() {
        let _ = sender.send(None);
        return page(
            200,
            "Not logged in",
            "The login was denied. You can close this window.",
        );
    }
    match value("code") {
        Some(code) if value("state").as_deref() == Some(state) => {
            let _ = sender.send(Some(code));
            page(
                200,
                "Logged in",
                "You can close this window and return to the terminal.",
            )
        }
        _ => page(
            400,
            "Not logged in",
            "This request does not belong to the login that amx started.",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn login() -> Login {
        let base_url = Url::parse("https://openrouter.ai/api/v1").unwrap();
        let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk".to_owned();
        Login {
            verifier,
            state: "s1".to_owned(),
            client: Client::new(&base_url, &ClientOptions::default()).unwrap(),
            base_url,
        }
    }

    #[test]
    fn the_challenge_is_that_of_the_rfc() {
        // RFC 7636, appendix B.
        assert_eq!(
            challenge(&login().verifier),
            "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
        );
        assert_eq!(random_text().unwrap().len(), 43);
        assert_ne!(random_text().unwrap(), random_text().unwrap());
    }

    #[test]
    fn pages_contain_the_challenge_and_never_the_verifier() {
        let page = login().page(Some("http://127.0.0.1:7/callback"));
        assert_eq!(page.path(), "/auth");
        assert!(page.as_str().contains(
            "callback_url=http%3A%2F%2F127.0.0.1%3A7%2Fcallback&state=s1&code_challenge=E9Melhoa2O"
        ));
        assert!(!page.as_str().contains(&login().verifier));
        assert!(!login().page_for_pasting().as_str().contains("callback_url"));
    }

    #[test]
    fn a_code_without_the_state_is_rejected() {
        let (sender, mut receiver) = mpsc::unbounded_channel();
        let call = |query: &[(&str, &str)]| {
            let query = query
                .iter()
                .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
                .collect();
            answer_browser(
                &Asked {
                    method: "GET".to_owned(),
                    path: "/callback".to_owned(),
                    query,
                    body: Vec::new(),
                },
                "s1",
                &sender,
            )
            .status
        };
        assert_eq!(call(&[("code", "evil")]), 400);
        assert_eq!(call(&[("code", "evil"), ("state", "s2")]), 400);
        assert!(receiver.try_recv().is_err());
        assert_eq!(call(&[("code", "good"), ("state", "s1")]), 200);
        assert_eq!(receiver.try_recv().unwrap(), Some("good".to_owned()));
    }
}
