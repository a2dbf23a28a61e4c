//! How a profile's server is reached: headers, key and client, as its settings say.

use crate::chat::ClientOptions;
use crate::commands::context::Context;
use crate::commands::error::CommandError;
use crate::config::{Settings, env};
use crate::providers::registry::PROVIDERS;
use crate::secrets::Credential;

/// The headers of every request of a profile, its own last so that they win.
pub fn headers(settings: &Settings) -> Vec<(String, String)> {
    let mut headers: Vec<(String, String)> = Vec::new();
    if settings.entry.is_openrouter {
        headers.push(("HTTP-Referer".to_owned(), settings.referer.value.clone()));
        headers.push(("X-OpenRouter-Title".to_owned(), settings.title.value.clone()));
        headers.push(("X-Title".to_owned(), settings.title.value.clone()));
    }
    for (name, value) in &settings.headers {
        headers.retain(|(other, _)| !other.eq_ignore_ascii_case(name));
        headers.push((name.clone(), value.clone()));
    }
    headers
}

/// The profile's key, not looked up yet.
pub fn credential(settings: &Settings, context: &Context<'_>) -> Credential {
    let home_origin = settings.entry.base_url.and_then(|url| crate::chat::Url::parse(url).ok()).map(|url| url.origin().ascii_serialization());
    let environment = context.environment.clone();
    Credential {
        source: settings.key.clone(),
        origin: origin(settings),
        home_origin,
        store: context.keyring(),
        variable: Box::new(move |name| environment.named(name).ok().flatten().map(str::to_owned)),
        withheld_variables: PROVIDERS.iter().map(|entry| entry.key_variable).chain([env::AMX_LLM_API_KEY.name]).collect(),
        home: crate::config::home::user_home(),
    }
}

/// `scheme://host:port` of the profile's server.
pub fn origin(settings: &Settings) -> String {
    settings.base_url.value.origin().ascii_serialization()
}

pub fn client_options(settings: &Settings, context: &Context<'_>) -> Result<ClientOptions, CommandError> {
    Ok(ClientOptions { direct: settings.entry.is_demo(), ..context.client_options()? })
}
