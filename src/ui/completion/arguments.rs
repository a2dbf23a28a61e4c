//! Which values each argument completes to.

use std::ffi::OsStr;

use clap::builder::PossibleValuesParser;
use clap::{Arg, Command, ValueHint};
use clap_complete::engine::{
    ArgValueCandidates, ArgValueCompleter, CompletionCandidate, PathCompleter,
};

use crate::chat::pdf::ENGINE_WORDS;
use crate::commands::candidates::{self, Completes, TypedWord};
use crate::config::Environment;
use crate::config::options::table;
use crate::providers::registry;
use crate::ui::manual;
use crate::wire::redact::cut;

/// Stands for the files that the shell completes by itself. No argument has control characters.
pub(super) const FILES: &str = "\u{1}files";

/// Ends a candidate after which more of the same word follows.
pub(super) const OPEN: char = '\u{2}';

/// Longest description of a candidate, in characters.
const LONGEST_ABOUT: usize = 60;

/// Arguments by the command that they belong to and their ID; `*` is any command.
const ARGUMENTS: &[(&str, &str, Completes)] = &[
    ("*", "profile", Completes::Profiles),
    ("profiles", "name", Completes::Profiles),
    ("add-llm-profile", "name", Completes::Profiles),
    ("mcp", "name", Completes::McpServers),
    ("logs", "destination", Completes::LogDestinations),
    ("logs", "fields", Completes::LogFields),
    ("*", "provider", Completes::Providers),
    ("models", "query", Completes::ModelQuery),
    ("models", "author", Completes::Authors),
    ("*", "session", Completes::Sessions),
    ("*", "resume", Completes::Sessions),
    ("sessions", "sessions", Completes::Sessions),
    ("*", "tool_names", Completes::Tools),
    ("*", "allow", Completes::Tools),
    ("show", "tool", Completes::Tools),
    ("run", "tool", Completes::Tools),
    ("forget", "tool", Completes::Tools),
    ("*", "template", Completes::Templates),
    ("templates", "name", Completes::Templates),
    ("*", "vars", Completes::TemplateVariables),
    ("*", "schema", Completes::Schemas),
    ("*", "schema_many", Completes::Schemas),
    ("*", "options", Completes::Options),
    ("config", "key", Completes::Settings),
    ("*", "pdf_engine", Completes::Words(ENGINE_WORDS)),
    (
        "*",
        "cache",
        Completes::Words(&["on", "off", "refresh", "5m", "1h"]),
    ),
    (
        "batch",
        "form",
        Completes::Words(&["jsonl", "csv", "openai"]),
    ),
    ("batch", "order", Completes::Words(&["done", "input"])),
    ("*", "since", Completes::Words(&["12h", "7d", "30d", "all"])),
    (
        "*",
        "alternatives",
        Completes::Words(&["1", "2", "3", "4", "5"]),
    ),
    (
        "restore",
        "age",
        Completes::Words(&["1", "2", "3", "4", "5"]),
    ),
];

/// Arguments by the name of their value, where no row above has them.
const VALUES: &[(&str, Completes)] = &[
    ("ID", Completes::Models),
    ("MODEL", Completes::Models),
    ("SESSION", Completes::Sessions),
];

/// Names of values that may be files, beside those that clap recognises.
const FILE_VALUES: &[&str] = &["FILE", "PATH", "DIR"];

/// The values of an argument.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Values {
    pub completes: Option<Completes>,
    pub files: bool,
}

/// The values of an argument of a command, whose path is `owners`.
pub(super) fn values(argument: &Arg, owners: &[&str]) -> Values {
    let id = argument.get_id().as_str();
    let row = ARGUMENTS
        .iter()
        .find(|(owner, known, _)| id == *known && (*owner == "*" || owners.contains(owner)));
    let names = argument.get_value_names().unwrap_or_default();
    let by_value_name = || {
        VALUES
            .iter()
            .find(|(name, _)| names.iter().any(|known| known == name))
    };
    let option = || {
        let option = table::find(id)?;
        let has_words = option.name == "models" || !option.kind.words().is_empty();
        has_words.then_some(Completes::OptionValue(option))
    };
    let completes = row.map(|(.., completes)| *completes);
    let completes = completes
        .or_else(|| by_value_name().map(|(_, completes)| *completes))
        .or_else(option);
    let is_file = |name: &str| name.split('|').any(|part| FILE_VALUES.contains(&part));
    let is_path = !matches!(
        argument.get_value_hint(),
        ValueHint::Unknown | ValueHint::Other
    );
    Values {
        completes,
        files: is_path || names.iter().any(|name| is_file(name)),
    }
}

/// What a completion call has: the environment, and the words of the line up to the cursor.
#[derive(Debug, Clone)]
pub(super) struct Call {
    pub environment: Environment,
    pub words: Vec<String>,
    /// The script completes files by itself.
    pub shell_has_files: bool,
}

/// The same definition, with candidates for the values of its arguments.
pub(super) fn with_values(mut definition: Command, call: &Call) -> Command {
    // Some arguments are added only now.
    definition.build();
    with_values_below(definition, &[], call)
}

fn with_values_below(definition: Command, owners: &[&str], call: &Call) -> Command {
    let name = definition.get_name().to_owned();
    let path: Vec<&str> = owners.iter().copied().chain([name.as_str()]).collect();
    let definition = definition.mut_args(|argument| completed(argument, &path, call));
    definition.mut_subcommands(|command| with_values_below(command, &path, call))
}

/// The command of `amx man`.
fn is_manual(argument: &Arg, owners: &[&str]) -> bool {
    argument.get_id() == "command" && owners.last() == Some(&"man")
}

/// The commands with a manual page of their own.
fn manuals() -> Vec<CompletionCandidate> {
    manual::names()
        .into_iter()
        .filter_map(|name| Some(name.strip_prefix("amx-")?.to_owned()))
        .map(CompletionCandidate::new)
        .collect()
}

fn completed(argument: Arg, owners: &[&str], call: &Call) -> Arg {
    if is_manual(&argument, owners) {
        return argument.add(ArgValueCandidates::new(manuals));
    }
    let values = values(&argument, owners);
    if values.completes.is_none() && !values.files {
        return argument;
    }
    let flag = argument
        .get_long()
        .filter(|_| argument.is_require_equals_set())
        .map(|long| format!("--{long}="));
    let call = call.clone();
    argument.add(ArgValueCompleter::new(move |word: &OsStr| {
        // A value that may be omitted is never a word of its own.
        let current = call.words.last().map_or("", String::as_str);
        if flag.as_ref().is_some_and(|flag| !current.starts_with(flag)) {
            return Vec::new();
        }
        matching(values, word, &call)
    }))
}

fn matching(values: Values, word: &OsStr, call: &Call) -> Vec<CompletionCandidate> {
    let before = call
        .words
        .split_last()
        .map_or(&[][..], |(_, before)| before);
    let mut found = Vec::new();
    if let (Some(completes), Some(text)) = (values.completes, word.to_str()) {
        let word = TypedWord { text, before };
        found = candidates::of(completes, &word, &call.environment);
    }
    // The shell would take a control character for something else than a part of the name.
    found.retain(|candidate| !candidate.value.chars().any(char::is_control));
    let mut found: Vec<CompletionCandidate> = found.into_iter().map(shown).collect();
    if values.files && call.shell_has_files {
        found.push(CompletionCandidate::new(FILES));
    } else if values.files {
        use clap_complete::engine::ValueCompleter as _;
        found.extend(PathCompleter::any().complete(word));
    }
    found
}

fn shown(candidate: candidates::Candidate) -> CompletionCandidate {
    let about: String = candidate
        .about
        .chars()
        .filter(|c| !c.is_control())
        .collect();
    let about = cut(&about, LONGEST_ABOUT);
    let mut value = candidate.value;
    if candidate.is_open {
        value.push(OPEN);
    }
    let about = Some(about).filter(|about| !about.is_empty());
    CompletionCandidate::new(value).help(about.map(Into::into))
}

/// The same definition for scripts that do not call the program: with the values that never change.
pub(crate) fn static_values(mut definition: Command) -> Command {
    definition.build();
    static_values_below(definition, &[])
}

fn static_values_below(definition: Command, owners: &[&str]) -> Command {
    let name = definition.get_name().to_owned();
    let path: Vec<&str> = owners.iter().copied().chain([name.as_str()]).collect();
    let definition = definition.mut_args(|argument| with_static_values(argument, &path));
    definition.mut_subcommands(|command| static_values_below(command, &path))
}

fn with_static_values(argument: Arg, owners: &[&str]) -> Arg {
    let values = values(&argument, owners);
    let words = match values.completes {
        Some(Completes::Words(words)) => words.to_vec(),
        Some(Completes::Providers) => registry::names().collect(),
        Some(Completes::OptionValue(option)) => option.kind.words(),
        _ => Vec::new(),
    };
    if !words.is_empty() {
        argument.value_parser(PossibleValuesParser::new(words))
    } else if values.files {
        argument.value_hint(ValueHint::AnyPath)
    } else {
        argument
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::cli;

    /// Arguments whose values nothing can offer: texts, numbers, times and new names. Options of
    /// the table without words are no part of it.
    const FREE: &[&str] = &[
        "allow_host",
        "allow_origin",
        "api_key_hash",
        "api_key_ref",
        "arguments",
        "base_url",
        "batch_size",
        "bearer_token_env_var",
        "branch",
        "command",
        "concurrency",
        "concurrent",
        "count",
        "dimensions",
        "documents",
        "drain",
        "env",
        "expires",
        "extract",
        "field",
        "file_column",
        "from",
        "from_row",
        "group",
        "header",
        "id",
        "idle",
        "keep",
        "keep_alive",
        "limit",
        "listen",
        "max_body",
        "max_connections",
        "max_cost",
        "max_cost_row",
        "max_errors",
        "max_price",
        "max_steps",
        "min_context",
        "name",
        "per_day",
        "prompt",
        "quality",
        "query",
        "rate",
        "refused_allow",
        "refused_root",
        "refused_steps",
        "refused_tool",
        "rpm",
        "sample",
        "sampling_rate",
        "scope",
        "shard",
        "shell",
        "size",
        "start_timeout",
        "state",
        "stdin_timeout",
        "system",
        "texts",
        "timeout",
        "to",
        "tokens",
        "top",
        "url",
        "url_flag",
        "words",
        "workspace",
    ];

    /// Every argument with a value, with the path of its command.
    fn collect(command: &Command, path: &str, found: &mut Vec<(String, bool)>) {
        let path = format!("{path} {}", command.get_name());
        let owners: Vec<&str> = path.split_whitespace().collect();
        for argument in command.get_arguments() {
            let takes_values = argument.get_num_args().is_some_and(|n| n.takes_values());
            let has_own = !argument.get_possible_values().is_empty();
            if takes_values && !has_own {
                let values = values(argument, &owners);
                let is_decided = values.completes.is_some()
                    || values.files
                    || is_manual(argument, &owners)
                    || table::find(argument.get_id().as_str()).is_some();
                found.push((format!("{path} {}", argument.get_id()), is_decided));
            }
        }
        for inner in command.get_subcommands() {
            collect(inner, &path, found);
        }
    }

    #[test]
    fn the_values_of_every_argument_are_offered_or_free() {
        let mut definition = cli::definition();
        definition.build();
        let mut found = Vec::new();
        collect(&definition, "", &mut found);
        let mut free: Vec<&str> = found
            .iter()
            .filter(|(_, is_decided)| !is_decided)
            .filter_map(|(argument, _)| argument.rsplit(' ').next())
            .collect();
        free.sort_unstable();
        free.dedup();
        assert_eq!(free, FREE);
    }
}
