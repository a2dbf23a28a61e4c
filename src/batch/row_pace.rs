//! The admissions of the requests of one row.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::time::Instant;

use super::pace::ServerPace;
use crate::chat::allowance::Allowance;
use crate::chat::pace::{Admission, Load, Pace};

/// The admissions of one row to one server. The first one is made before the row starts.
pub(crate) struct RowPace {
    server: Arc<ServerPace>,
    tokens: u64,
    state: Mutex<Admitted>,
    /// A request was refused, or found no connection, and waits to be sent again.
    is_waiting: AtomicBool,
}

#[derive(Debug, Clone, Copy)]
enum Admitted {
    No,
    /// For a request that has not started.
    Ahead(Instant),
    InFlight(Instant),
}

impl RowPace {
    /// `ahead` is the admission of the first request, where it was made already.
    pub(crate) fn new(server: Arc<ServerPace>, tokens: u64, ahead: Option<Instant>) -> Self {
        Self {
            server,
            tokens,
            state: Mutex::new(ahead.map_or(Admitted::No, Admitted::Ahead)),
            is_waiting: AtomicBool::new(false),
        }
    }

    /// Whether no request of the row is in flight, because the next one has to wait.
    pub(crate) fn is_waiting(&self) -> bool {
        self.is_waiting.load(Ordering::Relaxed)
    }

    fn replace(&self, state: Admitted) -> Admitted {
        let mut current = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::replace(&mut current, state)
    }
}

/// Counts a request as waiting until it is dropped.
struct Waiting<'a>(&'a RowPace);

impl<'a> Waiting<'a> {
    fn new(row: &'a RowPace) -> Self {
        row.is_waiting.store(true, Ordering::Relaxed);
        row.server.waits(true);
        Self(row)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.is_waiting.store(false, Ordering::Relaxed);
        self.0.server.waits(false);
    }
}

impl Pace for RowPace {
    fn admitted(&self) -> Admission<'_> {
        Box::pin(async {
            if let Admitted::Ahead(at) = self.replace(Admitted::No) {
                self.replace(Admitted::InFlight(at));
                return;
            }
            let _waiting = Waiting::new(self);
            loop {
                let changed = self.server.changed();
                match self.server.admit_again(self.tokens) {
                    Ok(at) => {
                        self.replace(Admitted::InFlight(at));
                        return;
                    }
                    Err(None) => changed.await,
                    Err(Some(until)) => {
                        tokio::select! {
                            () = tokio::time::sleep_until(until) => {}
                            () = changed => {}
                        }
                    }
                }
            }
        })
    }

    fn accepted(&self) {
        self.server.accepted();
    }

    fn allows(&self, allowance: Allowance) {
        self.server.allows(allowance, self.tokens);
    }

    fn awaits_server(&self) -> bool {
        self.server.awaits_server()
    }

    fn ended(&self, load: Load) {
        if let Admitted::InFlight(at) = self.replace(Admitted::No) {
            self.server.ended(at, load);
        }
    }
}

impl Drop for RowPace {
    fn drop(&mut self) {
        // A row that sent nothing, or that was stopped.
        if let Admitted::Ahead(at) | Admitted::InFlight(at) = self.replace(Admitted::No) {
            self.server.ended(at, Load::Unknown);
        }
    }
}
