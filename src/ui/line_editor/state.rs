//! The state that the parts of the editor share; reedline owns them and connects none of them.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crossterm::event::Event;
#[cfg(unix)]
use reedline::PromptEditMode;

use super::paste::{self, Pastes};
use super::tracker::PasteTracker;
use super::{dropped, entry};
use crate::ports::entered_text::EnteredText;

/// What the line took of the screen when it was painted last.
#[derive(Debug, Clone, Copy)]
pub(in crate::ui) struct Painted {
    pub size: (u16, u16),
    /// Rows down to the cursor.
    pub to_cursor: usize,
    pub rows: usize,
}

#[derive(Debug, Default)]
pub(in crate::ui) struct State {
    pub is_multiline: bool,
    /// Which keys are commands: emacs, or a mode of vi.
    #[cfg(unix)]
    pub mode: PromptEditMode,
    pub pastes: Pastes,
    pub tracker: PasteTracker,
    /// Columns before the first line.
    pub prompt_width: usize,
    pub painted: Option<Painted>,
    /// A key of the batch that is being read ends the reading; what follows it must wait.
    pub has_ended: bool,
    /// Keys to handle later, oldest first.
    pub waiting: VecDeque<Event>,
    /// The editor is gone.
    #[cfg(unix)]
    pub is_closed: bool,
    /// The size of the terminal when reedline was woken up for the keys that wait.
    woken_at: Option<(u16, u16)>,
    /// Notifies the watcher that reedline has been woken.
    #[cfg(unix)]
    pub waker: Option<std::io::PipeWriter>,
}

impl State {
    /// This line as it was entered, with its long pastes.
    pub(in crate::ui) fn entered(&self, line: &str) -> EnteredText {
        let tracked = self.tracker.line();
        if tracked.text == line {
            self.pastes.expand(tracked)
        } else {
            self.pastes.expand(&EnteredText::typed(line))
        }
    }

    /// Whether Enter submits this line. A long paste is a label on it, and has no marks.
    pub(in crate::ui) fn is_complete(&self, line: &str) -> bool {
        let tracked = self.tracker.line();
        let is_tracked = tracked.text == line;
        let typed = (!is_tracked).then(|| EnteredText::typed(line));
        entry::is_complete(typed.as_ref().unwrap_or(tracked), self.is_multiline)
    }

    /// What is put on the line for a paste: a path that exists as a mention of it, anything else as
    /// data.
    pub(in crate::ui) fn pasted(&mut self, text: &str) -> String {
        let text = paste::cleaned(text);
        if let Some(mention) = dropped::mention(&text, &self.tracker.before_cursor()) {
            return mention;
        }
        let shown = self.pastes.insert(entry::protected(&text));
        self.tracker.announce(&shown);
        shown
    }

    /// Lets reedline come back for the keys that wait. It reads from the terminal alone, and the
    /// only other thing that it looks for is a change of size. crossterm drops one that comes
    /// together with a key, so the watcher calls this again while keys wait.
    pub(in crate::ui) fn wake(&mut self) {
        #[cfg(unix)]
        if !self.waiting.is_empty() {
            self.woken_at = crossterm::terminal::size().ok();
            // To ourselves: it cannot fail.
            let _ = rustix::process::kill_process(
                rustix::process::getpid(),
                rustix::process::Signal::WINCH,
            );
            // Where this fails there is no watcher.
            let _ = self
                .waker
                .as_mut()
                .map(|waker| std::io::Write::write(waker, &[0]));
        }
    }

    /// Whether a change of size is none, but [`wake`](Self::wake).
    pub(in crate::ui) fn is_wake_up(&mut self, columns: u16, rows: u16) -> bool {
        self.woken_at.take() == Some((columns, rows))
    }
}

/// A handle on the state that all parts share.
#[derive(Debug, Clone, Default)]
pub(in crate::ui) struct SharedState(Arc<Mutex<State>>);

impl SharedState {
    pub(in crate::ui) fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
