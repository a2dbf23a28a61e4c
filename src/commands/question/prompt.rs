//! Assembles the text of the question from arguments and stdin.

use crate::ask::template::ChosenTemplate;
use crate::attachments::{self, stdin};
use crate::commands::arguments::ask::AskArgs;
use crate::ports::context::Context;
use crate::ports::error::{CommandError, ErrorKind};
use crate::ports::input::StdinKind;

/// The hint for binary data on stdin.
const ATTACH: &str =
    "amx chat \"your question\" -f -   (attaches piped data: an image, PDF, audio or video)";

/// Checks that stdin is not both prompt and attachment.
///
/// # Errors
/// When it is.
pub(super) fn check(prompt: &[String], args: &AskArgs) -> Result<(), CommandError> {
    if wants_stdin(prompt) && attachments::takes_stdin(&args.files) {
        let error =
            CommandError::usage("stdin cannot be both the prompt ('-') and an attachment (-f -)");
        return Err(error.hint("git diff | amx chat -f - \"review this\""));
    }
    Ok(())
}

fn wants_stdin(prompt: &[String]) -> bool {
    prompt.iter().any(|word| word == "-")
}

/// The text to send, in the template if there is one. `None` without prompt and piped text.
///
/// # Errors
/// When stdin cannot be read, or is empty and there is no prompt.
pub(super) fn assemble(
    prompt: &[String],
    args: &AskArgs,
    template: Option<&ChosenTemplate>,
    context: &mut Context<'_>,
) -> Result<Option<String>, CommandError> {
    let wants_stdin = wants_stdin(prompt);
    let typed = typed(prompt);
    let is_attached = attachments::takes_stdin(&args.files);
    let stdin = match context.input.stdin_kind() {
        _ if is_attached => None,
        _ if args.no_stdin && !wants_stdin => None,
        StdinKind::Piped => Some(read(args, context)?),
        StdinKind::Terminal if wants_stdin => Some(read(args, context)?),
        StdinKind::Terminal | StdinKind::Empty => None,
    };
    let stdin = stdin.filter(|text| !text.trim().is_empty());
    if let Some(template) = template.filter(|template| template.asks()) {
        return template.question(&typed, stdin).map(Some);
    }
    match (typed.trim().is_empty(), stdin) {
        (false, Some(stdin)) => Ok(Some(format!("{typed}\n\n{stdin}"))),
        (false, None) => Ok(Some(typed)),
        (true, Some(stdin)) => Ok(Some(stdin)),
        (true, None)
            if !is_attached && context.input.stdin_kind() == StdinKind::Piped && !args.no_stdin =>
        {
            Err(
                CommandError::new(ErrorKind::Input, "no data on stdin, and no prompt given")
                    .hint("amx chat \"your question\""),
            )
        }
        (true, None) => Ok(None),
    }
}

/// The prompt of the command line, without `-`.
fn typed(prompt: &[String]) -> String {
    let words: Vec<&str> = prompt
        .iter()
        .map(String::as_str)
        .filter(|word| *word != "-")
        .collect();
    words.join(" ")
}

/// Whether the command line has a prompt, and whether stdin may have text: known before stdin is
/// read.
pub(super) fn expected(prompt: &[String], args: &AskArgs, context: &Context<'_>) -> (bool, bool) {
    let is_piped = context.input.stdin_kind() == StdinKind::Piped && !args.no_stdin;
    (
        !typed(prompt).trim().is_empty(),
        wants_stdin(prompt) || is_piped,
    )
}

fn read(args: &AskArgs, context: &mut Context<'_>) -> Result<String, CommandError> {
    let bytes = stdin::bytes(args.stdin_timeout.unwrap_or(stdin::PATIENCE), context)?;
    let text = String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        CommandError::new(
            ErrorKind::Input,
            format!("stdin is not UTF-8 text (byte {at})"),
        )
        .hint(ATTACH)
    })?;
    if text.contains('\0') {
        let error = CommandError::new(
            ErrorKind::Input,
            "stdin is not text: it contains a NUL byte",
        );
        return Err(error.hint(ATTACH));
    }
    Ok(text.strip_prefix('\u{feff}').unwrap_or(&text).to_owned())
}
