//! Fetches the model catalogue before the first request, where limits on money need its prices and
//! none is cached.

use crate::ask::model_list::{self, ModelSource};
use crate::config::{Overrides, Settings, env};
use crate::gateway::known_keys::KnownKeys;
use crate::gateway::options::GatewayOptions;
use crate::gateway::snapshot::Snapshot;
use crate::ports::context::Context;
use crate::ports::error::CommandError;
use crate::store::CatalogReader;

/// Fetches the catalogue of the profile and of those that it falls back to; whether one was
/// fetched. A failure is a warning: requests whose price is unknown are refused by their limit.
///
/// # Errors
/// A signal ended it.
pub(super) fn fetch_missing(
    snapshot: &Snapshot,
    options: &GatewayOptions,
    keys: &KnownKeys,
    context: &mut Context<'_>,
) -> Result<bool, CommandError> {
    let is_limited = options.max_cost.is_some() || options.per_day.is_some() || keys.limit_money();
    let mut profiles = vec![options.profile.clone()];
    let mut asked: Vec<String> = Vec::new();
    let mut is_fetched = false;
    while let Some(profile) = profiles.pop() {
        let overrides = Overrides {
            profile,
            ..Overrides::default()
        };
        let environment = context.equipment.environment.without(&env::AMX_MODEL);
        let settings = Settings::resolve(&overrides, &environment, &snapshot.config)?;
        if overrides.profile == options.profile && asked.is_empty() {
            profiles.extend(settings.fallback_profiles.iter().cloned().map(Some));
        }
        let needs_prices = settings.price.is_none()
            && (is_limited || settings.max_cost.is_some() || settings.max_cost_per_day.is_some());
        let source = ModelSource::of(&settings, &context.equipment)?;
        let server = source.server();
        let is_needed = (needs_prices || options.shows_catalogue)
            && !settings.entry.is_demo()
            && source.can_list()
            && !asked.contains(&server)
            && !is_cached(&server, context);
        asked.push(server);
        if !is_needed {
            continue;
        }
        match model_list::sync(&source, &context.equipment) {
            Ok(_) => is_fetched = true,
            Err(error) if error.is_quiet() => return Err(error),
            Err(error) => context.output.warning(&format!(
                "the model catalogue could not be fetched, so prices are unknown: {}; later: amx \
                models sync",
                error.in_one_line()
            )),
        }
    }
    Ok(is_fetched)
}

fn is_cached(server: &str, context: &Context<'_>) -> bool {
    let home = context.equipment.home().ok();
    let reader = home.and_then(|home| CatalogReader::open(&home));
    reader.is_some_and(|reader| !reader.ids(server).is_empty())
}
