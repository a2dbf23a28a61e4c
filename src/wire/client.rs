//! The one HTTP client: no redirects, no hidden retries, a deadline for connecting, proxies and
//! certificate authorities as configured.

use std::sync::Arc;

pub(crate) use bytes::Bytes;
use reqwest::header::HeaderValue;
pub(crate) use url::Url;

pub(crate) use super::error::{LARGEST_BODY, WireError};
pub(crate) use super::options::ClientOptions;
pub(crate) use super::reply::Reply;
pub(crate) use super::server_url::{endpoint, is_loopback};

use super::api_key::ApiKey;
use super::body::RequestBody;
use super::player::Player;
use super::recorder::{PendingExchange, Recorder};
use super::recording;
use super::tape::Tape;
use super::transport::http_client;

/// The header of the key.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum KeyHeader {
    /// `Authorization: Bearer …`.
    #[default]
    Bearer,
    /// One of its own, with nothing but the key.
    Named(&'static str),
}

/// One request. The header of the key is marked sensitive.
#[derive(Debug)]
pub(crate) struct Request<'a> {
    pub url: Url,
    pub headers: &'a [(String, String)],
    pub key: Option<&'a ApiKey>,
    pub key_header: KeyHeader,
    /// A JSON body makes it a POST; without one it is a GET.
    pub body: Option<RequestBody>,
}

/// A change of something that the server has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Edit {
    /// With the fields of the body.
    Patch,
    Delete,
}

impl Request<'_> {
    fn as_recorded(&self) -> recording::Request<RequestBody> {
        recording::Request {
            method: if self.body.is_some() { "POST" } else { "GET" }.to_owned(),
            origin: endpoint(&self.url),
            path: self.url.path().to_owned(),
            body: self.body.clone().unwrap_or_default(),
        }
    }
}

/// Sends requests. Built once per process and scheme.
#[derive(Debug)]
pub(crate) struct Client {
    transport: Transport,
    lane: Option<usize>,
}

#[derive(Debug)]
enum Transport {
    Network {
        http: reqwest::Client,
        recorder: Option<Arc<Recorder>>,
    },
    Recording(Arc<Player>),
}

impl Client {
    /// Sets up a client for URLs of the scheme of `base`.
    ///
    /// # Errors
    /// [`WireError::Authorities`] when a certificate file is missing, unreadable or without a
    /// certificate.
    pub(crate) fn new(base: &Url, options: &ClientOptions) -> Result<Self, WireError> {
        let transport = match &options.tape {
            Some(Tape::Replaying(player)) => Transport::Recording(Arc::clone(player)),
            Some(Tape::Recording(recorder)) => Transport::Network {
                http: shared_or_new(base, options)?,
                recorder: Some(Arc::clone(recorder)),
            },
            None => Transport::Network {
                http: shared_or_new(base, options)?,
                recorder: None,
            },
        };
        Ok(Self {
            transport,
            lane: options.lane,
        })
    }

    /// The record of a request that is about to be sent, where one is made.
    pub(crate) fn record(&self, request: &Request<'_>) -> Option<PendingExchange> {
        let Transport::Network {
            recorder: Some(recorder),
            ..
        } = &self.transport
        else {
            return None;
        };
        let request = request.as_recorded();
        Some(PendingExchange::start(recorder, self.lane, request))
    }

    /// Sends a request and waits for the head of the answer. The caller sets the deadline for that
    /// wait; connecting has its own. `pending` is the record of the exchange, which the answer
    /// takes over.
    pub(crate) async fn send(
        &self,
        request: Request<'_>,
        pending: &mut Option<PendingExchange>,
    ) -> Result<Reply, WireError> {
        let url = request.url.clone();
        let http = match &self.transport {
            Transport::Network { http, .. } => http,
            Transport::Recording(player) => {
                let recorded = player.play(self.lane, &request.as_recorded())?;
                return recorded.answered(endpoint(&url)).map(Reply::of_recording);
            }
        };
        let builder = match request.body {
            Some(body) => http
                .post(request.url)
                .header("content-type", "application/json")
                .body(body.into_http()),
            None => http.get(request.url),
        };
        let builder = with_headers(builder, request.headers, request.key, request.key_header);
        match builder.send().await {
            Ok(response) => Ok(Reply::of_network(response, pending.take())),
            Err(error) => {
                let error = WireError::of_request(endpoint(&url), error.without_url());
                if let Some(mut pending) = pending.take() {
                    match error.end() {
                        Some(end) => pending.ended(end, Some(error.root_cause())),
                        None => pending.unsent(),
                    }
                }
                Err(error)
            }
        }
    }

    /// Asks a server to delete something, and does not read what it answers.
    pub(crate) async fn delete(
        &self,
        url: Url,
        headers: &[(String, String)],
    ) -> Result<(), WireError> {
        let Transport::Network { http, .. } = &self.transport else {
            return Ok(());
        };
        let endpoint = endpoint(&url);
        let mut builder = http.delete(url);
        for (name, value) in headers {
            builder = builder.header(name, value.as_bytes());
        }
        let sent = builder.send().await;
        sent.map(drop)
            .map_err(|error| WireError::of_request(endpoint, error.without_url()))
    }
}

fn shared_or_new(base: &Url, options: &ClientOptions) -> Result<reqwest::Client, WireError> {
    match &options.pool {
        Some(pool) => pool.client(base, || http_client(base, options)),
        None => http_client(base, options),
    }
}

impl Client {
    /// Sends a form, as RFC 6749 has it. Not recorded.
    pub(crate) async fn send_form(
        &self,
        url: Url,
        headers: &[(String, String)],
        form: &[(&str, &str)],
    ) -> Result<Reply, WireError> {
        let endpoint = endpoint(&url);
        let Transport::Network { http, .. } = &self.transport else {
            let source = anyhow::Error::msg("a recording has no logins");
            return Err(WireError::NoAnswer { endpoint, source });
        };
        let body = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(form)
            .finish();
        let mut builder = http
            .post(url)
            .header("content-type", "application/x-www-form-urlencoded")
            .body(body);
        for (name, value) in headers {
            builder = builder.header(name, value.as_bytes());
        }
        let sent = builder.send().await;
        sent.map(|response| Reply::of_network(response, None))
            .map_err(|error| WireError::of_request(endpoint, error.without_url()))
    }
}

impl Client {
    /// Sends a request that changes or deletes something. Not recorded.
    pub(crate) async fn edit(&self, edit: Edit, request: Request<'_>) -> Result<Reply, WireError> {
        let endpoint = endpoint(&request.url);
        let Transport::Network { http, .. } = &self.transport else {
            let source = anyhow::Error::msg("a recording has no edits");
            return Err(WireError::NoAnswer { endpoint, source });
        };
        let mut builder = match edit {
            Edit::Patch => http.patch(request.url),
            Edit::Delete => http.delete(request.url),
        };
        if let Some(body) = request.body {
            builder = builder
                .header("content-type", "application/json")
                .body(body.into_http());
        }
        let sent = with_headers(builder, request.headers, request.key, request.key_header)
            .send()
            .await;
        sent.map(|response| Reply::of_network(response, None))
            .map_err(|error| WireError::of_request(endpoint, error.without_url()))
    }
}

/// The headers of a request, its key among them.
fn with_headers(
    mut builder: reqwest::RequestBuilder,
    headers: &[(String, String)],
    key: Option<&ApiKey>,
    key_header: KeyHeader,
) -> reqwest::RequestBuilder {
    for (name, value) in headers {
        builder = builder.header(name, value.as_bytes());
    }
    match (key, key_header) {
        (None, _) => builder,
        (Some(key), KeyHeader::Bearer) => builder.bearer_auth(key.expose()),
        (Some(key), KeyHeader::Named(name)) => builder.header(name, sensitive(key)),
    }
}

/// The key as the value of a header; empty when it cannot be one, which [`ApiKey::parse`] excludes.
fn sensitive(key: &ApiKey) -> HeaderValue {
    let mut value = HeaderValue::from_str(key.expose()).unwrap_or(HeaderValue::from_static(""));
    value.set_sensitive(true);
    value
}
