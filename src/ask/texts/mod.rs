//! Texts that become numbers: vectors (`amx embed`) and scores (`amx rerank`).
//!
//! Every request is a row of [`RowEngine`](super::rows::RowEngine), with its attempts, caps and
//! ledger. [`plan`] turns settings into the target of such a request, [`chunks`] cuts many texts
//! into requests, [`embed`] asks them, [`placed`] puts the vectors of a reply to their texts, and
//! [`rerank`] asks for scores. Fallback profiles are not asked: vectors and scores of two models
//! cannot be compared.

mod chunks;
mod cost_cap;
pub(crate) mod embed;
mod embed_errors;
mod input;
pub(in crate::ask) mod model;
mod omitted;
mod placed;
pub(crate) mod plan;
pub(crate) mod rerank;

pub(crate) use input::PlacedText;
pub(crate) use model::with_model;
