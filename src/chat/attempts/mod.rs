//! The one loop that sends requests for an answer: retries, larger budgets and fallback profiles,
//! for streams and whole bodies alike.
//!
//! [`ChatStream`] is pulled by its caller (`stream`). It sends a request (`request`), passes on
//! what arrives and decides whether the end is an answer (`completion`). A failure goes to
//! `recovery`, which alone decides between another attempt, another profile and the end. A reply
//! that came in another way is read by the same code (`arrived`), and nothing is sent.

mod arrived;
mod completion;
mod recovery;
mod request;
mod stream;

pub(crate) use arrived::arrived;
pub(crate) use request::endpoint_url;
pub(crate) use stream::{ChatStream, start};
