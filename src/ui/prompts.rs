//! The port towards the hands: questions with dialoguer, never without a terminal.

use std::io::IsTerminal;
use std::time::Duration;

use dialoguer::theme::{ColorfulTheme, SimpleTheme, Theme};
use dialoguer::{Confirm, Input as TextPrompt, Password, Select};

use super::redact::redacted;
use super::sanitise::inert;
use super::stdin;
use crate::commands::input::{Check, Input, InputError, StdinKind};

#[cfg(unix)]
static TERMINAL_BEFORE: std::sync::OnceLock<rustix::termios::Termios> = std::sync::OnceLock::new();

/// Remembers how the terminal was before the first question.
fn remember_input() {
    #[cfg(unix)]
    if let Ok(state) = rustix::termios::tcgetattr(std::io::stdin()) {
        TERMINAL_BEFORE.get_or_init(|| state);
    }
}

/// Puts echo and line mode back as they were: a question that a signal ends cannot do it itself.
pub fn restore_input() {
    #[cfg(unix)]
    if let Some(state) = TERMINAL_BEFORE.get() {
        // Where this fails there is no terminal left.
        let _ = rustix::termios::tcsetattr(std::io::stdin(), rustix::termios::OptionalActions::Now, state);
    }
}

/// Asks on stderr, reads from the terminal.
pub struct Prompts {
    theme: Box<dyn Theme>,
}

impl Prompts {
    pub fn new() -> Self {
        let is_plain = !console::colors_enabled_stderr();
        Self { theme: if is_plain { Box::new(SimpleTheme) } else { Box::new(ColorfulTheme::default()) } }
    }
}

impl Input for Prompts {
    fn can_ask(&self) -> bool {
        std::io::stdin().is_terminal() && std::io::stderr().is_terminal()
    }

    fn text(&mut self, question: &str, default: Option<&str>, check: Check<'_>) -> Result<String, InputError> {
        remember_input();
        let mut prompt = TextPrompt::<String>::with_theme(&*self.theme).with_prompt(question).validate_with(|text: &String| check(text.trim()));
        if let Some(default) = default {
            prompt = prompt.default(inert(default));
        }
        prompt.interact_text().map(|text| text.trim().to_owned()).map_err(explain)
    }

    fn secret(&mut self, question: &str, may_be_empty: bool, check: Check<'_>) -> Result<String, InputError> {
        remember_input();
        let validate = |text: &String| match text.trim() {
            "" if may_be_empty => Ok(()),
            text => check(text).map_err(|why| redacted(&why)),
        };
        let prompt = Password::with_theme(&*self.theme).with_prompt(question).allow_empty_password(may_be_empty).validate_with(validate);
        prompt.interact().map(|text| text.trim().to_owned()).map_err(explain)
    }

    fn choose(&mut self, question: &str, items: &[String], default: usize) -> Result<usize, InputError> {
        remember_input();
        let chosen = Select::with_theme(&*self.theme).report(false).with_prompt(question).items(items).default(default).interact_opt();
        chosen.map_err(explain)?.ok_or(InputError::Interrupted)
    }

    fn confirm(&mut self, question: &str, default: bool) -> Result<bool, InputError> {
        remember_input();
        Confirm::with_theme(&*self.theme).with_prompt(inert(question)).default(default).interact_opt().map_err(explain)?.ok_or(InputError::Interrupted)
    }

    fn stdin_kind(&self) -> StdinKind {
        stdin::kind()
    }

    fn read_stdin(&mut self, patience: Duration, when_silent: &mut dyn FnMut()) -> Result<Vec<u8>, InputError> {
        stdin::read(patience, when_silent)
    }
}

fn explain(error: dialoguer::Error) -> InputError {
    let dialoguer::Error::IO(error) = error;
    if error.kind() == std::io::ErrorKind::Interrupted { InputError::Interrupted } else { InputError::Terminal(error) }
}
