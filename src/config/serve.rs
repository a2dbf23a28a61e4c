//! The settings below `serve:`, one for each flag of `amx serve`.

use serde::Deserialize;

/// As written. A flag overrides its setting. A misspelt one is an error: it may be a limit.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServeSettings {
    pub listen: Option<String>,
    pub profile: Option<String>,
    pub model: Option<String>,
    pub force_model: Option<String>,
    pub models_shown: Option<String>,
    pub keep_alive: Option<String>,
    pub idle: Option<String>,
    pub max_cost: Option<f64>,
    pub per_day: Option<f64>,
    pub max_body: Option<String>,
    pub max_connections: Option<usize>,
    pub drain: Option<String>,
    pub allow_origin: Option<Vec<String>>,
    pub allow_host: Option<Vec<String>>,
    pub metrics: Option<bool>,
    pub identity: Option<String>,
    pub echo_model: Option<bool>,
    pub loop_guard: Option<bool>,
    pub attribution: Option<Attribution>,
    pub state: Option<String>,
    pub state_rate: Option<String>,
    pub state_money: Option<String>,
    pub log: Option<String>,
}

/// Whether the provider receives what identifies a client.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Attribution {
    #[default]
    None,
    /// The name of its key as `user`, its session as `session_id`, the number of the request in
    /// `trace`; each where the client sends none.
    Key,
}
