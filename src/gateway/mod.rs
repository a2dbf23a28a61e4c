//! The gateway of `amx serve`: the profiles behind one URL, for clients that speak the APIs of
//! OpenAI or Anthropic.
//!
//! A request takes these steps; a file is one of them.
//!
//! 1. `transport`: it is for this server, from no foreign web page, and JSON.
//! 2. `known_keys`: the key of the client, compared by its hash; `limits`: what that key may do.
//! 3. `client_body`: the body is read once, and changed in named members only.
//! 4. `snapshot`, `route`: where the model name leads. Aliases, prefixes and parameters are those
//!    of the configuration. `fallback_models`: further models that the client names. `cost_bound`:
//!    what the request may cost.
//! 5. `exchange`, `reading`: attempts, fallback profiles, and the answer up to its first byte.
//! 6. `stream`, `stream_scan`: the bytes pass as they are read; what they report is noticed.
//! 7. `record`: the row of the ledger and the line of the log, when the answer has ended.
//!
//! `trace` has the spans of a request, where telemetry is on.
//!
//! `front` has the forms of each API, `problem` what the gateway refuses by itself. There is no
//! translation between APIs: a request goes to the provider in the one it came in.

mod answer;
mod attempt_result;
mod bill;
mod client_body;
pub(crate) mod client_key;
mod cost_bound;
mod event_filter;
mod event_split;
mod exchange;
mod fallback_models;
pub(crate) mod front;
mod hidden_content;
pub(crate) mod key_file;
pub(crate) mod known_keys;
pub(crate) mod ledger;
mod limits;
mod log;
mod members;
mod metrics;
mod models;
pub(crate) mod options;
mod problem;
mod profile_caps;
mod reading;
mod record;
mod repeats;
mod reply;
mod request;
mod route;
pub(crate) mod running;
#[cfg(test)]
mod samples;
pub(crate) mod server;
pub(crate) mod snapshot;
pub(crate) mod state;
mod stream;
mod stream_scan;
mod text_loop;
mod tool_loop;
mod trace;
mod transport;
mod upstream;
mod veil;
pub(crate) mod worker;
