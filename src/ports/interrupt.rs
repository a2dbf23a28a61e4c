//! Signals that a command handles itself, instead of ending at once.
//!
//! A signal passes three stages: it *arrives* (the handler of SIGINT sets a flag), it is
//! *delivered* by the thread that receives signals, and it is *handled* by the command. What
//! [`Interrupt::deliver`] does depends on the state:
//!
//! | state | Ctrl-C | TERM, HUP |
//! |---|---|---|
//! | no command is armed | ends the program | ends the program |
//! | armed, no signal pending | delivered | delivered |
//! | armed, Ctrl-C pending | in a conversation ignored, else ends it | ends the program |
//! | armed, TERM or HUP pending | while a prompt ends ignored, else ends it | ends the program |
//!
//! In a server HUP is none of these: it reads the configuration again.
//!
//! A prompt that waits for keys blocks its thread. A pending signal makes it end with a Ctrl-C of
//! its own, which is not another signal.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Notify, watch};

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

/// Connects the thread that receives signals with the running command. Until a command
/// [`arm`](Self::arm)s it, a signal ends the program at once.
#[derive(Debug, Clone, Default)]
pub struct Interrupt(Arc<InterruptState>);

#[derive(Debug)]
struct InterruptState {
    /// A Ctrl-C has arrived and was not delivered yet. The signal handler sets it, so that it is
    /// visible before the thread that receives signals has run.
    arrived: Arc<AtomicBool>,
    /// Locked while a signal is delivered.
    listeners: Mutex<ListenerState>,
    /// The pending signal: delivered and not handled yet.
    pending: watch::Sender<Option<Signal>>,
    /// A signal was delivered, or a prompt has ended.
    changed: Condvar,
    /// A HUP asked a server to read its configuration again.
    reload: Notify,
}

impl Default for InterruptState {
    fn default() -> Self {
        Self {
            arrived: Arc::default(),
            listeners: Mutex::default(),
            pending: watch::Sender::new(None),
            changed: Condvar::new(),
            reload: Notify::new(),
        }
    }
}

#[derive(Debug, Default)]
struct ListenerState {
    /// Calls of `arm` without a `disarm`.
    armed: usize,
    /// Ctrl-C stops the current task, and the program continues.
    continues_after_ctrl_c: bool,
    /// A prompt waits for keys.
    is_prompting: bool,
    /// HUP makes a server read its configuration again.
    reloads_on_hang_up: bool,
}

/// A prompt that waits for keys, until it is dropped.
#[derive(Debug)]
#[must_use]
pub struct PendingPrompt<'a>(&'a Interrupt);

impl Drop for PendingPrompt<'_> {
    fn drop(&mut self) {
        let mut listeners = self.0.listeners();
        listeners.is_prompting = false;
        if self.0.is_pending() {
            // The Ctrl-C with which it ended is not another signal.
            self.0.0.arrived.store(false, Ordering::Release);
        }
        self.0.0.changed.notify_all();
    }
}

impl Interrupt {
    /// The flag that the handler of SIGINT sets.
    pub fn arrival_flag(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.0.arrived)
    }

    fn listeners(&self) -> MutexGuard<'_, ListenerState> {
        self.0
            .listeners
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Delivers a signal to the command. False when the program must end at once: no command is
    /// armed, or a signal is pending.
    pub fn deliver(&self, signal: Signal) -> bool {
        let listeners = self.listeners();
        if signal == Signal::HangUp && listeners.reloads_on_hang_up {
            self.0.reload.notify_one();
            return true;
        }
        if signal == Signal::Interrupt && !self.0.arrived.swap(false, Ordering::AcqRel) {
            // It was already handled.
            return true;
        }
        let pending = self.pending();
        let is_delivered = listeners.armed > 0 && pending.is_none();
        if is_delivered {
            self.0.pending.send_replace(Some(signal));
            self.0.changed.notify_all();
        }
        // Where the program continues after Ctrl-C, a second one repeats the first.
        let repeats = listeners.continues_after_ctrl_c
            && (pending, signal) == (Some(Signal::Interrupt), Signal::Interrupt);
        // A prompt ends with a Ctrl-C of its own, whatever the signal was.
        let is_from_prompt = signal == Signal::Interrupt && self.is_prompt_ending(&listeners);
        is_delivered || repeats || is_from_prompt
    }

    /// Registers a prompt that is about to wait for keys. `None` when a signal is pending.
    pub fn begin_prompt(&self) -> Option<PendingPrompt<'_>> {
        let mut listeners = self.listeners();
        if self.is_pending() || self.0.arrived.load(Ordering::Acquire) {
            return None;
        }
        listeners.is_prompting = true;
        Some(PendingPrompt(self))
    }

    /// Whether a prompt is open that a pending signal must end.
    fn is_prompt_ending(&self, listeners: &ListenerState) -> bool {
        listeners.is_prompting && self.is_pending()
    }

    /// Waits for the end of a prompt that a pending signal must end, and calls `wake` after the
    /// timeout: the signal arrived just before the prompt started to wait. False without such a
    /// prompt.
    pub fn end_prompt(&self, timeout: Duration, wake: impl FnOnce()) -> bool {
        let listeners = self.listeners();
        if !self.is_prompt_ending(&listeners) {
            return false;
        }
        let waited = self
            .0
            .changed
            .wait_timeout_while(listeners, timeout, |listeners| {
                self.is_prompt_ending(listeners)
            });
        let (listeners, _) = waited.unwrap_or_else(PoisonError::into_inner);
        // The lock is held, so no later prompt can start and be woken instead.
        if self.is_prompt_ending(&listeners) {
            wake();
        }
        true
    }

    /// Stops the current task as Ctrl-C does, with a key that is no signal.
    pub fn stop(&self) {
        let _listeners = self.listeners();
        self.0.pending.send_if_modified(|pending| {
            let is_first = pending.is_none();
            pending.get_or_insert(Signal::Interrupt);
            is_first
        });
        self.0.changed.notify_all();
    }

    /// Blocks until a signal is delivered, or until the timeout.
    pub fn wait_blocking(&self, timeout: Duration) {
        // The caller reads `pending` for the result.
        drop(
            self.0
                .changed
                .wait_timeout_while(self.listeners(), timeout, |_| !self.is_pending()),
        );
    }

    /// From now on the command handles signals, with [`wait`](Self::wait), until the matching call
    /// of [`disarm`](Self::disarm).
    pub fn arm(&self) {
        self.listeners().armed += 1;
    }

    pub fn disarm(&self) {
        let mut listeners = self.listeners();
        listeners.armed = listeners.armed.saturating_sub(1);
    }

    /// From now on Ctrl-C stops the current task and the program continues: further ones are
    /// ignored until the first is handled.
    pub fn continue_after_ctrl_c(&self) {
        self.listeners().continues_after_ctrl_c = true;
    }

    /// From now on HUP does not end the program, see [`reload`](Self::reload).
    pub fn reload_on_hang_up(&self) {
        self.listeners().reloads_on_hang_up = true;
    }

    /// Completes when a HUP has arrived.
    pub async fn reload(&self) {
        self.0.reload.notified().await;
    }

    /// Disarms completely. Returns the signal that was not handled, also one that has just arrived.
    pub fn disarm_all(&self) -> Option<Signal> {
        let mut listeners = self.listeners();
        listeners.armed = 0;
        let arrived = self
            .0
            .arrived
            .swap(false, Ordering::AcqRel)
            .then_some(Signal::Interrupt);
        self.0.pending.send_replace(None).or(arrived)
    }

    /// Marks a Ctrl-C as handled, also one that was meant for a child process.
    pub fn acknowledge(&self) {
        let _listeners = self.listeners();
        self.0.arrived.store(false, Ordering::Release);
        self.0.pending.send_if_modified(|pending| {
            pending
                .take_if(|signal| *signal == Signal::Interrupt)
                .is_some()
        });
    }

    /// Whether a signal was delivered and not handled yet.
    pub fn is_pending(&self) -> bool {
        self.pending().is_some()
    }

    /// The signal that was delivered and not handled yet.
    pub fn pending(&self) -> Option<Signal> {
        *self.0.pending.borrow()
    }

    /// Completes when a signal is delivered.
    pub async fn wait(&self) -> Signal {
        let mut receiver = self.0.pending.subscribe();
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

    /// A Ctrl-C, as the handler and then the thread receive it.
    fn press(interrupt: &Interrupt) -> bool {
        interrupt.arrival_flag().store(true, Ordering::Release);
        interrupt.deliver(Signal::Interrupt)
    }

    #[test]
    fn only_the_first_signal_is_delivered() {
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
    fn where_the_program_continues_a_second_ctrl_c_is_ignored() {
        let interrupt = Interrupt::default();
        interrupt.continue_after_ctrl_c();
        assert!(!press(&interrupt), "no command is armed yet");
        interrupt.arm();
        assert!(press(&interrupt));
        assert!(press(&interrupt));
        assert!(!interrupt.deliver(Signal::Terminate));
        assert_eq!(interrupt.disarm_all(), Some(Signal::Interrupt));
        interrupt.arm();
        assert!(interrupt.deliver(Signal::HangUp));
    }

    #[test]
    fn a_ctrl_c_that_was_not_delivered_yet_is_returned_once() {
        let interrupt = Interrupt::default();
        interrupt.arm();
        interrupt.arrival_flag().store(true, Ordering::Release);
        assert_eq!(interrupt.disarm_all(), Some(Signal::Interrupt));
        assert!(
            interrupt.deliver(Signal::Interrupt),
            "the thread is late, and the signal is handled already"
        );
        assert_eq!(interrupt.disarm_all(), None);
        assert!(
            !press(&interrupt),
            "the next one is new, and no command is armed"
        );
    }

    #[test]
    fn no_prompt_begins_while_a_signal_is_pending() {
        let interrupt = Interrupt::default();
        interrupt.continue_after_ctrl_c();
        interrupt.arm();
        drop(interrupt.begin_prompt().unwrap());
        interrupt.arrival_flag().store(true, Ordering::Release);
        assert!(
            interrupt.begin_prompt().is_none(),
            "it was not delivered yet"
        );
        assert!(interrupt.deliver(Signal::Interrupt));
        assert!(interrupt.begin_prompt().is_none());
        interrupt.acknowledge();
        drop(interrupt.begin_prompt().unwrap());
        assert!(interrupt.deliver(Signal::Terminate));
        assert!(interrupt.begin_prompt().is_none());
    }

    #[test]
    fn a_prompt_is_woken_until_it_ends() {
        let interrupt = Interrupt::default();
        interrupt.continue_after_ctrl_c();
        interrupt.arm();
        let woken = || {
            let mut count = 0;
            let is_ending = interrupt.end_prompt(Duration::ZERO, || count += 1);
            (is_ending, count)
        };
        assert_eq!(woken(), (false, 0));
        let prompt = interrupt.begin_prompt().unwrap();
        assert_eq!(woken(), (false, 0), "no signal is pending");
        assert!(interrupt.deliver(Signal::Terminate));
        assert_eq!(woken(), (true, 1));
        assert_eq!(woken(), (true, 1));
        drop(prompt);
        assert_eq!(woken(), (false, 0));
    }

    #[test]
    fn the_ctrl_c_with_which_a_prompt_ends_is_not_a_signal() {
        let interrupt = Interrupt::default();
        interrupt.arm();
        let prompt = interrupt.begin_prompt().unwrap();
        assert!(interrupt.deliver(Signal::HangUp));
        assert!(
            press(&interrupt),
            "it would end the program before the prompt has ended"
        );
        interrupt.arrival_flag().store(true, Ordering::Release);
        drop(prompt);
        assert!(
            interrupt.deliver(Signal::Interrupt),
            "the thread is late, and the signal is handled already"
        );
        assert_eq!(interrupt.disarm_all(), Some(Signal::HangUp));
    }

    #[test]
    fn an_acknowledged_signal_is_not_returned_again() {
        let interrupt = Interrupt::default();
        interrupt.arm();
        assert!(press(&interrupt));
        interrupt.acknowledge();
        assert_eq!(interrupt.disarm_all(), None);
        interrupt.arm();
        assert!(interrupt.deliver(Signal::Terminate));
        interrupt.acknowledge();
        assert_eq!(interrupt.disarm_all(), Some(Signal::Terminate));
    }
}
