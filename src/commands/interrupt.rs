//! A signal that a command wants to finish its work for, instead of ending at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

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
    /// How many listen.
    armed: Arc<AtomicUsize>,
    is_patient: Arc<AtomicBool>,
    sender: Arc<watch::Sender<Option<Signal>>>,
}

impl Default for Interrupt {
    fn default() -> Self {
        Self { armed: Arc::default(), is_patient: Arc::default(), sender: Arc::new(watch::Sender::new(None)) }
    }
}

impl Interrupt {
    /// Tells the command of a signal. False when it must end at once: nobody listens, or it was
    /// told before.
    pub fn deliver(&self, signal: Signal) -> bool {
        let told_before = *self.sender.borrow();
        let listened = self.armed.load(Ordering::Acquire) > 0 && told_before.is_none();
        if listened {
            self.sender.send_replace(Some(signal));
        }
        // A second Ctrl-C in haste means the same as the first, where that does not end the program.
        let repeats = self.is_patient.load(Ordering::Acquire) && (told_before, signal) == (Some(Signal::Interrupt), Signal::Interrupt);
        listened || repeats
    }

    /// From now on the command looks after signals itself, with [`wait`](Self::wait), until as many
    /// calls of [`disarm`](Self::disarm).
    pub fn arm(&self) {
        self.armed.fetch_add(1, Ordering::AcqRel);
    }

    pub fn disarm(&self) {
        self.armed.fetch_sub(1, Ordering::AcqRel);
    }

    /// A Ctrl-C stops what is under way and the program goes on: further ones are swallowed until
    /// [`settle`](Self::settle).
    pub fn be_patient(&self) {
        self.is_patient.store(true, Ordering::Release);
    }

    /// What was told is done with; the next signal is news again.
    pub fn settle(&self) {
        self.armed.store(0, Ordering::Release);
        self.sender.send_replace(None);
    }

    /// A Ctrl-C that has been told was meant for somebody else.
    pub fn forgive(&self) {
        self.sender.send_if_modified(|told| told.take_if(|told| *told == Signal::Interrupt).is_some());
    }

    /// Whether a signal has been told and nobody is done with it.
    pub fn is_pending(&self) -> bool {
        self.pending().is_some()
    }

    /// The signal that has been told and that nobody is done with.
    pub fn pending(&self) -> Option<Signal> {
        *self.sender.borrow()
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

    #[test]
    fn where_the_program_goes_on_a_second_interrupt_in_haste_is_swallowed() {
        let interrupt = Interrupt::default();
        interrupt.be_patient();
        assert!(!interrupt.deliver(Signal::Interrupt), "nobody listens yet");
        interrupt.arm();
        assert!(interrupt.deliver(Signal::Interrupt));
        assert!(interrupt.deliver(Signal::Interrupt));
        assert!(!interrupt.deliver(Signal::Terminate));
        interrupt.settle();
        interrupt.arm();
        assert!(interrupt.deliver(Signal::HangUp));
    }
}
