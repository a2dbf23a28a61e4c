//! The provider's API for discounted batches: submits, looks, fetches.

use std::sync::Arc;
use std::time::Duration;

use super::plan::PlannedTarget;
use crate::chat::attempts::endpoint_url;
use crate::chat::error::{ChatError, DecodeError};
use crate::chat::provider::{Provider, with_head};
use crate::chat::refusal::RefusalKind;
use crate::providers::batches::{
    self, BatchList, BatchResult, ProviderBatch, ResultsPage, Submission, read_batch, read_list,
};
use crate::secrets::SharedCredential;
use crate::wire::api_key::ApiKey;
use crate::wire::background::unblock;
use crate::wire::body::RequestBody;
use crate::wire::client::{
    Client, ClientOptions, KeyHeader, LARGEST_BODY, Request, Url, WireError,
};

/// Longest time for a submission, which may have many megabytes, and for an answer.
const SUBMITTING: Duration = Duration::from_secs(600);
const READING: Duration = Duration::from_secs(300);

/// Results of one page, and batches of one part of the list.
const RESULTS: &str = "500";
const LISTED: &str = "100";

/// A connection to the API. The key is looked up once.
pub(crate) struct BatchClient {
    provider: Arc<dyn Provider>,
    base_url: Url,
    path: &'static str,
    headers: Vec<(String, String)>,
    credential: Arc<SharedCredential>,
    options: ClientOptions,
    key: Option<ApiKey>,
}

/// What a failed submission means for its batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Submitted {
    /// The provider does not have it, and it may be sent again later.
    NotNow,
    /// The provider does not have it.
    No,
    /// The provider may have it.
    Maybe,
}

impl BatchClient {
    /// For the server of a target; `None` when its provider has no such API.
    pub(crate) fn new(planned: &PlannedTarget) -> Option<Self> {
        let target = &planned.target;
        Some(Self {
            provider: Arc::clone(&target.provider),
            base_url: target.base_url.clone(),
            path: planned.settings.entry.batches?.path,
            headers: target.headers.clone(),
            credential: Arc::clone(&target.credential),
            options: target.client.clone(),
            key: None,
        })
    }

    /// Submits a batch.
    ///
    /// # Errors
    /// When it was refused, or its fate is unknown: see [`fate`].
    pub(crate) async fn submit(
        &mut self,
        submission: &Submission<'_>,
    ) -> Result<ProviderBatch, ChatError> {
        let body = self
            .exchange(&[], &[], Some(submission.encode()), SUBMITTING)
            .await?;
        read_batch(&body).ok_or_else(|| self.unreadable(&body))
    }

    /// A batch as it is now.
    ///
    /// # Errors
    /// When it cannot be read.
    pub(crate) async fn batch(&mut self, id: &str) -> Result<ProviderBatch, ChatError> {
        match self.exchange(&[id], &[], None, READING).await {
            // Its results are in pages, too.
            Err(ChatError::Wire(WireError::TooLarge)) => self.listed(id).await,
            answered => {
                let body = answered?;
                read_batch(&body).ok_or_else(|| self.unreadable(&body))
            }
        }
    }

    /// A batch as the list has it, without results.
    async fn listed(&mut self, id: &str) -> Result<ProviderBatch, ChatError> {
        let mut after = None;
        loop {
            let list = self.list(after.as_deref()).await?;
            let mut batches = list.batches.into_iter();
            if let Some(batch) = batches.find(|batch| batch.id == id) {
                return Ok(batch);
            }
            match list.next {
                Some(next) if after.as_ref() != Some(&next) => after = Some(next),
                _ => return Err(WireError::TooLarge.into()),
            }
        }
    }

    /// A page of the results of a batch, from a cursor on.
    ///
    /// # Errors
    /// When it cannot be read.
    pub(crate) async fn results(
        &mut self,
        id: &str,
        cursor: Option<&str>,
    ) -> Result<ResultsPage, ChatError> {
        let mut query = vec![("limit", RESULTS)];
        query.extend(cursor.map(|cursor| ("cursor", cursor)));
        let body = self
            .exchange(&[id, "results"], &query, None, READING)
            .await?;
        batches::read_results(&body).ok_or_else(|| self.unreadable(&body))
    }

    /// The first results of a batch that has ended, wherever they are; none when it has none.
    ///
    /// # Errors
    /// When they cannot be read.
    pub(crate) async fn some_results(&mut self, id: &str) -> Result<Vec<BatchResult>, ChatError> {
        match self.batch(id).await?.results {
            Some(results) => Ok(results),
            None => Ok(self.results(id, None).await?.results),
        }
    }

    /// A part of the list of the batches of the workspace, after an ID.
    ///
    /// # Errors
    /// When it cannot be read.
    pub(crate) async fn list(&mut self, after: Option<&str>) -> Result<BatchList, ChatError> {
        let mut query = vec![("limit", LISTED)];
        query.extend(after.map(|after| ("after", after)));
        let body = self.exchange(&[], &query, None, READING).await?;
        read_list(&body).ok_or_else(|| self.unreadable(&body))
    }

    /// The body of an answer.
    async fn exchange(
        &mut self,
        below: &[&str],
        query: &[(&str, &str)],
        body: Option<RequestBody>,
        limit: Duration,
    ) -> Result<Vec<u8>, ChatError> {
        let key = self.key().await?;
        let mut url = endpoint_url(&self.base_url, self.path);
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.extend(below);
        }
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        let client = Client::new(&self.base_url, &self.options)?;
        let request = Request {
            url,
            headers: &self.headers,
            key: Some(&key),
            key_header: KeyHeader::Bearer,
            body,
        };
        let exchange = async {
            let mut reply = client.send(request, &mut None).await?;
            let body = reply.body(LARGEST_BODY).await?;
            Ok::<_, WireError>((reply, body))
        };
        let (reply, body) = tokio::time::timeout(limit, exchange)
            .await
            .map_err(|_| ChatError::TimeLimit { limit })??;
        if (200..300).contains(&reply.status()) {
            return if body.len() < LARGEST_BODY {
                Ok(body)
            } else {
                Err(WireError::TooLarge.into())
            };
        }
        let refusal = with_head(&reply, |head| self.provider.decode_refusal(head, &body));
        Err(ChatError::Refused(refusal))
    }

    async fn key(&mut self) -> Result<ApiKey, ChatError> {
        if let Some(key) = &self.key {
            return Ok(key.clone());
        }
        let credential = Arc::clone(&self.credential);
        let found = if credential.may_block() {
            // On a thread of its own, so that Ctrl-C works meanwhile.
            let found = unblock(move || credential.resolve(None)).await;
            found.ok_or_else(|| ChatError::Cut {
                why: "the search for the API key was interrupted".to_owned(),
            })??
        } else {
            credential.resolve(None)?
        };
        let key = found.ok_or_else(|| ChatError::NoKey {
            provider: self.provider.name(),
            variable: self.provider.key_variable(),
        })?;
        self.key = Some(key.clone());
        Ok(key)
    }

    fn unreadable(&self, body: &[u8]) -> ChatError {
        ChatError::Unreadable {
            endpoint: endpoint_url(&self.base_url, self.path).to_string(),
            why: DecodeError::NoBatch,
            words: self.provider.words(&body[..body.len().min(MOST_WORDS)]),
        }
    }
}

/// Most bytes of an answer that are searched for words.
const MOST_WORDS: usize = 64 * 1024;

/// What an error of a submission says about the batch.
pub(crate) fn fate(error: &ChatError) -> Submitted {
    match error {
        ChatError::Refused(refusal) => match refusal.status {
            429 | 503 | 529 => Submitted::NotNow,
            500.. => Submitted::Maybe,
            _ => Submitted::No,
        },
        ChatError::Wire(
            WireError::Connect { .. }
            | WireError::ConnectTimeout { .. }
            | WireError::NotTaken { .. },
        ) => Submitted::NotNow,
        error if error.is_unsent() => Submitted::No,
        _ => Submitted::Maybe,
    }
}

/// Whether an error of a look says that there is no such batch.
pub(crate) fn is_missing(error: &ChatError) -> bool {
    let ChatError::Refused(refusal) = error else {
        return false;
    };
    matches!(refusal.status, 404 | 410)
}

/// Whether looking again later may help.
pub(crate) fn may_pass(error: &ChatError) -> bool {
    match error {
        ChatError::Refused(refusal) => {
            matches!(refusal.status, 408 | 425 | 429 | 500..)
                || refusal.kind == RefusalKind::NotReady
        }
        ChatError::Wire(error) => !matches!(
            error,
            WireError::Authorities { .. }
                | WireError::Proxy { .. }
                | WireError::SetUp(_)
                | WireError::Certificate { .. }
        ),
        ChatError::TimeLimit { .. } | ChatError::Unreadable { .. } => true,
        _ => false,
    }
}
