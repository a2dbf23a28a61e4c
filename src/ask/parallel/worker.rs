//! Pulls one of several answers in a task of its own, and tells what comes.

use std::sync::Arc;
use std::time::Instant;

use tokio::sync::{Semaphore, mpsc, watch};

use crate::ask::plan::Planned;
use crate::ask::rounds;
use crate::ask::run::{Asking, Ending};
use crate::chat::answer::Answer;
use crate::chat::attempts::{self, ChatStream};
use crate::chat::declaration::{self, DeclarationFilter, Declared};
use crate::chat::error::{ChatError, ChatFailure, explain};
use crate::chat::event::ChatEvent;
use crate::chat::refusal::{Refusal, RefusalKind, RoutingRule};
use crate::chat::schema::Schema;
use crate::chat::target::AskOptions;
use crate::ports::interrupt::Interrupt;
use crate::ports::output::OutputError;

/// What the task of an answer tells.
pub enum Message {
    Event(usize, ChatEvent),
    Ended(usize, Box<Ending>, Option<Declared>),
}

/// What a task needs of its lane.
pub struct Task {
    pub planned: Vec<Planned>,
    pub options: AskOptions,
    pub schema: Option<Arc<Schema>>,
    pub declares: bool,
}

/// Pulls one answer, and tells what comes.
pub struct Puller {
    pub index: usize,
    pub task: Task,
    pub sender: mpsc::Sender<Message>,
    /// Changes when nobody looks any more.
    pub stopped: watch::Receiver<()>,
    pub interrupt: Interrupt,
}

/// How one stream ended.
type End = (Ending, Option<Declared>);

impl Puller {
    pub async fn run(mut self, permits: Arc<Semaphore>) {
        let interrupt = self.interrupt.clone();
        let permit = tokio::select! {
            biased;
            signal = interrupt.wait() => Err(signal),
            permit = permits.acquire() => Ok(permit),
        };
        let (ending, declared) = match permit {
            Err(signal) => (
                Ending::Signalled(signal, Box::new(self.task.unasked())),
                None,
            ),
            Ok(_permit) => self.ask().await,
        };
        // Where nobody receives any more, nobody has a use for it.
        let _ = self
            .sender
            .send(Message::Ended(self.index, Box::new(ending), declared))
            .await;
    }

    /// Asks; once more in another form when it is the form that the provider refuses.
    async fn ask(&mut self) -> End {
        let started = Instant::now();
        let mut earlier: Option<Answer> = None;
        loop {
            self.task.options.used = started.elapsed();
            let targets = self
                .task
                .planned
                .iter()
                .map(|planned| planned.target.clone())
                .collect();
            let (mut ending, declared) =
                self.pull(attempts::start(targets, self.task.options)).await;
            rounds::settle_costs(&mut self.task.planned, answer_of(&mut ending));
            let again = if let Ending::Failed(failure) = &ending {
                self.task.refused(failure)
            } else {
                None
            };
            let answer = answer_of(&mut ending);
            if let Some(earlier) = earlier.take() {
                answer.follow(earlier);
            }
            let Some(event) = again else {
                return (ending, declared);
            };
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
        Ending::Complete(answer) | Ending::Signalled(_, answer) | Ending::Unshown(_, answer) => {
            answer
        }
        Ending::Failed(failure) => &mut failure.partial,
    }
}

impl Task {
    /// The answer of one that was never asked: it tells whom it was meant for.
    fn unasked(&self) -> Answer {
        let Some(Planned { target, .. }) = self.planned.first() else {
            return Answer::default();
        };
        let (profile, provider) = (target.profile.clone(), target.provider.name().to_owned());
        Answer {
            profile,
            provider,
            requested_model: target.request.model.clone(),
            max_tokens: target.request.max_tokens,
            ..Answer::default()
        }
    }

    /// Takes back what the provider refused, where there is another way. Gives what is to be told
    /// of it.
    fn refused(&mut self, failure: &ChatFailure) -> Option<ChatEvent> {
        let ChatError::Refused(refusal) = &failure.error else {
            return None;
        };
        if failure.partial.has_visible_text {
            return None;
        }
        rounds::leave_out_failed(&mut self.planned, &failure.partial);
        let has_room = self
            .planned
            .first()
            .is_some_and(|planned| planned.target.overrun().is_none());
        if self.declares && refuses_logprobs(refusal) && has_room && self.without_logprobs() {
            return Some(ChatEvent::WithoutLogprobs {
                why: explain(&failure.error),
            });
        }
        let schema = self.schema.as_ref()?;
        rounds::step_down(self.planned.first_mut()?, schema, refusal)
            .map(|why| ChatEvent::AskAgain { why })
    }

    /// Asks for no log probabilities any more. False when none were asked for.
    fn without_logprobs(&mut self) -> bool {
        let mut is_changed = false;
        for planned in &mut self.planned {
            // The one makes no sense without the other.
            for field in ["logprobs", "top_logprobs"] {
                is_changed =
                    planned.target.request.extra.shift_remove(field).is_some() || is_changed;
            }
        }
        is_changed
    }
}

/// Whether it is the log probabilities that the provider, or every one it routes to, does not know.
fn refuses_logprobs(refusal: &Refusal) -> bool {
    let names = |text: &str| {
        text.to_ascii_lowercase()
            .replace(['_', ' '], "")
            .contains("logprob")
    };
    let field =
        matches!(&refusal.kind, RefusalKind::BadRequest { field: Some(field) } if names(field));
    let is_parameter = refusal.kind
        == RefusalKind::NoEndpoint {
            rule: RoutingRule::Parameters,
        };
    matches!(refusal.status, 400 | 404 | 422) && (field || is_parameter || names(&refusal.message))
}
