//! The model catalogue of a provider: fetched, decoded leniently, filtered and compared. The store
//! caches it.

pub(crate) mod changes;
pub(crate) mod decode;
mod endpoint;
pub(crate) mod fetch;
pub(crate) mod filter;
pub(crate) mod image_price;
mod model;
pub(crate) mod nearest;
mod price;
pub(crate) mod release_dates;

pub(crate) use endpoint::Endpoint;
pub(crate) use model::{Capability, Model, WordList, bases, find, resolve};
pub(crate) use price::Price;
#[cfg(test)]
pub(crate) use price::TokenRates;
