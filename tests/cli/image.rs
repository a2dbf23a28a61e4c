//! `amx image`: which API makes the images, what is sent, and where they end up.

use std::fs;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::support::double::{Double, KEY};
use crate::support::images::{
    self, CREATE, EDITS, GENERATIONS, IN_CHAT, PANDA, TOKENS, made, of_data,
};
use crate::support::media::{self, JPEG, PNG, image};
use crate::support::outcome::Outcome;
use crate::support::reply::{self, Reply};
use crate::support::sandbox::Sandbox;

fn one() -> Reply {
    made(&[("image/png", PNG)])
}

/// A run with the list of image models, and these replies.
fn run(replies: impl IntoIterator<Item = Reply>, arguments: &[&str]) -> (Outcome, Sandbox, Double) {
    let double = Double::start(replies).also(images::list());
    let sandbox = Sandbox::with(&double);
    let outcome = sandbox.run([&["image", "-m", PANDA][..], arguments].concat());
    (outcome, sandbox, double)
}

/// The body of the request for images.
fn sent(double: &Double, path: &str) -> Value {
    let requests = double.requests();
    let of_path = requests
        .iter()
        .find(|recorded| recorded.request.path == path);
    of_path.map_or(Value::Null, crate::support::double::Recorded::json)
}

fn bytes(sandbox: &Sandbox, name: &str) -> Vec<u8> {
    fs::read(sandbox.home().join(name)).unwrap_or_default()
}

fn is_there(sandbox: &Sandbox, name: &str) -> bool {
    sandbox.home().join(name).exists()
}

#[test]
fn an_image_is_saved_by_the_type_of_its_bytes() {
    // The media type is wrong: the bytes decide.
    let (outcome, sandbox, double) = run([made(&[("image/png", JPEG)])], &["a red panda"]);
    outcome.assert_code(0).assert_stdout("");
    outcome.assert_stderr_has("image: amx-image-1.jpg (image/jpeg, ");
    assert_eq!(bytes(&sandbox, "amx-image-1.jpg"), JPEG);
    assert_eq!(
        sent(&double, CREATE),
        json!({"model": PANDA, "prompt": "a red panda"})
    );
}

#[test]
fn size_number_quality_and_input_images_are_sent() {
    let double =
        Double::start([made(&[("image/png", PNG), ("image/png", PNG)])]).also(images::list());
    let sandbox = Sandbox::with(&double)
        .file("in.png", PNG)
        .file("amx-image-1.png", "mine");
    let arguments = [
        "image",
        "-m",
        PANDA,
        "watercolour",
        "-n",
        "2",
        "--size",
        "2k",
        "--quality",
        "High",
        "-f",
        "in.png",
        "--option",
        "provider.sort=price",
        "--json",
    ];
    let outcome = sandbox.run(arguments);
    outcome.assert_code(0);
    let url = format!("data:image/png;base64,{}", STANDARD.encode(PNG));
    let expected = json!({
        "model": PANDA, "prompt": "watercolour", "n": 2, "size": "2K", "quality": "high",
        "provider": {"sort": "price"},
        "input_references": [{"type": "image_url", "image_url": {"url": url}}],
    });
    assert_eq!(sent(&double, CREATE), expected);
    let saved = |name: &str| json!({"path": name, "mime": "image/png", "bytes": PNG.len()});
    let answer = outcome.json();
    assert_eq!(
        answer["images"],
        json!([saved("amx-image-2.png"), saved("amx-image-3.png")])
    );
    assert_eq!(
        (answer["cost_usd"].clone(), answer["cost_source"].clone()),
        (json!(0.04), json!("provider"))
    );
    assert_eq!(bytes(&sandbox, "amx-image-1.png"), b"mine");
}

#[test]
fn a_ratio_is_an_aspect_ratio() {
    let (outcome, _, double) = run([one()], &["a panda", "--size", "16:9"]);
    outcome.assert_code(0);
    assert_eq!(sent(&double, CREATE)["aspect_ratio"], "16:9");
}

#[test]
fn output_names_the_first_image_and_the_others_follow_it() {
    let (outcome, sandbox, _) = run(
        [made(&[("image/png", PNG), ("image/jpeg", JPEG)])],
        &["a panda", "-n", "2", "-o", "p.png"],
    );
    outcome
        .assert_code(0)
        .assert_stderr_has("image: p.png (image/png, ");
    outcome.assert_stderr_has("image: p-2.jpg (image/jpeg, ");
    assert_eq!(
        (bytes(&sandbox, "p.png"), bytes(&sandbox, "p-2.jpg")),
        (PNG.to_vec(), JPEG.to_vec())
    );
}

#[test]
fn a_file_is_replaced_only_with_overwrite() {
    let double = Double::start([]);
    let sandbox = Sandbox::with(&double).file("p.png", "mine");
    let outcome = sandbox.run(["image", "-m", PANDA, "a panda", "-o", "p.png"]);
    outcome
        .assert_code(2)
        .assert_stderr_has("p.png already exists");
    assert_eq!(bytes(&sandbox, "p.png"), b"mine");
    let double = Double::start([one()]).also(images::list());
    let sandbox = sandbox.double(&double);
    let outcome = sandbox.run([
        "image",
        "-m",
        PANDA,
        "a panda",
        "-o",
        "p.png",
        "--overwrite",
    ]);
    outcome.assert_code(0);
    assert_eq!(bytes(&sandbox, "p.png"), PNG);
}

#[test]
fn a_model_that_only_its_chat_serves_is_asked_there() {
    let fields = json!({"images": [image("image/png", PNG)]});
    let double = Double::start([media::stream("", [fields])])
        .also(images::list())
        .also(images::catalogue());
    let sandbox = Sandbox::with(&double);
    let outcome = sandbox.run(["image", "-m", IN_CHAT, "a panda", "--size", "1k"]);
    outcome
        .assert_code(0)
        .assert_stderr_has("image: amx-image-1.png");
    let body = sent(&double, reply::CHAT);
    assert_eq!(body["modalities"], json!(["image", "text"]));
    assert_eq!(body["image_config"], json!({"image_size": "1K"}));
    assert_eq!(body["messages"][0]["content"], "a panda");
}

#[test]
fn a_model_that_makes_no_images_is_refused_with_two_that_do() {
    let double = Double::start([])
        .also(images::list())
        .also(images::catalogue());
    let outcome = Sandbox::with(&double).run(["image", "-m", "a/text", "a panda"]);
    outcome
        .assert_code(2)
        .assert_stderr_has("a/text makes no images");
    outcome.assert_stderr_has(&format!("-m {PANDA}   (or {TOKENS})"));
}

#[test]
fn the_default_model_is_refused_like_any_other() {
    let double = Double::start([])
        .also(images::list())
        .also(images::catalogue());
    let outcome = Sandbox::with(&double).run(["image", "a panda"]);
    outcome
        .assert_code(2)
        .assert_stderr_has("openrouter/auto makes no images");
}

#[test]
fn the_list_is_fetched_once_a_day() {
    let double = Double::start([one(), one()]).also(images::list());
    let sandbox = Sandbox::with(&double).config("llm_profiles: {}\n");
    for _ in 0..2 {
        sandbox
            .run(["image", "-m", PANDA, "a panda"])
            .assert_code(0);
    }
    let lists = double
        .requests()
        .into_iter()
        .filter(|one| one.request.path == images::LIST);
    assert_eq!(lists.count(), 1);
}

#[test]
fn without_the_list_the_provider_decides() {
    let refused = crate::support::routes::get(images::LIST, || reply::refusal(500, "down"));
    let double = Double::start([one()]).also(refused);
    let outcome = Sandbox::with(&double).run(["image", "-m", PANDA, "a panda"]);
    outcome.assert_code(0);
    outcome.assert_stderr_has(&format!("no list says whether {PANDA} makes images"));
}

#[test]
fn openai_has_a_path_for_input_images() {
    for (files, path) in [(&[][..], GENERATIONS), (&["-f", "in.png"][..], EDITS)] {
        let double = Double::compatible([one().on("POST", path)]);
        let sandbox = Sandbox::new()
            .env("OPENAI_API_KEY", KEY)
            .config(format!(
                "llm_profiles: {{o: {{provider: openai, base_url: {}}}}}",
                double.base_url()
            ))
            .file("in.png", PNG);
        let arguments = [
            &["image", "-m", "gpt-image-2", "a panda", "-n", "2"][..],
            files,
        ];
        let outcome = sandbox.run(arguments.concat());
        outcome
            .assert_code(0)
            .assert_stderr_has("1 of 2 images were made");
        let body = sent(&double, path);
        assert_eq!(
            (&body["model"], &body["n"]),
            (&json!("gpt-image-2"), &json!(2))
        );
    }
}

#[test]
fn a_chat_model_of_openai_makes_no_images() {
    let sandbox = Sandbox::new().env("OPENAI_API_KEY", KEY);
    let outcome = sandbox.run(["image", "-m", "openai:gpt-5-mini", "a panda"]);
    outcome
        .assert_code(2)
        .assert_stderr_has("gpt-5-mini makes no images");
    outcome.assert_stderr_has("-m gpt-image-2   (or gpt-image-1)");
    let outcome = sandbox.run([
        "image",
        "-m",
        "openai:gpt-image-2",
        "a panda",
        "--size",
        "16:9",
    ]);
    outcome
        .assert_code(2)
        .assert_stderr_has("in pixels, not as a ratio");
}

#[test]
fn other_providers_are_refused_before_anything_is_sent() {
    let sandbox = Sandbox::new().env("ANTHROPIC_API_KEY", KEY);
    let outcome = sandbox.run(["image", "-m", "anthropic:claude-sonnet-4-5", "a panda"]);
    outcome
        .assert_code(2)
        .assert_stderr_has("provider anthropic makes no images");
    outcome.assert_stderr_has("-m openrouter:google/gemini-3.1-flash-image");
}

#[test]
fn a_cap_below_the_price_sends_nothing() {
    let double = Double::start([]).also(images::list()).also(images::price());
    let sandbox = Sandbox::with(&double);
    let outcome = sandbox.run([
        "image",
        "-m",
        PANDA,
        "a panda",
        "-n",
        "3",
        "--max-cost",
        "0.1",
    ]);
    outcome
        .assert_code(14)
        .assert_stderr_has("could cost $0.12");
    outcome.assert_stderr_has("3 images, at most $0.12");
    let double = Double::start([one()])
        .also(images::list())
        .also(images::price());
    let sandbox = sandbox.double(&double);
    let outcome = sandbox.run(["image", "-m", PANDA, "a panda", "--max-cost", "0.1"]);
    outcome.assert_code(0);
}

#[test]
fn a_cap_needs_a_price_that_is_known_before() {
    let double = Double::start([])
        .also(images::list())
        .also(images::price_by_token());
    let outcome = Sandbox::with(&double).run(["image", "-m", TOKENS, "a panda", "--max-cost", "9"]);
    outcome
        .assert_code(14)
        .assert_stderr_has("is known only afterwards");
}

#[test]
fn a_busy_provider_is_asked_again_and_each_request_is_in_the_ledger() {
    let busy = reply::refusal(429, "slow down")
        .header("retry-after", "0")
        .on("POST", CREATE);
    let double = Double::start([busy, one()]).also(images::list());
    let sandbox = Sandbox::with(&double).config("llm_profiles: {}\n");
    sandbox
        .run(["image", "-m", PANDA, "a panda"])
        .assert_code(0);
    let usage = sandbox.run(["usage", "--by", "model", "--json"]);
    assert!(usage.stdout().contains(r#""cost_usd":0.04"#), "{usage}");
}

#[test]
fn a_dry_run_shows_the_body_and_sends_nothing() {
    let double = Double::start([]);
    let outcome = Sandbox::with(&double).run(["image", "-m", PANDA, "a panda", "--dry-run"]);
    outcome.assert_code(0);
    assert_eq!(outcome.json(), json!({"model": PANDA, "prompt": "a panda"}));
}

#[test]
fn a_reply_without_an_image_is_an_error() {
    for data in [json!([]), json!([{"b64_json": ""}])] {
        let (outcome, sandbox, _) = run([of_data(data)], &["a panda", "-o", "p.png"]);
        outcome
            .assert_code(10)
            .assert_stderr_has("the reply has no image");
        assert!(!is_there(&sandbox, "p.png"));
    }
}

#[test]
fn what_is_no_image_is_kept_for_programs() {
    let html =
        || of_data(json!([{"b64_json": STANDARD.encode("<html>"), "media_type": "image/png"}]));
    let (outcome, sandbox, _) = run([html()], &["a panda", "-o", "p.png"]);
    outcome
        .assert_code(10)
        .assert_stderr_has("its data is no image (image/png)");
    assert!(!is_there(&sandbox, "p.png"));
    let (outcome, _, _) = run([html()], &["a panda", "--json"]);
    assert_eq!(
        outcome.json()["images"][0]["data_url"],
        "data:image/png;base64,PGh0bWw+"
    );
    let (outcome, _, _) = run([of_data(json!([{"b64_json": "<b>no</b>"}]))], &["a panda"]);
    outcome
        .assert_code(10)
        .assert_stderr_has("its data is not base64");
}

#[test]
fn a_url_is_printed_and_not_fetched() {
    let url = format!("https://images.example/{}?sig=end", "x".repeat(600));
    let reply = || of_data(json!([{"url": url}]));
    let (outcome, _, _) = run([reply()], &["a panda"]);
    outcome
        .assert_code(0)
        .assert_stderr_has(&format!("image: {url}"));
    let (outcome, sandbox, _) = run([reply()], &["a panda", "-o", "p.png"]);
    outcome
        .assert_code(10)
        .assert_stderr_has("which amx does not fetch");
    assert!(!is_there(&sandbox, "p.png"));
}

#[test]
fn text_in_place_of_an_image_is_shown_and_an_error() {
    let double = Double::start([media::stream("I cannot draw.", [])])
        .also(images::list())
        .also(images::catalogue());
    let outcome = Sandbox::with(&double).run(["image", "-m", IN_CHAT, "a panda"]);
    outcome.assert_code(10).assert_stdout("I cannot draw.\n");
    outcome.assert_stderr_has("the model answered with text and made no image");
}

#[test]
fn a_refusal_by_moderation_is_not_repeated() {
    let body = json!({"error": {
        "code": 403, "message": "Your input was flagged",
        "metadata": {"reasons": ["violence"], "flagged_input": "a panda"},
    }});
    let refused = reply::json(body).status(403).on("POST", CREATE);
    let (outcome, _, _) = run([refused], &["a panda"]);
    outcome
        .assert_code(4)
        .assert_stderr_has("Your input was flagged");
}

#[test]
fn an_image_of_50_mib_is_too_large_and_says_so() {
    let large = "A".repeat(67 << 20);
    let (outcome, _, _) = run([of_data(json!([{"b64_json": large}]))], &["a panda"]);
    outcome.assert_stderr_has("larger than 64 MiB");
    assert_ne!(outcome.code, 0);
}

#[test]
fn a_prompt_is_needed_and_only_images_go_with_it() {
    let sandbox = Sandbox::new()
        .env("OPENROUTER_API_KEY", KEY)
        .file("in.png", PNG)
        .file("a.txt", "text");
    let outcome = sandbox.run(["image", "-m", PANDA, "-f", "in.png"]);
    outcome.assert_code(2).assert_stderr_has("no prompt given");
    let outcome = sandbox.run(["image", "-m", PANDA, "a panda", "-f", "a.txt"]);
    outcome
        .assert_code(2)
        .assert_stderr_has("only images can be attached");
}

#[test]
fn a_private_profile_makes_no_images() {
    let sandbox = Sandbox::new()
        .env("OPENROUTER_API_KEY", KEY)
        .config("llm_profiles: {p: {model: a/b, private: true}}\n");
    let outcome = sandbox.run(["image", "a panda"]);
    outcome
        .assert_code(2)
        .assert_stderr_has("images cannot be private");
}
