//! The routing options that exclude providers, and where each was set.

use serde_json::Value;

use crate::chat::refusal::RoutingRule;
use crate::config::Settings;
use crate::config::options::Origin;
use crate::config::options::path;

/// Options that exclude providers, each with its routing rule.
const NARROWING: &[(&str, RoutingRule)] = &[
    ("provider.zdr", RoutingRule::Privacy),
    ("provider.data_collection", RoutingRule::Privacy),
    ("provider.max_price", RoutingRule::MaxPrice),
    ("provider.require_parameters", RoutingRule::Parameters),
    ("provider.only", RoutingRule::Providers),
    ("provider.ignore", RoutingRule::Providers),
    ("provider.allow_fallbacks", RoutingRule::Providers),
    ("provider.quantizations", RoutingRule::Quantizations),
    ("provider.enforce_distillable_text", RoutingRule::Unknown),
];

/// What to do next: the user's options of that rule, or general advice where none is set, then the
/// other options that exclude providers.
pub(super) fn hints(rule: RoutingRule, settings: &Settings) -> Vec<String> {
    let (of_rule, of_others): (Vec<_>, Vec<_>) = NARROWING
        .iter()
        .partition(|(_, of)| *of == rule && rule != RoutingRule::Unknown);
    let described = |options: Vec<&(&str, RoutingRule)>| -> Vec<String> {
        options
            .into_iter()
            .filter_map(|(name, _)| described(name, settings))
            .collect()
    };
    let (causes, others) = (described(of_rule), described(of_others));
    if causes.is_empty() {
        return std::iter::once(general(rule).to_owned())
            .chain(others)
            .collect();
    }
    causes
        .into_iter()
        .chain(["relax that option, or choose another model with -m".to_owned()])
        .collect()
}

/// Every option that excludes providers, for a model that the provider reports as missing.
pub(super) fn narrowing(settings: &Settings) -> Vec<String> {
    NARROWING
        .iter()
        .filter_map(|(name, _)| described(name, settings))
        .collect()
}

/// The option with its value and where it was set; `None` when it excludes no provider.
fn described(name: &str, settings: &Settings) -> Option<String> {
    let value = path::get(&settings.body, name).filter(|value| narrows(name, value))?;
    let place = match settings.options.origin(name)? {
        Origin::Profile(key) => format!(
            "{key} of profile '{}' in config.yml",
            settings.profile.value
        ),
        Origin::Model(source) => source.to_string(),
        Origin::Chosen(how) => how,
    };
    Some(format!(
        "{name} is {value}, set by {place}: it excludes providers"
    ))
}

/// Whether the value excludes providers.
fn narrows(name: &str, value: &Value) -> bool {
    match (name, value) {
        ("provider.allow_fallbacks", value) => *value == false,
        (_, Value::Bool(is_on)) => *is_on,
        (_, Value::String(word)) => word != "allow",
        _ => true,
    }
}

fn general(rule: RoutingRule) -> &'static str {
    match rule {
        RoutingRule::Privacy => {
            "the account's privacy settings exclude every provider of this model: \
            https://openrouter.ai/settings/privacy"
        }
        RoutingRule::Tools => {
            "no provider of this model supports tools: choose another model with -m"
        }
        RoutingRule::MaxPrice => {
            "every provider of this model costs more than the limit: choose another model with -m"
        }
        RoutingRule::Parameters => {
            "no provider of this model supports every parameter: amx chat --dry-run …   (shows \
            them)"
        }
        RoutingRule::Providers => {
            "the account's settings exclude every provider of this model: \
            https://openrouter.ai/settings/preferences"
        }
        RoutingRule::Quantizations => {
            "no provider serves this model with these quantizations: choose another model with -m"
        }
        RoutingRule::Region => {
            "the model is not available in this region: choose another model with -m"
        }
        RoutingRule::Unknown => {
            "choose another model with -m, or inspect the request: amx chat --dry-run …"
        }
    }
}
