//! One profile to ask, with everything decided but its key.

use std::sync::Arc;
use std::time::Duration;

use super::cost::{TokenPrice, WorstCase};
use super::keep::Keep;
use super::provider::Provider;
use super::reasoning;
use super::request::ChatRequest;
use crate::secrets::SharedCredential;
use crate::wire::client::{ClientOptions, Url};

/// One profile to ask, everything decided but its key. Clones share the key.
#[derive(Clone)]
pub struct Leg {
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
    /// Most that all requests of this leg may cost together, in USD; `None` without a cap.
    pub most_usd: Option<f64>,
    /// Most tokens that the model can give, where it is known.
    pub most_tokens: Option<u32>,
    pub client: ClientOptions,
}

impl Leg {
    /// The budget for a second try after all of the first went into thinking; `None` when there is no larger one.
    pub fn larger_budget(&self) -> Option<u32> {
        let first = self.request.max_tokens;
        let larger = reasoning::retry_budget(first)?.min(self.most_tokens.unwrap_or(u32::MAX));
        (larger > first).then_some(larger)
    }
}

/// How to ask.
#[derive(Debug, Clone, Copy)]
pub struct AskOptions {
    /// Longest time without a data event.
    pub silence: Duration,
    /// Longest time for everything.
    pub limit: Option<Duration>,
    /// Of that time, what earlier requests for the same answer have used.
    pub used: Duration,
    pub keep: Keep,
}
