//! The configuration that requests are answered with, and the routes that it leads to.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::options::GatewayOptions;
use super::problem::Problem;
use super::route::{Credentials, Route};
use crate::ask::model_list::server_name;
use crate::config::ConfigFile;
use crate::ports::equipment::Equipment;
use crate::store::CatalogReader;

/// Most model names whose routes are remembered. Clients choose the names.
const MOST_ROUTES: usize = 512;

/// The configuration as it was read, at the start or after SIGHUP.
pub(crate) struct Snapshot {
    pub(crate) config: ConfigFile,
    pub(super) equipment: Equipment,
    routes: Mutex<HashMap<String, Arc<Route>>>,
    credentials: Credentials,
}

impl Snapshot {
    pub(crate) fn new(config: ConfigFile, equipment: Equipment) -> Self {
        Self {
            config,
            equipment,
            routes: Mutex::default(),
            credentials: Credentials::default(),
        }
    }

    /// The model of requests that name none.
    ///
    /// # Errors
    /// Why no request could be answered.
    pub(crate) fn check(&self, options: &GatewayOptions) -> Result<String, String> {
        let route = self.route("", options).map_err(|problem| problem.message)?;
        Ok(route.first().model.clone())
    }

    /// A warning when the model of all requests is not in the cached catalogue.
    pub(crate) fn unknown_forced_model(&self, options: &GatewayOptions) -> Option<String> {
        options.forced_model.as_ref()?;
        let route = self.route("", options).ok()?;
        let target = route.first();
        let server = server_name(&target.base_url);
        let reader = CatalogReader::open(&self.equipment.home().ok()?)?;
        let is_unknown = reader.model(&server, &target.model).is_none();
        (is_unknown && !reader.ids(&server).is_empty()).then(|| {
            format!(
                "the catalogue of {} does not list {}, the model of all requests",
                target.entry.name, target.model
            )
        })
    }

    /// The route of a model name that a client asked for; empty for none.
    pub(super) fn route(
        &self,
        asked: &str,
        options: &GatewayOptions,
    ) -> Result<Arc<Route>, Problem> {
        let name = options.forced_model.as_deref().unwrap_or(asked);
        let name = Some(name).filter(|name| !name.is_empty());
        let name = name.or(options.model.as_deref());
        let key = name.unwrap_or_default();
        if let Some(known) = self.routes().get(key) {
            return Ok(Arc::clone(known));
        }
        let profile = options.profile.as_deref();
        let found = Route::find(
            name,
            profile,
            &self.config,
            &self.equipment,
            &self.credentials,
        )?;
        let found = Arc::new(found);
        let mut routes = self.routes();
        if routes.len() >= MOST_ROUTES {
            routes.clear();
        }
        routes.insert(key.to_owned(), Arc::clone(&found));
        Ok(found)
    }

    /// Finds routes again when they are next needed, with the prices that are known then.
    pub(crate) fn forget_routes(&self) {
        self.routes().clear();
    }

    /// Looks up keys again when they are next needed.
    pub(super) fn forget_credentials(&self) {
        self.credentials.forget();
        self.routes().clear();
    }

    fn routes(&self) -> MutexGuard<'_, HashMap<String, Arc<Route>>> {
        self.routes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
