//! `amx models`: which models a provider has, what they can do and cost, and what changed.

mod args;
mod json;
mod notices;
mod show;
mod table;

pub use args::ModelsArgs;

use std::time::SystemTime;

use serde_json::Value;

use super::model_picker;
use crate::ask::model_list::{self, ModelList, ModelSource};
use crate::catalog::{Model, filter};
use crate::config::{ConfigFile, Overrides, Settings};
use crate::ports::context::Context;
use crate::ports::error::{CommandError, ErrorKind};
use crate::present::time;
use args::{ListArgs, ModelsCommand, PickArgs, SyncArgs};

pub fn run(args: &ModelsArgs, context: &mut Context<'_>) -> Result<(), CommandError> {
    match &args.command {
        None => list(&args.list, context),
        Some(ModelsCommand::Show(args)) => show::run(args, context),
        Some(ModelsCommand::Sync(args)) => sync(args, context),
        Some(ModelsCommand::Pick(args)) => pick(args, context),
    }
}

/// The provider of a profile, of the active one when none is named.
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
    let place = ModelSource::of(&settings, &context.equipment)?;
    Ok((config, place))
}

fn list(args: &ListArgs, context: &mut Context<'_>) -> Result<(), CommandError> {
    let (config, place) = opened(args.profile.as_deref(), context)?;
    let listing = model_picker::listed(&place, context)?;
    notices::retirements(&listing, &place, &config, context);
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
    show_table(&matching, context)?;
    if matching.len() < found {
        context.output.note(&format!(
            "{} of {found} that match; -n shows more",
            matching.len()
        ));
    }
    Ok(())
}

fn show_table(models: &[&Model], context: &mut Context<'_>) -> Result<(), CommandError> {
    // In a pipe an id must stay whole; only a terminal has an edge.
    let width = if context.output.is_terminal() {
        context.output.width()
    } else {
        usize::MAX
    };
    let table = table::table(models, width);
    // One write for all of them.
    context.output.line(&table.lines.join("\n"))?;
    if let Some(legend) = table.legend {
        context.output.aside(&legend);
    }
    Ok(())
}

fn nothing_matches(listing: &ModelList) -> CommandError {
    let error = CommandError::new(
        ErrorKind::No,
        format!("none of the {} models matches", listing.models.len()),
    );
    let tells_nothing = listing
        .models
        .iter()
        .all(|model| model.parameters.is_empty() && model.context.is_none());
    if tells_nothing {
        error
            .caused_by_words("this provider's list has ids only, so that filters find nothing")
            .hint("amx models")
    } else {
        error.hint("amx models")
    }
}

fn sync(args: &SyncArgs, context: &mut Context<'_>) -> Result<(), CommandError> {
    let (config, place) = opened(args.profile.as_deref(), context)?;
    let before = model_list::cached(&place, &context.equipment).map(|listing| listing.synced);
    let listing = model_list::sync(&place, &context.equipment)?;
    context.remark(&listing.remarks);
    notices::retirements(&listing, &place, &config, context);
    notices::missing(&listing, &place, &config, context);
    if args.json {
        let mut value = listing.changes.as_ref().map_or_else(
            || json::changes(&crate::catalog::changes::CatalogChanges::default()),
            json::changes,
        );
        value["models"] = listing.models.len().into();
        value["server"] = place.server().into();
        value["previous_sync"] = before.map(time::utc).into();
        return Ok(context.output.json(&value)?);
    }
    context.output.line(&format!(
        "✓ {} models of {}",
        listing.models.len(),
        place.server()
    ))?;
    let Some((changes, before)) = listing.changes.as_ref().zip(before) else {
        return Ok(());
    };
    let age = time::age(before, SystemTime::now());
    if changes.is_empty() {
        return Ok(context
            .output
            .line(&format!("nothing changed since {age} ago"))?);
    }
    context
        .output
        .line(&format!("since {age} ago: {}", changes.in_short()))?;
    for line in notices::change_lines(changes) {
        context.output.line(&line)?;
    }
    Ok(())
}

fn pick(args: &PickArgs, context: &mut Context<'_>) -> Result<(), CommandError> {
    context.require_terminal("models pick", "amx models QUERY   (lists what matches)")?;
    let (config, place) = opened(args.profile.as_deref(), context)?;
    let listing = model_picker::listed(&place, context)?;
    notices::retirements(&listing, &place, &config, context);
    let id = model_picker::pick(&listing.models, &args.query.join(" "), None, context)?;
    Ok(context.output.line(&id)?)
}
