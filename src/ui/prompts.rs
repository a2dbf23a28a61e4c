//! The input port: prompts in dialoguer's form, only on a terminal.
//!
//! The prompt for a secret is our own: dialoguer's echoes what is typed until it reads, and
//! discards what was pasted before.

use std::io::IsTerminal;
use std::time::Duration;

use console::{Term, style};
use dialoguer::theme::{ColorfulTheme, SimpleTheme, Theme};
use unicode_width::UnicodeWidthStr;

use super::picker::TextQuestion;
use super::sanitise::inert;
use super::{
    footer, input_mode, key_question, keyboard_input, last_row, paragraph, picker, signals,
    stand_ins, stdin, terminal,
};
use crate::config::{Environment, env};
use crate::platform::system::System;
use crate::ports::answer_check::AnswerCheck;
use crate::ports::input::{EditorOptions, Input, InputError, KeyChoice, LineEditor, StdinKind};
use crate::ports::interrupt::Interrupt;
use crate::ports::pick::{PickList, PickTable, Picked};
use crate::wire::redact::redacted;

/// Time for the thread that receives signals to act.
const SIGNAL_GRACE: Duration = Duration::from_millis(500);

/// Columns of the mark before a question.
const MARK: usize = 2;

/// Prompts on stderr, reads from the terminal.
pub(super) struct Prompts {
    theme: Box<dyn Theme>,
    interrupt: Interrupt,
    /// The terminal can move its cursor.
    can_draw: bool,
}

impl Prompts {
    pub(super) fn new(interrupt: Interrupt, environment: &Environment) -> Self {
        let is_dumb = System::CURRENT.is_dumb(environment.get(&env::TERM).ok().flatten());
        let can_draw = !is_dumb && terminal::has_sequences();
        let is_plain = !console::colors_enabled_stderr();
        Self {
            theme: if is_plain {
                Box::new(SimpleTheme)
            } else {
                // The mark of everything that went well.
                Box::new(ColorfulTheme {
                    success_prefix: style("✓".to_owned()).for_stderr().green(),
                    ..ColorfulTheme::default()
                })
            },
            interrupt,
            can_draw,
        }
    }
}

impl Prompts {
    /// Runs a prompt, unless a signal is pending; one that comes meanwhile ends it. `prepare` sets
    /// the modes of the terminal.
    fn prompted<T>(
        &self,
        prepare: fn(),
        ask: impl FnOnce() -> std::io::Result<T>,
    ) -> Result<T, InputError> {
        let Some(_question) = self.interrupt.begin_prompt() else {
            return Err(InputError::Interrupted);
        };
        let _blocked = signals::block_size_changes();
        footer::lend();
        prepare();
        ask().map_err(|error| self.explain(error))
    }

    fn explain(&self, error: std::io::Error) -> InputError {
        // A prompt that fails leaves the cursor hidden.
        let _ = console::Term::stderr().show_cursor();
        if error.kind() != std::io::ErrorKind::Interrupted {
            return input_mode::explain(error);
        }
        // A signal interrupted it; the thread that receives signals delivers it or ends the
        // program.
        self.interrupt.wait_blocking(SIGNAL_GRACE);
        InputError::Interrupted
    }

    fn themed(&self, format: impl FnOnce(&dyn Theme, &mut String) -> std::fmt::Result) -> String {
        let mut text = String::new();
        // Writing to a string does not fail.
        let _ = format(&*self.theme, &mut text);
        stand_ins::shown(&text).into_owned()
    }
}

impl Input for Prompts {
    fn can_ask(&self) -> bool {
        std::io::stdin().is_terminal() && std::io::stderr().is_terminal()
    }

    fn text(
        &mut self,
        question: &str,
        default: Option<&str>,
        check: AnswerCheck<'_>,
    ) -> Result<String, InputError> {
        let Some(_question) = self.interrupt.begin_prompt() else {
            return Err(InputError::Interrupted);
        };
        footer::lend();
        input_mode::make_ready();
        let question = TextQuestion {
            question,
            default,
            check,
        };
        let answer = picker::ask_text(&question, self.can_draw, &self.interrupt)?;
        let (label, shown) = (question.label(), on_one_line(&answer));
        let said =
            self.themed(|theme, out| theme.format_input_prompt_selection(out, &label, &shown));
        write_line(&said)?;
        Ok(answer)
    }

    fn secret(
        &mut self,
        question: &str,
        may_be_empty: bool,
        check: AnswerCheck<'_>,
    ) -> Result<String, InputError> {
        let terminal = Term::stderr();
        loop {
            let shown = self.themed(|theme, out| theme.format_password_prompt(out, question));
            // Rows that the terminal breaks could not be cleared again.
            let width = terminal::width().saturating_sub(MARK);
            let shown = format!("{} ", paragraph::hanging(shown.trim_end(), MARK, width));
            let rows_above = shown.matches('\n').count();
            // First no echo, then the prompt: a key that is pasted at once must not be visible.
            let typed = self.prompted(input_mode::hide_typing, || {
                let typed = terminal.write_str(&shown);
                let typed = typed
                    .and_then(|()| keyboard_input::wait_for_input(&|| self.interrupt.is_pending()))
                    .and_then(|()| keyboard_input::read_line());
                input_mode::restore();
                typed
            })?;
            let typed = typed.trim();
            // Esc, of which nothing is seen until the line ends.
            if !typed.is_empty() && typed.chars().all(|c| c == '\u{1b}') {
                return Err(InputError::Interrupted);
            }
            let verdict = if typed.is_empty() && may_be_empty {
                Ok(())
            } else {
                check(typed)
            };
            let said = match &verdict {
                // Stars would look like a key.
                Ok(()) if typed.is_empty() => self.themed(|theme, out| {
                    theme.format_input_prompt_selection(out, question, "none typed")
                }),
                Ok(()) => {
                    self.themed(|theme, out| theme.format_password_prompt_selection(out, question))
                }
                Err(why) => self.themed(|theme, out| theme.format_error(out, &redacted(why))),
            };
            let said = paragraph::hanging(&said, MARK, terminal::width());
            terminal
                .clear_line()
                .and_then(|()| terminal.clear_last_lines(rows_above))
                .and_then(|()| terminal.write_line(&said))
                .map_err(input_mode::explain)?;
            last_row::wrote(false);
            if verdict.is_ok() {
                return Ok(typed.to_owned());
            }
        }
    }

    fn choose(
        &mut self,
        question: &str,
        items: &[String],
        default: usize,
    ) -> Result<usize, InputError> {
        let menu = Menu(items.iter().map(|item| on_one_line(item)).collect());
        // What explains an item is after its name.
        let about = |row: usize| {
            let item = menu.0.get(row).map_or("", String::as_str);
            let (_, about) = item.split_once("   ").unwrap_or(("", item));
            vec![about.to_owned()]
        };
        let is_cut = menu.0.iter().any(|item| item.width() > menu_width());
        let question = on_one_line(question);
        let picked = self.pick(PickList {
            current: Some(default),
            preview: if is_cut { Some(&about) } else { None },
            ..PickList::new(&question, &menu)
        })?;
        // Nothing else can be typed.
        let Picked::Row(row) = picked else {
            return Err(InputError::Interrupted);
        };
        let item = menu.0.get(row).map_or("", String::as_str);
        let said =
            self.themed(|theme, out| theme.format_select_prompt_selection(out, &question, item));
        write_line(&said)?;
        Ok(row)
    }

    fn pick(&mut self, list: PickList<'_>) -> Result<Picked, InputError> {
        let Some(_question) = self.interrupt.begin_prompt() else {
            return Err(InputError::Interrupted);
        };
        footer::lend();
        input_mode::make_ready();
        picker::run(list, self.can_draw, &self.interrupt)
    }

    fn confirm(&mut self, question: &str, default: bool) -> Result<bool, InputError> {
        let Some(_question) = self.interrupt.begin_prompt() else {
            return Err(InputError::Interrupted);
        };
        footer::wait_until_quiet(&self.interrupt);
        footer::lend();
        input_mode::make_ready();
        let question = on_one_line(question);
        let answer = picker::ask_yes_no(&question, default, self.can_draw, &self.interrupt)?;
        let said = self.themed(|theme, out| {
            theme.format_confirm_prompt_selection(out, &question, Some(answer))
        });
        write_line(&said)?;
        Ok(answer)
    }

    fn key(&mut self, question: &str, choices: &[KeyChoice]) -> Result<Option<char>, InputError> {
        let Some(_question) = self.interrupt.begin_prompt() else {
            return Err(InputError::Interrupted);
        };
        footer::wait_until_quiet(&self.interrupt);
        footer::lend();
        input_mode::make_ready();
        key_question::ask(question, choices, &self.interrupt)
    }

    fn remark(&mut self, question: &str) -> Result<String, InputError> {
        let Some(_question) = self.interrupt.begin_prompt() else {
            return Err(InputError::Interrupted);
        };
        footer::lend();
        key_question::line(question, self.can_draw, &self.interrupt)
    }

    fn lend_terminal(&mut self) {
        footer::lend();
        input_mode::make_ready();
    }

    fn line_editor(&mut self, options: EditorOptions) -> Result<Box<dyn LineEditor>, InputError> {
        Ok(footer::open(
            options,
            &Environment::from_process(),
            self.interrupt.clone(),
        ))
    }

    fn stdin_kind(&self) -> StdinKind {
        stdin::kind()
    }

    fn read_stdin(
        &mut self,
        patience: Duration,
        when_silent: &mut dyn FnMut(),
    ) -> Result<Vec<u8>, InputError> {
        stdin::read(patience, when_silent)
    }
}

/// What was asked and answered, broken between words.
fn write_line(said: &str) -> Result<(), InputError> {
    last_row::wrote(false);
    Term::stderr()
        .write_line(&paragraph::hanging(said, MARK, terminal::width()))
        .map_err(input_mode::explain)
}

/// The items of a menu, as a list without a header.
struct Menu(Vec<String>);

impl PickTable for Menu {
    fn cells(&self, width: usize) -> Vec<Vec<String>> {
        let head = vec![String::new()];
        let cut = |item| console::truncate_str(item, width, "…").into_owned();
        let items = self.0.iter().map(|item| vec![cut(item)]);
        std::iter::once(head).chain(items).collect()
    }
}

/// Columns of an item of a menu.
fn menu_width() -> usize {
    terminal::width().saturating_sub(MARK + 1)
}

/// Untrusted text as an item of a list.
fn on_one_line(text: &str) -> String {
    inert(&redacted(text)).replace(['\n', '\t'], " ")
}
