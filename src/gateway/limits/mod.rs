//! Limits of a key: requests a minute, requests at the same time, USD a day.

mod limit;
mod memory;

use std::sync::Arc;

use super::problem::Problem;
pub(super) use limit::{LimitRequest, micro};
use memory::MemoryLimits;

/// The limits of all keys.
pub(super) struct Limits {
    memory: Arc<MemoryLimits>,
}

/// A place that a request holds until it is dropped.
pub(super) struct Permit {
    memory: Arc<MemoryLimits>,
    key: String,
    reserved: u64,
    spent: u64,
}

impl Limits {
    /// `per_day` is the limit of all keys together, in USD; `spent` is what keys have spent today.
    pub(super) fn in_memory(per_day: Option<f64>, spent: Vec<(String, f64)>) -> Self {
        Self {
            memory: Arc::new(MemoryLimits::new(
                per_day.map(micro),
                spent.into_iter().map(|(key, usd)| (key, micro(usd))),
            )),
        }
    }

    /// Takes a place for a request.
    ///
    /// # Errors
    /// 429 when a limit is reached.
    pub(super) fn admit(&self, request: LimitRequest<'_>) -> Result<Permit, Problem> {
        self.memory
            .admit(request)
            .map_err(|reached| reached.problem(request.key))?;
        Ok(Permit {
            memory: Arc::clone(&self.memory),
            key: request.key.name.clone(),
            reserved: request.reserve.unwrap_or_default(),
            spent: 0,
        })
    }
}

impl Permit {
    /// Adds what the request cost, or may have cost, in USD.
    pub(super) fn spend(&mut self, usd: f64) {
        self.spent += micro(usd);
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        self.memory.settle(&self.key, self.reserved, self.spent);
    }
}
