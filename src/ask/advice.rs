//! What to type after a refusal that is about the model or where it runs.

use super::routing;
use crate::chat::refusal::{Refusal, RefusalKind};
use crate::chat::request::LIMIT_FIELDS;
use crate::config::Settings;
use crate::config::base_url::parse_base_url;
use crate::providers::registry;
use crate::wire::client::Url;
use crate::wire::redact::cut;

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
    let list = format!("amx models{}   (lists models)", settings.profile_flag());
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

/// What to do about the user's own account with a company behind OpenRouter, which has no credits.
pub(super) fn add_credits_upstream(company: &str) -> String {
    let entry = registry::find(&company.to_lowercase());
    match entry.and_then(|entry| entry.credits_page) {
        Some(page) => format!("add credits at {page}"),
        None => format!("add credits to your account with {company}"),
    }
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

/// What to do about a field that a server refuses and the user set, or that a cap needs.
pub(super) fn refused_field(field: &str, settings: &Settings) -> Vec<String> {
    let first = field.split(['.', '[']).next().unwrap_or(field);
    let has_cap = settings.max_cost.is_some() || settings.max_cost_per_day.is_some();
    if LIMIT_FIELDS.contains(&first) && has_cap && settings.limit_field.is_none() {
        return vec![
            "omit --max-cost and max_cost   (the server accepts no limit of output tokens, so no \
            cap can hold)"
                .to_owned(),
            "use another provider: amx chat -p NAME …".to_owned(),
        ];
    }
    let omit = format!("-o {field}=null   (sends the request without it)");
    let show = format!("amx chat --dry-run …   (shows what is sent as '{field}')");
    let can_omit = !NEEDED.contains(&first) && !field.contains('[');
    can_omit.then_some(omit).into_iter().chain([show]).collect()
}

/// What to do about more output tokens than the model, or its context window, has.
pub(super) fn output_too_long(refusal: &Refusal) -> Vec<String> {
    let fits = refusal.room.fitting(u32::MAX, 0);
    let lower = match fits {
        Some(tokens) => format!("--max-tokens {tokens}   (what fits)"),
        None => "lower --max-tokens".to_owned(),
    };
    vec![lower, "amx config explain max_tokens".to_owned()]
}

/// What to do about one request that is larger than what the account may use in a minute.
pub(super) fn above_quota(refusal: &Refusal, settings: &Settings) -> Vec<String> {
    let lower = match refusal.kind {
        RefusalKind::OutputTooLong => output_too_long(refusal).swap_remove(0),
        _ => "shorten the prompt, or attach fewer files".to_owned(),
    };
    let other = match settings.entry.limits_page {
        Some(page) => format!("raise the limit at {page}, or choose another model with -m"),
        None => "raise the account's limit, or choose another model with -m".to_owned(),
    };
    vec![lower, other]
}

/// The commands for models that are no chat models, by a part of their IDs.
const OTHER_COMMANDS: &[(&str, &str)] = &[
    ("embed", "amx embed"),
    ("rerank", "amx rerank"),
    ("image", "amx image"),
];

/// What to do about a model that has another API than chat completions.
pub(super) fn no_chat(refusal: &Refusal, settings: &Settings) -> Vec<String> {
    let (entry, model) = (settings.entry, &settings.model.value);
    let profile = settings.profile_flag();
    let list = format!("amx models{profile}   (lists models)");
    if let Some((_, command)) = OTHER_COMMANDS
        .iter()
        .find(|(part, _)| model.to_ascii_lowercase().contains(part))
    {
        return vec![format!("{command}{profile} -m {model} …"), list];
    }
    // OpenAI has the same words for models of its Responses API as for those without chat.
    let other = if entry.has_responses_models || refusal.message.contains("v1/responses") {
        "choose another model with -m: amx chat does not use the Responses API"
    } else {
        "choose another model with -m"
    };
    let routed = entry.has_responses_models.then(|| {
        let name = entry.name;
        format!("-m openrouter:{name}/{model}   (OpenRouter has it as a chat model)")
    });
    [other.to_owned()]
        .into_iter()
        .chain(routed)
        .chain([list])
        .collect()
}

/// The ends of the URLs that amx calls below a base URL.
const ENDPOINTS: &[&str] = &[
    "/chat/completions",
    "/embeddings",
    "/rerank",
    "/images",
    "/images/generations",
    "/images/edits",
];

/// What to do about a redirect: the base URL that it leads to, where it leads to one.
pub(super) fn redirected(location: &str, settings: &Settings) -> Vec<String> {
    let base = &settings.base_url.value;
    let explain = "amx config explain base_url".to_owned();
    let Some(target) = resolved(location, base) else {
        return vec![explain];
    };
    let shown = cut(target.as_str(), 120);
    let Some(new) = base_of(&target).filter(|new| new != base.as_str().trim_end_matches('/'))
    else {
        return vec![
            format!("check base_url: the server redirects to {shown}"),
            explain,
        ];
    };
    let new = cut(&new, 120);
    vec![
        format!("set base_url to the new URL, if you trust it: {new}"),
        explain,
    ]
}

/// The URL of a redirect, which may be relative to the one that was called.
fn resolved(location: &str, base: &Url) -> Option<Url> {
    let base = base.as_str().trim_end_matches('/');
    let called = Url::parse(&format!("{base}{}", ENDPOINTS[0])).ok()?;
    called.join(location).ok()
}

/// The base URL of an endpoint; `None` for another page, or where a key must not be sent.
fn base_of(target: &Url) -> Option<String> {
    let text = target.as_str().trim_end_matches('/');
    let base = ENDPOINTS.iter().find_map(|end| text.strip_suffix(end))?;
    parse_base_url(base, false).ok()?;
    Some(base.to_owned())
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
