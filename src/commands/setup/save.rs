//! Writes a draft: the key to the keyring or to its file, the rest to config.yml, both or neither.

use std::path::PathBuf;

use serde_yaml::{Mapping, Value};

use super::draft::{Draft, effective_base_url};
use super::key_place::reference_to;
use super::keyring_entry::own_entry;
use crate::config::edit::{self, Edit};
use crate::config::home::user_home;
use crate::config::model_place::OF_PROVIDER;
use crate::config::{ConfigFile, merge, model_choice};
use crate::platform::paths::shown_below;
use crate::ports::context::Context;
use crate::ports::error::CommandError;
use crate::secrets::credential::{self, Before};
use crate::secrets::reference::SERVICE;
use crate::secrets::{Reference, SecretError, key_file};
use crate::wire::api_key::ApiKey;
use crate::wire::files::{self, Existing};

/// Stores the key, then the profile. When config.yml cannot be written, the key is as before.
pub(super) fn save(draft: &Draft, context: &mut Context<'_>) -> Result<(), CommandError> {
    let home = context.home()?;
    let stored = draft
        .key
        .as_ref()
        .map(|key| store(key, draft, context))
        .transpose()?;
    let written = edit::edit(&home, |config| Ok::<_, CommandError>(edits(draft, config)));
    if let (Err(_), Some(stored)) = (&written, stored) {
        stored.put_back(context)?;
    }
    written?;
    let user_home = user_home();
    if let Some(path) = draft.key_file.as_ref().filter(|_| draft.key.is_some()) {
        context.output.note(&format!(
            "the key is stored in plain text in {}, which only you can read",
            shown_below(user_home.as_deref(), path)
        ));
    }
    Ok(context.output.sentence(&format!(
        "✓ Saved LLM profile '{}' to {}",
        draft.name,
        shown_below(user_home.as_deref(), &home.config_file())
    ))?)
}

/// A key that was stored, and what was there before.
enum Stored {
    InKeyring(Before),
    InFile {
        path: PathBuf,
        before: Option<Vec<u8>>,
    },
}

/// Most of a key file that is restored, in bytes.
const LARGEST: u64 = 64 * 1024;

fn store(key: &ApiKey, draft: &Draft, context: &mut Context<'_>) -> Result<Stored, CommandError> {
    if let Some(path) = &draft.key_file {
        let before = files::read_bounded(path, LARGEST).ok();
        key_file::write(path, key).map_err(|source| SecretError::FileNotWritten {
            path: path.clone(),
            source,
        })?;
        return Ok(Stored::InFile {
            path: path.clone(),
            before,
        });
    }
    require_own_entry(draft, context)?;
    let store = context.equipment.keyring();
    let user = format!("{}/api_key", draft.name);
    let origin = effective_base_url(draft, context)?
        .origin()
        .ascii_serialization();
    let before = Before::take(store.as_ref(), SERVICE, &user)?;
    credential::store_key(store.as_ref(), SERVICE, &user, key, &origin)?;
    Ok(Stored::InKeyring(before))
}

/// An error when the keyring entry of this name is the key of another profile, as after a rename or
/// a removal: it would be overwritten.
fn require_own_entry(draft: &Draft, context: &mut Context<'_>) -> Result<(), CommandError> {
    let config = context.config()?;
    let reference = Reference::of_profile(&draft.name).to_string();
    let is_own = config
        .profiles
        .get(&draft.name)
        .is_some_and(|profile| own_entry(&draft.name, profile).is_some());
    match config.others_with_key(&draft.name, &reference).first() {
        Some(other) if !is_own => Err(CommandError::usage(format!(
            "{reference} has the key of profile '{other}'"
        ))
        .hint("choose another name, or --api-key-ref")),
        _ => Ok(()),
    }
}

impl Stored {
    fn put_back(&self, context: &Context<'_>) -> Result<(), CommandError> {
        match self {
            Self::InKeyring(before) => before.put_back(context.equipment.keyring().as_ref())?,
            // The error of config.yml is the one to report.
            Self::InFile { path, before } => match before {
                Some(bytes) => {
                    let _ = files::replace_private(path, bytes, ".key.", Existing::Replace);
                }
                None => {
                    let _ = key_file::delete(path);
                }
            },
        }
        Ok(())
    }
}

/// The reference to the key of a draft; `None` keeps the present one.
fn api_key(draft: &Draft) -> Option<String> {
    match (&draft.key, &draft.key_file) {
        (Some(_), Some(path)) => Some(reference_to(path)),
        (Some(_), None) => Some(Reference::of_profile(&draft.name).to_string()),
        (None, _) => draft.key_reference.clone(),
    }
}

fn edits(draft: &Draft, config: &ConfigFile) -> Vec<Edit> {
    let fields: Vec<(&str, Option<Value>)> = vec![
        ("provider", Some(Value::from(draft.entry.name))),
        ("model", Some(Value::from(draft.model.as_str()))),
        ("base_url", draft.base_url.as_deref().map(Value::from)),
        ("api_key", api_key(draft).map(Value::from)),
        ("temperature", draft.temperature.map(Value::from)),
        ("max_tokens", draft.max_tokens.map(Value::from)),
        ("n_alternatives", draft.alternatives.map(Value::from)),
    ];
    let fields = fields
        .into_iter()
        .filter_map(|(key, value)| Some((key, value?)));
    let mut edits: Vec<Edit> = match config
        .root()
        .get("llm_profiles")
        .and_then(|profiles| profiles.get(&draft.name))
    {
        // An existing profile is edited setting by setting: comments and other settings stay.
        Some(Value::Mapping(existing)) => changes(draft, existing, fields.collect(), config),
        _ => {
            let mapping: Mapping = fields
                .map(|(key, value)| (Value::from(key), value))
                .collect();
            vec![Edit::set(
                &["llm_profiles", &draft.name],
                Value::Mapping(mapping),
            )]
        }
    };
    if draft.activate || config.active.is_none() {
        edits.push(Edit::set(&["active_llm_profile"], draft.name.as_str()));
    }
    edits
}

/// The edits of an existing profile. What belongs to another provider goes, also where the profile
/// has it from a merged mapping.
fn changes(
    draft: &Draft,
    existing: &Mapping,
    fields: Vec<(&str, Value)>,
    config: &ConfigFile,
) -> Vec<Edit> {
    let remove = |key: &str| Edit::remove(&["llm_profiles", &draft.name, key]);
    let set = |key: &str, value: Value| Edit::set(&["llm_profiles", &draft.name, key], value);
    let mut edits = Vec::new();
    if model_choice::provider_of(&draft.name, config) != draft.entry.name {
        let is_written = |key: &str| fields.iter().any(|(written, _)| *written == key);
        for key in OF_PROVIDER.iter().filter(|key| !is_written(key)) {
            if merge::is_inherited(existing, key) {
                edits.push(set(key, Value::Null));
            } else if existing.contains_key(*key) {
                edits.push(remove(key));
            }
        }
    }
    let changed = fields
        .into_iter()
        .filter(|(key, value)| existing.get(*key) != Some(value));
    edits.extend(changed.map(|(key, value)| set(key, value)));
    edits
}
