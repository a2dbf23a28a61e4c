//! What to type after a refusal that is about the model or where it runs.

use super::routing;
use crate::chat::refusal::{Refusal, RefusalKind};
use crate::config::Settings;

/// The hint when a server has no such path.
pub(super) const CHECK_BASE_URL: &str =
    "check base_url: most servers want …/v1   (amx config explain base_url)";

/// What to do about a model, or a URL, that the server does not have.
pub(super) fn unknown_model(refusal: &Refusal, settings: &Settings) -> Vec<String> {
    let (entry, model) = (settings.entry, &settings.model.value);
    let page = entry
        .models_page
        .map_or_else(String::new, |page| format!(" ({page})"));
    if entry.is_openrouter {
        let id = format!(
            "check the model ID '{model}': IDs are case-sensitive and have the form author/model\
            {page}"
        );
        // A 404 may also mean that the routing options exclude every provider.
        let narrowing = match refusal.status {
            404 => routing::narrowing(settings),
            _ => Vec::new(),
        };
        let offered = offered_models(refusal);
        return offered
            .into_iter()
            .chain(std::iter::once(id))
            .chain(narrowing)
            .collect();
    }
    let list = format!("amx models -p {}   (lists models)", settings.profile.value);
    let first = match (&refusal.kind, entry.install_model) {
        (RefusalKind::NotFound, _) => CHECK_BASE_URL.to_owned(),
        (_, Some(install)) => format!("{install} {model}"),
        _ => format!("check the model ID '{model}': IDs are case-sensitive{page}"),
    };
    vec![first, list]
}

/// The models that the provider offers instead.
pub(super) fn offered_models(refusal: &Refusal) -> Option<String> {
    let offered = &refusal.offered_models;
    (!offered.is_empty())
        .then(|| format!("the provider offers instead: -m {}", offered.join(", -m ")))
}

/// A company behind OpenRouter refuses what others may accept.
pub(super) fn forbidden_upstream(refusal: &Refusal, settings: &Settings) -> Vec<String> {
    if !settings.entry.is_openrouter {
        return vec!["use another provider: amx chat -p NAME …".to_owned()];
    }
    let other = "choose another model with -m".to_owned();
    let ignore = refusal
        .provider_name
        .as_ref()
        .map(|name| format!("-o 'provider.ignore=[\"{name}\"]'   (routes to other providers)"));
    let offered = offered_models(refusal);
    offered
        .into_iter()
        .chain(std::iter::once(other))
        .chain(ignore)
        .collect()
}

/// Fields that no request can do without.
const NEEDED: &[&str] = &["model", "messages"];

/// What to do about a field that a server refuses and the user set.
pub(super) fn refused_field(field: &str) -> Vec<String> {
    let first = field.split(['.', '[']).next().unwrap_or(field);
    let omit = format!("-o {field}=null   (sends the request without it)");
    let show = format!("amx chat --dry-run …   (shows what is sent as '{field}')");
    let can_omit = !NEEDED.contains(&first) && !field.contains('[');
    can_omit.then_some(omit).into_iter().chain([show]).collect()
}

/// The advice to choose a model of that kind, and the command that lists them where the model list
/// has the facts.
pub(super) fn another_model(kind: &str, filter: &str, settings: &Settings) -> String {
    let list = if settings.entry.is_openrouter {
        format!("   (amx models {filter} lists them)")
    } else {
        String::new()
    };
    format!("choose a model {kind} with -m{list}")
}
