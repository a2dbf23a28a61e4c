//! The connection to the account: its URL, and its management key.

use std::sync::Arc;

use super::failure::no_key;
use crate::account::destinations::client::DestinationClient;
use crate::ask::connection;
use crate::chat::error::ChatError;
use crate::chat::provider::Provider;
use crate::config::env::{AMX_MODEL, AMX_PROFILE, OPENROUTER_MANAGEMENT_KEY};
use crate::config::{ConfigFile, Overrides, Settings};
use crate::ports::context::Context;
use crate::ports::error::{CommandError, ErrorKind};
use crate::secrets::keyring::KeyringError;
use crate::secrets::reference::SERVICE;
use crate::secrets::{KeySource, Reference, SecretError};
use crate::wire::api_key::ApiKey;

/// The keyring user of the management key. No profile has it: their entries end with `/api_key`.
pub(super) const KEY_USER: &str = "management/openrouter";

/// The account of a key.
pub(super) struct Connection {
    pub settings: Settings,
    codec: Arc<dyn Provider>,
    key: ApiKey,
}

/// The OpenRouter that the environment names, whatever the profiles are.
///
/// # Errors
/// A variable is invalid.
pub(super) fn openrouter(context: &Context<'_>) -> Result<Settings, CommandError> {
    let environment = &context.equipment.environment;
    let environment = environment.without(&AMX_PROFILE).without(&AMX_MODEL);
    let config = ConfigFile::without_home()?;
    Ok(Settings::resolve(
        &Overrides::default(),
        &environment,
        &config,
    )?)
}

impl Connection {
    /// Connects with the management key of the environment, of config.yml, or of the keyring.
    ///
    /// # Errors
    /// There is none, or it cannot be read.
    pub(super) fn open(context: &mut Context<'_>) -> Result<Self, CommandError> {
        let settings = openrouter(context)?;
        let key = management_key(&settings, context)?;
        Ok(Self::with_key(settings, key))
    }

    pub(super) fn with_key(settings: Settings, key: ApiKey) -> Self {
        let codec = settings.entry.codec();
        Self {
            settings,
            codec,
            key,
        }
    }

    /// Runs requests to the account. Ctrl-C ends them.
    ///
    /// # Errors
    /// What they report, in words for people.
    pub(super) fn run<T>(
        &self,
        context: &Context<'_>,
        requests: impl AsyncFnOnce(&DestinationClient<'_>) -> Result<T, ChatError>,
    ) -> Result<T, CommandError> {
        let client = DestinationClient {
            provider: self.codec.as_ref(),
            base_url: self.settings.base_url.value.clone(),
            headers: connection::headers(&self.settings),
            key: self.key.clone(),
            client: connection::client_options(&self.settings, &context.equipment)?,
        };
        let done = context.equipment.run(requests(&client))?;
        done.map_err(|error| super::failure::explain(error, &self.settings))
    }
}

fn management_key(settings: &Settings, context: &mut Context<'_>) -> Result<ApiKey, CommandError> {
    let environment = &context.equipment.environment;
    if let Some(text) = environment.get(&OPENROUTER_MANAGEMENT_KEY)? {
        return ApiKey::parse(text).map_err(|error| {
            let name = OPENROUTER_MANAGEMENT_KEY.name;
            CommandError::new(
                ErrorKind::Credentials,
                format!("{name} is invalid: {error}"),
            )
        });
    }
    let configured = context.config()?.management_key()?;
    let is_configured = configured.is_some();
    let reference = configured.unwrap_or_else(|| Reference::Keyring {
        service: SERVICE.to_owned(),
        user: KEY_USER.to_owned(),
    });
    let mut credential = connection::credential(settings, &context.equipment);
    credential.source = KeySource::Reference {
        reference,
        place: "management_key".to_owned(),
    };
    match credential.resolve() {
        Ok(Some(key)) => Ok(key),
        Ok(None) => Err(no_key()),
        Err(error) if is_configured => Err(error.into()),
        Err(SecretError::NotStored { .. }) => Err(no_key()),
        Err(SecretError::Keyring(
            error @ (KeyringError::Disabled | KeyringError::Unreachable(_)),
        )) => Err(no_key().caused_by(error)),
        Err(error) => Err(error.into()),
    }
}
