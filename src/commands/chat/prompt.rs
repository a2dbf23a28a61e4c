//! Puts the question together: arguments, stdin, or one line asked for on the terminal.

use super::ask_args::AskArgs;
use crate::commands::context::Context;
use crate::commands::error::{CommandError, Kind};
use crate::commands::input::StdinKind;

/// The text to send. `None` when there is none at all and nobody to ask.
pub fn assemble(prompt: &[String], args: &AskArgs, context: &mut Context<'_>) -> Result<Option<String>, CommandError> {
    let wants_stdin = prompt.iter().any(|word| word == "-");
    let typed: Vec<&str> = prompt.iter().map(String::as_str).filter(|word| *word != "-").collect();
    let typed = typed.join(" ");
    let stdin = match context.input.stdin_kind() {
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
        (true, None) if context.input.stdin_kind() == StdinKind::Piped && !args.no_stdin => {
            Err(CommandError::new(Kind::Input, "stdin brought no text, and there is no prompt").hint("amx chat \"your question\""))
        }
        (true, None) => Ok(None),
    }
}

fn read(args: &AskArgs, context: &mut Context<'_>) -> Result<String, CommandError> {
    let patience = args.stdin_timeout.unwrap_or(std::time::Duration::from_secs(30));
    let output = &mut *context.output;
    let mut when_silent = || output.say("note: waiting for stdin: it is open and silent (--no-stdin ignores it)");
    let bytes = context.input.read_stdin(patience, &mut when_silent)?;
    let text = String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        CommandError::new(Kind::Input, format!("stdin is not UTF-8 text (byte {at})"))
            .hint("amx chat \"your question\" -f FILE   (attaches an image, PDF or sound)")
    })?;
    if text.contains('\0') {
        let error = CommandError::new(Kind::Input, "stdin is not text: it holds a NUL byte");
        return Err(error.hint("amx chat \"your question\" -f FILE   (attaches an image, PDF or sound)"));
    }
    Ok(text.strip_prefix('\u{feff}').unwrap_or(&text).to_owned())
}
