//! Caps on the cost of OpenAI's batch lines, which bring whole bodies.

use serde_json::{Value, json};

use crate::support::double::Double;
use crate::support::sandbox::Sandbox;
use crate::support::{reply, routes};

use super::final_lines;

/// A model of the catalogue, with USD per token.
fn listed(id: &str, usd: &str) -> Value {
    json!({"id": id, "name": id, "created": 1_754_587_200, "context_length": 100_000,
        "architecture": {"input_modalities": ["text", "image"], "output_modalities": ["text"]},
        "pricing": {"prompt": usd, "completion": usd},
        "supported_parameters": ["max_tokens"],
        "top_provider": {"context_length": 100_000, "max_completion_tokens": 10_000}})
}

fn double() -> Double {
    let models = [("a/cheap", "0.000001"), ("x/expensive", "0.001")];
    let models = models.map(|(id, usd)| listed(id, usd));
    Double::start([])
        .also(routes::listed(models.into()))
        .also(routes::chat(|_| reply::whole("yes")))
}

/// Lines with these bodies, each with a limit of 100 tokens.
fn lines_with(bodies: &[Value]) -> String {
    let line = |(index, body): (usize, &Value)| {
        let mut whole = json!({"model": "a/cheap", "max_tokens": 100,
            "messages": [{"role": "user", "content": "Hi"}]});
        for (name, value) in body.as_object().unwrap() {
            whole[name] = value.clone();
        }
        let url = "/v1/chat/completions";
        let line = json!({"custom_id": format!("r{index}"), "method": "POST", "url": url,
            "body": whole});
        format!("{line}\n")
    };
    bodies.iter().enumerate().map(line).collect()
}

/// The bodies that were sent.
fn sent(double: &Double) -> Vec<Value> {
    let requests = double.requests().into_iter();
    let chats = requests.filter(|asked| asked.request.path.ends_with("/chat/completions"));
    chats.map(|asked| asked.json()).collect()
}

const BASE: [&str; 8] = [
    "batch",
    "in.jsonl",
    "-m",
    "a/cheap",
    "--max-tokens",
    "100",
    "-o",
    "out.jsonl",
];

fn said(part: &Value) -> Value {
    json!({"messages": [{"role": "user", "content": [part]}]})
}

#[test]
fn a_body_whose_cost_has_no_limit_is_not_sent_under_a_cap() {
    let image = |url: &str| said(&json!({"type": "image_url", "image_url": {"url": url}}));
    let cases = [
        (json!({"models": ["a/unknown"]}), "the price of a/cheap"),
        (json!({"models": "x/expensive"}), "the prices of the models"),
        (image("https://example.org/a.png"), "content by URL or ID"),
        (json!({"plugins": [{"id": "web"}]}), "a web search"),
        (json!({"web_search_options": {}}), "a web search"),
        (json!({"preset": "large"}), "what a preset adds"),
    ];
    let bodies = cases.iter().map(|(body, _)| body.clone());
    let bodies: Vec<Value> = bodies.chain([json!({"seed": 7})]).collect();
    let double = double();
    let sandbox = Sandbox::with(&double).file("in.jsonl", lines_with(&bodies));
    let capped = BASE
        .into_iter()
        .chain(["--max-cost", "1", "--order", "input"]);
    sandbox
        .run(capped)
        .assert_failure(13)
        .assert_stderr_has("6 not allowed by a cap");
    // The row after them is asked.
    let sent = sent(&double);
    assert_eq!((sent.len(), &sent[0]["seed"]), (1, &json!(7)));
    let out = final_lines(&sandbox, "out.jsonl");
    for (line, (body, why)) in out.iter().zip(cases) {
        let message = line["error"]["message"].as_str().unwrap();
        assert!(message.contains(why), "{body}: {message}");
        assert_eq!(line["error"]["exit_code"], 14, "{line}");
    }
}

#[test]
fn fallback_models_of_a_body_are_priced_as_the_most_expensive() {
    let bodies = [json!({"models": ["x/expensive"]}), json!({"seed": 7})];
    let price = "active_llm_profile: work\nllm_profiles:\n  work:\n    provider: openrouter\n    \
        model: a/cheap\n    price: {input: 1, output: 1}\n";
    for config in [None, Some(price)] {
        let double = double();
        let mut sandbox = Sandbox::with(&double).file("in.jsonl", lines_with(&bodies));
        if let Some(config) = config {
            sandbox = sandbox.config(config);
        }
        let run = |cap: &str| {
            let capped = ["--max-cost", cap, "--concurrency", "1"];
            sandbox.run(BASE.into_iter().chain(capped))
        };
        run("0.01")
            .assert_failure(14)
            .assert_stderr_has("the cap on the cost of the job is reached");
        assert_eq!(sent(&double), [] as [Value; 0], "{config:?}");
        run("1").assert_code(0);
        let sent = sent(&double);
        assert_eq!(sent[0]["models"], json!(["x/expensive"]));
        assert_eq!(sent[1].get("models"), None);
        assert_eq!(sent[1]["seed"], 7);
    }
}

#[test]
fn a_small_image_of_a_body_counts_as_a_large_one() {
    let url = json!({"url": "data:image/png;base64,AAAA"});
    let body = said(&json!({"type": "image_url", "image_url": url}));
    let double = double();
    let sandbox = Sandbox::with(&double).file("in.jsonl", lines_with(&[body]));
    let capped = |cap: &'static str| sandbox.run(BASE.into_iter().chain(["--max-cost", cap]));
    capped("0.0005").assert_failure(14);
    assert_eq!(sent(&double), [] as [Value; 0]);
    capped("0.1").assert_code(0);
    assert_eq!(sent(&double).len(), 1);
}

#[test]
fn lines_without_a_limit_under_a_cap_are_one_fault_of_the_command() {
    let double = double();
    let line = |index: usize| {
        let messages = json!([{"role": "user", "content": "Hi"}]);
        let body = json!({"model": "a/cheap", "messages": messages});
        let line = json!({"custom_id": format!("r{index}"), "method": "POST",
            "url": "/v1/chat/completions", "body": body});
        format!("{line}\n")
    };
    let lines: String = (0..300).map(line).collect();
    let config = "active_llm_profile: work\nllm_profiles:\n  work:\n    provider: openrouter\n    \
        model: a/cheap\n";
    let sandbox = Sandbox::with(&double)
        .config(config)
        .file("in.jsonl", lines);
    let base = ["batch", "in.jsonl", "-o", "out.jsonl", "--max-cost", "1"];
    sandbox
        .run(base)
        .assert_failure(14)
        .assert_stderr_has("without max_tokens the cap of $1 cannot be enforced")
        .assert_stderr_has("--max-tokens N");
    assert_eq!(sent(&double), [] as [Value; 0]);
    assert_eq!(final_lines(&sandbox, "out.jsonl"), [] as [Value; 0]);
    sandbox
        .run(base.into_iter().chain(["--max-tokens", "50"]))
        .assert_code(0);
    assert_eq!(final_lines(&sandbox, "out.jsonl").len(), 300);
}
