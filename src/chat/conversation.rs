//! The messages of a conversation's earlier turns.

use super::call_ids::make_unique;
use super::message::{Message, Role};
use super::tool::ToolStep;
use super::turn::{Turn, TurnState};

/// An earlier turn, and the summary that replaces it and everything before it, if any.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Past<'a> {
    pub turn: &'a Turn,
    pub summary: Option<&'a str>,
}

/// Where the next request goes: reasoning is sent back only to where it came from.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Recipient<'a> {
    pub provider: &'a str,
    pub model: &'a str,
    /// The request declares tools. Without them calls are sent as text: some providers refuse calls
    /// of tools that are not declared.
    pub has_tools: bool,
}

/// Stands for the text of a turn that ended with the results of its calls: some providers accept no
/// question after a result.
const NO_ANSWER: &str = "[no answer]";

/// The messages of the earlier turns, oldest first. A stopped or incomplete answer is sent as far
/// as it arrived; a turn without any text is omitted with its question.
pub(crate) fn messages<'a>(
    past: impl DoubleEndedIterator<Item = Past<'a>>,
    recipient: Recipient<'_>,
) -> Vec<Message> {
    let mut messages = Vec::new();
    for Past { turn, .. } in since_summary(past) {
        if turn.text.trim().is_empty() && turn.steps.is_empty() {
            continue;
        }
        messages.push(Message {
            content: turn.question.clone(),
            ..Message::text(Role::User, "")
        });
        let text = if recipient.has_tools {
            messages.extend(turn.steps.iter().flat_map(|step| step_for(step, recipient)));
            turn.text.clone()
        } else {
            with_calls_as_text(turn)
        };
        let text = if text.trim().is_empty() && recipient.has_tools {
            NO_ANSWER.to_owned()
        } else {
            text
        };
        if !text.trim().is_empty() {
            messages.push(Message {
                annotations: annotations_for(turn, recipient),
                ..Message::answer(text, details_for(turn, recipient))
            });
        }
    }
    make_unique(&mut messages);
    messages
}

/// The messages of a step for a recipient, which gets reasoning of its own only.
fn step_for(step: &ToolStep, recipient: Recipient<'_>) -> impl Iterator<Item = Message> {
    let is_theirs = step.provider == recipient.provider;
    let is_of_family = is_theirs && family(&step.model) == family(recipient.model);
    step_messages(step, is_theirs, is_of_family)
}

/// The answer with its calls, then their results. What belongs to a provider is sent with
/// `is_of_provider`, its reasoning with `is_of_family`.
pub(crate) fn step_messages(
    step: &ToolStep,
    is_of_provider: bool,
    is_of_family: bool,
) -> impl Iterator<Item = Message> {
    let details = step.reasoning_details.clone().filter(|_| is_of_family);
    let mut calls = step.calls.clone();
    if !is_of_provider {
        calls.iter_mut().for_each(|call| call.extra_content = None);
    }
    let reasoning = Some(step.reasoning.clone());
    let reasoning = reasoning.filter(|text| is_of_family && !text.is_empty());
    let answer = Message {
        tool_calls: calls,
        reasoning,
        ..Message::answer(step.text.clone(), details)
    };
    let results = step.results.iter().map(Message::tool_result);
    let results: Vec<Message> = results.collect();
    std::iter::once(answer).chain(results)
}

/// The answer of a turn with its calls and their results before it.
fn with_calls_as_text(turn: &Turn) -> String {
    let mut paragraphs = Vec::new();
    for step in &turn.steps {
        paragraphs.extend(Some(step.text.clone()).filter(|text| !text.trim().is_empty()));
        paragraphs.extend(step.pairs().map(|(call, result)| {
            format!(
                "[tool {} {}]\n{}",
                call.name, call.arguments, result.content
            )
        }));
    }
    paragraphs.push(turn.text.clone());
    paragraphs.retain(|paragraph| !paragraph.trim().is_empty());
    paragraphs.join("\n\n")
}

/// The newest summary of earlier turns.
pub(crate) fn summary<'a>(past: impl DoubleEndedIterator<Item = Past<'a>>) -> Option<&'a str> {
    past.rev().find_map(|past| past.summary)
}

/// The system prompt, followed by the summary.
pub(crate) fn instructions(system: Option<&str>, summary: Option<&str>) -> Option<String> {
    let system = system.filter(|system| !system.is_empty());
    let summary = summary.map(|summary| format!("Summary of the conversation so far:\n{summary}"));
    match (system, summary) {
        (Some(system), Some(summary)) => Some(format!("{system}\n\n{summary}")),
        (Some(system), None) => Some(system.to_owned()),
        (None, summary) => summary,
    }
}

fn since_summary<'a>(past: impl DoubleEndedIterator<Item = Past<'a>>) -> Vec<Past<'a>> {
    let mut kept: Vec<Past<'a>> = past
        .rev()
        .take_while(|past| past.summary.is_none())
        .collect();
    kept.reverse();
    kept
}

/// Reasoning is signed or encrypted for the models of one family at one provider; others refuse it.
/// That of an incomplete answer is incomplete too and would be refused as well.
fn details_for(turn: &Turn, recipient: Recipient<'_>) -> Option<Vec<serde_json::Value>> {
    let is_theirs = turn.provider == recipient.provider
        && family(turn.answering_model()) == family(recipient.model);
    turn.reasoning_details
        .clone()
        .filter(|_| is_theirs && turn.state == TurnState::Complete)
}

/// The parse of a file is complete even when the answer is not, and any model accepts it, but only
/// from the provider that made it.
fn annotations_for(turn: &Turn, recipient: Recipient<'_>) -> Vec<serde_json::Value> {
    if turn.provider == recipient.provider {
        turn.annotations.clone()
    } else {
        Vec::new()
    }
}

/// The family of a model: its author, and the alphabetic prefix of its name.
///
/// `anthropic/claude-sonnet-4` and `anthropic/claude-opus-4.1:thinking` are of one family,
/// `openai/gpt-5` and `openai/o3` are not.
pub(crate) fn family(model: &str) -> (&str, &str) {
    let (author, name) = model
        .trim_start_matches('~')
        .rsplit_once('/')
        .unwrap_or(("", model));
    let end = name
        .find(|c: char| !c.is_ascii_alphabetic())
        .unwrap_or(name.len());
    (author, &name[..end])
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::chat::message::ContentPart;

    fn turn(question: &str, answer: &str, model: &str) -> Turn {
        let mut turn = Turn::new(
            vec![ContentPart::Text(question.into())],
            None,
            "p",
            "openrouter",
            model,
        );
        answer.clone_into(&mut turn.text);
        turn.state = TurnState::Complete;
        turn.reasoning_details = Some(vec![
            json!({"type": "reasoning.text", "text": "hm", "signature": "s"}),
        ]);
        turn
    }

    fn sent(turns: &[(Turn, Option<&str>)], model: &str) -> Vec<(Role, String, bool)> {
        let past = turns.iter().map(|(turn, summary)| Past {
            turn,
            summary: *summary,
        });
        let messages = messages(
            past,
            Recipient {
                provider: "openrouter",
                model,
                has_tools: false,
            },
        );
        let text = |message: &Message| match message.content.as_slice() {
            [ContentPart::Text(text)] => text.to_string(),
            other => format!("{other:?}"),
        };
        messages
            .iter()
            .map(|message| {
                (
                    message.role,
                    text(message),
                    message.reasoning_details.is_some(),
                )
            })
            .collect()
    }

    #[test]
    fn reasoning_is_sent_back_to_its_own_family_only() {
        let turns = [(turn("q", "a", "anthropic/claude-sonnet-4"), None)];
        assert!(sent(&turns, "anthropic/claude-opus-4.1:thinking")[1].2);
        assert!(!sent(&turns, "openai/gpt-5")[1].2);
        assert!(!sent(&turns, "claude-sonnet-4")[1].2);
        assert_ne!(family("openai/o3"), family("openai/gpt-5"));
    }

    #[test]
    fn reasoning_of_an_incomplete_answer_or_another_provider_is_not_sent() {
        let mut stopped = turn("q", "a", "a/m-1");
        stopped.state = TurnState::Stopped;
        let mut elsewhere = turn("q", "a", "a/m-1");
        "local".clone_into(&mut elsewhere.provider);
        let sent = sent(&[(stopped, None), (elsewhere, None)], "a/m-1");
        assert_eq!(
            sent.iter().map(|message| message.2).collect::<Vec<_>>(),
            [false; 4]
        );
    }

    #[test]
    fn the_parse_of_a_file_is_sent_back_to_its_provider_even_after_a_failure() {
        let parse = json!({"type": "file", "file": {"hash": "h"}});
        let stopped = Turn {
            state: TurnState::Stopped,
            annotations: vec![parse.clone()],
            ..turn("q", "a", "a/m")
        };
        let past = || {
            std::iter::once(Past {
                turn: &stopped,
                summary: None,
            })
        };
        let sent = |provider| {
            messages(
                past(),
                Recipient {
                    provider,
                    model: "other/model",
                    has_tools: false,
                },
            )
            .pop()
            .unwrap()
            .annotations
        };
        assert_eq!(
            (sent("openrouter"), sent("local")),
            (vec![parse], Vec::new())
        );
    }

    #[test]
    fn the_family_is_that_of_the_model_that_answered() {
        let mut routed = turn("q", "a", "openrouter/auto");
        routed.model = Some("anthropic/claude-sonnet-4".to_owned());
        assert!(sent(&[(routed.clone(), None)], "anthropic/claude-sonnet-4")[1].2);
        assert!(!sent(&[(routed, None)], "openrouter/auto")[1].2);
    }

    #[test]
    fn a_turn_without_text_is_not_sent_and_a_partial_one_is() {
        let mut stopped = turn("second", "par", "a/m");
        stopped.state = TurnState::Stopped;
        let failed = Turn {
            state: TurnState::Failed,
            ..turn("third", " \n", "a/m")
        };
        let turns = [
            (turn("first", "one", "a/m"), None),
            (stopped, None),
            (failed, None),
        ];
        let texts: Vec<String> = sent(&turns, "a/m")
            .into_iter()
            .map(|message| message.1)
            .collect();
        assert_eq!(texts, ["first", "one", "second", "par"]);
    }

    #[test]
    fn a_summary_replaces_its_turn_and_all_before() {
        let turns = [
            (turn("1", "one", "a/m"), Some("old")),
            (turn("2", "two", "a/m"), Some("both")),
            (turn("3", "three", "a/m"), None),
        ];
        let texts: Vec<String> = sent(&turns, "a/m")
            .into_iter()
            .map(|message| message.1)
            .collect();
        assert_eq!(texts, ["3", "three"]);
        let past = turns.iter().map(|(turn, summary)| Past {
            turn,
            summary: *summary,
        });
        assert_eq!(summary(past), Some("both"));
    }

    #[test]
    fn the_summary_follows_the_instructions() {
        assert_eq!(
            instructions(Some("Be brief."), Some("We met.")).unwrap(),
            "Be brief.\n\nSummary of the conversation so far:\nWe met."
        );
        assert_eq!(instructions(Some(""), None), None);
        assert_eq!(
            instructions(None, Some("x")).unwrap(),
            "Summary of the conversation so far:\nx"
        );
    }
}
