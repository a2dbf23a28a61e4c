//! The answer in a reply that came in another way than by a request of its own.

use super::stream::{ChatStream, State, start};
use crate::chat::error::ChatError;
use crate::chat::target::{AskOptions, Target};
use crate::wire::client::Reply;

/// The answer in a reply that has arrived. Whatever it is, nothing is sent.
pub(crate) fn arrived(target: Target, reply: Reply, options: AskOptions) -> ChatStream {
    let mut stream = start(vec![target], options);
    stream.state = State::Arrived(Some(Box::new(reply)));
    stream.is_final = true;
    stream
}

impl ChatStream {
    /// Starts reading a reply that has arrived.
    pub(super) async fn open_arrived(&mut self) -> Result<(), ChatError> {
        let State::Arrived(reply) = &mut self.state else {
            return Ok(());
        };
        let Some(reply) = reply.take() else {
            return Ok(());
        };
        self.current.begin_attempt();
        // Without a log there is nothing to call before it is sent.
        let _ = self.current.send(&self.targets[self.target]);
        self.read(*reply).await
    }
}
