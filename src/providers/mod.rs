//! Pure codecs, and the table of providers.

mod body;
mod compatible;
mod entry;
mod lenient;
mod refusal;
pub mod registry;
mod usage;

pub use body::{is_paid_parser, is_parser};
pub use registry::{ProviderEntry, find};
