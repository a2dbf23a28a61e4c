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
    /// What came of the prices of each profile that lacks one.
    lookups: Vec<(String, PriceLookup)>,
    /// Warnings about the store.
    pub remarks: Vec<Remark>,
}

impl FetchedPrices {
    /// What came of the prices of a profile.
    pub(super) fn lookup(&self, profile: &str) -> PriceLookup {
        let mut lookups = self.lookups.iter();
        let found = lookups.find(|(looked_up, _)| looked_up == profile);
        found.map_or(PriceLookup::NotTried, |(_, lookup)| lookup.clone())
    }

    /// Fetches the catalogue of a server, unless the cached one is fresh.
    fn refresh(
        &mut self,
        source: &ModelSource,
        equipment: &Equipment,
    ) -> Result<PriceLookup, CommandError> {
        match model_list::refreshed_if_stale(source, equipment) {
            None => Ok(PriceLookup::Recent),
            Some(Ok(list)) => {
                let is_warning = |remark: &Remark| matches!(remark, Remark::Warning(_));
                let warnings = list.remarks.into_iter().filter(is_warning);
                self.remarks.extend(warnings);
                equipment.fetched.add(source.server(), list.models);
                self.is_new = true;
                Ok(PriceLookup::Recent)
            }
            Some(Err(error)) if error.is_signal() => Err(error),
            Some(Err(error)) => Ok(PriceLookup::Failed(error.in_one_line())),
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
    let mut servers: Vec<(String, PriceLookup)> = Vec::new();
    for planned in targets.iter().filter(|planned| lacks_price(planned)) {
        let source = ModelSource::of(&planned.settings, equipment)?;
        let server = source.server();
        let known = servers.iter().find(|(known, _)| *known == server);
        let lookup = match known {
            Some((_, lookup)) => lookup.clone(),
            None => {
                let lookup = fetched.refresh(&source, equipment)?;
                servers.push((server, lookup.clone()));
                lookup
            }
        };
        let profile = planned.settings.profile.value.clone();
        fetched.lookups.push((profile, lookup));
    }
    Ok(fetched)
}

fn lacks_price(planned: &PlannedTarget) -> bool {
    let is_priced = planned.target.price.is_some() || planned.images.is_some();
    caps::is_capped(&planned.settings) && !is_priced
}
