//! Several answers at once: a bounded number of streams, each pulled by a task of its own, and one place where their events meet.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Instant;

use tokio::sync::{Semaphore, mpsc, watch};
use tokio::task::JoinSet;

use super::asking::{Asked, Asking, Ending};
use super::plan::Planned;
use super::progress::Progress;
use super::report::AnswerReport;
use super::structured::judged::{fail, settle, violated};
use super::{readiness, structured};
use crate::chat::answer::Answer;
use crate::chat::attempts::{self, ChatStream};
use crate::chat::confidence::Confidence;
use crate::chat::declaration::{self, DeclarationFilter, Declared};
use crate::chat::error::{ChatError, ChatFailure};
use crate::chat::event::ChatEvent;
use crate::chat::leg::AskOptions;
use crate::chat::refusal::{Refusal, RefusalKind, RoutingRule};
use crate::chat::schema::Schema;
use crate::chat::turn::TurnState;
use crate::commands::context::{Context, block_on};
use crate::commands::error::{CommandError, Kind};
use crate::commands::interrupt::{Interrupt, Signal};
use crate::commands::output::{AnswerForm, OutputError};

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
}

/// What came of one.
pub struct Ended {
    pub label: String,
    pub asked: Asked,
    /// How sure the model is; of complete answers that were asked for it.
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
    u32::try_from(count.div_ceil(AT_ONCE)).unwrap_or(u32::MAX).max(1)
}

/// Asks all of them, and shows how far each has come. A signal ends all; what has arrived stays.
pub fn run(mut lanes: Vec<Lane>, form: AnswerForm, context: &mut Context<'_>) -> Result<Outcome, CommandError> {
    context.output.begin_answer(form);
    context.interrupt.arm();
    let interrupt = context.interrupt.clone();
    let tasks = lanes.iter_mut().map(Lane::task).collect();
    let gathered = block_on(gather(tasks, &lanes, context));
    interrupt.disarm();
    context.output.progress(&[]);
    gathered?
}

impl Lane {
    pub fn new(label: String, planned: Vec<Planned>, mut asking: Asking, schema: Option<Arc<Schema>>) -> Self {
        asking.withholds_text = schema.is_some();
        let is_replayed = planned.iter().any(|planned| planned.leg.client.is_replay());
        Self { label, planned, asking, schema, declares: false, is_replayed }
    }

    /// The same of a model that was asked how sure it is.
    #[must_use]
    pub fn declaring(self) -> Self {
        Self { declares: true, ..self }
    }

    fn task(&mut self) -> Task {
        let planned = std::mem::take(&mut self.planned);
        Task { planned, options: self.asking.options, schema: self.schema.clone(), declares: self.declares }
    }

    /// What came of it, judged by the schema where there is one.
    fn judge(&self, ending: Ending) -> Asked {
        let mut asked = self.asking.judge(ending);
        if let Some(schema) = self.schema.as_ref().filter(|_| asked.state == TurnState::Complete) {
            let is_read_by_people = matches!(self.asking.form, AnswerForm::Text { .. });
            if let Err(violations) = settle(&mut asked, schema, is_read_by_people, &self.asking) {
                fail(&mut asked, violated("the answer does not keep to the schema", &violations));
            }
        }
        asked
    }
}

impl Ended {
    fn new(lane: &Lane, ending: Ending, declared: Option<&Declared>) -> Self {
        let asked = lane.judge(ending);
        let is_rated = lane.declares && asked.error.is_none();
        let confidence = is_rated.then(|| Confidence::judge(&asked.answer.logprobs, declared, lane.asking.thresholds));
        Self { label: lane.label.clone(), asked, confidence, is_replayed: lane.is_replayed }
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
    let is_signal = |error: &CommandError| matches!(error.kind, Kind::Interrupted | Kind::Terminated | Kind::HungUp);
    let signal = ended.iter().find_map(|ended| ended.asked.error.as_ref().filter(|error| is_signal(error)).map(|error| error.kind));
    if let Some(kind) = signal {
        return Some(CommandError::new(kind, ""));
    }
    let failed = ended.iter().filter(|ended| ended.asked.error.is_some()).count();
    let first = ended.iter_mut().find_map(|ended| ended.asked.error.take())?;
    if failed == count {
        return Some(first);
    }
    let words = first.cause().map_or_else(|| first.message.clone(), |cause| format!("{}: {cause}", first.message));
    let partial = CommandError::new(Kind::Partial, format!("{failed} of {count} {what} failed")).caused_by_words(words);
    Some(CommandError { hints: first.hints, status: first.status, retryable: first.retryable, ..partial })
}

/// What the task of an answer tells.
enum Message {
    Event(usize, ChatEvent),
    Ended(usize, Box<Ending>, Option<Declared>),
}

/// What a task needs of its lane.
struct Task {
    planned: Vec<Planned>,
    options: AskOptions,
    schema: Option<Arc<Schema>>,
    declares: bool,
}

async fn gather(mut tasks: Vec<Task>, lanes: &[Lane], context: &mut Context<'_>) -> Result<Outcome, CommandError> {
    readiness::start_demo(tasks.iter_mut().flat_map(|task| task.planned.iter_mut().map(|planned| &mut planned.leg))).await?;
    let (sender, mut receiver) = mpsc::channel(EVENTS_AHEAD);
    let (stop, stopped) = watch::channel(());
    let permits = Arc::new(Semaphore::new(AT_ONCE));
    let mut running = JoinSet::new();
    for (index, task) in tasks.into_iter().enumerate() {
        let puller = Puller { index, task, sender: sender.clone(), stopped: stopped.clone(), interrupt: context.interrupt.clone() };
        running.spawn(puller.run(Arc::clone(&permits)));
    }
    drop(sender);
    let mut board = Board::new(lanes);
    context.output.progress(&board.progress.lines());
    while let Some(message) = receiver.recv().await {
        if board.unshown.is_some() {
            board.take(message, lanes);
            continue;
        }
        if let Err(error) = board.show(message, lanes, context) {
            board.unshown = Some(error);
            stop.send_replace(());
        }
    }
    while let Some(task) = running.join_next().await {
        if let Err(fault) = task
            && let Ok(panic) = fault.try_into_panic()
        {
            std::panic::resume_unwind(panic);
        }
    }
    Ok(Outcome { ended: board.ended.into_iter().flatten().collect(), unshown: board.unshown })
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
        Self { progress: Progress::new(labels), ended: lanes.iter().map(|_| None).collect(), unshown: None, said: BTreeSet::new() }
    }

    /// Takes a message that nobody sees; gives the end of an answer.
    fn take(&mut self, message: Message, lanes: &[Lane]) -> Option<&Ended> {
        let Message::Ended(index, ending, declared) = message else { return None };
        self.progress.end(index, &ending);
        Some(self.ended[index].insert(Ended::new(&lanes[index], *ending, declared.as_ref())))
    }

    fn show(&mut self, message: Message, lanes: &[Lane], context: &mut Context<'_>) -> Result<(), OutputError> {
        match message {
            Message::Event(index, event) => {
                self.progress.see(index, &event);
                let is_withheld = match &event {
                    ChatEvent::Text(_) => lanes[index].asking.withholds_text,
                    ChatEvent::WithoutLogprobs { why } | ChatEvent::AskAgain { why } => !self.said.insert(why.clone()),
                    _ => false,
                };
                if !is_withheld {
                    context.output.event_of(index + 1, &event)?;
                }
            }
            Message::Ended(index, ..) => {
                let Some(ended) = self.take(message, lanes) else { return Ok(()) };
                if let Some(note) = &ended.asked.note
                    && ended.asked.error.is_none()
                {
                    context.output.note(&format!("{}: {note}", ended.label));
                }
                if ended.asked.structured.is_some() {
                    context.output.event_of(index + 1, &ChatEvent::Structured(ended.asked.answer.text.clone()))?;
                }
                context.output.end_of(index + 1, &ended.report(), ended.asked.error.as_ref())?;
            }
        }
        context.output.progress(&self.progress.lines());
        Ok(())
    }
}

/// Pulls one answer, and tells what comes.
struct Puller {
    index: usize,
    task: Task,
    sender: mpsc::Sender<Message>,
    /// Changes when nobody looks any more.
    stopped: watch::Receiver<()>,
    interrupt: Interrupt,
}

/// How one stream ended.
type End = (Ending, Option<Declared>);

impl Puller {
    async fn run(mut self, permits: Arc<Semaphore>) {
        let interrupt = self.interrupt.clone();
        let permit = tokio::select! {
            biased;
            signal = interrupt.wait() => Err(signal),
            permit = permits.acquire() => Ok(permit),
        };
        let (ending, declared) = match permit {
            Err(signal) => (Ending::Signalled(signal, Box::default()), None),
            Ok(_permit) => self.ask().await,
        };
        // Where nobody receives any more, nobody has a use for it.
        let _ = self.sender.send(Message::Ended(self.index, Box::new(ending), declared)).await;
    }

    /// Asks; once more in another form when it is the form that the provider refuses.
    async fn ask(&mut self) -> End {
        let started = Instant::now();
        let mut earlier: Option<Answer> = None;
        loop {
            self.task.options.used = started.elapsed();
            let legs = self.task.planned.iter().map(|planned| planned.leg.clone()).collect();
            let (mut ending, declared) = self.pull(attempts::start(legs, self.task.options)).await;
            let again = if let Ending::Failed(failure) = &ending { self.task.refused(failure) } else { None };
            let answer = answer_of(&mut ending);
            if let Some(earlier) = earlier.take() {
                answer.follow(earlier);
            }
            let Some(event) = again else { return (ending, declared) };
            earlier = Some(std::mem::take(answer));
            self.tell(event).await;
        }
    }

    async fn pull(&mut self, mut stream: ChatStream) -> End {
        let mut filter = DeclarationFilter::default();
        let interrupt = self.interrupt.clone();
        let mut ending = loop {
            let event = tokio::select! {
                biased;
                signal = interrupt.wait() => break Ending::Signalled(signal, Box::new(stream.into_partial())),
                _ = self.stopped.changed() => break Ending::Unshown(OutputError::Closed, Box::new(stream.into_partial())),
                event = stream.next() => event,
            };
            match event {
                Ok(Some(ChatEvent::End(answer))) => break Ending::Complete(answer),
                Ok(Some(ChatEvent::Text(text))) if self.task.declares => {
                    let mut certain = String::new();
                    filter.push(&text, &mut certain);
                    self.tell_text(certain).await;
                }
                Ok(Some(event)) => self.tell(event).await,
                Ok(None) => break Ending::Complete(Box::default()),
                Err(failure) => break Asking::ending_of(failure, &interrupt).await,
            }
        };
        if !self.task.declares {
            return (ending, None);
        }
        let mut rest = String::new();
        let declared = filter.finish(&mut rest);
        self.tell_text(rest).await;
        if declared.is_some() {
            let answer = answer_of(&mut ending);
            answer.text = declaration::strip(&answer.text).0;
        }
        (ending, declared)
    }

    async fn tell_text(&self, text: String) {
        if !text.is_empty() {
            self.tell(ChatEvent::Text(text)).await;
        }
    }

    async fn tell(&self, event: ChatEvent) {
        let _ = self.sender.send(Message::Event(self.index, event)).await;
    }
}

/// What has arrived.
fn answer_of(ending: &mut Ending) -> &mut Answer {
    match ending {
        Ending::Complete(answer) | Ending::Signalled(_, answer) | Ending::Unshown(_, answer) => answer,
        Ending::Failed(failure) => &mut failure.partial,
    }
}

impl Task {
    /// Takes back what the provider refused, where there is another way. Gives what is to be told of it.
    fn refused(&mut self, failure: &ChatFailure) -> Option<ChatEvent> {
        let ChatError::Refused(refusal) = &failure.error else { return None };
        if failure.partial.has_visible_text {
            return None;
        }
        if self.declares && refuses_logprobs(refusal) && self.without_logprobs() {
            return Some(ChatEvent::WithoutLogprobs { why: crate::chat::error::explain(&failure.error) });
        }
        let schema = self.schema.as_ref()?;
        let planned = self.planned.iter_mut().find(|planned| planned.leg.profile == failure.partial.profile)?;
        structured::step_down(planned, schema, refusal).map(|why| ChatEvent::AskAgain { why })
    }

    /// Asks for no log probabilities any more. False when none were asked for.
    fn without_logprobs(&mut self) -> bool {
        let mut is_changed = false;
        for planned in &mut self.planned {
            // The one makes no sense without the other.
            for field in ["logprobs", "top_logprobs"] {
                is_changed = planned.leg.request.extra.shift_remove(field).is_some() || is_changed;
            }
        }
        is_changed
    }
}

/// Whether it is the log probabilities that the provider, or every one it routes to, does not know.
fn refuses_logprobs(refusal: &Refusal) -> bool {
    let names = |text: &str| text.to_ascii_lowercase().replace(['_', ' '], "").contains("logprob");
    let field = matches!(&refusal.kind, RefusalKind::BadRequest { field: Some(field) } if names(field));
    let is_parameter = refusal.kind == RefusalKind::NoEndpoint { rule: RoutingRule::Parameters };
    matches!(refusal.status, 400 | 404 | 422) && (field || is_parameter || names(&refusal.message))
}

/// Whether a signal ended it.
pub fn is_signalled(error: Option<&CommandError>) -> bool {
    error.is_some_and(|error| [Signal::Interrupt, Signal::Terminate, Signal::HangUp].iter().any(|signal| signal.kind() == error.kind))
}
