//! The root of the command line: reads the arguments, and refuses keys among them.

use std::ffi::OsString;

use clap::builder::StyledStr;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{CommandFactory, FromArgMatches, Parser};

use super::{help, implied_command};
use crate::commands::Command;
use crate::platform::commands::{FROM_FILE, SET_VARIABLE};
use crate::ports::error::CommandError;
use crate::wire::control_characters::visible_name;
use crate::wire::redact::cut;

/// What `--version` prints after the name: `0.1.0 (1a2b3c4 2026-11-26)`, from `build/version.rs`.
const VERSION: &str = env!("AMX_VERSION");

const EXAMPLES: &str = "\
Examples:
  amx -p demo \"hello\"                       ask, without a key or network
  git diff | amx \"write a commit message\"   ask about piped text
  amx -f report.pdf \"what is new in it?\"    ask about a file
  amx                                       start a conversation";

/// Profile-based access to any LLM from the terminal.
#[derive(Debug, Parser)]
#[command(name = "amx", version = VERSION, disable_help_subcommand = true)]
#[command(override_usage = "amx [COMMAND]\n       amx [OPTIONS OF CHAT] QUESTION...")]
#[command(after_help = EXAMPLES)]
pub(super) struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
}

/// The definition of the command line.
pub(super) fn definition() -> clap::Command {
    Cli::command()
}

/// What the arguments request.
pub(super) enum Parsed {
    Run(Command),
    /// Help or the version, to be printed; `is_failure` where the arguments did not request it.
    Show {
        text: StyledStr,
        is_failure: bool,
    },
}

/// Parses the arguments. Help is drawn for a terminal of `width` columns.
pub(super) fn parse(arguments: &[OsString], width: usize) -> Result<Parsed, CommandError> {
    refuse_keys(arguments)?;
    // Built once: it has every option of every command.
    let definition = definition();
    let arguments = implied_command::with_command(&joined(arguments), &definition)?;
    let matches = match definition.try_get_matches_from(&arguments) {
        Ok(matches) => matches,
        Err(error) => return show_or_fail(&error, &arguments, width),
    };
    let cli = Cli::from_arg_matches(&matches).map_err(|error| usage(&error, &arguments))?;
    Ok(Parsed::Run(
        cli.command.unwrap_or_else(|| Command::Chat(Box::default())),
    ))
}

/// `--alternatives 3` as `--alternatives=3`: the number may be omitted, and what follows is then
/// the question.
fn joined(arguments: &[OsString]) -> Vec<OsString> {
    const FLAG: &str = "--alternatives";
    let mut joined: Vec<OsString> = Vec::with_capacity(arguments.len());
    let mut is_over = false;
    for argument in arguments {
        is_over = is_over || argument == "--";
        let is_number = argument.to_str().is_some_and(|text| {
            !text.is_empty()
                && text
                    .trim_start_matches('-')
                    .bytes()
                    .all(|byte| byte.is_ascii_digit())
        });
        match joined.last_mut() {
            Some(last) if last == FLAG && is_number && !is_over => {
                last.push("=");
                last.push(argument);
            }
            _ => joined.push(argument.clone()),
        }
    }
    joined
}

/// Whether a flag, known or not, is named after a secret. `--max-tokens` is not.
fn names_a_secret(flag: &str) -> bool {
    const WORDS: &[&str] = &["key", "apikey", "token", "password", "passwd", "secret"];
    flag.starts_with('-')
        && flag
            .to_ascii_lowercase()
            .split(['-', '_'])
            .any(|word| WORDS.contains(&word))
}

/// Flags that are named after a secret and have none.
const NO_SECRETS: [&str; 3] = [
    "--api-key-ref",
    "--prompt-cache-key",
    "--bearer-token-env-var",
];

/// A key on the command line can be read by every user of the machine and stays in the shell's
/// history. It is refused before anything could repeat it.
fn refuse_keys(arguments: &[OsString]) -> Result<(), CommandError> {
    let mut is_refused = false;
    for (index, argument) in arguments.iter().enumerate().skip(1) {
        let Some(text) = argument.to_str() else {
            continue;
        };
        if text == "--" {
            break;
        }
        let (flag, value) = text
            .split_once('=')
            .map_or((text, None), |(flag, value)| (flag, Some(value)));
        if names_a_secret(flag) && !NO_SECRETS.contains(&flag) {
            value.into_iter().for_each(crate::wire::api_key::remember);
        }
        if [
            "--api-key",
            "--apikey",
            "--key",
            "--token",
            "--password",
            "--secret",
        ]
        .contains(&flag)
            || (flag == "--api-key-stdin" && value.is_some())
        {
            is_refused = true;
            let next = arguments
                .get(index + 1)
                .and_then(|next| next.to_str())
                .filter(|_| value.is_none());
            next.into_iter().for_each(crate::wire::api_key::remember);
        }
        for part in [text, value.unwrap_or_default()] {
            if crate::secrets::reference::looks_like_a_key(part) {
                crate::wire::api_key::remember(part);
            }
        }
    }
    if !is_refused {
        return Ok(());
    }
    Err(CommandError::usage(
        "a key cannot be passed as a flag: other users and the shell's history \
        would see it",
    )
    .hint(FROM_FILE.with([
        "amx add-llm-profile NAME --no-input --provider openrouter --model MODEL --api-key-stdin",
        "key.txt",
    ]))
    .hint(SET_VARIABLE.with(["OPENROUTER_API_KEY", "…"])))
}

/// Whether a flag requests JSON, and whether in lines: then errors are JSON too.
pub(super) fn wants_json(arguments: &[OsString]) -> Option<bool> {
    let mut flags = arguments
        .iter()
        .skip(1)
        .take_while(|argument| *argument != "--");
    flags
        .find(|argument| *argument == "--json" || *argument == "--jsonl")
        .map(|argument| argument == "--jsonl")
}

fn show_or_fail(
    error: &clap::Error,
    arguments: &[OsString],
    width: usize,
) -> Result<Parsed, CommandError> {
    let help = || StyledStr::from(help::text(definition(), arguments, width));
    let (text, is_failure) = match error.kind() {
        ErrorKind::DisplayHelp => (help(), false),
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => (help(), true),
        ErrorKind::DisplayVersion => (error.render(), false),
        _ => return Err(usage(error, arguments)),
    };
    Ok(Parsed::Show { text, is_failure })
}

/// Clap's error as ours: its first line is the message, its tips are the hints.
fn usage(error: &clap::Error, arguments: &[OsString]) -> CommandError {
    let text = error.render().to_string();
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let message = lines
        .next()
        .unwrap_or_default()
        .trim_start_matches("error: ");
    let mut usage = CommandError::usage(with_visible_value(error, message));
    let mut details = Vec::new();
    for line in lines {
        if let Some(tip) = line.strip_prefix("tip: ") {
            usage = usage.hint(tip.to_owned());
        } else if !line.starts_with("Usage:") && !line.starts_with("For more information") {
            details.push(line.to_owned());
        }
    }
    usage = usage.caused_by_words(cut(&details.join(" "), 300));
    if usage.hints.is_empty() {
        usage.hint(help::call(definition(), arguments))
    } else {
        usage
    }
}

/// The message with its hidden characters visible: one of them may be what is wrong. Clap omits
/// those of the value that a terminal obeys.
fn with_visible_value(error: &clap::Error, message: &str) -> String {
    let message = match error.get(ContextKind::InvalidValue) {
        Some(ContextValue::String(value)) if value.contains(char::is_control) => {
            let rendered: String = value.chars().filter(|c| !c.is_control()).collect();
            message.replacen(
                &format!("'{rendered}'"),
                &format!("'{}'", visible_name(value)),
                1,
            )
        }
        _ => message.to_owned(),
    };
    visible_name(&message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_behind_alternatives_belongs_to_it_and_words_do_not() {
        let joined = |words: &[&str]| {
            let arguments: Vec<OsString> = words.iter().map(OsString::from).collect();
            super::joined(&arguments)
                .into_iter()
                .map(|word| word.into_string().unwrap())
                .collect::<Vec<_>>()
                .join(" ")
        };
        assert_eq!(
            joined(&["chat", "--alternatives", "3", "why"]),
            "chat --alternatives=3 why"
        );
        assert_eq!(
            joined(&["chat", "--alternatives", "why", "3"]),
            "chat --alternatives why 3"
        );
        assert_eq!(
            joined(&["chat", "--alternatives", "-1"]),
            "chat --alternatives=-1"
        );
        assert_eq!(
            joined(&["chat", "--alternatives", "--", "3"]),
            "chat --alternatives -- 3"
        );
    }
}
