//! `/undo`, `/retry`, `/edit`, `/branch` and `/compact`.

use super::{lists, models};
use crate::chat::message::ContentPart;
use crate::commands::conversation::compaction;
use crate::commands::conversation::state::{Conversation, Next, question_words, turns};
use crate::commands::editor;
use crate::config::{ConfigFile, Overrides, generation, model_spec};
use crate::ports::context::Context;
use crate::ports::entered_text::EnteredText;
use crate::ports::error::CommandError;

/// The number of turns that `/compact` keeps by default.
const KEPT_TURNS: usize = 2;

/// Runs `/undo [NUMBER]`.
///
/// # Errors
/// When there is no turn, or it cannot be saved as a branch.
pub(super) fn undo(
    argument: &str,
    conversation: &mut Conversation,
    context: &mut Context<'_>,
) -> Result<Next, CommandError> {
    let count = count(argument, 1, "/undo 2")?;
    let mut undone = 0;
    while undone < count && conversation.session.undo()?.is_some() {
        undone += 1;
    }
    if undone == 0 {
        return Err(no_question());
    }
    let pronoun = if undone == 1 { "it" } else { "them" };
    context
        .output
        .aside(&format!("Undid {}; /branch lists {pronoun}", turns(undone)));
    Ok(Next::Prompt)
}

/// Runs `/retry [MODEL] [-t NUMBER]`.
///
/// # Errors
/// When an argument is invalid, or the answer failed.
pub(super) fn retry(
    argument: &str,
    conversation: &mut Conversation,
    context: &mut Context<'_>,
) -> Result<Next, CommandError> {
    let question = conversation.last_turn()?.question.clone();
    let mut arguments = RetryArguments::parse(argument)?;
    if let Some(typed) = &arguments.model {
        arguments.model = models::confirmed_once(typed, conversation, context)?;
        if arguments.model.is_none() {
            context.output.aside("Not retried");
            return Ok(Next::Prompt);
        }
    }
    let model = arguments.model.clone();
    // The arguments apply to this answer only.
    let mut overrides = conversation.overrides.clone();
    arguments.apply_to(&mut overrides, &conversation.config);
    context.output.question(&question_words(&question));
    let asked = conversation.ask_instead(question, &overrides, context);
    if let Some(model) = model.filter(|_| asked.is_ok()) {
        context.output.aside(&format!(
            "{model} for this answer only; /model {model} keeps it"
        ));
    }
    asked?;
    Ok(Next::Prompt)
}

/// The arguments of `/retry`.
#[derive(Debug, Default, PartialEq)]
struct RetryArguments {
    model: Option<String>,
    temperature: Option<f64>,
}

impl RetryArguments {
    fn parse(argument: &str) -> Result<Self, CommandError> {
        let usage = |what: String| {
            CommandError::usage(what).hint("/retry anthropic/claude-sonnet-5 -t 0.9")
        };
        let mut arguments = Self::default();
        let mut words = argument.split_whitespace();
        while let Some(word) = words.next() {
            if word == "-t" || word == "--temperature" {
                let value = generation::read("temperature", words.next().unwrap_or_default())
                    .map_err(|what| usage(format!("-t {what}")))?;
                arguments.temperature = value.as_f64();
            } else if arguments.model.is_none()
                && model_spec::check(word).is_ok()
                && !word.starts_with('-')
            {
                arguments.model = Some(word.to_owned());
            } else if word != "-m" && word != "--model" {
                return Err(usage(format!(
                    "unexpected argument '{}'",
                    word.escape_debug()
                )));
            }
        }
        Ok(arguments)
    }

    fn apply_to(self, overrides: &mut Overrides, config: &ConfigFile) {
        if let Some(model) = self.model {
            overrides.choose_model(model, config);
        }
        overrides.generation.temperature = self.temperature.or(overrides.generation.temperature);
    }
}

/// Runs `/edit`.
///
/// # Errors
/// When the editor fails, or the answer failed.
pub(super) fn edit(
    _: &str,
    conversation: &mut Conversation,
    context: &mut Context<'_>,
) -> Result<Next, CommandError> {
    let last = conversation.last_turn()?;
    let (text, mut question) = (last.question_text(), last.question.clone());
    let Some(edited) = editor::edit_text(&text, "question.md", context)? else {
        context.output.aside("Question unchanged; nothing was sent");
        return Ok(Next::Prompt);
    };
    // Attachments stay; all texts were edited as one. What the old text mentions is among them.
    question.retain(|part| !matches!(part, ContentPart::Text(_)));
    let entered = EnteredText::data(text.trim_end()).edited(&edited);
    let before = conversation.sent;
    let outcome = conversation
        .add_mentioned(&mut question, &entered, context)
        .and_then(|()| {
            question.insert(0, ContentPart::Text(edited.into()));
            context.output.question(&question_words(&question));
            let overrides = conversation.overrides.clone();
            conversation.ask_instead(question, &overrides, context)
        });
    if outcome.is_err() && conversation.sent == before {
        // Its first character starts no command.
        let first = entered.text.chars().next().map_or(0, char::len_utf8);
        let entered = entered.with_data(std::slice::from_ref(&(0..first)));
        conversation.editor().prefill(&entered);
    }
    outcome.map(|_| Next::Prompt)
}

/// Runs `/branch [NUMBER|NAME]`. Without an argument the user picks a branch.
///
/// # Errors
/// When there is no such branch, the list is cancelled, or the store cannot be read.
pub(super) fn branch(
    argument: &str,
    conversation: &mut Conversation,
    context: &mut Context<'_>,
) -> Result<Next, CommandError> {
    let branches = conversation.session.branches()?;
    if branches.is_empty() {
        return Err(no_question());
    }
    if argument.is_empty() {
        let last = match branches.as_slice() {
            [only] if only.is_current => {
                let turns = turns(only.turns);
                let shown = format!("One branch ({turns}); /branch NAME names it");
                context.output.aside(&shown);
                return Ok(Next::Prompt);
            }
            branches => lists::branch(branches, context)?,
        };
        conversation.session.switch(last)?;
        conversation.show_last(context)?;
        return Ok(Next::Prompt);
    }
    let numbered = argument
        .parse::<usize>()
        .ok()
        .and_then(|number| branches.get(number.checked_sub(1)?));
    let found = numbered.or_else(|| {
        branches
            .iter()
            .find(|branch| branch.label.as_deref() == Some(argument))
    });
    match found {
        Some(branch) => {
            conversation.session.switch(branch.last)?;
            conversation.show_last(context)?;
        }
        None if argument.chars().all(|c| c.is_ascii_digit()) => {
            return Err(CommandError::usage(format!(
                "no branch {argument}: the conversation has {} branch{}",
                branches.len(),
                if branches.len() == 1 { "" } else { "es" }
            ))
            .hint("/branch"));
        }
        None => {
            if !conversation.session.label_branch(argument)? {
                let error = CommandError::usage("the branch has no turn yet, so it has no name");
                return Err(error.hint("type a question"));
            }
            context.output.aside(&format!("Branch named '{argument}'"));
        }
    }
    Ok(Next::Prompt)
}

/// Runs `/compact [NUMBER]`.
///
/// # Errors
/// When there is nothing to summarise, or the summary failed.
pub(super) fn compact(
    argument: &str,
    conversation: &mut Conversation,
    context: &mut Context<'_>,
) -> Result<Next, CommandError> {
    let recent = count(argument, KEPT_TURNS, "/compact 4")?;
    compaction::compact(recent, conversation, context)?;
    Ok(Next::Prompt)
}

fn count(argument: &str, default: usize, example: &str) -> Result<usize, CommandError> {
    if argument.is_empty() {
        return Ok(default);
    }
    let number = argument.parse::<usize>().ok().filter(|number| *number > 0);
    number.ok_or_else(|| {
        CommandError::usage(format!(
            "'{}' is not a number of turns",
            argument.escape_debug()
        ))
        .hint(example)
    })
}

fn no_question() -> CommandError {
    CommandError::usage("no question asked yet").hint("type a question")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retry_accepts_a_model_and_a_temperature() {
        let parsed = |text: &str| RetryArguments::parse(text).ok();
        assert_eq!(parsed(""), Some(RetryArguments::default()));
        assert_eq!(
            parsed("a/b -t 0.9"),
            Some(RetryArguments {
                model: Some("a/b".to_owned()),
                temperature: Some(0.9)
            })
        );
        assert_eq!(
            parsed("-t 1 -m a/b"),
            Some(RetryArguments {
                model: Some("a/b".to_owned()),
                temperature: Some(1.0)
            })
        );
        for bad in ["-t", "-t 3", "a/b c/d", "-x"] {
            assert_eq!(parsed(bad), None, "{bad}");
        }
    }
}
