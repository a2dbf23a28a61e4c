//! The part of an answer that `-x` and `--copy` select: its code blocks, or one of them.

use crate::ask::outcome::Outcome;
use crate::ports::context::Context;
use crate::ports::error::{CommandError, ErrorKind};
use crate::ports::output::OutputError;
use crate::present::code_blocks::code_blocks;
use crate::present::count::plural;

/// Prints the code of a complete answer, and returns it; `None` without `-x`. An answer without it,
/// or that is not complete, is printed on stderr unless `is_kept` elsewhere, because it has been
/// paid for.
///
/// # Errors
/// When stdout cannot be written. The inner error says that there is no such block.
#[expect(
    clippy::option_option,
    reason = "the flag may be absent, alone, or with a number"
)]
pub(super) fn show(
    outcome: &Outcome,
    wanted: Option<Option<u16>>,
    is_kept: bool,
    context: &mut Context<'_>,
) -> Result<Result<Option<String>, CommandError>, OutputError> {
    let (Some(wanted), text) = (wanted, outcome.answer.text.trim_end()) else {
        return Ok(Ok(None));
    };
    if outcome.is_output_closed {
        return Ok(Ok(None));
    }
    let selected = match &outcome.error {
        None => code_of(text, wanted).map(Some),
        Some(_) => Ok(None),
    };
    match &selected {
        Ok(Some(code)) if code.is_empty() => {}
        Ok(Some(code)) => context.output.line(code.trim_end_matches('\n'))?,
        Err(_) if !text.is_empty() => context.output.say(text),
        Ok(None) if !is_kept && !text.is_empty() => context.output.say(text),
        _ => {}
    }
    Ok(selected)
}

/// All blocks in order, or the one with this number.
///
/// # Errors
/// [`ErrorKind::Content`] when there is none.
fn code_of(text: &str, wanted: Option<u16>) -> Result<String, CommandError> {
    let blocks = code_blocks(text);
    let none = |message: String| CommandError::new(ErrorKind::Content, message);
    if blocks.is_empty() {
        return Err(none("the answer has no code block".to_owned())
            .hint("ask for the code in a code block, or omit -x"));
    }
    match wanted {
        None => Ok(blocks.into_iter().map(|block| block.code).collect()),
        Some(number) => {
            let count = plural(blocks.len() as u64, "code block");
            let found = blocks
                .into_iter()
                .find(|block| block.number == usize::from(number));
            found.map(|block| block.code).ok_or_else(|| {
                none(format!("no code block {number}: the answer has {count}"))
                    .hint("-x   (prints all of them)")
            })
        }
    }
}

/// Copies a text to the clipboard.
///
/// # Errors
/// [`ErrorKind::LocalIo`] when there is no clipboard.
pub(super) fn copy(text: &str, context: &mut Context<'_>) -> Result<(), CommandError> {
    let text = text.trim_matches('\n');
    let how = context.output.copy(text).map_err(|why| {
        let message = format!("the answer was not copied: {why}");
        CommandError::new(ErrorKind::LocalIo, message)
            .hint("--output answer.md   (writes the answer to a file)")
    })?;
    let lines = plural(text.lines().count() as u64, "line");
    context.output.note(&format!("copied {lines} {how}"));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_blocks_are_selected_in_order_or_one_by_its_number() {
        let text = "a\n```sh\nls\n```\nb\n~~~\npwd\n~~~\n";
        assert_eq!(code_of(text, None).unwrap(), "ls\npwd\n");
        assert_eq!(code_of(text, Some(2)).unwrap(), "pwd\n");
        for (text, wanted) in [(text, Some(3)), ("none", None), ("none", Some(1))] {
            let error = code_of(text, wanted).unwrap_err();
            assert_eq!(error.kind, ErrorKind::Content);
        }
    }
}
