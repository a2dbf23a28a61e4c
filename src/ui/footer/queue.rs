//! The messages that wait to be sent, one for each answer.

use std::collections::VecDeque;

use crate::ports::entered_text::EnteredText;

/// A message that waits to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Message {
    /// As it was meant.
    pub text: EnteredText,
    /// As it stood on the line: with labels for long pastes.
    pub shown: String,
}

/// The messages, the next one first.
#[derive(Debug, Default)]
pub(super) struct Queue {
    messages: VecDeque<Message>,
    /// Nothing is sent by itself until a message is sent from the line.
    is_paused: bool,
}

impl Queue {
    pub(super) fn push(&mut self, message: Message) {
        self.messages.push_back(message);
    }

    /// The message that is sent now.
    pub(super) fn next(&mut self) -> Option<Message> {
        if self.is_paused {
            return None;
        }
        self.messages.pop_front()
    }

    /// Pauses, and gives the first message back. Without one, nothing waits: a message that is
    /// typed from now on was written after the stop, and is sent.
    pub(super) fn pause(&mut self) -> Option<Message> {
        let first = self.messages.pop_front();
        self.is_paused = first.is_some();
        first
    }

    /// A message has been sent from the line.
    pub(super) fn resume(&mut self) {
        self.is_paused = false;
    }

    pub(super) fn take_last(&mut self) -> Option<Message> {
        self.messages.pop_back()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.messages.is_empty()
    }

    pub(super) fn len(&self) -> usize {
        self.messages.len()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Message> {
        self.messages.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(text: &str) -> Message {
        Message {
            text: EnteredText::typed(text),
            shown: text.to_owned(),
        }
    }

    #[test]
    fn messages_wait_after_a_stop_until_one_is_sent_from_the_line() {
        let mut queue = Queue::default();
        queue.push(message("one"));
        queue.push(message("two"));
        assert_eq!(queue.pause(), Some(message("one")));
        assert_eq!(queue.next(), None);
        queue.resume();
        assert_eq!(queue.next(), Some(message("two")));
    }

    #[test]
    fn a_message_that_is_typed_after_the_stop_does_not_wait() {
        let mut queue = Queue::default();
        assert_eq!(queue.pause(), None);
        queue.push(message("one"));
        assert_eq!(queue.next(), Some(message("one")));
    }
}
