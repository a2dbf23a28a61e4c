//! Picks a model of a catalogue, and suggests one for an ID that the catalogue does not have.

use super::model_table::{self, ModelTable};
use crate::ask::model_list::{self, ModelList, ModelSource};
use crate::catalog::nearest::{nearest, search};
use crate::catalog::{Model, WordList};
use crate::ports::answer_check::AnswerCheck;
use crate::ports::context::Context;
use crate::ports::error::{CommandError, ErrorKind};
use crate::ports::pick::{PickList, Picked};
use crate::present::count::{plural, thousands};
use crate::present::time;
use std::time::{Duration, UNIX_EPOCH};

/// The models of a source; shows the remarks about the list.
///
/// # Errors
/// When there is no list.
pub(super) fn listed(
    source: &ModelSource,
    context: &mut Context<'_>,
) -> Result<ModelList, CommandError> {
    let list = model_list::current(source, &context.equipment)?;
    context.remark(&list.remarks);
    Ok(list)
}

/// Which model?
pub(super) struct ModelQuestion<'a> {
    pub models: &'a [Model],
    /// Parts of ID or name; one match is taken without a question.
    pub query: &'a str,
    /// The model that is selected at first; also one that is not listed.
    pub current: Option<&'a str>,
    /// Allows an ID that is not listed.
    pub typed: Option<AnswerCheck<'a>>,
}

impl<'a> ModelQuestion<'a> {
    /// A question for one of these.
    pub(super) fn of(models: &'a [Model]) -> Self {
        Self {
            models,
            query: "",
            current: None,
            typed: None,
        }
    }
}

/// Lets the user pick a model, and returns its ID.
///
/// # Errors
/// When no model matches the query, or the user cancels.
pub(super) fn pick(
    question: &ModelQuestion<'_>,
    context: &mut Context<'_>,
) -> Result<String, CommandError> {
    let found = search(question.models, question.query);
    match found.as_slice() {
        [] if question.typed.is_none() => {
            return Err(nothing_like(question.models, question.query));
        }
        [only] if !question.query.is_empty() => return Ok(only.id.clone()),
        _ => {}
    }
    // All of them: the filter starts with the query, and can be changed.
    let mut models = search(question.models, "");
    let unlisted = question
        .current
        .filter(|current| models.iter().all(|model| model.id != *current))
        .filter(|_| question.typed.is_some())
        .map(|id| Model {
            id: id.to_owned(),
            ..Model::default()
        });
    if let Some(unlisted) = &unlisted {
        models.insert(0, unlisted);
    }
    let current = question.current;
    let table = ModelTable::to_pick(&models);
    let preview = |row: usize| {
        models
            .get(row)
            .map(|model| about(model))
            .unwrap_or_default()
    };
    let picked = context.input.pick(PickList {
        also_searched: models
            .iter()
            .map(|model| model.name.clone().unwrap_or_default())
            .collect(),
        current: current.and_then(|id| models.iter().position(|model| model.id == id)),
        filter: question.query,
        typed: question.typed,
        preview: Some(&preview),
        ..PickList::new("Model", &table)
    })?;
    Ok(match picked {
        Picked::Row(row) => models
            .get(row)
            .map(|model| model.id.clone())
            .unwrap_or_default(),
        Picked::Typed(id) => id,
    })
}

/// The lines about a model: its name and limits, then its description.
fn about(model: &Model) -> Vec<String> {
    let modalities = |words: &WordList| {
        let words: Vec<&str> = words.iter().collect();
        (!words.is_empty()).then(|| words.join(", "))
    };
    // Servers without a date write 0 or 1.
    let released = model
        .created
        .filter(|seconds| *seconds > 1_000_000_000)
        .and_then(|seconds| u64::try_from(seconds).ok())
        .map(|seconds| time::day(UNIX_EPOCH + Duration::from_secs(seconds)));
    let facts = [
        model.name.clone(),
        Some(model_table::features(model)).filter(|words| !words.is_empty()),
        released.map(|day| format!("released {day}")),
        model.expires.as_ref().map(|day| format!("retires {day}")),
        model
            .max_completion_tokens
            .map(|most| format!("max output {} tokens", thousands(most))),
        modalities(&model.input).map(|words| format!("input {words}")),
        modalities(&model.output).map(|words| format!("output {words}")),
    ];
    let facts: Vec<String> = facts.into_iter().flatten().collect();
    [Some(facts.join(" · ")), model.description.clone()]
        .into_iter()
        .flatten()
        .filter(|line| !line.is_empty())
        .collect()
}

/// The error for a query without a match; its hint has the nearest IDs.
pub(super) fn nothing_like(models: &[Model], query: &str) -> CommandError {
    let near = nearest_ids(models, query);
    let error = CommandError::new(
        ErrorKind::Usage,
        format!(
            "no model matches '{}' (searched {})",
            query.escape_debug(),
            plural(models.len(), "model")
        ),
    );
    let error = if near.is_empty() {
        error
    } else {
        error.hint(format!("did you mean {}?", near.join(", ")))
    };
    error.hint("amx models QUERY   (lists matching models)")
}

/// Up to three IDs that are most like the wanted one.
pub(super) fn nearest_ids<'a>(models: &'a [Model], wanted: &str) -> Vec<&'a str> {
    nearest(wanted, models.iter().map(|model| model.id.as_str()), 3)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_model_is_described_by_what_its_row_does_not_have() {
        let model = Model {
            name: Some("OpenAI: GPT-5 Mini".to_owned()),
            description: Some("Small and quick.".to_owned()),
            created: Some(1_754_587_200),
            max_completion_tokens: Some(128_000),
            input: WordList::of(["text", "image"]),
            ..Model::default()
        };
        assert_eq!(
            about(&model),
            [
                "OpenAI: GPT-5 Mini · vision · released 2025-08-07 · max output 128,000 tokens · \
                input text, image",
                "Small and quick."
            ]
        );
        assert!(about(&Model::default()).is_empty());
    }
}
