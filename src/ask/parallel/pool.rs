//! Asks for all answers, and is the one place where their events meet.

use std::collections::BTreeSet;
use std::sync::Arc;

use tokio::sync::{Semaphore, mpsc, watch};
use tokio::task::JoinSet;

use super::progress::Progress;
use super::worker::{Message, Worker};
use crate::ask::ended::{Ended, sort_by_confidence};
use crate::ask::outcome::Outcome;
use crate::ask::plan::PlannedTarget;
use crate::ask::preflight::shared_budget;
use crate::ask::prepare::Prepared;
use crate::ask::rounds::Task;
use crate::ask::run::{RunOptions, start_demo};
use crate::ask::sink::AnswersSink;
use crate::ask::spend::SpendGuard;
use crate::chat::event::ChatEvent;
use crate::config::options::Remark;
use crate::ports::equipment::{Equipment, block_on};
use crate::ports::error::CommandError;
use crate::ports::interrupt::Interrupt;
use crate::ports::output::OutputError;
use crate::store::AnswerAttempts;

/// Most answers that are asked for at the same time; others wait for one of them to end.
const AT_ONCE: usize = 5;

/// Events that may wait to be shown before their streams wait as well.
const EVENTS_AHEAD: usize = 64;

/// In which order the answers are given back and stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    AsAsked,
    /// The most confident first, what failed last.
    ByConfidence,
}

/// What came of all of them.
pub struct Together {
    pub ended: Vec<Ended>,
    /// Why nothing more could be shown.
    pub unshown: Option<OutputError>,
    /// Why what was sent is not in the ledger, if it is not.
    pub unbooked: Option<CommandError>,
    pub remarks: Vec<Remark>,
}

/// Asks for all of them, each with a label, within the caps that hold for all of them together, and
/// books what was sent. A signal ends all; what has arrived stays.
///
/// # Errors
/// As [`run`](crate::ask::run::run): what became of a single answer is in its outcome.
pub fn run_all(
    answers: Vec<(String, Prepared)>,
    options: RunOptions,
    order: Order,
    equipment: &Equipment,
    sink: &mut dyn AnswersSink,
) -> Result<Together, CommandError> {
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
    let guard = SpendGuard::open_all(&mut all, options.limit, rounds(labels.len()), equipment)?;
    let tasks = prepared
        .into_iter()
        .map(|one| one.task(options, guard.limit));
    let mut tasks: Vec<Task> = tasks.collect();
    let slots: Vec<Slot> = labels
        .into_iter()
        .zip(&mut tasks)
        .zip(1..)
        .map(Slot::new)
        .collect();
    sink.begin();
    let interrupt = &equipment.interrupt;
    interrupt.arm();
    let gathered = block_on(gather(tasks, &slots, interrupt, sink));
    interrupt.disarm();
    sink.progress(&Vec::new);
    let (mut ended, unshown) = gathered??;
    if order == Order::ByConfidence {
        sort_by_confidence(&mut ended);
    }
    let places = sink.end(&ended);
    let attempts = ended
        .iter()
        .map(|ended| ended.outcome.answer.attempts.as_slice());
    let booked: Vec<AnswerAttempts<'_>> = attempts.zip(places).collect();
    let mut remarks = Vec::new();
    let unbooked = guard.close(&booked, &mut remarks).err();
    Ok(Together {
        ended,
        unshown,
        unbooked,
        remarks,
    })
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

/// Rounds in which so many answers are asked for.
fn rounds(count: usize) -> u32 {
    let rounds = count.div_ceil(AT_ONCE).max(1);
    u32::try_from(rounds).unwrap_or(u32::MAX)
}

/// What the pool keeps of one answer while its worker asks.
struct Slot {
    number: usize,
    label: String,
    withholds_text: bool,
    is_replayed: bool,
}

impl Slot {
    /// Marks the requests of the task with its number: a recording keeps the answers apart by it.
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

    fn ended(&self, outcome: Outcome) -> Ended {
        Ended {
            number: self.number,
            label: self.label.clone(),
            outcome,
            is_replayed: self.is_replayed,
        }
    }
}

async fn gather(
    mut tasks: Vec<Task>,
    slots: &[Slot],
    interrupt: &Interrupt,
    sink: &mut dyn AnswersSink,
) -> Result<(Vec<Ended>, Option<OutputError>), CommandError> {
    start_demo(tasks.iter_mut().flat_map(|task| &mut task.targets)).await?;
    let (sender, mut receiver) = mpsc::channel(EVENTS_AHEAD);
    let (stop, stopped) = watch::channel(());
    let permits = Arc::new(Semaphore::new(AT_ONCE));
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
    let mut board = Board::new(slots);
    sink.progress(&|| board.progress.lines());
    while let Some(message) = receiver.recv().await {
        if board.unshown.is_some() {
            board.take(message);
            continue;
        }
        if let Err(error) = board.show(message, sink) {
            board.unshown = Some(error);
            stop.send_replace(());
        } else if receiver.is_empty() {
            // What waits would only be drawn over.
            sink.progress(&|| board.progress.lines());
        }
    }
    while let Some(task) = running.join_next().await {
        if let Err(fault) = task
            && let Ok(panic) = fault.try_into_panic()
        {
            std::panic::resume_unwind(panic);
        }
    }
    Ok((board.ended.into_iter().flatten().collect(), board.unshown))
}

/// Where the events of all answers meet.
struct Board<'a> {
    slots: &'a [Slot],
    progress: Progress,
    ended: Vec<Option<Ended>>,
    unshown: Option<OutputError>,
    /// What is said once, however many answers it happens to.
    said: BTreeSet<String>,
}

impl<'a> Board<'a> {
    fn new(slots: &'a [Slot]) -> Self {
        let labels = slots.iter().map(|slot| slot.label.clone()).collect();
        Self {
            slots,
            progress: Progress::new(labels),
            ended: slots.iter().map(|_| None).collect(),
            unshown: None,
            said: BTreeSet::new(),
        }
    }

    /// Takes a message that nobody sees; gives the answer that it ends.
    fn take(&mut self, message: Message) -> Option<&Ended> {
        let Message::Ended(index, outcome) = message else {
            return None;
        };
        self.progress.end(index, &outcome);
        Some(self.ended[index].insert(self.slots[index].ended(*outcome)))
    }

    fn show(&mut self, message: Message, sink: &mut dyn AnswersSink) -> Result<(), OutputError> {
        let (index, event) = match message {
            Message::Event(index, event) => (index, event),
            ended @ Message::Ended(..) => {
                let ended = self.take(ended);
                return ended.map_or(Ok(()), |ended| sink.end_of(ended.number, ended));
            }
        };
        self.progress.see(index, &event);
        let slot = &self.slots[index];
        let is_withheld = match &event {
            ChatEvent::Text(_) => slot.withholds_text,
            ChatEvent::WithoutLogprobs { why } | ChatEvent::AskAgain { why } => {
                !self.said.insert(why.clone())
            }
            _ => false,
        };
        if is_withheld {
            return Ok(());
        }
        sink.event(slot.number, &event)
    }
}
