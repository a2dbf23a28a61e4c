//! Systems without a subreaper: a daemon that leaves its group is not found.

use super::limits::ProcessLimits;

pub(crate) fn adopt_orphans(_is_on: bool) {}

pub(crate) fn children() -> Vec<u32> {
    Vec::new()
}

/// Without daemons to find, no group has a mark.
pub(crate) fn mark(memory: Option<u64>, _group: u64) -> u64 {
    memory.unwrap_or(u64::MAX)
}

pub(crate) fn has_mark(_process: u32, _mark: u64) -> bool {
    false
}

/// They have no call that limits another process either.
pub(crate) fn limit(_process: Option<u32>, limits: ProcessLimits) {
    let _ = (limits.cpu_seconds, limits.memory, limits.tasks);
}

pub(crate) fn tasks_now() -> Option<u64> {
    None
}
