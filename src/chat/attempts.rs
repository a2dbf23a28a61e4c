//! The one loop that asks: retries, larger budgets and fallback profiles, for streams and whole
//! bodies alike.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::answer::Answer;
use super::backoff::backoff;
use super::bill::Bill;
use super::error::{ChatError, ChatFailure, explain};
use super::event::{ChatEvent, Failed};
use super::finish_reason::FinishReason;
use super::reply::{Deadlines, LiveReply, Step};
use super::target::{AskOptions, Target};
use super::target_state::TargetState;
use crate::wire::client::{self, Client, Url};
use crate::wire::recording::End;

/// Requests made at most for one profile.
pub const ATTEMPTS: u32 = 4;

/// Longest wait that a provider may ask for; a longer one ends the attempts.
pub const LONGEST_WAIT: Duration = Duration::from_secs(60);

/// Starts an answer. Nothing is sent before the first [`ChatStream::next`].
pub fn start(targets: Vec<Target>, options: AskOptions) -> ChatStream {
    let started = Instant::now();
    let limit = options.limit.and_then(|limit| {
        Some((
            started.checked_add(limit.saturating_sub(options.used))?,
            limit,
        ))
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
        now: TargetState::default(),
        answer: Answer::default(),
        billed: Bill::default(),
        shown: false,
        queue: VecDeque::new(),
        state: State::Connect { after: None },
    }
}

/// An answer in the making; pull its events with [`next`](Self::next).
pub struct ChatStream {
    targets: Vec<Target>,
    target: usize,
    options: AskOptions,
    deadlines: Deadlines,
    started: Instant,
    now: TargetState,
    answer: Answer,
    billed: Bill,
    /// Visible text has been handed out: from here on nothing is asked again.
    shown: bool,
    queue: VecDeque<ChatEvent>,
    state: State,
}

enum State {
    Connect {
        after: Option<Instant>,
    },
    Reading(Box<LiveReply>),
    /// To be told when what arrived before it has been handed out.
    Failed(Box<ChatFailure>),
    Done,
}

impl ChatStream {
    /// Whether the next event is there already, so that a writer need not flush before asking for
    /// it.
    pub fn has_event_ready(&self) -> bool {
        !self.queue.is_empty()
    }

    /// The next event; `None` after [`ChatEvent::End`].
    ///
    /// # Errors
    /// A [`ChatFailure`] when no attempt is left or the failure is final. It is the last thing the
    /// stream gives.
    pub async fn next(&mut self) -> Result<Option<ChatEvent>, ChatFailure> {
        loop {
            if let Some(event) = self.queue.pop_front() {
                return Ok(Some(event));
            }
            if let State::Failed(_) = self.state
                && let State::Failed(failure) = std::mem::replace(&mut self.state, State::Done)
            {
                return Err(*failure);
            }
            if !self.now.is_announced {
                self.now.is_announced = true;
                let target = self.target();
                let start = ChatEvent::Start {
                    profile: target.profile.clone(),
                    provider: target.provider.name(),
                    model: target.request.model.clone(),
                };
                return Ok(Some(start));
            }
            let outcome = match &mut self.state {
                State::Done | State::Failed(_) => return Ok(None),
                State::Connect { after } => {
                    let after = after.take();
                    self.connect(after).await
                }
                State::Reading(reply) => match reply
                    .step(self.targets[self.target].provider.as_ref(), &self.deadlines)
                    .await
                {
                    Ok(step) => self.hand_out(step),
                    Err(error) => Err(error),
                },
            };
            if let Err(failure) = outcome.or_else(|error| self.recover(error)) {
                self.state = State::Failed(Box::new(failure));
            }
        }
    }

    /// Text and thoughts of the answer as far as they are kept; `None` between two requests.
    pub fn draft(&self) -> Option<(&str, &str)> {
        let State::Reading(reply) = &self.state else {
            return None;
        };
        Some((&reply.assembly.text, &reply.assembly.reasoning))
    }

    /// What has arrived so far, for a caller that stops early.
    pub fn into_partial(mut self) -> Answer {
        self.close_attempt("cancelled", None);
        self.answer
    }

    fn target(&self) -> &Target {
        &self.targets[self.target]
    }

    async fn connect(&mut self, after: Option<Instant>) -> Result<(), ChatError> {
        // A recording is not waited for.
        if let Some(after) = after.filter(|_| !self.target().client.is_replay()) {
            let wait = after.saturating_duration_since(Instant::now());
            self.deadlines
                .wait(Instant::now() + wait, tokio::time::sleep_until(after))
                .await?;
        }
        self.now.begin_attempt();
        self.resolve_key().await?;
        if self.now.client.is_none() {
            self.now.client = Some(Client::new(&self.target().base_url, &self.target().client)?);
        }
        self.now.send();
        let target = &self.targets[self.target];
        let Some(client) = &self.now.client else {
            return Ok(());
        };
        let request = client::Request {
            url: endpoint_url(&target.base_url, target.provider.path()),
            headers: &target.headers,
            key: self.now.key.as_ref(),
            body: Some(target.provider.encode(&target.request)),
        };
        tracing::debug!(attempt = self.now.attempt, model = target.request.model, url = %request.url, "sending");
        let mut pending = client.record(&request);
        let reply = self
            .deadlines
            .wait(Instant::now(), client.send(request, &mut pending))
            .await;
        if let (Err(error), Some(pending)) = (&reply, &mut pending) {
            pending.ended(
                if matches!(error, ChatError::TimeLimit { .. }) {
                    End::TimeLimit
                } else {
                    End::Silence
                },
                None,
            );
        }
        let reply = reply?.map_err(|error| self.deadlines.explain(error))?;
        let endpoint = client::endpoint(&target.base_url);
        let live = LiveReply::open(
            reply,
            endpoint,
            target.provider.as_ref(),
            self.options.keep,
            &self.deadlines,
        )
        .await?;
        self.state = State::Reading(Box::new(live));
        Ok(())
    }

    async fn resolve_key(&mut self) -> Result<(), ChatError> {
        let target = &self.targets[self.target];
        // Nobody is shown a key in a replay, so none is looked for.
        if self.now.key.is_some() || target.client.is_replay() {
            return Ok(());
        }
        let credential = Arc::clone(&target.credential);
        let refused = self.now.refused_key.take();
        self.now.key = if credential.may_block() {
            // On a thread of its own, so that Ctrl-C is heard meanwhile.
            let found =
                tokio::task::spawn_blocking(move || credential.resolve(refused.as_ref())).await;
            found.map_err(|_| ChatError::Cut {
                why: "the search for the key broke off".to_owned(),
            })??
        } else {
            credential.resolve(refused.as_ref())?
        };
        let target = &self.targets[self.target];
        if self.now.key.is_none() && !target.provider.works_without_key() {
            return Err(ChatError::NoKey {
                provider: target.provider.name(),
                variable: target.provider.key_variable(),
            });
        }
        Ok(())
    }

    fn hand_out(&mut self, step: Step) -> Result<(), ChatError> {
        self.note_first_token(&step);
        self.pass_on(step.text, step.reasoning);
        match step.error {
            Some(error) => Err(error),
            None if step.ended => self.complete(),
            None => Ok(()),
        }
    }

    fn note_first_token(&mut self, step: &Step) {
        if self.answer.first_token.is_none() && !(step.text.is_empty() && step.reasoning.is_empty())
        {
            self.answer.first_token = Some(self.started.elapsed());
        }
    }

    fn pass_on(&mut self, text: String, reasoning: String) {
        self.now.saw_tokens = self.now.saw_tokens || !text.is_empty() || !reasoning.is_empty();
        if !reasoning.is_empty() {
            self.queue.push_back(ChatEvent::Reasoning(reasoning));
        }
        if !text.is_empty() {
            self.shown = self.shown || text.chars().any(|c| !c.is_whitespace());
            self.queue.push_back(ChatEvent::Text(text));
        }
    }

    /// The reply has ended as it should: is it an answer?
    fn complete(&mut self) -> Result<(), ChatError> {
        let State::Reading(reply) = &self.state else {
            return Ok(());
        };
        let assembly = &reply.assembly;
        let finish_reason = assembly.finish_reason.as_ref();
        if finish_reason == Some(&FinishReason::Error) {
            return Err(ChatError::Cut {
                why: "the provider ended the answer with an error and gave no reason".to_owned(),
            });
        }
        let says_something = assembly.has_visible_text || !assembly.tool_calls().is_empty();
        let is_filtered = finish_reason == Some(&FinishReason::ContentFilter);
        if says_something && !is_filtered {
            self.close_attempt("ok", None);
            self.state = State::Done;
            self.queue
                .push_back(ChatEvent::End(Box::new(std::mem::take(&mut self.answer))));
            return Ok(());
        }
        if is_filtered || !assembly.refusal_words.is_empty() {
            return Err(ChatError::Filtered {
                words: assembly.refusal_words.clone(),
            });
        }
        let request = &self.target().request;
        let on_reasoning_route = request.effort.is_some();
        if finish_reason == Some(&FinishReason::Length)
            && on_reasoning_route
            && !self.now.budget_was_raised
            && let Some(larger) = self.target().larger_budget()
        {
            // The cap is for the whole answer: what the first request cost counts.
            if self
                .now
                .can_afford(self.target(), larger, None, Some(reply))
            {
                self.raise_budget(larger);
                return Ok(());
            }
            return Err(ChatError::BudgetCapped {
                used: request.max_tokens,
                needed: larger,
            });
        }
        Err(ChatError::Empty {
            finish_reason: finish_reason.cloned(),
            reasoning_tokens: assembly.usage.and_then(|usage| usage.reasoning_tokens),
            max_tokens: request.max_tokens,
            on_reasoning_route,
        })
    }

    fn raise_budget(&mut self, to: u32) {
        let from = self.target().request.max_tokens;
        self.close_attempt("length", None);
        self.now.budget_was_raised = true;
        self.targets[self.target].request.max_tokens = to;
        self.now.attempt = 0;
        self.now.waited = Duration::ZERO;
        self.queue.push_back(ChatEvent::LargerBudget { from, to });
        self.state = State::Connect {
            after: Some(Instant::now()),
        };
    }

    /// Writes the current attempt down and takes over what it brought.
    fn close_attempt(&mut self, status: &str, error: Option<&ChatError>) {
        let target = &self.targets[self.target];
        let answer = &mut self.answer;
        answer.profile.clone_from(&target.profile);
        target.provider.name().clone_into(&mut answer.provider);
        answer
            .requested_model
            .clone_from(&self.targets[0].request.model);
        answer.max_tokens = target.request.max_tokens;
        let state = std::mem::replace(&mut self.state, State::Done);
        let reply = if let State::Reading(reply) = state {
            Some(reply)
        } else {
            None
        };
        answer.attempts.extend(
            self.now
                .end_attempt(target, status, error, reply.as_deref()),
        );
        // Each attempt has an identity of its own; an earlier one's must not stand for it.
        (answer.model, answer.served_by, answer.generation_id) = (None, None, None);
        if let Some(reply) = reply {
            let identity = reply.identity();
            answer.model.clone_from(&identity.model);
            answer.served_by.clone_from(&identity.served_by);
            answer.generation_id.clone_from(&identity.generation_id);
            self.billed.add(reply.assembly.usage, reply.assembly.billed);
            reply.assembly.finish_into(answer);
        }
        answer.usage = self.billed.usage;
        answer.cost = self.billed.cost(target.price);
        answer.total = self.started.elapsed();
    }

    /// Decides what a failure means: another attempt, another profile, or the end.
    fn recover(&mut self, error: ChatError) -> Result<(), ChatFailure> {
        let error = match error {
            ChatError::Refused(refusal) if self.shown => ChatError::RefusedLate(refusal),
            other => other,
        };
        tracing::debug!(%error, attempt = self.now.attempt, "the attempt failed");
        if self.may_reread_key(&error) {
            self.close_attempt(&error.status_word(), Some(&error));
            self.now.refused_key = self.now.key.take();
            self.now.key_was_reread = true;
            self.state = State::Connect {
                after: Some(Instant::now()),
            };
            return Ok(());
        }
        if !self.shown
            && error.is_retryable()
            && self.now.attempt < ATTEMPTS
            && self.can_afford_retry(&error)
        {
            let wait = error.wait().unwrap_or_else(|| backoff(self.now.attempt));
            if wait <= LONGEST_WAIT && self.deadlines.allow(wait) {
                self.retry(&error, wait);
                return Ok(());
            }
        }
        if !self.shown && error.allows_fallback() && self.can_afford_fallback(&error) {
            self.fall_back(&error);
            return Ok(());
        }
        self.close_attempt(&error.status_word(), Some(&error));
        Err(ChatFailure {
            error,
            partial: Box::new(std::mem::take(&mut self.answer)),
        })
    }

    /// Whether a cap on costs leaves room to ask again, when this attempt may be billed all the
    /// same.
    fn can_afford_retry(&self, error: &ChatError) -> bool {
        self.now.can_afford(
            self.target(),
            self.target().request.max_tokens,
            Some(error),
            self.reply(),
        )
    }

    /// Whether there is another profile, and a cap that holds for all of them leaves room to ask
    /// it.
    fn can_afford_fallback(&self, error: &ChatError) -> bool {
        let Some(next) = self.targets.get(self.target + 1) else {
            return false;
        };
        let (Some(most), Some(worst)) = (next.most_usd_together, next.worst_case) else {
            return true;
        };
        let counted = self.now.counts(self.target(), Some(error), self.reply());
        // What a request may cost was held against the cap before anything was sent.
        counted == 0.0 || counted + worst.of(next.request.max_tokens) <= most
    }

    fn reply(&self) -> Option<&LiveReply> {
        if let State::Reading(reply) = &self.state {
            Some(reply)
        } else {
            None
        }
    }

    fn may_reread_key(&self, error: &ChatError) -> bool {
        let refused = matches!(error, ChatError::Refused(refusal) if refusal.status == 401);
        refused && !self.now.key_was_reread && self.target().credential.is_worth_rereading()
    }

    fn retry(&mut self, error: &ChatError, wait: Duration) {
        self.close_attempt(&error.status_word(), Some(error));
        self.now.waited = wait;
        self.queue.push_back(ChatEvent::Retry {
            attempt: self.now.attempt + 1,
            attempts: ATTEMPTS,
            wait,
            failed: self.failed(error),
        });
        self.state = State::Connect {
            after: Some(Instant::now() + wait),
        };
    }

    /// What failed, for those who watch.
    fn failed(&self, error: &ChatError) -> Failed {
        let target = self.target();
        Failed {
            profile: target.profile.clone(),
            model: target.request.model.clone(),
            status: error.status_word(),
            why: explain(error),
        }
    }

    fn fall_back(&mut self, error: &ChatError) {
        self.close_attempt(&error.status_word(), Some(error));
        let failed = self.failed(error);
        let counted = self.now.counts(self.target(), None, None);
        self.targets
            .iter_mut()
            .skip(self.target + 1)
            .for_each(|target| target.settle(0.0, counted));
        self.target += 1;
        self.now = TargetState::default();
        let target = self.target();
        let event = ChatEvent::Fallback {
            failed,
            to: target.profile.clone(),
            model: target.request.model.clone(),
        };
        self.queue.push_back(event);
        self.state = State::Connect { after: None };
    }
}

/// The base URL with a path below it, whether or not it ends in a slash.
pub fn endpoint_url(base: &Url, path: &str) -> Url {
    let mut url = base.clone();
    if let Ok(mut segments) = url.path_segments_mut() {
        segments.pop_if_empty().extend(path.split('/'));
    }
    url
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_path_is_put_below_the_base() {
        for base in ["https://x.example/api/v1", "https://x.example/api/v1/"] {
            let url = endpoint_url(&Url::parse(base).unwrap(), "chat/completions");
            assert_eq!(url.as_str(), "https://x.example/api/v1/chat/completions");
        }
    }
}
