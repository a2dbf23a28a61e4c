//! Words that are probably a command, mistyped or by the name that other programs use.

use std::collections::BTreeMap;

use clap::Command;

use crate::catalog::nearest::edits_between;
use crate::ports::error::CommandError;

/// Names that other programs use, each with the command line to use here.
const HABITS: &[(&str, &str)] = &[
    ("version", "--version"),
    ("init", "add-llm-profile"),
    ("setup", "add-llm-profile"),
    ("configure", "add-llm-profile"),
    ("auth", "login"),
    ("history", "sessions list"),
    ("resume", "chat -c"),
    ("settings", "config show"),
    ("cost", "usage"),
    ("llm-profiles", "profiles list"),
    ("use-llm", "profiles use"),
];

/// Fewest characters of an abbreviated command.
const SHORTEST_START: usize = 3;

/// Characters of a command from which on a typo is certain enough. A shorter one is one edit away
/// from too many words: `what` from `chat`, `can` from `man`.
const LONG: usize = 5;

/// Refuses a line whose words are probably a command.
///
/// # Errors
/// [`ErrorKind::Usage`](crate::ports::error::ErrorKind::Usage) with the command as its hint.
pub(super) fn refuse(words: &[&str], definition: &Command) -> Result<(), CommandError> {
    let Some((first, rest)) = words.split_first() else {
        return Ok(());
    };
    let is_name = |word: &str| word.chars().all(|c| c.is_ascii_alphabetic() || c == '-');
    if first.is_empty() || !is_name(first) {
        return Ok(());
    }
    let wanted = first.to_ascii_lowercase();
    let Some(meant) = meant(&wanted, rest, definition) else {
        return Ok(());
    };
    let question = words.join(" ");
    Err(
        CommandError::usage(format!("'{}' is not a command", first.escape_debug()))
            .hint(format!("amx {meant}"))
            .hint(format!("amx chat {question}   (asks it as a question)")),
    )
}

/// The command line that was probably meant.
fn meant(wanted: &str, rest: &[&str], definition: &Command) -> Option<String> {
    // A question may start with such a word, unless the word is no English one.
    let is_meant = |habit: &str| habit == wanted && (rest.is_empty() || habit.contains('-'));
    if let Some((_, command)) = HABITS.iter().find(|(habit, _)| is_meant(habit)) {
        let line = [&[*command], rest].concat();
        return Some(line.join(" "));
    }
    let commands = definition
        .get_subcommands()
        .filter(|command| !command.is_hide_set());
    let mut near: Vec<(usize, &Command)> = commands
        .filter(|command| is_near(wanted, command.get_name()))
        .map(|command| (edits_between(wanted, command.get_name()), command))
        .collect();
    near.sort_by_key(|(edits, _)| *edits);
    let (_, command) = near.first()?;
    let name = command.get_name();
    let Some(second) = rest.first() else {
        return Some(name.to_owned());
    };
    // With more words it is a question, unless they are those of the command.
    if command.find_subcommand(second).is_some() {
        Some(format!("{name} {second}"))
    } else {
        is_misspelt(wanted, name).then(|| format!("{name} {}", rest.join(" ")))
    }
}

/// Whether a word alone is probably the command.
fn is_near(word: &str, command: &str) -> bool {
    let is_start = word.len() >= SHORTEST_START && command.starts_with(word);
    let edits = edits_between(word, command);
    let same_length = word.len() == command.len();
    let is_typo = if command.len() < LONG {
        edits == 1 && (!same_length || characters_apart(word, command) == 0)
    } else {
        edits == 1 || (edits == 2 && characters_apart(word, command) <= 1)
    };
    is_start || is_typo
}

/// Whether a word before others is no English word, but the command with two characters swapped
/// or one mistake in the middle.
fn is_misspelt(word: &str, command: &str) -> bool {
    let is_swapped = characters_apart(word, command) == 0;
    let is_inside = command.len() >= LONG
        && !command.starts_with(word)
        && !word.starts_with(command)
        && word.chars().next() == command.chars().next()
        && word.chars().last() == command.chars().last();
    edits_between(word, command) == 1 && (is_swapped || is_inside || is_no_word(word, command))
}

/// Whether a word near a short command is none of a language: it lacks the vowels, or repeats a
/// character of the command. With three characters that is a word, such as `mann` from `man`.
fn is_no_word(word: &str, command: &str) -> bool {
    let has_vowel = |text: &str| text.contains(['a', 'e', 'i', 'o', 'u', 'y']);
    let mut doubled = command.char_indices().map(|(at, c)| {
        let (before, after) = command.split_at(at);
        format!("{before}{c}{after}")
    });
    let is_doubled = command.len() > 3 && doubled.any(|doubled| doubled == word);
    is_doubled || !has_vowel(word) && has_vowel(command)
}

/// Characters of one word that the other does not have, the larger of both counts.
fn characters_apart(word: &str, other: &str) -> usize {
    let mut counts: BTreeMap<char, i32> = BTreeMap::new();
    word.chars()
        .for_each(|c| *counts.entry(c).or_default() += 1);
    other
        .chars()
        .for_each(|c| *counts.entry(c).or_default() -= 1);
    let of_sign = |sign: i32| -> i32 {
        let same = counts.values().filter(|count| count.signum() == sign);
        same.map(|count| count.abs()).sum()
    };
    usize::try_from(of_sign(1).max(of_sign(-1))).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::super::cli;
    use super::*;

    fn hint(line: &str) -> Option<String> {
        let words: Vec<&str> = line.split(' ').collect();
        let refused = refuse(&words, &cli::definition());
        refused.err().map(|error| error.hints[0].clone())
    }

    #[test]
    fn a_mistyped_command_is_not_a_question() {
        for (line, meant) in [
            ("modles", "amx models"),
            ("modle", "amx models"),
            ("Modles", "amx models"),
            ("model", "amx models"),
            ("sesions", "amx sessions"),
            ("conf", "amx config"),
            ("caht", "amx chat"),
            ("chatt", "amx chat"),
            ("log", "amx logs"),
            ("logni", "amx login"),
            ("usgae", "amx usage"),
            ("init", "amx add-llm-profile"),
            ("llm-profiles", "amx profiles list"),
            ("use-llm work", "amx profiles use work"),
            ("profile list", "amx profiles list"),
            ("session show 3", "amx sessions show"),
            ("modles claude", "amx models claude"),
            ("comapre a b", "amx compare a b"),
            ("chta hi", "amx chat hi"),
            ("cht hi", "amx chat hi"),
            ("chatt hi", "amx chat hi"),
            ("chaat hi", "amx chat hi"),
        ] {
            assert_eq!(hint(line).as_deref(), Some(meant), "{line}");
        }
    }

    #[test]
    fn a_word_that_may_be_a_question_is_one() {
        for line in [
            "what",
            "hi",
            "why",
            "can",
            "compile",
            "translate",
            "summarise",
            "explain",
            "what is it",
            "model the economy",
            "template for a letter",
            "init a repository",
            "logic puzzle",
            "hat sizes",
            "cat names",
            "men at work",
            "mann und frau sind",
            "chap or chum",
            "über",
        ] {
            assert_eq!(hint(line), None, "{line}");
        }
    }
}
