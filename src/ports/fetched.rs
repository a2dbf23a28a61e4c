//! The model catalogues that this process fetched, for a run that stores nothing.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::catalog::{Model, resolve};

/// Models by server and ID. Clones share them.
#[derive(Clone, Default)]
pub struct FetchedCatalogs(Arc<Mutex<BTreeMap<String, Models>>>);

type Models = BTreeMap<String, Model>;

impl FetchedCatalogs {
    pub(crate) fn add(&self, server: String, models: Vec<Model>) {
        let models = models.into_iter().map(|model| (model.id.clone(), model));
        let mut servers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        servers.entry(server).or_default().extend(models);
    }

    /// The model with this ID and `true`, else the one that the ID is a variant of and `false`.
    pub(crate) fn model(&self, server: &str, id: &str) -> Option<(Model, bool)> {
        let servers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let models = servers.get(server)?;
        let of_slug = |slug: &str| models.values().find(|model| model.has_slug(slug));
        let found = resolve(id, |id| models.get(id), of_slug);
        found.map(|(model, is_exact)| (model.clone(), is_exact))
    }
}
