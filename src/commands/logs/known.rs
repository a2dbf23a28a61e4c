//! The destinations that were listed last, kept for completion.

use crate::account::destinations::destination::Destination;
use crate::ports::context::Context;
use crate::store::{KnownDestination, Store};

/// Keeps names and IDs for completion. A store that cannot be written is no reason to fail.
pub(super) fn remember(all: &[Destination], context: &Context<'_>) {
    let Some(home) = context.equipment.kept_at() else {
        return;
    };
    let rows = all.iter().map(|one| KnownDestination {
        id: one.id.clone(),
        name: one.name.clone(),
        kind: one.kind.clone(),
    });
    if let Ok(mut store) = Store::open(&home) {
        // Completion then offers fewer names.
        let _ = store.save_destinations(&rows.collect::<Vec<_>>());
    }
}
