//! Puts the question together: arguments, stdin, or one line asked for on the terminal.

use super::args::ChatArgs;
use super::{attachments, piped};
use crate::commands::context::Context;
use crate::commands::error::{CommandError, Kind};
use crate::commands::input::StdinKind;

/// Whether the arguments agree on what stdin is for.
pub fn check(args: &ChatArgs) -> Result<(), CommandError> {
    if wants_stdin(args) && attachments::takes_stdin(&args.files) {
        let error = CommandError::usage("stdin cannot be both the prompt ('-') and an attachment (-f -)");
        return Err(error.hint("git diff | amx chat -f - \"review this\""));
    }
    Ok(())
}

fn wants_stdin(args: &ChatArgs) -> bool {
    args.prompt.iter().any(|word| word == "-")
}

/// The text to send. `None` when there is none at all and nobody to ask.
pub fn assemble(args: &ChatArgs, context: &mut Context<'_>) -> Result<Option<String>, CommandError> {
    let wants_stdin = wants_stdin(args);
    let typed: Vec<&str> = args.prompt.iter().map(String::as_str).filter(|word| *word != "-").collect();
    let typed = typed.join(" ");
    let is_attached = attachments::takes_stdin(&args.files);
    let stdin = match context.input.stdin_kind() {
        _ if is_attached => None,
        _ if args.no_stdin && !wants_stdin => None,
        StdinKind::Piped => Some(read(args, context)?),
        StdinKind::Terminal if wants_stdin => Some(read(args, context)?),
        StdinKind::Terminal | StdinKind::Empty => None,
    };
    let stdin = stdin.filter(|text| !text.trim().is_empty());
    match (typed.trim().is_empty(), stdin) {
        (false, Some(stdin)) => Ok(Some(format!("{typed}\n\n{stdin}"))),
        (false, None) => Ok(Some(typed)),
        (true, Some(stdin)) => Ok(Some(stdin)),
        (true, None) if !is_attached && context.input.stdin_kind() == StdinKind::Piped && !args.no_stdin => {
            Err(CommandError::new(Kind::Input, "stdin brought no text, and there is no prompt").hint("amx chat \"your question\""))
        }
        (true, None) => Ok(None),
    }
}

fn read(args: &ChatArgs, context: &mut Context<'_>) -> Result<String, CommandError> {
    let bytes = piped::bytes(args.stdin_timeout.unwrap_or(piped::PATIENCE), context)?;
    let text = String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        CommandError::new(Kind::Input, format!("stdin is not UTF-8 text (byte {at})"))
            .hint("amx chat \"your question\" -f -   (attaches what is piped: an image, PDF, sound or film)")
    })?;
    if text.contains('\0') {
        let error = CommandError::new(Kind::Input, "stdin is not text: it holds a NUL byte");
        return Err(error.hint("amx chat \"your question\" -f -   (attaches what is piped: an image, PDF, sound or film)"));
    }
    Ok(text.strip_prefix('\u{feff}').unwrap_or(&text).to_owned())
}
