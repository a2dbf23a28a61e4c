//! The price of a request for images, as its provider lists it. Costs are in USD.

use super::call::{ImageOptions, ImageRoute};
use crate::ask::model_list::{self, ModelSource};
use crate::catalog::bases;
use crate::catalog::image_price::{self, ImageOrder};
use crate::chat::cost::most_tokens;
use crate::config::Settings;
use crate::ports::equipment::Equipment;
use crate::ports::error::CommandError;

/// The most that a request costs, as the provider lists it; `None` when it does not, or when the
/// list cannot be fetched.
///
/// # Errors
/// The signal that ended it.
pub(crate) fn most(
    settings: &Settings,
    route: ImageRoute,
    options: &ImageOptions,
    (prompt, inputs): (&str, usize),
    equipment: &Equipment,
) -> Result<Option<f64>, CommandError> {
    let ImageRoute::Api(api) = route else {
        return Ok(None);
    };
    let Some(path) = api.list.filter(|_| !equipment.is_replaying()) else {
        return Ok(None);
    };
    let source = ModelSource::of(settings, equipment)?;
    let id = settings.model.value.as_str();
    // The list has no variants of a model.
    let id = bases(id).last().unwrap_or(id);
    let rates = model_list::request(&source, equipment, async |server| {
        server.image_rates(path, id).await
    })?;
    let order = ImageOrder {
        count: options.count,
        inputs,
        size: options.size.as_deref(),
        prompt_tokens: most_tokens(prompt.len()),
    };
    Ok(rates
        .ok()
        .and_then(|rates| image_price::most(&rates, order)))
}
