//! Several answers at once: a bounded number of streams, each pulled by a task of its own, and one
//! place where their events meet.

use std::collections::BTreeSet;
use std::sync::Arc;

use tokio::sync::{Semaphore, mpsc, watch};
use tokio::task::JoinSet;

use super::progress::Progress;
use super::worker::{Message, Puller, Task};
use crate::ask::plan::Planned;
use crate::ask::preflight;
use crate::ask::run::{Asked, Asking, Ending};
use crate::ask::schema_verdict::{fail, settle, violated};
use crate::chat::confidence::Confidence;
use crate::chat::declaration::Declared;
use crate::chat::event::ChatEvent;
use crate::chat::schema::Schema;
use crate::chat::turn::TurnState;
use crate::ports::answer_report::AnswerReport;
use crate::ports::context::{Context, block_on};
use crate::ports::error::{CommandError, ErrorKind};
use crate::ports::interrupt::Signal;
use crate::ports::output::{AnswerForm, OutputError};

/// Most answers that come about at the same time; others wait for one of them to end.
pub const AT_ONCE: usize = 5;

/// Events that may wait to be shown before their streams wait as well.
const EVENTS_AHEAD: usize = 64;

/// One of the answers.
pub struct Lane {
    /// What it is called while it comes about.
    label: String,
    planned: Vec<Planned>,
    asking: Asking,
    /// What it has to keep to.
    schema: Option<Arc<Schema>>,
    /// The model was asked to declare its confidence, and for log probabilities on top.
    declares: bool,
    is_replayed: bool,
    /// A value is shown to people, indented.
    is_indented: bool,
}

/// What came of one.
pub struct Ended {
    pub label: String,
    pub asked: Asked,
    /// How sure the model is, where it was asked to declare that, of complete answers only.
    pub confidence: Option<Confidence>,
    pub is_replayed: bool,
}

/// What came of all, in the order in which they were given.
pub struct Outcome {
    pub ended: Vec<Ended>,
    /// Why nothing more could be shown.
    pub unshown: Option<OutputError>,
}

/// Rounds in which so many answers come about.
pub fn rounds(count: usize) -> u32 {
    u32::try_from(count.div_ceil(AT_ONCE))
        .unwrap_or(u32::MAX)
        .max(1)
}

/// Asks all of them, and shows how far each has come. A signal ends all; what has arrived stays.
pub fn run(
    mut lanes: Vec<Lane>,
    form: AnswerForm,
    context: &mut Context<'_>,
) -> Result<Outcome, CommandError> {
    context.output.begin_answer(form);
    context.interrupt.arm();
    let interrupt = context.interrupt.clone();
    let is_indented = matches!(form, AnswerForm::Text { .. }) && context.output.is_terminal();
    lanes
        .iter_mut()
        .for_each(|lane| lane.is_indented = is_indented);
    let tasks = (1..)
        .zip(&mut lanes)
        .map(|(number, lane)| lane.task(number))
        .collect();
    let gathered = block_on(gather(tasks, &lanes, context));
    interrupt.disarm();
    context.output.progress(&Vec::new);
    gathered?
}

impl Lane {
    pub fn new(
        label: String,
        planned: Vec<Planned>,
        mut asking: Asking,
        schema: Option<Arc<Schema>>,
    ) -> Self {
        asking.withholds_text = schema.is_some();
        let is_replayed = planned
            .iter()
            .any(|planned| planned.target.client.is_replay());
        Self {
            label,
            planned,
            asking,
            schema,
            declares: false,
            is_replayed,
            is_indented: false,
        }
    }

    /// The same of a model that was asked how sure it is.
    #[must_use]
    pub fn declaring(self) -> Self {
        Self {
            declares: true,
            ..self
        }
    }

    fn task(&mut self, number: usize) -> Task {
        let mut planned = std::mem::take(&mut self.planned);
        planned
            .iter_mut()
            .for_each(|planned| planned.target.client.lane = Some(number));
        Task {
            planned,
            options: self.asking.options,
            schema: self.schema.clone(),
            declares: self.declares,
        }
    }

    /// What came of it, judged by the schema where there is one.
    fn judge(&self, ending: Ending) -> Asked {
        let mut asked = self.asking.judge(ending);
        if let Some(schema) = self
            .schema
            .as_ref()
            .filter(|_| asked.state == TurnState::Complete)
            && let Err(violations) = settle(&mut asked, schema, self.is_indented, &self.asking)
        {
            fail(
                &mut asked,
                violated("the answer does not keep to the schema", &violations),
            );
        }
        asked
    }
}

impl Ended {
    fn new(lane: &Lane, ending: Ending, declared: Option<&Declared>) -> Self {
        let asked = lane.judge(ending);
        let (logprobs, thresholds) = (&asked.answer.logprobs, lane.asking.thresholds);
        let confidence = match (&asked.error, lane.declares) {
            (None, true) => Some(Confidence::judge(logprobs, declared, thresholds)),
            // Only what is complete takes part in the order of alternatives.
            (Some(_), true) => None,
            (_, false) => logprobs.confidence(thresholds),
        };
        Self {
            label: lane.label.clone(),
            asked,
            confidence,
            is_replayed: lane.is_replayed,
        }
    }

    /// It as the output shows it.
    pub fn report(&self) -> AnswerReport<'_> {
        AnswerReport {
            answer: &self.asked.answer,
            confidence: self.confidence,
            state: self.asked.state,
            structured: self.asked.structured.as_ref(),
            session: None,
            is_replayed: self.is_replayed,
        }
    }
}

/// The error of all together: none when all are complete, the signal that ended them, the first
/// failure when all failed, and else that some did.
pub fn verdict(ended: &mut [Ended], what: &str) -> Option<CommandError> {
    let count = ended.len();
    let is_signal = |error: &CommandError| {
        matches!(
            error.kind,
            ErrorKind::Interrupted | ErrorKind::Terminated | ErrorKind::HungUp
        )
    };
    let signal = ended.iter().find_map(|ended| {
        ended
            .asked
            .error
            .as_ref()
            .filter(|error| is_signal(error))
            .map(|error| error.kind)
    });
    if let Some(kind) = signal {
        return Some(CommandError::new(kind, ""));
    }
    let failed = ended
        .iter()
        .filter(|ended| ended.asked.error.is_some())
        .count();
    let first = ended
        .iter_mut()
        .find_map(|ended| ended.asked.error.take())?;
    if failed == count {
        return Some(first);
    }
    let words = first.cause().map_or_else(
        || first.message.clone(),
        |cause| format!("{}: {cause}", first.message),
    );
    let partial = CommandError::new(
        ErrorKind::Partial,
        format!("{failed} of {count} {what} failed"),
    )
    .caused_by_words(words);
    Some(CommandError {
        hints: first.hints,
        status: first.status,
        retryable: first.retryable,
        ..partial
    })
}

async fn gather(
    mut tasks: Vec<Task>,
    lanes: &[Lane],
    context: &mut Context<'_>,
) -> Result<Outcome, CommandError> {
    preflight::start_demo(
        tasks
            .iter_mut()
            .flat_map(|task| task.planned.iter_mut().map(|planned| &mut planned.target)),
    )
    .await?;
    let (sender, mut receiver) = mpsc::channel(EVENTS_AHEAD);
    let (stop, stopped) = watch::channel(());
    let permits = Arc::new(Semaphore::new(AT_ONCE));
    let mut running = JoinSet::new();
    for (index, task) in tasks.into_iter().enumerate() {
        let puller = Puller {
            index,
            task,
            sender: sender.clone(),
            stopped: stopped.clone(),
            interrupt: context.interrupt.clone(),
        };
        running.spawn(puller.run(Arc::clone(&permits)));
    }
    drop(sender);
    let mut board = Board::new(lanes);
    context.output.progress(&|| board.progress.lines());
    while let Some(message) = receiver.recv().await {
        if board.unshown.is_some() {
            board.take(message, lanes);
            continue;
        }
        if let Err(error) = board.show(message, lanes, context) {
            board.unshown = Some(error);
            stop.send_replace(());
        } else if receiver.is_empty() {
            // What waits would only be drawn over.
            context.output.progress(&|| board.progress.lines());
        }
    }
    while let Some(task) = running.join_next().await {
        if let Err(fault) = task
            && let Ok(panic) = fault.try_into_panic()
        {
            std::panic::resume_unwind(panic);
        }
    }
    Ok(Outcome {
        ended: board.ended.into_iter().flatten().collect(),
        unshown: board.unshown,
    })
}

/// Where the events of all answers meet.
struct Board {
    progress: Progress,
    ended: Vec<Option<Ended>>,
    unshown: Option<OutputError>,
    /// What is said once, however many answers it happens to.
    said: BTreeSet<String>,
}

impl Board {
    fn new(lanes: &[Lane]) -> Self {
        let labels = lanes.iter().map(|lane| lane.label.clone()).collect();
        Self {
            progress: Progress::new(labels),
            ended: lanes.iter().map(|_| None).collect(),
            unshown: None,
            said: BTreeSet::new(),
        }
    }

    /// Takes a message that nobody sees; gives the end of an answer.
    fn take(&mut self, message: Message, lanes: &[Lane]) -> Option<&Ended> {
        let Message::Ended(index, ending, declared) = message else {
            return None;
        };
        self.progress.end(index, &ending);
        Some(self.ended[index].insert(Ended::new(&lanes[index], *ending, declared.as_ref())))
    }

    fn show(
        &mut self,
        message: Message,
        lanes: &[Lane],
        context: &mut Context<'_>,
    ) -> Result<(), OutputError> {
        match message {
            Message::Event(index, event) => {
                self.progress.see(index, &event);
                let is_withheld = match &event {
                    ChatEvent::Text(_) => lanes[index].asking.withholds_text,
                    ChatEvent::WithoutLogprobs { why } | ChatEvent::AskAgain { why } => {
                        !self.said.insert(why.clone())
                    }
                    _ => false,
                };
                if !is_withheld {
                    context.output.event_of(index + 1, &event)?;
                }
            }
            Message::Ended(index, ..) => {
                let Some(ended) = self.take(message, lanes) else {
                    return Ok(());
                };
                if let Some(note) = &ended.asked.note
                    && ended.asked.error.is_none()
                {
                    context.output.note(&format!("{}: {note}", ended.label));
                }
                if ended.asked.structured.is_some() {
                    context.output.event_of(
                        index + 1,
                        &ChatEvent::Structured(ended.asked.answer.text.clone()),
                    )?;
                }
                context
                    .output
                    .end_of(index + 1, &ended.report(), ended.asked.error.as_ref())?;
            }
        }
        Ok(())
    }
}

/// Whether a signal ended it.
pub fn is_signalled(error: Option<&CommandError>) -> bool {
    error.is_some_and(|error| {
        [Signal::Interrupt, Signal::Terminate, Signal::HangUp]
            .iter()
            .any(|signal| signal.kind() == error.kind)
    })
}
