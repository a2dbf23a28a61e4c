//! Groups and signals of Unix.

use rustix::process::{Pid, Signal, WaitOptions};

fn pid(id: u32) -> Option<Pid> {
    i32::try_from(id).ok().and_then(Pid::from_raw)
}

/// Whether a group has a process.
pub(crate) fn is_group(leader: u32) -> bool {
    pid(leader).is_some_and(|leader| {
        // Who must not signal it has found it.
        !matches!(
            rustix::process::test_kill_process_group(leader),
            Err(rustix::io::Errno::SRCH)
        )
    })
}

fn end_signal(is_forced: bool) -> Signal {
    if is_forced {
        Signal::KILL
    } else {
        Signal::TERM
    }
}

/// Requests the end of a group, or forces it.
pub(crate) fn signal_group(leader: u32, is_forced: bool) {
    if let Some(leader) = pid(leader) {
        // It may have ended by itself. A stopped process acts on the signal when it continues.
        let _ = rustix::process::kill_process_group(leader, end_signal(is_forced));
        let _ = rustix::process::kill_process_group(leader, Signal::CONT);
    }
}

/// The same for one process.
pub(crate) fn signal(process: u32, is_forced: bool) {
    if let Some(process) = pid(process) {
        let _ = rustix::process::kill_process(process, end_signal(is_forced));
        let _ = rustix::process::kill_process(process, Signal::CONT);
    }
}

/// The group of a process; of this one for `None`.
pub(crate) fn group_of(process: Option<u32>) -> Option<u32> {
    let process = match process {
        Some(id) => Some(pid(id)?),
        None => None,
    };
    let group = rustix::process::getpgid(process).ok()?;
    u32::try_from(group.as_raw_nonzero().get()).ok()
}

/// Takes a child that has ended off the process table. Returns whether it had.
pub(crate) fn reap(child: u32) -> bool {
    pid(child).is_some_and(|child| {
        matches!(
            rustix::process::waitpid(Some(child), WaitOptions::NOHANG),
            Ok(Some(_))
        )
    })
}
