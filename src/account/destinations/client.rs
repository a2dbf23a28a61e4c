//! The routes of OpenRouter for destinations: `/observability/destinations`, which need a
//! management key.

use std::time::Duration;

use serde_json::Value;

use super::destination::Destination;
use crate::chat::attempts::endpoint_url;
use crate::chat::error::{ChatError, DecodeError};
use crate::chat::provider::{Provider, with_head};
use crate::wire::api_key::ApiKey;
use crate::wire::body::RequestBody;
use crate::wire::client::{Client, ClientOptions, Edit, KeyHeader, Request, Url};
use crate::wire::error::WireError;

const PATH: &str = "observability/destinations";

/// Longest time for a response.
const DEADLINE: Duration = Duration::from_secs(30);

/// Largest response, in bytes.
const LARGEST_ANSWER: usize = 4 * 1024 * 1024;

/// Destinations in one response; the largest number that OpenRouter accepts.
const PAGE: usize = 100;

/// Most pages requested.
const MOST_PAGES: usize = 20;

/// Where and how to reach the account.
pub(crate) struct DestinationClient<'a> {
    pub provider: &'a dyn Provider,
    pub base_url: Url,
    pub headers: Vec<(String, String)>,
    pub key: ApiKey,
    pub client: ClientOptions,
}

enum Action {
    Get,
    Post(Value),
    Edit(Edit, Option<Value>),
}

impl DestinationClient<'_> {
    /// All destinations of a workspace; of the default one without an ID.
    ///
    /// # Errors
    /// OpenRouter cannot be reached, refuses, or answers with something else.
    pub(crate) async fn list(
        &self,
        workspace: Option<&str>,
    ) -> Result<Vec<Destination>, ChatError> {
        let mut found = Vec::new();
        for page in 0..MOST_PAGES {
            let mut url = endpoint_url(&self.base_url, PATH);
            url.query_pairs_mut()
                .append_pair("limit", &PAGE.to_string())
                .append_pair("offset", &(page * PAGE).to_string());
            if let Some(workspace) = workspace {
                url.query_pairs_mut().append_pair("workspace_id", workspace);
            }
            let answer = self.send(url, Action::Get).await?;
            let rows = answer["data"].as_array().ok_or_else(|| self.unreadable())?;
            found.extend(rows.iter().filter_map(Destination::decode));
            if rows.len() < PAGE {
                break;
            }
        }
        Ok(found)
    }

    /// The destination of an ID.
    ///
    /// # Errors
    /// As [`Self::list`].
    pub(crate) async fn get(&self, id: &str) -> Result<Destination, ChatError> {
        self.decoded(&self.send(self.of_id(id), Action::Get).await?)
    }

    /// Creates a destination.
    ///
    /// # Errors
    /// As [`Self::list`].
    pub(crate) async fn create(&self, body: Value) -> Result<Destination, ChatError> {
        let url = endpoint_url(&self.base_url, PATH);
        self.decoded(&self.send(url, Action::Post(body)).await?)
    }

    /// Changes the fields of a destination that `body` has.
    ///
    /// # Errors
    /// As [`Self::list`].
    pub(crate) async fn update(&self, id: &str, body: Value) -> Result<Destination, ChatError> {
        let action = Action::Edit(Edit::Patch, Some(body));
        self.decoded(&self.send(self.of_id(id), action).await?)
    }

    /// Deletes a destination.
    ///
    /// # Errors
    /// As [`Self::list`].
    pub(crate) async fn delete(&self, id: &str) -> Result<(), ChatError> {
        let action = Action::Edit(Edit::Delete, None);
        self.send(self.of_id(id), action).await.map(drop)
    }

    /// The URL of a destination; an ID with a slash stays one segment.
    fn of_id(&self, id: &str) -> Url {
        let mut url = endpoint_url(&self.base_url, PATH);
        if let Ok(mut path) = url.path_segments_mut() {
            path.push(id);
        }
        url
    }

    async fn send(&self, url: Url, action: Action) -> Result<Value, ChatError> {
        let client = Client::new(&self.base_url, &self.client)?;
        let request = |body: Option<Value>| Request {
            url,
            headers: &self.headers,
            key: Some(&self.key),
            key_header: KeyHeader::Bearer,
            body: body.map(|body| RequestBody::from(body.to_string().into_bytes())),
        };
        let exchange = async {
            let mut reply = match action {
                Action::Get => client.send(request(None), &mut None).await?,
                Action::Post(body) => client.send(request(Some(body)), &mut None).await?,
                Action::Edit(edit, body) => client.edit(edit, request(body)).await?,
            };
            let body = reply.body(LARGEST_ANSWER).await?;
            Ok::<_, WireError>((reply, body))
        };
        let (reply, body) = tokio::time::timeout(DEADLINE, exchange)
            .await
            .map_err(|_| ChatError::TimeLimit { limit: DEADLINE })??;
        if !(200..300).contains(&reply.status()) {
            let refusal = with_head(&reply, |head| self.provider.decode_refusal(head, &body));
            return Err(ChatError::Refused(refusal));
        }
        if body.is_empty() {
            return Ok(Value::Null);
        }
        serde_json::from_slice(&body).map_err(|_| self.unreadable())
    }

    fn decoded(&self, answer: &Value) -> Result<Destination, ChatError> {
        Destination::decode(&answer["data"]).ok_or_else(|| self.unreadable())
    }

    fn unreadable(&self) -> ChatError {
        ChatError::Unreadable {
            endpoint: endpoint_url(&self.base_url, PATH).to_string(),
            why: DecodeError::NoAccountData,
            words: String::new(),
        }
    }
}
