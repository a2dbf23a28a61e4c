//! The log destinations of an OpenRouter account, to which it sends a trace of every request.

pub(crate) mod client;
pub(crate) mod destination;
pub(crate) mod kinds;
mod mask;
