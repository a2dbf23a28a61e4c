//! An answer that nobody watches: gathered whole, for a summary or a trial.

use super::plan::Planned;
use super::preflight;
use super::spend::SpendGuard;
use crate::chat::answer::Answer;
use crate::chat::error::ChatFailure;
use crate::chat::event::ChatEvent;
use crate::chat::target::{AskOptions, Target};
use crate::ports::context::{Context, block_on};
use crate::ports::error::CommandError;
use crate::ports::interrupt::{Interrupt, Signal};

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
    let books = SpendGuard::open(&mut planned, options.limit, context)?;
    let options = AskOptions {
        limit: books.limit,
        ..options
    };
    let targets = planned.into_iter().map(|planned| planned.target).collect();
    context.interrupt.arm();
    let ending = block_on(pull(targets, options, &context.interrupt));
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
    targets: Vec<Target>,
    options: AskOptions,
    interrupt: &Interrupt,
) -> Result<Ending, CommandError> {
    let mut stream = preflight::start(targets, options).await?;
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
