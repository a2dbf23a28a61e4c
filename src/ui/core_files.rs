//! No core file: it would hold every key that the process has read.

/// Forbids core files of this process, and on Linux other programs of the same user to read its
/// memory. A system that refuses leaves it as it was: there is nothing to fall back to.
#[cfg(unix)]
pub(super) fn forbid() {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let limit = Rlimit {
        current: Some(0),
        ..getrlimit(Resource::Core)
    };
    let _ = setrlimit(Resource::Core, limit);
    // A program that collects core files ignores the limit.
    #[cfg(target_os = "linux")]
    let _ = rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable);
}

#[cfg(not(unix))]
pub(super) fn forbid() {}
