//! `amx "question"` is `amx chat "question"`: finds the command that the arguments mean.

use std::ffi::{OsStr, OsString};

use clap::{Arg, Command};

use super::near_command;
use crate::ports::error::CommandError;

/// The command of arguments without one.
const CHAT: &str = "chat";

/// Flags of the program itself.
const OWN_FLAGS: &[&str] = &["-h", "--help", "-V", "--version"];

/// The arguments with their command first. A word that is not a command starts a question for
/// `chat`; flags of `chat` may come before the command.
///
/// # Errors
/// [`ErrorKind::Usage`](crate::ports::error::ErrorKind::Usage) when the first word is probably a
/// mistyped command: it must not be sent to a model.
pub(super) fn with_command(
    arguments: &[OsString],
    definition: &Command,
) -> Result<Vec<OsString>, CommandError> {
    let given = arguments.get(1..).unwrap_or_default();
    if given.first().is_none_or(|first| is_own_flag(first)) {
        return Ok(arguments.to_vec());
    }
    let words = positions(given, definition);
    if is_request(given, &words) {
        return Ok(moved(arguments, None, definition));
    }
    let texts: Vec<&str> = words
        .iter()
        .filter_map(|at| given.get(*at)?.to_str())
        .collect();
    if let Some(help) = help(&texts, given, definition) {
        return Ok(arguments.iter().take(1).cloned().chain(help).collect());
    }
    if !texts
        .first()
        .is_some_and(|first| is_command(first, definition))
    {
        near_command::refuse(&texts, definition)?;
    }
    Ok(moved(arguments, words.first().copied(), definition))
}

/// The same for a line that is being typed: nothing in it is an error yet. The last argument is the
/// word at the cursor.
pub(super) fn with_command_so_far(arguments: &[OsString], definition: &Command) -> Vec<OsString> {
    let before = arguments.len().saturating_sub(1);
    let given = arguments.get(1..before).unwrap_or_default();
    if given.first().is_none_or(|first| is_own_flag(first)) {
        return arguments.to_vec();
    }
    let first = positions(given, definition).first().copied();
    moved(arguments, first, definition)
}

/// Whether the words are a request for a command of the shell: `-e` comes before them, which only
/// `chat` has, so that `amx -e usage of disk` is no `amx usage`.
fn is_request(given: &[OsString], words: &[usize]) -> bool {
    let Some(first) = words.first() else {
        return false;
    };
    let is_chat = given.get(*first).is_some_and(|word| word == CHAT);
    let mut flags = given.iter().take(*first);
    !is_chat && flags.any(|flag| flag == "-e" || flag == "--execute")
}

fn is_own_flag(argument: &OsStr) -> bool {
    OWN_FLAGS.iter().any(|flag| argument == *flag)
}

fn is_command(word: &str, definition: &Command) -> bool {
    definition.find_subcommand(word).is_some()
}

/// The arguments with the command at `word`, if it is one, moved to the front, or else with
/// `chat` in front.
fn moved(arguments: &[OsString], word: Option<usize>, definition: &Command) -> Vec<OsString> {
    let mut moved = arguments.to_vec();
    let at = word.map(|at| at + 1).filter(|at| {
        let word = moved.get(*at).and_then(|word| word.to_str());
        word.is_some_and(|word| is_command(word, definition))
    });
    let command = at.map_or_else(|| OsString::from(CHAT), |at| moved.remove(at));
    moved.insert(1.min(moved.len()), command);
    moved
}

/// `help` and `help COMMAND`, as the flag that prints it. More words are a question: `help me`.
fn help(words: &[&str], given: &[OsString], definition: &Command) -> Option<Vec<OsString>> {
    let flag = || OsString::from("--help");
    match words {
        _ if words.len() != given.len() => None,
        ["help"] => Some(vec![flag()]),
        ["help", command] if is_command(command, definition) => {
            Some(vec![OsString::from(*command), flag()])
        }
        _ => None,
    }
}

/// The places of the words that are neither flags of `chat` nor their values. After `--`
/// everything is a word, and none of them a command.
fn positions(given: &[OsString], definition: &Command) -> Vec<usize> {
    let chat = definition.find_subcommand(CHAT);
    let flags: Vec<&Arg> = chat.into_iter().flat_map(Command::get_arguments).collect();
    let mut words = Vec::new();
    let mut is_value = false;
    for (at, argument) in given.iter().enumerate() {
        if std::mem::take(&mut is_value) {
            continue;
        }
        let text = argument.to_string_lossy();
        if text == "--" {
            break;
        }
        match text.strip_prefix('-').filter(|rest| !rest.is_empty()) {
            None => words.push(at),
            Some(rest) => is_value = takes_next(rest, &flags),
        }
    }
    words
}

/// Whether the argument after a flag is its value. `rest` is the flag without its first `-`.
fn takes_next(rest: &str, flags: &[&Arg]) -> bool {
    if let Some(long) = rest.strip_prefix('-') {
        return flags
            .iter()
            .any(|flag| flag.get_long() == Some(long) && needs_value(flag));
    }
    let mut letters = rest.chars();
    while let Some(letter) = letters.next() {
        let flag = flags.iter().find(|flag| flag.get_short() == Some(letter));
        if flag.is_some_and(|flag| takes_value(flag)) {
            // The rest of the argument is the value.
            return letters.as_str().is_empty() && flag.is_some_and(|flag| needs_value(flag));
        }
    }
    false
}

fn takes_value(flag: &Arg) -> bool {
    flag.get_action().takes_values()
}

/// The value is an argument of its own where it is not joined to the flag.
fn needs_value(flag: &Arg) -> bool {
    let may_be_omitted = flag
        .get_num_args()
        .is_some_and(|count| count.min_values() == 0);
    takes_value(flag) && !flag.is_require_equals_set() && !may_be_omitted
}

#[cfg(test)]
mod tests {
    use super::super::cli;
    use super::*;

    fn words(line: &[&str]) -> Vec<OsString> {
        line.iter().map(OsString::from).collect()
    }

    fn shown(arguments: &[OsString]) -> String {
        let texts = arguments.iter().skip(1).map(|word| word.to_string_lossy());
        texts.collect::<Vec<_>>().join(" ")
    }

    fn meant(line: &[&str]) -> String {
        let line: Vec<&str> = ["amx"].iter().chain(line).copied().collect();
        match with_command(&words(&line), &cli::definition()) {
            Ok(arguments) => shown(&arguments),
            Err(error) => format!("error: {} ({})", error.message, error.hints.join("; ")),
        }
    }

    #[test]
    fn arguments_without_a_command_are_a_question() {
        let rows: &[(&[&str], &str)] = &[
            (&[], ""),
            (&["why is the sky blue?"], "chat why is the sky blue?"),
            (&["why", "is", "it"], "chat why is it"),
            (&["hello"], "chat hello"),
            (&["-p", "work", "hi"], "chat -p work hi"),
            (&["-pwork", "hi"], "chat -pwork hi"),
            (&["--profile=work", "hi"], "chat --profile=work hi"),
            (&["-f", "models", "hi"], "chat -f models hi"),
            (&["-c"], "chat -c"),
            (&["--json"], "chat --json"),
            (&["-"], "chat -"),
            (&["--", "models"], "chat -- models"),
            (&["-p", "work", "--help"], "chat -p work --help"),
            (&["help", "me", "write"], "chat help me write"),
            (&["model", "the", "economy"], "chat model the economy"),
            (&["what"], "chat what"),
            (&["models?"], "chat models?"),
            (&["-e", "usage", "of", "disk"], "chat -e usage of disk"),
            (&["-p", "work", "-e", "modles"], "chat -p work -e modles"),
            (&["-e", "chat", "hi"], "chat -e hi"),
        ];
        for (line, expected) in rows {
            assert_eq!(meant(line), *expected);
        }
    }

    #[test]
    fn a_command_stays_one_also_after_flags_of_chat() {
        let rows: &[(&[&str], &str)] = &[
            (&["models", "claude"], "models claude"),
            (&["chat", "-p", "work", "hi"], "chat -p work hi"),
            (&["-p", "work", "chat", "hi"], "chat -p work hi"),
            (&["-p", "work", "models"], "models -p work"),
            (&["-h", "chat"], "-h chat"),
            (&["--version"], "--version"),
            (&["help"], "--help"),
            (&["help", "models"], "models --help"),
        ];
        for (line, expected) in rows {
            assert_eq!(meant(line), *expected);
        }
    }

    #[test]
    fn a_line_that_is_typed_is_completed_as_one_of_its_command() {
        let so_far = |line: &[&str]| shown(&with_command_so_far(&words(line), &cli::definition()));
        assert_eq!(so_far(&["amx", "mod"]), "mod");
        assert_eq!(so_far(&["amx", "-p", "wo"]), "chat -p wo");
        assert_eq!(
            so_far(&["amx", "-p", "work", "models", "-"]),
            "models -p work -"
        );
        assert_eq!(so_far(&["amx", "modles", "-"]), "chat modles -");
        assert_eq!(so_far(&["amx", "models", "-"]), "models -");
    }
}
