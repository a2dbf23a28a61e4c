//! Where config.yml names a profile besides its own entry.

use serde_yaml::Value;

use super::edit_text::Edit;
use super::file::ConfigFile;
use super::model_choice::has_tag;

/// A setting that names a profile, and the edit that makes it name another.
#[derive(Debug)]
pub(crate) struct NamedAt {
    /// The setting, such as `model_aliases[0].replacement`.
    pub setting: String,
    /// The profile that has the setting; `None` outside profiles.
    pub holder: Option<String>,
    pub edit: Edit,
}

impl NamedAt {
    fn new(holder: Option<&str>, path: &[&str], value: impl Into<Value>) -> Self {
        Self {
            setting: path.join("."),
            holder: holder.map(str::to_owned),
            edit: Edit::set(path, value),
        }
    }
}

/// Every model and server setting that names the profile `from`; the edits name `to`, and are to be
/// made when the profile has that name. Lists of fallback profiles are not among them.
pub(crate) fn uses(config: &ConfigFile, from: &str, to: &str) -> Vec<NamedAt> {
    let mut uses = Vec::new();
    for (index, replacement) in replacements(config).enumerate() {
        if let Some(renamed) = with_renamed_profile(replacement, from, to, config) {
            uses.push(NamedAt {
                setting: format!("model_aliases[{index}].replacement"),
                holder: None,
                edit: Edit::SetInList {
                    list: "model_aliases".to_owned(),
                    index,
                    key: "replacement".to_owned(),
                    value: renamed.into(),
                },
            });
        }
    }
    for key in ["profile", "model", "force_model"] {
        let written = config.meant().get("serve").and_then(|serve| serve.get(key));
        let renamed = written.and_then(Value::as_str).and_then(|text| match key {
            "profile" => (text == from).then(|| to.to_owned()),
            _ => with_renamed_profile(text, from, to, config),
        });
        uses.extend(renamed.map(|renamed| NamedAt::new(None, &["serve", key], renamed)));
    }
    for (holder, profile) in &config.profiles {
        let new_holder = if holder == from { to } else { holder };
        for (key, model) in profile.models() {
            let renamed = model.and_then(|text| with_renamed_profile(text, from, to, config));
            let path = ["llm_profiles", new_holder, key];
            uses.extend(renamed.map(|renamed| NamedAt::new(Some(holder), &path, renamed)));
        }
        let fallbacks = profile.fallback_models.as_deref().unwrap_or_default();
        let renamed = fallbacks
            .iter()
            .map(|text| with_renamed_profile(text, from, to, config));
        let renamed: Vec<Option<String>> = renamed.collect();
        if renamed.iter().any(Option::is_some) {
            let models: Vec<Value> = std::iter::zip(renamed, fallbacks)
                .map(|(renamed, old)| renamed.unwrap_or_else(|| old.clone()).into())
                .collect();
            uses.push(NamedAt::new(
                Some(holder),
                &["llm_profiles", new_holder, "fallback_models"],
                models,
            ));
        }
    }
    uses
}

fn replacements(config: &ConfigFile) -> impl Iterator<Item = &str> {
    let aliases = config.meant().get("model_aliases");
    let aliases = aliases.and_then(Value::as_sequence).into_iter().flatten();
    aliases.map(|alias| {
        let replacement = alias.get("replacement");
        replacement.and_then(Value::as_str).unwrap_or_default()
    })
}

/// A written list of models with the new name of a profile; `None` when none names the profile.
fn with_renamed_profile(text: &str, from: &str, to: &str, config: &ConfigFile) -> Option<String> {
    let renamed = |piece: &str| {
        let model = piece.trim_start_matches(' ');
        let spaces = &piece[..piece.len() - model.len()];
        let rest = model.strip_prefix(from)?.strip_prefix(':')?;
        let tag = rest.split('?').next().unwrap_or_default();
        // The name of the profile is also that of the model.
        let id = if has_tag(from, tag.trim_end_matches(' '), config) {
            model
        } else {
            rest
        };
        Some(format!("{spaces}{to}:{id}"))
    };
    let pieces: Vec<(&str, Option<String>)> = text
        .split(',')
        .map(|piece| (piece, renamed(piece)))
        .collect();
    let is_named = pieces.iter().any(|(_, renamed)| renamed.is_some());
    let pieces = pieces
        .into_iter()
        .map(|(piece, renamed)| renamed.unwrap_or_else(|| piece.to_owned()));
    is_named.then(|| pieces.collect::<Vec<_>>().join(","))
}
