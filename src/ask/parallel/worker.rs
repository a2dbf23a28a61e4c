//! Requests one of several answers in a task of its own, and sends its events to the pool.

use std::sync::Arc;

use tokio::sync::{Semaphore, mpsc, watch};

use crate::ask::outcome::{Ending, Outcome};
use crate::ask::pull::Receiver;
use crate::ask::rounds::Task;
use crate::ask::tools::NoTools;
use crate::chat::answer::Answer;
use crate::chat::event::ChatEvent;
use crate::ports::interrupt::Interrupt;
use crate::ports::output::OutputError;

/// A message to the pool, with the index of the answer, from 0.
pub(super) enum WorkerMessage {
    Event(usize, ChatEvent),
    Ended(usize, Box<Outcome>),
}

/// Requests one answer.
pub(super) struct Worker {
    pub index: usize,
    pub task: Task,
    pub sender: mpsc::Sender<WorkerMessage>,
    /// Changes when the output is closed.
    pub stopped: watch::Receiver<()>,
    pub interrupt: Interrupt,
}

impl Worker {
    /// Waits for a permit, then sends the request.
    pub(super) async fn run(self, permits: Arc<Semaphore>) {
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
                let ending = Ending::Signalled(signal, Box::new(unsent(&task)));
                task.judge.judge(ending, task.schema.is_some())
            }
            Ok(_permit) => {
                let mut receiver = PoolReceiver {
                    index,
                    sender: sender.clone(),
                    stopped,
                };
                task.run(&mut receiver, &interrupt, &mut NoTools).await
            }
        };
        // A closed channel means that the pool has ended.
        let _ = sender
            .send(WorkerMessage::Ended(index, Box::new(outcome)))
            .await;
    }
}

/// The empty answer of a request that was never sent, with the target that it was meant for.
fn unsent(task: &Task) -> Answer {
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

/// Passes events to the pool, which shows them.
struct PoolReceiver {
    index: usize,
    sender: mpsc::Sender<WorkerMessage>,
    stopped: watch::Receiver<()>,
}

impl Receiver for PoolReceiver {
    async fn event(&mut self, event: ChatEvent) -> Result<(), OutputError> {
        let message = WorkerMessage::Event(self.index, event);
        let sent = self.sender.send(message).await;
        sent.map_err(|_| OutputError::Closed)
    }

    async fn closed(&mut self) {
        // An error means that the pool has ended.
        let _ = self.stopped.changed().await;
    }
}
