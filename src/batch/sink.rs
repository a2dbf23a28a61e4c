//! Who watches a job.

use std::time::Duration;

use super::progress::Progress;
use crate::config::options::Remark;
use crate::ports::output::OutputError;

/// Receives what a job shows.
pub(crate) trait JobSink {
    /// The time between two calls of [`progress`](Self::progress).
    fn interval(&self) -> Duration;

    fn progress(&mut self, progress: &Progress);

    fn remark(&mut self, remark: &Remark);

    /// A line of the output, where it goes to stdout.
    ///
    /// # Errors
    /// When it cannot be written, which ends the job.
    fn line(&mut self, line: &str) -> Result<(), OutputError>;
}
