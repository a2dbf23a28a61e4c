//! A signal that a command wants to finish its work for, instead of ending at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::watch;

use super::error::{CommandError, Kind};

/// The signals that end the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signal {
    Interrupt,
    Terminate,
    HangUp,
}

impl Signal {
    pub fn kind(self) -> Kind {
        match self {
            Self::Interrupt => Kind::Interrupted,
            Self::Terminate => Kind::Terminated,
            Self::HangUp => Kind::HungUp,
        }
    }
}

/// Connects the thread that receives signals with the command that runs. As long as nobody
/// [`arm`](Self::arm)s it, a signal ends the program at once.
#[derive(Debug, Clone)]
pub struct Interrupt {
    armed: Arc<AtomicBool>,
    sender: Arc<watch::Sender<Option<Signal>>>,
}

impl Default for Interrupt {
    fn default() -> Self {
        Self { armed: Arc::default(), sender: Arc::new(watch::Sender::new(None)) }
    }
}

impl Interrupt {
    /// Tells the command of a signal. False when it must end at once: nobody listens, or it was
    /// told before.
    pub fn deliver(&self, signal: Signal) -> bool {
        let listened = self.armed.load(Ordering::Acquire) && self.sender.borrow().is_none();
        if listened {
            self.sender.send_replace(Some(signal));
        }
        listened
    }

    /// From now on the command looks after signals itself, with [`wait`](Self::wait).
    pub fn arm(&self) {
        self.armed.store(true, Ordering::Release);
    }

    pub fn disarm(&self) {
        self.armed.store(false, Ordering::Release);
    }

    /// Comes back when a signal has arrived.
    pub async fn wait(&self) -> Signal {
        let mut receiver = self.sender.subscribe();
        loop {
            if let Some(signal) = *receiver.borrow_and_update() {
                return signal;
            }
            if receiver.changed().await.is_err() {
                std::future::pending::<()>().await;
            }
        }
    }
}

impl From<Signal> for CommandError {
    fn from(signal: Signal) -> Self {
        Self::new(signal.kind(), "")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_first_signal_of_an_armed_interrupt_is_delivered() {
        let interrupt = Interrupt::default();
        assert!(!interrupt.deliver(Signal::Interrupt));
        interrupt.arm();
        assert!(interrupt.deliver(Signal::Terminate));
        assert!(!interrupt.deliver(Signal::Interrupt));
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        assert_eq!(runtime.block_on(interrupt.wait()), Signal::Terminate);
    }
}
