//! Pure codecs, and the table of providers.

pub(crate) mod batches;
mod body;
mod compatible;
mod entry;
mod images;
mod lenient;
mod media;
mod refusal;
pub(crate) mod registry;
mod texts;
pub(crate) mod unbounded;
mod usage;

pub(crate) use body::{is_paid_parser, is_parser, is_search};
pub(crate) use lenient::error_of_body as error_in_place_of_answer;
pub(crate) use refusal::{is_about_key, read as read_refusal, words_of};
pub(crate) use registry::{ProviderEntry, find};
pub(crate) use usage::of_object as usage_of;
