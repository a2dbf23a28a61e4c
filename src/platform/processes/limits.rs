//! Limits of a child process.

/// What a child may use, beside the time that it is given.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ProcessLimits {
    /// Time of all its threads on a processor, in seconds.
    pub cpu_seconds: u64,
    /// Memory for data, in bytes.
    pub memory: u64,
    /// Processes and threads beside those that the system has already.
    pub more_tasks: u64,
}
