//! Choosing a model by a few letters of its id or name.

use crate::ask::model_list::{self, ModelList, ModelSource};
use crate::catalog::Model;
use crate::catalog::nearest::{nearest, search};
use crate::ports::context::Context;
use crate::ports::error::{CommandError, ErrorKind};
use crate::present::figures;

/// Most models offered at once.
const MOST: usize = 20;

/// The models of a source, with what the user should read about the list shown.
///
/// # Errors
/// When there is no list.
pub fn listed(source: &ModelSource, context: &mut Context<'_>) -> Result<ModelList, CommandError> {
    let list = model_list::current(source, &context.equipment)?;
    context.remark(&list.remarks);
    Ok(list)
}

/// Asks until one model is chosen, and gives its id. Letters that fit one model only choose it.
pub fn pick(
    models: &[Model],
    letters: &str,
    current: Option<&str>,
    context: &mut Context<'_>,
) -> Result<String, CommandError> {
    let mut letters = letters.to_owned();
    let current = current.filter(|current| models.iter().any(|model| model.id == *current));
    if search(models, &letters).is_empty() {
        return Err(nothing_like(models, &letters));
    }
    loop {
        let found = search(models, &letters);
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
                        Err("no model is like that".to_owned())
                    } else {
                        Ok(())
                    }
                };
                let question = format!(
                    "{} models fit; a few letters of the one you want",
                    found.len()
                );
                let typed = context.input.text(&question, current, &check)?;
                // An id may be a part of others.
                if let Some(exact) = models.iter().find(|model| model.id == typed) {
                    return Ok(exact.id.clone());
                }
                letters = typed;
            }
        }
    }
}

/// The error for letters that fit no model; it names those that are called nearly so.
pub fn nothing_like(models: &[Model], letters: &str) -> CommandError {
    let near = nearest(letters, models.iter().map(|model| model.id.as_str()), 3);
    let error = CommandError::new(
        ErrorKind::Usage,
        format!(
            "there is no model '{}' among {}",
            letters.escape_debug(),
            models.len()
        ),
    );
    let error = if near.is_empty() {
        error
    } else {
        error.hint(format!("did you mean {}?", near.join(", ")))
    };
    error.hint("amx models QUERY   (lists what matches)")
}

fn item(model: &Model) -> String {
    let price = model.price.rates().map_or_else(
        || figures::price(&model.price).0,
        |rates| {
            format!(
                "${}/${}",
                figures::dollars(rates.input),
                figures::dollars(rates.output)
            )
        },
    );
    let context = model.context.map_or("-".to_owned(), figures::tokens);
    format!("{:<42} {context:>6}  {price}", model.id)
}
