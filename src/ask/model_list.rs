//! Where a list of models comes from: the cache while it is fresh, else the provider, else the
//! cache after all.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use super::{connection, failure};
use crate::catalog::Model;
use crate::catalog::changes::CatalogChanges;
use crate::catalog::fetch::{CatalogError, CatalogServer};
use crate::chat::{ClientOptions, Url};
use crate::config::Settings;
use crate::config::options::Remark;
use crate::ports::equipment::Equipment;
use crate::ports::error::{CommandError, ErrorKind};
use crate::present::time;
use crate::providers::ProviderEntry;
use crate::secrets::{ApiKey, Credential, KeySource};
use crate::store::{CatalogReader, Store};

/// How long a list is used without asking again.
const FRESH: Duration = Duration::from_secs(24 * 3600);

/// Models of one provider.
pub struct ModelList {
    pub models: Vec<Model>,
    /// When the provider gave them.
    pub synced: SystemTime,
    /// What is new since the list before, when this one was just fetched and there was one.
    pub changes: Option<CatalogChanges>,
    /// What the user should read about it.
    pub remarks: Vec<Remark>,
}

/// Whom to ask, and under which name the list is kept.
pub struct ModelSource {
    pub entry: &'static ProviderEntry,
    base_url: Url,
    headers: Vec<(String, String)>,
    credential: Arc<Credential>,
    client: ClientOptions,
    has_no_key: bool,
}

impl ModelSource {
    /// The provider of a profile.
    pub fn of(settings: &Settings, equipment: &Equipment) -> Result<Self, CommandError> {
        Ok(Self {
            entry: settings.entry,
            base_url: settings.base_url.value.clone(),
            headers: connection::headers(settings),
            credential: Arc::new(connection::credential(settings, equipment)),
            client: connection::client_options(settings, equipment)?,
            has_no_key: matches!(settings.key, KeySource::Missing),
        })
    }

    /// A provider for which there is no profile yet; its key is the one in the environment.
    pub fn of_entry(
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

    /// The name of the server in the store.
    pub fn server(&self) -> String {
        server_name(&self.base_url)
    }

    /// The server to talk to. That of the demo is started; it runs as long as the current runtime.
    pub async fn open(&self) -> Result<CatalogServer, CommandError> {
        let mut base_url = self.base_url.clone();
        if self.entry.is_demo() {
            let failed = |source| {
                CommandError::new(
                    ErrorKind::LocalIo,
                    "the demo cannot open a port on this machine",
                )
                .caused_by(anyhow::Error::new(source))
            };
            base_url = crate::demo::start().await.map_err(failed)?;
        }
        let (headers, credential, client) = (
            self.headers.clone(),
            Arc::clone(&self.credential),
            self.client.clone(),
        );
        Ok(CatalogServer {
            base_url,
            headers,
            credential,
            client,
            is_public: self.entry.is_openrouter,
        })
    }

    /// The error of a command for the error of a list.
    pub fn explain(&self, error: CatalogError) -> CommandError {
        let message = error.to_string();
        match error {
            CatalogError::Secret(error) => error.into(),
            CatalogError::Wire(error) => {
                let kind = failure::kind_of_wire(&error);
                let reach = format!(
                    "curl -I {}   (and check HTTPS_PROXY, if you use one)",
                    self.base_url
                );
                CommandError::new(kind, message)
                    .caused_by_words(error.root_cause())
                    .hint(reach)
            }
            CatalogError::TimedOut { .. } => {
                CommandError::new(ErrorKind::TryLater, message).hint("run the same command again")
            }
            CatalogError::Refused { status, .. } => {
                let error = match status {
                    401 | 403 => CommandError::new(ErrorKind::Credentials, message)
                        .hint("amx config explain api_key"),
                    408 | 429 | 500..=599 => CommandError::new(ErrorKind::TryLater, message)
                        .hint("run the same command again in a moment"),
                    _ => CommandError::new(ErrorKind::Refused, message)
                        .hint("amx config explain base_url"),
                };
                CommandError {
                    status: Some(status),
                    ..error
                }
            }
            CatalogError::Unreadable { .. } => {
                CommandError::new(ErrorKind::Refused, message).hint("amx config explain base_url")
            }
        }
    }
}

/// The name of a server in the store: its base URL without a slash at the end.
pub fn server_name(base_url: &Url) -> String {
    base_url.as_str().trim_end_matches('/').to_owned()
}

/// The list in the cache, however old. Never asks the network, never fails.
pub fn cached(place: &ModelSource, equipment: &Equipment) -> Option<ModelList> {
    if place.entry.is_demo() {
        return None;
    }
    let kept = CatalogReader::open(&equipment.home().ok()?)?.catalog(&place.server())?;
    Some(ModelList {
        models: kept.models,
        synced: kept.synced,
        changes: None,
        remarks: Vec::new(),
    })
}

/// The list for a verb that shows it: from the cache when it is less than a day old, else from
/// the provider. Where the provider cannot be reached, an old list with its age.
///
/// # Errors
/// When there is no list at all.
pub fn current(place: &ModelSource, equipment: &Equipment) -> Result<ModelList, CommandError> {
    let kept = cached(place, equipment);
    // A list from the future was made by a clock that was wrong.
    let age = |list: &ModelList| {
        let age = SystemTime::now().duration_since(list.synced);
        age.unwrap_or(Duration::MAX)
    };
    let kept = match kept {
        Some(list) if age(&list) < FRESH => return Ok(list),
        kept => kept,
    };
    match (fetch(place, equipment), kept) {
        (Ok(models), before) => Ok(refreshed(models, before.as_ref(), place, equipment)),
        (Err(error), Some(mut stale)) if !error.is_quiet() => {
            stale.remarks.push(Remark::Note(format!(
                "the model catalogue is {} old: {}",
                time::age(stale.synced, SystemTime::now()),
                error.message
            )));
            Ok(stale)
        }
        (Err(error), _) => Err(error),
    }
}

/// A list that was just fetched, cached where amx keeps anything.
fn refreshed(
    models: Vec<Model>,
    before: Option<&ModelList>,
    place: &ModelSource,
    equipment: &Equipment,
) -> ModelList {
    let mut list = fetched(models, before);
    if equipment.kept_at().is_some()
        && let Err(error) = keep(place, &mut list, equipment)
    {
        let words = format!("the model catalogue is not cached: {}", error.message);
        list.remarks.push(Remark::Warning(words));
    }
    let changes = list.changes.as_ref().filter(|changes| !changes.is_empty());
    let note = changes.map(|changes| {
        Remark::Note(format!(
            "the model catalogue was refreshed: {}",
            changes.in_short()
        ))
    });
    list.remarks.extend(note);
    list
}

/// The list from the provider, cached.
///
/// # Errors
/// When it cannot be fetched or cached.
pub fn sync(place: &ModelSource, equipment: &Equipment) -> Result<ModelList, CommandError> {
    let before = cached(place, equipment);
    let mut list = fetched(fetch(place, equipment)?, before.as_ref());
    keep(place, &mut list, equipment)?;
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

fn fetch(place: &ModelSource, equipment: &Equipment) -> Result<Vec<Model>, CommandError> {
    if place.has_no_key && !place.entry.is_openrouter {
        let variable = place.entry.key_variable;
        let error = CommandError::new(
            ErrorKind::Credentials,
            format!(
                "no key for provider {}: {variable} is not set, and no profile gives one",
                place.entry.name
            ),
        );
        return Err(error.hint(format!(
            "export {variable}={}…",
            place.entry.key_prefix.unwrap_or_default()
        )));
    }
    let models = ask(place, equipment, async |server: CatalogServer| {
        server.models().await
    })??;
    if models.is_empty() {
        return Err(CommandError::new(
            ErrorKind::No,
            format!("{} lists no models", place.base_url),
        )
        .hint("amx config explain base_url"));
    }
    Ok(models)
}

/// Asks the provider something; a signal ends it.
pub fn ask<T>(
    place: &ModelSource,
    equipment: &Equipment,
    question: impl AsyncFnOnce(CatalogServer) -> Result<T, CatalogError>,
) -> Result<Result<T, CommandError>, CommandError> {
    equipment.interrupt.arm();
    let interrupt = equipment.interrupt.clone();
    let answer = equipment.run(async {
        let asking = async {
            question(place.open().await?)
                .await
                .map_err(|error| place.explain(error))
        };
        tokio::select! {
            biased;
            signal = interrupt.wait() => Err(signal.into()),
            answer = asking => Ok(answer),
        }
    });
    equipment.interrupt.disarm();
    answer?
}

fn keep(
    place: &ModelSource,
    list: &mut ModelList,
    equipment: &Equipment,
) -> Result<(), CommandError> {
    if place.entry.is_demo() {
        return Ok(());
    }
    let mut store = Store::open(&equipment.home()?)?;
    list.remarks.extend(store.moved_aside().map(|path| {
        Remark::Warning(format!(
            "the file of conversations was damaged and is now {}; a new one was created",
            path.display()
        ))
    }));
    Ok(store.save_catalog(&place.server(), &list.models, list.synced)?)
}
