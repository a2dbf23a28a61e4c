//! The model catalogue of a provider: fetched, decoded leniently, filtered and compared. The store
//! caches it.

pub mod changes;
mod decode;
mod endpoint;
pub mod fetch;
pub mod filter;
mod model;
pub mod nearest;
mod price;

pub use endpoint::Endpoint;
pub use model::{Capability, Model, WordList, bases, find};
pub use price::{Price, PriceTier, TokenRates};
