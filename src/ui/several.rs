//! Several answers that arrive side by side: lines for programs, numbered notes for people.

use std::cell::RefCell;

use serde::{Serialize, Serializer};
use serde_json::Value;

use super::answer_end::{Below, below};
use super::json;
use super::mode::Mode;
use super::printer::Printer;
use super::text::note_of;
use crate::chat::event::ChatEvent;
use crate::ports::answer_report::AnswerReport;
use crate::ports::error::CommandError;
use crate::ports::output::{Output, OutputError};

impl Printer {
    /// An event of one of them.
    pub(super) fn show_event_of(
        &mut self,
        number: usize,
        event: &ChatEvent,
    ) -> Result<(), OutputError> {
        match (&self.mode, note_of(event)) {
            (Mode::JsonLines(_), _) => {
                let lines = self.numbered.event(number, event);
                self.json_lines(&lines)
            }
            (Mode::Text | Mode::Answer(_), Some(note)) => {
                self.note(&format!("{number}: {note}"));
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// The end of one of them, complete or not.
    pub(super) fn show_end_of(
        &mut self,
        number: usize,
        report: &AnswerReport<'_>,
        error: Option<&CommandError>,
    ) -> Result<(), OutputError> {
        match self.mode {
            Mode::Json => Ok(()),
            Mode::Text | Mode::Answer(_) => {
                self.show_parts_of(number, report);
                // No status line names the model.
                for line in below(report, None, false) {
                    if let Below::Note(note) = line {
                        self.note(&format!("{number}: {note}"));
                    }
                }
                Ok(())
            }
            Mode::JsonLines(_) => {
                let lines = self.numbered.end(number, report, error);
                self.json_lines(&lines)
            }
        }
    }

    /// The list of the objects of all of them, the first of which holds the warnings.
    pub(super) fn show_list(
        &mut self,
        objects: &mut dyn Iterator<Item = Value>,
    ) -> Result<(), OutputError> {
        self.spinner.clear();
        let warnings = &mut self.warnings;
        let mut objects = objects.map(|object| json::with_warnings(object, warnings));
        self.stdout.json_value(&JsonList::of(&mut objects))
    }

    /// The object that describes all of them.
    pub(super) fn show_end_of_all(&mut self, object: Value) -> Result<(), OutputError> {
        self.spinner.clear();
        let value = match self.mode {
            Mode::Text | Mode::Answer(_) => return Ok(()),
            Mode::Json | Mode::JsonLines(_) => json::with_warnings(object, &mut self.warnings),
        };
        match self.mode {
            Mode::JsonLines(_) => self.json_lines(&[format!("{}\n", json::event("end", &value))]),
            _ => self.json(&value),
        }
    }
}

/// A list whose objects are made as they are written.
struct JsonList<'a>(RefCell<&'a mut dyn Iterator<Item = Value>>);

impl<'a> JsonList<'a> {
    fn of(objects: &'a mut dyn Iterator<Item = Value>) -> Self {
        Self(RefCell::new(objects))
    }
}

impl Serialize for JsonList<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        // Nothing else borrows it: a list is written once.
        serializer.collect_seq(&mut **self.0.borrow_mut())
    }
}
