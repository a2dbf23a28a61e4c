//! Fetches the model catalogue for a request under a cap whose price is unknown.

use super::model_list::{self, ModelSource};
use super::plan::PlannedTarget;
use super::preflight::caps;
use super::price_lookup::PriceLookup;
use crate::config::options::Remark;
use crate::ports::equipment::Equipment;
use crate::ports::error::CommandError;

/// What came of it.
#[derive(Default)]
pub(super) struct FetchedPrices {
    /// A catalogue was fetched: the targets are to be planned again.
    pub is_new: bool,
    /// The profiles whose catalogue could not be fetched.
    pub failed: Vec<(String, CommandError)>,
    /// Those whose catalogue is recent.
    pub recent: Vec<String>,
    /// Warnings about the store.
    pub remarks: Vec<Remark>,
}

impl FetchedPrices {
    /// What came of the prices of a profile.
    pub(super) fn lookup(&self, profile: &str) -> PriceLookup {
        let failed = self.failed.iter().find(|(failed, _)| failed == profile);
        match failed {
            Some((_, error)) => PriceLookup::Failed(error.in_one_line()),
            None if self.recent.iter().any(|recent| recent == profile) => PriceLookup::Recent,
            None => PriceLookup::NotTried,
        }
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
        let profile = planned.settings.profile.value.clone();
        match model_list::refreshed_if_stale(&source, equipment) {
            None => fetched.recent.push(profile),
            Some(Ok(list)) => {
                fetched.recent.push(profile);
                let is_warning = |remark: &Remark| matches!(remark, Remark::Warning(_));
                fetched
                    .remarks
                    .extend(list.remarks.into_iter().filter(is_warning));
                equipment.fetched.add(server.clone(), list.models);
                fetched.is_new = true;
            }
            Some(Err(error)) if error.is_signal() => return Err(error),
            Some(Err(error)) => {
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
