//! What a request for images costs, before it is sent. Costs are in USD.

use crate::ports::error::{CommandError, ErrorKind};
use crate::present::money::usd;

/// What the images of a target cost.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct ImageCost {
    pub count: u32,
    /// The most that all of them cost; `None` when that is known only afterwards.
    pub most: Option<f64>,
}

impl ImageCost {
    /// `2 images, at most $0.08`.
    pub(in crate::ask) fn words(&self) -> String {
        let images = count_words(self.count);
        match self.most {
            Some(most) => format!("{images}, at most {}", usd(most)),
            None => images,
        }
    }

    /// The error of a cap that cannot be enforced.
    pub(in crate::ask) fn unknown(model: &str, cap: f64) -> CommandError {
        CommandError::new(
            ErrorKind::Limit,
            format!(
                "the price of an image of {model} is known only afterwards, so the cap of ${cap} \
                cannot be enforced"
            ),
        )
        .hint("--size 1024x1024   (some models are billed by the size)")
        .hint("amx image -m MODEL …   (a model with a price for each image)")
    }
}

/// `1 image`, `2 images`.
pub(crate) fn count_words(count: u32) -> String {
    match count {
        1 => "1 image".to_owned(),
        _ => format!("{count} images"),
    }
}
