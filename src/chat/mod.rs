//! A conversation with a model: the request, the attempts at it, and the answer.

pub mod answer;
pub mod attempt_status;
pub mod attempts;
mod backoff;
mod bill;
mod bucket;
pub mod confidence;
pub mod conversation;
pub mod cost;
pub mod declaration;
pub mod delta;
pub mod error;
pub mod event;
pub mod finish_reason;
pub mod keep;
pub mod message;
pub mod pdf;
pub mod provider;
pub mod reasoning;
pub mod reasoning_details;
pub mod refusal;
mod reply;
pub mod request;
pub mod route;
pub mod schema;
pub mod target;
mod target_state;
pub mod turn;
pub mod usage;

pub use crate::wire::client::{ClientOptions, Url, is_loopback};
pub use crate::wire::tape::Tape;
pub use crate::wire::tape_error::{ReplayError, TapeError, exchanges};
