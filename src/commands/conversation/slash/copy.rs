//! `/copy` copies the last answer, or a code block of it, to the clipboard.

use crate::commands::conversation::state::{Conversation, Next};
use crate::ports::context::Context;
use crate::ports::error::{CommandError, ErrorKind};
use crate::present::code_blocks::{CodeBlock, code_blocks};
use crate::present::count::plural;
use crate::present::text::shortened;

/// Columns of a block's first line in the list.
const WIDEST_LINE: usize = 50;

/// Runs `/copy [NUMBER|code|all]`. Without an argument it copies an answer with at most one code
/// block whole, and lists the blocks of any other.
///
/// # Errors
/// When there is nothing to copy, or no clipboard.
pub(super) fn run(
    argument: &str,
    conversation: &mut Conversation,
    context: &mut Context<'_>,
) -> Result<Next, CommandError> {
    let text = conversation.last_turn()?.text.clone();
    let whole = text.trim();
    if whole.is_empty() {
        return Err(CommandError::usage("the last answer has no text"));
    }
    let blocks = code_blocks(&text);
    let copied = match argument {
        "" if blocks.len() > 1 => chosen(&blocks, whole, context)?,
        "" | "all" => whole.to_owned(),
        "code" => block(blocks.len(), &blocks)?,
        number => block(number_of(number)?, &blocks)?,
    };
    let how = context.output.copy(&copied).map_err(|why| {
        CommandError::new(
            ErrorKind::LocalIo,
            format!("the clipboard is not available: {why}"),
        )
    })?;
    context
        .output
        .aside(&format!("Copied {} {how}", lines(&copied)));
    Ok(Next::Prompt)
}

/// The code of a block by its number.
fn block(number: usize, blocks: &[CodeBlock]) -> Result<String, CommandError> {
    if let Some(block) = blocks.iter().find(|block| block.number == number) {
        return Ok(block.code.clone());
    }
    Err(match blocks.len() {
        0 => CommandError::usage("the last answer has no code block").hint("/copy"),
        1 => CommandError::usage("the last answer has one code block").hint("/copy code"),
        count => CommandError::usage(format!(
            "no code block {number}: the last answer has {count}"
        ))
        .hint("/copy   (lists them)"),
    })
}

fn number_of(argument: &str) -> Result<usize, CommandError> {
    argument.parse().map_err(|_| {
        CommandError::usage("/copy accepts the number of a code block, code or all").hint("/copy 2")
    })
}

/// The block or the whole answer that the user picks from a list.
fn chosen(
    blocks: &[CodeBlock],
    whole: &str,
    context: &mut Context<'_>,
) -> Result<String, CommandError> {
    let items: Vec<String> = std::iter::once(format!("whole answer, {}", lines(whole)))
        .chain(blocks.iter().map(item))
        .collect();
    let picked = context.input.choose("Copy what?", &items, 0)?;
    Ok(picked
        .checked_sub(1)
        .and_then(|index| blocks.get(index))
        .map_or_else(|| whole.to_owned(), |block| block.code.clone()))
}

/// `[2] rust, 5 lines: fn main() {`.
fn item(block: &CodeBlock) -> String {
    let first = block.code.lines().find(|line| !line.trim().is_empty());
    let language = match block.language.as_str() {
        "" => String::new(),
        language => format!(" {}", shortened(language, WIDEST_LINE)),
    };
    format!(
        "[{}]{language}, {}: {}",
        block.number,
        lines(&block.code),
        shortened(first.unwrap_or_default().trim(), WIDEST_LINE)
    )
}

fn lines(text: &str) -> String {
    plural(text.lines().count() as u64, "line")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_is_listed_with_number_language_and_first_line() {
        let blocks = code_blocks("```rust\n\n  fn main() {}\n```\n```\nls\n```");
        let items: Vec<String> = blocks.iter().map(item).collect();
        assert_eq!(
            items,
            ["[1] rust, 2 lines: fn main() {}", "[2], 1 line: ls"]
        );
    }

    #[test]
    fn a_number_without_a_block_is_an_error() {
        let blocks = code_blocks("```\na\n```\n```\nb\n```");
        assert_eq!(block(2, &blocks).unwrap(), "b\n");
        assert_eq!(
            block(3, &blocks).unwrap_err().message,
            "no code block 3: the last answer has 2"
        );
        assert!(block(1, &[]).is_err() && number_of("code2").is_err());
    }
}
