//! Picks a model by a part of its ID or name.

use crate::ask::model_list::{self, ModelList, ModelSource};
use crate::catalog::Model;
use crate::catalog::nearest::{nearest, search};
use crate::ports::context::Context;
use crate::ports::error::{CommandError, ErrorKind};
use crate::present::count::{self, plural};
use crate::present::money;

/// Most models offered at once.
const MOST: usize = 20;

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

/// Prompts until one model is chosen, and returns its ID. A query with one match chooses it.
pub(super) fn pick(
    models: &[Model],
    query: &str,
    current: Option<&str>,
    context: &mut Context<'_>,
) -> Result<String, CommandError> {
    let mut query = query.to_owned();
    let current = current.filter(|current| models.iter().any(|model| model.id == *current));
    if search(models, &query).is_empty() {
        return Err(nothing_like(models, &query));
    }
    loop {
        let found = search(models, &query);
        match found.as_slice() {
            [only] => return Ok(only.id.clone()),
            _ if found.len() <= MOST => {
                let items: Vec<String> = found.iter().map(|model| item(model)).collect();
                let default = found
                    .iter()
                    .position(|model| Some(model.id.as_str()) == current)
                    .unwrap_or_default();
                let chosen = context.input.choose("Model", &items, default)?;
                return Ok(found
                    .get(chosen)
                    .map(|model| model.id.clone())
                    .unwrap_or_default());
            }
            _ => {
                let check = |text: &str| {
                    if search(models, text).is_empty() {
                        Err("no matching model".to_owned())
                    } else {
                        Ok(())
                    }
                };
                let question = format!("Search {}", plural(found.len(), "model"));
                let typed = context.input.text(&question, current, &check)?;
                // An ID may be a part of others.
                if let Some(exact) = models.iter().find(|model| model.id == typed) {
                    return Ok(exact.id.clone());
                }
                query = typed;
            }
        }
    }
}

/// The error for a query without a match; its hint has the nearest IDs.
pub(super) fn nothing_like(models: &[Model], query: &str) -> CommandError {
    let near = nearest(query, models.iter().map(|model| model.id.as_str()), 3);
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

fn item(model: &Model) -> String {
    let price = model.price.rates().map_or_else(
        || money::price(&model.price).0,
        |rates| {
            format!(
                "${}/${}",
                money::rate(rates.input),
                money::rate(rates.output)
            )
        },
    );
    let context = model.context.map_or("-".to_owned(), count::tokens);
    format!("{:<42} {context:>6}  {price}", model.id)
}
