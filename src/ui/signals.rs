//! Signals: told to the command that listens, else the end of the program with the terminal in
//! order.

#[cfg(unix)]
use std::sync::Arc;
#[cfg(unix)]
use std::time::Duration;

use crate::ports::interrupt::Interrupt;

/// Time for a question that a signal has interrupted to be over.
#[cfg(unix)]
const QUESTION_GRACE: Duration = Duration::from_millis(20);

/// Starts the thread that receives INT, TERM and HUP.
#[cfg(unix)]
pub fn listen(interrupt: Interrupt) {
    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM, SIGURG};

    use crate::ports::interrupt::Signal;

    // Before the thread is told, so that what has arrived is known to whoever asks first. Where
    // this fails the next line does.
    let _ = signal_hook::flag::register(SIGINT, interrupt.arrival_flag());
    // Without a handler it would wake nobody up; what it sets is of no use. Where this fails a
    // question stays open that a signal missed.
    let _ = signal_hook::flag::register(SIGURG, Arc::default());
    let Ok(mut signals) = signal_hook::iterator::Signals::new([SIGINT, SIGTERM, SIGHUP]) else {
        return;
    };
    std::thread::spawn(move || {
        loop {
            // A question waits for keys and for any signal, but one that comes just before is lost
            // on it.
            let is_asking = interrupt.end_prompt(QUESTION_GRACE, wake_question);
            let pending: Vec<i32> = if is_asking {
                signals.pending().collect()
            } else {
                signals.wait().collect()
            };
            // A question answers any signal by an INT of its own: the other one came first.
            let signal = match pending.as_slice() {
                [] => continue,
                pending if pending.contains(&SIGTERM) => Signal::Terminate,
                pending if pending.contains(&SIGHUP) => Signal::HangUp,
                _ => Signal::Interrupt,
            };
            let told_before = interrupt.pending();
            if !interrupt.deliver(signal) {
                // The INT of a question does not make another one of the signal that it answers.
                let first = told_before.filter(|_| signal == Signal::Interrupt);
                end(first.unwrap_or(signal).kind().exit_code());
            }
        }
    });
}

/// Interrupts a question that waits for keys, by a signal that means nothing to anybody.
#[cfg(unix)]
fn wake_question() {
    // Where this fails it is tried again.
    let _ = rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::URG);
}

/// Keeps changes of the terminal's size from the calls of this thread until it is dropped.
pub struct Steady {
    #[cfg(unix)]
    before: Option<nix::sys::signal::SigSet>,
}

/// For a question, which takes whatever interrupts it for a Ctrl-C. Another thread hears of the
/// change; the question looks at the size when it draws.
#[cfg(unix)]
pub fn hold_size_changes() -> Steady {
    use nix::sys::signal::{SigSet, SigmaskHow, Signal};

    let sizes: SigSet = [Signal::SIGWINCH].into_iter().collect();
    // Where this fails such a change ends the question.
    Steady {
        before: sizes.thread_swap_mask(SigmaskHow::SIG_BLOCK).ok(),
    }
}

#[cfg(not(unix))]
pub fn hold_size_changes() -> Steady {
    Steady {}
}

#[cfg(unix)]
impl Drop for Steady {
    fn drop(&mut self) {
        if let Some(before) = &self.before {
            // It was set a moment ago.
            let _ = before.thread_set_mask();
        }
    }
}

/// Elsewhere the system's own handling applies.
#[cfg(not(unix))]
pub fn listen(_interrupt: Interrupt) {}

/// Whether a Ctrl-C has come since somebody was done with the last one, for a prompt that looks
/// after them from now on. What else has come ends the program.
pub fn noticed(interrupt: &Interrupt) -> bool {
    use crate::ports::interrupt::Signal;

    match interrupt.disarm_all() {
        None => false,
        Some(Signal::Interrupt) => true,
        #[cfg(unix)]
        Some(signal) => end(signal.kind().exit_code()),
        #[cfg(not(unix))]
        Some(_) => false,
    }
}

/// Nobody listens: a prompt or a blocking call is under way, whose state only this can put right.
#[cfg(unix)]
#[expect(
    clippy::exit,
    reason = "the thread that receives signals is the last to act"
)]
pub fn end(code: u8) -> ! {
    let terminal = console::Term::stderr();
    if terminal.is_term() {
        // A prompt hides the cursor; where that fails there is no terminal left.
        let _ = terminal.show_cursor();
        super::input_mode::leave();
        let _ = terminal.write_line("");
    }
    std::process::exit(i32::from(code));
}
