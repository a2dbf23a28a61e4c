//! Watches the queue of the terminal: crossterm stops reading a long one and does not notice that a
//! terminal has gone, and while keys are held a full one would block Ctrl-C.

use std::io::{PipeReader, Read};
use std::os::fd::AsFd;
use std::thread::{Builder, Thread};
use std::time::Duration;

use crossterm::event::{self, Event};
use rustix::event::{PollFd, PollFlags, Timespec, poll};

use super::state::SharedState;
use crate::ports::interrupt::Signal;
use crate::ui::input_mode::{self, Keyboard};
use crate::ui::signals;

/// Time for reedline to read what has arrived.
const READING: Duration = Duration::from_millis(5);

/// Time between two checks of a queue that has no reader.
const LOOK: Duration = Duration::from_millis(50);

/// Time for the signal of a terminal that has gone to arrive, which is more precise.
const GRACE: Duration = Duration::from_millis(200);

/// Time between two wake-ups of reedline. It continues reading while anything comes within 100
/// ms.
const WAKING: Duration = Duration::from_millis(300);

/// Bytes in a queue that is emptied. Linux takes 4,095 and leaves the rest, Ctrl-C too, outside.
const LONG_QUEUE: u64 = 1024;

/// Keys that wait at most.
const MOST_WAITING: usize = 1 << 20;

/// The thread that watches, until it is dropped.
pub(super) struct Watcher {
    thread: Option<Thread>,
    state: SharedState,
}

impl Watcher {
    pub(super) fn start(state: SharedState) -> Self {
        let Ok((woken, waker)) = std::io::pipe() else {
            return Self {
                thread: None,
                state,
            };
        };
        state.lock().waker = Some(waker);
        let watched = state.clone();
        let thread = Builder::new()
            .name("keyboard".to_owned())
            .spawn(move || watch(&watched, woken));
        Self {
            thread: thread.ok().map(|thread| thread.thread().clone()),
            state,
        }
    }

    /// To be called when the keyboard has a new owner.
    pub(super) fn wake(&self) {
        if let Some(thread) = &self.thread {
            thread.unpark();
        }
    }
}

impl Drop for Watcher {
    fn drop(&mut self) {
        self.state.lock().is_closed = true;
        self.wake();
    }
}

fn watch(state: &SharedState, mut woken: PipeReader) {
    while !state.lock().is_closed {
        match input_mode::keyboard() {
            Keyboard::Read => watch_reading(state, &mut woken),
            Keyboard::Held => watch_holding(state),
            Keyboard::Free | Keyboard::LinesHeld => std::thread::park(),
        }
    }
}

fn watch_reading(state: &SharedState, woken: &mut PipeReader) {
    let stdin = std::io::stdin();
    let mut watched = [
        PollFd::from_borrowed_fd(stdin.as_fd(), PollFlags::IN),
        PollFd::from_borrowed_fd(woken.as_fd(), PollFlags::IN),
    ];
    let keys_wait = !state.lock().waiting.is_empty();
    let patience = keys_wait
        .then_some(WAKING)
        .and_then(|waking| Timespec::try_from(waking).ok());
    match poll(&mut watched, patience.as_ref()) {
        Ok(0) => return state.lock().wake(),
        Ok(_) => {}
        Err(_) => return,
    }
    if watched[1].revents().contains(PollFlags::IN) {
        // From here on the time is limited, as keys wait.
        let _ = woken.read(&mut [0; 4096]);
        return;
    }
    let has_gone = watched[0]
        .revents()
        .intersects(PollFlags::HUP | PollFlags::ERR | PollFlags::NVAL);
    std::thread::park_timeout(if has_gone { GRACE } else { READING });
    if has_gone && input_mode::keyboard() == Keyboard::Read {
        // The reader will never return.
        signals::end(Signal::HangUp.kind().exit_code());
    }
    input_mode::remind_reader();
}

fn watch_holding(state: &SharedState) {
    std::thread::park_timeout(LOOK);
    input_mode::hold_again();
    let is_held = || input_mode::keyboard() == Keyboard::Held;
    let is_long = is_held() && input_mode::queue_length() >= LONG_QUEUE;
    // To its end: Linux lets more in when the queue is almost empty, and no sooner.
    while is_long
        && is_held()
        && input_mode::queue_length() > 0
        && state.lock().waiting.len() < MOST_WAITING
    {
        input_mode::remind_reader();
        while keep_event(state, is_held) {}
    }
    if input_mode::keyboard() == Keyboard::Read {
        state.lock().wake();
    }
}

/// Stores the next key, if there is one. A reader that takes the keyboard meanwhile waits, or a
/// later key would overtake this one.
fn keep_event(state: &SharedState, is_held: impl Fn() -> bool) -> bool {
    let mut state = state.lock();
    let is_there = is_held() && event::poll(Duration::ZERO).is_ok_and(|is_there| is_there);
    let Some(event) = is_there.then(event::read).and_then(Result::ok) else {
        return false;
    };
    // The size is read again at the next read.
    if matches!(event, Event::Key(_) | Event::Paste(_)) {
        state.waiting.push_back(event);
    }
    true
}
