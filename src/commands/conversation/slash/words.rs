//! Parses an entry, and describes the state of a turn.

use crate::chat::turn::{Turn, TurnState};
use crate::ports::entered_text::EnteredText;

/// A parsed entry.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Parsed<'a> {
    Nothing,
    Command {
        name: &'a str,
        argument: &'a str,
    },
    /// `!command`, or `!!command`, whose output is not sent.
    Shell {
        command: &'a str,
        is_sent: bool,
    },
    /// `?` alone.
    KeyHelp,
    Question(EnteredText),
}

/// Parses an entry. What was pasted is a question, and so is a path. `//name` sends `/name` where
/// that would be a command.
pub(crate) fn parse<'a>(entry: &'a EnteredText, is_command: &dyn Fn(&str) -> bool) -> Parsed<'a> {
    let text = entry.text.as_str();
    let trimmed = text.trim();
    if trimmed.is_empty() {
        return Parsed::Nothing;
    }
    let start = text.len() - text.trim_start().len();
    let question = |start| Parsed::Question(entry.slice(start..text.trim_end().len()));
    if !entry.is_typed(start..start + 1) {
        return question(0);
    }
    if trimmed == "?" {
        return Parsed::KeyHelp;
    }
    if let Some(command) = text.strip_prefix('!') {
        let is_sent = !command.starts_with('!');
        let command = if is_sent { command } else { &command[1..] };
        return Parsed::Shell {
            command: command.trim(),
            is_sent,
        };
    }
    let Some(rest) = trimmed.strip_prefix('/') else {
        return question(0);
    };
    if let Some(rest) = rest.strip_prefix('/') {
        let is_escape = entry.is_typed(start..start + 2) && is_command(name_of(rest).0);
        return question(start + usize::from(is_escape));
    }
    let (name, argument) = name_of(rest);
    if name.is_empty() || name.contains('/') {
        return question(start);
    }
    Parsed::Command {
        name,
        argument: argument.trim(),
    }
}

/// The first word, and what follows.
fn name_of(text: &str) -> (&str, &str) {
    text.split_once(char::is_whitespace).unwrap_or((text, ""))
}

/// The note about a turn that is not complete.
pub(crate) fn state_words(turn: &Turn) -> Option<String> {
    match turn.state {
        TurnState::Complete => None,
        TurnState::Stopped => Some("the answer was stopped".to_owned()),
        TurnState::Pending if turn.text.is_empty() => Some("no answer was saved".to_owned()),
        TurnState::Pending => Some("only part of the answer was saved".to_owned()),
        TurnState::Failed => Some(format!(
            "the answer failed: {}",
            turn.error.as_deref().unwrap_or("unknown reason")
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(entry: &EnteredText) -> Parsed<'_> {
        parse(entry, &|name| ["help", "undo"].contains(&name))
    }

    #[test]
    fn commands_questions_and_paths_are_told_apart() {
        for (typed, name, argument) in [
            ("/model  a/b ", "model", "a/b"),
            (" /help", "help", ""),
            ("/system Be\nbrief", "system", "Be\nbrief"),
        ] {
            let entry = EnteredText::typed(typed);
            assert_eq!(
                parsed(&entry),
                Parsed::Command { name, argument },
                "{typed:?}"
            );
        }
        for (typed, question) in [
            ("/usr/bin/env: what is it?", "/usr/bin/env: what is it?"),
            ("//help", "/help"),
            ("//undo it", "/undo it"),
            ("// a comment", "// a comment"),
            ("//comment", "//comment"),
            ("/ what", "/ what"),
            ("  indented\n  code\n", "  indented\n  code"),
            (" !ls", " !ls"),
        ] {
            let expected = Parsed::Question(EnteredText::typed(question));
            assert_eq!(parsed(&EnteredText::typed(typed)), expected, "{typed:?}");
        }
        assert_eq!(parsed(&EnteredText::typed("  ")), Parsed::Nothing);
        assert_eq!(parsed(&EnteredText::typed("?")), Parsed::KeyHelp);
    }

    #[test]
    fn commands_of_the_shell_are_typed() {
        for (typed, command, is_sent) in [
            ("!ls -l", "ls -l", true),
            ("!! top ", "top", false),
            ("!", "", true),
            ("!!", "", false),
            ("!cat <<E\na\nE", "cat <<E\na\nE", true),
        ] {
            let entry = EnteredText::typed(typed);
            assert_eq!(
                parsed(&entry),
                Parsed::Shell { command, is_sent },
                "{typed:?}"
            );
        }
    }

    #[test]
    fn what_was_pasted_is_a_question() {
        for pasted in [
            "/help",
            "!rm -rf x",
            "//help",
            " /help",
            "/help\nme",
            "!!x",
            "?",
        ] {
            let entry = EnteredText::data(pasted);
            assert_eq!(
                parsed(&entry),
                Parsed::Question(entry.clone()),
                "{pasted:?}"
            );
        }
        let mut entry = EnteredText::typed("/");
        entry.push(&EnteredText::data("/help"));
        assert_eq!(parsed(&entry), Parsed::Question(entry.clone()));
        let mut entry = EnteredText::typed("!cat ");
        entry.push(&EnteredText::data("a.txt"));
        let command = "cat a.txt";
        assert_eq!(
            parsed(&entry),
            Parsed::Shell {
                command,
                is_sent: true
            }
        );
    }
}
