//! Requests for tests.

use std::time::{Duration, SystemTime};

use super::answer::{Attempt, Sent};
use super::attempt_status::AttemptStatus;
use super::cost::Cost;

/// A request of long ago that may have cost something, nobody knows what.
pub(crate) fn sent() -> Sent {
    Sent {
        at: SystemTime::UNIX_EPOCH,
        provider: "openrouter".to_owned(),
        model: None,
        served_by: None,
        generation_id: None,
        usage: None,
        cost: Cost::default(),
        worst: None,
        may_have_cost: true,
    }
}

/// The attempt of such a request, which succeeded.
pub(crate) fn attempt(sent: Sent) -> Attempt {
    Attempt {
        model: "a/b".to_owned(),
        profile: "work".to_owned(),
        status: AttemptStatus::Ok,
        reason: None,
        waited: Duration::ZERO,
        skipped_models: Vec::new(),
        sent: Some(sent),
        record: None,
    }
}
