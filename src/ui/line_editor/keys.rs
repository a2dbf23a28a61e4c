//! What each key does: reedline's emacs and vi keys with ours, and everything typed or pasted made
//! inert.

use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers};
use reedline::{
    EditCommand, EditMode, Emacs, Keybindings, PromptEditMode, PromptViMode, ReedlineEvent,
    ReedlineRawEvent, Vi, default_emacs_keybindings, default_vi_insert_keybindings,
    default_vi_normal_keybindings, default_vi_visual_keybindings,
};

use super::state::{SharedState, State};
use crate::config::file::Keys;
use crate::ui::sanitise::inert;

/// Name of the menu that Tab opens.
pub(in crate::ui) const MENU: &str = "completion";

/// Why reading ends without an entry.
pub(in crate::ui) const EDIT: &str = "edit";
pub(in crate::ui) const SUSPEND: &str = "suspend";
pub(in crate::ui) const PASTE_IMAGE: &str = "paste image";

/// Translates keys. What comes after a key that ends the reading waits for the next one: reedline
/// would drop it.
pub(in crate::ui) struct KeyReader {
    inner: Box<dyn EditMode>,
    state: SharedState,
    /// Ctrl-X was pressed: the next key decides.
    has_prefix: bool,
}

impl KeyReader {
    pub(in crate::ui) fn new(keys: Keys, state: SharedState) -> Self {
        let inner: Box<dyn EditMode> = match keys {
            Keys::Emacs => {
                let mut bindings = default_emacs_keybindings();
                // One key: as a byte, and as a terminal sends it that tells keys apart.
                for c in ['7', '_', '/'] {
                    let undo = ReedlineEvent::Edit(vec![EditCommand::Undo]);
                    bindings.add_binding(KeyModifiers::CONTROL, KeyCode::Char(c), undo);
                }
                add_own(&mut bindings);
                Box::new(Emacs::new(bindings))
            }
            Keys::Vi => {
                let (mut insert, mut normal, mut visual) = (
                    default_vi_insert_keybindings(),
                    default_vi_normal_keybindings(),
                    default_vi_visual_keybindings(),
                );
                [&mut insert, &mut normal, &mut visual]
                    .into_iter()
                    .for_each(add_own);
                Box::new(Vi::new(insert, normal, visual))
            }
        };
        Self {
            inner,
            state,
            has_prefix: false,
        }
    }

    pub(in crate::ui) fn translate(&mut self, event: Event) -> ReedlineEvent {
        let key = match event {
            Event::Paste(text) => {
                let text = self.state.lock().pasted(&text);
                return ReedlineEvent::Edit(vec![EditCommand::InsertString(text)]);
            }
            Event::Key(key) => key,
            other => return self.pass_on(other),
        };
        let prefixed = std::mem::take(&mut self.has_prefix);
        match (key.modifiers, key.code) {
            (KeyModifiers::CONTROL, KeyCode::Char('e')) if prefixed => leave_for(EDIT),
            (KeyModifiers::CONTROL, KeyCode::Char('x')) => {
                self.has_prefix = true;
                ReedlineEvent::None
            }
            (KeyModifiers::ALT, KeyCode::Enter) if self.state.lock().is_multiline => {
                ReedlineEvent::Submit
            }
            // The mode that it would change is not accessible here.
            (KeyModifiers::NONE, KeyCode::Delete)
                if self.inner.edit_mode() == PromptEditMode::Vi(PromptViMode::Visual) =>
            {
                self.pass_on(Event::Key(KeyEvent::new(
                    KeyCode::Char('d'),
                    KeyModifiers::NONE,
                )))
            }
            // Elsewhere it is AltGr, which types a character.
            (modifiers, KeyCode::Char(_))
                if cfg!(unix) && modifiers.contains(KeyModifiers::CONTROL | KeyModifiers::ALT) =>
            {
                ReedlineEvent::None
            }
            (modifiers, KeyCode::Char(c)) => {
                // A C1 code can be typed as one character.
                let c = inert(c.encode_utf8(&mut [0; 4]))
                    .chars()
                    .next()
                    .unwrap_or(c);
                self.pass_on(Event::Key(KeyEvent {
                    code: KeyCode::Char(c),
                    modifiers,
                    ..key
                }))
            }
            _ => self.pass_on(Event::Key(key)),
        }
    }

    fn pass_on(&mut self, event: Event) -> ReedlineEvent {
        ReedlineRawEvent::try_from(event)
            .map_or(ReedlineEvent::None, |event| self.inner.parse_event(event))
    }

    /// The first of the keys that wait, together with those after it that only edit the line.
    fn next_waiting(&mut self) -> ReedlineEvent {
        let mut edits = Vec::new();
        loop {
            let Some(event) = self.state.lock().waiting.pop_front() else {
                break;
            };
            match self.translate(event.clone()) {
                ReedlineEvent::Edit(commands) => edits.extend(commands),
                ReedlineEvent::None => {}
                other if edits.is_empty() => return self.noting_end(other),
                _ => {
                    // Translated again when its turn comes; only a vi mode would see a difference.
                    self.state.lock().waiting.push_front(event);
                    break;
                }
            }
        }
        // Others are to wait until these have been handled.
        self.state.lock().has_ended = true;
        ReedlineEvent::Edit(edits)
    }

    fn noting_end(&mut self, event: ReedlineEvent) -> ReedlineEvent {
        let mut state = self.state.lock();
        let ends = matches!(
            event,
            ReedlineEvent::CtrlC
                | ReedlineEvent::CtrlD
                | ReedlineEvent::Submit
                | ReedlineEvent::ExecuteHostCommand(_)
        );
        state.has_ended = ends || !state.waiting.is_empty();
        event
    }
}

impl EditMode for KeyReader {
    fn parse_event(&mut self, event: ReedlineRawEvent) -> ReedlineEvent {
        let event = Event::from(event);
        if let Event::Resize(columns, rows) = event {
            if !self.state.lock().is_wake_up(columns, rows) {
                return self.pass_on(event);
            }
        } else {
            let mut state = self.state.lock();
            let State {
                has_ended, waiting, ..
            } = &mut *state;
            if !*has_ended && waiting.is_empty() {
                drop(state);
                let event = self.translate(event);
                return self.noting_end(event);
            }
            waiting.push_back(event);
            if *has_ended {
                return ReedlineEvent::None;
            }
        }
        self.next_waiting()
    }

    fn edit_mode(&self) -> PromptEditMode {
        self.inner.edit_mode()
    }
}

fn leave_for(what: &str) -> ReedlineEvent {
    ReedlineEvent::ExecuteHostCommand(what.to_owned())
}

/// The key bindings that are the same in every mode.
fn add_own(bindings: &mut Keybindings) {
    let newline = ReedlineEvent::Edit(vec![EditCommand::InsertNewline]);
    for modifier in [KeyModifiers::ALT, KeyModifiers::SHIFT] {
        bindings.add_binding(modifier, KeyCode::Enter, newline.clone());
    }
    bindings.add_binding(KeyModifiers::CONTROL, KeyCode::Char('j'), newline);
    bindings.add_binding(
        KeyModifiers::NONE,
        KeyCode::Tab,
        ReedlineEvent::UntilFound(vec![
            ReedlineEvent::Menu(MENU.to_owned()),
            ReedlineEvent::MenuNext,
        ]),
    );
    bindings.add_binding(
        KeyModifiers::SHIFT,
        KeyCode::BackTab,
        ReedlineEvent::MenuPrevious,
    );
    bindings.add_binding(
        KeyModifiers::CONTROL,
        KeyCode::Char('z'),
        leave_for(SUSPEND),
    );
    let control = |key| (KeyModifiers::CONTROL, KeyCode::Char(key));
    let own = [
        (control('o'), leave_for(EDIT)),
        (control('g'), leave_for(EDIT)),
        ((KeyModifiers::ALT, KeyCode::Char('e')), leave_for(EDIT)),
        (control('v'), leave_for(PASTE_IMAGE)),
        // Without clearing the screen, which would take the transcript away.
        (control('l'), ReedlineEvent::Repaint),
    ];
    for ((modifiers, key), event) in own {
        bindings.add_binding(modifiers, key, event);
    }
}
