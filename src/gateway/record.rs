//! What is kept of one request: its line of the log, its rows of the ledger, and the place that it
//! holds. Dropping it ends the request, also when the client went away.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime};

use super::attempt_result::AttemptResult;
use super::front::Front;
use super::limits::Permit;
use super::log::LogLine;
use super::profile_caps::Reserved;
use super::route::RouteTarget;
use super::state::Gateway;
use super::trace::{RequestEnd, RequestTrace};
use crate::chat::answer::{Attempt, Sent};
use crate::chat::attempt_status::AttemptStatus;
use crate::chat::request_log::OutgoingRequest;
use crate::chat::usage::Usage;

/// The status in the log of a request whose client went away.
const CLIENT_GONE: u16 = 499;

/// Numbers requests, for the ledger.
static NUMBERS: AtomicU64 = AtomicU64::new(1);

/// An attempt that is being made.
struct Current {
    number: u64,
    at: SystemTime,
    profile: String,
    provider: &'static str,
    model: String,
    worst: Option<f64>,
    /// The request has left, so that it may be billed.
    is_sent: bool,
}

/// One request of a client.
pub(super) struct Record {
    gateway: Arc<Gateway>,
    pub id: String,
    started: Instant,
    pub front: Option<Front>,
    pub method: String,
    pub path: String,
    pub client: String,
    pub asked_model: String,
    /// What is answered; `None` until that is decided.
    pub status: Option<u16>,
    pub attempts: u32,
    pub profile: String,
    pub model: String,
    first_byte: Option<Duration>,
    usage: Option<Usage>,
    usd: Option<f64>,
    is_estimate: bool,
    /// Why it failed, in a few words.
    pub why: Option<String>,
    current: Option<Current>,
    pub permit: Option<Permit>,
    pub reserved: Reserved,
    /// What distinguishes its body from others.
    pub fingerprint: u64,
    /// The stream broke: the same request soon after is billed again.
    pub is_broken: bool,
    /// `None` when telemetry is off.
    pub trace: Option<RequestTrace>,
}

impl Record {
    pub(super) fn new(gateway: Arc<Gateway>) -> Self {
        gateway.enter();
        Self {
            gateway,
            id: format!("req-{:016x}", fastrand::u64(..)),
            started: Instant::now(),
            front: None,
            method: String::new(),
            path: String::new(),
            client: String::new(),
            asked_model: String::new(),
            status: None,
            attempts: 0,
            profile: String::new(),
            model: String::new(),
            first_byte: None,
            usage: None,
            usd: None,
            is_estimate: false,
            why: None,
            current: None,
            permit: None,
            reserved: Reserved::default(),
            fingerprint: 0,
            is_broken: false,
            trace: None,
        }
    }

    /// The first byte of the answer is about to be sent.
    pub(super) fn first_byte(&mut self) {
        let elapsed = self.started.elapsed();
        self.first_byte.get_or_insert(elapsed);
        if let Some(trace) = &mut self.trace {
            trace.first_byte();
        }
    }

    /// An attempt starts. `worst` is the most that it may cost, in USD.
    pub(super) fn attempt_starts(&mut self, target: &RouteTarget, worst: Option<f64>) {
        self.attempts += 1;
        self.profile.clone_from(&target.profile);
        self.model.clone_from(&target.model);
        let current = Current {
            number: NUMBERS.fetch_add(1, Ordering::Relaxed),
            at: SystemTime::now(),
            profile: target.profile.clone(),
            provider: target.entry.name,
            model: target.model.clone(),
            worst,
            is_sent: false,
        };
        self.current = Some(current);
        if let Some(trace) = &mut self.trace {
            let operation = self.front.map_or("chat", |front| front.row().operation);
            trace.attempt_starts(target, operation);
        }
    }

    /// The request of the attempt leaves.
    pub(super) fn attempt_leaves(&mut self) {
        let Some(current) = &mut self.current else {
            return;
        };
        current.is_sent = true;
        let outgoing = OutgoingRequest {
            at: current.at,
            profile: current.profile.clone(),
            provider: current.provider.to_owned(),
            model: current.model.clone(),
            worst: current.worst,
        };
        let reservation = self.reserved.of(&current.profile);
        self.gateway
            .ledger
            .started(current.number, &self.client, outgoing, reservation);
    }

    /// The attempt has ended.
    pub(super) fn attempt_ends(&mut self, result: AttemptResult) {
        if let Some(trace) = &mut self.trace {
            trace.attempt_ends(&result);
        }
        let Some(current) = self.current.take().filter(|current| current.is_sent) else {
            return;
        };
        let sent = Sent {
            at: current.at,
            provider: current.provider.to_owned(),
            model: result.model,
            served_by: None,
            generation_id: result.generation_id,
            usage: result.usage,
            cost: result.cost,
            worst: current.worst,
            may_have_cost: result.may_have_cost,
        };
        let counted = sent.counted();
        if !result.is_unsent {
            self.usage = crate::chat::usage::sum(self.usage, result.usage);
            if let Some(usd) = result.cost.usd {
                self.usd = Some(self.usd.unwrap_or_default() + usd);
                self.is_estimate = self.is_estimate
                    || result.cost.source == crate::chat::cost::CostSource::Estimate;
            }
            if let (Some(permit), Some(usd)) = (&mut self.permit, counted) {
                permit.spend(usd);
            }
        }
        let attempt = Attempt {
            model: current.model,
            profile: current.profile,
            status: result.status.unwrap_or(AttemptStatus::Ok),
            reason: None,
            waited: Duration::ZERO,
            skipped_models: Vec::new(),
            sent: (!result.is_unsent).then_some(sent),
            record: None,
        };
        self.gateway
            .ledger
            .ended(current.number, &self.client, attempt);
    }
}

impl Drop for Record {
    fn drop(&mut self) {
        if self.current.is_some() {
            self.why
                .get_or_insert_with(|| "the client went away".to_owned());
            self.status = Some(CLIENT_GONE);
            self.attempt_ends(AttemptResult {
                status: Some(AttemptStatus::Cancelled),
                may_have_cost: true,
                ..AttemptResult::default()
            });
        }
        if let Some(trace) = self.trace.take() {
            let end = RequestEnd {
                route: self.front.map_or("", |front| front.row().route),
                status: self.status.unwrap_or(CLIENT_GONE),
                client: &self.client,
                profile: &self.profile,
            };
            self.gateway.telemetry.export(trace.finish(&end));
        }
        // The place is free before the log says so.
        drop(self.permit.take());
        drop(std::mem::take(&mut self.reserved));
        if self.is_broken {
            self.gateway.repeats.broke(&self.client, self.fingerprint);
        }
        let line = LogLine {
            at: SystemTime::now(),
            id: std::mem::take(&mut self.id),
            method: std::mem::take(&mut self.method),
            path: std::mem::take(&mut self.path),
            front: self.front,
            client: std::mem::take(&mut self.client),
            status: self.status.unwrap_or(CLIENT_GONE),
            asked_model: std::mem::take(&mut self.asked_model),
            profile: std::mem::take(&mut self.profile),
            model: std::mem::take(&mut self.model),
            attempts: self.attempts,
            first_byte: self.first_byte,
            total: self.started.elapsed(),
            usage: self.usage,
            usd: self.usd,
            is_estimate: self.is_estimate,
            why: self.why.take(),
        };
        self.gateway.leave(line);
    }
}
