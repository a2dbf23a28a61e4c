//! The admissions of the requests of one row.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::time::Instant;

use super::pace::ServerPace;
use crate::chat::pace::{Admission, Load, Pace};

/// The admissions of one row to one server. The first one is made before the row starts.
pub(crate) struct RowPace {
    server: Arc<ServerPace>,
    tokens: u64,
    state: Mutex<Admitted>,
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
        }
    }

    fn replace(&self, state: Admitted) -> Admitted {
        let mut current = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::replace(&mut current, state)
    }
}

/// Counts a request as waiting until it is dropped.
struct Waiting<'a>(&'a ServerPace);

impl<'a> Waiting<'a> {
    fn new(server: &'a ServerPace) -> Self {
        server.waits(true);
        Self(server)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.waits(false);
    }
}

impl Pace for RowPace {
    fn admitted(&self) -> Admission<'_> {
        Box::pin(async {
            if let Admitted::Ahead(at) = self.replace(Admitted::No) {
                self.replace(Admitted::InFlight(at));
                return;
            }
            let _waiting = Waiting::new(&self.server);
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
