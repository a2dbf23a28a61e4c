//! Makes room: the oldest turns are summarised by the active model, and the summary is sent in
//! their place.

use super::state::{Conversation, turns};
use crate::ask::prepare::{Prepared, prepare};
use crate::ask::question::{Checks, Question, Resolved};
use crate::ask::run::{RunOptions, run};
use crate::ask::session::SessionTurn;
use crate::ask::sink::Silent;
use crate::chat::conversation;
use crate::chat::finish_reason::FinishReason;
use crate::chat::message::{ContentPart, Message, Role};
use crate::commands::key_binding;
use crate::ports::context::Context;
use crate::ports::error::{CommandError, ErrorKind};

const TASK: &str = "Summarise the conversation below, so that it can go on without its text. Keep \
    names, numbers, decisions, code that is still needed, \
what the user wants and prefers, and what is still open. Write in the language of the \
conversation, as notes, without any introduction.";

/// Summarises all turns but the last `left_alone`. The turns stay in the store.
pub fn compact(
    left_alone: usize,
    conversation: &mut Conversation,
    context: &mut Context<'_>,
) -> Result<(), CommandError> {
    let count = conversation.session.path.len();
    let covered = count.saturating_sub(left_alone);
    let fresh = conversation.session.path[..covered]
        .iter()
        .rposition(|kept| kept.summary.is_some())
        .map_or(covered, |last| covered - last - 1);
    if fresh == 0 {
        let what = format!(
            "there is nothing to summarise: {}, of which the last {left_alone} are left as they \
            are",
            turns(count)
        );
        return Err(CommandError::usage(what).hint("/compact 1"));
    }
    context
        .output
        .aside(&format!("summarising {}…", turns(covered)));
    let summary = summarise(covered, conversation, context)?;
    conversation.session.summarise(covered, &summary)?;
    context.output.document(&summary)?;
    let words = format!(
        "this stands for {} from now on; what came after is sent as it is, and everything stays \
        stored",
        turns(covered)
    );
    context.output.aside(&format!("\n{words}"));
    Ok(())
}

fn summarise(
    covered: usize,
    conversation: &mut Conversation,
    context: &mut Context<'_>,
) -> Result<String, CommandError> {
    let prepared = prepared(covered, conversation, context)?.allowed()?;
    key_binding::confirm_first(&prepared, context)?;
    let options = RunOptions {
        limit: conversation.form.limit,
        is_conversation: true,
        ..RunOptions::default()
    };
    let outcome = run(prepared, options, &context.equipment, &mut Silent)?;
    context.remark(&outcome.remarks);
    if let Some(error) = outcome.unbooked {
        context.output.warning(&error.message);
    }
    let answer = outcome.answer;
    if answer.may_have_cost() {
        conversation.spent_beside = conversation.spent_beside.plus(answer.cost);
    }
    if let Some(error) = outcome.error {
        return Err(error);
    }
    // Half a summary would take the place of the whole.
    if answer.finish_reason == Some(FinishReason::Length) || answer.text.trim().is_empty() {
        let error = CommandError::new(
            ErrorKind::Content,
            "the summary is incomplete; nothing was summarised",
        );
        return Err(error
            .hint("/max-tokens 16384")
            .hint("/model ID   (another model summarises)"));
    }
    Ok(answer.text.trim().to_owned())
}

/// The request for a summary of so many turns.
fn prepared(
    covered: usize,
    conversation: &Conversation,
    context: &Context<'_>,
) -> Result<Prepared, CommandError> {
    let transcript = transcript(&conversation.session.path[..covered]);
    if transcript.is_empty() {
        return Err(CommandError::usage(
            "none of these turns brought an answer; there is nothing to summarise",
        ));
    }
    let text = format!("{TASK}\n\n{transcript}");
    let question = Question {
        parts: vec![ContentPart::Text(text.into())],
        stream: true,
        ..Question::default()
    };
    let mut settings = conversation.settings.clone();
    settings.system = None;
    let resolved = Resolved {
        settings: &settings,
        overrides: &conversation.overrides,
        config: &conversation.config,
    };
    // What is not sent has been said with the first question.
    let checks = Checks {
        strict: false,
        force: conversation.form.force,
    };
    prepare(&resolved, question, checks, &context.equipment)
}

/// The turns as text, an earlier summary first. Pictures and sound are told of, not sent again.
fn transcript(turns: &[SessionTurn]) -> String {
    let past = || turns.iter().map(SessionTurn::past);
    let earlier = conversation::summary(past())
        .map(|summary| format!("Summary of what was before:\n{summary}"));
    let messages = conversation::messages(
        past(),
        conversation::Recipient {
            provider: "",
            model: "",
        },
    );
    earlier
        .into_iter()
        .chain(messages.iter().map(written))
        .collect::<Vec<_>>()
        .join("\n\n")
}

fn written(message: &Message) -> String {
    let who = if message.role == Role::Assistant {
        "Assistant"
    } else {
        "User"
    };
    let parts = message.content.iter().map(|part| match part {
        ContentPart::Text(text) => text.to_string(),
        ContentPart::Image { .. } => "(an image)".to_owned(),
        ContentPart::File { name, .. } => format!("(the file {name})"),
        ContentPart::Audio { .. } => "(a recording)".to_owned(),
        ContentPart::Video { .. } => "(a film)".to_owned(),
    });
    format!("{who}: {}", parts.collect::<Vec<_>>().join("\n"))
}
