//! `--discount`: rows as batches of the provider, which answers them within a day for about half
//! the price.
//!
//! Rows are collected into batches ([`chunk`]), and each is noted in the side file before it is
//! submitted (`submit`). The job then looks at its batches with growing pauses (`look`) and writes
//! the lines of those that have ended (`results`). A later run finds the batches in the side file,
//! also one whose submission was cut off (`lost`): so every row is billed once.

mod chunk;
mod job;
mod look;
mod lost;
mod parts;
mod pauses;
mod results;
mod shares;
mod submit;

pub(crate) use job::run;
