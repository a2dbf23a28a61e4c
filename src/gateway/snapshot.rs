//! The configuration that requests are answered with, and the routes that it leads to.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Semaphore;

use super::options::GatewayOptions;
use super::problem::Problem;
use super::route::{Credentials, Route};
use crate::ask::model_list::server_name;
use crate::config::ConfigFile;
use crate::ports::equipment::Equipment;
use crate::store::CatalogReader;
use crate::wire::background::unblock;

/// Most model names whose routes are remembered. Clients choose the names.
const MOST_ROUTES: usize = 512;

/// Most routes that are looked for at the same time.
const MOST_FINDING: usize = 4;

/// The configuration as it was read, at the start or after SIGHUP.
pub(crate) struct Snapshot {
    pub(crate) config: ConfigFile,
    pub(super) equipment: Equipment,
    routes: Mutex<Routes>,
    /// Turns to find a route: each takes a thread.
    finding: Semaphore,
    credentials: Credentials,
}

/// The routes of the names that were asked for last.
#[derive(Default)]
struct Routes {
    recent: HashMap<String, Arc<Route>>,
    /// Those before; one that is asked for again is recent.
    older: HashMap<String, Arc<Route>>,
    /// How often they were forgotten. A route that was found before is not remembered after.
    generation: u64,
}

impl Snapshot {
    pub(crate) fn new(config: ConfigFile, equipment: Equipment) -> Self {
        Self {
            config,
            equipment,
            routes: Mutex::default(),
            finding: Semaphore::new(MOST_FINDING),
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

    /// The route of a model name that a client asked for; empty for none. One that is not known
    /// yet is found on another thread: that reads files.
    pub(super) async fn lead(
        self: &Arc<Self>,
        asked: &str,
        options: &GatewayOptions,
    ) -> Result<Arc<Route>, Problem> {
        let name = meant(asked, options);
        if let Some(known) = self.routes().get(name) {
            return Ok(known);
        }
        // It is never closed.
        let _turn = self.finding.acquire().await;
        if let Some(known) = self.routes().get(name) {
            return Ok(known);
        }
        let (snapshot, name) = (Arc::clone(self), name.to_owned());
        let profile = options.profile.clone();
        let found = unblock(move || snapshot.find(&name, profile.as_deref())).await;
        found.unwrap_or_else(|| {
            let message = "the search for the model was interrupted";
            Err(Problem::new(500, "interrupted", message))
        })
    }

    /// The same without a wait for other threads: it may block.
    pub(super) fn route(
        &self,
        asked: &str,
        options: &GatewayOptions,
    ) -> Result<Arc<Route>, Problem> {
        let name = meant(asked, options);
        let known = self.routes().get(name);
        known.map_or_else(|| self.find(name, options.profile.as_deref()), Ok)
    }

    fn find(&self, name: &str, profile: Option<&str>) -> Result<Arc<Route>, Problem> {
        let before = self.routes().generation;
        let found = Route::find(
            Some(name).filter(|name| !name.is_empty()),
            profile,
            &self.config,
            &self.equipment,
            &self.credentials,
        )?;
        let found = Arc::new(found);
        let mut routes = self.routes();
        if routes.generation == before {
            routes.insert(name.to_owned(), Arc::clone(&found));
        }
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

    fn routes(&self) -> MutexGuard<'_, Routes> {
        self.routes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The model name that is meant by the one that a client asked for; empty for the profile's.
fn meant<'a>(asked: &'a str, options: &'a GatewayOptions) -> &'a str {
    let name = options.forced_model.as_deref().unwrap_or(asked);
    let name = Some(name).filter(|name| !name.is_empty());
    name.or(options.model.as_deref()).unwrap_or_default()
}

impl Routes {
    fn get(&mut self, name: &str) -> Option<Arc<Route>> {
        if let Some(found) = self.recent.get(name) {
            return Some(Arc::clone(found));
        }
        let (name, found) = self.older.remove_entry(name)?;
        self.insert(name, Arc::clone(&found));
        Some(found)
    }

    fn insert(&mut self, name: String, route: Arc<Route>) {
        if self.recent.len() >= MOST_ROUTES / 2 {
            self.older = std::mem::take(&mut self.recent);
        }
        self.recent.insert(name, route);
    }

    fn clear(&mut self) {
        self.generation += 1;
        self.recent.clear();
        self.older.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gateway::samples::{options, snapshot};

    fn run<T>(future: impl Future<Output = T>) -> T {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap();
        runtime.block_on(future)
    }

    fn of(snapshot: &Snapshot, name: &str) -> Arc<Route> {
        let found = snapshot.route(name, &options());
        found.unwrap_or_else(|problem| panic!("{}", problem.message))
    }

    /// Whether a route is still looked for when it is first asked for. What blocks is not.
    fn is_looked_for(snapshot: &Arc<Snapshot>, name: &str) -> bool {
        let options = options();
        run(async {
            tokio::select! {
                biased;
                _ = snapshot.lead(name, &options) => false,
                () = std::future::ready(()) => true,
            }
        })
    }

    #[test]
    fn a_new_name_does_not_block_the_thread_of_the_others() {
        let (_folder, snapshot) = snapshot(1);
        // A thread may be as fast, but not always.
        assert!((0..50).any(|number| is_looked_for(&snapshot, &format!("m/{number}"))));
        let found = run(snapshot.lead("fast", &options()));
        assert!(found.is_ok_and(|route| route.first().model == "m/7"));
        assert!(!is_looked_for(&snapshot, "fast"));
    }

    #[test]
    fn names_that_clients_make_up_do_not_drive_out_the_one_in_use() {
        let (_folder, snapshot) = snapshot(1);
        let used = of(&snapshot, "fast");
        let first = of(&snapshot, "x/0");
        for number in 0..2 * MOST_ROUTES {
            of(&snapshot, &format!("x/{number}"));
            assert!(Arc::ptr_eq(&used, &of(&snapshot, "fast")), "{number}");
        }
        assert!(!Arc::ptr_eq(&first, &of(&snapshot, "x/0")));
        let routes = snapshot.routes();
        assert!(routes.recent.len() + routes.older.len() <= MOST_ROUTES);
        drop(routes);
        snapshot.forget_routes();
        assert!(!Arc::ptr_eq(&used, &of(&snapshot, "fast")));
    }
}
