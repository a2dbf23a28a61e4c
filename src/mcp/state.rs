//! Where a server is, for lists of servers.

/// Whether a server runs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) enum ServerState {
    #[default]
    NotStarted,
    Starting,
    Running {
        revision: &'static str,
    },
    /// With the reason.
    Failed(String),
}
