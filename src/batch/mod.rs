//! Asks thousands of rows, each once: readers, journal, pace, writer.
//!
//! A thread reads and plans rows ([`feed`]); one loop sends them as the [`pace`] and the cap admit,
//! and writes a line for each that ends ([`run`]). The output is its own journal: a later run reads
//! it once and asks what has no line ([`job`]). Costs are in USD.

mod appending;
mod away;
mod bad_rows;
mod budget;
pub(crate) mod check;
mod columns;
pub(crate) mod configuration;
pub(crate) mod discount;
mod earlier_runs;
pub(crate) mod ending;
pub(crate) mod estimate;
pub(crate) mod fate;
mod feed;
mod file_errors;
mod fit;
mod group;
mod head;
pub(crate) mod input;
pub(crate) mod job;
mod journal;
mod line;
pub(crate) mod merge;
mod noted;
pub(crate) mod options;
mod output;
pub(crate) mod own_files;
pub(crate) mod pace;
mod paces;
mod planned;
pub(crate) mod planner;
pub(crate) mod progress;
pub(crate) mod question;
mod render;
mod repeats;
mod restart;
mod row;
mod row_pace;
mod rows;
mod run;
mod selection;
pub(crate) mod shard;
mod side_file;
pub(crate) mod sink;
mod start;
mod status;
mod writer;
