//! `amx batch` against a provider that answers many requests at once.

mod away;
mod caps;
mod discount;
mod files;
mod jobs;
mod kept;
mod limits;
mod promises;
mod rows;
mod rules;
mod shards;

use std::time::{Duration, Instant};

use serde_json::Value;

use crate::support::crowd::Crowd;
use crate::support::double::KEY;
use crate::support::sandbox::Sandbox;
use crate::support::written;

/// The prompt of a job on rows of [`csv`].
const PROMPT: &str = "{{text}}";

/// Most time that a test waits for something.
const PATIENCE: Duration = Duration::from_secs(20);

/// Waits for a condition.
fn wait_until(what: &str, condition: impl Fn() -> bool) {
    let start = Instant::now();
    while !condition() {
        assert!(start.elapsed() < PATIENCE, "waited for {what}");
        std::thread::park_timeout(Duration::from_millis(2));
    }
}

/// A profile with a price, so that caps hold: USD per million tokens.
const PRICED: &str = "active_llm_profile: work\nllm_profiles:\n  work:\n    \
    provider: openrouter\n    model: openai/gpt-4o-mini\n    max_tokens: 100\n    \
    price: {input: 1, output: 4}\n";

fn sandbox(crowd: &Crowd) -> Sandbox {
    Sandbox::new()
        .env("OPENROUTER_BASE_URL", crowd.base_url())
        .env("OPENROUTER_API_KEY", KEY)
}

/// `count` rows with the columns `id` and `text`, as CSV.
fn csv(count: usize) -> String {
    let rows = (0..count).map(|row| format!("r{row},\"text {row}\"\n"));
    std::iter::once("id,text\n".to_owned())
        .chain(rows)
        .collect()
}

/// The whole lines of a file in the home.
fn lines(sandbox: &Sandbox, name: &str) -> Vec<Value> {
    written::json_lines(&sandbox.home().join(name))
}

/// The lines of a file that nothing writes to, none of which is torn.
#[track_caller]
fn final_lines(sandbox: &Sandbox, name: &str) -> Vec<Value> {
    let text = std::fs::read_to_string(sandbox.home().join(name)).unwrap();
    assert!(
        text.is_empty() || text.ends_with('\n'),
        "a torn line: {text}"
    );
    lines(sandbox, name)
}
