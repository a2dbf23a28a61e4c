//! Commands that go back: undo, retry, edit, branches, and a summary in place of old turns.

use crate::chat::message::ContentPart;
use crate::chat::turn::Turn;
use crate::commands::conversation::compaction;
use crate::commands::conversation::state::{Conversation, Next, question_words, turns};
use crate::commands::editor;
use crate::config::{ConfigFile, Overrides, generation, model_spec};
use crate::ports::context::Context;
use crate::ports::error::CommandError;
use crate::store::{Branch, shortened};

/// Turns that `/compact` leaves as they are.
const LEFT_ALONE: usize = 2;

pub fn undo(
    argument: &str,
    conversation: &mut Conversation,
    context: &mut Context<'_>,
) -> Result<Next, CommandError> {
    let count = count(argument, 1, "/undo 2")?;
    let mut taken: Vec<Turn> = Vec::new();
    while taken.len() < count
        && let Some(turn) = conversation.session.undo()?
    {
        taken.push(turn);
    }
    let Some(oldest) = taken.last() else {
        return Err(nothing_asked());
    };
    let taken_back = turns(taken.len());
    context.output.aside(&format!(
        "took {taken_back} back, from '{}' on; /branch finds what was said",
        shortened(&oldest.question_text(), 50)
    ));
    Ok(Next::Prompt)
}

pub fn retry(
    argument: &str,
    conversation: &mut Conversation,
    context: &mut Context<'_>,
) -> Result<Next, CommandError> {
    let question = conversation.last_turn()?.question.clone();
    let wish = RetryArguments::parse(argument)?;
    // What is wished for this answer does not hold for the next.
    let mut overrides = conversation.overrides.clone();
    wish.lay_over(&mut overrides, &conversation.config);
    context.output.aside(&question_words(&question));
    conversation.ask_instead(question, &overrides, context)?;
    Ok(Next::Prompt)
}

/// What `/retry` is to do differently.
#[derive(Debug, Default, PartialEq)]
struct RetryArguments {
    model: Option<String>,
    temperature: Option<f64>,
}

impl RetryArguments {
    fn parse(argument: &str) -> Result<Self, CommandError> {
        let usage = |what: String| {
            CommandError::usage(what).hint("/retry anthropic/claude-sonnet-4 -t 0.9")
        };
        let mut wish = Self::default();
        let mut words = argument.split_whitespace();
        while let Some(word) = words.next() {
            if word == "-t" || word == "--temperature" {
                let value = generation::read("temperature", words.next().unwrap_or_default())
                    .map_err(|what| usage(format!("-t {what}")))?;
                wish.temperature = value.as_f64();
            } else if wish.model.is_none()
                && model_spec::check(word).is_ok()
                && !word.starts_with('-')
            {
                wish.model = Some(word.to_owned());
            } else if word != "-m" && word != "--model" {
                return Err(usage(format!(
                    "'{}' is not understood",
                    word.escape_debug()
                )));
            }
        }
        Ok(wish)
    }

    fn lay_over(self, overrides: &mut Overrides, config: &ConfigFile) {
        if let Some(model) = self.model {
            overrides.choose_model(model, config);
        }
        overrides.generation.temperature = self.temperature.or(overrides.generation.temperature);
    }
}

pub fn edit(
    _: &str,
    conversation: &mut Conversation,
    context: &mut Context<'_>,
) -> Result<Next, CommandError> {
    let last = conversation.last_turn()?;
    let (text, mut question) = (last.question_text(), last.question.clone());
    let Some(edited) = editor::edit_text(&text, "question.md", context)? else {
        context
            .output
            .aside("nothing was changed, nothing is asked");
        return Ok(Next::Prompt);
    };
    // What was attached stays; all texts were edited as one.
    question.retain(|part| !matches!(part, ContentPart::Text(_)));
    question.insert(0, ContentPart::Text(edited.as_str().into()));
    context.output.aside(&question_words(&question));
    let overrides = conversation.overrides.clone();
    let asked = conversation.ask_instead(question, &overrides, context);
    if asked.is_err() {
        conversation.editor().prefill(&edited);
    }
    asked.map(|_| Next::Prompt)
}

pub fn branch(
    argument: &str,
    conversation: &mut Conversation,
    context: &mut Context<'_>,
) -> Result<Next, CommandError> {
    let branches = conversation.session.branches()?;
    if branches.is_empty() {
        return Err(nothing_asked());
    }
    if argument.is_empty() {
        for (index, branch) in branches.iter().enumerate() {
            let mark = if branch.is_current { '*' } else { ' ' };
            let label = branch
                .label
                .as_ref()
                .map(|label| format!("[{label}] "))
                .unwrap_or_default();
            context.output.say(&format!(
                "{mark} {}  {label}{}  ({})",
                index + 1,
                words_of(branch, &branches),
                turns(branch.turns)
            ));
        }
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
            return Err(
                CommandError::usage(format!("there are {} branches", branches.len()))
                    .hint("/branch"),
            );
        }
        None => {
            conversation.session.label_branch(argument)?;
            context
                .output
                .aside(&format!("this branch is '{argument}' now"));
        }
    }
    Ok(Next::Prompt)
}

/// Its last question; with the answer where another branch ends with the same one, as alternatives
/// do.
fn words_of(branch: &Branch, branches: &[Branch]) -> String {
    let has_twin = branches
        .iter()
        .any(|other| other.last != branch.last && other.question == branch.question);
    if has_twin && !branch.answer.is_empty() {
        format!(
            "{} → {}",
            shortened(&branch.question, 24),
            shortened(&branch.answer, 40)
        )
    } else {
        shortened(&branch.question, 50)
    }
}

pub fn compact(
    argument: &str,
    conversation: &mut Conversation,
    context: &mut Context<'_>,
) -> Result<Next, CommandError> {
    let left_alone = count(argument, LEFT_ALONE, "/compact 4")?;
    compaction::compact(left_alone, conversation, context)?;
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

fn nothing_asked() -> CommandError {
    CommandError::usage("nothing has been asked yet").hint("type a question")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retry_understands_a_model_and_a_temperature() {
        let wish = |text: &str| RetryArguments::parse(text).ok();
        assert_eq!(wish(""), Some(RetryArguments::default()));
        assert_eq!(
            wish("a/b -t 0.9"),
            Some(RetryArguments {
                model: Some("a/b".to_owned()),
                temperature: Some(0.9)
            })
        );
        assert_eq!(
            wish("-t 1 -m a/b"),
            Some(RetryArguments {
                model: Some("a/b".to_owned()),
                temperature: Some(1.0)
            })
        );
        for bad in ["-t", "-t 3", "a/b c/d", "-x"] {
            assert_eq!(wish(bad), None, "{bad}");
        }
    }
}
