//! A question as it is entered: its mentions and its attachments.

use std::path::PathBuf;

use super::hints;
use super::state::Conversation;
use crate::attachments::mention::mentions;
use crate::attachments::{self, Attachment, AttachmentReader};
use crate::chat::message::ContentPart;
use crate::ports::context::Context;
use crate::ports::entered_text::EnteredText;
use crate::ports::error::CommandError;

impl Conversation {
    /// Sends what was entered, with what it mentions. A question that was not sent is back at the
    /// prompt.
    ///
    /// # Errors
    /// When something mentioned cannot be attached, and as [`ask`](Self::ask).
    pub(super) fn ask_entered(
        &mut self,
        question: &EnteredText,
        context: &mut Context<'_>,
    ) -> Result<(), CommandError> {
        let before = self.sent;
        let attached = self.attached.clone();
        let outcome = self
            .attach_mentioned(question, context)
            .and_then(|()| self.ask(self.with_attached(text_part(question)), context));
        if outcome.is_err() && self.sent == before {
            self.attached = attached;
            self.editor().prefill(question);
        }
        outcome.map(|_| ())
    }

    /// Attaches what a question mentions.
    ///
    /// # Errors
    /// When it cannot be read, or is too large.
    pub(super) fn attach_mentioned(
        &mut self,
        question: &EnteredText,
        context: &mut Context<'_>,
    ) -> Result<(), CommandError> {
        let words = mentioned_words(question);
        if words.is_empty() {
            return Ok(());
        }
        self.attach_words(&words, context)
    }

    /// Adds what a text mentions to the parts of a question, which has some of it already.
    ///
    /// # Errors
    /// When it cannot be read, or all of it together is too large.
    pub(super) fn add_mentioned(
        &self,
        parts: &mut Vec<ContentPart>,
        text: &EnteredText,
        context: &mut Context<'_>,
    ) -> Result<(), CommandError> {
        let words = mentioned_words(text);
        if words.is_empty() {
            return Ok(());
        }
        let mut read = AttachmentReader::at_prompt(self.form.force).read(&words, context)?;
        read.retain(|attached| !parts.contains(&attached.part));
        attachments::check(&read)?;
        show(&read, context);
        parts.extend(read.into_iter().map(|attached| attached.part));
        Ok(())
    }

    fn attach_words(
        &mut self,
        words: &[PathBuf],
        context: &mut Context<'_>,
    ) -> Result<(), CommandError> {
        let read = AttachmentReader::at_prompt(self.form.force).read(words, context)?;
        self.attach(read.clone())?;
        show(&read, context);
        Ok(())
    }

    /// Attaches the image on the clipboard.
    pub(super) fn paste_image(&mut self, context: &mut Context<'_>) {
        if let Err(error) = self.attach_words(&[PathBuf::from("clipboard:")], context) {
            context.output.failure(&hints::with_slash_commands(error));
        }
    }

    /// Removes the last attachment, if there is one.
    pub(super) fn remove_attachment(&mut self, context: &mut Context<'_>) {
        if let Some(removed) = self.attached.pop() {
            context.output.aside(&format!("- {}", removed.name));
        }
    }

    /// Adds attachments for the next question.
    ///
    /// # Errors
    /// When all of them together are too large.
    pub(crate) fn attach(&mut self, more: Vec<Attachment>) -> Result<(), CommandError> {
        let mut attached = self.attached.clone();
        attachments::add(&mut attached, more);
        attachments::check(&attached)?;
        self.attached = attached;
        Ok(())
    }

    /// The question with its attachments. They stay attached until the question is sent.
    pub(crate) fn with_attached(&self, question: Option<ContentPart>) -> Vec<ContentPart> {
        question
            .into_iter()
            .chain(self.attached.iter().map(|attached| attached.part.clone()))
            .collect()
    }
}

/// The text of a question as a part of it; `None` when it has only attachments.
pub(super) fn text_part(question: &EnteredText) -> Option<ContentPart> {
    let text = question.text.as_str();
    (!text.is_empty()).then(|| ContentPart::Text(text.into()))
}

fn mentioned_words(question: &EnteredText) -> Vec<PathBuf> {
    let mentioned = mentions(question).into_iter();
    mentioned.map(|mention| mention.word).collect()
}

fn show(attached: &[Attachment], context: &mut Context<'_>) {
    for attached in attached {
        context
            .output
            .aside(&format!("+ {}", attached.description()));
    }
}
