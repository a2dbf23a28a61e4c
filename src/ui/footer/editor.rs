//! The line that is being typed: reedline's text core, fed with keys, with our history and menu.
//!
//! The engine never paints and never reads: it holds the text, the caret, undo and the kill ring.

use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers};
use reedline::{
    EditCommand, EditMode, HistoryItem, PromptEditMode, Reedline, ReedlineEvent, ReedlineRawEvent,
};

use super::history_walk::HistoryWalk;
use super::menu::OpenMenu;
use super::search::HistorySearch;
use crate::ports::entered_text::EnteredText;
use crate::ports::input::EditorOptions;
use crate::ports::menu::MenuSource;
use crate::ui::line_editor::entry;
use crate::ui::line_editor::history::LineHistory;
use crate::ui::line_editor::keys::{EDIT, KeyReader, PASTE_IMAGE, SUSPEND};
use crate::ui::line_editor::paste;
use crate::ui::line_editor::state::SharedState;
use crate::ui::line_editor::suggestion;
use crate::ui::line_editor::tracker::PasteTracker;

/// What a key asks of the footer, beyond a change of the line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Request {
    /// The line is complete: as it was meant, and as it is shown.
    Submit {
        text: EnteredText,
        shown: String,
    },
    /// Ctrl-C.
    Interrupt,
    /// Ctrl-D on an empty line.
    Close,
    /// Esc with nothing to close.
    Stop,
    /// Up on an empty line.
    TakeBack,
    EditOutside,
    /// `?` on an empty line.
    KeyHelp,
    /// Ctrl-V.
    PasteImage,
    /// Backspace on an empty line.
    RemoveAttachment,
    Suspend,
    Redraw,
}

/// What an event of the engine has done.
pub(super) enum Step {
    Inapplicable,
    Done,
    Asks(Request),
}

/// The mode of the keys, which the engine resolves its commands under.
struct Mirror(SharedState);

impl EditMode for Mirror {
    fn parse_event(&mut self, _: ReedlineRawEvent) -> ReedlineEvent {
        ReedlineEvent::None
    }

    fn edit_mode(&self) -> PromptEditMode {
        self.0.lock().mode.clone()
    }
}

pub(super) struct Editor {
    pub engine: Reedline,
    keys: KeyReader,
    state: SharedState,
    pub menus: Box<dyn MenuSource>,
    pub menu: Option<OpenMenu>,
    /// Esc has closed the menu: it stays closed until the line is empty.
    pub is_menu_closed: bool,
    pub walk: Option<HistoryWalk>,
    /// Ctrl-R was pressed.
    pub search: Option<HistorySearch>,
    /// The queue has messages that Up takes back.
    pub has_queue: bool,
}

impl Editor {
    pub(super) fn new(options: EditorOptions) -> Self {
        let state = SharedState::default();
        let engine = Reedline::create()
            .with_history(Box::new(LineHistory::open(options.history, state.clone())))
            .with_edit_mode(Box::new(Mirror(state.clone())));
        Self {
            engine,
            keys: KeyReader::new(options.keys, state.clone()),
            state,
            menus: options.menus,
            menu: None,
            is_menu_closed: false,
            walk: None,
            search: None,
            has_queue: false,
        }
    }

    pub(super) fn text(&self) -> &str {
        self.engine.current_buffer_contents()
    }

    pub(super) fn caret(&self) -> usize {
        self.engine.current_insertion_point()
    }

    pub(super) fn menu_grows(&self) -> bool {
        self.menu.as_ref().is_some_and(OpenMenu::is_growing)
    }

    pub(super) fn mode(&self) -> PromptEditMode {
        self.state.lock().mode.clone()
    }

    pub(super) fn set_multiline(&mut self, is_on: bool) {
        self.state.lock().is_multiline = is_on;
    }

    /// Puts a text on the line, with the caret behind it.
    pub(super) fn set_text(&mut self, text: EnteredText) {
        let text = paste::cleaned_entry(text);
        let mut state = self.state.lock();
        let line = state.pastes.shortened(&entry::protected_entry(&text));
        let shown = line.text.clone();
        state.tracker.set(line);
        drop(state);
        self.replace(shown);
        // A menu opens for what is typed.
        self.menu = None;
    }

    pub(super) fn replace(&mut self, text: String) {
        self.engine
            .run_edit_commands(&[EditCommand::Clear, EditCommand::InsertString(text)]);
        self.walk = None;
        self.observe();
        self.update_menu();
    }

    /// Notes what of the line was pasted.
    pub(super) fn observe(&mut self) {
        let (text, caret) = (self.text(), self.caret());
        self.state.lock().tracker.observe(text, caret);
    }

    /// The line as it is, with its pastes marked.
    pub(super) fn line(&self) -> EnteredText {
        self.state.lock().tracker.line().clone()
    }

    /// The text with its pastes, without invisible marks.
    pub(super) fn whole_text(&self) -> EnteredText {
        entry::unprotected(&self.state.lock().entered(self.text()))
    }

    /// The line was edited in another program.
    pub(super) fn set_edited(&mut self, text: &str) {
        let mut tracker = PasteTracker::default();
        tracker.set(self.whole_text());
        tracker.edited(text);
        self.set_text(tracker.line().clone());
    }

    /// Empties the line, and keeps it in the history.
    pub(super) fn clear_into_history(&mut self) {
        self.save();
        self.state.lock().tracker.clear();
        self.replace(String::new());
    }

    fn save(&mut self) {
        let item = HistoryItem::from_command_line(self.text());
        // A line that cannot be stored is no failure.
        let _ = self.engine.history_mut().save(item);
    }

    /// The rest of the last line of the history that starts like this one.
    pub(super) fn hint(&self) -> String {
        if self.menu.is_some() || self.walk.is_some() {
            return String::new();
        }
        suggestion::hint(self.text(), self.caret(), self.engine.history())
    }

    /// Handles one key or paste.
    pub(super) fn handle(&mut self, event: Event) -> Option<Request> {
        if self.searches(&event) {
            return None;
        }
        if let Event::Key(KeyEvent {
            code: KeyCode::Esc,
            modifiers: KeyModifiers::NONE,
            ..
        }) = event
            && self.menu.take().is_some()
        {
            self.is_menu_closed = true;
            return None;
        }
        let is_escape = matches!(
            event,
            Event::Key(KeyEvent {
                code: KeyCode::Esc,
                ..
            })
        );
        let before = self.mode();
        let event = self.keys.translate(event);
        self.state.lock().mode = self.keys.edit_mode();
        match self.apply(event) {
            Step::Asks(request) => Some(request),
            // In a vi mode the first Esc leaves the insert mode.
            _ if is_escape && self.mode() == before => Some(Request::Stop),
            Step::Inapplicable | Step::Done => None,
        }
    }

    fn apply(&mut self, event: ReedlineEvent) -> Step {
        match event {
            ReedlineEvent::Edit(commands)
                if self.text().is_empty() && commands == [EditCommand::Backspace] =>
            {
                Step::Asks(Request::RemoveAttachment)
            }
            ReedlineEvent::Edit(commands) => self.edit(&commands),
            ReedlineEvent::Left => self.edit(&[EditCommand::MoveLeft { select: false }]),
            ReedlineEvent::Right => self.edit(&[EditCommand::MoveRight { select: false }]),
            ReedlineEvent::ToStart => self.edit(&[EditCommand::MoveToStart { select: false }]),
            ReedlineEvent::ToEnd => self.edit(&[EditCommand::MoveToEnd { select: false }]),
            ReedlineEvent::Enter | ReedlineEvent::SubmitOrNewline => self.enter(),
            ReedlineEvent::Submit => self.submit(),
            ReedlineEvent::CtrlC => Step::Asks(Request::Interrupt),
            ReedlineEvent::CtrlD if self.text().is_empty() => Step::Asks(Request::Close),
            ReedlineEvent::CtrlD => self.edit(&[EditCommand::Delete]),
            ReedlineEvent::ClearScreen => Step::Asks(Request::Redraw),
            ReedlineEvent::ExecuteHostCommand(what) if what == EDIT => {
                Step::Asks(Request::EditOutside)
            }
            ReedlineEvent::ExecuteHostCommand(what) if what == SUSPEND => {
                Step::Asks(Request::Suspend)
            }
            ReedlineEvent::ExecuteHostCommand(what) if what == PASTE_IMAGE => {
                Step::Asks(Request::PasteImage)
            }
            ReedlineEvent::OpenEditor => Step::Asks(Request::EditOutside),
            ReedlineEvent::SearchHistory => self.open_search(),
            ReedlineEvent::Up => self.up(),
            ReedlineEvent::Down => self.down(),
            ReedlineEvent::PreviousHistory => self.walk(true),
            ReedlineEvent::NextHistory => self.walk(false),
            ReedlineEvent::HistoryHintComplete => self.take_hint(str::len),
            ReedlineEvent::HistoryHintWordComplete => self.take_hint(suggestion::first_word),
            ReedlineEvent::Multiple(events) => self.apply_all(events),
            ReedlineEvent::UntilFound(events) => self.apply_first(events),
            ReedlineEvent::MenuNext => self.complete(),
            ReedlineEvent::MenuDown => self.step_menu(1),
            ReedlineEvent::MenuUp | ReedlineEvent::MenuPrevious => self.step_menu(-1),
            ReedlineEvent::Esc | ReedlineEvent::Repaint => Step::Done,
            _ => Step::Inapplicable,
        }
    }

    fn apply_all(&mut self, events: Vec<ReedlineEvent>) -> Step {
        let mut last = Step::Inapplicable;
        for event in events {
            match self.apply(event) {
                Step::Inapplicable => {}
                Step::Done => last = Step::Done,
                asks @ Step::Asks(_) => return asks,
            }
        }
        last
    }

    fn apply_first(&mut self, events: Vec<ReedlineEvent>) -> Step {
        for event in events {
            match self.apply(event) {
                Step::Inapplicable => {}
                applied => return applied,
            }
        }
        Step::Inapplicable
    }

    fn edit(&mut self, commands: &[EditCommand]) -> Step {
        let before = (self.text().to_owned(), self.caret());
        self.engine.run_edit_commands(commands);
        if (self.text(), self.caret()) == (before.0.as_str(), before.1) {
            return Step::Inapplicable;
        }
        if self.text() != before.0 {
            self.walk = None;
        }
        self.observe();
        self.update_menu();
        Step::Done
    }

    fn enter(&mut self) -> Step {
        if self.takes_enter() {
            return Step::Done;
        }
        let is_complete = self.state.lock().is_complete(self.text());
        if is_complete {
            return self.submit();
        }
        self.edit(&[EditCommand::InsertNewline])
    }

    fn submit(&mut self) -> Step {
        let state = self.state.lock();
        let text = entry::without_marks(&state.entered(self.text()), state.is_multiline);
        let shown = entry::unprotected(state.tracker.line()).text;
        drop(state);
        self.clear_into_history();
        Step::Asks(Request::Submit { text, shown })
    }

    fn up(&mut self) -> Step {
        if self.has_queue && self.text().is_empty() {
            return Step::Asks(Request::TakeBack);
        }
        if self.walk.is_none() && self.is_below_first_line() {
            return self.edit(&[EditCommand::MoveLineUp { select: false }]);
        }
        self.walk(true)
    }

    fn down(&mut self) -> Step {
        if self.walk.is_none() {
            return self.edit(&[EditCommand::MoveLineDown { select: false }]);
        }
        self.walk(false)
    }

    fn is_below_first_line(&self) -> bool {
        let before = self.text().get(..self.caret()).unwrap_or_default();
        before.contains('\n')
    }

    fn walk(&mut self, is_back: bool) -> Step {
        let mut walk = match self.walk.take() {
            Some(walk) => walk,
            None if is_back => HistoryWalk::new(self.text(), self.caret(), self.engine.history()),
            None => return Step::Inapplicable,
        };
        let Some(line) = walk.step(is_back) else {
            self.walk = Some(walk);
            return Step::Inapplicable;
        };
        self.replace(line);
        self.menu = None;
        self.walk = (!walk.is_over()).then_some(walk);
        Step::Done
    }

    fn take_hint(&mut self, length: impl FnOnce(&str) -> usize) -> Step {
        let hint = self.hint();
        match hint.get(..length(&hint)) {
            Some(taken) if !taken.is_empty() => {
                self.edit(&[EditCommand::InsertString(taken.to_owned())])
            }
            _ => Step::Inapplicable,
        }
    }
}
