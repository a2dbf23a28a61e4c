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

/// Limits a process, and those that it starts from now on.
pub(crate) fn limit(process: u32, limits: ProcessLimits) {
    let Some(process) = i32::try_from(process).ok().and_then(Pid::from_raw) else {
        return;
    };
    let tasks = tasks_now().map(|tasks| tasks + limits.more_tasks);
    for (resource, most) in [
        (Resource::Cpu, Some(limits.cpu_seconds)),
        (Resource::Data, Some(limits.memory)),
        (Resource::Core, Some(0)),
        (Resource::Nproc, tasks),
    ] {
        let Some(most) = most else { continue };
        lower(process, resource, most);
    }
}

/// Lowers a limit. One that is lower already stays, and a process that has ended needs none.
fn lower(process: Pid, resource: Resource, most: u64) {
    let own = rustix::process::getrlimit(resource);
    let least = |limit: Option<u64>| Some(limit.map_or(most, |limit| limit.min(most)));
    let limit = Rlimit {
        current: least(own.current),
        maximum: least(own.maximum),
    };
    let _ = rustix::process::prlimit(Some(process), resource, limit);
}

/// All processes and threads of the system: at least as many as those of this user.
fn tasks_now() -> Option<u64> {
    let load = std::fs::read_to_string("/proc/loadavg").ok()?;
    let tasks = load.split_ascii_whitespace().nth(3)?;
    tasks.split_once('/')?.1.parse().ok()
}
