//! Decides what a failure means: another attempt, another profile, or the end.

use std::time::Duration;

use tokio::time::Instant;

use super::stream::{ChatStream, State};
use crate::chat::error::{ChatError, ChatFailure, explain};
use crate::chat::event::{ChatEvent, FailedAttempt};
use crate::chat::pace::PATIENCE;
use crate::chat::reply::LiveReply;
use crate::chat::retry_policy::{most_attempts, wait_before};
use crate::chat::target_state::TargetState;

impl ChatStream {
    /// # Errors
    /// The failure, when nothing is left to try.
    pub(super) fn recover(&mut self, error: ChatError) -> Result<(), ChatFailure> {
        let error = self.settled(error);
        tracing::debug!(%error, attempt = self.current.attempt, "the attempt failed");
        if self.is_final {
            return Err(self.failure(error));
        }
        if self.waits_for_pace(&error) {
            // It did not use up an attempt.
            self.current.attempt = self.current.attempt.saturating_sub(1);
            self.retry(&error, Duration::ZERO);
        } else if self.may_reread_key(&error) {
            self.reread_key(&error);
        } else if let Some(wait) = self.retry_wait(&error) {
            self.retry(&error, wait);
        } else if self.may_fall_back(&error) {
            self.fall_back(&error);
        } else {
            return Err(self.failure(error));
        }
        Ok(())
    }

    fn failure(&mut self, error: ChatError) -> ChatFailure {
        self.close_attempt(error.attempt_status(), Some(&error));
        ChatFailure {
            error,
            partial: Box::new(std::mem::take(&mut self.answer)),
        }
    }

    /// The error as the request that was sent and the text that was shown decide it.
    fn settled(&self, error: ChatError) -> ChatError {
        let ChatError::Refused(mut refusal) = error else {
            return error;
        };
        let target = self.target();
        refusal.settle(&target.fields(), target.request.max_tokens);
        if self.has_shown_text {
            ChatError::RefusedLate(refusal)
        } else {
            ChatError::Refused(refusal)
        }
    }

    /// Whether it is sent again when the pace admits it: it was refused for load, or the server is
    /// away and no other profile can take over.
    fn waits_for_pace(&mut self, error: &ChatError) -> bool {
        let Some(pace) = &self.target().pace else {
            return false;
        };
        let is_last = self.target + 1 == self.targets.len();
        let is_away = error.is_unreachable() && is_last && pace.awaits_server();
        let may_wait =
            (error.is_load() || is_away) && !self.has_shown_text && self.can_afford_retry(error);
        let is_soon = error.wait().is_none_or(|wait| wait <= PATIENCE);
        let now = Instant::now();
        may_wait && is_soon && now - *self.current.refused_since.get_or_insert(now) < PATIENCE
    }

    /// How long to wait before another attempt; `None` when there is none.
    fn retry_wait(&self, error: &ChatError) -> Option<Duration> {
        let may_retry =
            !self.has_shown_text && error.is_retryable() && self.can_afford_retry(error);
        let wait = may_retry.then(|| wait_before(error, self.current.attempt))??;
        self.deadlines.allow(wait).then_some(wait)
    }

    /// Whether a cap on costs leaves room for another attempt, when this one may be billed all the
    /// same.
    fn can_afford_retry(&self, error: &ChatError) -> bool {
        let target = self.target();
        let max_tokens = target.request.max_tokens;
        self.current
            .can_afford(target, max_tokens, Some(error), self.reply())
    }

    fn may_fall_back(&self, error: &ChatError) -> bool {
        !self.has_shown_text && error.allows_fallback() && self.can_afford_fallback(error)
    }

    /// Whether there is another profile, and a cap on all of them leaves room for it.
    fn can_afford_fallback(&self, error: &ChatError) -> bool {
        let Some(next) = self.targets.get(self.target + 1) else {
            return false;
        };
        let (Some(most), Some(worst)) = (next.most_usd_together, next.worst_case) else {
            return true;
        };
        let counted = self
            .current
            .counts(self.target(), Some(error), self.reply());
        // What one request may cost was held against the cap before anything was sent.
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
        let is_refused = matches!(error, ChatError::Refused(refusal) if refusal.status == 401);
        is_refused && !self.current.key_was_reread && self.target().credential.is_worth_rereading()
    }

    fn reread_key(&mut self, error: &ChatError) {
        self.close_attempt(error.attempt_status(), Some(error));
        self.current.refused_key = self.current.key.take();
        self.current.key_was_reread = true;
        self.state = State::Connect {
            after: Some(Instant::now()),
        };
    }

    fn retry(&mut self, error: &ChatError, wait: Duration) {
        self.close_attempt(error.attempt_status(), Some(error));
        self.current.waited = wait;
        let failed = self.failed_attempt(error);
        self.queue.push_back(ChatEvent::Retry {
            attempt: self.current.attempt + 1,
            attempts: most_attempts(error),
            wait,
            failed,
        });
        self.state = State::Connect {
            after: Some(Instant::now() + wait),
        };
    }

    fn failed_attempt(&mut self, error: &ChatError) -> FailedAttempt {
        let why = explain(error);
        let is_repeated = self.last_failure.as_ref() == Some(&why);
        self.last_failure = Some(why.clone());
        let target = self.target();
        FailedAttempt {
            profile: target.profile.clone(),
            model: target.request.model.clone(),
            status: error.attempt_status(),
            why,
            is_repeated,
        }
    }

    fn fall_back(&mut self, error: &ChatError) {
        self.close_attempt(error.attempt_status(), Some(error));
        let failed = self.failed_attempt(error);
        let counted = self.current.counts(self.target(), None, None);
        self.targets
            .iter_mut()
            .skip(self.target + 1)
            .for_each(|target| target.settle(0.0, counted));
        self.target += 1;
        self.current = TargetState::default();
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
