//! Requests several answers in parallel, and passes their events to one sink.

use std::collections::BTreeSet;
use std::sync::Arc;

use tokio::sync::{Semaphore, mpsc, watch};
use tokio::task::JoinSet;

use super::progress::Progress;
use super::worker::{Worker, WorkerMessage};
use crate::ask::adjustments;
use crate::ask::answer_media;
use crate::ask::answer_trace::AnswerTrace;
use crate::ask::finished_answer::{FinishedAnswer, sort_by_confidence};
use crate::ask::outcome::Outcome;
use crate::ask::plan::PlannedTarget;
use crate::ask::preflight::shared_budget;
use crate::ask::prepare::Prepared;
use crate::ask::rounds::Task;
use crate::ask::run::{RunOptions, start_demo};
use crate::ask::sink::{AnswersSink, TurnPlace};
use crate::ask::spend::SpendGuard;
use crate::chat::event::ChatEvent;
use crate::config::options::Remark;
use crate::ports::equipment::{Equipment, block_on};
use crate::ports::error::CommandError;
use crate::ports::interrupt::Interrupt;
use crate::ports::output::OutputError;
use crate::store::AnswerAttempts;
use crate::telemetry::queue::Batch;

/// Maximum number of requests in flight; further answers wait for a free slot.
const MAX_PARALLEL: usize = 5;

/// Capacity of the event queue; a full queue pauses the streams.
const EVENT_QUEUE: usize = 64;

/// The order in which the answers are returned and stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Order {
    AsRequested,
    /// The most confident first, failed answers last.
    ByConfidence,
}

/// The result of several answers.
pub(crate) struct ParallelOutcome {
    pub ended: Vec<FinishedAnswer>,
    /// Why the output failed.
    pub output_error: Option<OutputError>,
    /// Why the requests could not be written to the ledger.
    pub ledger_error: Option<CommandError>,
    pub remarks: Vec<Remark>,
}

/// Requests all answers, each with a label, under the caps for their sum, and writes the ledger. A
/// signal ends all of them; text that has arrived is kept.
///
/// # Errors
/// As [`run`](crate::ask::run::run). The failure of a single answer is in its outcome.
pub(crate) fn run_all(
    answers: Vec<(String, Prepared)>,
    options: RunOptions,
    order: Order,
    equipment: &Equipment,
    sink: &mut dyn AnswersSink,
) -> Result<ParallelOutcome, CommandError> {
    let (labels, mut prepared) = allowed(answers)?;
    let mut targets: Vec<_> = prepared
        .iter_mut()
        .map(|one| one.targets.as_mut_slice())
        .collect();
    shared_budget::share(&mut targets, equipment)?;
    let mut all: Vec<_> = prepared
        .iter_mut()
        .flat_map(|one| &mut one.targets)
        .collect();
    let guard = SpendGuard::open_all(
        &mut all,
        options.spending(),
        rounds(labels.len()),
        equipment,
    )?;
    let tasks = prepared
        .into_iter()
        .map(|one| one.task(options, guard.limit));
    let mut tasks: Vec<Task> = tasks.collect();
    let traces = traces(&mut tasks, options.trace_name, equipment);
    let slots: Vec<Slot> = labels
        .into_iter()
        .zip(&mut tasks)
        .zip(1..)
        .map(Slot::new)
        .collect();
    sink.start();
    let interrupt = &equipment.interrupt;
    interrupt.arm();
    let collected = block_on(run_workers(tasks, &slots, interrupt, sink));
    interrupt.disarm();
    sink.progress(&Vec::new);
    let (mut ended, output_error) = collected??;
    if order == Order::ByConfidence {
        sort_by_confidence(&mut ended);
    }
    remember_learned(&ended, equipment);
    let places = sink.end(&ended);
    export(&traces, &ended, &places, options, equipment);
    let attempts = ended
        .iter()
        .map(|ended| ended.outcome.answer.attempts.as_slice());
    let recorded: Vec<AnswerAttempts<'_>> = attempts.zip(places).collect();
    let mut remarks = Vec::new();
    let ledger_error = guard.close(&recorded, &mut remarks).err();
    Ok(ParallelOutcome {
        ended,
        output_error,
        ledger_error,
        remarks,
    })
}

/// Starts the trace of each answer.
fn traces(
    tasks: &mut [Task],
    name: &'static str,
    equipment: &Equipment,
) -> Vec<Option<AnswerTrace>> {
    let start = |task: &mut Task| {
        let trace = AnswerTrace::start(equipment, name, task.template.take());
        task.traced(trace.clone());
        trace
    };
    tasks.iter_mut().map(start).collect()
}

/// Sends the traces of all answers together.
fn export(
    traces: &[Option<AnswerTrace>],
    ended: &[FinishedAnswer],
    places: &[Option<TurnPlace>],
    options: RunOptions,
    equipment: &Equipment,
) {
    let mut batch = Batch::default();
    for (index, one) in ended.iter().enumerate() {
        if let Some(Some(trace)) = traces.get(one.number - 1) {
            let place = places.get(index).copied().flatten();
            batch.extend(trace.finish(&one.outcome, place.map(|(session, _)| session)));
        }
    }
    let is_signalled = ended.iter().any(|ended| ended.outcome.is_signalled());
    if is_signalled && !options.is_conversation {
        equipment.telemetry.keep(batch);
    } else {
        equipment.telemetry.export(batch);
    }
}

fn remember_learned(ended: &[FinishedAnswer], equipment: &Equipment) {
    let learned = ended.iter().flat_map(|ended| &ended.outcome.learned);
    adjustments::remember(&learned.cloned().collect::<Vec<_>>(), equipment);
}

fn allowed(answers: Vec<(String, Prepared)>) -> Result<(Vec<String>, Vec<Prepared>), CommandError> {
    let mut labels = Vec::with_capacity(answers.len());
    let mut prepared = Vec::with_capacity(answers.len());
    for (label, one) in answers {
        labels.push(label);
        prepared.push(one.allowed()?);
    }
    Ok((labels, prepared))
}

/// How many times the time limit may pass until the last of `count` answers is complete.
fn rounds(count: usize) -> u32 {
    let rounds = count.div_ceil(MAX_PARALLEL).max(1);
    u32::try_from(rounds).unwrap_or(u32::MAX)
}

/// What is known of one answer while its worker runs.
struct Slot {
    number: usize,
    label: String,
    withholds_text: bool,
    is_replayed: bool,
}

impl Slot {
    /// Marks the requests of the task with its number, by which a recording separates the answers.
    fn new(((label, task), number): ((String, &mut Task), usize)) -> Self {
        for planned in &mut task.targets {
            planned.target.client.lane = Some(number);
        }
        let is_replay = |planned: &PlannedTarget| planned.target.client.is_replay();
        Self {
            number,
            label,
            withholds_text: task.schema.is_some(),
            is_replayed: task.targets.iter().any(is_replay),
        }
    }

    fn ended(&self, mut outcome: Outcome) -> FinishedAnswer {
        answer_media::save(&mut outcome, None);
        FinishedAnswer {
            number: self.number,
            label: self.label.clone(),
            outcome,
            is_replayed: self.is_replayed,
        }
    }
}

async fn run_workers(
    mut tasks: Vec<Task>,
    slots: &[Slot],
    interrupt: &Interrupt,
    sink: &mut dyn AnswersSink,
) -> Result<(Vec<FinishedAnswer>, Option<OutputError>), CommandError> {
    start_demo(tasks.iter_mut().flat_map(|task| &mut task.targets)).await?;
    let (sender, mut receiver) = mpsc::channel(EVENT_QUEUE);
    let (stop, stopped) = watch::channel(());
    let permits = Arc::new(Semaphore::new(MAX_PARALLEL));
    let mut running = JoinSet::new();
    for (index, task) in tasks.into_iter().enumerate() {
        let worker = Worker {
            index,
            task,
            sender: sender.clone(),
            stopped: stopped.clone(),
            interrupt: interrupt.clone(),
        };
        running.spawn(worker.run(Arc::clone(&permits)));
    }
    drop(sender);
    let mut collector = Collector::new(slots);
    sink.progress(&|| collector.progress.lines());
    while let Some(message) = receiver.recv().await {
        if collector.output_error.is_some() {
            collector.record(message);
            continue;
        }
        if let Err(error) = collector.show(message, sink) {
            collector.output_error = Some(error);
            stop.send_replace(());
        } else if receiver.is_empty() {
            // A queued event would redraw the lines at once.
            sink.progress(&|| collector.progress.lines());
        }
    }
    while running.join_next().await.is_some() {}
    Ok((
        collector.ended.into_iter().flatten().collect(),
        collector.output_error,
    ))
}

/// Collects the events of all answers.
struct Collector<'a> {
    slots: &'a [Slot],
    progress: Progress,
    ended: Vec<Option<FinishedAnswer>>,
    output_error: Option<OutputError>,
    /// Reasons that have been shown: each is shown once, for however many answers.
    shown_reasons: BTreeSet<String>,
}

impl<'a> Collector<'a> {
    fn new(slots: &'a [Slot]) -> Self {
        let labels = slots.iter().map(|slot| slot.label.clone()).collect();
        Self {
            slots,
            progress: Progress::new(labels),
            ended: slots.iter().map(|_| None).collect(),
            output_error: None,
            shown_reasons: BTreeSet::new(),
        }
    }

    /// Records a message without showing it. Returns the answer that it ends.
    fn record(&mut self, message: WorkerMessage) -> Option<&FinishedAnswer> {
        let WorkerMessage::Ended(index, outcome) = message else {
            return None;
        };
        self.progress.finish(index, &outcome);
        Some(self.ended[index].insert(self.slots[index].ended(*outcome)))
    }

    fn show(
        &mut self,
        message: WorkerMessage,
        sink: &mut dyn AnswersSink,
    ) -> Result<(), OutputError> {
        let (index, mut event) = match message {
            WorkerMessage::Event(index, event) => (index, event),
            ended @ WorkerMessage::Ended(..) => {
                let ended = self.record(ended);
                return ended.map_or(Ok(()), |ended| sink.end_one(ended.number, ended));
            }
        };
        self.progress.update(index, &event);
        let slot = &self.slots[index];
        let is_withheld = match &mut event {
            ChatEvent::Text(_) => slot.withholds_text,
            ChatEvent::Retry { failed, .. } => {
                // The answers fail side by side, for one reason.
                failed.is_repeated = !self.shown_reasons.insert(failed.why.clone());
                false
            }
            ChatEvent::WithoutLogprobs { why } | ChatEvent::AskAgain { why } => {
                !self.shown_reasons.insert(why.clone())
            }
            _ => false,
        };
        if is_withheld {
            return Ok(());
        }
        sink.event(slot.number, &event)
    }
}
