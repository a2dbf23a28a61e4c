//! What the provider refuses for good: exit 7 or 4 after one request, with its own words and the
//! next thing to do.

use serde_json::{Value, json};

use crate::support::double::{Double, KEY};
use crate::support::outcome::Outcome;
use crate::support::reply::{self, Reply};
use crate::support::sandbox::Sandbox;

/// Runs against one scripted reply, which must be asked for exactly once.
#[track_caller]
fn refused(scripted: Reply, arguments: &[&str]) -> Outcome {
    let double = Double::start([scripted]);
    let outcome = Sandbox::with(&double).run(["chat", "hi"].iter().chain(arguments));
    assert_eq!(
        double.requests().len(),
        1,
        "a refusal for good was tried again\n{outcome}"
    );
    outcome.assert_stdout("");
    outcome
}

#[test]
fn a_key_that_is_missing_or_refused() {
    let outcome = Sandbox::new().run(["chat", "hi"]);
    outcome
        .assert_failure(4)
        .assert_stderr_has("amx add-llm-profile")
        .assert_stderr_has("amx login")
        .assert_stderr_has("demo");
    let sandbox = Sandbox::new().config("llm_profiles:\n  p: {model: a/b}\n");
    sandbox
        .run(["chat", "hi"])
        .assert_failure(4)
        .assert_stderr_has("OPENROUTER_API_KEY");
    let double = Double::start([reply::refused_by_rule()]);
    let sandbox = Sandbox::with(&double).env("OPENROUTER_API_KEY", "sk-or-v1-wrong-wrong-wrong");
    let outcome = sandbox.run(["chat", "hi"]);
    outcome
        .assert_failure(4)
        .assert_stderr_has("User not found.")
        .assert_stderr_has("sk-or-")
        .assert_stderr_lacks("wrong-wrong");
    refused(
        reply::refusal(403, "Key limit exceeded (monthly limit)"),
        &[],
    )
    .assert_failure(4)
    .assert_stderr_has("monthly limit");
}

#[test]
fn the_four_causes_of_a_402_have_their_messages() {
    let account = "Insufficient credits. Add more using https://openrouter.ai/settings/credits";
    let metadata = json!({"limit_source": "openrouter_credits"});
    refused(reply::refusal_with(402, account, metadata), &[])
        .assert_failure(7)
        .assert_stderr_has("https://openrouter.ai/settings/credits");
    let tokens = "This request requires more credits, or fewer max_tokens. You requested up to \
        4096 tokens, but can only afford 1234. To increase, visit x";
    let outcome = refused(
        reply::refusal_with(
            402,
            tokens,
            json!({"limit_source": "openrouter_key_limit", "previous_errors": []}),
        ),
        &[],
    );
    outcome
        .assert_failure(7)
        .assert_stderr_has("--max-tokens 1234");
    refused(
        reply::refusal(402, "Prompt tokens limit exceeded: 9000 > 5000."),
        &[],
    )
    .assert_failure(7)
    .assert_mentions("prompt");
    let weight =
        json!({"limit_source": "openrouter_in_flight_budget", "reason": "weight_exceeds_budget"});
    let words =
        "This request would exceed your available credits given your current in-flight requests";
    refused(reply::refusal_with(402, words, weight), &[])
        .assert_failure(7)
        .assert_stderr_has("in-flight");
    let balance = "This request requires at least $1.00 in balance for image or video output";
    refused(
        reply::refusal_with(
            402,
            balance,
            json!({"limit_source": "openrouter_key_limit"}),
        ),
        &[],
    )
    .assert_failure(7)
    .assert_stderr_has("$1.00");
}

#[test]
fn a_model_that_does_not_exist() {
    let double = Double::start([reply::refused_by_rule()]);
    let outcome = Sandbox::with(&double).run(["chat", "-m", "Anthropic/Claude-Sonnet-4", "hi"]);
    outcome
        .assert_failure(7)
        .assert_stderr_has("is not a valid model ID")
        .assert_mentions("case")
        .assert_stderr_has("author/model");
    assert_eq!(
        double.request().json()["model"],
        "Anthropic/Claude-Sonnet-4"
    );
    refused(
        reply::refusal(404, "No endpoints found for a/b."),
        &["-m", "a/b"],
    )
    .assert_failure(7)
    .assert_stderr_has("No endpoints found for a/b.");
    refused(reply::refusal(404, "Not Found"), &[]).assert_failure(7);
}

#[test]
fn routing_that_excludes_every_provider_names_the_rule() {
    let privacy = "No endpoints found matching your data policy (Free model training). Configure: \
        https://openrouter.ai/settings/privacy";
    let funnel = json!({"routing_funnel": [{"step": "all", "endpoint_count": 3}, {"step": "data_policy", "endpoint_count": 0}], "failed_routing_step": "data_policy"});
    let outcome = refused(
        reply::refusal_with(404, privacy, funnel),
        &["-m", "a/b:free"],
    );
    outcome
        .assert_failure(7)
        .assert_stderr_has("https://openrouter.ai/settings/privacy");
    let guardrail = "No endpoints available matching your guardrail restrictions and data policy. \
        Configure: https://openrouter.ai/settings/privacy";
    refused(reply::refusal(404, guardrail), &[])
        .assert_failure(7)
        .assert_mentions("privacy");
    let price = "No endpoints found that satisfy the max price for this request";
    refused(
        reply::refusal(404, price),
        &["-o", "provider.max_price={\"prompt\":0.1}"],
    )
    .assert_failure(7)
    .assert_mentions("max_price");
    let parameters = "No endpoints found that can handle the requested parameters.";
    refused(
        reply::refusal(404, parameters),
        &["-o", "provider.require_parameters=true"],
    )
    .assert_failure(7)
    .assert_mentions("require_parameters");
}

#[test]
fn a_400_that_names_a_field_is_passed_on() {
    let words = "reasoning.effort: Invalid option: expected one \
        of \"max\"|\"xhigh\"|\"high\"|\"medium\"|\"low\"|\"minimal\"|\"none\"";
    refused(reply::refusal(400, words), &[])
        .assert_failure(7)
        .assert_stderr_has("reasoning.effort");
    let unrecognized = "provider: Unrecognized key: \"order\"";
    refused(
        reply::refusal(400, unrecognized),
        &["-o", "provider.order=Together"],
    )
    .assert_failure(7)
    .assert_stderr_has(unrecognized);
    let words = "This endpoint's maximum context length is 8192 tokens. However, you requested \
        about 90000 tokens.";
    refused(
        reply::refusal_with(400, words, json!({"error_type": "context_length_exceeded"})),
        &[],
    )
    .assert_failure(7)
    .assert_stderr_has("8192");
    let double = Double::start([reply::refused_by_rule()]);
    let outcome = Sandbox::with(&double).run([
        "chat",
        "-m",
        "openai/gpt-5-mini",
        "--reasoning-effort",
        "none",
        "hi",
    ]);
    outcome
        .assert_failure(7)
        .assert_stderr_has("Reasoning is mandatory");
}

#[test]
fn other_refusals_keep_their_words() {
    for status in [409, 410, 412, 413, 418, 422] {
        refused(reply::refusal(status, "not like this"), &[])
            .assert_failure(7)
            .assert_stderr_has("not like this")
            .assert_stderr_has(&status.to_string());
    }
    let flagged = json!({"reasons": ["violence"], "flagged_input": "a very private sentence", "provider_name": "OpenAI", "model_slug": "openai/gpt-4o"});
    let outcome = refused(
        reply::refusal_with(403, "Your input was flagged", flagged),
        &[],
    );
    outcome
        .assert_failure(4)
        .assert_mentions("flagged")
        .assert_stderr_lacks("a very private sentence");
}

#[test]
fn upstream_messages_are_shown_in_every_form() {
    let said = "temperature: must be 1 when thinking";
    let object = json!({"error": {"type": "invalid_request_error", "message": said}});
    for raw in [
        json!(said),
        json!(object.to_string()),
        object,
        json!({"message": said}),
        json!({"error": said}),
        json!({"detail": said}),
    ] {
        let scripted = reply::refusal_with(
            400,
            "Provider returned error",
            json!({"raw": raw, "provider_name": "Anthropic", "is_byok": false}),
        );
        let outcome = refused(scripted, &[]);
        outcome
            .assert_failure(7)
            .assert_stderr_has(said)
            .assert_stderr_has("Anthropic")
            .assert_stderr_lacks("invalid_request_error");
    }
}

#[test]
fn validation_errors_inside_a_string_are_readable() {
    let issues = json!([{"code": "invalid_type", "expected": "number", "path": ["provider", "max_price", "prompt"], "message": "Expected number"}]);
    let body =
        json!({"success": false, "error": {"name": "ZodError", "message": issues.to_string()}});
    let outcome = refused(reply::json(body).status(400), &[]);
    outcome
        .assert_failure(7)
        .assert_stderr_has("provider.max_price.prompt: Expected number")
        .assert_stderr_lacks("invalid_type");
}

#[test]
fn odd_error_bodies_never_confuse() {
    let long = "x".repeat(100_000);
    let shapes = [
        json!({"error": "just words"}),
        json!({"error": null}),
        json!({"error": []}),
        json!({"error": {"code": "invalid_prompt", "message": null}, "metadata": null}),
        json!({"type": "error", "error": {"type": "invalid_request_error", "message": "claude says no"}, "request_id": "r"}),
        json!({"error": {"message": long, "metadata": {"raw": long}}}),
        json!([1, 2]),
        json!("words"),
        Value::Null,
    ];
    for shape in shapes {
        let outcome = refused(reply::json(shape).status(400), &[]);
        outcome.assert_failure(7);
        assert!(
            outcome.stderr().len() < 4000,
            "an error of {} bytes",
            outcome.stderr().len()
        );
    }
    refused(reply::page(400, "text/plain", ""), &[]).assert_failure(7);
    refused(
        reply::page(
            403,
            "text/html",
            "<html><head><title>Attention Required! | Cloudflare</title></head></html>",
        ),
        &[],
    )
    .assert_failure(4)
    .assert_stderr_has("Attention Required! | Cloudflare")
    .assert_stderr_lacks("<title>");
}

#[test]
fn a_redirect_is_not_followed_and_the_key_stays() {
    for status in [301, 302, 303, 307, 308] {
        let elsewhere = Double::start([]);
        let location = format!("{}/chat/completions", elsewhere.base_url());
        let outcome = refused(
            reply::refusal(status, "moved").header("location", &location),
            &[],
        );
        outcome
            .assert_failure(7)
            .assert_stderr_has(&elsewhere.base_url())
            .assert_mentions("redirect");
        assert!(elsewhere.requests().is_empty());
    }
}

#[test]
fn the_users_id_and_the_key_are_never_shown() {
    let words = format!("Invalid key {KEY}");
    let outcome = refused(
        reply::refusal_with(
            401,
            &words,
            json!({"headers": {"authorization": format!("Bearer {KEY}")}}),
        ),
        &[],
    );
    outcome
        .assert_failure(4)
        .assert_stderr_lacks("user_2cScriptedUser");
}
