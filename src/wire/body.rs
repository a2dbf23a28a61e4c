//! The JSON body of a request, in pieces: large texts are shared by all its clones and never
//! copied.

use std::borrow::Cow;
use std::collections::{BTreeSet, VecDeque};
use std::convert::Infallible;
use std::io::{Read, Write};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::{Buf, Bytes};
use hyper::body::{Frame, SizeHint};
use serde::Serialize;
use serde::de::IgnoredAny;
use serde_json::Value;

use super::control_characters::inert_json;
use super::key_forms::keys_in;
use super::redact::Redactor;
use super::scrub;
use super::shared_text::SharedText;

/// Shortest text that is a piece of its own, in bytes.
const SHORTEST_SHARED: usize = 16 * 1024;

/// Largest chunk that is given to the connection at once, in bytes, before escaping.
const LARGEST_CHUNK: usize = 64 * 1024;

/// A body that is ready to be sent, any number of times. Its length is known; clones share its
/// pieces.
#[derive(Debug, Clone, Default)]
pub struct RequestBody {
    pieces: VecDeque<Piece>,
    length: u64,
    before: Option<BeforeSending>,
}

/// Is called once, when the connection is there and before the first byte is sent.
#[derive(Clone)]
pub struct BeforeSending(Arc<dyn Fn() + Send + Sync>);

impl BeforeSending {
    pub fn new(call: impl Fn() + Send + Sync + 'static) -> Self {
        Self(Arc::new(call))
    }
}

impl std::fmt::Debug for BeforeSending {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("BeforeSending")
    }
}

#[derive(Debug, Clone)]
enum Piece {
    /// Bytes as they are sent.
    Json(Bytes),
    /// The inside of a JSON string from an offset on, escaped chunk by chunk while it is sent.
    Escaped { text: SharedText, from: usize },
}

impl RequestBody {
    /// In bytes, as sent.
    pub fn length(&self) -> u64 {
        self.length
    }

    /// The same body, which calls `before` when it is sent.
    #[must_use]
    pub fn notifying(self, before: Option<BeforeSending>) -> Self {
        Self { before, ..self }
    }

    /// The body as sent, chunk by chunk.
    pub fn chunks(&self) -> Chunks {
        Chunks {
            pieces: self.pieces.clone(),
            left: self.length,
            before: None,
        }
    }

    /// The body as a JSON value; as a text when it is not JSON.
    pub fn to_value(&self) -> Value {
        serde_json::from_reader(self.reader())
            .unwrap_or_else(|_| Value::from(String::from_utf8_lossy(&self.to_vec())))
    }

    /// The body as JSON for a file or a terminal, piece by piece: inert and without secrets. A body
    /// that is not JSON is one text.
    pub(crate) fn inert_pieces(&self) -> InertPieces {
        self.inert(Redactor::default())
    }

    /// The same for a recording, also without what has the form of a key.
    pub(super) fn recorded_pieces(&self) -> InertPieces {
        self.inert(Redactor::with_found(self.keys()))
    }

    /// What has the form of a key in the texts of the body. Files in base64 are not searched.
    fn keys(&self) -> BTreeSet<String> {
        let mut keys = BTreeSet::new();
        for piece in &self.pieces {
            let text = match piece {
                Piece::Json(bytes) => str::from_utf8(bytes).unwrap_or_default(),
                Piece::Escaped { text, .. } => text,
            };
            if scrub::is_data(text) {
                continue;
            }
            // A word of JSON starts after an escape, and not with its letter.
            let is_json = matches!(piece, Piece::Json(_)) && text.contains('\\');
            let text = if is_json {
                Cow::Owned(without_escapes(text))
            } else {
                Cow::Borrowed(text)
            };
            keys.extend(keys_in(&text).map(str::to_owned));
        }
        keys
    }

    fn inert(&self, redactor: Redactor) -> InertPieces {
        let is_json = serde_json::from_reader::<_, IgnoredAny>(self.reader()).is_ok();
        let chunks = if is_json || self.length == 0 {
            self.chunks()
        } else {
            Self::from(self.to_value().to_string().into_bytes()).chunks()
        };
        InertPieces {
            chunks,
            cut: Vec::new(),
            redactor,
            is_empty: self.length == 0,
            is_over: false,
        }
    }

    fn reader(&self) -> ChunkReader {
        ChunkReader {
            chunks: self.chunks(),
            chunk: Bytes::new(),
        }
    }

    /// All bytes in one buffer.
    pub fn to_vec(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(usize::try_from(self.length).unwrap_or(0));
        self.chunks()
            .for_each(|chunk| bytes.extend_from_slice(&chunk));
        bytes
    }

    /// For the HTTP client: as one buffer when it is one, else as a stream of known length.
    pub(super) fn into_http(self) -> reqwest::Body {
        match self.pieces.front() {
            Some(Piece::Json(bytes)) if self.pieces.len() == 1 && self.before.is_none() => {
                bytes.clone().into()
            }
            _ => reqwest::Body::wrap(Chunks {
                before: self.before.clone(),
                ..self.chunks()
            }),
        }
    }
}

impl From<Vec<u8>> for RequestBody {
    fn from(bytes: Vec<u8>) -> Self {
        let writer = BodyWriter {
            body: Self::default(),
            json: bytes,
        };
        writer.finish()
    }
}

/// Writes a body. JSON is written in order, and nothing is checked.
#[derive(Debug, Default)]
pub(crate) struct BodyWriter {
    body: RequestBody,
    /// What follows the last piece.
    json: Vec<u8>,
}

impl BodyWriter {
    /// Punctuation and names, as they are.
    pub(crate) fn raw(&mut self, json: &str) {
        self.json.extend_from_slice(json.as_bytes());
    }

    /// A value, serialised.
    pub(crate) fn value(&mut self, value: &impl Serialize) {
        // Values of JSON, written to memory: neither side can fail.
        let _ = serde_json::to_writer(&mut self.json, value);
    }

    /// A text as a JSON string. A large one is shared with its owner.
    pub(crate) fn text(&mut self, text: &SharedText) {
        if text.len() < SHORTEST_SHARED {
            self.value(&text.as_str());
            return;
        }
        self.raw("\"");
        self.end_piece();
        let length = escaped_length(text);
        self.body.length += length;
        self.body.pieces.push_back(if length == text.len() as u64 {
            Piece::Json(Bytes::from_owner(text.clone()))
        } else {
            Piece::Escaped {
                text: text.clone(),
                from: 0,
            }
        });
        self.raw("\"");
    }

    pub(crate) fn finish(mut self) -> RequestBody {
        self.end_piece();
        self.body
    }

    fn end_piece(&mut self) {
        let json = std::mem::take(&mut self.json);
        if !json.is_empty() {
            self.body.length += json.len() as u64;
            self.body.pieces.push_back(Piece::Json(json.into()));
        }
    }
}

/// Bytes of a text inside a JSON string, without the quotes.
fn escaped_length(text: &str) -> u64 {
    let mut counter = Counter(0);
    // The counter takes any bytes.
    let _ = serde_json::to_writer(&mut counter, text);
    counter.0.saturating_sub(2)
}

struct Counter(u64);

impl Write for Counter {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0 += bytes.len() as u64;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// A body on its way, see [`RequestBody::chunks`].
#[derive(Debug)]
pub struct Chunks {
    pieces: VecDeque<Piece>,
    /// Bytes that are still to come.
    left: u64,
    /// Is called before the first chunk of a body that is sent.
    before: Option<BeforeSending>,
}

impl Iterator for Chunks {
    type Item = Bytes;

    fn next(&mut self) -> Option<Bytes> {
        let (chunk, rest) = match self.pieces.pop_front()? {
            Piece::Json(mut bytes) => {
                let chunk = bytes.split_to(bytes.len().min(LARGEST_CHUNK));
                (chunk, (!bytes.is_empty()).then_some(Piece::Json(bytes)))
            }
            Piece::Escaped { text, from } => {
                let to = text.floor_char_boundary(from + LARGEST_CHUNK);
                let chunk = escaped(text.get(from..to).unwrap_or_default());
                let is_last = to == text.len();
                let rest = Piece::Escaped { text, from: to };
                (chunk, (!is_last).then_some(rest))
            }
        };
        if let Some(rest) = rest {
            self.pieces.push_front(rest);
        }
        self.left = self.left.saturating_sub(chunk.len() as u64);
        Some(chunk)
    }
}

/// JSON with spaces in place of its escapes, such as `\n` and `\u001b`.
fn without_escapes(json: &str) -> String {
    let mut text = String::with_capacity(json.len());
    let mut rest = json;
    while let Some((before, escape)) = rest.split_once('\\') {
        text.push_str(before);
        text.push(' ');
        let length = if escape.starts_with('u') { 5 } else { 1 };
        rest = escape.get(length..).unwrap_or_default();
    }
    text.push_str(rest);
    text
}

/// A text as it stands inside a JSON string.
fn escaped(text: &str) -> Bytes {
    let mut json = Vec::with_capacity(text.len() + text.len() / 8);
    // A text, written to memory: neither side can fail.
    let _ = serde_json::to_writer(&mut json, text);
    let inside = 1..json.len().saturating_sub(1).max(1);
    Bytes::from(json).slice(inside)
}

impl hyper::body::Body for Chunks {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        if let Some(BeforeSending(call)) = self.before.take() {
            call();
        }
        Poll::Ready(self.next().map(|chunk| Ok(Frame::data(chunk))))
    }

    fn is_end_stream(&self) -> bool {
        self.pieces.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left)
    }
}

/// A body as inert JSON, see [`RequestBody::inert_pieces`].
pub(crate) struct InertPieces {
    chunks: Chunks,
    /// The beginning of a character whose end is in the next chunk.
    cut: Vec<u8>,
    redactor: Redactor,
    is_empty: bool,
    is_over: bool,
}

impl Iterator for InertPieces {
    type Item = String;

    fn next(&mut self) -> Option<String> {
        if self.is_over {
            return None;
        }
        let mut piece = String::new();
        let Some(chunk) = self.chunks.next() else {
            self.is_over = true;
            self.redactor.finish(&mut piece);
            if self.is_empty {
                piece.push_str("null");
            }
            return Some(inert_json(piece).into_owned());
        };
        let mut bytes = std::mem::take(&mut self.cut);
        bytes.extend_from_slice(&chunk);
        let complete = match std::str::from_utf8(&bytes) {
            Ok(text) => text,
            Err(error) => str::from_utf8(&bytes[..error.valid_up_to()]).unwrap_or_default(),
        };
        self.redactor.push(complete, &mut piece);
        self.cut = bytes.split_off(complete.len());
        Some(inert_json(piece).into_owned())
    }
}

/// Reads chunks one after the other.
struct ChunkReader {
    chunks: Chunks,
    chunk: Bytes,
}

impl Read for ChunkReader {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        if self.chunk.is_empty() {
            self.chunk = self.chunks.next().unwrap_or_default();
        }
        let length = self.chunk.len().min(buffer.len());
        self.chunk.copy_to_slice(&mut buffer[..length]);
        Ok(length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hyper::body::Body;
    use proptest::prelude::*;
    use serde_json::json;

    fn body(texts: &[SharedText]) -> RequestBody {
        let mut writer = BodyWriter::default();
        writer.raw("[");
        for (index, text) in texts.iter().enumerate() {
            writer.raw(if index > 0 { "," } else { "" });
            writer.text(text);
        }
        writer.raw("]");
        writer.finish()
    }

    fn written(body: &RequestBody) -> String {
        String::from_utf8(body.to_vec()).unwrap()
    }

    #[test]
    fn a_large_plain_text_is_never_copied() {
        let text = SharedText::from("QUJD".repeat(LARGEST_CHUNK));
        let body = body(std::slice::from_ref(&text));
        let inside = text.as_ptr() as usize..text.as_ptr() as usize + text.len();
        for chunks in [body.chunks(), body.clone().chunks()] {
            let shared: usize = chunks
                .filter(|chunk| inside.contains(&(chunk.as_ptr() as usize)))
                .map(|chunk| chunk.len())
                .sum();
            assert_eq!(shared, text.len());
        }
    }

    #[test]
    fn the_length_is_known_and_counted_down() {
        let texts = [
            "x".repeat(200_000).into(),
            "\n\"é\u{1}".repeat(50_000).into(),
        ];
        let body = body(&texts);
        assert_eq!(body.length(), body.to_vec().len() as u64);
        let mut chunks = body.chunks();
        assert_eq!(Body::size_hint(&chunks).exact(), Some(body.length()));
        while chunks.next().is_some() {}
        assert_eq!(Body::size_hint(&chunks).exact(), Some(0));
        assert!(chunks.is_end_stream());
    }

    #[test]
    fn the_pieces_for_a_file_are_inert_json_without_secrets() {
        let secret = "sk-or-v1-in-a-body-0123456789";
        crate::wire::api_key::remember(secret);
        // A secret, a control character and a character of four bytes at every cut.
        let long = format!("{secret}\u{9b}👋 {}", "é".repeat(LARGEST_CHUNK));
        let body = body(&[long.as_str().into(), long.as_str().into()]);
        let written: String = body.inert_pieces().collect();
        assert!(!written.contains('\u{9b}') && !written.contains("in-a-body"));
        let value: Value = serde_json::from_str(&written).unwrap();
        assert_eq!(value[0], long.replace(secret, "[redacted]"));
        let text = |bytes: &[u8]| {
            RequestBody::from(bytes.to_vec())
                .inert_pieces()
                .collect::<String>()
        };
        assert_eq!([text(b"no json"), text(b"")], ["\"no json\"", "null"]);
    }

    #[test]
    fn a_recorded_body_has_nothing_with_the_form_of_a_key() {
        let key = "ghp_0123456789abcdefghijKLMN";
        let long = format!("a\n{key} {}\u{1b}{key}", "é".repeat(LARGEST_CHUNK));
        let plain = format!("{} {key}", "a b ".repeat(SHORTEST_SHARED));
        let image = format!("data:image/png;base64,{}", "eyJ0123456789".repeat(2000));
        let texts = [
            format!("\t{key}\\{key}\u{1b}{key}"),
            long.clone(),
            plain.clone(),
            image.clone(),
        ];
        let body = body(&texts.map(|text| SharedText::from(text.as_str())));
        let written: String = body.recorded_pieces().collect();
        let value: Value = serde_json::from_str(&written).unwrap();
        assert_eq!(value[0], "\t[redacted]\\[redacted]\u{1b}[redacted]");
        assert_eq!(value[1], long.replace(key, "[redacted]"));
        assert_eq!(value[2], plain.replace(key, "[redacted]"));
        assert_eq!(value[3], image);
        // What a user sees of a request is what is sent.
        assert!(body.inert_pieces().collect::<String>().contains(key));
    }

    #[test]
    fn a_body_is_read_back_as_json_or_as_text() {
        let value = json!({"a": "\u{7f}\n".repeat(20_000)});
        let bytes = value.to_string().into_bytes();
        assert_eq!(RequestBody::from(bytes.clone()).to_vec(), bytes);
        assert_eq!(RequestBody::from(bytes).to_value(), value);
        assert_eq!(RequestBody::from(b"no json".to_vec()).to_value(), "no json");
        assert!(RequestBody::default().chunks().next().is_none());
    }

    proptest! {
        #[test]
        fn the_bytes_are_those_of_serde_json(
            texts in proptest::collection::vec(("(?s).{0,20}", 1_usize..6000), 0..4),
        ) {
            let texts: Vec<String> =
                texts.iter().map(|(text, times)| text.repeat(*times)).collect();
            let shared: Vec<SharedText> =
                texts.iter().map(|text| text.as_str().into()).collect();
            prop_assert_eq!(written(&body(&shared)), json!(texts).to_string());
        }
    }
}
