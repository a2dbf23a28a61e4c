//! `/templates` and `/template`.

use super::lists;
use crate::ask::template::ChosenTemplate;
use crate::attachments::AttachmentReader;
use crate::chat::message::ContentPart;
use crate::commands::arguments::JsonArgs;
use crate::commands::conversation::state::{Conversation, Next, question_words};
use crate::commands::templates::{self, TemplatesCommand};
use crate::config::template::Variable;
use crate::ports::context::Context;
use crate::ports::entered_text::EnteredText;
use crate::ports::error::CommandError;

/// Runs `/templates`.
///
/// # Errors
/// When the folder cannot be read.
pub(super) fn list(
    _: &str,
    _: &mut Conversation,
    context: &mut Context<'_>,
) -> Result<Next, CommandError> {
    templates::run(TemplatesCommand::List(JsonArgs { json: false }), context)?;
    Ok(Next::Prompt)
}

/// Runs `/template [NAME [NAME=VALUE…] [TEXT]]`: prompts for missing values, and sends the question
/// with the settings of the template. Without a name the user picks one.
///
/// # Errors
/// When the template or a value is invalid, or the answer failed.
pub(super) fn send(
    argument: &str,
    conversation: &mut Conversation,
    context: &mut Context<'_>,
) -> Result<Next, CommandError> {
    let picked;
    let argument = if argument.is_empty() {
        picked = lists::template(context)?;
        picked.as_str()
    } else {
        argument
    };
    let TemplateCall {
        name,
        values,
        words,
    } = TemplateCall::parse(argument);
    let mut chosen = ChosenTemplate::find(name, &context.equipment)?;
    if !chosen.asks() {
        let error = CommandError::usage(format!(
            "template '{name}' has only settings, no text to send"
        ));
        return Err(error.hint(format!(
            "amx chat --template {name}   (starts a conversation with its settings)"
        )));
    }
    for (variable, value) in &values {
        chosen.set(variable, value)?;
    }
    let missing: Vec<Variable> = chosen
        .missing(!words.is_empty(), false)
        .into_iter()
        .cloned()
        .collect();
    for Variable { name, .. } in missing {
        let value = context.input.text(&name, None, &not_blank)?;
        chosen.fill(&name, value);
    }
    let text = chosen.question(words, None)?;
    let entered = entered_words(words, &conversation.entry);
    let before = conversation.sent;
    let attached = conversation.attached.clone();
    let outcome = conversation
        .attach_mentioned(&entered, context)
        .and_then(|()| ask(text, &chosen, conversation, context));
    if outcome.is_err() && conversation.sent == before {
        conversation.attached = attached;
        let before_words = &argument[..argument.len() - words.len()];
        let mut entry = EnteredText::typed(format!("/template {before_words}"));
        entry.push(&entered);
        conversation.editor().prefill(&entry);
    }
    outcome.map(|()| Next::Prompt)
}

/// Sends the text of a template with its files and settings.
fn ask(
    text: String,
    chosen: &ChosenTemplate,
    conversation: &mut Conversation,
    context: &mut Context<'_>,
) -> Result<(), CommandError> {
    let mut parts = conversation.with_attached(Some(ContentPart::Text(text.into())));
    let attached =
        AttachmentReader::at_prompt(conversation.form.force).read(&chosen.files(), context)?;
    parts.splice(1..1, attached.into_iter().map(|attached| attached.part));
    // For this question, the template overrides what was chosen earlier.
    let mut overrides = conversation.overrides.clone();
    overrides.give_way_to(chosen.layer()?);
    context.output.question(&question_words(&parts));
    conversation
        .ask_with(parts, &overrides, context)
        .map(|_| ())
}

/// The words at the end of what was entered: what of them was typed.
fn entered_words(words: &str, entry: &EnteredText) -> EnteredText {
    let end = entry.text.trim_end().len();
    let start = end.saturating_sub(words.len());
    let found = entry.slice(start..end);
    if found.text == words {
        found
    } else {
        EnteredText::data(words)
    }
}

fn not_blank(text: &str) -> Result<(), String> {
    if text.is_empty() {
        Err("type a value, or press Ctrl-C".to_owned())
    } else {
        Ok(())
    }
}

/// The arguments of `/template`.
#[derive(Debug, PartialEq)]
struct TemplateCall<'a> {
    name: &'a str,
    values: Vec<(&'a str, &'a str)>,
    words: &'a str,
}

impl<'a> TemplateCall<'a> {
    /// Parses `NAME a=1 b="two words" and the prompt`.
    fn parse(argument: &'a str) -> Self {
        let (name, rest) = word(argument);
        let (mut values, mut rest) = (Vec::new(), rest.trim_start());
        while let Some((value, after)) = assignment(rest) {
            values.push(value);
            rest = after.trim_start();
        }
        Self {
            name,
            values,
            words: rest,
        }
    }
}

/// The word at the start of a text, and the rest. A quoted word may contain white space.
fn word(text: &str) -> (&str, &str) {
    let quote = text.chars().next().filter(|c| ['"', '\''].contains(c));
    let quoted = quote
        .and_then(|quote| text[1..].split_once(quote))
        .filter(|(_, after)| after.is_empty() || after.starts_with(char::is_whitespace));
    quoted.unwrap_or_else(|| text.split_at(text.find(char::is_whitespace).unwrap_or(text.len())))
}

/// `name=value` at the start of a text, and the rest. A quoted value may contain white space.
fn assignment(text: &str) -> Option<((&str, &str), &str)> {
    let (name, rest) = text.split_once('=')?;
    let is_name = !name.is_empty()
        && name
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-')
        && !name.starts_with(|c: char| c.is_ascii_digit());
    if !is_name {
        return None;
    }
    let (value, after) = word(rest);
    Some(((name, value), after))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_precede_the_prompt() {
        let parsed = |text| {
            let call = TemplateCall::parse(text);
            (call.name, call.values, call.words)
        };
        assert_eq!(parsed("review"), ("review", vec![], ""));
        assert_eq!(
            parsed("review lang=rust  what's a=b?"),
            ("review", vec![("lang", "rust")], "what's a=b?")
        );
        assert_eq!(
            parsed("r a='two words' b=\"x\" c= d"),
            ("r", vec![("a", "two words"), ("b", "x"), ("c", "")], "d")
        );
        assert_eq!(parsed("r a=\"open b"), ("r", vec![("a", "\"open")], "b"));
        assert_eq!(
            parsed("\"my review.md\" a=1 x"),
            ("my review.md", vec![("a", "1")], "x")
        );
        assert_eq!(parsed("r 1=2 x"), ("r", vec![], "1=2 x"));
    }
}
