//! Makes room: the oldest turns are summarised by the active model, and the summary is sent in
//! their place.

use std::time::Duration;

use super::state::{Conversation, turns};
use crate::ask::failure;
use crate::ask::gathering::gather;
use crate::ask::plan::{self, Question};
use crate::ask::preflight::parameters::{self, Fitting};
use crate::ask::preflight::{self};
use crate::ask::run::MOST_STORED;
use crate::ask::session::SessionTurn;
use crate::chat::conversation;
use crate::chat::keep::Keep;
use crate::chat::message::{ContentPart, Message, Role};
use crate::chat::target::AskOptions;
use crate::ports::context::Context;
use crate::ports::error::{CommandError, ErrorKind};

const TASK: &str = "Summarise the conversation below, so that it can go on without its text. Keep \
    names, numbers, decisions, code that is still needed, \
what the user wants and prefers, and what is still open. Write in the language of the \
conversation, as notes, without any introduction.";

/// Summarises all turns but the last `left_alone`. The turns stay in the store.
pub fn run(
    left_alone: usize,
    conversation: &mut Conversation,
    context: &mut Context<'_>,
) -> Result<(), CommandError> {
    let count = conversation.keeper.path.len();
    let covered = count.saturating_sub(left_alone);
    let fresh = conversation.keeper.path[..covered]
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
    conversation.keeper.summarise(covered, &summary)?;
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
    let transcript = transcript(&conversation.keeper.path[..covered]);
    if transcript.is_empty() {
        return Err(CommandError::usage(
            "none of these turns brought an answer; there is nothing to summarise",
        ));
    }
    let text = format!("{TASK}\n\n{transcript}");
    let question = Question {
        parts: vec![ContentPart::Text(text.into())],
        past: &[],
        stream: true,
        schema: None,
    };
    let mut settings = conversation.settings.clone();
    settings.system = None;
    let mut planned = plan::targets(
        settings,
        &conversation.overrides,
        &question,
        &conversation.config,
        context,
    )?;
    // What is left out has been told with the first question.
    parameters::fit(
        &mut planned,
        Fitting {
            strict: false,
            force: conversation.form.force,
        },
        context,
    )?;
    preflight::refuse(&planned, context)?;
    let (silence, limit) = (conversation.settings.silence.value, conversation.form.limit);
    let options = AskOptions {
        silence,
        limit,
        used: Duration::ZERO,
        keep: Keep::UpTo(MOST_STORED),
    };
    let gathered = gather(planned, options, context)?;
    if let Some(error) = gathered.unbooked {
        context.output.warning(&error.message);
    }
    let answer = match gathered.answer {
        Ok(answer) => answer,
        Err(failed) => {
            if failed.error.may_have_been_billed() || failed.partial.usage.is_some() {
                conversation.spent_beside = conversation.spent_beside.plus(failed.partial.cost);
            }
            return Err(failure::explain(failed.error, &conversation.settings));
        }
    };
    conversation.spent_beside = conversation.spent_beside.plus(answer.cost);
    // Half a summary would take the place of the whole.
    if answer.finish_reason.as_deref() == Some("length") || answer.text.trim().is_empty() {
        let error = CommandError::new(
            ErrorKind::Content,
            "the summary is not complete; nothing was summarised",
        );
        return Err(error
            .hint("/max-tokens 16384")
            .hint("/model ID   (lets another model do it)"));
    }
    Ok(answer.text.trim().to_owned())
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
