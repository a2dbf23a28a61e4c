//! Looks after the queue of the terminal: crossterm falls asleep before a long one and never notices that a terminal
//! has gone, and while keys are held a full one would keep Ctrl-C out.

use std::os::fd::AsFd;
use std::thread::{Builder, Thread};
use std::time::Duration;

use crossterm::event::{self, Event};
use rustix::event::{PollFd, PollFlags, poll};

use super::state::SharedState;
use crate::commands::interrupt::Signal;
use crate::ui::input_mode::{self, Keyboard};
use crate::ui::signals;

/// Time for reedline to read what has come.
const READING: Duration = Duration::from_millis(5);

/// Between two looks at a queue that nobody reads.
const LOOK: Duration = Duration::from_millis(50);

/// Time for the signal of a terminal that has gone to arrive, which tells more.
const GRACE: Duration = Duration::from_millis(200);

/// Bytes in a queue that is emptied. Linux takes 4,095 and leaves the rest, Ctrl-C too, outside.
const LONG_QUEUE: u64 = 1024;

/// Keys that wait at most.
const MOST_WAITING: usize = 1 << 20;

/// The thread that watches, until it is dropped.
pub struct Watcher {
    thread: Option<Thread>,
    state: SharedState,
}

impl Watcher {
    pub fn start(state: SharedState) -> Self {
        let watched = state.clone();
        let thread = Builder::new().name("keyboard".to_owned()).spawn(move || watch(&watched));
        Self { thread: thread.ok().map(|thread| thread.thread().clone()), state }
    }

    /// To be called when the keyboard has been given to somebody.
    pub fn wake(&self) {
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

fn watch(state: &SharedState) {
    while !state.lock().is_closed {
        match input_mode::keyboard() {
            Keyboard::Read => watch_reading(),
            Keyboard::Held => watch_holding(state),
            Keyboard::Nobody | Keyboard::LinesHeld => std::thread::park(),
        }
    }
}

fn watch_reading() {
    let stdin = std::io::stdin();
    let mut watched = [PollFd::from_borrowed_fd(stdin.as_fd(), PollFlags::IN)];
    if poll(&mut watched, None).is_err() {
        return;
    }
    let has_gone = watched[0].revents().intersects(PollFlags::HUP | PollFlags::ERR | PollFlags::NVAL);
    std::thread::park_timeout(if has_gone { GRACE } else { READING });
    if has_gone && input_mode::keyboard() == Keyboard::Read {
        // Whoever reads will never come back.
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
    while is_long && is_held() && input_mode::queue_length() > 0 && state.lock().waiting.len() < MOST_WAITING {
        input_mode::remind_reader();
        while is_held() && event::poll(Duration::ZERO).is_ok_and(|is_there| is_there) {
            let Ok(event) = event::read() else { break };
            // The size is asked for anew at the next read.
            if matches!(event, Event::Key(_) | Event::Paste(_)) {
                state.lock().waiting.push_back(event);
            }
        }
    }
    if input_mode::keyboard() == Keyboard::Read {
        state.lock().wake();
    }
}
