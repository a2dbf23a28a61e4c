//! Bytes: one HTTP client, one HTTP server, the event-stream decoder, keys that cannot be printed,
//! recordings, private files and locks. No profiles and no providers here.

pub(crate) mod api_key;
pub(crate) mod background;
pub(crate) mod body;
pub(crate) mod canonical;
pub(crate) mod client;
pub(crate) mod control_characters;
pub(crate) mod difference;
pub(crate) mod error;
pub(crate) mod files;
pub(crate) mod json_place;
pub(crate) mod key_forms;
pub(crate) mod lock;
pub(crate) mod loopback;
pub(crate) mod options;
pub(crate) mod player;
pub(crate) mod pool;
pub(crate) mod proxy;
pub(crate) mod recorder;
pub(crate) mod recording;
pub(crate) mod redact;
pub(crate) mod reply;
pub(crate) mod retry_after;
pub(crate) mod scrub;
pub(crate) mod server;
pub(crate) mod server_url;
pub(crate) mod shared_text;
pub(crate) mod sse;
pub(crate) mod tape;
pub(crate) mod tape_error;
mod tool_tape;
mod transport;
pub(crate) mod trust;
