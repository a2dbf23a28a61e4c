//! What `amx serve` was started with.

use std::time::Duration;

use crate::wire::server::ListenAddress;

/// Whose identity the provider receives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Identity {
    /// That of the profile.
    #[default]
    Override,
    /// The client's where it has one, else that of the profile.
    Default,
    /// Always the client's.
    Pass,
}

/// What a line of the log looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LogForm {
    Text,
    Json,
}

/// Flags, and the settings below `serve:`.
#[derive(Debug, Clone)]
pub(crate) struct GatewayOptions {
    pub listen: ListenAddress,
    pub profile: Option<String>,
    /// The model of requests that name none.
    pub model: Option<String>,
    /// The model of all requests.
    pub forced_model: Option<String>,
    /// The model list has the whole catalogue.
    pub shows_catalogue: bool,
    pub keep_alive: Duration,
    /// Longest silence of the provider.
    pub idle: Duration,
    /// USD for one request.
    pub max_cost: Option<f64>,
    /// USD for all clients together on one day.
    pub per_day: Option<f64>,
    /// Largest body of a request, in bytes.
    pub max_body: usize,
    pub max_connections: usize,
    /// How long requests in progress may take after the server was asked to end.
    pub drain: Duration,
    /// Web pages of these origins may send requests.
    pub origins: Vec<String>,
    /// Further names of this server in `Host`, for a proxy before it.
    pub hosts: Vec<String>,
    /// URL of a Redis in which several servers share their limits.
    pub state: Option<String>,
    /// Requests with a limit on rate or concurrency pass while that Redis does not answer.
    pub rate_fails_open: bool,
    /// Requests with a limit on money do.
    pub money_fails_open: bool,
    /// `GET /metrics` is answered.
    pub has_metrics: bool,
    pub identity: Identity,
    /// Answers have the model name that the client used.
    pub echoes_model: bool,
    /// Answers and calls of tools that repeat themselves are ended.
    pub guards_loops: bool,
    /// Requests name the client's key, its session and the request.
    pub attributes_key: bool,
    pub log: Option<LogForm>,
}
