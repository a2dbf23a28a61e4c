//! The threads that serve the same listener. The one that is awake accepts a connection, often all
//! that arrive together; the one with the fewest answers it.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use super::accepted::{Accepted, Detached};
use super::limits::ConnectionLimits;
use super::open::{OpenConnection, OpenConnections};
use super::request::Peer;

/// The threads of a server, and the connections that are open.
#[derive(Debug, Default)]
pub(crate) struct Lanes {
    pub(super) connections: Arc<OpenConnections>,
    all: Mutex<Vec<Sending>>,
}

/// A thread, as the others reach it.
#[derive(Debug, Clone)]
struct Sending {
    /// Its connections.
    open: Arc<AtomicUsize>,
    sender: UnboundedSender<Handed>,
}

/// A connection on its way to another thread.
#[derive(Debug)]
struct Handed {
    connection: Detached,
    peer: Peer,
    entered: OpenConnection,
    place: Place,
}

/// A connection for this thread.
#[derive(Debug)]
pub(super) struct Arrival {
    pub connection: Accepted,
    pub peer: Peer,
    pub entered: OpenConnection,
    pub place: Place,
}

/// Counts a connection of a thread until it is dropped.
#[derive(Debug)]
pub(super) struct Place(Arc<AtomicUsize>);

impl Drop for Place {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// A thread of the server.
#[derive(Debug)]
pub(super) struct Lane<'a> {
    lanes: &'a Lanes,
    own: Sending,
    receiver: UnboundedReceiver<Handed>,
}

impl Lanes {
    /// Adds this thread.
    pub(super) fn lane(&self) -> Lane<'_> {
        let (sender, receiver) = unbounded_channel();
        let own = Sending {
            open: Arc::default(),
            sender,
        };
        self.all().push(own.clone());
        Lane {
            lanes: self,
            own,
            receiver,
        }
    }

    /// The thread with the fewest connections, `own` where it is one of them. The next connection
    /// is counted.
    fn fewest(&self, own: &Sending) -> (Sending, Place) {
        let all = self.all();
        let count = |lane: &Sending| lane.open.load(Ordering::Relaxed);
        let fewest = all.iter().min_by_key(|lane| count(lane));
        let fewest = fewest.filter(|lane| count(lane) < count(own));
        let lane = fewest.unwrap_or(own).clone();
        lane.open.fetch_add(1, Ordering::Relaxed);
        let place = Place(Arc::clone(&lane.open));
        (lane, place)
    }

    fn all(&self) -> MutexGuard<'_, Vec<Sending>> {
        self.all.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Lane<'_> {
    /// Hands a connection to the thread with the fewest, and returns it where that is this one.
    /// `None` above a limit as well: then `refuse` gets it.
    pub(super) fn place(
        &self,
        connection: Accepted,
        peer: Peer,
        limits: &ConnectionLimits,
        refuse: impl FnOnce(Accepted),
    ) -> Option<Arrival> {
        let Some(entered) = self.lanes.connections.enter(&peer, limits) else {
            refuse(connection);
            return None;
        };
        let (lane, place) = self.lanes.fewest(&self.own);
        if Arc::ptr_eq(&lane.open, &self.own.open) {
            return Some(Arrival {
                connection,
                peer,
                entered,
                place,
            });
        }
        let handed = Handed {
            connection: detached(connection)?,
            peer,
            entered,
            place,
        };
        // A thread that cannot accept connections has ended.
        let back = lane.sender.send(handed).err()?;
        self.lanes
            .all()
            .retain(|other| !Arc::ptr_eq(&other.open, &lane.open));
        attached(back.0)
    }

    /// The next connection that another thread accepted for this one.
    pub(super) async fn handed_over(&mut self) -> Option<Arrival> {
        match self.receiver.recv().await {
            Some(handed) => attached(handed),
            // Never: this thread has a sender too.
            None => std::future::pending().await,
        }
    }
}

/// `None` when the system refuses, which ends the connection.
fn detached(connection: Accepted) -> Option<Detached> {
    let detached = connection.detached();
    detached.inspect_err(lost).ok()
}

/// `None` when the system refuses, which ends the connection.
fn attached(handed: Handed) -> Option<Arrival> {
    let attached = handed.connection.attached();
    Some(Arrival {
        connection: attached.inspect_err(lost).ok()?,
        peer: handed.peer,
        entered: handed.entered,
        place: handed.place,
    })
}

fn lost(error: &std::io::Error) {
    tracing::debug!(%error, "a connection was not handed over");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_go_to_the_thread_with_the_fewest() {
        let lanes = Lanes::default();
        let (one, other) = (lanes.lane(), lanes.lane());
        let count = |lane: &Lane<'_>| lane.own.open.load(Ordering::Relaxed);
        let mut places: Vec<Place> = (0..6).map(|_| lanes.fewest(&one.own).1).collect();
        assert_eq!((count(&one), count(&other)), (3, 3));
        // Every second one was this thread's.
        places.truncate(1);
        assert_eq!((count(&one), count(&other)), (1, 0));
        places.push(lanes.fewest(&one.own).1);
        assert_eq!((count(&one), count(&other)), (1, 1));
    }
}
