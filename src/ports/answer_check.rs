//! The check of an answer that was typed.

/// Validates an answer; the error is shown, and the prompt repeated.
pub(crate) type AnswerCheck<'a> = &'a dyn Fn(&str) -> Result<(), String>;
