//! Bytes on the network: one HTTP client, the event-stream decoder, keys that cannot be printed,
//! recordings; knows no profile.

pub mod api_key;
pub mod body;
pub mod client;
pub mod difference;
pub mod files;
pub mod lock;
pub mod loopback;
pub mod recording;
pub mod redact;
pub mod retry_after;
mod scrub;
pub mod shared_text;
pub mod sse;
pub mod tape;
