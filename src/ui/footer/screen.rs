//! The footer on the terminal of this process: one lock around what it shows, what is typed, and
//! every write.
//!
//! | who | does |
//! |---|---|
//! | the command | reads entries ([`Screen::phase`] is `Prompting`), writes text |
//! | the keyboard's thread | applies keys, moves the spinner, draws what has changed |
//! | signals, panics | remove the footer |

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crossterm::event::Event;

use super::activity;
use super::editor::Request;
use super::painter::Painter;
use super::queue::Message;
use super::state::Footer;
use super::throttle::Throttle;
use super::tty::{size, suspend, write_all};
use crate::ports::input::PromptEntry;
use crate::ports::interrupt::Interrupt;
use crate::ui::key_parser::KeyParser;
use crate::ui::{terminal_query, window};

/// Whose turn it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    /// An entry is being read.
    Prompting,
    /// An entry is being obeyed: complete lines wait.
    Busy,
    /// Another program or prompt has the terminal.
    Lent,
}

/// What the reader of an entry is woken for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Wakeup {
    Entry(PromptEntry),
    /// A message to be shown and obeyed.
    Message(Message),
    /// The line is to be edited in the user's editor.
    EditOutside,
}

pub(super) struct Screen {
    pub footer: Footer,
    pub painter: Painter,
    pub phase: Phase,
    pub wakeup: Option<Wakeup>,
    /// Ctrl-D or `?` was pressed on an empty line while an entry was obeyed.
    later: Option<PromptEntry>,
    is_changed: bool,
    /// A message leaves the line for the transcript: it is to do both in one write.
    is_delivering: bool,
    throttle: Throttle,
    ticked_at: Instant,
    interrupt: Interrupt,
    waker: io::PipeWriter,
    pub parser: KeyParser,
    /// When the last key was pressed.
    pub pressed_at: Option<Instant>,
    /// Keys to handle when the next entry is read.
    pub waiting: Vec<Event>,
}

/// Time between two looks at a menu whose rows are still being collected.
const MENU_LOOK: Duration = Duration::from_millis(50);

/// Longest wait for the cursor of a terminal that has another size.
const RESIZED: Duration = Duration::from_millis(200);

static SCREEN: Mutex<Option<Screen>> = Mutex::new(None);

/// The reader of entries has been woken.
static CHANGED: Condvar = Condvar::new();

/// There is a screen with a footer: read before the lock is taken.
static IS_ON: AtomicBool = AtomicBool::new(false);

pub(super) fn lock() -> MutexGuard<'static, Option<Screen>> {
    SCREEN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The lock for code that must not wait for a thread that has it: one that panicked or hangs.
pub(super) fn try_lock() -> Option<MutexGuard<'static, Option<Screen>>> {
    for _ in 0..20 {
        match SCREEN.try_lock() {
            Ok(guard) => return Some(guard),
            Err(std::sync::TryLockError::Poisoned(error)) => return Some(error.into_inner()),
            Err(std::sync::TryLockError::WouldBlock) => {
                std::thread::park_timeout(Duration::from_millis(1));
            }
        }
    }
    None
}

pub(super) fn is_on() -> bool {
    IS_ON.load(Ordering::Acquire)
}

/// From now on there is no footer for anyone, whoever has the lock.
pub(super) fn abandon() {
    IS_ON.store(false, Ordering::Release);
}

/// Puts a screen in the place of the one before, and returns that one.
pub(super) fn replace(screen: Option<Screen>) -> Option<Screen> {
    IS_ON.store(screen.is_some(), Ordering::Release);
    std::mem::replace(&mut *lock(), screen)
}

/// Runs something on the screen, where there is one.
pub(super) fn with<T>(act: impl FnOnce(&mut Screen) -> T) -> Option<T> {
    if !is_on() {
        return None;
    }
    lock().as_mut().map(act)
}

/// Waits until the reader of entries is woken.
pub(super) fn wait_for_wakeup() -> Option<Wakeup> {
    let mut screen = lock();
    loop {
        match screen.as_mut() {
            None => return None,
            Some(screen) if screen.wakeup.is_some() => return screen.wakeup.take(),
            Some(_) => {}
        }
        screen = CHANGED.wait(screen).unwrap_or_else(PoisonError::into_inner);
    }
}

impl Screen {
    pub(super) fn new(
        footer: Footer,
        interrupt: Interrupt,
        waker: io::PipeWriter,
        parser: KeyParser,
    ) -> Self {
        Self {
            footer,
            painter: Painter::new(size()),
            phase: Phase::Lent,
            wakeup: None,
            later: None,
            is_changed: false,
            is_delivering: false,
            throttle: Throttle::new(Instant::now()),
            ticked_at: Instant::now(),
            interrupt,
            waker,
            parser,
            pressed_at: None,
            waiting: Vec::new(),
        }
    }

    /// Starts below what is on the screen. `column` is where the cursor is, counted from 1.
    pub(super) fn begin_at(&mut self, column: u16) {
        if column <= 1 {
            // A command ends with an empty row of our own, whatever another program wrote before.
            self.painter.take_back();
            return;
        }
        // The next write of text fails as well, and reports it.
        let _ = write_all(b"\r\n");
        self.painter.forget();
    }

    /// Leaves the terminal to others, at the start of a row.
    pub(super) fn disappear(&mut self) {
        self.phase = Phase::Lent;
        let _ = write_all(self.painter.erase().as_bytes());
        if !self.painter.is_at_row_start() {
            let _ = self.write("\n");
        }
    }

    /// Takes the terminal: the keyboard's thread reads keys from now on.
    pub(super) fn take(&mut self) {
        self.phase = Phase::Busy;
        self.wake_keyboard();
    }

    /// Is drawn again after the program was stopped and continued.
    pub(super) fn appear_again(&mut self) {
        self.painter.forget();
        self.redraw();
    }

    /// Draws the footer for another size of the terminal, soon.
    pub(super) fn follow_size(&mut self) {
        let size = size();
        if self.phase == Phase::Lent || self.painter.size() == size {
            return;
        }
        self.is_changed = true;
        if self.painter.is_uncertain_at(size) {
            let answers = terminal_query::ask_cursor(&mut self.parser, RESIZED);
            self.painter
                .resize(size, answers.cursor.map(|(_, column)| column));
            answers.typed.into_iter().for_each(|key| self.handle(key));
        }
    }

    /// Wakes the keyboard's thread: it is to look at the screen again.
    pub(super) fn wake_keyboard(&mut self) {
        // Where this fails there is no thread.
        let _ = io::Write::write(&mut self.waker, &[0]);
    }

    /// Writes text of the transcript.
    pub(super) fn write(&mut self, text: &str) -> io::Result<()> {
        let size = size();
        if self.phase == Phase::Lent {
            self.painter.pass(text, size);
            return write_all(text.as_bytes());
        }
        let is_changed = std::mem::take(&mut self.is_delivering) || self.is_changed;
        let footer = &self.footer;
        let mut drew = false;
        let bytes = self.painter.text(text, size, is_changed, || {
            drew = true;
            footer.rows(size, Instant::now())
        });
        let written = write_all(bytes.as_bytes());
        self.is_changed &= !drew;
        written
    }

    /// Draws the footer again.
    pub(super) fn redraw(&mut self) {
        if self.phase == Phase::Lent {
            return;
        }
        let size = size();
        let rows = self.footer.rows(size, Instant::now());
        // The next write of text fails as well, and reports it.
        let _ = write_all(self.painter.redraw(size, &rows).as_bytes());
        self.is_changed = false;
    }

    /// Something that is shown has changed: it is drawn with the next text, or soon.
    pub(super) fn change(&mut self) {
        if !self.is_changed {
            self.is_changed = true;
            self.wake_keyboard();
        }
    }

    /// Draws what has changed, unless that was done too often; moves the spinner.
    pub(super) fn tick(&mut self, now: Instant) {
        if self.is_moving() && now.saturating_duration_since(self.ticked_at) >= activity::TICK {
            self.ticked_at = now;
            self.is_changed = true;
        }
        if self.footer.editor.menu_grows() && self.phase != Phase::Lent {
            self.footer.editor.update_menu();
            self.is_changed = true;
        }
        if self.is_changed && !self.is_delivering && self.throttle.takes(now) {
            self.redraw();
        }
    }

    /// When to call [`tick`](Self::tick) again.
    pub(super) fn next_tick(&self, now: Instant) -> Option<Instant> {
        if self.phase == Phase::Lent {
            return None;
        }
        let is_due = self.is_changed && !self.is_delivering;
        let changed = is_due.then(|| self.throttle.next(now));
        let moving = self.is_moving().then(|| self.ticked_at + activity::TICK);
        let grows = self.footer.editor.menu_grows().then(|| now + MENU_LOOK);
        changed.into_iter().chain(moving).chain(grows).min()
    }

    fn is_moving(&self) -> bool {
        self.phase == Phase::Busy && self.footer.is_awaited()
    }

    /// The activity has changed: the spinner moves from now on.
    pub(super) fn begin_to_move(&mut self) {
        self.ticked_at = Instant::now();
        self.is_changed = true;
        self.wake_keyboard();
    }

    /// Starts to read an entry. One that waits is returned at once.
    pub(super) fn prompt(&mut self) {
        self.take();
        if self.wakeup.is_some() {
            // A key was faster than the command that reads the next entry.
            return CHANGED.notify_all();
        }
        self.phase = Phase::Prompting;
        self.footer.activity = None;
        self.footer.progress.clear();
        if let Some(message) = self.footer.queue.next() {
            self.footer.editor.has_queue = !self.footer.queue.is_empty();
            return self.deliver(message);
        }
        let later = self.later.take();
        if let Some(entry) = later.filter(|_| self.footer.editor.text().is_empty()) {
            self.wake_reader(Wakeup::Entry(entry));
        }
        self.footer.editor.has_queue = !self.footer.queue.is_empty();
        for event in std::mem::take(&mut self.waiting) {
            self.handle(event);
        }
        self.redraw();
    }

    /// Pauses the queue: its first message goes back to the line.
    pub(super) fn pause_queue(&mut self) {
        self.footer.pause_queue();
        self.change();
    }

    /// Handles a key or a paste.
    pub(super) fn handle(&mut self, event: Event) {
        if matches!(event, Event::FocusGained | Event::FocusLost) {
            return window::set_focus(event == Event::FocusGained);
        }
        self.pressed_at = Some(Instant::now());
        self.is_changed = true;
        let is_busy = self.phase != Phase::Prompting;
        let Some(request) = self.footer.press(event) else {
            return;
        };
        match request {
            Request::Submit { text, .. } if text.text.trim().is_empty() => {}
            Request::Submit { text, shown } => {
                let message = Message { text, shown };
                if is_busy {
                    self.footer.queue.push(message);
                } else {
                    let message = self.footer.queue.resume(message);
                    self.deliver(message);
                }
            }
            Request::Interrupt if is_busy => self.interrupt.stop(),
            Request::Stop if self.footer.is_awaited() => self.interrupt.stop(),
            Request::Interrupt if !self.footer.editor.text().is_empty() => {
                self.footer.editor.clear_into_history();
                // The prompt stays: keys that follow are for it.
                self.wakeup = Some(Wakeup::Entry(PromptEntry::Cleared));
                CHANGED.notify_all();
            }
            Request::Interrupt => self.wake_reader(Wakeup::Entry(PromptEntry::Interrupted)),
            Request::Close if is_busy => self.later = Some(PromptEntry::Closed),
            Request::Close => self.wake_reader(Wakeup::Entry(PromptEntry::Closed)),
            Request::TakeBack => {
                if let Some(message) = self.footer.queue.take_last() {
                    self.footer.editor.set_text(message.text);
                }
            }
            Request::KeyHelp if is_busy => self.later = Some(PromptEntry::KeyHelp),
            Request::KeyHelp => self.wake_reader(Wakeup::Entry(PromptEntry::KeyHelp)),
            Request::EditOutside if !is_busy => self.wake_reader(Wakeup::EditOutside),
            Request::PasteImage if !is_busy => {
                self.wake_reader(Wakeup::Entry(PromptEntry::PasteImage));
            }
            Request::RemoveAttachment if !is_busy && !self.footer.chips.is_empty() => {
                self.wake_reader(Wakeup::Entry(PromptEntry::RemoveAttachment));
            }
            Request::Suspend => suspend(),
            Request::Redraw => self.redraw(),
            _ => {}
        }
        self.footer.editor.has_queue = !self.footer.queue.is_empty();
    }

    /// Gives a message to the reader, which shows it with the next write.
    fn deliver(&mut self, message: Message) {
        self.wake_reader(Wakeup::Message(message));
        self.is_delivering = true;
    }

    fn wake_reader(&mut self, wakeup: Wakeup) {
        self.phase = Phase::Busy;
        self.wakeup = Some(wakeup);
        CHANGED.notify_all();
    }
}
