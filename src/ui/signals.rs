//! Signals: delivered to the command that listens, else the end of the program with the terminal
//! restored.
//!
//! The states and who takes a signal are in [`crate::ports::interrupt`]; this is its other side,
//! the process. INT has a handler that sets a flag and a thread that delivers it; TERM and HUP have
//! the thread alone. QUIT restores the terminal there, and then has its usual effect. URG has no
//! other use and wakes a prompt that waits for a key. WINCH is blocked for the thread of a prompt,
//! which would take any interrupted read for a Ctrl-C.
//!
//! On Windows the events of the console are the signals: Ctrl-C is INT, Ctrl-Break and the end of
//! the session are TERM, and a window that closes is HUP. Nothing wakes a prompt that waits for a
//! key there, so such an event ends the program.

use std::sync::OnceLock;
#[cfg(windows)]
use std::sync::atomic::Ordering;
#[cfg(unix)]
use std::sync::{Arc, mpsc};
use std::time::Duration;

#[cfg(unix)]
use signal_hook::consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGURG};
#[cfg(unix)]
use signal_hook::iterator::Signals;

use super::{input_mode, window};
use crate::platform::children;
use crate::ports::interrupt::{Interrupt, Signal};
use crate::wire::background;

/// Time for a prompt that a signal has interrupted to end.
const PROMPT_GRACE: Duration = Duration::from_millis(20);

/// Removes what is drawn below the transcript.
static REMOVE_DRAWING: OnceLock<fn()> = OnceLock::new();

/// Has what is drawn below the transcript removed when a signal ends the program.
#[cfg(unix)]
pub(super) fn remove_at_end(remove: fn()) {
    REMOVE_DRAWING.get_or_init(|| remove);
}

/// Makes a write beyond the limit of the size of a file an error, where the signal of the system
/// would end the program.
pub(super) fn ignore_file_size_limit() {
    #[cfg(unix)]
    {
        // A handler, as programs that are started must not inherit it. Where this fails the
        // system's own handling applies.
        let _ = signal_hook::flag::register(signal_hook::consts::SIGXFSZ, Arc::default());
    }
}

/// The signals that the thread receives.
#[cfg(unix)]
const RECEIVED: [i32; 4] = [SIGINT, SIGTERM, SIGHUP, SIGQUIT];

/// Starts the thread that receives signals. Where none can be started, the system's own handling
/// applies.
#[cfg(unix)]
pub(super) fn listen(interrupt: Interrupt) {
    let arrived = interrupt.arrival_flag();
    let (sender, receiver) = mpsc::channel();
    let is_started = background::spawn(move || {
        if let Ok(signals) = receiver.recv() {
            receive(signals, &interrupt);
        }
    });
    if is_started.is_err() {
        return;
    }
    // Before the thread runs, so that what has arrived is visible at once. Where this fails the
    // next line does.
    let _ = signal_hook::flag::register(SIGINT, arrived);
    // Without a handler it would wake no prompt; the flag that it sets is not used. Where this
    // fails a prompt stays open that a signal missed.
    let _ = signal_hook::flag::register(SIGURG, Arc::default());
    if let Ok(signals) = Signals::new(RECEIVED) {
        // The thread waits for them.
        let _ = sender.send(signals);
    }
}

/// Delivers one signal after the other.
#[cfg(unix)]
fn receive(mut signals: Signals, interrupt: &Interrupt) {
    loop {
        // A prompt waits for keys and for any signal, but misses one that comes just before.
        let is_prompting = interrupt.end_prompt(PROMPT_GRACE, wake_prompt);
        let pending: Vec<i32> = if is_prompting {
            signals.pending().collect()
        } else {
            signals.wait().collect()
        };
        // A prompt answers any signal by an INT of its own: the other one came first.
        let signal = match pending.as_slice() {
            [] => continue,
            pending if pending.contains(&SIGQUIT) => quit(),
            pending if pending.contains(&SIGTERM) => Signal::Terminate,
            pending if pending.contains(&SIGHUP) => Signal::HangUp,
            _ => Signal::Interrupt,
        };
        let before = interrupt.pending();
        if !interrupt.deliver(signal) {
            // The INT of a prompt does not replace the signal that it answers.
            let first = before.filter(|_| signal == Signal::Interrupt);
            end(first.unwrap_or(signal).kind().exit_code());
        }
    }
}

/// Dies of QUIT, with the terminal restored.
#[cfg(unix)]
fn quit() -> ! {
    restore_terminal();
    // A question or a list may have been about to draw, or to set the mode of its keys.
    std::thread::park_timeout(PROMPT_GRACE);
    restore_modes();
    // The cause of death tells the shell. Where this fails the exit code says the same.
    let _ = signal_hook::low_level::emulate_default_handler(SIGQUIT);
    end(128 + u8::try_from(SIGQUIT).unwrap_or_default());
}

/// Interrupts a prompt that waits for keys, by a signal that nothing else uses.
#[cfg(unix)]
fn wake_prompt() {
    // Where this fails it is tried again.
    let _ = rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::URG);
}

/// Keeps changes of the terminal's size from the calls of this thread until it is dropped.
pub(super) struct SizeChangesBlocked {
    #[cfg(unix)]
    before: Option<nix::sys::signal::SigSet>,
}

/// For a prompt, which takes whatever interrupts it for a Ctrl-C. Another thread receives the
/// change; the prompt reads the size when it draws.
#[cfg(unix)]
pub(super) fn block_size_changes() -> SizeChangesBlocked {
    use nix::sys::signal::{SigSet, SigmaskHow, Signal as SystemSignal};

    let sizes: SigSet = [SystemSignal::SIGWINCH].into_iter().collect();
    // Where this fails such a change ends the prompt.
    SizeChangesBlocked {
        before: sizes.thread_swap_mask(SigmaskHow::SIG_BLOCK).ok(),
    }
}

#[cfg(not(unix))]
pub(super) fn block_size_changes() -> SizeChangesBlocked {
    SizeChangesBlocked {}
}

#[cfg(unix)]
impl Drop for SizeChangesBlocked {
    fn drop(&mut self) {
        if let Some(before) = &self.before {
            // It was set a moment ago.
            let _ = before.thread_set_mask();
        }
    }
}

/// Starts the thread that receives the events of the console.
#[cfg(windows)]
pub(super) fn listen(interrupt: Interrupt) {
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    // Without it the system's own handling applies.
    let Ok(runtime) = runtime else { return };
    let _ = background::spawn(move || {
        // An error is that of a process without a console, which receives no events.
        let _ = runtime.block_on(receive_events(&interrupt));
    });
}

/// Delivers each event of the console, until one ends the program.
#[cfg(windows)]
async fn receive_events(interrupt: &Interrupt) -> std::io::Result<()> {
    use tokio::signal::windows::{ctrl_break, ctrl_c, ctrl_close, ctrl_logoff, ctrl_shutdown};

    let (mut interrupts, mut breaks, mut closes) = (ctrl_c()?, ctrl_break()?, ctrl_close()?);
    let (mut logoffs, mut shutdowns) = (ctrl_logoff()?, ctrl_shutdown()?);
    loop {
        let signal = tokio::select! {
            _ = interrupts.recv() => Signal::Interrupt,
            _ = breaks.recv() => Signal::Terminate,
            _ = closes.recv() => Signal::HangUp,
            _ = logoffs.recv() => Signal::Terminate,
            _ = shutdowns.recv() => Signal::Terminate,
        };
        let code = signal.kind().exit_code();
        if signal == Signal::Interrupt {
            interrupt.arrival_flag().store(true, Ordering::Release);
        }
        if !interrupt.deliver(signal) {
            end(code);
        }
        interrupt.end_prompt(PROMPT_GRACE, || end(code));
    }
}

/// Whether a Ctrl-C is pending, for a prompt that handles them from now on. Another pending signal
/// ends the program.
pub(super) fn noticed(interrupt: &Interrupt) -> bool {
    match interrupt.disarm_all() {
        None => false,
        Some(Signal::Interrupt) => true,
        Some(signal) => end(signal.kind().exit_code()),
    }
}

/// Ends the program during a prompt or a blocking call, which cannot restore the terminal itself.
#[expect(
    clippy::exit,
    reason = "the thread that receives signals is the last to act"
)]
pub(super) fn end(code: u8) -> ! {
    restore_terminal();
    children::end_all();
    std::process::exit(i32::from(code));
}

/// Restores the terminal, and leaves the shell a new line.
fn restore_terminal() {
    restore_modes();
    let terminal = console::Term::stderr();
    if terminal.is_term() {
        // Where this fails there is no terminal left.
        let _ = terminal.write_line("");
    }
}

fn restore_modes() {
    if let Some(remove) = REMOVE_DRAWING.get() {
        remove();
    }
    let terminal = console::Term::stderr();
    if terminal.is_term() {
        // A prompt hides the cursor; where that fails there is no terminal left.
        let _ = terminal.show_cursor();
        input_mode::leave();
        if let Some(sequence) = window::leave() {
            let _ = terminal.write_str(&sequence);
        }
    }
}
