//! Asks until an answer keeps to its schema: in another way when the form is refused, and once more
//! after a bad answer.

use std::time::Instant;

use super::plan::Planned;
use super::run::{Asked, Asking};
use super::schema_verdict::{MOST_WORDS, fail, named, settle, shortened, violated};
use crate::chat::answer::{Answer, Attempt, Sent};
use crate::chat::attempts::ChatStream;
use crate::chat::conversation::family;
use crate::chat::event::ChatEvent;
use crate::chat::refusal::Refusal;
use crate::chat::schema::{Schema, Violation, Way, ask_again};
use crate::chat::target::Target;
use crate::chat::turn::TurnState;
use crate::ports::answer_report::amount;
use crate::ports::context::Context;
use crate::ports::error::{CommandError, ErrorKind};
use crate::ports::output::AnswerForm;

/// Sees what has arrived, after each event.
type Observe<'a> = &'a mut dyn FnMut(&ChatStream);

/// Asks, and judges the answer by the schema when there is one. What all requests used and cost
/// stands in the one answer that is given back; its text is shown when it is known to be good.
pub fn ask(
    asking: &mut Asking,
    planned: Vec<Planned>,
    schema: Option<&Schema>,
    context: &mut Context<'_>,
    observe: Observe<'_>,
) -> Result<Asked, CommandError> {
    let Some(schema) = schema else {
        return asking.ask(
            planned.into_iter().map(|planned| planned.target).collect(),
            context,
            observe,
        );
    };
    asking.withholds_text = true;
    // From the first request to the last, so that a signal between two of them loses none from the
    // ledger.
    context.interrupt.arm();
    let asked = Rounds {
        schema,
        planned,
        is_repaired: false,
    }
    .run(asking, context, observe);
    context.interrupt.disarm();
    asked
}

/// Who is asked, and how far it has come.
struct Rounds<'a> {
    schema: &'a Schema,
    /// The one that answers first: those before it have failed.
    planned: Vec<Planned>,
    is_repaired: bool,
}

/// What follows from an answer.
enum Next {
    Done,
    /// Asked once more, for this reason.
    Again(String),
}

impl Rounds<'_> {
    fn run(
        &mut self,
        asking: &mut Asking,
        context: &mut Context<'_>,
        observe: Observe<'_>,
    ) -> Result<Asked, CommandError> {
        let began = Instant::now();
        let mut earlier: Option<Answer> = None;
        loop {
            asking.options.used = began.elapsed();
            let targets: Vec<Target> = self
                .planned
                .iter()
                .map(|planned| planned.target.clone())
                .collect();
            let mut asked = match (asking.ask(targets, context, observe), &earlier) {
                (Err(error), Some(_)) => {
                    Asked::new(Answer::default(), TurnState::Failed, Some(error))
                }
                (asked, _) => asked?,
            };
            settle_costs(&mut self.planned, &asked.answer);
            if let Some(earlier) = earlier.take() {
                asked.answer.follow(earlier);
            }
            match self.judge(&mut asked, asking, context) {
                Next::Done => return Ok(asked),
                Next::Again(why) => {
                    if let Err(error) = context.output.answer_event(&ChatEvent::AskAgain { why }) {
                        return Ok(Asked::unshown(asked.answer, error));
                    }
                    earlier = Some(asked.answer);
                }
            }
        }
    }

    fn judge(&mut self, asked: &mut Asked, asking: &Asking, context: &mut Context<'_>) -> Next {
        leave_out_failed(&mut self.planned, &asked.answer);
        match asked.refusal.take() {
            Some(refusal) => self.step_down(&refusal),
            None if asked.state == TurnState::Complete => {
                self.judge_complete(asked, asking, context)
            }
            None => Next::Done,
        }
    }

    /// After a refusal of the form, the next way to ask for it.
    fn step_down(&mut self, refusal: &Refusal) -> Next {
        let Some(planned) = self.planned.first_mut() else {
            return Next::Done;
        };
        step_down(planned, self.schema, refusal).map_or(Next::Done, Next::Again)
    }

    fn judge_complete(
        &mut self,
        asked: &mut Asked,
        asking: &Asking,
        context: &mut Context<'_>,
    ) -> Next {
        let is_read_by_people =
            matches!(asking.form, AnswerForm::Text { .. }) && context.output.is_terminal();
        let Err(violations) = settle(asked, self.schema, is_read_by_people, asking) else {
            if asked.structured.is_some() {
                show(asked, context);
            }
            return Next::Done;
        };
        if self.is_repaired {
            fail(
                asked,
                violated(
                    "the answer does not keep to the schema, nor does the second one",
                    &violations,
                ),
            );
            return Next::Done;
        }
        match self.repair(&asked.answer, &violations) {
            Ok(()) => Next::Again(format!(
                "the answer does not keep to the schema ({}); asking once more",
                named(&violations)
            )),
            Err(error) => {
                fail(asked, error);
                Next::Done
            }
        }
    }

    /// Makes the next request one for a better answer, when a cap on costs leaves room for it.
    fn repair(&mut self, answer: &Answer, violations: &[Violation]) -> Result<(), CommandError> {
        self.is_repaired = true;
        let Some(planned) = self.planned.first_mut() else {
            return Err(violated(
                "the answer does not keep to the schema",
                violations,
            ));
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
        ask_again(request, self.schema, way, &answer.text, details, violations);
        planned.price_anew();
        let Some((worst, left)) = planned.target.overrun() else {
            return Ok(());
        };
        let words = format!(
            "the answer does not keep to the schema, and asking once more could cost ${}, more \
            than the ${} that is left of the cap",
            amount(worst),
            amount(left)
        );
        let error = CommandError::new(ErrorKind::Limit, words).caused_by_words(named(violations));
        Err(error
            .hint("raise --max-cost, max_cost.per_request or max_cost.per_day")
            .hint("lower --max-tokens"))
    }
}

/// Makes a request that was refused for the form it asks for ask in the next way. Gives what is to
/// be said of it; `None` where there is no other way, or no room for it in a cap.
pub fn step_down(planned: &mut Planned, schema: &Schema, refusal: &Refusal) -> Option<String> {
    let form = planned
        .form
        .as_mut()
        .filter(|form| form.is_refused_by(refusal))?;
    let refused = if form.way == Way::Schema {
        "response_format"
    } else {
        "a forced tool"
    };
    if !form.step_down(schema, &mut planned.target.request) {
        return None;
    }
    let instead = if form.way == Way::Tool {
        "letting it call a tool with the answer"
    } else {
        "putting the schema into its instructions"
    };
    let model = planned.target.request.model.clone();
    planned.price_anew();
    let words = shortened(&refusal.message, MOST_WORDS);
    planned
        .target
        .overrun()
        .is_none()
        .then(|| format!("{model} takes no {refused} ({words}): {instead}"))
}

/// What was spent is no longer left of a cap.
pub fn settle_costs(planned: &mut [Planned], answer: &Answer) {
    let counted = |is_meant: &dyn Fn(&Attempt) -> bool| -> f64 {
        let sent = answer
            .attempts
            .iter()
            .filter(|attempt| is_meant(attempt))
            .filter_map(|attempt| attempt.sent.as_ref());
        sent.filter_map(Sent::counted).sum()
    };
    let all = counted(&|_| true);
    for Planned { target, .. } in planned {
        let own = counted(&|attempt| attempt.profile == target.profile);
        target.settle(own, all);
    }
}

/// Those who failed before the one that answered need not be asked again.
pub fn leave_out_failed(planned: &mut Vec<Planned>, answer: &Answer) {
    if let Some(index) = planned
        .iter()
        .position(|planned| planned.target.profile == answer.profile)
    {
        planned.drain(..index);
    }
}

/// Shows the value.
fn show(asked: &mut Asked, context: &mut Context<'_>) {
    if let Err(error) = context
        .output
        .answer_event(&ChatEvent::Structured(asked.answer.text.clone()))
    {
        *asked = Asked {
            structured: asked.structured.take(),
            ..Asked::unshown(std::mem::take(&mut asked.answer), error)
        };
    }
}
