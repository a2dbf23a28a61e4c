//! Asks for one of several answers in a task of its own, and sends what arrives to the pool.

use std::sync::Arc;

use tokio::sync::{Semaphore, mpsc, watch};

use crate::ask::outcome::{Ending, Outcome};
use crate::ask::pull::Receiver;
use crate::ask::rounds::Task;
use crate::chat::answer::Answer;
use crate::chat::event::ChatEvent;
use crate::ports::interrupt::Interrupt;
use crate::ports::output::OutputError;

/// What the worker of an answer sends; answers count from 0 here.
pub enum Message {
    Event(usize, ChatEvent),
    Ended(usize, Box<Outcome>),
}

/// Asks for one answer.
pub struct Worker {
    pub index: usize,
    pub task: Task,
    pub sender: mpsc::Sender<Message>,
    /// Changes when nobody watches any more.
    pub stopped: watch::Receiver<()>,
    pub interrupt: Interrupt,
}

impl Worker {
    /// Waits for a permit, then asks.
    pub async fn run(self, permits: Arc<Semaphore>) {
        let Self {
            index,
            task,
            sender,
            stopped,
            interrupt,
        } = self;
        let permit = tokio::select! {
            biased;
            signal = interrupt.wait() => Err(signal),
            permit = permits.acquire() => Ok(permit),
        };
        let outcome = match permit {
            Err(signal) => {
                let ending = Ending::Signalled(signal, Box::new(unasked(&task)));
                task.judge.judge(ending, task.schema.is_some())
            }
            Ok(_permit) => {
                let mut receiver = ToPool {
                    index,
                    sender: sender.clone(),
                    stopped,
                };
                task.run(&mut receiver, &interrupt).await
            }
        };
        // Where nobody receives any more, nobody needs it.
        let _ = sender.send(Message::Ended(index, Box::new(outcome))).await;
    }
}

/// The answer of one that was never asked: whom it was meant for.
fn unasked(task: &Task) -> Answer {
    let Some(target) = task.targets.first().map(|planned| &planned.target) else {
        return Answer::default();
    };
    Answer {
        profile: target.profile.clone(),
        provider: target.provider.name().to_owned(),
        requested_model: target.request.model.clone(),
        max_tokens: target.request.max_tokens,
        ..Answer::default()
    }
}

/// Events go to the pool, which shows them.
struct ToPool {
    index: usize,
    sender: mpsc::Sender<Message>,
    stopped: watch::Receiver<()>,
}

impl Receiver for ToPool {
    fn begin(&mut self) {}

    async fn event(&mut self, event: ChatEvent) -> Result<(), OutputError> {
        let message = Message::Event(self.index, event);
        let sent = self.sender.send(message).await;
        sent.map_err(|_| OutputError::Closed)
    }

    fn flush(&mut self) -> Result<(), OutputError> {
        Ok(())
    }

    fn draft(&mut self, _: &str, _: &str) {}

    async fn closed(&mut self) {
        // The pool is gone as well when its end of the channel is.
        let _ = self.stopped.changed().await;
    }
}
