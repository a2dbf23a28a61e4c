//! Bytes on the network: one HTTP client, the event-stream decoder and keys that cannot be printed; knows no profile.

pub mod api_key;
pub mod client;
pub mod loopback;
pub mod retry_after;
pub mod sse;
