//! What decides when a request of many may be sent, and learns how each of them ended.

use std::pin::Pin;
use std::time::Duration;

use super::allowance::Allowance;

/// How long a request that is paced is sent again after refusals for load, and the longest wait
/// that its server may ask for.
pub(crate) const PATIENCE: Duration = Duration::from_secs(600);

/// A wait for admission.
pub(crate) type Admission<'a> = Pin<Box<dyn Future<Output = ()> + Send + 'a>>;

/// What the end of a request says about the load of its server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Load {
    /// The answer is complete.
    Fine,
    /// It was refused for load: sent again once the pace admits it, `wait` from now at the earliest
    /// where the server says so.
    Refused { wait: Option<Duration> },
    /// There was no connection to the server.
    Unreachable,
    /// It says nothing about load.
    Unknown,
}

/// Paces the requests of one row. Each admission is followed by one call of `ended`.
pub(crate) trait Pace: Send + Sync {
    /// Completes when a request may be sent.
    fn admitted(&self) -> Admission<'_>;

    /// The first tokens of an answer have arrived: the server accepts the key and the model.
    fn accepted(&self);

    /// What a reply says of a limit of the server.
    fn allows(&self, allowance: Allowance);

    /// Whether a request that finds no connection is sent again once the pace admits it.
    fn awaits_server(&self) -> bool;

    /// An admitted request has ended.
    fn ended(&self, load: Load);
}
