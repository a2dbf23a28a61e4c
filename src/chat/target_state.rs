//! The state of the current target, and the record of each of its attempts.

use std::sync::{Arc, OnceLock};
use std::time::{Duration, SystemTime};

use tokio::time::Instant;

use super::answer::{Attempt, RecordId, Sent};
use super::attempt_status::AttemptStatus;
use super::cost::Cost;
use super::error::{ChatError, explain};
use super::pace::Load;
use super::reply::LiveReply;
use super::request_log::OutgoingRequest;
use super::target::Target;
use crate::wire::api_key::ApiKey;
use crate::wire::body::BeforeSending;
use crate::wire::client::Client;

/// Starts empty for each target.
#[derive(Default)]
pub(super) struct TargetState {
    /// Requests made so far.
    pub attempt: u32,
    /// The wait before the current attempt.
    pub waited: Duration,
    pub budget_was_raised: bool,
    pub key: Option<ApiKey>,
    /// The key that the provider did not accept, until another is found.
    pub refused_key: Option<ApiKey>,
    pub key_was_reread: bool,
    pub client: Option<Client>,
    /// The caller received the start event of this target.
    pub is_announced: bool,
    /// The current attempt returned text or reasoning.
    pub saw_tokens: bool,
    /// The pace admitted the current attempt, and its end is not reported yet.
    pub is_admitted: bool,
    /// When the first attempt was refused for load.
    pub refused_since: Option<Instant>,
    /// An attempt has started and is not recorded yet.
    is_open: bool,
    /// When the current request was sent; `None` before.
    sent_at: Option<SystemTime>,
    /// The record of the current request; empty until its first byte is sent.
    record: Arc<OnceLock<RecordId>>,
    /// What all attempts so far count against a cap, in USD.
    counted: f64,
}

impl TargetState {
    pub(super) fn begin_attempt(&mut self) {
        self.attempt += 1;
        self.is_open = true;
        self.saw_tokens = false;
        self.record = Arc::default();
    }

    /// The request is sent from here on. Returns what records it when its first byte leaves, where
    /// requests are recorded.
    pub(super) fn send(&mut self, target: &Target) -> Option<BeforeSending> {
        let at = SystemTime::now();
        self.sent_at = Some(at);
        let log = Arc::clone(target.log.as_ref()?);
        let record = Arc::clone(&self.record);
        let request = OutgoingRequest {
            at,
            profile: target.profile.clone(),
            provider: target.provider.name().to_owned(),
            model: target.request.model.clone(),
            worst: worst(target),
        };
        Some(BeforeSending::new(move || {
            if let Some(id) = log.sending(&request) {
                // Set once for each attempt.
                let _ = record.set(id);
            }
        }))
    }

    /// Whether the cap affords one more request with this `max_tokens`, after the current one and
    /// all before it. The first was held against the cap before it was sent.
    pub(super) fn can_afford(
        &self,
        target: &Target,
        max_tokens: u32,
        error: Option<&ChatError>,
        reply: Option<&LiveReply>,
    ) -> bool {
        let (Some(most), Some(worst)) = (target.left(), target.worst_case) else {
            return true;
        };
        let counted = self.counts(target, error, reply);
        counted == 0.0 || counted + worst.of(max_tokens) <= most
    }

    /// What all attempts so far count against a cap, the current one included, in USD.
    pub(super) fn counts(
        &self,
        target: &Target,
        error: Option<&ChatError>,
        reply: Option<&LiveReply>,
    ) -> f64 {
        let at = self
            .sent_at
            .filter(|_| !error.is_some_and(ChatError::is_unsent));
        let status = error.map_or(AttemptStatus::Ok, ChatError::attempt_status);
        self.counted
            + at.and_then(|at| self.sent(at, target, status, error, reply).counted())
                .unwrap_or_default()
    }

    /// Reports to the pace that the answer to an admitted attempt has started.
    pub(super) fn accepted(&self, target: &Target) {
        if let Some(pace) = target.pace.as_ref().filter(|_| self.is_admitted) {
            pace.accepted();
        }
    }

    /// Reports the end of an admitted attempt to the pace.
    pub(super) fn report(
        &mut self,
        target: &Target,
        status: AttemptStatus,
        error: Option<&ChatError>,
    ) {
        if !std::mem::take(&mut self.is_admitted) {
            return;
        }
        let Some(pace) = &target.pace else { return };
        pace.ended(match error {
            Some(error) if error.is_load() => Load::Refused { wait: error.wait() },
            Some(error) if error.is_unreachable() => Load::Unreachable,
            None if status == AttemptStatus::Ok => Load::Fine,
            _ => Load::Unknown,
        });
    }

    /// The record of the attempt that ends now; `None` when none has started. `error` is why it
    /// failed.
    pub(super) fn end_attempt(
        &mut self,
        target: &Target,
        status: AttemptStatus,
        error: Option<&ChatError>,
        reply: Option<&LiveReply>,
    ) -> Option<Attempt> {
        if !std::mem::take(&mut self.is_open) {
            return None;
        }
        let at = self
            .sent_at
            .take()
            .filter(|_| !error.is_some_and(ChatError::is_unsent));
        let sent = at.map(|at| self.sent(at, target, status, error, reply));
        self.counted += sent.as_ref().and_then(Sent::counted).unwrap_or_default();
        let attempt = Attempt {
            model: target.request.model.clone(),
            profile: target.profile.clone(),
            status,
            reason: error.map(explain),
            waited: self.waited,
            skipped_models: reply
                .map(|reply| reply.identity().skipped_models.clone())
                .unwrap_or_default(),
            sent,
            record: self.record.get().copied(),
        };
        if let Some(log) = &target.log {
            log.ended(&attempt);
        }
        Some(attempt)
    }

    fn sent(
        &self,
        at: SystemTime,
        target: &Target,
        status: AttemptStatus,
        error: Option<&ChatError>,
        reply: Option<&LiveReply>,
    ) -> Sent {
        let identity = reply.map(LiveReply::identity);
        let (usage, billed) =
            reply.map_or((None, None), |reply| (reply.assembly.usage, reply.billed()));
        let refusal = match error {
            Some(ChatError::Refused(refusal)) => Some(refusal),
            _ => None,
        };
        let cost = Cost::of(billed, usage, target.price);
        let is_part = status.is_part() || (refusal.is_some() && self.saw_tokens);
        let cost = if is_part { cost.of_part() } else { cost };
        // An error in place of an answer is a refusal, whatever the status was; after tokens it is
        // not.
        let may_have_cost =
            refusal.is_none() || self.saw_tokens || usage.is_some() || cost.usd.is_some();
        Sent {
            at,
            provider: target.provider.name().to_owned(),
            model: identity.and_then(|identity| identity.model.clone()),
            served_by: identity.and_then(|identity| identity.served_by.clone()),
            generation_id: identity
                .and_then(|identity| identity.generation_id.clone())
                .or_else(|| refusal.and_then(|refusal| refusal.generation_id.clone())),
            usage,
            cost,
            worst: worst(target),
            may_have_cost,
        }
    }
}

/// The most that the current request of a target may cost, in USD.
fn worst(target: &Target) -> Option<f64> {
    target
        .worst_case
        .map(|worst| worst.of(target.request.max_tokens))
}
