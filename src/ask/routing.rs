//! Which of the user's own options left no provider to route to, and where each was set.

use serde_json::Value;

use crate::chat::refusal::RoutingRule;
use crate::config::Settings;
use crate::config::options::merged::Origin;
use crate::config::options::path;

/// Options that keep providers away, each with the rule that it belongs to.
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

/// What to do next: the options of the user's own that belong to the rule; without one, what else
/// the rule means; then the others that keep providers away.
pub fn hints(rule: RoutingRule, settings: &Settings) -> Vec<String> {
    let own = |is_asked: &dyn Fn(RoutingRule) -> bool| -> Vec<String> {
        NARROWING
            .iter()
            .filter(|(_, of)| is_asked(*of))
            .filter_map(|(name, _)| told(name, settings))
            .collect()
    };
    let causes = own(&|of| of == rule && rule != RoutingRule::Unknown);
    let others = own(&|of| of != rule || rule == RoutingRule::Unknown);
    if causes.is_empty() {
        return std::iter::once(general(rule).to_owned())
            .chain(others)
            .collect();
    }
    causes
        .into_iter()
        .chain(["loosen that, or choose another model with -m".to_owned()])
        .collect()
}

/// The options that keep providers away at all, for a model that is told not to be there.
pub fn narrowing(settings: &Settings) -> Vec<String> {
    NARROWING
        .iter()
        .filter_map(|(name, _)| told(name, settings))
        .collect()
}

fn told(name: &str, settings: &Settings) -> Option<String> {
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
        "{name} is {value}, set by {place}: it leaves fewer providers"
    ))
}

/// Whether the value keeps anybody away.
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
        RoutingRule::Tools => "no provider of this model takes tools: choose another model with -m",
        RoutingRule::MaxPrice => {
            "every provider of this model is dearer than the limit: choose another model with -m"
        }
        RoutingRule::Parameters => {
            "no provider of this model takes every parameter: amx chat --dry-run …   (shows them)"
        }
        RoutingRule::Providers => {
            "the account's settings exclude every provider of this model: \
            https://openrouter.ai/settings/preferences"
        }
        RoutingRule::Quantizations => {
            "no provider runs this model with such weights: choose another model with -m"
        }
        RoutingRule::Region => {
            "the model is not offered in this region: choose another model with -m"
        }
        RoutingRule::Unknown => {
            "choose another model with -m, or see what is sent: amx chat --dry-run …"
        }
    }
}
