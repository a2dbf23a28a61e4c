//! Images from a prompt: which API of a provider makes them, what they cost, and the request.

mod call;
mod cost;
mod price;
mod route;

pub(crate) use call::{ImageCall, ImageOptions};
pub(crate) use cost::{ImageCost, count_words};
pub(crate) use price::most;
pub(crate) use route::{RouteQuestion, choose};
