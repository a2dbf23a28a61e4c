//! The prompt on a terminal that can move its cursor: reedline, with what it lacks.

use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers};
use reedline::{EditCommand, HistoryItem, Reedline, Signal};

use super::completion::{self, InertCompleter};
use super::history::LineHistory;
use super::keys::{EDIT, KeyReader, PASTE_IMAGE, SUSPEND};
use super::look::{EntryPrompt, HistoryHint, InertText, Look, counted};
use super::plain::PlainEditor;
use super::state::SharedState;
use super::tracker::PasteTracker;
#[cfg(unix)]
use super::watch::Watcher;
use super::{entry, external, paste};
use crate::ports::entered_text::EnteredText;
use crate::ports::input::{EditorOptions, InputError, LineEditor, PromptEntry};
use crate::ports::interrupt::Interrupt;
use crate::ui::sanitise::inert;
use crate::ui::{input_mode, signals, window};

/// The prompt.
pub(super) struct ScreenEditor {
    reedline: Reedline,
    state: SharedState,
    look: Look,
    /// VISUAL or EDITOR, split into words.
    external: Vec<String>,
    interrupt: Interrupt,
    prefilled: EnteredText,
    /// Ctrl-C was pressed before the prompt could be read.
    is_interrupted: bool,
    /// The terminal has reported the position of its cursor.
    answers: bool,
    /// For a terminal that does not report it.
    plain: Option<PlainEditor>,
    /// `None` before the first read.
    #[cfg(unix)]
    watcher: Option<Watcher>,
}

impl ScreenEditor {
    pub(super) fn new(
        options: EditorOptions,
        look: Look,
        external: Vec<String>,
        interrupt: Interrupt,
    ) -> Self {
        input_mode::remember();
        let state = SharedState::default();
        let reedline = Reedline::create()
            .with_history(Box::new(LineHistory::open(options.history, state.clone())))
            .with_edit_mode(Box::new(KeyReader::new(options.keys, state.clone())))
            .with_validator(Box::new(Completeness(state.clone())))
            .with_highlighter(Box::new(InertText::new(look, state.clone())))
            .with_hinter(Box::new(HistoryHint::new(state.clone())))
            .with_completer(Box::new(InertCompleter(options.completer)))
            .with_menu(completion::menu(look))
            .with_quick_completions(true)
            .with_partial_completions(true)
            .with_ansi_colors(look.is_coloured)
            .with_semantic_markers(window::has_marks().then(reedline::Osc133Markers::boxed));
        Self {
            reedline,
            state,
            look,
            external,
            interrupt,
            prefilled: EnteredText::default(),
            is_interrupted: false,
            answers: false,
            plain: None,
            #[cfg(unix)]
            watcher: None,
        }
    }

    fn take_keyboard(&mut self) {
        let typed = input_mode::lines_typed_ahead();
        let mut state = self.state.lock();
        state
            .waiting
            .extend(keys_of(&String::from_utf8_lossy(&typed)));
        // While no other reader takes keys from the queue.
        input_mode::take_keyboard();
        drop(state);
        // From here on Ctrl-C is a key, and the prompt handles it.
        self.is_interrupted |= signals::noticed(&self.interrupt);
        #[cfg(unix)]
        self.watcher
            .get_or_insert_with(|| Watcher::start(self.state.clone()))
            .wake();
    }

    /// Queries the position of the cursor, once. A terminal that does not report it cannot be
    /// painted on.
    fn cannot_paint(&mut self) -> bool {
        if !self.answers {
            self.answers = crossterm::terminal::enable_raw_mode()
                .and_then(|()| crossterm::cursor::position())
                .is_ok();
            // Where this fails the next change of modes does it.
            let _ = crossterm::terminal::disable_raw_mode();
        }
        !self.answers
    }

    /// Continues line by line, with what has been typed.
    fn fall_back(&mut self, prompt: &str, attached: &[String]) -> Result<PromptEntry, InputError> {
        let mut typed: Vec<Event> = self.state.lock().waiting.drain(..).collect();
        while crossterm::event::poll(std::time::Duration::ZERO).is_ok_and(|is_there| is_there) {
            typed.extend(crossterm::event::read());
        }
        if std::mem::take(&mut self.is_interrupted) {
            typed.push(CTRL_C);
        }
        let mut plain = PlainEditor::new(self.look, self.interrupt.clone());
        plain.take_over(&typed, &self.prefilled, self.state.lock().is_multiline);
        self.plain.insert(plain).read(prompt, attached)
    }

    fn set_line(&mut self, text: &EnteredText) {
        let mut state = self.state.lock();
        let line = state.pastes.shortened(&entry::protected_entry(text));
        let shown = line.text.clone();
        state.tracker.set(line);
        drop(state);
        self.reedline
            .run_edit_commands(&[EditCommand::Clear, EditCommand::InsertString(shown)]);
    }

    /// Edits the line in the user's editor.
    fn edit_outside(&mut self) {
        let line = self.reedline.current_buffer_contents();
        let line = entry::unprotected(&self.state.lock().entered(line));
        input_mode::restore();
        match external::edit(&line.text, &self.external) {
            Ok(text) => {
                let mut tracker = PasteTracker::default();
                tracker.set(line);
                tracker.edited(&text);
                self.set_line(tracker.line());
            }
            Err(why) => {
                // Without stderr there is nowhere to report it.
                let _ = console::Term::stderr().write_line(&format!("\n{}", inert(&why)));
            }
        }
    }

    /// Ctrl-C: a line that has text goes into the history.
    fn discard(&mut self) -> PromptEntry {
        // A search leaves the line behind it.
        self.reedline.run_edit_commands(&[EditCommand::Clear]);
        let line = self.state.lock().tracker.line().text.clone();
        if line.trim().is_empty() {
            return PromptEntry::Interrupted;
        }
        let item = HistoryItem::from_command_line(line);
        // One that cannot be stored is lost, as it would be without a history.
        let _ = self.reedline.history_mut().save(item);
        PromptEntry::Cleared
    }

    /// One round of reedline. `None` when reading continues.
    fn round(&mut self, prompt: &EntryPrompt) -> Result<Option<PromptEntry>, InputError> {
        self.take_keyboard();
        let signal = if std::mem::take(&mut self.is_interrupted) {
            Ok(Signal::CtrlC)
        } else {
            self.reedline.read_line(prompt)
        };
        // Ctrl-C is a signal again, which the caller handles.
        self.interrupt.arm();
        input_mode::hold_typing();
        match signal.map_err(input_mode::explain)? {
            Signal::Success(line) => {
                let mut state = self.state.lock();
                let entered = state.entered(&line);
                state.tracker.clear();
                let is_multiline = state.is_multiline;
                let meant = entry::without_marks(&entered, is_multiline);
                Ok(Some(PromptEntry::Text(meant)))
            }
            Signal::CtrlC => {
                let entry = self.discard();
                self.state.lock().tracker.clear();
                Ok(Some(entry))
            }
            Signal::HostCommand(what) if what == PASTE_IMAGE => Ok(Some(PromptEntry::PasteImage)),
            Signal::HostCommand(what) if what == EDIT => {
                self.edit_outside();
                Ok(None)
            }
            Signal::HostCommand(what) if what == SUSPEND => {
                suspend();
                Ok(None)
            }
            Signal::ExternalBreak(_) | Signal::HostCommand(_) => Ok(None),
            _ => Ok(Some(PromptEntry::Closed)),
        }
    }
}

impl LineEditor for ScreenEditor {
    fn read(&mut self, prompt: &str, attached: &[String]) -> Result<PromptEntry, InputError> {
        if let Some(plain) = &mut self.plain {
            return plain.read(prompt, attached);
        }
        if !self.answers {
            self.take_keyboard();
        }
        if self.cannot_paint() {
            return self.fall_back(prompt, attached);
        }
        let prefilled = std::mem::take(&mut self.prefilled);
        if !prefilled.text.is_empty() {
            self.set_line(&paste::cleaned_entry(prefilled));
        }
        let prompt = counted(prompt, attached);
        let prompt = EntryPrompt::new(&prompt, self.look, self.state.clone());
        loop {
            if let Some(entry) = self.round(&prompt)? {
                return Ok(entry);
            }
        }
    }

    fn prefill(&mut self, text: &EnteredText) {
        match &mut self.plain {
            Some(plain) => plain.prefill(text),
            None => text.clone_into(&mut self.prefilled),
        }
    }

    fn set_multiline(&mut self, is_on: bool) {
        self.state.lock().is_multiline = is_on;
        if let Some(plain) = &mut self.plain {
            plain.set_multiline(is_on);
        }
    }

    fn hold_typing(&mut self) {
        match &mut self.plain {
            Some(plain) => plain.hold_typing(),
            None => {
                input_mode::hold_typing();
                #[cfg(unix)]
                if let Some(watcher) = &self.watcher {
                    watcher.wake();
                }
            }
        }
    }
}

impl Drop for ScreenEditor {
    fn drop(&mut self) {
        input_mode::leave();
    }
}

/// Whether Enter submits.
struct Completeness(SharedState);

impl reedline::Validator for Completeness {
    fn validate(&self, line: &str) -> reedline::ValidationResult {
        if self.0.lock().is_complete(line) {
            reedline::ValidationResult::Complete
        } else {
            reedline::ValidationResult::Incomplete
        }
    }
}

/// Ctrl-C as a key.
const CTRL_C: Event = Event::Key(KeyEvent::new(KeyCode::Char('c'), KeyModifiers::CONTROL));

/// Stops the program as Ctrl-Z does, and returns when the shell continues it.
fn suspend() {
    input_mode::restore();
    #[cfg(unix)]
    {
        // Without a shell to take the terminal it does nothing.
        let _ = rustix::process::kill_current_process_group(rustix::process::Signal::TSTP);
    }
}

/// The keys that write a text. Control characters are omitted.
fn keys_of(text: &str) -> Vec<Event> {
    let key = |c: char| match c {
        '\n' | '\r' => Some(KeyCode::Enter),
        c if c.is_control() => None,
        c => Some(KeyCode::Char(c)),
    };
    text.chars()
        .filter_map(key)
        .map(|code| Event::Key(KeyEvent::new(code, KeyModifiers::NONE)))
        .collect()
}
