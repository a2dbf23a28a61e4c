//! The loop of rounds: sends a question until its answer is final.
//!
//! A round is one stream, including its retries and fallback profiles. [`Task::next`] decides what
//! follows from the outcome:
//!
//! | outcome | next round |
//! |---|---|
//! | a field refused that amx added | without it, or under its other name |
//! | `max_tokens` refused that amx chose | what fits |
//! | a tool refused | without that tool |
//! | log probabilities refused | without them |
//! | schema refused | the schema in another form: tool call, then system prompt |
//! | answer does not match the schema | one repair, with the violations in the prompt |
//! | tool calls, and their tools are run here | the calls and their results |
//! | anything else | none: the answer is final |

use std::sync::Arc;
use std::time::{Instant, SystemTime};

use super::adjustments::Learned;
use super::answer_trace::AnswerTrace;
use super::outcome::{Ending, Judge, Outcome};
use super::own_fields::name_field;
use super::plan::PlannedTarget;
use super::pull::{Receiver, pull};
use super::round_trace::TracedRound;
use super::schema_verdict::{MAX_QUOTED, fail, mismatch, read_value, shortened, summary};
use super::tools::{LastStep, Steps};
use super::{rating, refused_fields, refused_tools, services};
use crate::chat::answer::{Answer, Attempt, Sent};
use crate::chat::attempts;
use crate::chat::conversation::family;
use crate::chat::error::{ChatError, explain};
use crate::chat::event::ChatEvent;
use crate::chat::finish_reason::FinishReason;
use crate::chat::refusal::Refusal;
use crate::chat::schema::{Schema, Violation, Way, ask_again};
use crate::chat::target::AskOptions;
use crate::chat::turn::TurnState;
use crate::ports::error::CommandError;
use crate::ports::interrupt::Interrupt;
use crate::wire::client::Reply;

/// The request for one answer, with its targets and options.
pub(crate) struct Task {
    /// The target of the profile, then those of its fallback profiles.
    pub targets: Vec<PlannedTarget>,
    pub options: AskOptions,
    pub judge: Judge,
    pub schema: Option<Arc<Schema>>,
    /// Log probabilities and a declared confidence are requested.
    pub is_rated: bool,
    /// A structured value is indented.
    pub indents: bool,
    /// An answer that does not match the schema is repaired once.
    pub repairs: bool,
    pub is_repaired: bool,
    /// Why the model must answer without further calls: no more of them are run.
    pub last_step: Option<LastStep>,
    /// What servers refused of what amx sends by itself.
    pub learned: Vec<Learned>,
    /// The name of the template of the question.
    pub template: Option<String>,
    /// Collects its spans; `None` when telemetry is off.
    pub trace: Option<AnswerTrace>,
}

/// What follows from the outcome of a round.
enum AfterRound {
    Done,
    /// Another round; the event has the reason.
    Again(ChatEvent),
    /// The calls of the answer are run first.
    Calls,
}

impl Task {
    /// Collects its spans in a trace, whose ID its requests have where the profile asks for it.
    pub(super) fn traced(&mut self, trace: Option<AnswerTrace>) {
        if let Some(trace) = &trace {
            for PlannedTarget {
                target, settings, ..
            } in &mut self.targets
            {
                services::name_trace(settings, trace.trace(), &mut target.request);
            }
        }
        self.trace = trace;
    }

    /// Runs rounds until the answer is final. Tokens, cost and attempts of all rounds are in the
    /// answer of the outcome.
    pub(crate) async fn run(
        mut self,
        receiver: &mut impl Receiver,
        interrupt: &Interrupt,
        steps: &mut impl Steps,
    ) -> Outcome {
        let started = Instant::now();
        let mut earlier: Option<Answer> = None;
        loop {
            self.options.used = started.elapsed();
            let mut outcome = self.round(receiver, interrupt).await;
            deduct_costs(&mut self.targets, &outcome.answer);
            if let Some(earlier) = earlier.take() {
                outcome.answer.follow(earlier);
            }
            match self.next(&mut outcome) {
                AfterRound::Done => {
                    outcome.learned = std::mem::take(&mut self.learned);
                    outcome.confidence = self.judge.confidence(&outcome, self.is_rated);
                    // An answer of the last step is shown whether or not it matches a schema.
                    let is_last = self.last_step.is_some() && self.schema.is_some();
                    let is_shown = outcome.structured.is_some() || is_last && outcome.is_answer();
                    return show_value(outcome, is_shown, receiver).await;
                }
                AfterRound::Again(why) => {
                    if let Err(error) = receiver.event(why).await {
                        return Outcome::output_failed(outcome.answer, error);
                    }
                    earlier = Some(outcome.answer);
                }
                AfterRound::Calls => {
                    self.options.used = started.elapsed();
                    match self.after_calls(outcome, receiver, interrupt, steps).await {
                        Ok(answer) => earlier = Some(answer),
                        Err(mut ended) => {
                            ended.learned = std::mem::take(&mut self.learned);
                            return *ended;
                        }
                    }
                }
            }
        }
    }

    /// The outcome of a reply that has arrived in another way: judged as any other, and final.
    pub(super) async fn arrived(
        mut self,
        reply: Reply,
        submitted: SystemTime,
        receiver: &mut impl Receiver,
    ) -> Outcome {
        let Some(first) = self.targets.first() else {
            let error = mismatch("no target was planned", &[]);
            return Outcome::new(Answer::default(), TurnState::Failed, Some(error));
        };
        self.repairs = false;
        let stream = attempts::arrived(first.target.clone(), reply, self.options);
        let (ending, _) = pull(stream, false, receiver, &Interrupt::default()).await;
        let mut outcome = self.judge.judge(ending, self.schema.is_some());
        if let (Some(schema), TurnState::Complete) = (self.schema.clone(), outcome.state) {
            self.after_answer(&mut outcome, &schema);
        }
        self.trace_round(submitted, &outcome);
        outcome
    }

    fn trace_round(&self, start: SystemTime, outcome: &Outcome) {
        if let Some(trace) = &self.trace {
            trace.round(&TracedRound {
                start,
                targets: &self.targets,
                outcome,
                has_schema: self.schema.is_some(),
            });
        }
    }

    async fn round(&self, receiver: &mut impl Receiver, interrupt: &Interrupt) -> Outcome {
        receiver.start();
        let start = SystemTime::now();
        let targets = self.targets.iter().map(|planned| {
            let mut target = planned.target.clone();
            services::cap_server_tools(&planned.settings, planned.cap, &mut target);
            target
        });
        let stream = attempts::start(targets.collect(), self.options);
        let (mut ending, declared) = pull(stream, self.is_rated, receiver, interrupt).await;
        self.name_refused_field(&mut ending);
        let outcome = Outcome {
            declared,
            ..self.judge.judge(ending, self.schema.is_some())
        };
        self.trace_round(start, &outcome);
        outcome
    }

    /// Names the field that a refusal means by its words alone.
    fn name_refused_field(&self, ending: &mut Ending) {
        let Ending::Failed(failure) = ending else {
            return;
        };
        let profile = &failure.partial.profile;
        let mut targets = self.targets.iter().map(|planned| &planned.target);
        if let ChatError::Refused(refusal) = &mut failure.error
            && let Some(target) = targets.find(|target| target.profile == *profile)
        {
            name_field(refusal, target);
        }
    }

    fn next(&mut self, outcome: &mut Outcome) -> AfterRound {
        omit_failed(&mut self.targets, &outcome.answer);
        if let Some(refusal) = outcome.refusal.clone() {
            let is_final = outcome.answer.has_visible_text;
            let asked = outcome.answer.max_tokens;
            let again = (!is_final).then(|| self.after_refusal(refusal, asked));
            let again = again.flatten();
            return again.map_or(AfterRound::Done, AfterRound::Again);
        }
        if let Some(last) = self.last_step {
            self.read_last(outcome);
            outcome.reach_last_step(last);
            return AfterRound::Done;
        }
        if self.judge.runs_tools
            && outcome.state == TurnState::Complete
            && !outcome.answer.tool_calls.is_empty()
        {
            return AfterRound::Calls;
        }
        match self.schema.clone() {
            Some(schema) if outcome.state == TurnState::Complete => {
                self.after_answer(outcome, &schema)
            }
            _ => AfterRound::Done,
        }
    }

    /// Removes what the provider refused. Returns the event of the next round; `None` when nothing
    /// else can be tried.
    fn after_refusal(&mut self, refusal: Refusal, asked: u32) -> Option<ChatEvent> {
        if let Some(adjusted) = self.targets.first_mut().and_then(|planned| {
            refused_fields::after_refusal(planned, &refusal, asked)
                .filter(|_| planned.target.overrun().is_none())
        }) {
            self.learned.extend(adjusted.learned);
            return Some(ChatEvent::AskAgain { why: adjusted.note });
        }
        if let Some(why) = refused_tools::after_refusal(self.targets.first_mut()?, &refusal) {
            return Some(ChatEvent::AskAgain { why });
        }
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

    /// Reads the value of the last answer that may follow calls. It is paid for: what does not
    /// match the schema is shown as it came.
    fn read_last(&self, outcome: &mut Outcome) {
        let is_answer =
            outcome.is_answer() && outcome.answer.finish_reason != Some(FinishReason::Length);
        if let Some(schema) = self.schema.as_deref().filter(|_| is_answer) {
            let _ = read_value(outcome, schema, self.indents, &self.judge);
        }
    }

    /// Judges a complete answer against its schema.
    fn after_answer(&mut self, outcome: &mut Outcome, schema: &Schema) -> AfterRound {
        let Err(violations) = read_value(outcome, schema, self.indents, &self.judge) else {
            return AfterRound::Done;
        };
        if self.is_repaired || !self.repairs {
            let what = if self.is_repaired {
                "the answer does not match the schema (retried once)"
            } else {
                "the answer does not match the schema"
            };
            fail(outcome, mismatch(what, &violations));
            return AfterRound::Done;
        }
        self.is_repaired = true;
        if let Err(error) = self.repair(&outcome.answer, schema, &violations) {
            fail(outcome, error);
            return AfterRound::Done;
        }
        AfterRound::Again(ChatEvent::AskAgain {
            why: format!(
                "the answer does not match the schema ({}); retrying once",
                summary(&violations)
            ),
        })
    }

    /// Turns the next request into a repair.
    ///
    /// # Errors
    /// [`Limit`](crate::ports::error::ErrorKind::Limit) when its worst case exceeds what is left of
    /// a cap.
    fn repair(
        &mut self,
        answer: &Answer,
        schema: &Schema,
        violations: &[Violation],
    ) -> Result<(), CommandError> {
        let Some(planned) = self.targets.first_mut() else {
            return Err(mismatch("the answer does not match the schema", violations));
        };
        let way = planned.form.as_ref().map_or(Way::Schema, |form| form.way);
        let request = &mut planned.target.request;
        let is_same_family = answer
            .model
            .as_deref()
            .is_none_or(|model| family(model) == family(&request.model));
        let details = answer.reasoning_details.clone().filter(|_| is_same_family);
        // The first answer may have needed a larger limit.
        let first_limit = request.max_tokens;
        request.max_tokens = first_limit.max(answer.max_tokens);
        ask_again(request, schema, way, &answer.text, details, violations);
        planned.has_fitted = false;
        let mut fits = planned.fit_next();
        if fits.is_err() && planned.target.request.max_tokens > first_limit {
            planned.target.request.max_tokens = first_limit;
            fits = planned.fit_next();
        }
        let what = "the answer does not match the schema, and a retry";
        fits.map_err(|short| {
            let error = planned.over_cap(what, short);
            error.caused_by_words(summary(violations))
        })
    }
}

/// Sends the value of an answer to the receiver, which withheld the text.
async fn show_value(mut outcome: Outcome, is_shown: bool, receiver: &mut impl Receiver) -> Outcome {
    if !is_shown || outcome.answer.text.is_empty() {
        return outcome;
    }
    let value = ChatEvent::Structured(outcome.answer.text.clone());
    match receiver.event(value).await {
        Ok(()) => outcome,
        Err(error) => Outcome {
            structured: outcome.structured.take(),
            ..Outcome::output_failed(outcome.answer, error)
        },
    }
}

/// Switches a refused schema to the next form. Returns the reason to show; `None` when there is no
/// other form, or its worst case exceeds a cap.
fn step_down(planned: &mut PlannedTarget, schema: &Schema, refusal: &Refusal) -> Option<String> {
    let form = planned
        .form
        .as_mut()
        .filter(|form| form.is_refused_by(refusal))?;
    let refused = match form.way {
        Way::Schema => "response_format",
        _ => "a forced tool call",
    };
    if !form.step_down(schema, &mut planned.target.request) {
        return None;
    }
    let instead = match form.way {
        Way::Tool => "retrying with a tool call",
        _ => "retrying with the schema in the system prompt",
    };
    let model = planned.target.request.model.clone();
    planned.update_price();
    let words = shortened(&refusal.message, MAX_QUOTED);
    let has_room = planned.target.overrun().is_none();
    has_room.then(|| format!("{model} does not support {refused} ({words}); {instead}"))
}

/// Deducts the cost of an answer from what is left of the caps.
fn deduct_costs(targets: &mut [PlannedTarget], answer: &Answer) {
    let counted = |is_meant: &dyn Fn(&Attempt) -> bool| -> f64 {
        let attempts = answer.attempts.iter().filter(|attempt| is_meant(attempt));
        let sent = attempts.filter_map(|attempt| attempt.sent.as_ref());
        sent.filter_map(Sent::counted).sum()
    };
    let all = counted(&|_| true);
    for PlannedTarget { target, cap, .. } in targets {
        let own = counted(&|attempt| attempt.profile == target.profile);
        target.settle(own, all);
        if let Some(cap) = cap {
            cap.left = (cap.left - own).max(0.0);
        }
    }
}

/// Removes the targets that failed before the one that answered.
fn omit_failed(targets: &mut Vec<PlannedTarget>, answer: &Answer) {
    let answered = |planned: &PlannedTarget| planned.target.profile == answer.profile;
    if let Some(index) = targets.iter().position(answered) {
        targets.drain(..index);
    }
}
