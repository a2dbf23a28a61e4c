//! The footer where there is none: everything is written as it comes.

use super::line_editor;
use crate::config::Environment;
use crate::ports::input::{EditorOptions, LineEditor};
use crate::ports::interrupt::Interrupt;

/// The prompt of the conversation.
pub(super) fn open(
    options: EditorOptions,
    environment: &Environment,
    interrupt: Interrupt,
) -> Box<dyn LineEditor> {
    line_editor::open(options, environment, interrupt)
}

pub(super) fn is_on() -> bool {
    false
}

pub(super) fn is_below_blank_row() -> bool {
    false
}

pub(super) fn wait_until_quiet(_interrupt: &Interrupt) {}

pub(super) fn lend() {}

pub(super) fn remove() {}

pub(super) fn wait_for_answer() {}

pub(super) fn run_tools(_words: String) {}

pub(super) fn think(_bytes: usize, _line: &str) {}

pub(super) fn count_answer(_bytes: usize) {}

pub(super) fn end_answer() {}

pub(super) fn show_progress(_lines: Vec<String>) {}
