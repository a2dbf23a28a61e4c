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

    /// Pauses, and gives the first message back.
    pub(super) fn pause(&mut self) -> Option<Message> {
        self.is_paused = true;
        self.messages.pop_front()
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
