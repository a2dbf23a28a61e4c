//! Processes that amx starts for a tool: their group, the daemons that left it, their limits, and
//! the end of all of them.
//!
//! A child leads a process group of its own. On Linux amx is a *child subreaper* while such a group
//! exists: a daemon whose parent has ended becomes a child of amx and not of `init`, and is found
//! and ended with the group. The end is TERM, then KILL after two seconds. It happens when a call
//! ends, when its future is dropped, and at the end of the process ([`end_all`]).

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::processes;

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
    /// Children of amx that were there before.
    before: BTreeSet<u32>,
    /// Between the request to end and the end by force.
    grace: Duration,
    /// When it was requested to end.
    ending_since: Option<Instant>,
    /// Processes outside the group that were requested to end.
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
    /// Starts a child as the leader of a group. No other group looks for what has left it
    /// meanwhile: the child would seem to be such a process until its ID is known.
    ///
    /// # Errors
    /// That of the start.
    pub(crate) fn start<T>(
        start: impl FnOnce() -> std::io::Result<T>,
        id_of: impl FnOnce(&T) -> Option<u32>,
    ) -> std::io::Result<(Self, T)> {
        let mut groups = GROUPS.lock().unwrap_or_else(PoisonError::into_inner);
        if groups.running.is_empty() {
            processes::adopt_orphans(true);
        }
        let before = processes::children().into_iter().collect();
        let child = match start() {
            Ok(child) => child,
            Err(error) => {
                groups.rest();
                return Err(error);
            }
        };
        groups.next += 1;
        let id = groups.next;
        groups.running.push(Running {
            id,
            leader: id_of(&child),
            before,
            grace: GRACE,
            ending_since: None,
            requested: BTreeSet::new(),
            is_abandoned: false,
        });
        Ok((Self { id, is_over: false }, child))
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
    let others: BTreeSet<u32> = groups
        .running
        .iter()
        .filter(|running| running.id != id)
        .filter_map(|running| running.leader)
        .collect();
    let is_over = groups.running[at].step(&others, Instant::now());
    if is_over {
        groups.running.swap_remove(at);
        groups.rest();
    }
    is_over
}

impl Running {
    fn step(&mut self, others: &BTreeSet<u32>, now: Instant) -> bool {
        if let Some(leader) = self.leader.filter(|_| self.is_abandoned) {
            processes::reap(leader);
        }
        let strays = self.strays(others);
        let is_alive = self.leader.is_some_and(processes::is_group);
        if !is_alive && strays.is_empty() {
            return true;
        }
        let is_first = self.ending_since.is_none();
        let since = *self.ending_since.get_or_insert(now);
        let is_forced = now.duration_since(since) >= self.grace;
        if let Some(leader) = self.leader.filter(|_| is_alive && (is_first || is_forced)) {
            processes::signal_group(leader, is_forced);
        }
        for stray in strays {
            if self.requested.insert(stray) || is_forced {
                processes::signal(stray, is_forced);
            }
        }
        false
    }

    /// The children of amx that came from this group: daemons outside every group of amx. Those
    /// that have ended are taken off the process table.
    fn strays(&self, others: &BTreeSet<u32>) -> Vec<u32> {
        let Some(leader) = self.leader else {
            return Vec::new();
        };
        let of_amx = processes::group_of(None);
        let is_stray = |child: &u32| {
            *child != leader
                && !self.before.contains(child)
                && processes::group_of(Some(*child))
                    .is_some_and(|group| Some(group) != of_amx && !others.contains(&group))
                && !processes::reap(*child)
        };
        processes::children().into_iter().filter(is_stray).collect()
    }
}
