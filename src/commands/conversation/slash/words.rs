//! Parses an entry, and describes the state of a turn.

use crate::chat::turn::{Turn, TurnState};

/// A parsed entry.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Parsed<'a> {
    Nothing,
    Command { name: &'a str, argument: &'a str },
    Question(&'a str),
}

/// Parses an entry. `//` at the start is an escaped slash, and a path is not a command.
pub(crate) fn parse(text: &str) -> Parsed<'_> {
    let trimmed = text.trim();
    if trimmed.is_empty() {
        return Parsed::Nothing;
    }
    let Some(rest) = trimmed.strip_prefix('/') else {
        return Parsed::Question(text.trim_end());
    };
    if rest.starts_with('/') {
        return Parsed::Question(rest);
    }
    let (name, argument) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
    if name.is_empty() || name.contains('/') {
        return Parsed::Question(trimmed);
    }
    Parsed::Command {
        name,
        argument: argument.trim(),
    }
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

    #[test]
    fn commands_questions_and_paths_are_told_apart() {
        assert_eq!(parse("  "), Parsed::Nothing);
        assert_eq!(
            parse("/model  a/b "),
            Parsed::Command {
                name: "model",
                argument: "a/b"
            }
        );
        assert_eq!(
            parse(" /help"),
            Parsed::Command {
                name: "help",
                argument: ""
            }
        );
        assert_eq!(
            parse("/usr/bin/env: what is it?"),
            Parsed::Question("/usr/bin/env: what is it?")
        );
        assert_eq!(parse("//help"), Parsed::Question("/help"));
        assert_eq!(parse("/ what"), Parsed::Question("/ what"));
        assert_eq!(
            parse("  indented\n  code\n"),
            Parsed::Question("  indented\n  code")
        );
        assert_eq!(
            parse("/system Be\nbrief"),
            Parsed::Command {
                name: "system",
                argument: "Be\nbrief"
            }
        );
    }
}
