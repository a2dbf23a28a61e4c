//! An answer in the making, pulled event by event.

use std::collections::VecDeque;

use tokio::time::Instant;

use crate::chat::answer::Answer;
use crate::chat::attempt_status::AttemptStatus;
use crate::chat::bill::Bill;
use crate::chat::deadlines::Deadlines;
use crate::chat::error::{ChatError, ChatFailure};
use crate::chat::event::ChatEvent;
use crate::chat::reply::LiveReply;
use crate::chat::target::{AskOptions, Target};
use crate::chat::target_state::TargetState;
use crate::wire::client::Reply;

/// Starts an answer. Nothing is sent before the first [`ChatStream::next`].
pub(crate) fn start(targets: Vec<Target>, options: AskOptions) -> ChatStream {
    let started = Instant::now();
    let limit = options.limit.and_then(|limit| {
        let left = limit.saturating_sub(options.used);
        Some((started.checked_add(left)?, limit))
    });
    ChatStream {
        targets,
        target: 0,
        options,
        deadlines: Deadlines {
            silence: options.silence,
            limit,
        },
        started,
        current: TargetState::default(),
        answer: Answer::default(),
        has_shown_text: false,
        is_final: false,
        last_failure: None,
        queue: VecDeque::new(),
        state: State::Connect { after: None },
    }
}

/// An answer in the making; pull its events with [`next`](Self::next).
pub(crate) struct ChatStream {
    pub(super) targets: Vec<Target>,
    /// Index of the current target.
    pub(super) target: usize,
    pub(super) options: AskOptions,
    pub(super) deadlines: Deadlines,
    pub(super) started: Instant,
    pub(super) current: TargetState,
    pub(super) answer: Answer,
    /// The caller received visible text: from here on no request is repeated.
    pub(super) has_shown_text: bool,
    /// Nothing is sent: the reply has arrived.
    pub(super) is_final: bool,
    /// Why the last attempt failed that an event reported.
    pub(super) last_failure: Option<String>,
    pub(super) queue: VecDeque<ChatEvent>,
    pub(super) state: State,
}

pub(super) enum State {
    Connect {
        after: Option<Instant>,
    },
    Reading(Box<LiveReply>),
    /// A reply that was not requested by itself; `None` once it is being read.
    Arrived(Option<Box<Reply>>),
    /// Returned after the events that are still in the queue.
    Failed(Box<ChatFailure>),
    Done,
}

impl ChatStream {
    /// Whether the next event is ready, so that a writer need not flush before it pulls.
    pub(crate) fn has_event_ready(&self) -> bool {
        !self.queue.is_empty()
    }

    /// The next event; `None` after [`ChatEvent::End`].
    ///
    /// # Errors
    /// A [`ChatFailure`] when no attempt is left or the failure is final. It is the last thing the
    /// stream returns.
    pub(crate) async fn next(&mut self) -> Result<Option<ChatEvent>, ChatFailure> {
        loop {
            if let Some(event) = self.queue.pop_front() {
                return Ok(Some(event));
            }
            if let State::Failed(_) = self.state
                && let State::Failed(failure) = std::mem::replace(&mut self.state, State::Done)
            {
                return Err(*failure);
            }
            if !self.current.is_announced {
                self.current.is_announced = true;
                return Ok(Some(self.start_event()));
            }
            let outcome = match &mut self.state {
                State::Done | State::Failed(_) => return Ok(None),
                State::Connect { after } => {
                    let after = after.take();
                    self.connect(after).await
                }
                State::Arrived(_) => self.open_arrived().await,
                State::Reading(reply) => {
                    let provider = self.targets[self.target].provider.as_ref();
                    let step = reply.step(provider, &self.deadlines).await;
                    self.absorb(step)
                }
            };
            if let Err(failure) = outcome.or_else(|error| self.recover(error)) {
                self.state = State::Failed(Box::new(failure));
            }
        }
    }

    /// Text and reasoning of the answer as far as they are kept; `None` between two requests.
    pub(crate) fn draft(&self) -> Option<(&str, &str)> {
        let State::Reading(reply) = &self.state else {
            return None;
        };
        Some((&reply.assembly.text, &reply.assembly.reasoning))
    }

    /// What has arrived so far, for a caller that stops early.
    pub(crate) fn into_partial(mut self) -> Answer {
        self.close_attempt(AttemptStatus::Cancelled, None);
        self.answer
    }

    pub(super) fn target(&self) -> &Target {
        &self.targets[self.target]
    }

    fn start_event(&self) -> ChatEvent {
        let target = self.target();
        ChatEvent::Start {
            profile: target.profile.clone(),
            provider: target.provider.name(),
            model: target.request.model.clone(),
        }
    }

    /// Records the current attempt and moves what it brought into the answer.
    pub(super) fn close_attempt(&mut self, status: AttemptStatus, error: Option<&ChatError>) {
        let target = &self.targets[self.target];
        let answer = &mut self.answer;
        answer.profile.clone_from(&target.profile);
        target.provider.name().clone_into(&mut answer.provider);
        answer
            .requested_model
            .clone_from(&self.targets[0].request.model);
        answer.max_tokens = target.request.max_tokens;
        let reply = match std::mem::replace(&mut self.state, State::Done) {
            State::Reading(reply) => Some(reply),
            _ => None,
        };
        self.current.report(target, status, error);
        let attempt = self
            .current
            .end_attempt(target, status, error, reply.as_deref());
        answer.attempts.extend(attempt);
        // Each attempt has an identity of its own; an earlier one's must not stay.
        (answer.model, answer.served_by, answer.generation_id) = (None, None, None);
        if let Some(mut reply) = reply {
            answer.body = reply.body.take();
            let identity = reply.identity();
            answer.model.clone_from(&identity.model);
            answer.served_by.clone_from(&identity.served_by);
            answer.generation_id.clone_from(&identity.generation_id);
            answer.is_cached = identity.is_cached;
            reply.assembly.finish_into(answer);
        }
        let sent = answer.attempts.iter().map(|attempt| &attempt.sent);
        let bill = Bill::of(sent.flatten());
        (answer.usage, answer.cost) = (bill.usage, bill.cost);
        answer.total = self.started.elapsed();
    }
}
