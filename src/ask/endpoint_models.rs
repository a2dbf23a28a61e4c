//! Lists of the models of one endpoint, beside the catalogue: OpenRouter's has the models that
//! answer with text.

use std::time::SystemTime;

use super::model_list::{self, ModelSource};
use crate::catalog::Model;
use crate::ports::equipment::Equipment;
use crate::ports::error::CommandError;
use crate::store::{CatalogReader, Store};

/// The provider's list of the models of one endpoint: the cached one while it is fresh, else
/// fetched, else the stale one. `None` without any.
///
/// # Errors
/// The signal that ended the request.
pub(super) fn list(
    source: &ModelSource,
    path: &str,
    is_cached_only: bool,
    equipment: &Equipment,
) -> Result<Option<Vec<Model>>, CommandError> {
    let server = format!("{}/{path}", source.server());
    let home = equipment.home().ok();
    let reader = home.and_then(|home| CatalogReader::open(&home));
    let cached = reader.and_then(|reader| reader.catalog(&server));
    if let Some(cached) = &cached
        && (is_cached_only || model_list::is_recent(cached.synced))
    {
        return Ok(Some(cached.models.clone()));
    }
    if is_cached_only {
        return Ok(None);
    }
    let fetched = model_list::request(source, equipment, async |server| {
        server.endpoint_models(path).await
    })?;
    let Ok(models) = fetched else {
        return Ok(cached.map(|cached| cached.models));
    };
    if let Some(home) = equipment.kept_at() {
        // A list that cannot be cached is fetched again.
        let saved = Store::open(&home)
            .and_then(|mut store| store.save_catalog(&server, &models, SystemTime::now()));
        if let Err(error) = saved {
            tracing::debug!(%error, "the list of models is not cached");
        }
    }
    Ok(Some(models).filter(|models| !models.is_empty()))
}
