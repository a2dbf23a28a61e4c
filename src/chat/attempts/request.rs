//! Sends one request: waits, finds the key, and opens the reply.

use std::sync::Arc;

use tokio::time::Instant;

use super::stream::{ChatStream, State};
use crate::chat::allowance;
use crate::chat::error::ChatError;
use crate::chat::reply::LiveReply;
use crate::wire::background::unblock;
use crate::wire::body::BeforeSending;
use crate::wire::client::{self, Client, KeyHeader, Reply, Url};
use crate::wire::recording::End;

impl ChatStream {
    /// Sends the request of the current target, not before `after`, and starts reading the reply.
    pub(super) async fn connect(&mut self, after: Option<Instant>) -> Result<(), ChatError> {
        // A replay does not wait.
        if let Some(after) = after.filter(|_| !self.target().client.is_replay()) {
            let wait = after.saturating_duration_since(Instant::now());
            self.deadlines
                .wait(Instant::now() + wait, tokio::time::sleep_until(after))
                .await?;
        }
        self.admit().await;
        self.current.begin_attempt();
        self.resolve_key().await?;
        if self.current.client.is_none() {
            let client = Client::new(&self.target().base_url, &self.target().client)?;
            self.current.client = Some(client);
        }
        let before = self.current.send(&self.targets[self.target]);
        let Some(reply) = self.send(before).await? else {
            return Ok(());
        };
        self.read(reply).await
    }

    /// Starts reading a reply.
    pub(super) async fn read(&mut self, reply: Reply) -> Result<(), ChatError> {
        let target = self.target();
        if let Some(pace) = target.pace.as_ref().filter(|_| reply.status() == 200) {
            let allowed = allowance::read(&|name| reply.header(name), reply.received_at());
            allowed.into_iter().for_each(|allowed| pace.allows(allowed));
        }
        let mut live = LiveReply::open(
            reply,
            client::endpoint(&target.base_url),
            target.provider.as_ref(),
            self.options.keep,
            &self.deadlines,
        )
        .await?;
        live.body = self.options.keeps_body.then(Vec::new);
        self.state = State::Reading(Box::new(live));
        Ok(())
    }

    /// Waits until the pace admits the request. The time limit of the answer does not include it.
    async fn admit(&mut self) {
        let Some(pace) = self.target().pace.clone() else {
            return;
        };
        let before = Instant::now();
        pace.admitted().await;
        self.current.is_admitted = true;
        let limit = self.deadlines.limit;
        self.deadlines.limit = limit.map(|(limit, given)| (limit + before.elapsed(), given));
    }

    /// The head of the reply; `None` without a client.
    async fn send(&self, before: Option<BeforeSending>) -> Result<Option<Reply>, ChatError> {
        let target = self.target();
        let Some(client) = &self.current.client else {
            return Ok(None);
        };
        let request = client::Request {
            url: endpoint_url(&target.base_url, target.provider.path()),
            headers: &target.headers,
            key: self.current.key.as_ref(),
            key_header: KeyHeader::Bearer,
            body: Some(target.provider.encode(&target.request).notifying(before)),
        };
        let (attempt, model) = (self.current.attempt, &target.request.model);
        tracing::debug!(attempt, model, url = %request.url, "sending");
        let mut pending = client.record(&request);
        let reply = self
            .deadlines
            .wait(Instant::now(), client.send(request, &mut pending))
            .await;
        if let (Err(error), Some(pending)) = (&reply, &mut pending) {
            let end = if matches!(error, ChatError::TimeLimit { .. }) {
                End::TimeLimit
            } else {
                End::Silence
            };
            pending.ended(end, None);
        }
        reply?
            .map(Some)
            .map_err(|error| self.deadlines.explain(error))
    }

    async fn resolve_key(&mut self) -> Result<(), ChatError> {
        let target = &self.targets[self.target];
        // A replay sends no key.
        if self.current.key.is_some() || target.client.is_replay() {
            return Ok(());
        }
        let credential = Arc::clone(&target.credential);
        let refused = self.current.refused_key.take();
        self.current.key = if credential.may_block() {
            // On a thread of its own, so that Ctrl-C works meanwhile.
            let found = unblock(move || credential.resolve(refused.as_ref())).await;
            found.ok_or_else(|| ChatError::Cut {
                why: "the search for the API key was interrupted".to_owned(),
            })??
        } else {
            credential.resolve(refused.as_ref())?
        };
        let target = self.target();
        if self.current.key.is_none() && !target.provider.works_without_key() {
            return Err(ChatError::NoKey {
                provider: target.provider.name(),
                variable: target.provider.key_variable(),
            });
        }
        Ok(())
    }
}

/// The base URL with a path below it, whether or not it ends in a slash.
pub(crate) fn endpoint_url(base: &Url, path: &str) -> Url {
    let mut url = base.clone();
    if let Ok(mut segments) = url.path_segments_mut() {
        segments.pop_if_empty().extend(path.split('/'));
    }
    url
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_path_is_put_below_the_base() {
        for base in ["https://x.example/api/v1", "https://x.example/api/v1/"] {
            let url = endpoint_url(&Url::parse(base).unwrap(), "chat/completions");
            assert_eq!(url.as_str(), "https://x.example/api/v1/chat/completions");
        }
    }
}
