//! Several answers side by side: a bounded number of streams, each pulled by a task of its own.

pub mod pool;
mod progress;
mod worker;
