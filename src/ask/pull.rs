//! Reads the events of one answer from its stream, until it is complete, fails or is stopped.

use std::time::Duration;

use super::outcome::Ending;
use crate::chat::attempts::ChatStream;
use crate::chat::declaration::{self, DeclarationFilter, Declared};
use crate::chat::error::{ChatError, ChatFailure};
use crate::chat::event::ChatEvent;
use crate::chat::tool::ToolStep;
use crate::ports::approval::Approver;
use crate::ports::interrupt::Interrupt;
use crate::ports::output::OutputError;
use crate::secrets::SecretError;

/// How long to wait for a signal after a child process ended that it may have killed.
const SIGNAL_GRACE: Duration = Duration::from_millis(100);

/// Receives the events of one answer.
pub(crate) trait Receiver {
    /// A request starts.
    fn start(&mut self) {}

    /// An event arrived.
    async fn event(&mut self, event: ChatEvent) -> Result<(), OutputError>;

    /// No further event is ready.
    fn flush(&mut self) -> Result<(), OutputError> {
        Ok(())
    }

    /// Text and reasoning so far.
    fn draft(&mut self, _text: &str, _reasoning: &str) {}

    /// Asks about calls; `None` when nobody can be asked.
    fn approver(&mut self) -> Option<&mut dyn Approver> {
        None
    }

    /// The calls of an answer have ended.
    fn step(&mut self, _step: &ToolStep) {}

    /// Completes when the receiver accepts no further events.
    async fn closed(&mut self);
}

/// How a stream ended, and the confidence that the model declared.
pub(super) type StreamResult = (Ending, Option<Declared>);

/// Reads every event of a stream. With `is_rated`, removes a declared confidence from the end of
/// the text.
pub(crate) async fn pull(
    mut stream: ChatStream,
    is_rated: bool,
    receiver: &mut impl Receiver,
    interrupt: &Interrupt,
) -> StreamResult {
    let mut filter = is_rated.then(DeclarationFilter::default);
    let ending = events(&mut stream, filter.as_mut(), receiver, interrupt).await;
    let mut ending = match ending {
        StopReason::Ended(ending) => *ending,
        StopReason::Signal(signal) => Ending::Signalled(signal, Box::new(stream.into_partial())),
        StopReason::OutputFailed(error) => {
            Ending::OutputFailed(error, Box::new(stream.into_partial()))
        }
    };
    let Some(mut filter) = filter else {
        return (ending, None);
    };
    let mut rest = String::new();
    let declared = filter.finish(&mut rest);
    if !rest.is_empty() {
        // The answer has ended whether or not this can be shown.
        let _ = receiver.event(ChatEvent::Text(rest)).await;
    }
    if declared.is_some() {
        let answer = ending.answer();
        answer.text = declaration::strip(&answer.text).0;
    }
    (ending, declared)
}

/// Why no further event is read.
enum StopReason {
    Ended(Box<Ending>),
    Signal(crate::ports::interrupt::Signal),
    OutputFailed(OutputError),
}

async fn events(
    stream: &mut ChatStream,
    mut filter: Option<&mut DeclarationFilter>,
    receiver: &mut impl Receiver,
    interrupt: &Interrupt,
) -> StopReason {
    loop {
        if !stream.has_event_ready()
            && let Err(error) = receiver.flush()
        {
            return StopReason::OutputFailed(error);
        }
        let event = tokio::select! {
            biased;
            signal = interrupt.wait() => return StopReason::Signal(signal),
            () = receiver.closed() => return StopReason::OutputFailed(OutputError::Closed),
            event = stream.next() => event,
        };
        let event = match event {
            Ok(Some(ChatEvent::End(answer))) => {
                return StopReason::Ended(Box::new(Ending::Complete(answer)));
            }
            Ok(Some(event)) => event,
            Ok(None) => return StopReason::Ended(Box::new(Ending::Complete(Box::default()))),
            Err(failure) => {
                return StopReason::Ended(Box::new(ending_of(failure, interrupt).await));
            }
        };
        if let Some((text, reasoning)) = stream.draft() {
            receiver.draft(text, reasoning);
        }
        let Some(event) = filtered(event, filter.as_deref_mut()) else {
            continue;
        };
        if let Err(error) = receiver.event(event).await {
            return StopReason::OutputFailed(error);
        }
    }
}

/// The event without text that may be the start of a declaration.
fn filtered(event: ChatEvent, filter: Option<&mut DeclarationFilter>) -> Option<ChatEvent> {
    match (event, filter) {
        (ChatEvent::Text(text), Some(filter)) => {
            let mut certain = String::new();
            filter.push(&text, &mut certain);
            (!certain.is_empty()).then_some(ChatEvent::Text(certain))
        }
        (event, _) => Some(event),
    }
}

/// A signal to the whole process group also ends a child process that looks up a key. The signal is
/// then the reason of the failure.
async fn ending_of(failure: ChatFailure, interrupt: &Interrupt) -> Ending {
    if !matches!(
        failure.error,
        ChatError::Secret(SecretError::Command { .. } | SecretError::Invalid { .. })
    ) {
        return Ending::Failed(Box::new(failure));
    }
    match tokio::time::timeout(SIGNAL_GRACE, interrupt.wait()).await {
        Ok(signal) => Ending::Signalled(signal, failure.partial),
        Err(_) => Ending::Failed(Box::new(failure)),
    }
}
