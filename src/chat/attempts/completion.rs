//! What becomes of what arrives: events for the caller, and at the end an answer, a larger budget
//! or an error.

use std::time::Duration;

use tokio::time::Instant;

use super::stream::{ChatStream, State};
use crate::chat::answer::Assembly;
use crate::chat::attempt_status::AttemptStatus;
use crate::chat::error::ChatError;
use crate::chat::event::ChatEvent;
use crate::chat::finish_reason::FinishReason;
use crate::chat::media::{MediaPart, described};
use crate::chat::reply::Step;

impl ChatStream {
    /// Queues what one read brought, and completes the answer after the last one.
    pub(super) fn absorb(&mut self, step: Step) -> Result<(), ChatError> {
        let has_tokens = !step.text.is_empty() || !step.reasoning.is_empty();
        if has_tokens && self.answer.first_token.is_none() {
            self.answer.first_token = Some(self.started.elapsed());
        }
        if has_tokens && !std::mem::replace(&mut self.current.saw_tokens, true) {
            self.current.accepted(&self.targets[self.target]);
        }
        if !step.reasoning.is_empty() {
            self.queue.push_back(ChatEvent::Reasoning(step.reasoning));
        }
        if !step.text.is_empty() {
            let is_visible = step.text.chars().any(|c| !c.is_whitespace());
            self.has_shown_text = self.has_shown_text || is_visible;
            self.queue.push_back(ChatEvent::Text(step.text));
        }
        match step.error {
            Some(error) => Err(error),
            None if step.ended => self.complete(),
            None => Ok(()),
        }
    }

    /// The reply has ended without an error: an answer, a larger budget, or an error after all.
    fn complete(&mut self) -> Result<(), ChatError> {
        let State::Reading(reply) = &self.state else {
            return Ok(());
        };
        match outcome(&reply.assembly)? {
            Outcome::Answer => {
                self.close_attempt(AttemptStatus::Ok, None);
                self.state = State::Done;
                let answer = Box::new(std::mem::take(&mut self.answer));
                self.queue.push_back(ChatEvent::End(answer));
                Ok(())
            }
            Outcome::NoText => self.raise_budget_or_fail(),
        }
    }

    /// An answer without visible text: asked once more with a larger budget, when the model spent
    /// the first one on reasoning and the cap affords it.
    fn raise_budget_or_fail(&mut self) -> Result<(), ChatError> {
        let State::Reading(reply) = &self.state else {
            return Ok(());
        };
        let (target, assembly) = (self.target(), &reply.assembly);
        let request = &target.request;
        let has_effort = request.effort.is_some();
        let is_reasoning = has_effort || assembly.is_cut_in_reasoning;
        let spent_on_reasoning =
            assembly.finish_reason == Some(FinishReason::Length) && is_reasoning;
        if spent_on_reasoning
            && !self.is_final
            && !self.current.budget_was_raised
            && let Some(larger) = target.larger_budget()
        {
            // The cap holds for the whole answer: what the first request cost counts.
            if self.current.can_afford(target, larger, None, Some(reply)) {
                self.raise_budget(larger);
                return Ok(());
            }
            return Err(ChatError::BudgetCapped {
                used: request.max_tokens,
                needed: larger,
            });
        }
        Err(ChatError::Empty {
            finish_reason: assembly.finish_reason.clone(),
            reasoning_tokens: assembly.usage.and_then(|usage| usage.reasoning_tokens),
            max_tokens: request.max_tokens,
            is_reasoning,
        })
    }

    fn raise_budget(&mut self, to: u32) {
        let from = self.target().request.max_tokens;
        self.close_attempt(AttemptStatus::Length, None);
        self.current.budget_was_raised = true;
        self.targets[self.target].request.max_tokens = to;
        self.current.attempt = 0;
        self.current.waited = Duration::ZERO;
        self.queue.push_back(ChatEvent::LargerBudget { from, to });
        self.state = State::Connect {
            after: Some(Instant::now()),
        };
    }
}

/// What a reply that ended is, when it is no error.
enum Outcome {
    Answer,
    NoText,
}

fn outcome(assembly: &Assembly) -> Result<Outcome, ChatError> {
    let filtered = || ChatError::Filtered {
        words: assembly.refusal_words.clone(),
    };
    match &assembly.finish_reason {
        Some(FinishReason::Error) => {
            return Err(ChatError::Cut {
                why: "the provider ended it with an error and gave no reason".to_owned(),
            });
        }
        Some(FinishReason::ContentFilter) => return Err(filtered()),
        _ => {}
    }
    let is_saved =
        |part: &MediaPart| part.kind.is_saved() && (part.data.is_some() || part.url.is_some());
    if assembly.numbers.is_some() || assembly.media.iter().any(is_saved) {
        return Ok(Outcome::Answer);
    }
    if assembly.has_visible_text || !assembly.tool_calls().is_empty() {
        Ok(Outcome::Answer)
    } else if !assembly.media.is_empty() {
        Err(ChatError::OnlyMedia {
            parts: described(&assembly.media),
        })
    } else if !assembly.refusal_words.is_empty() {
        Err(filtered())
    } else {
        Ok(Outcome::NoText)
    }
}
