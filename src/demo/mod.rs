//! The provider `demo`: a scripted OpenRouter inside the program, reached over real HTTP on the
//! loopback interface.

mod answers;
mod sample;
mod script;
mod texts;
mod tool_call;

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use serde_json::json;

use answers::{json_answer, refusal};

use crate::chat::target::Target;
use crate::wire::client::Url;
use crate::wire::loopback::{Answer, Asked, Loopback};

/// Starts the server when one of the targets uses it, and sets the base URL of those targets. The
/// server runs as a task of the current runtime and ends with it.
pub(crate) async fn start_for(targets: impl IntoIterator<Item = &mut Target>) -> io::Result<()> {
    let mut base_url: Option<Url> = None;
    for target in targets
        .into_iter()
        .filter(|target| target.provider.name() == "demo")
    {
        let started = match base_url.take() {
            Some(started) => started,
            None => start().await?,
        };
        target.base_url = base_url.insert(started).clone();
    }
    Ok(())
}

/// Starts the server and returns its base URL.
pub(crate) async fn start() -> io::Result<Url> {
    let server = Loopback::bind()?;
    let base_url = Url::parse(&format!("http://127.0.0.1:{}/api/v1", server.port()))
        .map_err(io::Error::other)?;
    let requests = Arc::new(AtomicU32::new(0));
    tokio::spawn(server.serve(move |asked| answer(&asked, &requests)));
    Ok(base_url)
}

fn answer(asked: &Asked, requests: &AtomicU32) -> Answer {
    match (asked.method.as_str(), asked.path.as_str()) {
        ("POST", "/api/v1/chat/completions") => match serde_json::from_slice(&asked.body) {
            Ok(body) => script::completion(&body, requests.fetch_add(1, Ordering::Relaxed)),
            Err(_) => refusal(400, "Input must have at least 1 token."),
        },
        ("POST", "/api/v1/embeddings") => texts::embeddings(&asked.body),
        ("POST", "/api/v1/rerank") => texts::rerank(&asked.body),
        ("GET", "/api/v1/models") => json_answer(200, &script::models()),
        ("GET", "/api/v1/key") => json_answer(
            200,
            &json!({"data": {
                "label": "demo",
                "limit": null,
                "limit_remaining": null,
                "usage": 0,
                "is_free_tier": true,
            }}),
        ),
        ("GET", "/api/v1/credits") => json_answer(
            200,
            &json!({"data": {"total_credits": 0, "total_usage": 0}}),
        ),
        _ => refusal(404, "Not Found"),
    }
}
