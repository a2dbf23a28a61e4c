//! The line editor of the conversation.

mod completion;
mod dropped;
pub(super) mod entry;
pub(super) mod external;
pub(super) mod history;
mod history_file;
pub(super) mod keys;
pub(super) mod look;
pub(super) mod paste;
pub(super) mod plain;
mod screen;
pub(super) mod state;
pub(super) mod suggestion;
pub(super) mod tracker;
#[cfg(unix)]
mod watch;

use std::io::IsTerminal;

use crate::config::{Environment, env};
use crate::platform::system::System;
use crate::ports::input::{EditorOptions, LineEditor};
use crate::ports::interrupt::Interrupt;
use look::Look;
use plain::PlainEditor;
use screen::ScreenEditor;

/// Opens the prompt that suits the terminal. Nothing is written to the terminal before the first
/// read.
pub(super) fn open(
    options: EditorOptions,
    environment: &Environment,
    interrupt: Interrupt,
) -> Box<dyn LineEditor> {
    let has_screen = std::io::stdin().is_terminal()
        && std::io::stdout().is_terminal()
        && std::io::stderr().is_terminal();
    let is_dumb = System::CURRENT.is_dumb(environment.get(&env::TERM).ok().flatten());
    let look = Look::of(environment);
    if !has_screen || is_dumb {
        return Box::new(PlainEditor::new(look, interrupt));
    }
    Box::new(ScreenEditor::new(
        options,
        look,
        external::command(environment),
        interrupt,
    ))
}
