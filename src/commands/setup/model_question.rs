//! Which model a new profile has: from the list of its provider, as soon as that can be read.

use super::draft::{Draft, app_headers, base_url_variable, effective_base_url};
use crate::ask::model_list::{self, ModelList, ModelSource};
use crate::catalog::Model;
use crate::catalog::nearest::is_listed_as;
use crate::commands::model_picker::{self, ModelQuestion};
use crate::config::base_url::parse_base_url;
use crate::config::profile::Profile;
use crate::ports::answer_check::AnswerCheck;
use crate::ports::context::Context;
use crate::ports::error::{CommandError, ErrorKind};
use crate::providers::ProviderEntry;

/// The model that a question offers first.
#[derive(Debug, Clone, Copy)]
pub(super) struct OfferedModel<'a> {
    pub id: &'a str,
    /// It is ours, not the user's: a provider may have replaced it since.
    pub is_suggestion: bool,
}

/// Asks for the model: from the list where the provider has one, else in words.
pub(super) fn ask_model(
    offered: OfferedModel<'_>,
    entry: &ProviderEntry,
    list: Option<Result<ModelList, CommandError>>,
    check: AnswerCheck<'_>,
    context: &mut Context<'_>,
) -> Result<String, CommandError> {
    match list {
        Some(Ok(list)) => {
            let question = ModelQuestion {
                current: Some(offered.id)
                    .filter(|id| !offered.is_suggestion || is_listed(&list.models, id)),
                typed: Some(check),
                ..ModelQuestion::of(&list.models)
            };
            let id = model_picker::pick(&question, context)?;
            context.output.say(&format!("✓ Model {id}"));
            return Ok(id);
        }
        Some(Err(error)) if error.is_quiet() => return Err(error),
        Some(Err(error)) => {
            let start = entry.start_server.filter(|_| entry.base_url.is_some());
            let start = start.map_or(String::new(), |start| format!("   ({start})"));
            context.output.note(&format!(
                "the model catalogue could not be fetched: {}{start}",
                error.message
            ));
        }
        None => {}
    }
    Ok(context.input.text("Model", Some(offered.id), check)?)
}

fn is_listed(models: &[Model], id: &str) -> bool {
    let is_it = |model: &Model| is_listed_as(&model.id, model.canonical_slug.as_deref(), id);
    models.iter().any(is_it)
}

/// Reads the list that the new key opens. A model that is not in it is asked again, or reported
/// where it `is_given` by a flag.
pub(super) fn replace_unlisted_model(
    draft: &mut Draft,
    is_given: bool,
    check: AnswerCheck<'_>,
    context: &mut Context<'_>,
) -> Result<(), CommandError> {
    let Some(key) = draft.key.clone() else {
        return Ok(());
    };
    let entry = draft.entry;
    let base_url = effective_base_url(draft, context)?;
    let source = ModelSource::of_entry(entry, base_url, app_headers(entry), &context.equipment)?;
    let models = match model_list::for_new_profile(&source.with_key(key), &context.equipment) {
        Ok(list) => list.models,
        Err(error) if error.is_quiet() => return Err(error),
        // The key was accepted: a list is not needed to answer.
        Err(_) => return Ok(()),
    };
    if models.is_empty() || is_listed(&models, &draft.model) {
        return Ok(());
    }
    context.output.warning(&format!(
        "{} does not list the model {}",
        entry.name, draft.model
    ));
    if !is_given {
        let question = ModelQuestion {
            typed: Some(check),
            ..ModelQuestion::of(&models)
        };
        draft.model = model_picker::pick(&question, context)?;
        context.output.say(&format!("✓ Model {}", draft.model));
    }
    Ok(())
}

/// The path of most APIs. Many servers have nothing, or a page, at the URL without it.
const VERSION: &str = "/v1";

/// The base URL with `/v1`, when it has no path and the server lists its models only there.
pub(super) fn complete_base_url(
    typed: String,
    existing: &Profile,
    entry: &'static ProviderEntry,
    context: &mut Context<'_>,
) -> Result<String, CommandError> {
    let server = typed.trim_end_matches('/');
    let has_path = server.splitn(4, '/').count() > 3;
    let complete = format!("{server}{VERSION}");
    if has_path {
        return Ok(typed);
    }
    let (Some(first), Some(second)) = (
        model_source(Some(&typed), existing, entry, context)?,
        model_source(Some(&complete), existing, entry, context)?,
    ) else {
        return Ok(typed);
    };
    match model_list::for_new_profile(&first, &context.equipment) {
        Err(error) if error.is_quiet() => return Err(error),
        Err(error) if error.kind != ErrorKind::Network => {}
        _ => return Ok(typed),
    }
    match model_list::for_new_profile(&second, &context.equipment) {
        Err(error) if error.is_quiet() => Err(error),
        Err(_) => Ok(typed),
        Ok(_) => {
            context
                .output
                .say(&format!("✓ Base URL · {complete}, which lists the models"));
            Ok(complete)
        }
    }
}

/// Where the provider lists its models; `None` without a base URL, or without the key that it
/// requires.
pub(super) fn model_source(
    given: Option<&str>,
    existing: &Profile,
    entry: &'static ProviderEntry,
    context: &Context<'_>,
) -> Result<Option<ModelSource>, CommandError> {
    let Some(text) = base_url_variable(entry, context)?
        .or(given)
        .or(existing.base_url.as_deref())
        .or(entry.base_url)
    else {
        return Ok(None);
    };
    let Ok(base_url) = parse_base_url(text, existing.allow_insecure.unwrap_or(false)) else {
        return Ok(None);
    };
    let source = ModelSource::of_entry(entry, base_url, app_headers(entry), &context.equipment)?;
    Ok(Some(source).filter(ModelSource::can_list))
}

/// The list before the key is asked for: `None` without a place to read it, and, with a note, where
/// a server that may work without a key lists its models only with one.
pub(super) fn list_before_key(
    given: Option<&str>,
    existing: &Profile,
    entry: &'static ProviderEntry,
    context: &mut Context<'_>,
) -> Result<Option<Result<ModelList, CommandError>>, CommandError> {
    let Some(source) = model_source(given, existing, entry, context)? else {
        return Ok(None);
    };
    let result = model_list::for_new_profile(&source, &context.equipment);
    match &result {
        Err(error) if error.kind == ErrorKind::Credentials && entry.works_without_key => {
            let words = "the server lists its models with a key; they are shown after the key";
            context.output.note(words);
            Ok(None)
        }
        _ => Ok(Some(result)),
    }
}
