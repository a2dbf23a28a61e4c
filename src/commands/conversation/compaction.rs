//! Frees context: the active model summarises the oldest turns, and the summary is sent in their
//! place.

use super::state::{Conversation, turns};
use crate::ask::own_request;
use crate::ask::prepare::{Prepared, prepare};
use crate::ask::question::{Checks, Question, Resolved};
use crate::ask::run::{RunOptions, run};
use crate::ask::session::SessionTurn;
use crate::ask::sink::AnswerSink;
use crate::chat::conversation;
use crate::chat::finish_reason::FinishReason;
use crate::chat::message::{ContentPart, Message, Role};
use crate::commands::key_origin;
use crate::ports::context::Context;
use crate::ports::error::{CommandError, ErrorKind};
use crate::ports::output::Output;
use crate::present::count::thousands;

/// The instruction for the summary.
const TASK: &str = "\
Summarise the conversation below, so that it can continue without its full text. Keep names, \
numbers, decisions, code that is still needed, the goals and preferences of the user, and open \
questions. Write notes in the language of the conversation, without an introduction.";

/// Summarises all turns but the last `recent`. The turns stay in the store.
///
/// # Errors
/// When there is nothing to summarise, or the summary failed or is incomplete.
pub(super) fn compact(
    recent: usize,
    conversation: &mut Conversation,
    context: &mut Context<'_>,
) -> Result<(), CommandError> {
    let path = &conversation.session.path;
    let covered = path.len().saturating_sub(recent);
    if is_summarised(path, recent) {
        return Err(nothing_to_summarise(path, recent));
    }
    context
        .output
        .aside(&format!("Summarising {}…", turns(covered)));
    let summary = summarise(covered, conversation, context)?;
    conversation.session.summarise(covered, &summary)?;
    context.output.document(&summary)?;
    context.output.aside(&format!(
        "\nSummarised {}; the summary is sent instead",
        turns(covered)
    ));
    Ok(())
}

/// Whether summaries cover every turn but the last `recent`.
fn is_summarised(path: &[SessionTurn], recent: usize) -> bool {
    let covered = path.len().saturating_sub(recent);
    path[..covered]
        .last()
        .is_none_or(|last| last.summary.is_some())
}

/// The error when the last `recent` turns are all that is not summarised, with what helps.
fn nothing_to_summarise(path: &[SessionTurn], recent: usize) -> CommandError {
    let what = if path.len() > recent {
        format!("nothing to summarise: all turns but the last {recent} are summarised already")
    } else {
        let count = turns(path.len());
        format!(
            "nothing to summarise: the branch has {count}, and /compact keeps the last {recent}"
        )
    };
    let hint = if is_summarised(path, 1) {
        "type a question"
    } else {
        "/compact 1"
    };
    CommandError::usage(what).hint(hint)
}

fn summarise(
    covered: usize,
    conversation: &mut Conversation,
    context: &mut Context<'_>,
) -> Result<String, CommandError> {
    let prepared = prepared(covered, conversation, context)?.allowed()?;
    key_origin::confirm_first(&prepared, context)?;
    let options = RunOptions {
        limit: conversation.form.limit,
        is_conversation: true,
        is_saved: conversation.session.is_saved(),
        trace_name: "amx compaction",
        ..RunOptions::default()
    };
    let mut sink = SummarySink {
        output: &mut *context.output,
        title: format!("Summarising {}", turns(covered)),
    };
    let outcome = run(prepared, options, &context.equipment, &mut sink);
    context.output.progress(&Vec::new);
    let outcome = outcome?;
    context.remark(&outcome.remarks);
    if let Some(error) = outcome.ledger_error {
        context.output.warning(&error.message);
    }
    let answer = outcome.answer;
    if answer.may_have_cost() {
        conversation.extra_spent = conversation.extra_spent.plus(answer.cost);
    }
    if let Some(error) = outcome.error {
        return Err(error);
    }
    // An incomplete summary must not replace the turns.
    if answer.finish_reason == Some(FinishReason::Length) || answer.text.trim().is_empty() {
        let error = CommandError::new(
            ErrorKind::Content,
            "the summary is incomplete; the turns are unchanged",
        );
        return Err(error
            .hint("/max-tokens 16384")
            .hint("/model ID   (summarises with another model)"));
    }
    Ok(answer.text.trim().to_owned())
}

/// Shows how much of a summary has arrived, and that it can be stopped.
struct SummarySink<'a> {
    output: &'a mut dyn Output,
    title: String,
}

impl SummarySink<'_> {
    fn show(&mut self, received: usize) {
        let title = &self.title;
        self.output.progress(&|| match received {
            0 => vec![format!("{title} · waiting")],
            _ => vec![format!("{title} · {} bytes", thousands(received as u64))],
        });
    }
}

impl AnswerSink for SummarySink<'_> {
    fn start(&mut self) {
        self.show(0);
    }

    fn draft(&mut self, text: &str, _: &str) {
        self.show(text.len());
    }
}

/// The request for a summary of the first `covered` turns.
fn prepared(
    covered: usize,
    conversation: &Conversation,
    context: &Context<'_>,
) -> Result<Prepared, CommandError> {
    let transcript = transcript(&conversation.session.path[..covered]);
    if transcript.is_empty() {
        return Err(CommandError::usage(
            "nothing to summarise: none of these turns has an answer",
        ));
    }
    let text = format!("{TASK}\n\n{transcript}");
    let question = Question {
        parts: vec![ContentPart::Text(text.into())],
        stream: true,
        ..Question::default()
    };
    let settings = own_request::settings(&conversation.settings);
    let resolved = Resolved {
        settings: &settings,
        overrides: &conversation.overrides,
        config: &conversation.config,
    };
    let checks = Checks {
        strict: false,
        ..conversation.form.checks()
    };
    prepare(&resolved, question, checks, &context.equipment)
}

/// The turns as text, an earlier summary first. Attachments are mentioned, not sent again.
fn transcript(turns: &[SessionTurn]) -> String {
    let past = || turns.iter().map(SessionTurn::past);
    let earlier = conversation::summary(past())
        .map(|summary| format!("Summary of the earlier turns:\n{summary}"));
    let messages = conversation::messages(
        past(),
        conversation::Recipient {
            provider: "",
            model: "",
            has_tools: false,
        },
    );
    earlier
        .into_iter()
        .chain(messages.iter().map(labelled))
        .collect::<Vec<_>>()
        .join("\n\n")
}

/// A message with its author.
fn labelled(message: &Message) -> String {
    let author = if message.role == Role::Assistant {
        "Assistant"
    } else {
        "User"
    };
    let parts = message.content.iter().map(|part| match part {
        ContentPart::Text(text) => text.to_string(),
        ContentPart::Image { .. } => "(an image)".to_owned(),
        ContentPart::File { name, .. } => format!("(the file {name})"),
        ContentPart::Audio { .. } => "(an audio file)".to_owned(),
        ContentPart::Video { .. } => "(a video)".to_owned(),
    });
    format!("{author}: {}", parts.collect::<Vec<_>>().join("\n"))
}
