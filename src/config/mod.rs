//! What the user decided: file, environment and flags, stacked, each value knowing where it came
//! from.

pub mod aliases;
pub mod defaults;
pub mod edit;
pub mod env;
mod error;
pub mod explained;
pub mod file;
pub mod home;
pub mod layers;
mod locate;
pub mod model_choice;
mod model_place;
pub mod model_spec;
pub mod options;
mod overrides;
mod private_file;
pub mod profile;
mod provider_header;
mod schema_choice;
pub mod settings;
pub mod template;
pub mod yaml;

pub use env::Environment;
pub use error::ConfigError;
pub use file::ConfigFile;
pub use home::Home;
pub use layers::{Setting, ValueSource};
pub use overrides::Overrides;
pub use profile::Profile;
pub use schema_choice::SchemaChoice;
pub use settings::Settings;
pub use template::TemplateLayer;
