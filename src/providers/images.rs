//! The codec of the APIs that make images from a prompt: OpenRouter's and OpenAI's.

use serde_json::{Map, Value};

use super::compatible::parse;
use super::entry::{ImageApi, ImageInputs, ProviderEntry};
use super::{lenient, refusal, usage};
use crate::chat::delta::Delta;
use crate::chat::error::DecodeError;
use crate::chat::finish_reason::FinishReason;
use crate::chat::media::{MediaKind, MediaPart};
use crate::chat::message::{ContentPart, Role};
use crate::chat::provider::{Header, Provider, ReplyHead};
use crate::chat::refusal::Refusal;
use crate::chat::request::ChatRequest;
use crate::wire::body::{BodyWriter, RequestBody};
use crate::wire::shared_text::SharedText;

/// OpenRouter's: one path, and input images as parts of a message.
pub(super) const OPENROUTER: ImageApi = ImageApi {
    path: "images",
    edit_path: "images",
    inputs: ImageInputs::Parts("input_references"),
    fields: &[
        "n",
        "size",
        "quality",
        "aspect_ratio",
        "provider",
        "seed",
        "user",
        "session_id",
        "trace",
    ],
    routing: &[
        "order",
        "only",
        "ignore",
        "sort",
        "allow_fallbacks",
        "options",
    ],
    list: Some("images/models"),
    marks: &[],
    suggested: &["google/gemini-3.1-flash-image", "openai/gpt-image-2"],
};

/// OpenAI's: a path of its own for input images, which are URLs.
pub(super) const OPENAI: ImageApi = ImageApi {
    path: "images/generations",
    edit_path: "images/edits",
    inputs: ImageInputs::Urls("images"),
    fields: &["n", "size", "quality", "user"],
    routing: &[],
    list: None,
    marks: &["gpt-image", "chatgpt-image", "dall-e"],
    suggested: &["gpt-image-2", "gpt-image-1"],
};

#[derive(Debug)]
pub(super) struct Images {
    pub entry: &'static ProviderEntry,
    pub api: &'static ImageApi,
    /// The request has input images.
    pub has_inputs: bool,
}

impl Provider for Images {
    fn name(&self) -> &'static str {
        self.entry.name
    }

    fn key_variable(&self) -> &'static str {
        self.entry.key_variable
    }

    fn works_without_key(&self) -> bool {
        self.entry.works_without_key
    }

    fn path(&self) -> &'static str {
        if self.has_inputs {
            self.api.edit_path
        } else {
            self.api.path
        }
    }

    /// The conventions have no word for images alone.
    fn operation(&self) -> &'static str {
        "generate_content"
    }

    /// The fields always have the same order: of the request only those that the API accepts.
    fn encode(&self, request: &ChatRequest) -> RequestBody {
        let mut writer = BodyWriter::default();
        writer.raw(r#"{"model":"#);
        writer.value(&request.model);
        writer.raw(r#","prompt":"#);
        writer.value(&prompt(request));
        for (field, value) in accepted(self.api, request) {
            writer.raw(",");
            writer.value(&field);
            writer.raw(":");
            writer.value(&value);
        }
        write_inputs(&mut writer, self.api.inputs, request);
        writer.raw("}");
        writer.finish()
    }

    fn words(&self, text: &[u8]) -> String {
        refusal::words_of(text)
    }

    /// An event of a stream, which is never asked for.
    fn decode_event(&self, _: &[u8], _: &mut Delta) -> Result<(), DecodeError> {
        Err(DecodeError::NoImages)
    }

    fn decode_body(&self, body: &[u8], delta: &mut Delta) -> Result<(), DecodeError> {
        let value = parse(body)?;
        lenient::read(&value, delta);
        if delta.error.is_some() || lenient::read_as_error(&value, delta) {
            return Ok(());
        }
        let Some(images) = value["data"].as_array() else {
            return Err(DecodeError::NoImages);
        };
        delta.has_choice = true;
        delta.finish_reason = Some(FinishReason::Stop);
        delta.media.extend(images.iter().filter_map(image));
        usage::read(&value["usage"], delta);
        Ok(())
    }

    fn is_from_cache(&self, header: Header<'_>) -> bool {
        super::compatible::is_from_cache(self.entry, header)
    }

    fn cost_in_headers(&self, header: Header<'_>) -> Option<f64> {
        usage::cost_in_headers(header)
    }

    fn decode_refusal(&self, head: &ReplyHead<'_>, body: &[u8]) -> Refusal {
        refusal::read(head, body)
    }
}

/// One element of `data`: base64, or the URL of an image. `None` for one that is empty.
fn image(row: &Value) -> Option<MediaPart> {
    let text = |field: &str| row[field].as_str().filter(|text| !text.is_empty());
    let data = text("b64_json").filter(|data| !data.starts_with("data:"));
    if let Some(data) = data {
        let mime = text("media_type").map(str::to_owned);
        return Some(MediaPart::holding(MediaKind::Image, data, mime));
    }
    let url = text("b64_json").or_else(|| text("url"))?;
    Some(MediaPart::at(MediaKind::Image, url))
}

/// The text of the question.
fn prompt(request: &ChatRequest) -> String {
    let texts = question(request).filter_map(|part| match part {
        ContentPart::Text(text) => Some(&**text),
        _ => None,
    });
    texts.collect::<Vec<_>>().join("\n\n")
}

/// The parts of the last message of the user.
fn question(request: &ChatRequest) -> impl Iterator<Item = &ContentPart> {
    let mut messages = request.messages.iter().rev();
    let last = messages.find(|message| message.role == Role::User);
    last.into_iter().flat_map(|message| &message.content)
}

/// The fields of the request that the API accepts, in the order of its table.
fn accepted(api: &ImageApi, request: &ChatRequest) -> Vec<(&'static str, Value)> {
    let is_sent = |field: &&&str| !request.without.iter().any(|name| name == **field);
    let fields = api.fields.iter().filter(is_sent);
    let value = |field: &&'static str| Some((*field, request.extra.get(*field)?.clone()));
    fields
        .filter_map(value)
        .filter_map(|(field, value)| match value {
            Value::Object(routing) if field == "provider" => {
                let known = |(name, _): &(String, Value)| api.routing.contains(&name.as_str());
                let routing: Map<String, Value> = routing.into_iter().filter(known).collect();
                (!routing.is_empty()).then_some((field, Value::Object(routing)))
            }
            value => Some((field, value)),
        })
        .collect()
}

fn write_inputs(writer: &mut BodyWriter, inputs: ImageInputs, request: &ChatRequest) {
    let urls: Vec<&SharedText> = question(request)
        .filter_map(|part| match part {
            ContentPart::Image { url } => Some(url),
            _ => None,
        })
        .collect();
    if urls.is_empty() {
        return;
    }
    let (field, before, after) = match inputs {
        ImageInputs::Parts(field) => (field, r#"{"type":"image_url","image_url":{"url":"#, "}}"),
        ImageInputs::Urls(field) => (field, r#"{"image_url":"#, "}"),
    };
    writer.raw(",");
    writer.value(&field);
    for (index, url) in urls.into_iter().enumerate() {
        writer.raw(if index == 0 { ":[" } else { "," });
        writer.raw(before);
        writer.text(url);
        writer.raw(after);
    }
    writer.raw("]");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chat::message::Message;
    use crate::providers::find;
    use serde_json::json;

    fn request() -> ChatRequest {
        let image = |url: &str| ContentPart::Image { url: url.into() };
        let user = Message {
            content: vec![
                ContentPart::Text("a cat".into()),
                image("data:image/png;base64,AA=="),
                image("https://x.example/y.png"),
            ],
            ..Message::text(Role::User, "")
        };
        let fields = json!({
            "provider": {"sort": "price", "zdr": true}, "quality": "high", "n": 2, "top_k": 3,
            "modalities": ["image"],
        });
        ChatRequest {
            extra: fields.as_object().unwrap().clone(),
            ..ChatRequest::plain(vec![Message::text(Role::System, "Be brief."), user])
        }
    }

    fn codec(provider: &str, has_inputs: bool) -> Images {
        let entry = find(provider).unwrap();
        Images {
            entry,
            api: entry.images.as_ref().unwrap(),
            has_inputs,
        }
    }

    fn body(provider: &str) -> String {
        let body = codec(provider, true).encode(&request());
        String::from_utf8(body.to_vec()).unwrap()
    }

    #[test]
    fn each_api_gets_its_own_fields_in_one_order() {
        assert_eq!(
            body("openrouter"),
            concat!(
                r#"{"model":"a/b","prompt":"a cat","n":2,"quality":"high","#,
                r#""provider":{"sort":"price"},"#,
                r#""input_references":[{"type":"image_url","image_url":{"url":"#,
                r#""data:image/png;base64,AA=="}},{"type":"image_url","image_url":{"url":"#,
                r#""https://x.example/y.png"}}]}"#
            )
        );
        assert_eq!(
            body("openai"),
            concat!(
                r#"{"model":"a/b","prompt":"a cat","n":2,"quality":"high","images":["#,
                r#"{"image_url":"data:image/png;base64,AA=="},"#,
                r#"{"image_url":"https://x.example/y.png"}]}"#
            )
        );
        assert_eq!(codec("openai", true).path(), "images/edits");
        assert_eq!(codec("openai", false).path(), "images/generations");
    }

    #[test]
    fn images_are_read_with_usage_and_bill() {
        let mut delta = Delta::default();
        let body = json!({
            "created": 1, "data": [
                {"b64_json": "AAAA", "media_type": "image/webp"},
                {"url": "https://x.example/y"},
            ],
            "usage": {"input_tokens": 3, "output_tokens": 5, "total_tokens": 8, "cost": 0.04},
        });
        let read = codec("openrouter", false).decode_body(body.to_string().as_bytes(), &mut delta);
        assert_eq!(read, Ok(()));
        assert_eq!(delta.media[0].mime.as_deref(), Some("image/webp"));
        assert_eq!(delta.media[1].url.as_deref(), Some("https://x.example/y"));
        assert_eq!(
            (delta.cost, delta.usage.unwrap().total_tokens),
            (Some(0.04), Some(8))
        );
    }

    #[test]
    fn what_is_no_list_of_images_is_an_error() {
        let read = |body: &str| {
            let mut delta = Delta::default();
            let read = codec("openrouter", false).decode_body(body.as_bytes(), &mut delta);
            (read, delta.error.is_some())
        };
        assert_eq!(read("{}"), (Err(DecodeError::NoImages), false));
        assert_eq!(read("<html>"), (Err(DecodeError::WebPage), false));
        let refused = r#"{"error":{"code":502,"message":"down"}}"#;
        assert_eq!(read(refused), (Ok(()), true));
        assert_eq!(read(r#"{"data":[]}"#), (Ok(()), false));
    }
}
