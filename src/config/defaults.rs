//! What holds when nobody says otherwise.

use std::time::Duration;

/// The profile that is always there: the scripted provider inside the program.
pub const DEMO_PROFILE: &str = "demo";

/// Name shown for settings that belong to no profile of the file.
pub const UNNAMED_PROFILE: &str = "(none)";

pub const PROVIDER: &str = "openrouter";

/// Model of provider openrouter when none is named: a router, so that a key alone is enough.
pub const OPENROUTER_MODEL: &str = "openrouter/auto";

/// Sent always: without it an account must be able to afford the model's maximum.
pub const MAX_TOKENS: u32 = 4096;

/// Asked for by the wizard; not sent unless set.
pub const TEMPERATURE: f64 = 0.2;

pub const ALTERNATIVES: u8 = 3;

/// Least `max_tokens` on a reasoning route, where thinking counts as output.
pub const REASONING_FLOOR: u32 = 32_768;

/// Longest silence without a data event.
pub const SILENCE: Duration = Duration::from_secs(180);

pub const LOGPROB_HIGH: f64 = 0.85;
pub const LOGPROB_MEDIUM: f64 = 0.50;

/// How amx names itself to providers that attribute traffic to applications.
pub const USER_AGENT: &str = concat!("amx/", env!("CARGO_PKG_VERSION"));
pub const APP_TITLE: &str = "amx";
pub const APP_REFERER: &str = "https://github.com/amx-cli/amx";
