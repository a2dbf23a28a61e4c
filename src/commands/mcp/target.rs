//! What `amx mcp add` adds: a command or a URL, also in the forms that other programs take.

use super::args::{AddArgs, AddHabits};
use crate::config::mcp_servers::NO_SSE;
use crate::platform::system::System;
use crate::ports::error::CommandError;

pub(super) const FLAGS: &str = "amx mcp add NAME -- COMMAND ARGUMENTS, or amx mcp add NAME URL";

/// The scope of every server of amx.
const SCOPE: &str = "user";

/// Program and arguments, or a URL.
pub(super) enum Target {
    Command(Vec<String>),
    Url(String),
}

/// The target that the arguments have; `None` where they have none.
///
/// # Errors
/// What amx has no form for, and a command without `--`.
pub(super) fn given(args: &AddArgs) -> Result<Option<Target>, CommandError> {
    let habits = &args.habits;
    if let Some(scope) = habits.scope.as_deref().filter(|scope| *scope != SCOPE) {
        let message = format!("no --scope {}", scope.escape_debug());
        return Err(CommandError::usage(message)
            .caused_by_words("servers are in the user's config.yml, for every folder")
            .hint(FLAGS));
    }
    if habits.transport.as_deref() == Some("sse") {
        return Err(CommandError::usage(NO_SSE).hint(FLAGS));
    }
    let target = match (&args.url, &habits.url, args.command.as_slice()) {
        (Some(word), _, _) if !habits.words.is_empty() || !is_target(word) => {
            return Err(command_without_dashes(args, word));
        }
        (Some(url), _, _) | (None, Some(url), []) => Target::Url(url.clone()),
        (None, None, []) => return Ok(None),
        // No program has such a name.
        (None, None, [url]) if is_url(url) => Target::Url(url.clone()),
        (None, None, command) => Target::Command(command.to_vec()),
        (None, Some(_), _) => {
            return Err(
                CommandError::usage("a server has a command or a URL, not both").hint(FLAGS),
            );
        }
    };
    check_transport(habits, &target)?;
    Ok(Some(target))
}

/// `--transport` must be that of the target.
fn check_transport(habits: &AddHabits, target: &Target) -> Result<(), CommandError> {
    let (kind, is_right) = match (habits.transport.as_deref(), target) {
        (None, _) => return Ok(()),
        (Some("stdio"), target) => ("command", matches!(target, Target::Command(_))),
        (Some(_), target) => ("URL", matches!(target, Target::Url(_))),
    };
    if is_right {
        return Ok(());
    }
    let transport = habits.transport.as_deref().unwrap_or_default();
    let message = format!("--transport {transport} is for servers with a {kind}");
    Err(CommandError::usage(message).hint(FLAGS))
}

/// The headers of the arguments.
pub(super) fn headers(args: &AddArgs) -> Vec<String> {
    let variable = args.habits.bearer_token_env_var.as_ref();
    let token = variable.map(|name| format!("Authorization: Bearer ${{{name}}}"));
    args.header.iter().cloned().chain(token).collect()
}

/// Whether a word is the URL of a server, or a reference to one.
fn is_target(word: &str) -> bool {
    is_url(word) || word.starts_with("${")
}

pub(super) fn is_url(text: &str) -> bool {
    ["http://", "https://"]
        .iter()
        .any(|scheme| text.to_ascii_lowercase().starts_with(scheme))
}

/// The words of a command that stand where a URL is expected, or words behind a URL.
fn command_without_dashes(args: &AddArgs, first: &str) -> CommandError {
    let words = &args.habits.words;
    if is_target(first) {
        let extra = words.first().map_or("", String::as_str).escape_debug();
        return CommandError::usage(format!("'{extra}' follows the URL")).hint(FLAGS);
    }
    // Without -- it was read as an option of amx.
    let yes = args.yes.then_some("-y");
    let line = [first].into_iter().chain(yes);
    let line = line.chain(words.iter().map(String::as_str));
    let line: Vec<String> = line.map(|word| System::CURRENT.quoted(word)).collect();
    let name = args.name.as_deref().unwrap_or("NAME").escape_debug();
    let first = first.escape_debug();
    CommandError::usage(format!("'{first}' is not a URL; a command stands after --"))
        .hint(format!("amx mcp add {name} -- {}", line.join(" ")))
}
