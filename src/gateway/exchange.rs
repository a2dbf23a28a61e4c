//! One request at the providers: attempts and fallback profiles, until the first byte of an answer.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, timeout};

use super::answer::{FailedAttempt, Failure, Opened, WholeReply, own_problem};
use super::attempt_result::AttemptResult;
use super::bill::whole_result;
use super::client_body::ClientBody;
use super::cost_bound::CostBounds;
use super::front::Front;
use super::problem::Problem;
use super::reading::Reading;
use super::record::Record;
use super::route::{Attribution, Route, RouteTarget};
use super::upstream::Upstream;
use super::veil::Veil;
use crate::chat::attempt_status::AttemptStatus;
use crate::chat::error::{ChatError, explain};
use crate::chat::retry_policy::wait_before;
use crate::wire::api_key::ApiKey;
use crate::wire::background::unblock;
use crate::wire::client::{KeyHeader, Request};

/// Most time for attempts to the same profile and the waits between them.
const ATTEMPT_TIME: Duration = Duration::from_secs(30);

/// A request of a client, on its way.
pub(super) struct Exchange {
    pub upstream: Arc<Upstream>,
    pub record: Record,
    pub front: Front,
    pub route: Arc<Route>,
    pub body: ClientBody,
    pub bounds: CostBounds,
    /// Headers of the client that the provider gets.
    pub headers: Vec<(String, String)>,
    /// Headers of the client that replace those of the profile, with `--identity`.
    pub identity: Vec<(String, String)>,
    /// The session that the client names.
    pub session: Option<String>,
    pub veil: Veil,
    /// A limit on money applies. What one request may cost is held back for it, so that nothing is
    /// asked again after an attempt that may be billed.
    pub is_capped: bool,
}

impl Exchange {
    /// Asks the profile and those that it falls back to, until one answers or the server has to
    /// end.
    pub(super) async fn open(&mut self) -> Result<Opened, Failure> {
        let gateway = Arc::clone(&self.upstream.gateway);
        tokio::select! {
            biased;
            opened = self.ask() => return opened,
            () = gateway.cutting() => {}
        }
        self.record.attempt_ends(AttemptResult {
            status: Some(AttemptStatus::Cancelled),
            may_have_cost: true,
            ..AttemptResult::default()
        });
        Err(Failure::Own(Problem::shutting_down().made_final()))
    }

    async fn ask(&mut self) -> Result<Opened, Failure> {
        let route = Arc::clone(&self.route);
        let mut last = None;
        for (index, target) in route.targets.iter().enumerate() {
            if !target.offers(self.front) {
                if last.is_none() {
                    return Err(Failure::Own(self.without_path(target)));
                }
                continue;
            }
            match self.attempts(index, target).await {
                Ok(opened) => return Ok(opened),
                Err(failed) => {
                    let falls_back = failed.error.allows_fallback() && self.is_affordable(&failed);
                    last = Some(failed);
                    if !falls_back {
                        break;
                    }
                }
            }
        }
        Err(last.map_or_else(
            || Failure::Own(Problem::new(502, "unreachable", "no profile to ask")),
            |failed| self.failure(failed),
        ))
    }

    fn without_path(&self, target: &RouteTarget) -> Problem {
        let offered: Vec<String> = target
            .entry
            .paths
            .iter()
            .map(|path| format!("/v1/{path}"))
            .collect();
        let message = format!(
            "profile '{}' ({}) has no {}; it offers {}",
            target.profile,
            target.entry.name,
            self.front.row().route,
            offered.join(", ")
        );
        Problem::new(404, "not_offered", message).made_final()
    }

    /// The attempts with one profile.
    async fn attempts(
        &mut self,
        index: usize,
        target: &RouteTarget,
    ) -> Result<Opened, FailedAttempt> {
        let over = Instant::now() + ATTEMPT_TIME;
        let mut attempt = 1;
        let mut refused_key = None;
        loop {
            let key = self.key(target, refused_key.as_ref()).await?;
            let failed = match self.attempt(index, target, key.as_ref()).await {
                Ok(opened) => return Ok(opened),
                Err(failed) => failed,
            };
            if !self.is_affordable(&failed) {
                return Err(failed);
            }
            let is_401 =
                matches!(&failed.error, ChatError::Refused(refusal) if refusal.status == 401);
            if is_401 && refused_key.is_none() && target.credential.is_worth_rereading() {
                refused_key = key;
                continue;
            }
            match wait_before(&failed.error, attempt) {
                Some(wait) if Instant::now() + wait < over => tokio::time::sleep(wait).await,
                _ => return Err(failed),
            }
            attempt += 1;
        }
    }

    /// Whether the limits on money leave room for another attempt.
    fn is_affordable(&self, failed: &FailedAttempt) -> bool {
        !self.is_capped || failed.is_free()
    }

    /// The provider's key.
    async fn key(
        &mut self,
        target: &RouteTarget,
        refused: Option<&ApiKey>,
    ) -> Result<Option<ApiKey>, FailedAttempt> {
        let credential = Arc::clone(&target.credential);
        let found = if let Some(found) = credential.resolved(refused) {
            found
        } else if credential.may_block() {
            let interrupted = || ChatError::Cut {
                why: "the search for the API key was interrupted".to_owned(),
            };
            let refused = refused.cloned();
            let found = unblock(move || credential.resolve(refused.as_ref())).await;
            found.ok_or_else(interrupted)?
        } else {
            credential.resolve(refused)
        };
        let key = found.map_err(|error| {
            self.upstream.gateway.snapshot().forget_credentials();
            ChatError::Secret(error)
        })?;
        if key.is_none() && !target.provider.works_without_key() {
            return Err(FailedAttempt::from(ChatError::NoKey {
                provider: target.provider.name(),
                variable: target.provider.key_variable(),
            }));
        }
        if let Some(key) = &key {
            self.veil.add(self.upstream.finder(key.expose()));
        }
        Ok(key)
    }

    async fn attempt(
        &mut self,
        index: usize,
        target: &RouteTarget,
        key: Option<&ApiKey>,
    ) -> Result<Opened, FailedAttempt> {
        self.record.attempt_starts(target, self.bounds.at(index));
        let opened = self.send(index, target, key).await;
        match &opened {
            // A stream is recorded when it has ended.
            Ok(Opened::Stream(_)) => {}
            Ok(Opened::Whole(whole)) => {
                let result = whole_result(self.front, target, whole);
                self.record.attempt_ends(result);
            }
            Err(failed) => {
                self.record.why = Some(explain(&failed.error));
                self.record.attempt_ends(failed.result());
            }
        }
        opened
    }

    async fn send(
        &mut self,
        index: usize,
        target: &RouteTarget,
        key: Option<&ApiKey>,
    ) -> Result<Opened, FailedAttempt> {
        let client = Attribution {
            key: &self.record.client,
            session: self.session.as_deref(),
            request: &self.record.id,
        };
        let is_attributed = self.upstream.gateway.options.attributes_key;
        let client = is_attributed.then_some(&client);
        let body = target.body(self.front, &self.body, client);
        let url = self.upstream.url(target, self.front).await?;
        let client = self.upstream.client(&url, target)?;
        let headers = self.upstream_headers(target);
        let request = Request {
            url,
            headers: &headers,
            key,
            key_header: match self.front {
                Front::Messages => target.entry.list_key,
                _ => KeyHeader::Bearer,
            },
            body: Some(body.into()),
        };
        self.record.attempt_leaves();
        let idle = self.upstream.gateway.options.idle;
        let silent = || ChatError::Stalled { after: idle };
        let reply = timeout(idle, client.send(request, &mut None))
            .await
            .map_err(|_| silent())?
            .map_err(ChatError::Wire)?;
        let reading = Reading {
            front: self.front,
            veil: &self.veil,
            idle,
            is_stream: self.body.is_stream(),
            index,
            target,
        };
        reading.open(reply).await
    }

    /// The headers of the request: those of the profile, and those of the client that pass.
    fn upstream_headers(&self, target: &RouteTarget) -> Vec<(String, String)> {
        let replaces = |name: &str| {
            let mut own = self.identity.iter();
            own.any(|(other, _)| other.eq_ignore_ascii_case(name))
        };
        let mut headers: Vec<(String, String)> = target
            .headers
            .iter()
            .filter(|(name, _)| !replaces(name))
            .cloned()
            .collect();
        headers.extend(self.identity.iter().cloned());
        headers.extend(self.headers.iter().cloned());
        if self.front == Front::Messages {
            headers = target.entry.with_list_headers(headers);
        }
        headers
    }

    /// What the client is answered when every attempt is spent.
    fn failure(&self, failed: FailedAttempt) -> Failure {
        if let Some(refusal) = failed.refusal {
            return Failure::Refused(Box::new(WholeReply {
                status: self.front.status_of_failure(refusal.status),
                ..*refusal
            }));
        }
        Failure::Own(own_problem(&failed.error, self.front))
    }
}
