//! Calls of the operating system about processes: groups, signals, children and limits.

pub(crate) mod launch;
mod limits;
#[cfg(target_os = "linux")]
mod linux;
#[cfg(not(target_os = "linux"))]
mod not_linux;
#[cfg(not(unix))]
mod not_unix;
#[cfg(unix)]
mod unix;

pub(crate) use limits::ProcessLimits;
#[cfg(target_os = "linux")]
pub(crate) use linux::{adopt_orphans, children, has_mark, limit, mark, tasks_now};
#[cfg(not(target_os = "linux"))]
pub(crate) use not_linux::{adopt_orphans, children, has_mark, limit, mark, tasks_now};
#[cfg(not(unix))]
pub(crate) use not_unix::{group_of, is_group, reap, signal, signal_group};
#[cfg(unix)]
pub(crate) use unix::{group_of, is_group, reap, signal, signal_group};
