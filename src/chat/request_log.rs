//! The record of each request, written before it is sent: a process that is killed cannot write it
//! afterwards.

use std::time::SystemTime;

use super::answer::{Attempt, RecordId};

/// A request whose first byte is about to leave this machine.
#[derive(Debug, Clone, PartialEq)]
pub struct OutgoingRequest {
    pub at: SystemTime,
    pub profile: String,
    pub provider: String,
    pub model: String,
    /// The most that it may cost in USD, where the price is known.
    pub worst: Option<f64>,
}

/// Records requests. A request that cannot be recorded is sent all the same, and recorded after its
/// answer.
pub(crate) trait RequestLog: Send + Sync {
    /// Records a request before it is sent; `None` when it cannot be recorded.
    fn sending(&self, request: &OutgoingRequest) -> Option<RecordId>;

    /// Adds to what is held back of a daily cap for the requests of this answer, in USD.
    ///
    /// # Errors
    /// What is left of the cap, in USD, when that is less: nothing is added.
    fn extend(&self, usd: f64) -> Result<(), f64>;

    /// An attempt has ended. Its record is updated with the next one, or after the answer.
    fn ended(&self, attempt: &Attempt);
}
