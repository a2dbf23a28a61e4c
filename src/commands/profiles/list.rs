//! `amx profiles list`: name, provider, model and key of each profile.

use serde_json::{Value, json};

use crate::config::ConfigFile;
use crate::config::model_choice::provider_of;
use crate::config::profile::Profile;
use crate::ports::context::Context;
use crate::ports::error::CommandError;
use crate::present::page::Role;
use crate::present::table::{Cell, Column, Table};
use crate::providers;
use crate::secrets::Reference;

/// The first column marks the active profile.
const COLUMNS: [Column; 5] = [
    Column::left(""),
    Column::left("NAME"),
    Column::left("PROVIDER"),
    Column::left("MODEL").shrinks_to(18),
    Column::left("KEY"),
];

pub(super) fn run(as_json: bool, context: &mut Context<'_>) -> Result<(), CommandError> {
    let config = context.config()?;
    let active = config.active.as_deref();
    if as_json {
        let rows: Vec<Value> = config
            .profiles
            .iter()
            .map(|(name, profile)| row_json(name, profile, active, &config))
            .collect();
        return Ok(context.output.json(&Value::from(rows))?);
    }
    if config.profiles.is_empty() {
        context
            .output
            .note("no profile is set up yet: amx add-llm-profile");
        return Ok(());
    }
    // A reference must stay whole: it is copied.
    let mut table = Table::new(COLUMNS).or_records(2);
    for (name, profile) in &config.profiles {
        let mark = if active == Some(name) { "*" } else { "" };
        table.row([
            Cell::of(Role::Ok, mark),
            Cell::of(Role::Strong, name),
            provider_of(name, &config).into(),
            profile.model.as_deref().unwrap_or("-").into(),
            key_of(name, profile, &config).into(),
        ]);
    }
    let page = table.page_lines(context.table_width()).into_iter();
    Ok(context.output.page(&page.collect())?)
}

fn row_json(name: &str, profile: &Profile, active: Option<&str>, config: &ConfigFile) -> Value {
    json!({
        "name": name,
        "active": active == Some(name),
        "provider": provider_of(name, config),
        "model": profile.model,
        "api_key": key_of(name, profile, config),
    })
}

/// Where the key is, never the key.
fn key_of(name: &str, profile: &Profile, config: &ConfigFile) -> String {
    let reference = profile.api_key.as_deref().map(Reference::parse);
    match reference {
        Some(Ok(reference)) => reference.to_string(),
        Some(Err(why)) => why.to_owned(),
        None if providers::find(&provider_of(name, config))
            .is_some_and(|entry| entry.works_without_key) =>
        {
            "not needed".to_owned()
        }
        None => "from the environment".to_owned(),
    }
}
