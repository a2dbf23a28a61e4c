//! The connection settings of a profile: headers, API key and HTTP client options.

use super::services;
use crate::config::Settings;
pub(crate) use crate::config::env::key_variables;
use crate::config::headers::is_secret_header;
use crate::ports::equipment::Equipment;
use crate::ports::error::CommandError;
use crate::secrets::Credential;
use crate::wire::options::ClientOptions;

/// The headers of every request of a profile. Headers of the profile override the built-in ones.
pub(crate) fn headers(settings: &Settings) -> Vec<(String, String)> {
    let mut headers: Vec<(String, String)> = Vec::new();
    if settings.entry.is_openrouter {
        headers.push(("HTTP-Referer".to_owned(), settings.referer.value.clone()));
        headers.push((
            "X-OpenRouter-Title".to_owned(),
            settings.title.value.clone(),
        ));
        headers.push(("X-Title".to_owned(), settings.title.value.clone()));
        headers.extend(settings.categories.as_ref().map(|categories| {
            (
                "X-OpenRouter-Categories".to_owned(),
                categories.value.join(","),
            )
        }));
    }
    if settings.entry.is_openrouter && settings.fallback_models.is_some() {
        // OpenRouter reports why it skipped a model only on request.
        headers.push(("X-OpenRouter-Metadata".to_owned(), "enabled".to_owned()));
    }
    headers.extend(services::cache_headers(settings));
    if !settings.user_agent.is_default() {
        headers.push(("User-Agent".to_owned(), settings.user_agent.value.clone()));
    }
    for (name, value) in &settings.headers {
        remember_secret(name, value);
        headers.retain(|(other, _)| !other.eq_ignore_ascii_case(name));
        headers.push((name.clone(), value.clone()));
    }
    headers
}

/// Registers the value of a secret header for redaction.
pub(crate) fn remember_secret(header: &str, value: &str) {
    if is_secret_header(header, value) {
        crate::wire::api_key::remember(value);
    }
}

/// The API key of a profile. It is looked up on first use.
pub(crate) fn credential(settings: &Settings, equipment: &Equipment) -> Credential {
    let home_origin = settings
        .entry
        .base_url
        .and_then(|url| crate::wire::client::Url::parse(url).ok())
        .map(|url| url.origin().ascii_serialization());
    let environment = equipment.environment.clone();
    Credential {
        source: settings.key.clone(),
        origin: origin(settings),
        home_origin,
        store: equipment.keyring(),
        variable: Box::new(move |name| environment.named(name).ok().flatten().map(str::to_owned)),
        withheld_variables: key_variables(),
        home: crate::config::home::user_home(),
    }
}

/// `scheme://host:port` of the profile's server.
pub(crate) fn origin(settings: &Settings) -> String {
    settings.base_url.value.origin().ascii_serialization()
}

/// The HTTP client options of a profile. The demo server is contacted without a proxy.
///
/// # Errors
/// When the environment has an invalid proxy or certificate setting.
pub(crate) fn client_options(
    settings: &Settings,
    equipment: &Equipment,
) -> Result<ClientOptions, CommandError> {
    Ok(ClientOptions {
        direct: settings.entry.is_demo(),
        ..equipment.client_options()?
    })
}
