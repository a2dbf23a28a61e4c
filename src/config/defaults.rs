//! Default values of the settings.

use std::time::Duration;

/// The built-in profile: the scripted provider inside the program.
pub(crate) const DEMO_PROFILE: &str = "demo";

/// Shown instead of a profile when the file has none.
pub(crate) const UNNAMED_PROFILE: &str = "(none)";

pub(crate) const PROVIDER: &str = "openrouter";

/// Default model of provider openrouter: a router, so that a key alone is enough.
pub(crate) const OPENROUTER_MODEL: &str = "openrouter/auto";

/// Always sent: without it an account must be able to afford the model's maximum.
pub(crate) const MAX_TOKENS: u32 = 4096;

/// Offered by the wizard; not sent unless set.
pub(crate) const TEMPERATURE: f64 = 0.2;

pub(crate) const ALTERNATIVES: u8 = 3;

/// Least `max_tokens` of a reasoning model, whose reasoning counts as output.
pub(crate) const REASONING_FLOOR: u32 = 32_768;

/// Longest silence without a data event.
pub(crate) const SILENCE: Duration = Duration::from_secs(180);

/// How often a model may be asked again after results of tools.
pub(crate) const MAX_STEPS: u32 = 25;

pub(crate) const LOGPROB_HIGH: f64 = 0.85;
pub(crate) const LOGPROB_MEDIUM: f64 = 0.50;

/// The name of amx, for providers that attribute traffic to applications.
pub(crate) const USER_AGENT: &str = concat!("amx/", env!("CARGO_PKG_VERSION"));
pub(crate) const APP_TITLE: &str = "amx";
pub(crate) const APP_REFERER: &str = "https://github.com/amx-cli/amx";
