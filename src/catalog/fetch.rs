//! Fetches the models of a server, and the endpoints of a model.

use std::sync::Arc;
use std::time::Duration;

use super::decode;
use super::endpoint::{self, Endpoint};
use super::image_price::{self, ImageRate};
use super::model::Model;
use crate::chat::attempts::endpoint_url;
use crate::chat::provider::with_head;
use crate::chat::refusal::{Refusal, RefusalKind};
use crate::providers::{read_refusal, words_of};
use crate::secrets::{Credential, SecretError};
use crate::wire::api_key::ApiKey;
use crate::wire::client::{Client, ClientOptions, KeyHeader, Request, Url, WireError};

/// Longest time for a response.
const DEADLINE: Duration = Duration::from_secs(20);

/// Largest response, in bytes.
const LARGEST_LIST: usize = 16 * 1024 * 1024;

#[derive(Debug, thiserror::Error)]
pub(crate) enum CatalogError {
    #[error(transparent)]
    Secret(#[from] SecretError),
    #[error(transparent)]
    Wire(#[from] WireError),
    #[error("no response from {endpoint} within {} s", DEADLINE.as_secs())]
    TimedOut { endpoint: String },
    #[error("{endpoint} returned status {}", refusal.status)]
    Refused {
        endpoint: String,
        refusal: Box<Refusal>,
    },
    #[error("{endpoint} did not return a list of models")]
    Unreadable {
        endpoint: String,
        /// The words of what it returned.
        words: String,
    },
}

fn unreadable(url: &Url, body: &[u8]) -> CatalogError {
    CatalogError::Unreadable {
        endpoint: url.to_string(),
        words: words_of(body),
    }
}

impl CatalogError {
    /// Whether the server refuses the key, or wants one.
    pub(crate) fn is_about_key(&self) -> bool {
        let Self::Refused { refusal, .. } = self else {
            return false;
        };
        matches!(refusal.status, 401 | 403) || refusal.kind == RefusalKind::Authentication
    }
}

/// A server with a model catalogue.
pub(crate) struct CatalogServer {
    pub base_url: Url,
    pub headers: Vec<(String, String)>,
    pub credential: Arc<Credential>,
    pub key_header: KeyHeader,
    /// The query of the list.
    pub query: Option<&'static str>,
    /// What the IDs of the list start with, and those of requests need not.
    pub prefix: Option<&'static str>,
    pub client: ClientOptions,
    /// Whether it needs no key: then none is looked up until it asks for one.
    pub is_public: bool,
}

impl CatalogServer {
    /// Its models, sorted by ID.
    pub(crate) async fn models(&self) -> Result<Vec<Model>, CatalogError> {
        let mut url = endpoint_url(&self.base_url, "models");
        url.set_query(self.query);
        let body = if self.is_public {
            self.get_public(&url).await
        } else {
            self.get_with_key(&url).await
        };
        let body = body?;
        decode::models(&body, self.prefix).ok_or_else(|| unreadable(&url, &body))
    }

    /// The endpoints of a model, at OpenRouter. A key adds latency and throughput; without a valid
    /// one the request is sent without a key.
    pub(crate) async fn endpoints(&self, id: &str) -> Result<Vec<Endpoint>, CatalogError> {
        let url = endpoint_url(&self.base_url, &format!("models/{id}/endpoints"));
        let body = match self.get_with_key(&url).await {
            Err(error) if matches!(error, CatalogError::Secret(_)) || error.is_about_key() => {
                self.get(&url, None).await
            }
            answer => answer,
        };
        let body = body?;
        endpoint::decode(&body).ok_or_else(|| unreadable(&url, &body))
    }

    /// The models that one of its endpoints accepts, sorted by ID. `path` is that of the list.
    pub(crate) async fn endpoint_models(&self, path: &str) -> Result<Vec<Model>, CatalogError> {
        let url = endpoint_url(&self.base_url, path);
        let body = self.get_public(&url).await?;
        decode::models(&body, self.prefix).ok_or_else(|| unreadable(&url, &body))
    }

    /// The price lists of a model in that list.
    pub(crate) async fn image_rates(
        &self,
        path: &str,
        id: &str,
    ) -> Result<Vec<Vec<ImageRate>>, CatalogError> {
        let url = endpoint_url(&self.base_url, &format!("{path}/{id}/endpoints"));
        let body = self.get_public(&url).await?;
        image_price::decode(&body).ok_or_else(|| unreadable(&url, &body))
    }

    /// A list that needs no key; one is sent to a server that asks for it.
    async fn get_public(&self, url: &Url) -> Result<Vec<u8>, CatalogError> {
        match self.get(url, None).await {
            Err(error) if error.is_about_key() => self.get_with_key(url).await,
            answer => answer,
        }
    }

    async fn get_with_key(&self, url: &Url) -> Result<Vec<u8>, CatalogError> {
        let key = self.credential.resolve()?;
        self.get(url, key.as_ref()).await
    }

    async fn get(&self, url: &Url, key: Option<&ApiKey>) -> Result<Vec<u8>, CatalogError> {
        let client = Client::new(&self.base_url, &self.client)?;
        let ask = async {
            let mut reply = client
                .send(
                    Request {
                        url: url.clone(),
                        headers: &self.headers,
                        key,
                        key_header: self.key_header,
                        body: None,
                    },
                    &mut None,
                )
                .await?;
            let body = reply.body(LARGEST_LIST).await?;
            Ok::<_, WireError>((reply, body))
        };
        let (reply, body) =
            tokio::time::timeout(DEADLINE, ask)
                .await
                .map_err(|_| CatalogError::TimedOut {
                    endpoint: url.to_string(),
                })??;
        if reply.status() == 200 {
            return Ok(body);
        }
        Err(CatalogError::Refused {
            endpoint: url.to_string(),
            refusal: Box::new(with_head(&reply, |head| read_refusal(head, &body))),
        })
    }
}
