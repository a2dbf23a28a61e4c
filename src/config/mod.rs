//! What the user decided: file, environment and flags, stacked, each value knowing where it came from.

pub mod defaults;
pub mod edit;
pub mod env;
mod error;
mod explained;
pub mod file;
pub mod home;
pub mod layers;
mod locate;
pub mod profile;
mod schema_choice;
pub mod settings;

pub use env::Environment;
pub use error::ConfigError;
pub use file::ConfigFile;
pub use home::Home;
pub use layers::{Setting, Source};
pub use profile::Profile;
pub use schema_choice::SchemaChoice;
pub use settings::{Overrides, Settings};
