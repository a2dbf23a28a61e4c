//! Answers the completion scripts: the shell calls the program at each press of Tab for candidates.

mod arguments;
mod shell_line;

use std::ffi::OsString;

use clap_complete::engine::{self, CompletionCandidate};
use clap_complete::env::Shells;

use super::cli;
use super::implied_command::with_command_so_far;
use crate::config::{Environment, env};
use crate::ports::generated::Shell;
use arguments::{Call, FILES, OPEN, with_values};
use shell_line::{CurrentWord, Quoting, quoted};

pub(super) use arguments::static_values;

/// The first argument of a call with a line to be split.
const LINE: &str = "line";

/// The first argument of a call with words.
const WORDS: &str = "words";

/// `COMP_TYPE` of bash when the candidates are listed and nothing is inserted.
const LISTING: &str = "63";

/// A candidate, without the marks of this folder.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Offer {
    value: String,
    about: String,
    /// More of the same word follows.
    is_open: bool,
}

/// What is offered at the cursor.
#[derive(Debug, Default)]
struct Offers {
    candidates: Vec<Offer>,
    /// Files too, after this part of the word, such as `--file=`.
    files_after: Option<String>,
}

/// The candidates for a completion script, in the form of its shell; `None` when no script calls.
/// What cannot be read is omitted silently.
pub(super) fn answer(arguments: &[OsString], environment: &Environment) -> Option<String> {
    let shell = environment.get(&env::AMX_COMPLETE).ok().flatten()?;
    let given: Vec<String> = arguments
        .iter()
        .skip(1)
        .map(|argument| argument.to_string_lossy().into_owned())
        .collect();
    match given.split_first() {
        Some((form, given)) if form == LINE => Some(for_bash(given, environment)),
        Some((form, given)) if form == WORDS => Some(for_words(shell, given.to_vec(), environment)),
        _ => for_older_script(shell, arguments, environment),
    }
}

/// The script for a shell. It is small and calls `amx` wherever that is found.
pub(super) fn script(shell: Shell) -> &'static str {
    match shell {
        Shell::Bash => include_str!("scripts/amx.bash"),
        Shell::Elvish => include_str!("scripts/amx.elv"),
        Shell::Fish => include_str!("scripts/amx.fish"),
        Shell::PowerShell => include_str!("scripts/amx.ps1"),
        Shell::Zsh => include_str!("scripts/amx.zsh"),
    }
}

/// A script of an earlier version: `amx -- amx chat -p …`, answered as clap does.
fn for_older_script(
    shell: &str,
    arguments: &[OsString],
    environment: &Environment,
) -> Option<String> {
    let at = arguments.iter().position(|argument| argument == "--")?;
    let words = arguments[at + 1..].to_vec();
    let mut answer = Vec::new();
    if !words.is_empty() {
        let call = Call {
            environment: environment.clone(),
            words: words
                .iter()
                .map(|word| word.to_string_lossy().into_owned())
                .collect(),
            shell_has_files: false,
        };
        let mut definition = with_values(cli::definition(), &call);
        let here = std::env::current_dir().ok();
        let shells = Shells::builtins();
        let written = shells.completer(shell).map(|shell| {
            shell.write_complete(&mut definition, words, here.as_deref(), &mut answer)
        });
        if !matches!(written, Some(Ok(()))) {
            answer.clear();
        }
    }
    Some(String::from_utf8_lossy(&answer).replace(OPEN, ""))
}

/// The candidates for the last of the words.
fn offers(words: Vec<String>, environment: &Environment) -> Offers {
    let call = Call {
        environment: environment.clone(),
        words: words.clone(),
        shell_has_files: true,
    };
    let definition = with_values(cli::definition(), &call);
    let words: Vec<OsString> = words.into_iter().map(OsString::from).collect();
    let mut found = complete(definition.clone(), with_command_so_far(&words, &definition));
    // The first word may also be a flag of the command that is implied.
    if words.len() == 2 && words[1].to_string_lossy().starts_with('-') {
        let known: Vec<OsString> = values_of(&found);
        let line = [words[0].clone(), "chat".into(), words[1].clone()];
        let of_chat = complete(definition, line.to_vec());
        let is_new = |candidate: &CompletionCandidate| {
            !known.iter().any(|known| known == candidate.get_value())
        };
        found.extend(of_chat.into_iter().filter(is_new));
    }
    let mut offers = Offers::default();
    for candidate in &found {
        let value = candidate.get_value().to_string_lossy();
        match value.strip_suffix(FILES) {
            Some(before) => offers.files_after = Some(before.to_owned()),
            None => offers.candidates.push(offer(candidate, &value)),
        }
    }
    offers
}

fn complete(mut definition: clap::Command, words: Vec<OsString>) -> Vec<CompletionCandidate> {
    let at = words.len().saturating_sub(1);
    engine::complete(&mut definition, words, at, None).unwrap_or_default()
}

fn values_of(candidates: &[CompletionCandidate]) -> Vec<OsString> {
    let values = candidates.iter().map(CompletionCandidate::get_value);
    values.map(ToOwned::to_owned).collect()
}

fn offer(candidate: &CompletionCandidate, value: &str) -> Offer {
    let about = candidate.get_help().map(ToString::to_string);
    let about = about.as_deref().and_then(|about| about.lines().next());
    Offer {
        value: value.trim_end_matches(OPEN).to_owned(),
        about: about.unwrap_or_default().replace('\t', " "),
        is_open: value.ends_with(OPEN),
    }
}

/// A line for each candidate: its kind, the value and the description, separated by tabs. Kind
/// `open` is followed by more of the word, `files` stands for the files after the value.
fn for_words(shell: &str, mut words: Vec<String>, environment: &Environment) -> String {
    if let Some(last) = words.last_mut() {
        match shell {
            // With its quotes.
            "fish" => {
                let line = shell_line::split(&format!("amx {last}"), Quoting::Fish, "");
                *last = line.words.last().cloned().unwrap_or_default();
            }
            // With a full stop at its end, because PowerShell drops empty arguments.
            "powershell" => _ = last.pop(),
            _ => {}
        }
    }
    let offers = offers(words, environment);
    let mut lines = String::new();
    for candidate in &offers.candidates {
        let kind = if candidate.is_open { "open" } else { "whole" };
        lines.push_str(&format!(
            "{kind}\t{}\t{}\n",
            candidate.value, candidate.about
        ));
    }
    if let Some(before) = &offers.files_after {
        lines.push_str(&format!("files\t{before}\t\n"));
    }
    lines
}

/// The line up to the cursor, `COMP_WORDBREAKS` and `COMP_TYPE`, answered with what goes to
/// `COMPREPLY`. The first line has the flags `nospace` and `files`, a tab, and the word to be
/// completed to a file.
fn for_bash(given: &[String], environment: &Environment) -> String {
    let argument = |at: usize| given.get(at).map_or("", String::as_str);
    let line = shell_line::split(argument(0), Quoting::Bash, argument(1));
    let current = line.current;
    let word = line.words.last().cloned().unwrap_or_default();
    let part = word.get(current.replaced..).unwrap_or_default();
    let offers = if line.is_redirection {
        Offers {
            files_after: Some(String::new()),
            ..Offers::default()
        }
    } else {
        offers(line.words, environment)
    };
    let has_files = offers.files_after.is_some();
    // With files among them, readline quotes the candidates.
    let replies = replies(&offers, &word, &current, has_files);
    let is_listing = argument(2) == LISTING;
    let typed = if has_files {
        part
    } else {
        &current.typed[current.replaced_typed..]
    };
    let replies = if is_listing || keeps_what_is_typed(&replies, typed) {
        replies
    } else {
        Vec::new()
    };
    let mut answer = String::new();
    if replies.iter().any(|(_, is_open)| *is_open) {
        answer.push_str("nospace ");
    }
    if has_files {
        answer.push_str("files ");
    }
    answer.push_str(&format!("\t{part}\n"));
    for (reply, _) in replies {
        answer.push_str(&format!("{reply}\n"));
    }
    answer
}

/// What replaces the end of the word, and whether more of the word follows.
fn replies(
    offers: &Offers,
    word: &str,
    current: &CurrentWord,
    has_files: bool,
) -> Vec<(String, bool)> {
    let kept = word.get(..current.replaced).unwrap_or_default();
    offers
        .candidates
        .iter()
        .filter_map(|candidate| {
            let rest = candidate.value.strip_prefix(kept)?;
            let rest = if has_files {
                rest.to_owned()
            } else {
                quoted(rest, current.quote)
            };
            Some((rest, candidate.is_open))
        })
        .collect()
}

/// Readline replaces what is typed with the common beginning of the candidates, which must not be
/// less than what is typed.
fn keeps_what_is_typed(replies: &[(String, bool)], typed: &str) -> bool {
    let Some(((first, _), others)) = replies.split_first() else {
        return true;
    };
    let common = others.iter().fold(first.as_str(), |common, (other, _)| {
        let length = common
            .char_indices()
            .zip(other.chars())
            .find(|((_, one), other)| one != other)
            .map_or(common.len().min(other.len()), |((at, _), _)| at);
        &common[..length]
    });
    others.is_empty() || common.is_empty() || common.starts_with(typed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bash(line: &str) -> Vec<String> {
        let given = [line, " \t\n\"'><=;|&(:", "9"].map(str::to_owned);
        let answer = for_bash(&given, &Environment::default());
        answer.lines().map(str::to_owned).collect()
    }

    #[test]
    fn only_what_bash_replaces_is_answered() {
        assert_eq!(bash("amx doc"), ["\tdoc", "doctor"]);
        assert_eq!(bash("amx chat --pdf-engine=n"), ["\tn", "native"]);
        assert_eq!(bash("amx chat -o provider.sort=th"), ["\tth", "throughput"]);
        assert_eq!(
            bash("amx chat -o provider.so"),
            ["nospace \tprovider.so", "provider.sort="]
        );
        assert_eq!(bash("amx chat -f \"my fi"), ["files \tmy fi"]);
        assert_eq!(bash("amx chat hi > fi"), ["files \tfi"]);
        assert_eq!(bash("amx chat --private=t"), ["\tt", "true"]);
        assert_eq!(bash("amx chat --private t"), ["\tt"]);
    }

    #[test]
    fn a_common_beginning_that_would_delete_what_is_typed_is_not_answered() {
        let replies = |texts: &[&str]| -> Vec<(String, bool)> {
            texts
                .iter()
                .map(|text| ((*text).to_owned(), false))
                .collect()
        };
        assert!(keeps_what_is_typed(&replies(&["openai/gpt"]), "gpt"));
        assert!(keeps_what_is_typed(&replies(&["a/gpt", "b/gpt"]), "gpt"));
        assert!(keeps_what_is_typed(&replies(&["gpt-4", "gpt-5"]), "gpt"));
        assert!(!keeps_what_is_typed(
            &replies(&["acme/gpt", "alpha/gpt"]),
            "gpt"
        ));
    }
}
