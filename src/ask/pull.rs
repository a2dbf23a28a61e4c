//! Pulls the events of one answer out of its stream, until it is complete, fails or is stopped.

use std::time::Duration;

use super::outcome::Ending;
use crate::chat::attempts::ChatStream;
use crate::chat::declaration::{self, DeclarationFilter, Declared};
use crate::chat::error::{ChatError, ChatFailure};
use crate::chat::event::ChatEvent;
use crate::ports::interrupt::Interrupt;
use crate::ports::output::OutputError;
use crate::secrets::SecretError;

/// Time for a signal to arrive after what it ended.
const SIGNAL_GRACE: Duration = Duration::from_millis(100);

/// Where the events of one answer go, and when nobody wants them any more.
pub(crate) trait Receiver {
    /// A request starts.
    fn begin(&mut self);

    /// Takes an event.
    async fn event(&mut self, event: ChatEvent) -> Result<(), OutputError>;

    /// No further event is ready.
    fn flush(&mut self) -> Result<(), OutputError>;

    /// Text and reasoning so far.
    fn draft(&mut self, text: &str, reasoning: &str);

    /// Completes when nobody wants to see more.
    async fn closed(&mut self);
}

/// What a stream came to: how it ended, and the confidence that the model declared.
pub type Pulled = (Ending, Option<Declared>);

/// Pulls every event of a stream. A declared confidence at the end of the text is stripped when
/// `is_rated`.
pub(crate) async fn pull(
    mut stream: ChatStream,
    is_rated: bool,
    receiver: &mut impl Receiver,
    interrupt: &Interrupt,
) -> Pulled {
    let mut filter = is_rated.then(DeclarationFilter::default);
    let ending = events(&mut stream, filter.as_mut(), receiver, interrupt).await;
    let mut ending = match ending {
        Stopped::Ended(ending) => ending,
        Stopped::Signal(signal) => Ending::Signalled(signal, Box::new(stream.into_partial())),
        Stopped::Unshown(error) => Ending::Unshown(error, Box::new(stream.into_partial())),
    };
    let Some(mut filter) = filter else {
        return (ending, None);
    };
    let mut rest = String::new();
    let declared = filter.finish(&mut rest);
    if !rest.is_empty() {
        // The answer has ended all the same.
        let _ = receiver.event(ChatEvent::Text(rest)).await;
    }
    if declared.is_some() {
        let answer = ending.answer();
        answer.text = declaration::strip(&answer.text).0;
    }
    (ending, declared)
}

/// Why no further event is pulled.
enum Stopped {
    Ended(Ending),
    Signal(crate::ports::interrupt::Signal),
    Unshown(OutputError),
}

async fn events(
    stream: &mut ChatStream,
    mut filter: Option<&mut DeclarationFilter>,
    receiver: &mut impl Receiver,
    interrupt: &Interrupt,
) -> Stopped {
    loop {
        if !stream.has_event_ready()
            && let Err(error) = receiver.flush()
        {
            return Stopped::Unshown(error);
        }
        let event = tokio::select! {
            biased;
            signal = interrupt.wait() => return Stopped::Signal(signal),
            () = receiver.closed() => return Stopped::Unshown(OutputError::Closed),
            event = stream.next() => event,
        };
        let event = match event {
            Ok(Some(ChatEvent::End(answer))) => return Stopped::Ended(Ending::Complete(answer)),
            Ok(Some(event)) => event,
            Ok(None) => return Stopped::Ended(Ending::Complete(Box::default())),
            Err(failure) => return Stopped::Ended(ending_of(failure, interrupt).await),
        };
        if let Some((text, reasoning)) = stream.draft() {
            receiver.draft(text, reasoning);
        }
        let Some(event) = filtered(event, filter.as_deref_mut()) else {
            continue;
        };
        if let Err(error) = receiver.event(event).await {
            return Stopped::Unshown(error);
        }
    }
}

/// The event without what may be the start of a declaration.
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

/// A signal to the whole process group also ends the program that was run for a key: then the
/// signal is the reason.
async fn ending_of(failure: ChatFailure, interrupt: &Interrupt) -> Ending {
    if !matches!(
        failure.error,
        ChatError::Secret(SecretError::Command { .. } | SecretError::Invalid { .. })
    ) {
        return Ending::Failed(failure);
    }
    match tokio::time::timeout(SIGNAL_GRACE, interrupt.wait()).await {
        Ok(signal) => Ending::Signalled(signal, failure.partial),
        Err(_) => Ending::Failed(failure),
    }
}
