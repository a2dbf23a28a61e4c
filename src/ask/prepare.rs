//! The first half of the recipe: plan a question and check it. Nothing is sent.

use std::sync::Arc;

use super::plan::{self, PlannedTarget};
use super::preflight::{self, FailedCheck, parameters};
use super::question::{Checks, Question, Resolved};
use super::rating;
use crate::chat::message::ContentPart;
use crate::chat::schema::Schema;
use crate::chat::turn::Turn;
use crate::config::Settings;
use crate::config::options::Remark;
use crate::ports::equipment::Equipment;
use crate::ports::error::CommandError;

/// A question that is ready to be sent, or the reason why it must not be.
pub struct Prepared {
    pub parts: Vec<ContentPart>,
    /// The profile asked, then those it falls back to; never empty.
    pub targets: Vec<PlannedTarget>,
    pub schema: Option<Arc<Schema>>,
    pub is_rated: bool,
    /// What the user should read before it is sent.
    pub remarks: Vec<Remark>,
    /// Why it must not be sent.
    refusal: Option<(FailedCheck, CommandError)>,
}

/// Plans a question and runs every check on it. Pure but for the cached catalogue and files that a
/// schema names.
///
/// # Errors
/// When a target cannot be planned, or with `strict` a parameter is not supported. A check that
/// fails is no error here: see [`Prepared::allowed`].
pub fn prepare(
    resolved: &Resolved<'_>,
    question: Question<'_>,
    checks: Checks,
    equipment: &Equipment,
) -> Result<Prepared, CommandError> {
    let mut targets = plan::targets(resolved, &question, equipment)?;
    let mut remarks: Vec<Remark> = Vec::new();
    let planned = || targets.iter().flat_map(|planned| &planned.remarks);
    remarks.extend(planned().filter(|remark| is_note(remark)).cloned());
    remarks.extend(planned().filter(|remark| !is_note(remark)).cloned());
    remarks.extend(parameters::fit(&mut targets, checks, equipment)?);
    if let Some(count) = question.rated {
        rating::request(&mut targets);
        remarks.extend(rating::remark(&targets, count));
    }
    let refusal = preflight::check(&targets, checks, equipment, &mut remarks).err();
    Ok(Prepared {
        parts: question.parts,
        targets,
        schema: question.schema,
        is_rated: question.rated.is_some(),
        remarks,
        refusal,
    })
}

impl Prepared {
    /// The same, when every check passed.
    ///
    /// # Errors
    /// Why it must not be sent.
    pub fn allowed(mut self) -> Result<Self, CommandError> {
        match self.refusal.take() {
            Some((_, error)) => Err(error),
            None => Ok(self),
        }
    }

    /// Why it must not be sent, if that is so.
    pub fn refusal(&self) -> Option<&CommandError> {
        self.refusal.as_ref().map(|(_, error)| error)
    }

    /// The check that it failed, if it failed one.
    pub fn failed_check(&self) -> Option<FailedCheck> {
        self.refusal.as_ref().map(|(check, _)| *check)
    }

    /// The profile that is asked first.
    pub fn first(&self) -> Option<&PlannedTarget> {
        self.targets.first()
    }

    /// Tokens of context of the model that is asked first, where known.
    pub fn context_window(&self) -> Option<u64> {
        self.first()?.settings.context_window
    }

    /// The turn that the question begins.
    pub fn turn(&self, settings: &Settings) -> Turn {
        let system = settings.system.as_ref().map(|system| system.value.clone());
        Turn::new(
            self.parts.clone(),
            system.filter(|system| !system.is_empty()),
            &settings.profile.value,
            settings.entry.name,
            &settings.model.value,
        )
    }

    /// The same question several times, labelled from 1 on.
    pub fn numbered(self, count: usize) -> Vec<(String, Self)> {
        let copy = |number: usize| {
            let one = Self {
                parts: Vec::new(),
                targets: self.targets.clone(),
                schema: self.schema.clone(),
                is_rated: self.is_rated,
                remarks: Vec::new(),
                refusal: None,
            };
            (number.to_string(), one)
        };
        (1..=count).map(copy).collect()
    }

    /// The body of the first request, as JSON, in the order in which it is sent.
    pub fn body(&self) -> serde_json::Value {
        let Some(PlannedTarget { target, .. }) = self.first() else {
            return serde_json::Value::Null;
        };
        // The order of keys is kept, so that this is the body to the letter.
        target.provider.encode(&target.request).to_value()
    }
}

fn is_note(remark: &Remark) -> bool {
    matches!(remark, Remark::Note(_))
}
