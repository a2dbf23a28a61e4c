//! What servers refused of what amx sends by itself: remembered for the process, and in the store
//! where a ledger is kept.

use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

use super::model_list::server_name;
use crate::chat::adjustment::Adjustment;
use crate::config::Settings;
use crate::ports::equipment::Equipment;
use crate::store::{CatalogReader, Store};

/// What a server refused for one model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Learned {
    /// As [`server_name`] gives it.
    pub server: String,
    pub model: String,
    pub adjustment: Adjustment,
}

/// What this process learned, where nothing is stored too.
static LEARNED: Mutex<Vec<Learned>> = Mutex::new(Vec::new());

/// The adjustments for a profile's model. A recording is complete in itself: neither made nor
/// replayed with what was learned before.
pub(super) fn known(
    settings: &Settings,
    reader: Option<&CatalogReader>,
    equipment: &Equipment,
) -> Vec<Adjustment> {
    if equipment.tape.is_some() || settings.entry.is_demo() {
        return Vec::new();
    }
    let server = server_name(&settings.base_url.value);
    let model = &settings.model.value;
    let mut known = reader.map_or_else(Vec::new, |reader| {
        reader.adjustments(&server, model, SystemTime::now())
    });
    let learned = LEARNED.lock().unwrap_or_else(PoisonError::into_inner);
    let own = learned
        .iter()
        .filter(|learned| learned.server == server && learned.model == *model);
    for Learned { adjustment, .. } in own {
        known.retain(|other| !adjustment.replaces(other));
        known.push(adjustment.clone());
    }
    known
}

/// Remembers what servers refused. A store that cannot be written costs one more request later.
pub(super) fn remember(learned: &[Learned], equipment: &Equipment) {
    if learned.is_empty() || equipment.tape.is_some() {
        return;
    }
    let mut process = LEARNED.lock().unwrap_or_else(PoisonError::into_inner);
    process.extend_from_slice(learned);
    drop(process);
    let Some(home) = equipment.kept_at() else {
        return;
    };
    let saved = Store::open(&home).and_then(|mut store| {
        let now = SystemTime::now();
        learned.iter().try_for_each(|learned| {
            let adjustment = std::slice::from_ref(&learned.adjustment);
            store.save_adjustments(&learned.server, &learned.model, adjustment, now)
        })
    });
    if let Err(error) = saved {
        tracing::debug!(%error, "what the server refused is not saved");
    }
}
