//! One profile to send a request to, with everything decided except its key.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Map, Value};

use super::cost::{TokenPrice, WorstCase};
use super::keep::Keep;
use super::pace::Pace;
use super::provider::Provider;
use super::reasoning;
use super::request::ChatRequest;
use super::request_log::RequestLog;
use crate::secrets::SharedCredential;
use crate::wire::client::{ClientOptions, Url};

/// One profile to send a request to, with everything decided except its key. Clones share the key.
#[derive(Clone)]
pub(crate) struct Target {
    pub profile: String,
    pub provider: Arc<dyn Provider>,
    pub base_url: Url,
    pub headers: Vec<(String, String)>,
    pub credential: Arc<SharedCredential>,
    pub request: ChatRequest,
    /// For an estimate when the provider sends no bill.
    pub price: Option<TokenPrice>,
    /// What a request may cost, where the price is known.
    pub worst_case: Option<WorstCase>,
    /// Most that all requests of this target may cost together, in USD; `None` without a cap.
    pub most_usd: Option<f64>,
    /// What is held back of a daily cap for these requests, in USD; `None` without such a cap. An
    /// answer with tools extends it.
    pub reserved_usd: Option<f64>,
    /// Most that they may cost together with those of the targets before, in USD; `None` without
    /// such a cap.
    pub most_usd_together: Option<f64>,
    /// Maximum output tokens of the model, where known.
    pub most_tokens: Option<u32>,
    /// Records each request before it is sent, where a ledger is kept.
    pub log: Option<Arc<dyn RequestLog>>,
    /// Decides when a request of many may be sent; `None` for one that is sent at once.
    pub pace: Option<Arc<dyn Pace>>,
    pub client: ClientOptions,
}

impl Target {
    /// The fields of the body, without the messages.
    pub(crate) fn fields(&self) -> Map<String, Value> {
        let mut request = self.request.clone();
        request.messages.clear();
        match self.provider.encode(&request).to_value() {
            Value::Object(fields) => fields,
            _ => Map::new(),
        }
    }

    /// The budget for another request after all of the first was spent on reasoning; `None` when
    /// there is no larger one.
    pub(crate) fn larger_budget(&self) -> Option<u32> {
        if !self.request.is_limited() {
            return None;
        }
        let first = self.request.max_tokens;
        let larger = reasoning::retry_budget(first)?.min(self.most_tokens.unwrap_or(u32::MAX));
        (larger > first).then_some(larger)
    }

    /// Subtracts from the caps what earlier requests for the same answer count: `own` is what those
    /// of this target count.
    pub(crate) fn settle(&mut self, own: f64, all: f64) {
        self.most_usd_together = self.most_usd_together.map(|most| (most - all).max(0.0));
        self.reserved_usd = self.reserved_usd.map(|most| (most - own).max(0.0));
        let most = self.most_usd.map(|most| (most - own).max(0.0));
        self.most_usd = most.map(|most| {
            self.most_usd_together
                .map_or(most, |together| most.min(together))
        });
    }

    /// What the request could cost and what is left of its cap, when the cap is exceeded.
    pub(crate) fn overrun(&self) -> Option<(f64, f64)> {
        let (left, worst) = (self.left()?, self.worst_case?.of(self.request.max_tokens));
        (worst > left).then_some((worst, left))
    }

    /// What is left of its caps, in USD; `None` without one.
    pub(crate) fn left(&self) -> Option<f64> {
        let caps = [self.most_usd, self.reserved_usd].into_iter().flatten();
        caps.reduce(f64::min)
    }

    /// Holds back what the next request of the answer could cost, where the rest of the reservation
    /// is not enough for it. Returns what it could cost and what is left of the caps, when they do
    /// not allow it.
    pub(crate) fn reserve_next(&mut self) -> Option<(f64, f64)> {
        let worst = self.worst_case?.of(self.request.max_tokens);
        if let Some(most) = self.most_usd.filter(|most| worst > *most) {
            return Some((worst, most));
        }
        let missing = worst - self.reserved_usd?;
        if missing <= 0.0 {
            return None;
        }
        let extended = self.log.as_ref().map(|log| log.extend(missing));
        match extended.unwrap_or(Err(0.0)) {
            Ok(()) => {
                self.reserved_usd = Some(worst);
                None
            }
            Err(left) => Some((worst, worst - missing + left)),
        }
    }
}

/// Time limits of an answer, and what is kept of it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct AskOptions {
    /// Longest time without a data event.
    pub silence: Duration,
    /// Longest time for everything.
    pub limit: Option<Duration>,
    /// Of that time, what earlier requests for the same answer have used.
    pub used: Duration,
    pub keep: Keep,
    /// The body of a reply that is no stream is kept as it came.
    pub keeps_body: bool,
}
