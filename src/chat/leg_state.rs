//! What belongs to the leg that is being asked, and the record of each of its attempts.

use std::time::{Duration, SystemTime};

use super::answer::{Attempt, Sent};
use super::cost::Cost;
use super::error::{ChatError, explain};
use super::leg::Leg;
use super::reply::LiveReply;
use crate::secrets::ApiKey;
use crate::wire::client::Client;

/// Begins anew with the next leg.
#[derive(Default)]
pub struct LegState {
    /// Requests made so far.
    pub attempt: u32,
    /// How long was waited before the current attempt.
    pub waited: Duration,
    pub budget_was_raised: bool,
    pub key: Option<ApiKey>,
    /// The key that the provider did not accept, until another is found.
    pub refused_key: Option<ApiKey>,
    pub key_was_reread: bool,
    pub client: Option<Client>,
    /// The caller knows whom this leg asks.
    pub is_announced: bool,
    /// The current attempt brought text or thoughts.
    pub saw_tokens: bool,
    /// An attempt has begun, and is not written down yet.
    is_open: bool,
    /// When the current request left; `None` before.
    sent_at: Option<SystemTime>,
    /// What all attempts so far count against a cap, in USD.
    counted: f64,
}

impl LegState {
    pub fn begin_attempt(&mut self) {
        self.attempt += 1;
        self.is_open = true;
        self.saw_tokens = false;
    }

    /// The request is handed to the network.
    pub fn send(&mut self) {
        self.sent_at = Some(SystemTime::now());
    }

    /// Whether the cap leaves room for one more request with this `max_tokens`, after the current
    /// one and all before it. The first was held against the cap before it was sent.
    pub fn can_afford(
        &self,
        leg: &Leg,
        max_tokens: u32,
        error: Option<&ChatError>,
        reply: Option<&LiveReply>,
    ) -> bool {
        let (Some(most), Some(worst)) = (leg.most_usd, leg.worst_case) else {
            return true;
        };
        let counted = self.counts(leg, error, reply);
        counted == 0.0 || counted + worst.of(max_tokens) <= most
    }

    /// What all attempts so far count against a cap, the current one among them, in USD.
    pub fn counts(&self, leg: &Leg, error: Option<&ChatError>, reply: Option<&LiveReply>) -> f64 {
        let at = self
            .sent_at
            .filter(|_| !error.is_some_and(ChatError::is_unsent));
        self.counted
            + at.and_then(|at| self.sent(at, leg, error, reply).counted())
                .unwrap_or_default()
    }

    /// The record of the attempt that ends now; `None` when none is under way. `error` is why it
    /// ended, if it did not end by itself.
    pub fn end_attempt(
        &mut self,
        leg: &Leg,
        status: &str,
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
        let sent = at.map(|at| self.sent(at, leg, error, reply));
        self.counted += sent.as_ref().and_then(Sent::counted).unwrap_or_default();
        Some(Attempt {
            model: leg.request.model.clone(),
            profile: leg.profile.clone(),
            status: status.to_owned(),
            reason: error.map(explain),
            waited: self.waited,
            passed_over: reply
                .map(|reply| reply.identity().passed_over.clone())
                .unwrap_or_default(),
            sent,
        })
    }

    fn sent(
        &self,
        at: SystemTime,
        leg: &Leg,
        error: Option<&ChatError>,
        reply: Option<&LiveReply>,
    ) -> Sent {
        let identity = reply.map(LiveReply::identity);
        let (usage, billed) = reply.map_or((None, None), |reply| {
            (reply.assembly.usage, reply.assembly.billed)
        });
        let cost = Cost::of(billed, usage, leg.price);
        let refusal = match error {
            Some(ChatError::Refused(refusal)) => Some(refusal),
            _ => None,
        };
        // An error in place of an answer is a refusal, whatever the status was; after tokens it is
        // not.
        let may_have_cost =
            refusal.is_none() || self.saw_tokens || usage.is_some() || cost.usd.is_some();
        Sent {
            at,
            provider: leg.provider.name().to_owned(),
            model: identity.and_then(|identity| identity.model.clone()),
            served_by: identity.and_then(|identity| identity.served_by.clone()),
            generation_id: identity
                .and_then(|identity| identity.generation_id.clone())
                .or_else(|| refusal.and_then(|refusal| refusal.generation_id.clone())),
            usage,
            cost,
            worst: leg.worst_case.map(|worst| worst.of(leg.request.max_tokens)),
            may_have_cost,
        }
    }
}
