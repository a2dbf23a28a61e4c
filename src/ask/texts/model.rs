//! Which model embeds or reranks: the profile's own, unless that is a model for chats.

use crate::chat::endpoint::Endpoint;
use crate::config::{ConfigError, ConfigFile, Overrides, Settings, model_place};
use crate::ports::equipment::Equipment;
use crate::ports::error::CommandError;
use crate::providers::registry::{PROVIDERS, ProviderEntry};

/// Parts of the IDs of embedding models.
const EMBEDDERS: &[&str] = &["embed", "bge-", "e5-", "gte-", "minilm"];

/// Parts of the IDs of rerank models.
const RERANKERS: &[&str] = &["rerank", "cross-encoder"];

/// The settings with the model of an endpoint: the one that the flags, or `embedding_model` and
/// `rerank_model` of the profile name, else the provider's. A model of the profile whose ID is not
/// that of such a model is one for chats.
///
/// # Errors
/// [`ErrorKind::Usage`](crate::ports::ErrorKind::Usage) for a provider without the endpoint, and
/// as [`Settings::resolve`].
pub(crate) fn with_model(
    endpoint: Endpoint,
    overrides: &mut Overrides,
    config: &ConfigFile,
    equipment: &Equipment,
) -> Result<Settings, CommandError> {
    let environment = &equipment.environment;
    let settings = Settings::resolve(overrides, environment, config)?;
    check(&settings, endpoint)?;
    if overrides.model.is_some() {
        return Ok(settings);
    }
    let profile = settings.profile.value.as_str();
    let own = profile_model(profile, config, endpoint);
    if own.is_none() && is_for(endpoint, &settings.model.value) {
        return Ok(settings);
    }
    let of_provider = || model_of(settings.entry, endpoint).map(str::to_owned);
    let Some(model) = own.clone().or_else(of_provider) else {
        return Ok(settings);
    };
    overrides.model = Some(model);
    Settings::resolve(overrides, environment, config).map_err(|error| match error {
        // The model is an override here, but not one that was typed.
        ConfigError::Option { what, .. } if own.is_some() => {
            model_place::fault(config, profile, setting(endpoint), &what).into()
        }
        error => error.into(),
    })
}

/// The setting of a profile that names the model of an endpoint.
fn setting(endpoint: Endpoint) -> &'static str {
    match endpoint {
        Endpoint::Embeddings => "embedding_model",
        Endpoint::Rerank => "rerank_model",
    }
}

fn has(entry: &ProviderEntry, endpoint: Endpoint) -> bool {
    match endpoint {
        Endpoint::Embeddings => entry.embeddings.is_some(),
        Endpoint::Rerank => entry.rerank.is_some(),
    }
}

/// The model that the profile names for an endpoint.
fn profile_model(profile: &str, config: &ConfigFile, endpoint: Endpoint) -> Option<String> {
    let profile = config.profiles.get(profile)?;
    match endpoint {
        Endpoint::Embeddings => profile.embedding_model.clone(),
        Endpoint::Rerank => profile.rerank_model.clone(),
    }
}

/// The provider's model for an endpoint.
fn model_of(entry: &ProviderEntry, endpoint: Endpoint) -> Option<&'static str> {
    match endpoint {
        Endpoint::Embeddings => entry.embeddings?.model,
        Endpoint::Rerank => entry.rerank?.model,
    }
}

fn is_for(endpoint: Endpoint, model: &str) -> bool {
    let model = model.to_ascii_lowercase();
    let is_reranker = RERANKERS.iter().any(|part| model.contains(part));
    match endpoint {
        Endpoint::Embeddings => !is_reranker && EMBEDDERS.iter().any(|part| model.contains(part)),
        Endpoint::Rerank => is_reranker,
    }
}

/// Refuses a request for an endpoint that the provider lacks.
///
/// # Errors
/// [`ErrorKind::Usage`](crate::ports::ErrorKind::Usage).
pub(in crate::ask) fn check(settings: &Settings, endpoint: Endpoint) -> Result<(), CommandError> {
    if has(settings.entry, endpoint) {
        return Ok(());
    }
    Err(unsupported(settings, endpoint))
}

fn unsupported(settings: &Settings, endpoint: Endpoint) -> CommandError {
    let (what, verb) = match endpoint {
        Endpoint::Embeddings => ("embeddings", "embed"),
        Endpoint::Rerank => ("rerank", "rerank"),
    };
    let have = PROVIDERS
        .iter()
        .filter(|entry| has(entry, endpoint) && !entry.is_demo())
        .map(|entry| entry.name);
    let message = format!("provider {} has no {what} endpoint", settings.entry.name);
    CommandError::usage(message)
        .hint(format!("amx {verb} -p NAME …   (another profile)"))
        .hint(format!(
            "providers that have it: {}",
            have.collect::<Vec<_>>().join(", ")
        ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chat_model_neither_embeds_nor_reranks() {
        let cases = [
            ("openai/text-embedding-3-small", true, false),
            ("BAAI/bge-m3", true, false),
            ("BAAI/bge-reranker-v2-m3", false, true),
            ("cohere/rerank-v3.5", false, true),
            ("anthropic/claude-sonnet-4", false, false),
        ];
        for (model, embeds, reranks) in cases {
            assert_eq!(is_for(Endpoint::Embeddings, model), embeds, "{model}");
            assert_eq!(is_for(Endpoint::Rerank, model), reranks, "{model}");
        }
    }

    #[test]
    fn a_path_of_a_provider_with_embeddings_is_among_its_paths() {
        for entry in PROVIDERS.iter().filter(|entry| !entry.is_demo()) {
            let has_path = entry.paths.contains(&Endpoint::Embeddings.path());
            assert_eq!(entry.embeddings.is_some(), has_path, "{}", entry.name);
        }
    }
}
