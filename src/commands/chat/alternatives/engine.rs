//! Asks the same question several times at once, rates the answers and puts the surest first.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;

use crate::catalog::Capability;
use crate::chat::answer::Attempt;
use crate::chat::confidence::Confidence;
use crate::chat::declaration::INSTRUCTION;
use crate::chat::keep::Keep;
use crate::chat::message::{ContentPart, Message, Role};
use crate::chat::schema::Schema;
use crate::chat::turn::Turn;
use crate::commands::chat::asking::Asking;
use crate::commands::chat::bookkeeping::Books;
use crate::commands::chat::budget;
use crate::commands::chat::plan::Planned;
use crate::commands::chat::side_by_side::{self, Ended, Lane};
use crate::commands::chat::together;
use crate::commands::context::Context;
use crate::commands::error::CommandError;
use crate::commands::output::{AnswerForm, OutputError};

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
    pub books: Books,
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
            .knowledge
            .model()
            .and_then(|model| model.can(Capability::Logprobs))
            == Some(false);
        let request = &mut planned.leg.request;
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
        planned.leg.worst_case = budget::worst_case(&planned.leg);
    }
}

/// Adds the request for a declaration to the instructions.
fn instruct(messages: &mut Vec<Message>) {
    match messages
        .first_mut()
        .filter(|first| first.role == Role::System)
    {
        Some(Message { content, .. }) => match content.as_mut_slice() {
            [ContentPart::Text(text)] => *text = format!("{text}\n\n{INSTRUCTION}"),
            _ => content.push(ContentPart::Text(INSTRUCTION.to_owned())),
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
        .and_then(|planned| planned.leg.request.temperature);
    if wanted.number > 1 && temperature == Some(0.0) {
        context
            .output
            .note("at temperature 0 the answers will hardly differ; -t 1 lets them");
    }
    let mut lanes: Vec<Vec<Planned>> = (0..wanted.number).map(|_| planned.clone()).collect();
    together::refuse(&mut lanes, context)?;
    let books = Books::open_all(
        &mut lanes,
        wanted.limit,
        side_by_side::rounds(wanted.number),
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
    let outcome = side_by_side::run(lanes, wanted.form, context)?;
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
