//! The one loop of rounds: a question is sent until its answer is what was asked for.
//!
//! A round is one stream, retries and profiles to fall back to included. What follows from its
//! outcome is decided in [`Task::next`]: nothing more; once more without log probabilities; with
//! the schema put in another form; or for a better answer. Results of tool calls are another reason
//! to ask again, and belong there.

use std::sync::Arc;
use std::time::Instant;

use super::outcome::{Judge, Outcome};
use super::plan::PlannedTarget;
use super::pull::{Receiver, pull};
use super::rating;
use super::schema_verdict::{MOST_WORDS, fail, named, settle, shortened, violated};
use crate::chat::answer::{Answer, Attempt, Sent};
use crate::chat::attempts;
use crate::chat::conversation::family;
use crate::chat::error::{ChatError, explain};
use crate::chat::event::ChatEvent;
use crate::chat::refusal::Refusal;
use crate::chat::schema::{Schema, Violation, Way, ask_again};
use crate::chat::target::AskOptions;
use crate::chat::turn::TurnState;
use crate::ports::error::{CommandError, ErrorKind};
use crate::ports::interrupt::Interrupt;
use crate::present::money::usd;

/// One answer to ask for, with everything that decides it.
pub struct Task {
    /// The profile asked, then those it falls back to.
    pub targets: Vec<PlannedTarget>,
    pub options: AskOptions,
    pub judge: Judge,
    pub schema: Option<Arc<Schema>>,
    /// Log probabilities and a declared confidence are requested.
    pub is_rated: bool,
    /// Values are shown indented.
    pub indents: bool,
    /// A better answer is asked for, once, when one does not match the schema.
    pub repairs: bool,
    pub is_repaired: bool,
}

/// What follows from an answer.
enum Next {
    Done,
    /// Asked once more, for the reason that the event says.
    Again(ChatEvent),
}

impl Task {
    /// Asks until the answer is what was asked for, or there is no other way. What all rounds used
    /// and cost is in the one answer of the outcome.
    pub(crate) async fn run(
        mut self,
        receiver: &mut impl Receiver,
        interrupt: &Interrupt,
    ) -> Outcome {
        let started = Instant::now();
        let mut earlier: Option<Answer> = None;
        loop {
            self.options.used = started.elapsed();
            let mut outcome = self.round(receiver, interrupt).await;
            settle_costs(&mut self.targets, &outcome.answer);
            if let Some(earlier) = earlier.take() {
                outcome.answer.follow(earlier);
            }
            match self.next(&mut outcome) {
                Next::Done => {
                    outcome.confidence = self.judge.confidence(&outcome, self.is_rated);
                    return shown(outcome, receiver).await;
                }
                Next::Again(why) => {
                    if let Err(error) = receiver.event(why).await {
                        return Outcome::unshown(outcome.answer, error);
                    }
                    earlier = Some(outcome.answer);
                }
            }
        }
    }

    async fn round(&self, receiver: &mut impl Receiver, interrupt: &Interrupt) -> Outcome {
        receiver.begin();
        let targets = self.targets.iter().map(|planned| planned.target.clone());
        let stream = attempts::start(targets.collect(), self.options);
        let (ending, declared) = pull(stream, self.is_rated, receiver, interrupt).await;
        Outcome {
            declared,
            ..self.judge.judge(ending, self.schema.is_some())
        }
    }

    fn next(&mut self, outcome: &mut Outcome) -> Next {
        omit_failed(&mut self.targets, &outcome.answer);
        if let Some(refusal) = outcome.refusal.take() {
            let is_final = outcome.answer.has_visible_text;
            let again = (!is_final).then(|| self.after_refusal(refusal)).flatten();
            return again.map_or(Next::Done, Next::Again);
        }
        match self.schema.clone() {
            Some(schema) if outcome.state == TurnState::Complete => {
                self.after_answer(outcome, &schema)
            }
            _ => Next::Done,
        }
    }

    /// Takes back what the provider refused, where there is another way.
    fn after_refusal(&mut self, refusal: Refusal) -> Option<ChatEvent> {
        let first = self.targets.first()?;
        let has_room = first.target.overrun().is_none();
        let refuses_logprobs = self.is_rated && has_room && rating::refuses_logprobs(&refusal);
        if refuses_logprobs && rating::without_logprobs(&mut self.targets) {
            let why = explain(&ChatError::Refused(refusal));
            return Some(ChatEvent::WithoutLogprobs { why });
        }
        let schema = self.schema.clone()?;
        let why = step_down(self.targets.first_mut()?, &schema, &refusal)?;
        Some(ChatEvent::AskAgain { why })
    }

    /// Judges a complete answer by its schema.
    fn after_answer(&mut self, outcome: &mut Outcome, schema: &Schema) -> Next {
        let Err(violations) = settle(outcome, schema, self.indents, &self.judge) else {
            return Next::Done;
        };
        if self.is_repaired || !self.repairs {
            let what = if self.is_repaired {
                "the answer does not match the schema (retried once)"
            } else {
                "the answer does not match the schema"
            };
            fail(outcome, violated(what, &violations));
            return Next::Done;
        }
        self.is_repaired = true;
        if let Err(error) = self.repair(&outcome.answer, schema, &violations) {
            fail(outcome, error);
            return Next::Done;
        }
        Next::Again(ChatEvent::AskAgain {
            why: format!(
                "the answer does not match the schema ({}); asking once more",
                named(&violations)
            ),
        })
    }

    /// Makes the next request one for a better answer, when a cap on costs leaves room for it.
    fn repair(
        &mut self,
        answer: &Answer,
        schema: &Schema,
        violations: &[Violation],
    ) -> Result<(), CommandError> {
        let Some(planned) = self.targets.first_mut() else {
            return Err(violated("the answer does not match the schema", violations));
        };
        let way = planned.form.as_ref().map_or(Way::Schema, |form| form.way);
        let request = &mut planned.target.request;
        let is_its_own = answer
            .model
            .as_deref()
            .is_none_or(|model| family(model) == family(&request.model));
        let details = answer.reasoning_details.clone().filter(|_| is_its_own);
        // With the room that the first answer turned out to need.
        request.max_tokens = request.max_tokens.max(answer.max_tokens);
        ask_again(request, schema, way, &answer.text, details, violations);
        planned.price_again();
        let Some((worst, left)) = planned.target.overrun() else {
            return Ok(());
        };
        let words = format!(
            "the answer does not match the schema, and asking once more could cost {}, more than \
            the {} that is left of the cap",
            usd(worst),
            usd(left)
        );
        let error = CommandError::new(ErrorKind::Limit, words).caused_by_words(named(violations));
        Err(error
            .hint("raise --max-cost, max_cost.per_request or max_cost.per_day")
            .hint("lower --max-tokens"))
    }
}

/// Shows the value of an answer that matches its schema.
async fn shown(mut outcome: Outcome, receiver: &mut impl Receiver) -> Outcome {
    if outcome.structured.is_none() {
        return outcome;
    }
    let value = ChatEvent::Structured(outcome.answer.text.clone());
    match receiver.event(value).await {
        Ok(()) => outcome,
        Err(error) => Outcome {
            structured: outcome.structured.take(),
            ..Outcome::unshown(outcome.answer, error)
        },
    }
}

/// Puts a schema that was refused to the model in the next form. Gives the reason to show; `None`
/// where there is no other form, or no room for it in a cap.
fn step_down(planned: &mut PlannedTarget, schema: &Schema, refusal: &Refusal) -> Option<String> {
    let form = planned
        .form
        .as_mut()
        .filter(|form| form.is_refused_by(refusal))?;
    let refused = match form.way {
        Way::Schema => "response_format",
        _ => "a forced tool",
    };
    if !form.step_down(schema, &mut planned.target.request) {
        return None;
    }
    let instead = match form.way {
        Way::Tool => "asking for a tool call with the answer",
        _ => "putting the schema into the instructions",
    };
    let model = planned.target.request.model.clone();
    planned.price_again();
    let words = shortened(&refusal.message, MOST_WORDS);
    let has_room = planned.target.overrun().is_none();
    has_room.then(|| format!("{model} does not support {refused} ({words}): {instead}"))
}

/// What was spent is no longer left of a cap.
fn settle_costs(targets: &mut [PlannedTarget], answer: &Answer) {
    let counted = |is_meant: &dyn Fn(&Attempt) -> bool| -> f64 {
        let attempts = answer.attempts.iter().filter(|attempt| is_meant(attempt));
        let sent = attempts.filter_map(|attempt| attempt.sent.as_ref());
        sent.filter_map(Sent::counted).sum()
    };
    let all = counted(&|_| true);
    for PlannedTarget { target, .. } in targets {
        let own = counted(&|attempt| attempt.profile == target.profile);
        target.settle(own, all);
    }
}

/// Those that failed before the one that answered need not be asked again.
fn omit_failed(targets: &mut Vec<PlannedTarget>, answer: &Answer) {
    let answered = |planned: &PlannedTarget| planned.target.profile == answer.profile;
    if let Some(index) = targets.iter().position(answered) {
        targets.drain(..index);
    }
}
