//! What the real server takes as parts of a message, as annotations that come back, and as plugins.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use super::reply::{Reply, refusal};

/// Images come as one of these, or as an https URL.
const IMAGES: &[&str] = &["image/png", "image/jpeg", "image/webp", "image/gif"];

const VIDEOS: &[&str] = &["video/mp4", "video/webm", "video/quicktime"];

const SOUNDS: &[&str] = &[
    "wav", "mp3", "flac", "m4a", "ogg", "aiff", "aac", "pcm16", "pcm24",
];

const PLUGINS: &[&str] = &[
    "web",
    "web-fetch",
    "file-parser",
    "response-healing",
    "context-compression",
    "auto-router",
    "auto-beta-router",
    "pareto-router",
    "fusion",
    "moderation",
    "alignment",
    "armor",
    "jev-router",
    "switchyard-router",
];

const ENGINES: &[&str] = &["mistral-ocr", "cloudflare-ai", "native", "pdf-text"];

/// The refusal of a request with a part, an annotation or a plugin that the real server does not
/// know.
pub fn refused(body: &Value) -> Option<Reply> {
    let messages = body["messages"]
        .as_array()
        .map(Vec::as_slice)
        .unwrap_or_default();
    let of_messages = messages.iter().enumerate().find_map(|(index, message)| {
        Some((
            format!("messages.{index}.{}", fault_of(message)?),
            "Invalid input",
        ))
    });
    let of_plugins = || bad_plugin(body).map(|at| (at, "Invalid input"));
    let (at, why) = of_messages.or_else(of_plugins)?;
    Some(refusal(400, &format!("{at}: {why}")))
}

/// Where a message is wrong.
fn fault_of(message: &Value) -> Option<String> {
    let parts = message["content"]
        .as_array()
        .map(Vec::as_slice)
        .unwrap_or_default();
    if let Some(index) = parts
        .iter()
        .position(|part| !is_part(part, message["role"] == "user"))
    {
        return Some(format!("content.{index}"));
    }
    let annotations = message.get("annotations")?;
    let is_list = annotations
        .as_array()
        .is_some_and(|list| !list.is_empty() && list.iter().all(is_annotation));
    (!is_list || message["role"] != "assistant").then(|| "annotations".to_owned())
}

fn is_part(part: &Value, of_user: bool) -> bool {
    let text = |pointer: &str| part.pointer(pointer).and_then(Value::as_str);
    match part["type"].as_str() {
        Some("text") => text("/text").is_some_and(|text| !text.is_empty()),
        Some("image_url") => {
            of_user && text("/image_url/url").is_some_and(|url| is_source(url, IMAGES))
        }
        Some("video_url") => {
            of_user && text("/video_url/url").is_some_and(|url| is_source(url, VIDEOS))
        }
        Some("file") => {
            let is_named = text("/file/filename")
                .is_some_and(|name| !name.is_empty() && !name.contains(['/', '\n']));
            of_user
                && is_named
                && text("/file/file_data").is_some_and(|url| is_source(url, &["application/pdf"]))
        }
        Some("input_audio") => {
            let is_known =
                text("/input_audio/format").is_some_and(|format| SOUNDS.contains(&format));
            of_user && is_known && text("/input_audio/data").is_some_and(is_base64)
        }
        _ => false,
    }
}

/// A URL that can be fetched, or data of one of the types.
fn is_source(url: &str, types: &[&str]) -> bool {
    match url
        .strip_prefix("data:")
        .and_then(|rest| rest.split_once(";base64,"))
    {
        Some((media_type, data)) => types.contains(&media_type) && is_base64(data),
        None => url.starts_with("https://") && !url.contains('@'),
    }
}

fn is_base64(data: &str) -> bool {
    !data.is_empty() && STANDARD.decode(data).is_ok()
}

fn is_annotation(annotation: &Value) -> bool {
    match annotation["type"].as_str() {
        Some("file") => {
            annotation["file"]["hash"].is_string() && annotation["file"]["content"].is_array()
        }
        Some("url_citation") => annotation["url_citation"]["url"].is_string(),
        _ => false,
    }
}

/// The error of a plugin: an unknown one, an unknown engine, or a duplicate.
fn bad_plugin(body: &Value) -> Option<String> {
    let plugins = body.get("plugins").filter(|plugins| !plugins.is_null())?;
    let Some(plugins) = plugins.as_array() else {
        return Some("plugins".to_owned());
    };
    let id = |plugin: &Value| plugin["id"].as_str().map(str::to_owned);
    let is_fine = |index: usize, plugin: &Value| {
        let is_known = id(plugin).is_some_and(|id| PLUGINS.contains(&id.as_str()));
        let engine = &plugin["pdf"]["engine"];
        let is_engine = engine.is_null()
            || engine
                .as_str()
                .is_some_and(|engine| ENGINES.contains(&engine));
        is_known && is_engine && plugins[..index].iter().all(|other| id(other) != id(plugin))
    };
    let wrong = plugins
        .iter()
        .enumerate()
        .find(|(index, plugin)| !is_fine(*index, plugin))?;
    Some(format!("plugins.{}", wrong.0))
}
