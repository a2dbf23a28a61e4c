//! A signal that a command wants to finish its work for, instead of ending at once.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::watch;

use super::error::{CommandError, ErrorKind};

/// The signals that end the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signal {
    Interrupt,
    Terminate,
    HangUp,
}

impl Signal {
    pub fn kind(self) -> ErrorKind {
        match self {
            Self::Interrupt => ErrorKind::Interrupted,
            Self::Terminate => ErrorKind::Terminated,
            Self::HangUp => ErrorKind::HungUp,
        }
    }
}

/// Connects the thread that receives signals with the command that runs. As long as nobody
/// [`arm`](Self::arm)s it, a signal ends the program at once.
#[derive(Debug, Clone, Default)]
pub struct Interrupt(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    /// A Ctrl-C has arrived and nobody has taken it. The handler of the signal sets it, so that it
    /// is known before the thread that receives signals has run.
    arrived: Arc<AtomicBool>,
    /// Held while a signal changes hands.
    listening: Mutex<Listening>,
    told: watch::Sender<Option<Signal>>,
    /// A signal has been told, or a question is over.
    changed: Condvar,
}

impl Default for Shared {
    fn default() -> Self {
        Self {
            arrived: Arc::default(),
            listening: Mutex::default(),
            told: watch::Sender::new(None),
            changed: Condvar::new(),
        }
    }
}

#[derive(Debug, Default)]
struct Listening {
    /// How many listen.
    armed: usize,
    is_patient: bool,
    /// A question waits for keys.
    is_asking: bool,
}

/// A question that waits for keys, until it is dropped.
#[derive(Debug)]
#[must_use]
pub struct Question<'a>(&'a Interrupt);

impl Drop for Question<'_> {
    fn drop(&mut self) {
        let mut listening = self.0.listening();
        listening.is_asking = false;
        if self.0.is_pending() {
            // The Ctrl-C that it answered the signal with is none.
            self.0.0.arrived.store(false, Ordering::Release);
        }
        self.0.0.changed.notify_all();
    }
}

impl Interrupt {
    /// What the handler of a Ctrl-C has to set.
    pub fn arrival(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.0.arrived)
    }

    fn listening(&self) -> MutexGuard<'_, Listening> {
        self.0
            .listening
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Tells the command of a signal. False when it must end at once: nobody listens, or it was
    /// told before.
    pub fn deliver(&self, signal: Signal) -> bool {
        let listening = self.listening();
        if signal == Signal::Interrupt && !self.0.arrived.swap(false, Ordering::AcqRel) {
            // Somebody has noticed it already.
            return true;
        }
        let told_before = self.pending();
        let listened = listening.armed > 0 && told_before.is_none();
        if listened {
            self.0.told.send_replace(Some(signal));
            self.0.changed.notify_all();
        }
        // A second Ctrl-C in haste means the same as the first, where that does not end the
        // program.
        let repeats = listening.is_patient
            && (told_before, signal) == (Some(Signal::Interrupt), Signal::Interrupt);
        // A question answers whatever interrupts it by a Ctrl-C of its own.
        let is_answer = signal == Signal::Interrupt && self.is_stopping(&listening);
        listened || repeats || is_answer
    }

    /// A question is about to wait for keys. `None` when it need not be asked: a signal has come
    /// that nobody is done with.
    pub fn ask(&self) -> Option<Question<'_>> {
        let mut listening = self.listening();
        if self.is_pending() || self.0.arrived.load(Ordering::Acquire) {
            return None;
        }
        listening.is_asking = true;
        Some(Question(self))
    }

    /// Whether a question is under way that a signal has to end.
    fn is_stopping(&self, listening: &Listening) -> bool {
        listening.is_asking && self.is_pending()
    }

    /// Waits for the end of a question that a signal has to end, and calls `wake` where that does
    /// not come in time: the signal came just before the question began to wait. False when there
    /// is no such question.
    pub fn hurry(&self, patience: Duration, wake: impl FnOnce()) -> bool {
        let listening = self.listening();
        if !self.is_stopping(&listening) {
            return false;
        }
        let waited = self
            .0
            .changed
            .wait_timeout_while(listening, patience, |listening| self.is_stopping(listening));
        let (listening, _) = waited.unwrap_or_else(PoisonError::into_inner);
        // No later question may be woken by it: none begins as long as this one is held back here.
        if self.is_stopping(&listening) {
            wake();
        }
        true
    }

    /// Comes back when a signal has been told, or when that takes too long.
    pub fn linger(&self, patience: Duration) {
        // Whether it came is for whoever asks next.
        drop(
            self.0
                .changed
                .wait_timeout_while(self.listening(), patience, |_| !self.is_pending()),
        );
    }

    /// From now on the command looks after signals itself, with [`wait`](Self::wait), until as many
    /// calls of [`disarm`](Self::disarm).
    pub fn arm(&self) {
        self.listening().armed += 1;
    }

    pub fn disarm(&self) {
        let mut listening = self.listening();
        listening.armed = listening.armed.saturating_sub(1);
    }

    /// A Ctrl-C stops what is under way and the program goes on: further ones are swallowed until
    /// somebody is done with the first.
    pub fn be_patient(&self) {
        self.listening().is_patient = true;
    }

    /// Nobody listens any more. Gives the signal that nobody is done with, also one that has
    /// arrived just now.
    pub fn settle(&self) -> Option<Signal> {
        let mut listening = self.listening();
        listening.armed = 0;
        let arrived = self
            .0
            .arrived
            .swap(false, Ordering::AcqRel)
            .then_some(Signal::Interrupt);
        self.0.told.send_replace(None).or(arrived)
    }

    /// Somebody is done with a Ctrl-C that has been told, or it was meant for somebody else.
    pub fn forgive(&self) {
        let _listening = self.listening();
        self.0.arrived.store(false, Ordering::Release);
        self.0
            .told
            .send_if_modified(|told| told.take_if(|told| *told == Signal::Interrupt).is_some());
    }

    /// Whether a signal has been told and nobody is done with it.
    pub fn is_pending(&self) -> bool {
        self.pending().is_some()
    }

    /// The signal that has been told and that nobody is done with.
    pub fn pending(&self) -> Option<Signal> {
        *self.0.told.borrow()
    }

    /// Comes back when a signal has arrived.
    pub async fn wait(&self) -> Signal {
        let mut receiver = self.0.told.subscribe();
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

    /// A Ctrl-C as the handler and then the thread see it.
    fn press(interrupt: &Interrupt) -> bool {
        interrupt.arrival().store(true, Ordering::Release);
        interrupt.deliver(Signal::Interrupt)
    }

    #[test]
    fn only_the_first_signal_of_an_armed_interrupt_is_delivered() {
        let interrupt = Interrupt::default();
        assert!(!press(&interrupt));
        interrupt.arm();
        assert!(interrupt.deliver(Signal::Terminate));
        assert!(!press(&interrupt));
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap();
        assert_eq!(runtime.block_on(interrupt.wait()), Signal::Terminate);
    }

    #[test]
    fn where_the_program_goes_on_a_second_interrupt_in_haste_is_swallowed() {
        let interrupt = Interrupt::default();
        interrupt.be_patient();
        assert!(!press(&interrupt), "nobody listens yet");
        interrupt.arm();
        assert!(press(&interrupt));
        assert!(press(&interrupt));
        assert!(!interrupt.deliver(Signal::Terminate));
        assert_eq!(interrupt.settle(), Some(Signal::Interrupt));
        interrupt.arm();
        assert!(interrupt.deliver(Signal::HangUp));
    }

    #[test]
    fn an_interrupt_that_the_thread_has_not_seen_is_noticed_and_told_once() {
        let interrupt = Interrupt::default();
        interrupt.arm();
        interrupt.arrival().store(true, Ordering::Release);
        assert_eq!(interrupt.settle(), Some(Signal::Interrupt));
        assert!(
            interrupt.deliver(Signal::Interrupt),
            "the thread is late, and nothing is left for it"
        );
        assert_eq!(interrupt.settle(), None);
        assert!(
            !press(&interrupt),
            "the next one is news, and nobody listens"
        );
    }

    #[test]
    fn a_question_is_not_asked_after_a_signal() {
        let interrupt = Interrupt::default();
        interrupt.be_patient();
        interrupt.arm();
        drop(interrupt.ask().unwrap());
        interrupt.arrival().store(true, Ordering::Release);
        assert!(interrupt.ask().is_none(), "the thread has not seen it yet");
        assert!(interrupt.deliver(Signal::Interrupt));
        assert!(interrupt.ask().is_none());
        interrupt.forgive();
        drop(interrupt.ask().unwrap());
        assert!(interrupt.deliver(Signal::Terminate));
        assert!(interrupt.ask().is_none());
    }

    #[test]
    fn a_question_is_woken_until_it_is_over() {
        let interrupt = Interrupt::default();
        interrupt.be_patient();
        interrupt.arm();
        let woken = || {
            let mut count = 0;
            let is_stopping = interrupt.hurry(Duration::ZERO, || count += 1);
            (is_stopping, count)
        };
        assert_eq!(woken(), (false, 0));
        let question = interrupt.ask().unwrap();
        assert_eq!(woken(), (false, 0), "nobody has to be done with anything");
        assert!(interrupt.deliver(Signal::Terminate));
        assert_eq!(woken(), (true, 1));
        assert_eq!(woken(), (true, 1));
        drop(question);
        assert_eq!(woken(), (false, 0));
    }

    #[test]
    fn the_ctrl_c_that_a_question_answers_with_is_none() {
        let interrupt = Interrupt::default();
        interrupt.arm();
        let question = interrupt.ask().unwrap();
        assert!(interrupt.deliver(Signal::HangUp));
        assert!(
            press(&interrupt),
            "it would end the program before the question is put away"
        );
        interrupt.arrival().store(true, Ordering::Release);
        drop(question);
        assert!(
            interrupt.deliver(Signal::Interrupt),
            "the thread is late, and nothing is left for it"
        );
        assert_eq!(interrupt.settle(), Some(Signal::HangUp));
    }

    #[test]
    fn what_is_done_with_is_not_told_again() {
        let interrupt = Interrupt::default();
        interrupt.arm();
        assert!(press(&interrupt));
        interrupt.forgive();
        assert_eq!(interrupt.settle(), None);
        interrupt.arm();
        assert!(interrupt.deliver(Signal::Terminate));
        interrupt.forgive();
        assert_eq!(interrupt.settle(), Some(Signal::Terminate));
    }
}
