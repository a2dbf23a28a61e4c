//! A gate in the middle of an answer: the rest is sent when the test opens it.

use std::net::TcpStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use super::http;

/// How often a connection that waits looks whether the gate is open.
const LOOK: Duration = Duration::from_millis(10);

/// Shut until opened; clones are the same gate.
#[derive(Debug, Clone, Default)]
pub struct Gate(Arc<AtomicBool>);

impl Gate {
    pub fn open(&self) {
        self.0.store(true, Ordering::Release);
    }

    /// Waits until the gate is open; false when the client leaves before.
    pub fn wait(&self, connection: &mut TcpStream) -> bool {
        while !self.0.load(Ordering::Acquire) {
            if http::client_hangs_up(connection, Some(LOOK)) {
                return false;
            }
        }
        true
    }
}
