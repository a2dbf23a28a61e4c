//! Answers with images, audio and sources: nothing that was paid for is dropped.

use std::fs;

use serde_json::json;

use crate::support::double::Double;
use crate::support::media::{self, JPEG, PNG, citation, image};
use crate::support::outcome::Outcome;
use crate::support::reply::Reply;
use crate::support::sandbox::Sandbox;

fn asked(reply: Reply, arguments: &[&str]) -> (Outcome, Sandbox) {
    let double = Double::start([reply]);
    let sandbox = Sandbox::with(&double);
    let outcome = sandbox.run(arguments);
    (outcome, sandbox)
}

fn bytes(sandbox: &Sandbox, name: &str) -> Vec<u8> {
    fs::read(sandbox.home().join(name)).unwrap()
}

fn images() -> Reply {
    // The media type is wrong for the second one: the bytes decide.
    let images = [image("image/png", PNG), image("image/png", JPEG)];
    let deltas = images.map(|image| json!({"images": [image]}));
    media::stream("A cat.", deltas)
}

#[test]
fn images_are_saved_and_never_overwrite_a_file() {
    let double = Double::start([images()]);
    let sandbox = Sandbox::with(&double).file("amx-image-1.png", "mine");
    let outcome = sandbox.run(["draw a cat"]);
    outcome.assert_code(0).assert_stdout("A cat.\n");
    outcome.assert_stderr_has("image: amx-image-2.png (image/png, ");
    outcome.assert_stderr_has("image: amx-image-1.jpg (image/jpeg, ");
    assert_eq!(bytes(&sandbox, "amx-image-1.png"), b"mine");
    assert_eq!(bytes(&sandbox, "amx-image-2.png"), PNG);
    assert_eq!(bytes(&sandbox, "amx-image-1.jpg"), JPEG);
}

#[test]
fn a_large_image_and_a_video_beside_text_are_saved() {
    let large = [PNG, &vec![7; 9 * 1024 * 1024]].concat();
    let video = b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom";
    let url = image("video/mp4", video)["image_url"].take();
    let deltas = [
        json!({"images": [image("image/png", &large)]}),
        json!({"content": "Here.", "videos": [{"type": "video_url", "video_url": url}]}),
    ];
    let (outcome, sandbox) = asked(media::stream("", deltas), &["chat", "hi"]);
    outcome.assert_code(0).assert_stdout("Here.\n");
    let saved = |end: &str| {
        let entries = fs::read_dir(sandbox.home()).unwrap();
        let mut paths = entries.map(|entry| entry.unwrap().path());
        let path = paths.find(|path| path.extension().is_some_and(|found| found == end));
        fs::read(path.unwrap()).unwrap()
    };
    assert!(saved("png") == large);
    assert_eq!(saved("mp4"), video);
}

#[test]
fn an_image_without_text_is_an_answer() {
    let fields = json!({"images": [image("image/png", PNG)]});
    let (outcome, sandbox) = asked(media::whole("", fields), &["--no-stream", "--json", "draw"]);
    outcome.assert_code(0);
    let expected = json!([{"path": "amx-image-1.png", "mime": "image/png", "bytes": PNG.len()}]);
    assert_eq!(outcome.json()["images"], expected);
    assert_eq!(bytes(&sandbox, "amx-image-1.png"), PNG);
}

#[test]
fn output_names_the_first_image() {
    for (text, name) in [("A cat.", "cat.png"), ("", "cat")] {
        let deltas = [PNG, JPEG].map(|bytes| json!({"images": [image("image/png", bytes)]}));
        let (outcome, sandbox) = asked(media::stream(text, deltas), &["draw", "--output", name]);
        outcome
            .assert_code(0)
            .assert_stderr_has(&format!("image: {name} (image/png, "));
        assert_eq!(outcome.stdout().trim_end(), text);
        assert_eq!(bytes(&sandbox, name), PNG);
        assert_eq!(bytes(&sandbox, "amx-image-1.jpg"), JPEG);
    }
}

#[test]
fn an_answer_without_an_image_leaves_no_image() {
    let (outcome, sandbox) = asked(
        media::stream("I cannot.", []),
        &["draw", "--output", "a.png"],
    );
    outcome.assert_code(10).assert_stdout("I cannot.\n");
    outcome.assert_stderr_has("the answer has no image or audio for --output");
    assert!(!sandbox.home().join("a.png").exists());
}

#[test]
fn what_is_no_image_is_reported_and_kept_for_programs() {
    let html = || json!({"images": [image("image/png", b"<html>")]});
    let (outcome, sandbox) = asked(media::stream("Here.", [html()]), &["draw"]);
    outcome
        .assert_code(0)
        .assert_stderr_has("warning: the image in the answer is not saved");
    assert!(!sandbox.home().join("amx-image-1.png").exists());
    let (outcome, _) = asked(media::stream("Here.", [html()]), &["--json", "draw"]);
    let data = outcome.json()["images"][0]["data_url"].clone();
    assert_eq!(data, "data:image/png;base64,PGh0bWw+");
}

#[test]
fn audio_in_pieces_is_one_clip() {
    // The pieces of one base64 text, not on its borders.
    let deltas = [
        json!({"audio": {"id": "audio_1", "data": "UklGRgAA", "transcript": "Good "}}),
        json!({"audio": {"data": "AABXQ", "transcript": "morning"}}),
        json!({"audio": {"data": "VZF"}}),
        json!({"audio": {"expires_at": 1_779_760_224}}),
    ];
    let (outcome, sandbox) = asked(media::stream("", deltas), &["--jsonl", "say it"]);
    outcome.assert_code(0);
    let lines = outcome.json_lines();
    let end = lines.last().unwrap();
    let expected = json!([{"path": "amx-audio-1.wav", "mime": "audio/wav", "bytes": 12}]);
    assert_eq!(end["audio"], expected, "{outcome}");
    assert_eq!(bytes(&sandbox, "amx-audio-1.wav"), b"RIFF\0\0\0\0WAVE");
}

fn cited() -> [serde_json::Value; 3] {
    let a = || citation("https://a.example/\u{1b}[31mx", "First\nsource");
    let b = citation("https://b.example", "Second \u{1b}]0;evil\u{7}");
    [a(), b, a()].map(|annotation| json!({"annotations": [annotation]}))
}

#[test]
fn sources_are_listed_once_and_inert() {
    let (outcome, _) = asked(media::stream("It is so.", cited()), &["why"]);
    outcome.assert_code(0).assert_stdout("It is so.\n");
    let stderr = outcome.stderr();
    assert_eq!(stderr.matches("https://a.example/").count(), 1, "{stderr}");
    assert!(
        stderr.contains("[1] First source\n    https://a.example/"),
        "{stderr}"
    );
    assert!(stderr.contains("[2] Second ") && stderr.contains("https://b.example"));
    assert!(
        !stderr.contains('\u{1b}') && !stderr.contains('\u{7}'),
        "{stderr:?}"
    );
    let (outcome, _) = asked(media::stream("It is so.", cited()), &["-q", "why"]);
    assert_eq!(outcome.stderr(), "");
}

#[test]
fn sources_are_fields_for_programs() {
    let annotations: Vec<_> = cited()
        .iter()
        .map(|delta| delta["annotations"][0].clone())
        .collect();
    let whole = media::whole("It is so.", json!({"annotations": annotations}));
    let (outcome, _) = asked(whole, &["--no-stream", "--json", "why"]);
    let citations = outcome.json()["citations"].clone();
    assert_eq!(citations.as_array().map(Vec::len), Some(2), "{outcome}");
    let second = json!({
        "url": "https://b.example", "title": "Second \u{1b}]0;evil\u{7}", "start": 0, "end": 0,
    });
    assert_eq!(citations[1], second);
    let (outcome, _) = asked(media::stream("It is so.", cited()), &["--jsonl", "why"]);
    let lines = outcome.json_lines();
    assert_eq!(lines.last().unwrap()["citations"], citations, "{outcome}");
}

#[test]
fn images_of_several_answers_are_saved_with_their_number() {
    let reply = || media::stream("A cat.", [json!({"images": [image("image/png", PNG)]})]);
    let double = Double::start([reply(), reply()]);
    let sandbox = Sandbox::with(&double);
    let outcome = sandbox.run(["--alternatives", "2", "draw"]);
    outcome
        .assert_code(0)
        .assert_stderr_has("1: image: amx-image-");
    outcome.assert_stderr_has("2: image: amx-image-");
    assert_eq!(bytes(&sandbox, "amx-image-1.png"), PNG);
    assert_eq!(bytes(&sandbox, "amx-image-2.png"), PNG);
}
