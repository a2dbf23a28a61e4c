//! Several answers side by side: a bounded number of streams, each pulled by a task of its own.

mod pool;
mod progress;
mod worker;

pub use pool::{Order, Together, run_all};
