//! Systems without process groups: a child is ended by its owner, and what it started is not.

pub(crate) fn is_group(_leader: u32) -> bool {
    false
}

pub(crate) fn signal_group(_leader: u32, _is_forced: bool) {}

pub(crate) fn signal(_process: u32, _is_forced: bool) {}

pub(crate) fn group_of(_process: Option<u32>) -> Option<u32> {
    None
}

pub(crate) fn reap(_child: u32) -> bool {
    true
}
