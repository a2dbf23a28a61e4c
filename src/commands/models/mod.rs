//! `amx models`: list, search, show and pick the models of a provider, with features and prices.

mod args;
mod json;
mod notices;
mod show;

pub(crate) use args::ModelsArgs;

use std::time::SystemTime;

use serde_json::Value;

use super::model_picker::{self, ModelQuestion};
use super::model_table;
use crate::ask::model_list::{self, ModelList, ModelSource};
use crate::catalog::{Model, filter};
use crate::config::{ConfigFile, Overrides, Settings};
use crate::ports::context::Context;
use crate::ports::error::{CommandError, ErrorKind};
use crate::present::count::plural;
use crate::present::time;
use args::{ListArgs, ModelsCommand, PickArgs, SyncArgs};

pub(crate) fn run(args: &ModelsArgs, context: &mut Context<'_>) -> Result<(), CommandError> {
    match &args.command {
        None => list(&args.list, context),
        Some(ModelsCommand::Show(args)) => show::run(args, context),
        Some(ModelsCommand::Sync(args)) => sync(args, context),
        Some(ModelsCommand::Pick(args)) => pick(args, context),
    }
}

/// The catalogue of a profile's provider; of the active profile when none is named.
fn opened(
    profile: Option<&str>,
    context: &mut Context<'_>,
) -> Result<(ConfigFile, ModelSource), CommandError> {
    let config = context.config()?;
    let overrides = Overrides {
        profile: profile.map(str::to_owned),
        ..Overrides::default()
    };
    let settings = Settings::resolve(&overrides, &context.equipment.environment, &config)?;
    let source = ModelSource::of(&settings, &context.equipment)?;
    Ok((config, source))
}

fn list(args: &ListArgs, context: &mut Context<'_>) -> Result<(), CommandError> {
    let (config, source) = opened(args.profile.as_deref(), context)?;
    let listing = model_picker::listed(&source, context)?;
    notices::deprecations(&listing, &source, &config, context);
    let filter = args.filter();
    let mut matching: Vec<&Model> = listing
        .models
        .iter()
        .filter(|model| filter.matches(model))
        .collect();
    filter::sort(&mut matching, args.order());
    let found = matching.len();
    matching.truncate(args.limit.unwrap_or(usize::MAX));
    if args.json {
        return Ok(context
            .output
            .json(&matching.into_iter().map(json::model).collect::<Value>())?);
    }
    if matching.is_empty() && found == 0 {
        return Err(nothing_matches(&listing));
    }
    model_table::show(&matching, context)?;
    if matching.len() < found {
        context.output.note(&format!(
            "{} of {found} matching models; -n shows more",
            matching.len()
        ));
    }
    Ok(())
}

fn nothing_matches(listing: &ModelList) -> CommandError {
    let error = CommandError::new(
        ErrorKind::No,
        format!("none of the {} models match", listing.models.len()),
    );
    let has_ids_only = listing
        .models
        .iter()
        .all(|model| model.parameters.is_empty() && model.context.is_none());
    if has_ids_only {
        error
            .caused_by_words("this provider lists IDs only, without the fields that filters match")
            .hint("amx models")
    } else {
        error.hint("amx models")
    }
}

fn sync(args: &SyncArgs, context: &mut Context<'_>) -> Result<(), CommandError> {
    let (config, source) = opened(args.profile.as_deref(), context)?;
    let before = model_list::cached(&source, &context.equipment).map(|listing| listing.synced);
    let listing = model_list::sync(&source, &context.equipment)?;
    context.remark(&listing.remarks);
    notices::deprecations(&listing, &source, &config, context);
    notices::missing(&listing, &source, &config, context);
    if args.json {
        let mut value = listing.changes.as_ref().map_or_else(
            || json::changes(&crate::catalog::changes::CatalogChanges::default()),
            json::changes,
        );
        value["models"] = listing.models.len().into();
        value["server"] = source.server().into();
        value["previous_sync"] = before.map(time::utc).into();
        return Ok(context.output.json(&value)?);
    }
    context.output.sentence(&format!(
        "✓ {} from {}",
        plural(listing.models.len(), "model"),
        source.server()
    ))?;
    let Some((changes, before)) = listing.changes.as_ref().zip(before) else {
        return Ok(());
    };
    let age = time::age(before, SystemTime::now());
    if changes.is_empty() {
        return Ok(context
            .output
            .sentence(&format!("no changes in the last {age}"))?);
    }
    context.output.sentence(&format!(
        "changes in the last {age}: {}",
        changes.in_short()
    ))?;
    for line in notices::change_lines(changes) {
        context.output.sentence(&line)?;
    }
    Ok(())
}

fn pick(args: &PickArgs, context: &mut Context<'_>) -> Result<(), CommandError> {
    context.require_terminal("models pick", "amx models QUERY   (lists matching models)")?;
    let (config, source) = opened(args.profile.as_deref(), context)?;
    let listing = model_picker::listed(&source, context)?;
    notices::deprecations(&listing, &source, &config, context);
    let question = ModelQuestion {
        query: &args.query.join(" "),
        ..ModelQuestion::of(&listing.models)
    };
    let id = model_picker::pick(&question, context)?;
    Ok(context.output.line(&id)?)
}
