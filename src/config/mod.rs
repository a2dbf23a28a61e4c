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
mod overrides;
mod private_file;
pub mod profile;
pub mod settings;
pub mod template;

pub use env::Environment;
pub use error::ConfigError;
pub use file::ConfigFile;
pub use home::Home;
pub use layers::{Setting, Source};
pub use overrides::Overrides;
pub use profile::Profile;
pub use settings::Settings;
pub use template::TemplateLayer;
