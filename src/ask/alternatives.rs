//! Asks the same question several times at once, rates the answers and puts the surest first.

use super::parallel::pool::{self, Ended, Lane};
use super::plan::Planned;
use super::preflight::{budget, shared_budget};
use super::run::Asking;
use super::session::Session;
use super::spend::SpendGuard;
use crate::catalog::Capability;
use crate::chat::answer::Attempt;
use crate::chat::confidence::Confidence;
use crate::chat::declaration::INSTRUCTION;
use crate::chat::keep::Keep;
use crate::chat::message::{ContentPart, Message, Role};
use crate::chat::schema::Schema;
use crate::chat::turn::Turn;
use crate::ports::context::Context;
use crate::ports::error::CommandError;
use crate::ports::output::{AnswerForm, OutputError};
use crate::store::{Booked, TurnId};
use std::sync::Arc;
use std::time::Duration;

use serde_json::json;

/// How they are asked for.
pub struct Wanted {
    pub number: usize,
    pub form: AnswerForm,
    pub limit: Option<Duration>,
    pub strict: bool,
    /// What each answer has to keep to.
    pub schema: Option<Arc<Schema>>,
    /// What to type next is typed at the prompt.
    pub is_conversation: bool,
}

/// Several answers, those that are complete first, by confidence; then the others, in the order in
/// which they were asked for.
pub struct Alternatives {
    pub ended: Vec<Alternative>,
    pub books: SpendGuard,
    pub unshown: Option<OutputError>,
}

/// One of them, with its number from 1 on.
pub struct Alternative {
    pub number: usize,
    pub ended: Ended,
}

impl Alternative {
    pub fn is_complete(&self) -> bool {
        self.ended.asked.error.is_none()
    }

    /// The turn that it makes of a question.
    pub fn turn(&self, question: &Turn) -> Turn {
        let asked = &self.ended.asked;
        let mut turn = question.clone();
        turn.answered(
            &asked.answer,
            asked.state,
            asked.error.as_ref().map(|error| error.message.clone()),
        );
        turn
    }

    pub fn attempts(&self) -> &[Attempt] {
        &self.ended.asked.answer.attempts
    }
}

/// Makes each request ask for what the confidence is read from: log probabilities, where the kept
/// list does not say that the model has none, and a declaration for when they do not come.
pub fn prepare(planned: &mut [Planned]) {
    for planned in planned {
        let has_none = planned
            .facts
            .model()
            .and_then(|model| model.can(Capability::Logprobs))
            == Some(false);
        let request = &mut planned.target.request;
        if !has_none && !request.extra.contains_key("logprobs") {
            request.extra.insert("logprobs".to_owned(), json!(true));
        }
        // A last line of words would break an answer that has to be JSON.
        let is_free = planned.form.is_none();
        if is_free
            && request
                .extra
                .get("response_format")
                .is_none_or(|format| format.is_null() || format["type"] == "text")
        {
            instruct(&mut request.messages);
        }
        planned.target.worst_case = budget::worst_case(&planned.target);
    }
}

/// Adds the request for a declaration to the instructions.
fn instruct(messages: &mut Vec<Message>) {
    match messages
        .first_mut()
        .filter(|first| first.role == Role::System)
    {
        Some(Message { content, .. }) => match content.as_mut_slice() {
            [ContentPart::Text(text)] => *text = format!("{text}\n\n{INSTRUCTION}").into(),
            _ => content.push(ContentPart::Text(INSTRUCTION.into())),
        },
        None => messages.insert(0, Message::text(Role::System, INSTRUCTION)),
    }
}

/// Asks for all of them at once, within the caps for all of them together.
pub fn ask(
    planned: Vec<Planned>,
    wanted: &Wanted,
    context: &mut Context<'_>,
) -> Result<Alternatives, CommandError> {
    let temperature = planned
        .first()
        .and_then(|planned| planned.target.request.temperature);
    if wanted.number > 1 && temperature == Some(0.0) {
        context
            .output
            .note("at temperature 0 the answers will hardly differ; -t 1 lets them");
    }
    let mut lanes: Vec<Vec<Planned>> = (0..wanted.number).map(|_| planned.clone()).collect();
    shared_budget::refuse(&mut lanes, context)?;
    let books = SpendGuard::open_all(
        &mut lanes,
        wanted.limit,
        pool::rounds(wanted.number),
        context,
    )?;
    let lane = |(index, planned): (usize, Vec<Planned>)| {
        let mut asking = Asking::new(wanted.form, Keep::Everything, books.limit, &planned);
        (asking.strict, asking.is_conversation) = (wanted.strict, wanted.is_conversation);
        Lane::new(
            (index + 1).to_string(),
            planned,
            asking,
            wanted.schema.clone(),
        )
        .declaring()
    };
    let lanes = lanes.into_iter().enumerate().map(lane).collect();
    let outcome = pool::run(lanes, wanted.form, context)?;
    let numbered = outcome.ended.into_iter().enumerate();
    let mut ended: Vec<Alternative> = numbered
        .map(|(index, ended)| Alternative {
            number: index + 1,
            ended,
        })
        .collect();
    ended.sort_by(
        |left, right| match (&left.ended.confidence, &right.ended.confidence) {
            (Some(left), Some(right)) => Confidence::order(left, right),
            (left, right) => right.is_some().cmp(&left.is_some()),
        },
    );
    Ok(Alternatives {
        ended,
        books,
        unshown: outcome.unshown,
    })
}

/// Where the answers of one question are stored, in the order of the list.
pub struct Places(Vec<Option<TurnId>>);

impl Places {
    pub fn of(&self, index: usize) -> Option<TurnId> {
        self.0.get(index).copied().flatten()
    }
}

/// Keeps each answer as a branch of its own, the best as the one that goes on. What never came is
/// not kept.
pub fn keep(question: &Turn, ended: &mut [Alternative], keeper: &mut Session) -> Places {
    let turns: Vec<Turn> = ended
        .iter()
        .map(|alternative| alternative.turn(question))
        .collect();
    let is_kept: Vec<bool> = turns.iter().map(Turn::may_have_cost).collect();
    let kept = turns
        .into_iter()
        .zip(&is_kept)
        .filter(|(_, is_kept)| **is_kept)
        .map(|(turn, _)| turn)
        .collect();
    let mut places = keeper.begin_beside(kept).into_iter();
    Places(
        is_kept
            .into_iter()
            .map(|is_kept| {
                if is_kept {
                    places.next().flatten()
                } else {
                    None
                }
            })
            .collect(),
    )
}

/// The attempts of each, with the turn that they belong to.
pub fn booked<'a>(
    ended: &'a [Alternative],
    places: Option<&Places>,
    keeper: Option<&Session>,
) -> Vec<Booked<'a>> {
    let session = keeper.and_then(Session::session);
    let place = |index| session.zip(places.and_then(|places| places.of(index)));
    ended
        .iter()
        .enumerate()
        .map(|(index, alternative)| (alternative.attempts(), place(index)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_instruction_is_the_last_of_the_instructions() {
        let mut without = vec![Message::text(Role::User, "hi")];
        instruct(&mut without);
        assert_eq!(
            without,
            [
                Message::text(Role::System, INSTRUCTION),
                Message::text(Role::User, "hi")
            ]
        );
        let mut with = vec![
            Message::text(Role::System, "Be brief."),
            Message::text(Role::User, "hi"),
        ];
        instruct(&mut with);
        assert_eq!(
            with[0],
            Message::text(Role::System, format!("Be brief.\n\n{INSTRUCTION}"))
        );
        assert_eq!(with.len(), 2);
    }
}
