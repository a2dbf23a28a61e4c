//! Processes that amx starts for a tool: their group, the daemons that left it, their limits, and
//! the end of all of them.
//!
//! A child leads a process group of its own. On Linux amx is a *child subreaper* while such a group
//! exists: a daemon whose parent has ended becomes a child of amx and not of `init`. It is found
//! and ended with the group that it came from, which is written in its limits
//! ([`mark`](processes::mark)): whatever else amx starts meanwhile is not touched. The end is TERM,
//! then KILL after two seconds. It happens when a call ends, when its future is dropped, and at the
//! end of the process ([`end_all`]).

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::process::{Child, Command};

use super::processes::{self, ProcessLimits, launch};

/// Between the request to end and the end by force.
const GRACE: Duration = Duration::from_secs(2);

/// The same for a child that had time to end by itself before.
const SHORT_GRACE: Duration = Duration::from_secs(1);

/// Longest time that the end of the process waits for its children.
const LONGEST_END: Duration = Duration::from_millis(2400);

/// How often a group that ends is looked at.
const POLL: Duration = Duration::from_millis(5);

/// The groups that are running or ending.
static GROUPS: Mutex<Groups> = Mutex::new(Groups {
    next: 0,
    running: Vec::new(),
});

struct Groups {
    next: u64,
    running: Vec<Running>,
}

impl Groups {
    fn enter(&mut self, id: u64, leader: Option<u32>, mark: u64) -> Group {
        self.running.push(Running {
            id,
            leader,
            mark,
            grace: GRACE,
            ending_since: None,
            is_group_requested: false,
            requested: BTreeSet::new(),
            is_abandoned: false,
        });
        Group { id, is_over: false }
    }

    /// Without a group, processes are adopted by whom they were before.
    fn rest(&self) {
        if self.running.is_empty() {
            processes::adopt_orphans(false);
        }
    }
}

struct Running {
    id: u64,
    /// Process ID of the child, which is the ID of its group; `None` when it has ended.
    leader: Option<u32>,
    /// What all its processes have in their limits.
    mark: u64,
    /// Between the request to end and the end by force.
    grace: Duration,
    /// When it was requested to end.
    ending_since: Option<Instant>,
    /// The group was requested to end.
    is_group_requested: bool,
    /// Single processes that were requested to end.
    requested: BTreeSet<u32>,
    /// Nobody waits for the child any more.
    is_abandoned: bool,
}

/// A process group with one child of amx at its head. Dropping it ends what is still in it.
#[derive(Debug)]
pub(crate) struct Group {
    id: u64,
    is_over: bool,
}

impl Group {
    /// Starts a program as the leader of a group, within these limits. `set_up` gives it its
    /// arguments, environment and pipes.
    ///
    /// # Errors
    /// That of the start.
    pub(crate) fn start(
        program: &str,
        limits: ProcessLimits,
        set_up: impl FnOnce(&mut Command),
    ) -> std::io::Result<(Self, Child)> {
        let mut groups = GROUPS.lock().unwrap_or_else(PoisonError::into_inner);
        if groups.running.is_empty() {
            processes::adopt_orphans(true);
        }
        groups.next += 1;
        let id = groups.next;
        let mark = processes::mark(limits.memory, id);
        let limits = ProcessLimits {
            memory: Some(mark),
            ..limits
        };
        let mut command = launch::command(program, limits);
        set_up(&mut command);
        let child = match command.spawn() {
            Ok(child) => child,
            Err(error) => {
                groups.rest();
                return Err(error);
            }
        };
        let leader = child.id();
        if let Some(leader) = leader.filter(|_| !launch::is_enabled()) {
            processes::limit(Some(leader), limits);
        }
        Ok((groups.enter(id, leader, mark), child))
    }

    /// Starts a program that stays in the group of amx, so that it may ask for a password in the
    /// terminal. What it starts is found as daemons are.
    ///
    /// # Errors
    /// That of the start.
    pub(crate) fn start_here(
        command: &mut std::process::Command,
    ) -> std::io::Result<(Self, std::process::Child)> {
        let mut groups = GROUPS.lock().unwrap_or_else(PoisonError::into_inner);
        if groups.running.is_empty() {
            processes::adopt_orphans(true);
        }
        let child = match command.spawn() {
            Ok(child) => child,
            Err(error) => {
                groups.rest();
                return Err(error);
            }
        };
        groups.next += 1;
        let id = groups.next;
        let mark = processes::mark(None, id);
        let limits = ProcessLimits {
            memory: Some(mark),
            ..ProcessLimits::default()
        };
        processes::limit(Some(child.id()), limits);
        Ok((groups.enter(id, Some(child.id()), mark), child))
    }

    /// Leaves what the child has started as it is: an agent that a later one will ask. For a child
    /// that has ended by itself.
    pub(crate) fn release(mut self) {
        let mut groups = GROUPS.lock().unwrap_or_else(PoisonError::into_inner);
        groups.running.retain(|running| running.id != self.id);
        groups.rest();
        self.is_over = true;
    }

    /// Ends what is left of it. The child itself is waited for by its owner.
    pub(crate) async fn end(&mut self) {
        while !step(self.id) {
            tokio::time::sleep(POLL).await;
        }
        self.is_over = true;
    }

    /// The same for a child that had a second to end by itself, in half the time.
    pub(crate) async fn end_soon(&mut self) {
        {
            let mut groups = GROUPS.lock().unwrap_or_else(PoisonError::into_inner);
            let id = self.id;
            if let Some(running) = groups.running.iter_mut().find(|running| running.id == id) {
                running.grace = SHORT_GRACE;
            }
        }
        self.end().await;
    }
}

impl Drop for Group {
    /// Requests the end now, and brings it about on a thread of its own.
    fn drop(&mut self) {
        if self.is_over {
            return;
        }
        abandon(|running| running.id == self.id);
        if step(self.id) {
            return;
        }
        let id = self.id;
        let wait = move || {
            while !step(id) {
                pause();
            }
        };
        // Without a thread, the end of the process waits for it.
        let _ = std::thread::Builder::new().spawn(wait);
    }
}

/// Ends all groups, and returns when they are gone, at the latest after 2.4 s. For the end of the
/// process, also after a signal or a panic. Takes no time without groups.
pub(crate) fn end_all() {
    let deadline = Instant::now() + LONGEST_END;
    abandon(|_| true);
    loop {
        let groups = GROUPS.lock().unwrap_or_else(PoisonError::into_inner);
        let ids: Vec<u64> = groups.running.iter().map(|running| running.id).collect();
        drop(groups);
        let mut is_over = true;
        for id in ids {
            is_over &= step(id);
        }
        if is_over || Instant::now() >= deadline {
            return;
        }
        pause();
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "a process that is no child has no event for its end"
)]
fn pause() {
    std::thread::sleep(POLL);
}

/// From now on a child that has ended is taken off the process table here.
fn abandon(is_meant: impl Fn(&Running) -> bool) {
    let mut groups = GROUPS.lock().unwrap_or_else(PoisonError::into_inner);
    for running in groups
        .running
        .iter_mut()
        .filter(|running| is_meant(running))
    {
        running.is_abandoned = true;
    }
}

/// Signals what is left of a group as far as it is time. Returns whether nothing is left.
fn step(id: u64) -> bool {
    let mut groups = GROUPS.lock().unwrap_or_else(PoisonError::into_inner);
    let Some(at) = groups.running.iter().position(|running| running.id == id) else {
        return true;
    };
    let is_over = groups.running[at].step(Instant::now());
    if is_over {
        groups.running.swap_remove(at);
        groups.rest();
    }
    is_over
}

impl Running {
    fn step(&mut self, now: Instant) -> bool {
        if let Some(leader) = self.leader.filter(|_| self.is_abandoned) {
            processes::reap(leader);
        }
        let mut single = self.strays();
        let group = self.leader.filter(|leader| processes::is_group(*leader));
        // It has not left the group of amx yet.
        let starting = self.leader.filter(|leader| {
            let of = processes::group_of(Some(*leader));
            of.is_some() && of == processes::group_of(None)
        });
        single.extend(starting);
        if group.is_none() && single.is_empty() {
            return true;
        }
        let since = *self.ending_since.get_or_insert(now);
        let is_forced = now.duration_since(since) >= self.grace;
        if let Some(leader) = group.filter(|_| !self.is_group_requested || is_forced) {
            self.is_group_requested = true;
            processes::signal_group(leader, is_forced);
        }
        for process in single {
            if self.requested.insert(process) || is_forced {
                processes::signal(process, is_forced);
            }
        }
        false
    }

    /// The children of amx that came from this group: daemons whose parent has ended. Those that
    /// have ended are taken off the process table.
    fn strays(&self) -> Vec<u32> {
        let is_stray = |child: &u32| {
            Some(*child) != self.leader
                && processes::has_mark(*child, self.mark)
                && !processes::reap(*child)
        };
        processes::children().into_iter().filter(is_stray).collect()
    }
}

/// The start of a shell script that starts daemons in a unit test. There the limits, by which
/// daemons are found, arrive a moment after the start.
#[cfg(all(test, unix))]
pub(crate) const UNTIL_LIMITED: &str = if cfg!(target_os = "linux") {
    "while [ \"$(ulimit -d)\" = unlimited ]; do :; done; "
} else {
    ""
};

#[cfg(target_os = "linux")]
#[cfg(test)]
mod tests {
    use super::*;
    use std::process::Stdio;
    use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};

    /// A daemon in a session of its own, whose parent has ended; its ID is on stdout.
    const DAEMON: &str = "read go; setsid sh -c 'sleep 1000 & echo $!'; read end";

    /// Starts a group with a daemon.
    async fn with_daemon() -> (Group, Child, u32) {
        let limits = ProcessLimits::default();
        let (group, mut child) = Group::start("sh", limits, |command| {
            let command = command.args(["-c", DAEMON]).stdin(Stdio::piped());
            command.stdout(Stdio::piped());
        })
        .unwrap();
        // It has its limits by now, and its daemon inherits them.
        child
            .stdin
            .as_mut()
            .unwrap()
            .write_all(b"go\n")
            .await
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let daemon = lines.next_line().await.unwrap().unwrap();
        (group, child, daemon.parse().unwrap())
    }

    fn is_running(process: u32) -> bool {
        let status = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
        status
            .rsplit(") ")
            .next()
            .is_some_and(|state| !state.is_empty() && !state.starts_with('Z'))
    }

    #[tokio::test]
    async fn the_end_of_a_group_reaches_its_own_daemons_and_no_other_process() {
        let (mut one, mut first, of_one) = with_daemon().await;
        let (mut other, mut second, of_other) = with_daemon().await;
        // A child of this process with a group of its own, which no tool has started.
        let mut own = Command::new("sleep")
            .arg("1000")
            .process_group(0)
            .spawn()
            .unwrap();
        let own_id = own.id().unwrap();
        tokio::join!(one.end(), async { first.wait().await.unwrap() });
        assert!(!is_running(of_one));
        assert!(is_running(of_other) && is_running(own_id));
        tokio::join!(other.end(), async { second.wait().await.unwrap() });
        assert!(!is_running(of_other));
        assert!(is_running(own_id));
        own.kill().await.unwrap();
    }
}
