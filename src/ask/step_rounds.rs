//! The rounds of tools: runs the calls of an answer, and sends their results with the next request.

use super::outcome::{Ending, Outcome};
use super::pull::Receiver;
use super::rounds::Task;
use super::step_room::fit;
use super::tools::{LastStep, StepEnd, Steps, TimeLimit};
use crate::chat::answer::Answer;
use crate::chat::call_ids::make_unique;
use crate::chat::conversation::{family, step_messages};
use crate::chat::error::ChatFailure;
use crate::chat::event::ChatEvent;
use crate::chat::target::Target;
use crate::chat::tool::{ToolChoice, ToolStep};
use crate::chat::turn::TurnState;
use crate::ports::error::{CommandError, ErrorKind};
use crate::ports::interrupt::Interrupt;
use crate::present::count::plural;

impl Task {
    /// Runs the calls of an answer, and makes the next request ready.
    ///
    /// # Errors
    /// The outcome, when the answer has ended.
    pub(super) async fn after_calls(
        &mut self,
        mut outcome: Outcome,
        receiver: &mut impl Receiver,
        interrupt: &Interrupt,
        steps: &mut impl Steps,
    ) -> Result<Answer, Box<Outcome>> {
        let limit = self.options.limit.map(|given| TimeLimit {
            given,
            left: given.saturating_sub(self.options.used),
        });
        let answer = &mut outcome.answer;
        let end = steps.step(answer, receiver, interrupt, limit).await;
        let mut shortened = Ok(0);
        if !matches!(end, StepEnd::Refused(_))
            && let Some(step) = answer.steps.last_mut()
        {
            let first = self.targets.first();
            shortened = first.map_or(Ok(0), |first| fit(step, first));
            receiver.step(step);
        }
        if !matches!(end, StepEnd::Complete) {
            return Err(Box::new(self.ended(outcome, end)));
        }
        match shortened {
            Ok(0) => {}
            Ok(results) => {
                if let Err(error) = receiver.event(ChatEvent::Shortened { results }).await {
                    return Err(Box::new(Outcome::output_failed(outcome.answer, error)));
                }
            }
            Err(error) => {
                let failed = Outcome::new(outcome.answer, TurnState::Failed, Some(error));
                return Err(Box::new(failed));
            }
        }
        for planned in &mut self.targets {
            if let Some(declared) = steps.declarations(&planned.settings) {
                planned.declare(declared);
            }
        }
        if let Err(error) = self.send_results(&outcome.answer) {
            let failed = Outcome::new(outcome.answer, TurnState::Failed, Some(error));
            return Err(Box::new(failed));
        }
        self.last_step = steps.last();
        if self.last_step.is_some() {
            for planned in &mut self.targets {
                planned.target.request.tool_choice = ToolChoice::None;
            }
        }
        Ok(outcome.answer)
    }

    /// The outcome of an answer that ends with its calls.
    fn ended(&self, outcome: Outcome, end: StepEnd) -> Outcome {
        let answer = outcome.answer;
        match end {
            StepEnd::Complete => Outcome { answer, ..outcome },
            StepEnd::Refused(error) => Outcome {
                answer,
                error: Some(error),
                ..outcome
            },
            StepEnd::Signalled(error) => Outcome {
                note: (error.kind == ErrorKind::Interrupted)
                    .then(|| self.judge.stop_note())
                    .flatten(),
                ..Outcome::new(answer, TurnState::Stopped, Some(error))
            },
            StepEnd::OutputFailed(error) => Outcome::output_failed(answer, error),
            StepEnd::Failed(error) => {
                let partial = Box::new(answer);
                let failure = Box::new(ChatFailure { error, partial });
                self.judge.judge(Ending::Failed(failure), false)
            }
        }
    }

    /// Adds the last step of an answer to the requests.
    ///
    /// # Errors
    /// [`ErrorKind::Limit`] when the worst case of the next request exceeds what is left of a cap.
    fn send_results(&mut self, answer: &Answer) -> Result<(), CommandError> {
        let Some(step) = answer.steps.last() else {
            return Ok(());
        };
        let mut fits = Vec::new();
        for planned in &mut self.targets {
            add(step, &answer.profile, &mut planned.target);
            // What fitted beside the shorter prompt may be refused once more.
            planned.has_fitted = false;
            fits.push(planned.fit_next());
        }
        // A fallback profile that cannot afford the step is not asked.
        match (self.targets.first(), fits.into_iter().next()) {
            (Some(first), Some(Err(short))) => Err(first.over_cap("the next step", short)),
            _ => Ok(()),
        }
    }
}

impl Outcome {
    /// Whether the reply has arrived as a whole and calls nothing.
    pub(super) fn is_answer(&self) -> bool {
        self.state == TurnState::Complete && self.answer.tool_calls.is_empty()
    }

    /// Ends the answer that had to be given without further calls.
    pub(super) fn reach_last_step(&mut self, last: LastStep) {
        if self.error.is_some() {
            return;
        }
        let steps = plural(self.answer.steps.len(), "step");
        let (limit, hint) = match last {
            LastStep::Steps => (
                "limit of tool calls",
                "--max-steps N   (1 to 200; the default is 25)",
            ),
            LastStep::Calls => (
                "most tool calls that an answer may have",
                "ask again   (the results are part of the conversation)",
            ),
        };
        let what = format!("the answer reached the {limit} after {steps}");
        self.error = Some(CommandError::new(ErrorKind::Limit, what).hint(hint));
    }
}

/// Adds a step to a request, with its reasoning where that is understood. A choice that forces a
/// call holds for the first request alone, or the model could never answer.
fn add(step: &ToolStep, profile: &str, target: &mut Target) {
    let is_of_provider = step.provider == target.provider.name();
    let request = &mut target.request;
    let is_only_model = profile == target.profile && request.fallback_models.is_empty();
    let is_of_family =
        is_of_provider && (is_only_model || family(&step.model) == family(&request.model));
    let messages = step_messages(step, is_of_provider, is_of_family);
    request.messages.extend(messages);
    make_unique(&mut request.messages);
    request.extra.shift_remove("tool_choice");
}
