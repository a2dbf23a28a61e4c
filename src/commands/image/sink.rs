//! Shows what arrives while images are made.

use crate::ask::sink::AnswerSink;
use crate::chat::event::ChatEvent;
use crate::ports::output::{AnswerForm, Output, OutputError};

pub(super) struct ImageSink<'a> {
    pub output: &'a mut dyn Output,
    pub form: AnswerForm,
}

impl AnswerSink for ImageSink<'_> {
    fn start(&mut self) {
        self.output.begin_answer(self.form);
    }

    fn event(&mut self, event: &ChatEvent) -> Result<(), OutputError> {
        self.output.answer_event(event)
    }

    fn flush(&mut self) -> Result<(), OutputError> {
        self.output.flush_answer()
    }
}
