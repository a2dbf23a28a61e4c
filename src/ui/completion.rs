//! Answers the completion scripts: the shell calls the program at each press of Tab for candidates.

use std::ffi::{OsStr, OsString};

use clap::{Arg, Command};
use clap_complete::engine::{ArgValueCompleter, CompletionCandidate};
use clap_complete::env::Shells;

use super::cli;
use crate::commands::candidates::{self, Named};
use crate::config::{Environment, env};
use crate::ports::error::{CommandError, ErrorKind};
use crate::wire::redact::cut;

/// Arguments whose values are names, by the command that they belong to; `*` is any.
const NAMED: &[(&str, &str, Named)] = &[
    ("*", "profile", Named::Profiles),
    ("*", "model", Named::Models),
    ("*", "session", Named::Sessions),
    ("*", "template", Named::Templates),
    ("templates", "name", Named::Templates),
    ("sessions", "sessions", Named::Sessions),
    ("profiles", "name", Named::Profiles),
    ("add-llm-profile", "name", Named::Profiles),
];

/// The candidates for a completion script, in the form of its shell; `None` when no script calls.
/// What cannot be read is omitted silently.
pub(super) fn answer(arguments: &[OsString], environment: &Environment) -> Option<String> {
    let shell = environment.get(&env::AMX_COMPLETE).ok().flatten()?;
    // `amx -- amx chat -p …`: what follows is the line so far.
    let at = arguments.iter().position(|argument| argument == "--")?;
    let words = arguments[at + 1..].to_vec();
    let mut answer = Vec::new();
    if !words.is_empty() {
        let mut definition = with_names(cli::definition(), "", environment);
        definition.build();
        let shells = Shells::builtins();
        let here = std::env::current_dir().ok();
        let written = shells.completer(shell).map(|shell| {
            shell.write_complete(&mut definition, words, here.as_deref(), &mut answer)
        });
        if !matches!(written, Some(Ok(()))) {
            answer.clear();
        }
    }
    Some(String::from_utf8_lossy(&answer).into_owned())
}

/// The script for a shell. It is small and calls `amx` wherever that is found.
pub(super) fn script(shell: &str) -> Result<String, CommandError> {
    let failed = |why: &str| {
        CommandError::new(
            ErrorKind::Bug,
            format!("no completion script for {shell}: {why}"),
        )
    };
    let shells = Shells::builtins();
    let completer = shells
        .completer(shell)
        .ok_or_else(|| failed("the shell is unknown"))?;
    let mut script = Vec::new();
    completer
        .write_registration(env::AMX_COMPLETE.name, "amx", "amx", "amx", &mut script)
        .map_err(|error| failed(&error.to_string()))?;
    String::from_utf8(script).map_err(|error| failed(&error.to_string()))
}

/// The same definition, with candidates for arguments whose values are names.
fn with_names(definition: Command, parent: &str, environment: &Environment) -> Command {
    let path = if parent.is_empty() {
        String::new()
    } else {
        definition.get_name().to_owned()
    };
    let owner = parent.to_owned();
    let definition = definition.mut_args(|argument| named(argument, &[&owner, &path], environment));
    let inner = definition.get_name().to_owned();
    definition.mut_subcommands(|command| with_names(command, &inner, environment))
}

fn named(argument: Arg, owners: &[&str], environment: &Environment) -> Arg {
    let row = NAMED.iter().find(|(owner, id, _)| {
        argument.get_id() == id && (*owner == "*" || owners.contains(owner))
    });
    let Some((.., kind)) = row else {
        return argument;
    };
    let (kind, environment) = (*kind, environment.clone());
    argument.add(ArgValueCompleter::new(move |word: &OsStr| {
        matching(kind, word, &environment)
    }))
}

/// Names that start with the word; models also where it occurs elsewhere in the ID.
fn matching(kind: Named, word: &OsStr, environment: &Environment) -> Vec<CompletionCandidate> {
    let Some(word) = word.to_str() else {
        return Vec::new();
    };
    let mut known = candidates::of(kind, environment);
    // The shell would take a control character for something else than a part of the name.
    known.retain(|(name, _)| !name.chars().any(char::is_control));
    let begins: Vec<_> = known
        .iter()
        .filter(|(name, _)| name.starts_with(word))
        .cloned()
        .collect();
    let fitting = if begins.is_empty() && kind == Named::Models {
        known
            .into_iter()
            .filter(|(name, _)| name.contains(word))
            .collect()
    } else {
        begins
    };
    let candidate = |(name, about): (String, String)| {
        let about: String = about.chars().filter(|c| !c.is_control()).collect();
        let about = cut(&about, 60);
        CompletionCandidate::new(name).help(
            Some(about)
                .filter(|about| !about.is_empty())
                .map(Into::into),
        )
    };
    fitting.into_iter().map(candidate).collect()
}
