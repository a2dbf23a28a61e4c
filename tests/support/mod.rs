//! The harness of the tests that drive the real program: a sandbox to run it in and a loopback
//! OpenRouter to talk to.

pub mod batches;
pub mod collector;
pub mod compatible;
pub mod crowd;
pub mod destinations;
pub mod double;
pub mod gate;
mod google_schemas;
pub mod http;
pub mod images;
mod listening;
pub mod mcp_over_http;
pub mod media;
pub mod outcome;
mod parts;
pub mod provider_replies;
pub mod python;
mod render;
pub mod reply;
pub mod routes;
mod rules;
pub mod running;
pub mod sandbox;
pub mod texts;
pub mod trust;
mod turns;
pub mod written;
