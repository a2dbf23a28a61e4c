//! The second half of the recipe: hold the cap back, ask, judge, book.

use std::time::Duration;

use super::outcome::{Judge, Outcome};
use super::plan::PlannedTarget;
use super::prepare::Prepared;
use super::pull::Receiver;
use super::rounds::Task;
use super::sink::AnswerSink;
use super::spend::SpendGuard;
use crate::chat::event::ChatEvent;
use crate::chat::keep::Keep;
use crate::chat::target::AskOptions;
use crate::config::defaults;
use crate::ports::equipment::{Equipment, block_on};
use crate::ports::error::{CommandError, ErrorKind};
use crate::ports::output::OutputError;

/// Most that is kept in memory of a text, and of its reasoning, when only the store needs them; in
/// bytes.
pub const MOST_STORED: usize = 16 * 1024 * 1024;

/// How an answer is asked for and judged.
#[derive(Debug, Clone, Copy)]
pub struct RunOptions {
    /// What is kept of text and reasoning.
    pub keep: Keep,
    /// Longest time for the whole answer.
    pub limit: Option<Duration>,
    /// An answer that `max_tokens` has cut is an error.
    pub strict: bool,
    /// Hints name slash commands.
    pub is_conversation: bool,
    /// A person or a pipe reads the text, and not a program its JSON.
    pub is_text: bool,
    /// Values that match a schema are indented.
    pub indents: bool,
    /// A better answer is asked for, once, when one does not match its schema.
    pub repairs: bool,
}

impl Default for RunOptions {
    fn default() -> Self {
        Self {
            keep: Keep::UpTo(MOST_STORED),
            limit: None,
            strict: false,
            is_conversation: false,
            is_text: true,
            indents: false,
            repairs: true,
        }
    }
}

/// Asks, and books what was sent.
///
/// # Errors
/// When a check forbids it, the day's cap has too little left, or nothing could be asked at all.
/// That the answer is not what was asked for is [`Outcome::error`].
pub fn run(
    prepared: Prepared,
    options: RunOptions,
    equipment: &Equipment,
    sink: &mut dyn AnswerSink,
) -> Result<Outcome, CommandError> {
    let mut prepared = prepared.allowed()?;
    let guard = SpendGuard::open(&mut prepared.targets, options.limit, equipment)?;
    sink.sending()?;
    let mut task = prepared.task(options, guard.limit);
    let mut receiver = Direct {
        withholds_text: task.schema.is_some(),
        sink,
    };
    let interrupt = &equipment.interrupt;
    // From the first round to the last, so that a signal between two of them loses none from the
    // ledger.
    interrupt.arm();
    let outcome = block_on(async {
        start_demo(&mut task.targets).await?;
        Ok::<_, CommandError>(task.run(&mut receiver, interrupt).await)
    });
    interrupt.disarm();
    let mut outcome = outcome??;
    let place = receiver.sink.end(&outcome);
    let booked = guard.close(&[(&outcome.answer.attempts, place)], &mut outcome.remarks);
    outcome.unbooked = booked.err();
    Ok(outcome)
}

/// Starts the demo, where one of the targets is at it. It runs as long as the current runtime.
///
/// # Errors
/// [`ErrorKind::LocalIo`] when it cannot open a port.
pub async fn start_demo(
    targets: impl IntoIterator<Item = &mut PlannedTarget>,
) -> Result<(), CommandError> {
    // A recorded demo is answered from the recording as any other.
    let targets = targets.into_iter().map(|planned| &mut planned.target);
    let live = targets.filter(|target| !target.client.is_replay());
    crate::demo::start_for(live).await.map_err(|source| {
        CommandError::new(
            ErrorKind::LocalIo,
            "the demo cannot open a port on this machine",
        )
        .caused_by(source)
    })
}

impl Prepared {
    /// The rounds of this question. `limit` is the time for all of them.
    pub(super) fn task(self, options: RunOptions, limit: Option<Duration>) -> Task {
        let mut judge = Judge::new(&self.targets);
        judge.strict = options.strict;
        judge.is_conversation = options.is_conversation;
        judge.is_text = options.is_text;
        let silence = self
            .first()
            .map_or(defaults::SILENCE, |first| first.settings.silence.value);
        Task {
            options: AskOptions {
                silence,
                limit,
                used: Duration::ZERO,
                keep: options.keep,
            },
            judge,
            targets: self.targets,
            schema: self.schema,
            is_rated: self.is_rated,
            indents: options.indents,
            repairs: options.repairs,
            is_repaired: false,
        }
    }
}

/// Events go to the sink at once.
struct Direct<'a> {
    sink: &'a mut dyn AnswerSink,
    /// Text is not shown before it is known to match the schema.
    withholds_text: bool,
}

impl Receiver for Direct<'_> {
    fn begin(&mut self) {
        self.sink.begin();
    }

    async fn event(&mut self, event: ChatEvent) -> Result<(), OutputError> {
        if self.withholds_text && matches!(event, ChatEvent::Text(_)) {
            return Ok(());
        }
        self.sink.event(&event)
    }

    fn flush(&mut self) -> Result<(), OutputError> {
        self.sink.flush()
    }

    fn draft(&mut self, text: &str, reasoning: &str) {
        self.sink.draft(text, reasoning);
    }

    async fn closed(&mut self) {
        std::future::pending::<()>().await;
    }
}
