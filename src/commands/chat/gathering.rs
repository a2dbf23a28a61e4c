//! An answer that nobody watches: gathered whole, for a summary or a trial.

use super::bookkeeping::Books;
use super::plan::Planned;
use super::readiness;
use crate::chat::answer::Answer;
use crate::chat::error::ChatFailure;
use crate::chat::event::ChatEvent;
use crate::chat::leg::{AskOptions, Leg};
use crate::commands::context::{Context, block_on};
use crate::commands::error::CommandError;
use crate::commands::interrupt::{Interrupt, Signal};

/// What was gathered.
pub struct Gathered {
    pub answer: Result<Answer, ChatFailure>,
    /// Why what was sent is not in the ledger, if it is not.
    pub unbooked: Option<CommandError>,
}

/// How the gathering ended.
enum Ending {
    Complete(Box<Answer>),
    Failed(ChatFailure),
    Signalled(Signal, Box<Answer>),
}

/// Asks and waits, and writes down what was sent. A signal ends it.
///
/// # Errors
/// When nothing could be asked, or a signal came.
pub fn gather(
    mut planned: Vec<Planned>,
    options: AskOptions,
    context: &mut Context<'_>,
) -> Result<Gathered, CommandError> {
    let books = Books::open(&mut planned, options.limit, context)?;
    let options = AskOptions {
        limit: books.limit,
        ..options
    };
    let legs = planned.into_iter().map(|planned| planned.leg).collect();
    context.interrupt.arm();
    let ending = block_on(pull(legs, options, &context.interrupt));
    context.interrupt.disarm();
    let ending = ending??;
    let attempts = match &ending {
        Ending::Complete(answer) | Ending::Signalled(_, answer) => &answer.attempts,
        Ending::Failed(failure) => &failure.partial.attempts,
    };
    let unbooked = books.close(attempts, None, context).err();
    match ending {
        Ending::Complete(answer) => Ok(Gathered {
            answer: Ok(*answer),
            unbooked,
        }),
        Ending::Failed(failure) => Ok(Gathered {
            answer: Err(failure),
            unbooked,
        }),
        Ending::Signalled(signal, _) => Err(signal.into()),
    }
}

async fn pull(
    legs: Vec<Leg>,
    options: AskOptions,
    interrupt: &Interrupt,
) -> Result<Ending, CommandError> {
    let mut stream = readiness::start(legs, options).await?;
    loop {
        let event = tokio::select! {
            biased;
            signal = interrupt.wait() => return Ok(Ending::Signalled(signal, Box::new(stream.into_partial()))),
            event = stream.next() => event,
        };
        match event {
            Ok(Some(ChatEvent::End(answer))) => return Ok(Ending::Complete(answer)),
            Ok(Some(_)) => {}
            Ok(None) => return Ok(Ending::Complete(Box::default())),
            Err(failure) => return Ok(Ending::Failed(failure)),
        }
    }
}
