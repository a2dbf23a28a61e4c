//! What providers say of their models: read with care, searched, compared. Where it is kept is up
//! to others.

pub mod changes;
mod decode;
mod endpoint;
pub mod fetch;
pub mod filter;
mod model;
pub mod nearest;
mod price;

pub use endpoint::Endpoint;
pub use model::{Capability, Model, Words, bases, find};
pub use price::{Price, Rates, Tier};
