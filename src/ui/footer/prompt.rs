//! The prompt of the conversation in the footer.

use std::time::Duration;

use crossterm::event::Event;

use super::editor::Editor;
use super::keyboard;
use super::screen::{self, Phase, Screen, Wakeup};
use super::state::Footer;
use crate::config::Environment;
use crate::ports::entered_text::EnteredText;
use crate::ports::input::{EditorOptions, InputError, LineEditor, PromptEntry};
use crate::ports::interrupt::Interrupt;
use crate::ui::input_mode::KeyProtocol;
use crate::ui::key_parser::{Input, KeyParser};
use crate::ui::line_editor::external;
use crate::ui::line_editor::look::Look;
use crate::ui::line_editor::plain::PlainEditor;
use crate::ui::sanitise::inert;
use crate::ui::terminal::Stream;
use crate::ui::terminal_query::{self, Answers};
use crate::ui::{input_mode, last_row, question, signals, theme, window};

/// Longest wait for the cursor of a terminal that was lent.
const BACK: Duration = Duration::from_millis(500);

/// Reads entries in the footer.
pub(super) struct FooterPrompt {
    /// Until the first read.
    options: Option<EditorOptions>,
    look: Look,
    /// VISUAL or EDITOR, split into words.
    external: Vec<String>,
    interrupt: Interrupt,
    prefilled: EnteredText,
    stream: Stream,
    /// `TERM`, save for a terminal that takes sequences of xterm for others.
    term: Option<String>,
    is_multiline: bool,
    status: Vec<String>,
    /// For a terminal that does not report its cursor.
    plain: Option<PlainEditor>,
}

impl FooterPrompt {
    pub(super) fn new(
        options: EditorOptions,
        environment: &Environment,
        interrupt: Interrupt,
    ) -> Self {
        input_mode::remember();
        let named = |name| environment.named(name).ok().flatten();
        Self {
            options: Some(options),
            look: Look::of(environment),
            external: external::command(environment),
            interrupt,
            prefilled: EnteredText::default(),
            stream: Stream::stdout(environment),
            term: named("TERM")
                .filter(|_| named("TERM_PROGRAM") != Some("Apple_Terminal"))
                .map(str::to_owned),
            is_multiline: false,
            status: Vec::new(),
            plain: None,
        }
    }

    /// Asks the terminal what it can do, and opens the footer. What was typed before is typed into
    /// it.
    fn start(&mut self) -> Result<(), InputError> {
        let Some(options) = self.options.take() else {
            return Ok(());
        };
        let typed = input_mode::lines_typed_ahead();
        input_mode::hold_typing();
        let mut parser = KeyParser::default();
        let answers = terminal_query::ask_all(&mut parser);
        let mut events = keys_of(&String::from_utf8_lossy(&typed), &mut parser);
        let Answers {
            cursor,
            typed,
            synchronises,
            is_light,
            has_keyboard_protocol,
            ..
        } = answers;
        let term = self.term.as_deref();
        input_mode::use_key_protocol(KeyProtocol::of(has_keyboard_protocol, term));
        if let Some(is_light) = is_light {
            theme::set_background(is_light);
        }
        events.extend(typed);
        let Some((_, column)) = cursor else {
            self.fall_back(&events);
            return Ok(());
        };
        // From here on the keyboard's thread reads what the terminal reports.
        window::follow_focus();
        let footer = Footer::new(self.look, Editor::new(options));
        let (woken, waker) = std::io::pipe().map_err(InputError::Terminal)?;
        let for_signals = waker.try_clone().map_err(InputError::Terminal)?;
        let mut screen = Screen::new(footer, self.interrupt.clone(), waker, parser);
        screen.painter.synchronises = synchronises;
        screen.begin_at(column);
        if column <= 1 && last_row::is_below_blank_row() {
            screen.painter.follow_blank_row();
        }
        screen.footer.editor.set_multiline(self.is_multiline);
        screen.footer.status.clone_from(&self.status);
        screen.waiting = events;
        screen::replace(Some(screen));
        // It ends when it finds no screen.
        keyboard::start(woken, &for_signals).map_err(InputError::Terminal)?;
        Ok(())
    }

    /// Continues line by line, with what has been typed.
    fn fall_back(&mut self, events: &[Event]) {
        let mut plain = PlainEditor::new(self.look, self.interrupt.clone());
        plain.take_over(events, &self.prefilled, self.is_multiline);
        self.plain = Some(plain);
    }

    /// Takes the terminal back from what had it: a question, an editor, a command.
    fn take_back() {
        if screen::with(|screen| screen.phase) != Some(Phase::Lent) {
            return;
        }
        // What was typed for the command and not read by it.
        let typed = input_mode::lines_typed_ahead();
        input_mode::hold_typing();
        screen::with(|screen| {
            let typed = keys_of(&String::from_utf8_lossy(&typed), &mut screen.parser);
            screen.waiting.extend(typed);
            let answers = terminal_query::ask_cursor(&mut screen.parser, BACK);
            screen.begin_at(answers.cursor.map_or(2, |(_, column)| column));
            screen.waiting.extend(answers.typed);
            screen.take();
        });
    }

    /// Edits the line in the user's editor.
    fn edit_outside(&mut self) {
        let line = screen::with(|screen| {
            screen.disappear();
            screen.footer.editor.whole_text().text
        });
        input_mode::restore();
        match external::edit(&line.unwrap_or_default(), &self.external) {
            Ok(text) => {
                screen::with(|screen| screen.footer.editor.set_edited(&text));
            }
            Err(why) => {
                // Without stderr there is nowhere to report it.
                let _ = console::Term::stderr().write_line(&inert(&why));
            }
        }
    }

    /// Shows a message in the transcript, in the write that takes it from the line.
    fn show(&mut self, text: &str) {
        let is_below_blank = screen::with(|screen| screen.painter.is_below_blank_row());
        let [start, end] = window::entry_marks();
        self.stream.sequence(start);
        question::add(text, is_below_blank.unwrap_or_default(), &mut self.stream);
        self.stream.finish();
        self.stream.sequence(end);
        // The next write fails as well, and reports it.
        let _ = self.stream.flush();
    }

    /// A Ctrl-C that came before the keys were read does what the key does: a draft goes into the
    /// history. False without one.
    fn clears_draft() -> bool {
        let cleared = screen::with(|screen| {
            let editor = &mut screen.footer.editor;
            let has_text = !editor.text().is_empty();
            if has_text {
                editor.clear_into_history();
            }
            has_text
        });
        cleared.unwrap_or_default()
    }

    /// Reads until there is an entry.
    fn entry(&mut self, words: &str) -> PromptEntry {
        loop {
            Self::take_back();
            input_mode::read_keys();
            // From here on Ctrl-C is a key, and the prompt handles it.
            if signals::noticed(&self.interrupt) && !Self::clears_draft() {
                return PromptEntry::Interrupted;
            }
            screen::with(|screen| {
                words.clone_into(&mut screen.footer.prompt);
                screen.prompt();
            });
            match screen::wait_for_wakeup() {
                None => return PromptEntry::Closed,
                Some(Wakeup::Entry(entry)) => return entry,
                Some(Wakeup::Message(message)) => {
                    self.show(&message.shown);
                    return PromptEntry::Text(message.text);
                }
                Some(Wakeup::EditOutside) => self.edit_outside(),
            }
        }
    }
}

impl LineEditor for FooterPrompt {
    fn read(&mut self, prompt: &str, attached: &[String]) -> Result<PromptEntry, InputError> {
        self.start()?;
        if let Some(plain) = &mut self.plain {
            return plain.read(prompt, attached);
        }
        screen::with(|screen| {
            screen.footer.chips = attached.to_vec();
            screen.footer.mentioned.clear();
        });
        let prefilled = std::mem::take(&mut self.prefilled);
        if !prefilled.text.is_empty() {
            screen::with(|screen| screen.footer.prefill(prefilled));
        }
        let words = self.look.words(prompt);
        let entry = self.entry(&words);
        // Ctrl-C is a signal again, which the caller handles.
        self.interrupt.arm();
        input_mode::hold_typing();
        Ok(entry)
    }

    fn prefill(&mut self, text: &EnteredText) {
        match &mut self.plain {
            Some(plain) => plain.prefill(text),
            None => text.clone_into(&mut self.prefilled),
        }
    }

    fn set_multiline(&mut self, is_on: bool) {
        self.is_multiline = is_on;
        screen::with(|screen| screen.footer.editor.set_multiline(is_on));
        if let Some(plain) = &mut self.plain {
            plain.set_multiline(is_on);
        }
    }

    fn show_status(&mut self, parts: Vec<String>) {
        self.status.clone_from(&parts);
        screen::with(|screen| {
            screen.footer.status = parts;
            screen.change();
        });
    }

    fn pause_queue(&mut self) {
        screen::with(Screen::pause_queue);
    }

    fn hold_typing(&mut self) {
        match &mut self.plain {
            Some(plain) => plain.hold_typing(),
            None => {
                Self::take_back();
                input_mode::hold_typing();
            }
        }
    }
}

impl Drop for FooterPrompt {
    fn drop(&mut self) {
        if let Some(mut screen) = screen::replace(None) {
            screen.disappear();
            screen.wake_keyboard();
        }
        input_mode::leave();
    }
}

/// The keys that write a text in lines. Control characters are omitted.
fn keys_of(text: &str, parser: &mut KeyParser) -> Vec<Event> {
    let text: String = text
        .replace('\n', "\r")
        .chars()
        .filter(|c| *c == '\r' || !c.is_control())
        .collect();
    let mut inputs = Vec::new();
    parser.push(text.as_bytes(), &mut inputs);
    inputs
        .into_iter()
        .filter_map(|input| match input {
            Input::Event(event) => Some(event),
            Input::Report(_) => None,
        })
        .collect()
}
