//! The second call of the engine: reserves the cost, sends the request, judges the answer and
//! writes the ledger.

use std::time::Duration;

use super::adjustments;
use super::answer_trace::AnswerTrace;
use super::outcome::{Judge, Outcome};
use super::plan::PlannedTarget;
use super::prepare::Prepared;
use super::pull::Receiver;
use super::rounds::Task;
use super::sink::AnswerSink;
use super::spend::{SpendGuard, SpendOptions};
use super::tools::ToolLoop;
use crate::chat::event::ChatEvent;
use crate::chat::keep::{Keep, MOST_STORED};
use crate::chat::target::AskOptions;
use crate::chat::tool::ToolStep;
use crate::config::defaults;
use crate::ports::approval::Approver;
use crate::ports::equipment::{Equipment, block_on};
use crate::ports::error::{CommandError, ErrorKind};
use crate::ports::output::OutputError;

/// How an answer is requested and judged.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RunOptions {
    /// How much of the text and reasoning is kept in memory.
    pub keep: Keep,
    /// Time limit for the whole answer.
    pub limit: Option<Duration>,
    /// An answer that reached `max_tokens` is an error.
    pub strict: bool,
    /// Hints name slash commands.
    pub is_conversation: bool,
    /// The answer is shown as text, not as JSON for a program.
    pub is_text: bool,
    /// A structured value is indented.
    pub indents: bool,
    /// An answer that does not match its schema is repaired once.
    pub repairs: bool,
    /// The answer is saved, so that its requests are in the ledger, too.
    pub is_saved: bool,
    /// The body of a reply that is no stream is kept as it came.
    pub keeps_body: bool,
    /// The name of its trace.
    pub trace_name: &'static str,
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
            is_saved: false,
            keeps_body: false,
            trace_name: "amx chat",
        }
    }
}

impl RunOptions {
    /// An answer with calls is sent back, and a trace may have texts: the text is needed.
    pub(super) fn keeping(self, is_needed: bool) -> Self {
        let keeps_too_little = matches!(self.keep, Keep::Nothing | Keep::UpTo(_));
        let keep = if is_needed && keeps_too_little {
            Keep::UpTo(MOST_STORED)
        } else {
            self.keep
        };
        Self { keep, ..self }
    }

    pub(super) fn spending(self) -> SpendOptions {
        SpendOptions {
            limit: self.limit,
            is_saved: self.is_saved,
        }
    }
}

/// Sends the question, passes the events to `sink`, and writes the ledger.
///
/// # Errors
/// When a check failed, too little is left of the daily cap, or the request could not be sent at
/// all. A failed, incomplete or mismatching answer is [`Outcome::error`]; a ledger that cannot be
/// written is [`Outcome::ledger_error`].
pub(crate) fn run(
    prepared: Prepared,
    options: RunOptions,
    equipment: &Equipment,
    sink: &mut dyn AnswerSink,
) -> Result<Outcome, CommandError> {
    let mut prepared = prepared.allowed()?;
    let guard = SpendGuard::open(&mut prepared.targets, options.spending(), equipment)?;
    sink.sending()?;
    let template = prepared.template.take();
    let trace = AnswerTrace::start(equipment, options.trace_name, template);
    let mut tools = prepared
        .tools
        .take()
        .map(|tools| ToolLoop::new(tools, equipment.tape.clone(), trace.clone()));
    let has_content = trace.as_ref().is_some_and(AnswerTrace::has_content);
    let options = options.keeping(tools.is_some() || has_content);
    let mut task = prepared.task(options, guard.limit);
    task.traced(trace.clone());
    task.judge.runs_tools = tools.is_some();
    let mut receiver = SinkReceiver {
        withholds_text: task.schema.is_some(),
        sink,
    };
    let interrupt = &equipment.interrupt;
    // Armed from the first round to the last, so that a signal between two rounds loses no request
    // from the ledger.
    interrupt.arm();
    let outcome = block_on(async {
        start_demo(&mut task.targets).await?;
        Ok::<_, CommandError>(task.run(&mut receiver, interrupt, &mut tools).await)
    });
    interrupt.disarm();
    let mut outcome = outcome??;
    adjustments::remember(&outcome.learned, equipment);
    let place = receiver.sink.end(&outcome);
    if let Some(trace) = trace {
        let session = place.map(|(session, _)| session);
        let batch = trace.finish(&outcome, session);
        if outcome.is_signalled() && !options.is_conversation {
            equipment.telemetry.keep(batch);
        } else {
            equipment.telemetry.export(batch);
        }
    }
    let recorded = guard.close(&[(&outcome.answer.attempts, place)], &mut outcome.remarks);
    outcome.ledger_error = recorded.err();
    Ok(outcome)
}

/// Starts the demo server if one of the targets needs it. It runs as long as the current runtime.
///
/// # Errors
/// [`ErrorKind::LocalIo`] when it cannot open a port.
pub(crate) async fn start_demo(
    targets: impl IntoIterator<Item = &mut PlannedTarget>,
) -> Result<(), CommandError> {
    // A replay needs no demo server.
    let targets = targets.into_iter().map(|planned| &mut planned.target);
    let live = targets.filter(|target| !target.client.is_replay());
    crate::demo::start_for(live).await.map_err(no_demo)
}

/// The error of a demo server that did not start.
pub(super) fn no_demo(source: std::io::Error) -> CommandError {
    CommandError::new(
        ErrorKind::LocalIo,
        "the demo server cannot open a local port",
    )
    .caused_by(source)
}

impl<Tools> Prepared<Tools> {
    /// The task of this question. `limit` is the time limit for all of its rounds.
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
                keeps_body: options.keeps_body,
            },
            judge,
            targets: self.targets,
            schema: self.schema,
            is_rated: self.is_rated,
            indents: options.indents,
            repairs: options.repairs,
            is_repaired: false,
            last_step: None,
            learned: Vec::new(),
            template: self.template,
            trace: None,
        }
    }
}

/// Passes events to the sink at once.
struct SinkReceiver<'a> {
    sink: &'a mut dyn AnswerSink,
    /// The text is shown only after it matches the schema.
    withholds_text: bool,
}

impl Receiver for SinkReceiver<'_> {
    fn start(&mut self) {
        self.sink.start();
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

    fn approver(&mut self) -> Option<&mut dyn Approver> {
        self.sink.approver()
    }

    fn step(&mut self, step: &ToolStep) {
        self.sink.step(step);
    }

    async fn closed(&mut self) {
        std::future::pending::<()>().await;
    }
}
