//! Several answers in parallel: a bounded number of streams, each read by a task of its own.

mod pool;
mod progress;
mod worker;

pub(crate) use pool::{Order, ParallelOutcome, run_all};
