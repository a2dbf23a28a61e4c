//! Fetches the model catalogue for a request under a cap whose price is unknown.

use super::model_list::{self, ModelSource};
use super::plan::PlannedTarget;
use super::preflight::caps;
use crate::config::options::Remark;
use crate::ports::equipment::Equipment;
use crate::ports::error::CommandError;

/// What came of it.
#[derive(Default)]
pub(super) struct FetchedPrices {
    /// A catalogue was fetched: the targets are to be planned again.
    pub is_new: bool,
    /// The first catalogue that could not be fetched, by profile.
    pub failed: Vec<(String, CommandError)>,
    /// Warnings about the store.
    pub remarks: Vec<Remark>,
}

impl FetchedPrices {
    /// Why the prices of a profile could not be fetched.
    pub(super) fn failure(&self, profile: &str) -> Option<String> {
        let (_, error) = self.failed.iter().find(|(failed, _)| failed == profile)?;
        Some(error.in_one_line())
    }
}

/// Fetches the catalogue of each server that has a target under a cap without a price, unless the
/// cached one is fresh: then it lists no price.
///
/// # Errors
/// The signal that ended it.
pub(super) fn fetch(
    targets: &[PlannedTarget],
    equipment: &Equipment,
) -> Result<FetchedPrices, CommandError> {
    let mut fetched = FetchedPrices::default();
    let mut servers = Vec::new();
    for planned in targets.iter().filter(|planned| lacks_price(planned)) {
        let source = ModelSource::of(&planned.settings, equipment)?;
        let server = source.server();
        if servers.contains(&server) {
            continue;
        }
        match model_list::refreshed_if_stale(&source, equipment) {
            None => {}
            Some(Ok(list)) => {
                let is_warning = |remark: &Remark| matches!(remark, Remark::Warning(_));
                fetched
                    .remarks
                    .extend(list.remarks.into_iter().filter(is_warning));
                equipment.fetched.add(server.clone(), list.models);
                fetched.is_new = true;
            }
            Some(Err(error)) if error.is_signal() => return Err(error),
            Some(Err(error)) => {
                let profile = planned.settings.profile.value.clone();
                fetched.failed.push((profile, error));
            }
        }
        servers.push(server);
    }
    Ok(fetched)
}

fn lacks_price(planned: &PlannedTarget) -> bool {
    let is_priced = planned.target.price.is_some() || planned.images.is_some();
    caps::is_capped(&planned.settings) && !is_priced
}
