//! The configuration that requests are answered with, and the routes that it leads to.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::options::GatewayOptions;
use super::problem::Problem;
use super::route::{Credentials, Route};
use crate::config::ConfigFile;
use crate::ports::equipment::Equipment;

/// Most model names whose routes are remembered. Clients choose the names.
const MOST_ROUTES: usize = 512;

/// The configuration as it was read, at the start or after SIGHUP.
pub(crate) struct Snapshot {
    pub(super) config: ConfigFile,
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

    /// Looks up keys again when they are next needed.
    pub(super) fn forget_credentials(&self) {
        self.credentials.forget();
        self.routes().clear();
    }

    fn routes(&self) -> MutexGuard<'_, HashMap<String, Arc<Route>>> {
        self.routes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
