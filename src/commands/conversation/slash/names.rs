//! Which command is meant by a name: commands, their aliases, templates, and the start of one.

use std::borrow::Cow;

use super::command::SlashCommand;
use crate::catalog::nearest::closest;
use crate::platform::system::System;
use crate::ports::error::CommandError;

/// Names that other programs use for these commands.
pub(crate) const ALIASES: &[(&str, &str)] = &[
    ("quit", "exit"),
    ("q", "exit"),
    ("?", "help"),
    ("clear", "new"),
    ("redo", "retry"),
    ("export", "save"),
];

/// Commands that an ambiguous name lists.
const LISTED: usize = 6;

/// What a name means.
#[derive(Clone, Copy)]
pub(super) enum Meaning<'a> {
    Command(&'static SlashCommand),
    Template(&'a str),
}

impl Meaning<'_> {
    fn name(self) -> String {
        match self {
            Self::Command(command) => command.name.to_owned(),
            Self::Template(name) => name.to_owned(),
        }
    }
}

/// The command of exactly that name.
pub(super) fn find(name: &str, commands: &'static [SlashCommand]) -> Option<&'static SlashCommand> {
    let name = ALIASES
        .iter()
        .find(|(alias, _)| *alias == name)
        .map_or(name, |(_, name)| *name);
    commands.iter().find(|command| command.name == name)
}

/// The command or template of that name, or the only one that starts with it.
pub(super) fn resolve<'a>(
    name: &str,
    commands: &'static [SlashCommand],
    templates: &'a [String],
) -> Result<Meaning<'a>, CommandError> {
    if let Some(command) = find(name, commands) {
        return Ok(Meaning::Command(command));
    }
    let named = templates.iter().map(|name| Meaning::Template(name));
    if let Some(exact) = named.clone().find(|meaning| meaning.name() == name) {
        return Ok(exact);
    }
    let aliases = ALIASES.iter().filter(|(alias, _)| alias.starts_with(name));
    let of_alias = aliases.filter_map(|(_, target)| find(target, commands));
    let starting = commands
        .iter()
        .filter(|command| command.name.starts_with(name));
    let mut candidates: Vec<Meaning<'_>> = Vec::new();
    for command in starting.chain(of_alias) {
        if !candidates.iter().any(|known| known.name() == command.name) {
            candidates.push(Meaning::Command(command));
        }
    }
    candidates.extend(named.filter(|meaning| meaning.name().starts_with(name)));
    match candidates.as_slice() {
        [only] => Ok(*only),
        [] => Err(unknown(name, commands, templates)),
        several => Err(ambiguous(name, several)),
    }
}

fn ambiguous(name: &str, candidates: &[Meaning<'_>]) -> CommandError {
    let more = if candidates.len() > LISTED {
        ", …"
    } else {
        ""
    };
    let names: Vec<String> = candidates
        .iter()
        .take(LISTED)
        .map(|meaning| format!("/{}", meaning.name()))
        .collect();
    let message = format!(
        "/{} is ambiguous: {}{more}",
        name.escape_debug(),
        names.join(", ")
    );
    CommandError::usage(message).hint(names[0].clone())
}

/// The error for a name that nothing has, with the nearest.
pub(super) fn unknown(
    name: &str,
    commands: &'static [SlashCommand],
    templates: &[String],
) -> CommandError {
    let known = commands.iter().map(|command| command.name);
    let known = known.chain(templates.iter().map(String::as_str));
    let error = CommandError::usage(format!("unknown command /{}", name.escape_debug()));
    match closest(name, known) {
        Some(known) => error.hint(format!("/{known}")),
        None => error.hint("/help"),
    }
    .hint("to send it as text, begin with a word, or paste it")
}

/// Commands whose argument is one name or value: quotes around it are those of the shell, in which
/// the same is typed with them. Elsewhere quotes are text, or group words.
const QUOTED: &[&str] = &[
    "help",
    "new",
    "model",
    "profile",
    "use-llm",
    "add-llm-profile",
    "schema",
    "temperature",
    "max-tokens",
    "effort",
    "reasoning",
    "theme",
    "alternatives",
    "undo",
    "branch",
    "compact",
    "copy",
    "rename",
    "resume",
    "models",
];

/// The argument of a command, without quotes around all of it.
pub(super) fn unquoted<'a>(name: &str, argument: &'a str) -> Cow<'a, str> {
    let is_quoted = ['"', '\''].iter().any(|quote| {
        argument.len() > 1 && argument.starts_with(*quote) && argument.ends_with(*quote)
    });
    if !is_quoted || !QUOTED.contains(&name) {
        return Cow::Borrowed(argument);
    }
    match System::CURRENT.words(argument).as_deref() {
        Some([word]) => Cow::Owned(word.clone()),
        _ => Cow::Borrowed(argument),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::conversation::slash::COMMANDS;

    fn resolved(name: &str) -> Result<String, CommandError> {
        let templates = ["review", "undertake", "help"].map(str::to_owned);
        resolve(name, COMMANDS, &templates).map(Meaning::name)
    }

    #[test]
    fn quotes_around_a_name_are_those_of_the_shell() {
        for (name, argument, wanted) in [
            ("schema", "\"name, age int\"", "name, age int"),
            ("schema", "'name, age int'", "name, age int"),
            ("schema", "{\"type\": \"object\"}", "{\"type\": \"object\"}"),
            ("schema", "\"a\", \"b\"", "\"a\", \"b\""),
            ("resume", "\"my trip\"", "my trip"),
            ("resume", "\"", "\""),
            ("system", "\"quoted\"", "\"quoted\""),
            ("search", "\"two words\"", "\"two words\""),
        ] {
            assert_eq!(unquoted(name, argument), wanted, "/{name} {argument}");
        }
        let known = |name: &&&str| find(name, COMMANDS).is_some();
        assert_eq!(QUOTED.iter().filter(known).count(), QUOTED.len());
    }

    #[test]
    fn a_unique_start_is_enough() {
        for (name, meaning) in [
            ("undo", "undo"),
            ("temper", "temperature"),
            ("rev", "review"),
            ("review", "review"),
            ("quit", "exit"),
            ("qu", "exit"),
            ("clear", "new"),
            ("model", "model"),
            ("help", "help"),
            ("cost", "cost"),
            ("resume", "resume"),
        ] {
            assert_eq!(resolved(name).unwrap(), meaning, "{name}");
        }
    }

    #[test]
    fn an_ambiguous_start_lists_what_it_may_be() {
        let error = resolved("mod").map(|_| ()).unwrap_err();
        assert_eq!(error.message, "/mod is ambiguous: /model, /models");
        assert_eq!(error.hints, ["/model"]);
        let error = resolved("und").map(|_| ()).unwrap_err();
        assert_eq!(error.message, "/und is ambiguous: /undo, /undertake");
    }

    #[test]
    fn an_unknown_command_names_the_nearest() {
        let unknown = |name| resolved(name).map(|_| ()).unwrap_err();
        assert_eq!(unknown("modle").hints[0], "/model");
        assert_eq!(unknown("resumee").hints[0], "/resume");
        assert_eq!(unknown("reviwe").hints[0], "/review");
        assert_eq!(unknown("supercalifragilistic").hints[0], "/help");
    }

    #[test]
    fn aliases_name_commands() {
        for (alias, name) in ALIASES {
            assert_eq!(
                find(alias, COMMANDS).map(|command| command.name),
                Some(*name)
            );
            assert!(COMMANDS.iter().all(|command| command.name != *alias));
        }
    }
}
