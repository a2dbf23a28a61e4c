//! A conversation with a model: what is asked, how it is asked again when that fails, and what came back.

pub mod answer;
pub mod attempts;
mod bill;
pub mod confidence;
pub mod cost;
pub mod delta;
pub mod error;
pub mod event;
pub mod leg;
pub mod message;
pub mod provider;
pub mod reasoning;
pub mod reasoning_details;
pub mod refusal;
mod reply;
pub mod request;

pub use crate::wire::client::{ClientOptions, Url};
