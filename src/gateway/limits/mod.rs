//! Limits of a key: requests a minute, requests at the same time, USD a day.

mod limit;
mod memory;
#[cfg(feature = "shared-limits")]
mod shared;

use std::sync::Arc;

use super::client_key::ClientKey;
use super::problem::Problem;
pub(super) use limit::{LimitRequest, micro};
use memory::MemoryLimits;

/// The code of a refusal because the shared limits could not be asked.
pub(super) const LIMITS_UNAVAILABLE: &str = "limits_unavailable";

/// Which requests pass while the shared limits cannot be asked.
#[derive(Debug, Clone, Copy)]
pub(super) struct OnFailure {
    /// Those with a limit on rate or concurrency.
    pub passes_rate: bool,
    /// Those with a limit on money.
    pub passes_money: bool,
}

/// The limits of all keys.
pub(super) struct Limits {
    memory: Arc<MemoryLimits>,
    #[cfg(feature = "shared-limits")]
    shared: Option<(Arc<shared::SharedLimits>, OnFailure)>,
}

/// Where a request has its place.
enum Place {
    /// With the day on which it was taken.
    Memory(Arc<MemoryLimits>, u64),
    #[cfg(feature = "shared-limits")]
    Shared(shared::SharedPlace),
    /// The shared limits could not be asked.
    #[cfg(feature = "shared-limits")]
    Unlimited,
}

/// A place that a request holds until it is dropped.
pub(super) struct Permit {
    place: Place,
    key: String,
    reserved: u64,
    spent: u64,
    /// The shared limits could not be asked, and the request was let through.
    pub is_unchecked: bool,
}

impl Limits {
    /// Those of this process. `per_day` is the limit of all keys together, in USD; `spent` is what
    /// keys have spent today.
    pub(super) fn in_memory(per_day: Option<f64>, spent: Vec<(String, f64)>) -> Self {
        Self {
            memory: Arc::new(MemoryLimits::new(
                per_day.map(micro),
                spent.into_iter().map(|(key, usd)| (key, micro(usd))),
            )),
            #[cfg(feature = "shared-limits")]
            shared: None,
        }
    }

    /// Shares them in Redis, at a URL.
    ///
    /// # Errors
    /// Why the URL cannot be used.
    #[cfg(feature = "shared-limits")]
    pub(super) fn shared_at(
        mut self,
        url: &str,
        per_day: Option<f64>,
        on_failure: OnFailure,
    ) -> Result<Self, String> {
        let shared = shared::SharedLimits::new(url, per_day.map(micro));
        let shared = Arc::new(shared.map_err(|error| error.to_string())?);
        self.shared = Some((shared, on_failure));
        Ok(self)
    }

    /// Without support for shared limits.
    ///
    /// # Errors
    /// Always.
    #[cfg(not(feature = "shared-limits"))]
    pub(super) fn shared_at(
        self,
        _url: &str,
        _per_day: Option<f64>,
        _on_failure: OnFailure,
    ) -> Result<Self, String> {
        Err("this amx was built without shared limits".to_owned())
    }

    /// Whether a daily limit applies to the requests of a key.
    pub(super) fn has_cap(&self, key: &ClientKey) -> bool {
        self.memory.has_cap() || key.per_day.is_some()
    }

    /// Takes a place for a request.
    ///
    /// # Errors
    /// 429 when a limit is reached, 503 when a limit on money cannot be asked.
    #[cfg_attr(
        not(feature = "shared-limits"),
        expect(
            clippy::unused_async,
            reason = "shared limits are asked over the network"
        )
    )]
    pub(super) async fn admit(&self, request: LimitRequest<'_>) -> Result<Permit, Problem> {
        let permit = |place, is_unchecked| Permit {
            place,
            key: request.key.name.clone(),
            reserved: request.reserve.unwrap_or_default(),
            spent: 0,
            is_unchecked,
        };
        #[cfg(feature = "shared-limits")]
        if let Some((shared, on_failure)) = &self.shared {
            return match shared.admit(request).await {
                Ok(Ok(place)) => Ok(permit(Place::Shared(place), false)),
                Ok(Err(reached)) => Err(reached.problem(request.key)),
                Err(shared::Unavailable) => {
                    let has_cap = shared.has_cap(&request);
                    on_failure.check(request.key, has_cap)?;
                    Ok(permit(Place::Unlimited, true))
                }
            };
        }
        let day = self
            .memory
            .admit(request)
            .map_err(|reached| reached.problem(request.key))?;
        Ok(permit(Place::Memory(Arc::clone(&self.memory), day), false))
    }
}

#[cfg(feature = "shared-limits")]
impl OnFailure {
    /// Whether a request passes whose limits cannot be asked.
    ///
    /// # Errors
    /// 503 when it does not.
    fn check(self, key: &ClientKey, has_cap: bool) -> Result<(), Problem> {
        let has_rate = key.rpm.is_some() || key.concurrent.is_some();
        let limit = match (has_cap && !self.passes_money, has_rate && !self.passes_rate) {
            (true, _) => "the daily limit",
            (false, true) => "the rate",
            (false, false) => return Ok(()),
        };
        let message = format!("{limit} cannot be checked: Redis does not answer");
        Err(Problem::new(503, LIMITS_UNAVAILABLE, message).made_final())
    }
}

impl Permit {
    /// Adds what the request cost, or may have cost, in USD.
    pub(super) fn spend(&mut self, usd: f64) {
        self.spent = self.spent.saturating_add(micro(usd));
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        match &mut self.place {
            Place::Memory(memory, day) => {
                memory.settle(&self.key, *day, self.reserved, self.spent);
            }
            #[cfg(feature = "shared-limits")]
            Place::Shared(place) => place.settle(self.spent),
            #[cfg(feature = "shared-limits")]
            Place::Unlimited => {}
        }
    }
}
