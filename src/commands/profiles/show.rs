//! `amx profiles show`: every setting of one profile with its source.

use serde_json::{Value, json};

use super::args::NamedArgs;
use crate::ask::question::Resolved;
use crate::ask::{connection, explain};
use crate::config::edit::{self, Edit};
use crate::config::{Explained, Overrides, Settings};
use crate::ports::context::Context;
use crate::ports::error::CommandError;
use crate::present::page::{Line, Page, Role};
use crate::secrets::reference::SERVICE;
use crate::secrets::{KeySource, Reference, credential};

/// Columns of a setting's name.
const KEY_WIDTH: usize = 20;

pub(super) fn run(args: NamedArgs, context: &mut Context<'_>) -> Result<(), CommandError> {
    let config = context.config()?;
    let overrides = Overrides {
        profile: args.name,
        ..Overrides::default()
    };
    let settings = Settings::resolve(&overrides, &context.equipment.environment, &config)?;
    let resolved = Resolved {
        settings: &settings,
        overrides: &overrides,
        config: &config,
    };
    let explained = explain::explain(&resolved, &context.equipment)?;
    if args.json {
        let fields = explained.iter().map(|line| {
            (
                line.key.clone(),
                json!({"value": line.value, "source": line.source}),
            )
        });
        return Ok(context.output.json(&Value::Object(fields.collect()))?);
    }
    context.output.page(&page(explained))?;
    let is_plain = |source: &KeySource| match source {
        KeySource::Reference { reference, .. } => reference.is_plain(),
        _ => false,
    };
    if is_plain(&settings.key) {
        move_key(&settings, context)?;
    }
    Ok(())
}

/// A line for each setting: name, value, source.
pub(crate) fn page(explained: Vec<Explained>) -> Page {
    let lines = explained.into_iter().map(|line| {
        Line::of(Role::Strong, format!("{:<KEY_WIDTH$} ", line.key))
            .and(line.value)
            .with(Role::Dim, format!("   ({})", line.source))
            .hanging(KEY_WIDTH + 1)
    });
    lines.collect()
}

/// Offers to move a key in plain text to the keyring.
fn move_key(settings: &Settings, context: &mut Context<'_>) -> Result<(), CommandError> {
    let name = &settings.profile.value;
    context.output.warning(&format!(
        "the key of profile '{name}' is stored in plain text in config.yml"
    ));
    if !context.input.can_ask() || !context.input.confirm("Move it to the keyring?", true)? {
        return Ok(());
    }
    let Some(key) = connection::credential(settings, &context.equipment).resolve()? else {
        return Ok(());
    };
    let store = context.equipment.keyring();
    credential::store_key(
        store.as_ref(),
        SERVICE,
        &format!("{name}/api_key"),
        &key,
        &connection::origin(settings),
    )?;
    let reference = Reference::of_profile(name).to_string();
    edit::edit(&context.home()?, |_| {
        Ok::<_, CommandError>(vec![Edit::set(
            &["llm_profiles", name, "api_key"],
            reference,
        )])
    })?;
    Ok(context.output.sentence(&format!(
        "✓ Moved the key of profile '{name}' to the keyring"
    ))?)
}
