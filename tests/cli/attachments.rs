//! Files given with `-f`: text becomes part of the prompt, an image a part of its own after the text.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use crate::support::double::Double;
use crate::support::reply;
use crate::support::sandbox::Sandbox;

/// The smallest PNG there is: one transparent pixel.
const PIXEL: &str = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==";

#[test]
fn a_text_file_is_sent_with_its_name() {
    let double = Double::start([reply::stream(["Hello"])]);
    let sandbox = Sandbox::with(&double).file("notes.txt", "the answer is 42\n");
    sandbox.run(["chat", "-f", "notes.txt", "What is the answer?"]).assert_answer("Hello\n");
    let sent = double.request().prompt().to_string();
    assert!(["the answer is 42", "notes.txt", "What is the answer?"].iter().all(|part| sent.contains(part)), "{sent}");
}

#[test]
fn several_files_are_sent_in_order() {
    let double = Double::start([reply::stream(["Hello"])]);
    let sandbox = Sandbox::with(&double).file("a.txt", "ALPHA").file("b.txt", "BETA");
    sandbox.run(["chat", "-f", "a.txt", "--file", "b.txt", "compare"]).assert_answer("Hello\n");
    let sent = double.request().prompt().to_string();
    assert!(sent.find("ALPHA").is_some_and(|first| sent.find("BETA").is_some_and(|second| first < second)), "{sent}");
}

#[test]
fn an_image_is_a_part_after_the_text() {
    let double = Double::start([reply::stream(["Hello"])]);
    let sandbox = Sandbox::with(&double).file("pixel.png", STANDARD.decode(PIXEL).unwrap());
    sandbox.run(["chat", "-f", "pixel.png", "What is this?"]).assert_answer("Hello\n");
    let Value::Array(parts) = double.request().prompt() else { panic!("the content is not a list of parts") };
    let kinds: Vec<&str> = parts.iter().filter_map(|part| part["type"].as_str()).collect();
    assert_eq!(kinds, ["text", "image_url"]);
    assert!(parts[0]["text"].as_str().unwrap().contains("What is this?"));
    assert_eq!(parts[1]["image_url"]["url"], format!("data:image/png;base64,{PIXEL}"));
}

#[test]
fn a_file_that_cannot_be_sent_is_found_before_anything_is() {
    let sandbox = Sandbox::new().file("noise.bin", [0, 159, 146, 150, 0, 1, 2]);
    std::fs::create_dir(sandbox.home().join("folder")).unwrap();
    let double = Double::start([]);
    let sandbox = sandbox.double(&double);
    for name in ["missing.txt", "folder", "noise.bin"] {
        sandbox.run(["chat", "-f", name, "hi"]).assert_failure(5).assert_stderr_has(name);
    }
}
