//! Bytes: one HTTP client, one HTTP server, the event-stream decoder, keys that cannot be printed,
//! recordings, private files and locks. No profiles and no providers here.

pub mod api_key;
pub mod body;
pub mod client;
pub mod control_characters;
pub mod difference;
pub mod error;
pub mod files;
pub mod lock;
pub mod loopback;
pub mod options;
pub mod player;
pub mod recorder;
pub mod recording;
pub mod redact;
pub mod reply;
pub mod retry_after;
mod scrub;
pub mod server_url;
pub mod shared_text;
pub mod sse;
pub mod tape;
pub mod tape_error;
mod transport;
