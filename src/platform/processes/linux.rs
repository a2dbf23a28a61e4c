//! Adoption, children and limits of Linux.

use rustix::process::{Pid, Resource, Rlimit};

use super::limits::ProcessLimits;

/// Whether processes whose parent has ended become children of this one.
pub(crate) fn adopt_orphans(is_on: bool) {
    let parent = is_on.then(rustix::process::getpid);
    // Where the system refuses it, only the group is ended.
    let _ = rustix::process::set_child_subreaper(parent);
}

/// The children of this process, those it adopted included.
pub(crate) fn children() -> Vec<u32> {
    let Ok(threads) = std::fs::read_dir("/proc/self/task") else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for thread in threads.flatten() {
        let path = thread.path().join("children");
        let Ok(list) = std::fs::read_to_string(path) else {
            return children_of_all();
        };
        found.extend(
            list.split_ascii_whitespace()
                .filter_map(|id| id.parse::<u32>().ok()),
        );
    }
    found
}

/// The same on a kernel that does not list them.
fn children_of_all() -> Vec<u32> {
    let own = rustix::process::getpid().as_raw_nonzero().get().to_string();
    let Ok(processes) = std::fs::read_dir("/proc") else {
        return Vec::new();
    };
    let is_child = |id: &u32| {
        let status = std::fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
        // The name of the program is in parentheses, and may have any character.
        let parent = status.rsplit(')').next().unwrap_or_default();
        parent.split_ascii_whitespace().nth(1) == Some(own.as_str())
    };
    let ids = processes.flatten();
    ids.filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .filter(is_child)
        .collect()
}

/// Largest limit of memory for data where there is none: nothing reaches it.
const UNREACHABLE: u64 = 1 << 60;

/// Marks of one process of amx, each a byte less of memory than the one before.
const MARKS: u64 = 1024;

/// Processes of amx whose marks differ.
const MARKED: u64 = 65_536;

/// The limit of memory by which the processes of a group are found again: it is inherited, can only
/// be lowered, and differs by some bytes from that of every other group.
pub(crate) fn mark(memory: Option<u64>, group: u64) -> u64 {
    let own = rustix::process::getrlimit(Resource::Data).maximum;
    let most = own
        .unwrap_or(UNREACHABLE)
        .min(memory.unwrap_or(UNREACHABLE));
    let process = u64::from(std::process::id()) % MARKED;
    most.saturating_sub(process * MARKS + group % MARKS)
}

/// Whether a process has the limit of memory of a group.
pub(crate) fn has_mark(process: u32, mark: u64) -> bool {
    let limits = std::fs::read_to_string(format!("/proc/{process}/limits")).unwrap_or_default();
    let row = limits
        .lines()
        .find_map(|row| row.strip_prefix("Max data size"));
    let most = row.and_then(|row| row.split_ascii_whitespace().nth(1));
    most.and_then(|most| most.parse().ok()) == Some(mark)
}

/// Limits a process, or this one for `None`, and those that it starts from now on.
pub(crate) fn limit(process: Option<u32>, limits: ProcessLimits) {
    let process = match process {
        Some(id) => match i32::try_from(id).ok().and_then(Pid::from_raw) {
            Some(process) => Some(process),
            None => return,
        },
        None => None,
    };
    for (resource, most) in [
        (Resource::Cpu, limits.cpu_seconds),
        (Resource::Data, limits.memory),
        (Resource::Core, Some(0)),
        (Resource::Nproc, limits.tasks),
    ] {
        let Some(most) = most else { continue };
        lower(process, resource, most);
    }
}

/// Lowers a limit. One that is lower already stays, and a process that has ended needs none.
fn lower(process: Option<Pid>, resource: Resource, most: u64) {
    let own = rustix::process::getrlimit(resource);
    let least = |limit: Option<u64>| Some(limit.map_or(most, |limit| limit.min(most)));
    let limit = Rlimit {
        current: least(own.current),
        maximum: least(own.maximum),
    };
    let _ = rustix::process::prlimit(process, resource, limit);
}

/// All processes and threads of the system: at least as many as those of this user.
pub(crate) fn tasks_now() -> Option<u64> {
    let load = std::fs::read_to_string("/proc/loadavg").ok()?;
    let tasks = load.split_ascii_whitespace().nth(3)?;
    tasks.split_once('/')?.1.parse().ok()
}
