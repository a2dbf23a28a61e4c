//! One profile to ask, with everything decided but its key.

use std::sync::Arc;
use std::time::Duration;

use super::cost::TokenPrice;
use super::provider::Provider;
use super::request::ChatRequest;
use crate::secrets::Credential;
use crate::wire::client::{ClientOptions, Url};

/// One profile to ask, everything decided but its key.
pub struct Leg {
    pub profile: String,
    pub provider: Arc<dyn Provider>,
    pub base_url: Url,
    pub headers: Vec<(String, String)>,
    pub credential: Arc<Credential>,
    pub request: ChatRequest,
    /// For an estimate when the provider sends no bill.
    pub price: Option<TokenPrice>,
    /// Most tokens that a cap on costs allows, over both requests when the budget is raised.
    pub most_tokens: Option<u32>,
    pub client: ClientOptions,
}

/// How to ask.
#[derive(Debug, Clone, Copy)]
pub struct AskOptions {
    /// Longest time without a data event.
    pub silence: Duration,
    /// Longest time for everything.
    pub limit: Option<Duration>,
    /// Keep text and thoughts in the [`Answer`], for those who need the whole.
    pub keep_text: bool,
}
