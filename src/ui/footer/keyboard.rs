//! The thread that reads keys while there is a footer, moves the spinner, and draws what has
//! changed.

use std::io::{PipeReader, Read};
use std::os::fd::AsFd;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::Builder;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use signal_hook::consts::{SIGCONT, SIGTSTP, SIGWINCH};

use super::screen::{self, Phase, Screen};
use crate::ports::interrupt::Signal;
use crate::ui::key_parser::Input;
use crate::ui::{input_mode, keyboard_input, signals};

/// Time in which the rest of a key follows an escape.
const ESCAPE: Duration = Duration::from_millis(25);

/// Time for the signal of a terminal that has gone to arrive, which is more precise.
const GRACE: Duration = Duration::from_millis(200);

/// Bytes that are read at once.
const CHUNK: usize = 16 * 1024;

/// What signals report to the thread.
#[derive(Debug, Default)]
pub(super) struct Flags {
    /// Ctrl-Z was pressed.
    stops: Arc<AtomicBool>,
    continues: Arc<AtomicBool>,
    /// The system is to handle Ctrl-Z itself: there is no footer to remove.
    has_default: Arc<AtomicBool>,
}

impl Flags {
    /// Lets signals wake the thread. Where that fails, they have their usual effect.
    fn register(&self, waker: &std::io::PipeWriter) -> std::io::Result<()> {
        use signal_hook::{flag, low_level::pipe};
        flag::register_conditional_default(SIGTSTP, Arc::clone(&self.has_default))?;
        flag::register(SIGTSTP, Arc::clone(&self.stops))?;
        flag::register(SIGCONT, Arc::clone(&self.continues))?;
        for signal in [SIGWINCH, SIGTSTP, SIGCONT] {
            pipe::register(signal, waker.try_clone()?)?;
        }
        Ok(())
    }
}

/// Starts the thread, which ends with the screen.
pub(super) fn start(woken: PipeReader, waker: &std::io::PipeWriter) -> std::io::Result<()> {
    let flags = Flags::default();
    flags.register(waker)?;
    Builder::new()
        .name("keyboard".to_owned())
        .spawn(move || run(woken, &flags))?;
    Ok(())
}

fn run(mut woken: PipeReader, flags: &Flags) {
    loop {
        let now = Instant::now();
        let Some((phase, next, is_escape)) = look(now) else {
            flags.has_default.store(true, Ordering::Release);
            return;
        };
        let escape_ends = is_escape.then(|| now + ESCAPE);
        let next = next.into_iter().chain(escape_ends).min();
        let (has_keys, is_woken, has_gone) = wait(phase, &woken, next);
        if is_woken {
            // It was full or not: what woke it is looked up.
            let _ = woken.read(&mut [0; 4096]);
            obey(flags);
        }
        if has_gone {
            std::thread::park_timeout(GRACE);
            if input_mode::keyboard() == input_mode::Keyboard::Read {
                // The reader would wait forever.
                signals::end(Signal::HangUp.kind().exit_code());
            }
        }
        screen::with(|screen| {
            if has_keys {
                read(screen);
            } else if is_escape && !is_woken {
                end_escape(screen);
            }
            screen.tick(Instant::now());
        });
    }
}

/// The state of the screen: whose turn it is, when to draw, and whether an escape waits.
fn look(now: Instant) -> Option<(Phase, Option<Instant>, bool)> {
    screen::with(|screen| {
        (
            screen.phase,
            screen.next_tick(now),
            screen.parser.has_lone_escape(),
        )
    })
}

/// Waits for keys, for a wake-up, or until then.
fn wait(phase: Phase, woken: &PipeReader, until: Option<Instant>) -> (bool, bool, bool) {
    let stdin = std::io::stdin();
    let keys = if phase == Phase::Lent {
        PollFlags::empty()
    } else {
        PollFlags::IN
    };
    let mut watched = [
        PollFd::from_borrowed_fd(woken.as_fd(), PollFlags::IN),
        PollFd::from_borrowed_fd(stdin.as_fd(), keys),
    ];
    let watched = if phase == Phase::Lent {
        &mut watched[..1]
    } else {
        &mut watched[..]
    };
    let timeout = until
        .map(|until| until.saturating_duration_since(Instant::now()))
        .and_then(|left| Timespec::try_from(left).ok());
    if poll(watched, timeout.as_ref()).is_err() {
        return (false, false, false);
    }
    let woken = watched[0]
        .revents()
        .intersects(PollFlags::IN | PollFlags::HUP);
    let events = watched.get(1).map_or(PollFlags::empty(), PollFd::revents);
    let gone = PollFlags::HUP | PollFlags::ERR | PollFlags::NVAL;
    (
        events.contains(PollFlags::IN) && !events.intersects(gone),
        woken,
        events.intersects(gone),
    )
}

/// Takes the keys that have arrived. Nobody else reads while the lock is held.
fn read(screen: &mut Screen) {
    let mut buffer = vec![0; CHUNK];
    let mut inputs = Vec::new();
    while screen.phase != Phase::Lent && keyboard_input::has_input() {
        match rustix::io::read(std::io::stdin(), &mut buffer) {
            Ok(length @ 1..) => {
                let bytes = buffer.get(..length).unwrap_or_default();
                screen.parser.push(bytes, &mut inputs);
            }
            Err(rustix::io::Errno::INTR) => {}
            _ => break,
        }
        handle(screen, &mut inputs);
    }
}

fn end_escape(screen: &mut Screen) {
    let mut inputs = Vec::new();
    screen.parser.end_escape(&mut inputs);
    handle(screen, &mut inputs);
}

fn handle(screen: &mut Screen, inputs: &mut Vec<Input>) {
    for input in inputs.drain(..) {
        // An answer that comes late is to nobody's question.
        if let Input::Event(event) = input {
            screen.handle(event);
        }
    }
}

/// What a signal asks for.
fn obey(flags: &Flags) {
    if flags.stops.swap(false, Ordering::AcqRel) {
        stop(flags);
    }
    if flags.continues.swap(false, Ordering::AcqRel) {
        screen::with(|screen| {
            if screen.phase != Phase::Lent {
                input_mode::set_again();
                screen.appear_again();
            }
        });
    }
    screen::with(Screen::follow_size);
}

/// Stops the program as Ctrl-Z does, with the terminal restored.
fn stop(flags: &Flags) {
    if is_orphaned() {
        return;
    }
    let before = screen::with(|screen| {
        let before = screen.phase;
        screen.disappear();
        before
    });
    let keyboard = input_mode::keyboard();
    input_mode::restore();
    // To this thread: one for the process may reach another thread first, and this one would draw
    // the footer again before it stops. It cannot fail.
    let _ = nix::sys::signal::raise(nix::sys::signal::Signal::SIGSTOP);
    // Here the shell has continued the program.
    flags.continues.store(false, Ordering::Release);
    match keyboard {
        input_mode::Keyboard::Read => input_mode::read_keys(),
        input_mode::Keyboard::Held => input_mode::hold_typing(),
        _ => {}
    }
    screen::with(|screen| {
        if let Some(before) = before {
            screen.phase = before;
            screen.appear_again();
        }
    });
}

/// Whether no shell would continue this process group: Ctrl-Z does nothing then.
fn is_orphaned() -> bool {
    use rustix::process::{getpgid, getpgrp, getpid, getppid, getsid};
    let session = getsid(None).ok();
    if getpgrp() != getpid() {
        return session == Some(getpgrp());
    }
    let parent = getppid();
    parent.is_none()
        || getsid(parent).ok() != session
        || getpgid(parent).is_ok_and(|group| group == getpgrp())
}
