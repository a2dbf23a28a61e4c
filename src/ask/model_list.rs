//! The model catalogue of a provider: from the cache while it is fresh, else from the provider,
//! else from the stale cache.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use super::damaged_store::damaged_store;
use super::{advice, connection, failure};
use crate::catalog::Model;
use crate::catalog::changes::CatalogChanges;
use crate::catalog::fetch::{CatalogError, CatalogServer};
use crate::catalog::release_dates::remove_invented_dates;
use crate::config::Settings;
use crate::config::options::Remark;
use crate::platform::commands::SET_VARIABLE;
use crate::ports::equipment::Equipment;
use crate::ports::error::{CommandError, ErrorKind};
use crate::present::time;
use crate::providers::ProviderEntry;
use crate::secrets::{Credential, KeySource};
use crate::store::{CatalogReader, Store};
use crate::wire::api_key::ApiKey;
use crate::wire::client::Url;
use crate::wire::options::ClientOptions;

/// Age up to which the cached catalogue is used without a request.
const MAX_AGE: Duration = Duration::from_secs(24 * 3600);

/// The models of one provider.
pub(crate) struct ModelList {
    pub models: Vec<Model>,
    /// When they were fetched.
    pub synced: SystemTime,
    /// The changes since the cached list, when this one was just fetched and there was one.
    pub changes: Option<CatalogChanges>,
    /// Notes and warnings for the user.
    pub remarks: Vec<Remark>,
}

/// The server of a model catalogue, and how to reach it.
pub(crate) struct ModelSource {
    pub entry: &'static ProviderEntry,
    base_url: Url,
    headers: Vec<(String, String)>,
    credential: Arc<Credential>,
    client: ClientOptions,
    has_no_key: bool,
}

impl ModelSource {
    /// The provider of a profile.
    pub(crate) fn of(settings: &Settings, equipment: &Equipment) -> Result<Self, CommandError> {
        Ok(Self {
            entry: settings.entry,
            base_url: settings.base_url.value.clone(),
            headers: connection::headers(settings),
            credential: Arc::new(connection::credential(settings, equipment)),
            client: connection::client_options(settings, equipment)?,
            has_no_key: matches!(settings.key, KeySource::Missing),
        })
    }

    /// A provider without a profile; its API key comes from the environment.
    pub(crate) fn of_entry(
        entry: &'static ProviderEntry,
        base_url: Url,
        headers: Vec<(String, String)>,
        equipment: &Equipment,
    ) -> Result<Self, CommandError> {
        let key = equipment
            .environment
            .named(entry.key_variable)?
            .and_then(|text| ApiKey::parse(text).ok());
        let has_no_key = key.is_none() && !entry.works_without_key;
        let source = key.map_or(KeySource::NotNeeded, |key| KeySource::Environment {
            variable: entry.key_variable.to_owned(),
            key,
        });
        let credential = Credential {
            source,
            origin: base_url.origin().ascii_serialization(),
            home_origin: None,
            store: equipment.keyring(),
            variable: Box::new(|_| None),
            withheld_variables: connection::key_variables(),
            home: None,
        };
        let client = ClientOptions {
            direct: entry.is_demo(),
            ..equipment.client_options()?
        };
        Ok(Self {
            entry,
            base_url,
            headers,
            credential: Arc::new(credential),
            client,
            has_no_key,
        })
    }

    /// The same with this key.
    pub(crate) fn with_key(self, key: ApiKey) -> Self {
        let source = KeySource::Environment {
            variable: self.entry.key_variable.to_owned(),
            key,
        };
        let credential = Credential {
            source,
            origin: self.credential.origin.clone(),
            home_origin: None,
            store: Arc::clone(&self.credential.store),
            variable: Box::new(|_| None),
            withheld_variables: connection::key_variables(),
            home: None,
        };
        Self {
            credential: Arc::new(credential),
            has_no_key: false,
            ..self
        }
    }

    /// Whether the list can be requested: OpenRouter's needs no key.
    pub(crate) fn can_list(&self) -> bool {
        !self.has_no_key || self.entry.is_openrouter
    }

    /// The name of the server in the store.
    pub(crate) fn server(&self) -> String {
        server_name(&self.base_url)
    }

    /// The server to send requests to. Starts the demo server, which runs as long as the current
    /// runtime.
    ///
    /// # Errors
    /// [`ErrorKind::LocalIo`] when the demo server cannot open a port.
    pub(crate) async fn open(&self) -> Result<CatalogServer, CommandError> {
        let mut base_url = self.base_url.clone();
        if self.entry.is_demo() {
            let failed = |source| {
                CommandError::new(
                    ErrorKind::LocalIo,
                    "the demo server cannot open a local port",
                )
                .caused_by(anyhow::Error::new(source))
            };
            base_url = crate::demo::start().await.map_err(failed)?;
        }
        Ok(CatalogServer {
            base_url,
            headers: self.entry.with_list_headers(self.headers.clone()),
            credential: Arc::clone(&self.credential),
            key_header: self.entry.list_key,
            query: self.entry.list_query,
            prefix: self.entry.list_prefix,
            client: self.client.clone(),
            is_public: self.entry.is_openrouter,
        })
    }

    /// The error of a command for a catalogue error.
    pub(crate) fn explain(&self, error: CatalogError) -> CommandError {
        let message = error.to_string();
        let is_about_key = error.is_about_key();
        match error {
            CatalogError::Secret(error) => error.into(),
            CatalogError::Wire(error) => {
                let kind = failure::kind_of_wire(&error);
                CommandError::new(kind, message)
                    .caused_by_words(error.root_cause())
                    .hint(failure::wire_hint(&error, self.entry, &self.base_url))
            }
            CatalogError::TimedOut { .. } => {
                CommandError::new(ErrorKind::TryLater, message).hint("run the same command again")
            }
            CatalogError::Refused { refusal, .. } => {
                let error = match refusal.status {
                    _ if is_about_key => CommandError::new(ErrorKind::Credentials, message)
                        .hint("amx config explain api_key"),
                    408 | 429 | 500..=599 => CommandError::new(ErrorKind::TryLater, message)
                        .hint("run the same command again in a moment"),
                    _ => CommandError::new(ErrorKind::Refused, message)
                        .hint("amx config explain base_url"),
                };
                CommandError {
                    status: Some(refusal.status),
                    ..error.caused_by_words(refusal.message)
                }
            }
            CatalogError::Unreadable { words, .. } => {
                CommandError::new(ErrorKind::Refused, message)
                    .caused_by_words(words)
                    .hint(advice::CHECK_BASE_URL)
            }
        }
    }
}

/// The name of a server in the store: its base URL without a trailing slash.
pub(crate) fn server_name(base_url: &Url) -> String {
    base_url.as_str().trim_end_matches('/').to_owned()
}

/// The cached list, of any age. Never uses the network and never fails.
pub(crate) fn cached(source: &ModelSource, equipment: &Equipment) -> Option<ModelList> {
    if source.entry.is_demo() {
        return None;
    }
    let cached_list = CatalogReader::open(&equipment.home().ok()?)?.catalog(&source.server())?;
    Some(ModelList {
        models: cached_list.models,
        synced: cached_list.synced,
        changes: None,
        remarks: Vec::new(),
    })
}

/// The list for display: from the cache when it is less than a day old, else from the provider.
/// When the request fails, the stale list with a note of its age.
///
/// # Errors
/// When the request fails and nothing is cached.
pub(crate) fn current(
    source: &ModelSource,
    equipment: &Equipment,
) -> Result<ModelList, CommandError> {
    let cached_list = cached(source, equipment);
    let cached_list = match cached_list {
        Some(list) if is_fresh(&list) => return Ok(list),
        cached_list => cached_list,
    };
    match (fetch(source, equipment), cached_list) {
        (Ok(models), before) => Ok(refreshed(models, before.as_ref(), source, equipment)),
        (Err(error), Some(mut stale)) if !error.is_quiet() => {
            stale.remarks.push(Remark::Note(format!(
                "the model catalogue is {} old and could not be refreshed: {}",
                time::age(stale.synced, SystemTime::now()),
                error.message
            )));
            Ok(stale)
        }
        (Err(error), _) => Err(error),
    }
}

/// The list for a profile that is not saved yet: nothing is cached, so that nothing is left behind
/// when it is not.
///
/// # Errors
/// When the request fails and nothing is cached.
pub(crate) fn for_new_profile(
    source: &ModelSource,
    equipment: &Equipment,
) -> Result<ModelList, CommandError> {
    match cached(source, equipment).filter(is_fresh) {
        Some(list) => Ok(list),
        None => Ok(fetched(fetch(source, equipment)?, None)),
    }
}

/// The list from the provider, unless the cached one is fresh: then `None`.
pub(crate) fn refreshed_if_stale(
    source: &ModelSource,
    equipment: &Equipment,
) -> Option<Result<ModelList, CommandError>> {
    let before = cached(source, equipment);
    if before.as_ref().is_some_and(is_fresh) {
        return None;
    }
    let fetched = fetch(source, equipment);
    Some(fetched.map(|models| refreshed(models, before.as_ref(), source, equipment)))
}

/// A date in the future comes from a wrong clock: the list counts as stale.
fn is_fresh(list: &ModelList) -> bool {
    is_recent(list.synced)
}

/// Whether what was fetched then is still used without a request.
pub(super) fn is_recent(synced: SystemTime) -> bool {
    let age = SystemTime::now().duration_since(synced);
    age.is_ok_and(|age| age < MAX_AGE)
}

/// The list that was just fetched; cached unless this run stores nothing.
fn refreshed(
    models: Vec<Model>,
    before: Option<&ModelList>,
    source: &ModelSource,
    equipment: &Equipment,
) -> ModelList {
    let mut list = fetched(models, before);
    if equipment.kept_at().is_some()
        && let Err(error) = cache(source, &mut list, equipment)
    {
        let words = format!("the model catalogue could not be cached: {}", error.message);
        list.remarks.push(Remark::Warning(words));
    }
    let changes = list.changes.as_ref().filter(|changes| !changes.is_empty());
    let note = changes
        .map(|changes| Remark::Note(format!("model catalogue refreshed: {}", changes.in_short())));
    list.remarks.extend(note);
    list
}

/// Fetches the list from the provider and caches it.
///
/// # Errors
/// When it cannot be fetched or cached.
pub(crate) fn sync(source: &ModelSource, equipment: &Equipment) -> Result<ModelList, CommandError> {
    let before = cached(source, equipment);
    let mut list = fetched(fetch(source, equipment)?, before.as_ref());
    cache(source, &mut list, equipment)?;
    Ok(list)
}

fn fetched(models: Vec<Model>, before: Option<&ModelList>) -> ModelList {
    let changes = before.map(|before| CatalogChanges::between(&before.models, &models));
    ModelList {
        models,
        synced: SystemTime::now(),
        changes,
        remarks: Vec::new(),
    }
}

fn fetch(source: &ModelSource, equipment: &Equipment) -> Result<Vec<Model>, CommandError> {
    if !source.can_list() {
        let variable = source.entry.key_variable;
        let error = CommandError::new(
            ErrorKind::Credentials,
            format!(
                "no key for provider {}: {variable} is not set, and no profile has one",
                source.entry.name
            ),
        );
        return Err(error.hint(SET_VARIABLE.with([
            variable,
            &format!("{}…", source.entry.key_prefix.unwrap_or_default()),
        ])));
    }
    let mut models = request(source, equipment, async |server: CatalogServer| {
        server.models().await
    })??;
    if source.entry.base_url.is_none() {
        remove_invented_dates(&mut models, SystemTime::now());
    }
    if models.is_empty() {
        let what = format!("{} lists no models", source.base_url);
        let error = CommandError::new(ErrorKind::No, what);
        return Err(error.hint("amx config explain base_url"));
    }
    Ok(models)
}

/// Sends a request to the provider. The inner error is that of the request.
///
/// # Errors
/// When a signal ends it, or the runtime cannot be started.
pub(crate) fn request<T>(
    source: &ModelSource,
    equipment: &Equipment,
    send: impl AsyncFnOnce(CatalogServer) -> Result<T, CatalogError>,
) -> Result<Result<T, CommandError>, CommandError> {
    equipment.interrupt.arm();
    let interrupt = equipment.interrupt.clone();
    let answer = equipment.run(async {
        let response = async {
            send(source.open().await?)
                .await
                .map_err(|error| source.explain(error))
        };
        tokio::select! {
            biased;
            signal = interrupt.wait() => Err(signal.into()),
            answer = response => Ok(answer),
        }
    });
    equipment.interrupt.disarm();
    answer?
}

fn cache(
    source: &ModelSource,
    list: &mut ModelList,
    equipment: &Equipment,
) -> Result<(), CommandError> {
    if source.entry.is_demo() {
        return Ok(());
    }
    let mut store = Store::open(&equipment.home()?)?;
    list.remarks.extend(store.moved_aside().map(damaged_store));
    Ok(store.save_catalog(&source.server(), &list.models, list.synced)?)
}
