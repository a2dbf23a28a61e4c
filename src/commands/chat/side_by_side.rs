//! Several answers at once: a bounded number of streams, each pulled by a task of its own, and one place where their events meet.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Instant;

use tokio::sync::{Semaphore, mpsc, watch};
use tokio::task::JoinSet;

use super::asking::{Asked, Asking, Ending};
use super::progress::Progress;
use crate::chat::answer::Answer;
use crate::chat::attempts::{self, ChatStream};
use crate::chat::confidence::Confidence;
use crate::chat::declaration::{self, DeclarationFilter, Declared};
use crate::chat::error::ChatError;
use crate::chat::event::ChatEvent;
use crate::chat::leg::{AskOptions, Leg};
use crate::chat::refusal::{RefusalKind, RoutingRule};
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
    pub label: String,
    pub legs: Vec<Leg>,
    pub asking: Asking,
    /// The model was asked to declare its confidence, and for log probabilities on top.
    pub declares: bool,
}

/// What came of one.
pub struct Ended {
    pub label: String,
    pub asked: Asked,
    /// How sure the model is; of complete answers that were asked for it.
    pub confidence: Option<Confidence>,
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
    let tasks = lanes.iter_mut().map(|lane| (std::mem::take(&mut lane.legs), lane.asking.options, lane.declares)).collect();
    let gathered = block_on(gather(tasks, &lanes, context));
    interrupt.disarm();
    context.output.progress(&[]);
    gathered?
}

impl Ended {
    fn new(lane: &Lane, ending: Ending, declared: Option<&Declared>) -> Self {
        let asked = lane.asking.judge(ending);
        let is_rated = lane.declares && asked.error.is_none();
        let confidence = is_rated.then(|| Confidence::judge(&asked.answer.logprobs, declared, lane.asking.thresholds));
        Self { label: lane.label.clone(), asked, confidence }
    }

    /// It as the output shows it.
    pub fn report(&self) -> super::report::AnswerReport<'_> {
        super::report::AnswerReport { answer: &self.asked.answer, confidence: self.confidence, state: self.asked.state, session: None }
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
type Task = (Vec<Leg>, AskOptions, bool);

async fn gather(mut tasks: Vec<Task>, lanes: &[Lane], context: &mut Context<'_>) -> Result<Outcome, CommandError> {
    let no_port = |source| CommandError::new(Kind::LocalIo, "the demo cannot open a port on this machine").caused_by(source);
    crate::demo::start_for(tasks.iter_mut().flat_map(|(legs, ..)| legs)).await.map_err(no_port)?;
    let (sender, mut receiver) = mpsc::channel(EVENTS_AHEAD);
    let (stop, stopped) = watch::channel(());
    let permits = Arc::new(Semaphore::new(AT_ONCE));
    let mut running = JoinSet::new();
    for (index, (legs, options, declares)) in tasks.into_iter().enumerate() {
        let puller = Puller { index, options, declares, sender: sender.clone(), stopped: stopped.clone(), interrupt: context.interrupt.clone() };
        running.spawn(puller.run(legs, Arc::clone(&permits)));
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
                let is_repeated = matches!(&event, ChatEvent::WithoutLogprobs { why } if !self.said.insert(why.clone()));
                if !is_repeated {
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
    options: AskOptions,
    declares: bool,
    sender: mpsc::Sender<Message>,
    /// Changes when nobody looks any more.
    stopped: watch::Receiver<()>,
    interrupt: Interrupt,
}

/// How one stream ended.
type End = (Ending, Option<Declared>);

impl Puller {
    async fn run(mut self, legs: Vec<Leg>, permits: Arc<Semaphore>) {
        let interrupt = self.interrupt.clone();
        let permit = tokio::select! {
            biased;
            signal = interrupt.wait() => Err(signal),
            permit = permits.acquire() => Ok(permit),
        };
        let (ending, declared) = match permit {
            Err(signal) => (Ending::Signalled(signal, Box::default()), None),
            Ok(_permit) => self.ask(legs).await,
        };
        // Where nobody receives any more, nobody has a use for it.
        let _ = self.sender.send(Message::Ended(self.index, Box::new(ending), declared)).await;
    }

    /// Asks; once more without log probabilities when they are what the provider refuses.
    async fn ask(&mut self, legs: Vec<Leg>) -> End {
        let started = Instant::now();
        let without = if self.declares { without_logprobs(&legs) } else { None };
        let (ending, declared) = self.pull(attempts::start(legs, self.options)).await;
        let (Ending::Failed(failure), Some(legs)) = (&ending, without) else { return (ending, declared) };
        if !refuses_logprobs(&failure.error) || failure.partial.has_visible_text {
            return (ending, declared);
        }
        let why = attempts::explain(&failure.error);
        let before = failure.partial.attempts.clone();
        self.tell(ChatEvent::WithoutLogprobs { why }).await;
        let waited = started.elapsed();
        let options = AskOptions { limit: self.options.limit.map(|limit| limit.saturating_sub(waited)), ..self.options };
        let (mut ending, declared) = self.pull(attempts::start(legs, options)).await;
        let answer = answer_of(&mut ending);
        answer.attempts.splice(0..0, before);
        answer.first_token = answer.first_token.map(|first| first + waited);
        answer.total += waited;
        (ending, declared)
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
                Ok(Some(ChatEvent::Text(text))) if self.declares => {
                    let mut certain = String::new();
                    filter.push(&text, &mut certain);
                    self.tell_text(certain).await;
                }
                Ok(Some(event)) => self.tell(event).await,
                Ok(None) => break Ending::Complete(Box::default()),
                Err(failure) => break Asking::ending_of(failure, &interrupt).await,
            }
        };
        if !self.declares {
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

/// The same legs without the request for log probabilities; `None` when there is none.
fn without_logprobs(legs: &[Leg]) -> Option<Vec<Leg>> {
    let mut legs = legs.to_vec();
    let mut is_changed = false;
    for leg in &mut legs {
        // The one makes no sense without the other.
        for field in ["logprobs", "top_logprobs"] {
            is_changed = leg.request.extra.shift_remove(field).is_some() || is_changed;
        }
    }
    is_changed.then_some(legs)
}

/// Whether it is the log probabilities that the provider, or every one it routes to, does not know.
fn refuses_logprobs(error: &ChatError) -> bool {
    let ChatError::Refused(refusal) = error else { return false };
    let names = |text: &str| text.to_ascii_lowercase().replace(['_', ' '], "").contains("logprob");
    let field = matches!(&refusal.kind, RefusalKind::BadRequest { field: Some(field) } if names(field));
    let is_parameter = refusal.kind == RefusalKind::NoEndpoint { rule: RoutingRule::Parameters };
    matches!(refusal.status, 400 | 404 | 422) && (field || is_parameter || names(&refusal.message))
}

/// Whether a signal ended it.
pub fn is_signalled(error: Option<&CommandError>) -> bool {
    error.is_some_and(|error| [Signal::Interrupt, Signal::Terminate, Signal::HangUp].iter().any(|signal| signal.kind() == error.kind))
}
