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
    pause: Pause,
}

/// Whether an answer was stopped or failed, and what became of the first message.
#[derive(Debug, Default, PartialEq, Eq)]
enum Pause {
    #[default]
    Off,
    /// It went back to the line: what is sent from there is the first message.
    TakenBack,
    /// It still waits: what is sent from the line is the last one.
    Held,
}

impl Queue {
    /// Adds a message of the line. After a stop it resumes, as it does at the prompt: it may have
    /// been sent before the prompt was there.
    pub(super) fn push(&mut self, message: Message) {
        match std::mem::take(&mut self.pause) {
            Pause::TakenBack => self.messages.push_front(message),
            Pause::Off | Pause::Held => self.messages.push_back(message),
        }
    }

    /// The message that is sent now.
    pub(super) fn next(&mut self) -> Option<Message> {
        if self.pause != Pause::Off {
            return None;
        }
        self.messages.pop_front()
    }

    /// Pauses. The first message is removed where it can be put on the line, and waits otherwise.
    /// Without one, nothing waits: a message that is typed from now on was written after the stop,
    /// and is sent.
    pub(super) fn pause(&mut self, put: impl FnOnce(&EnteredText) -> bool) {
        self.pause = match self.messages.front() {
            None => Pause::Off,
            Some(first) if put(&first.text) => Pause::TakenBack,
            Some(_) => Pause::Held,
        };
        if self.pause == Pause::TakenBack {
            self.messages.pop_front();
        }
    }

    /// Resumes with a message of the line: returns the one that is sent now.
    pub(super) fn resume(&mut self, message: Message) -> Message {
        if std::mem::take(&mut self.pause) != Pause::Held {
            return message;
        }
        let Some(first) = self.messages.pop_front() else {
            return message;
        };
        self.messages.push_back(message);
        first
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

    fn queue(texts: &[&str]) -> Queue {
        let mut queue = Queue::default();
        for text in texts {
            queue.push(message(text));
        }
        queue
    }

    #[test]
    fn messages_wait_after_a_stop_until_one_is_sent_from_the_line() {
        let mut queue = queue(&["one", "two"]);
        queue.pause(|first| first.text == "one");
        assert_eq!(queue.next(), None);
        assert_eq!(queue.resume(message("one, edited")), message("one, edited"));
        assert_eq!(queue.next(), Some(message("two")));
    }

    #[test]
    fn a_first_message_that_is_held_is_sent_before_the_line() {
        let mut queue = queue(&["!one", "two"]);
        queue.pause(|_| false);
        assert_eq!(queue.next(), None);
        assert_eq!(queue.resume(message("typed")), message("!one"));
        assert_eq!(queue.next(), Some(message("two")));
        assert_eq!(queue.next(), Some(message("typed")));
    }

    #[test]
    fn a_message_that_is_faster_than_the_prompt_resumes_too() {
        for (is_taken_back, expected) in [(true, ["line", "two"]), (false, ["!one", "two"])] {
            let mut queue = queue(&["!one", "two"]);
            queue.pause(|_| is_taken_back);
            queue.push(message("line"));
            for text in expected {
                assert_eq!(queue.next(), Some(message(text)));
            }
        }
    }

    #[test]
    fn a_held_message_that_was_taken_back_is_sent_from_the_line() {
        let mut queue = queue(&["!one"]);
        queue.pause(|_| false);
        assert_eq!(queue.take_last(), Some(message("!one")));
        assert_eq!(queue.resume(message("!one")), message("!one"));
        assert_eq!(queue.next(), None);
    }

    #[test]
    fn a_message_that_is_typed_after_the_stop_does_not_wait() {
        let mut queue = Queue::default();
        queue.pause(|_| true);
        queue.push(message("one"));
        assert_eq!(queue.next(), Some(message("one")));
    }
}
