//! What a provider must know: how it wants a request said, and how it says its answer. Pure: bytes
//! in, bytes out.

use std::time::SystemTime;

use super::delta::Delta;
use super::refusal::Refusal;
use super::request::ChatRequest;
use crate::wire::body::RequestBody;

/// What is known of a reply besides its body.
pub struct ReplyHead<'a> {
    pub status: u16,
    /// Looks up a header.
    pub header: &'a dyn Fn(&str) -> Option<&'a str>,
    pub now: SystemTime,
}

/// A provider's dialect.
pub trait Provider: Send + Sync {
    /// Name in profiles and messages.
    fn name(&self) -> &'static str;
    /// The environment variable that holds its key.
    fn key_variable(&self) -> &'static str;
    /// Whether it answers without a key.
    fn works_without_key(&self) -> bool;
    /// Path below the base URL.
    fn path(&self) -> &'static str {
        "chat/completions"
    }
    /// The body of a request, which shares the texts of its messages.
    fn encode(&self, request: &ChatRequest) -> RequestBody;
    /// Reads one event of a stream. The error says in a few words what is wrong with it.
    fn decode_event(&self, data: &[u8], delta: &mut Delta) -> Result<(), String>;
    /// Reads a whole body.
    fn decode_body(&self, body: &[u8], delta: &mut Delta) -> Result<(), String>;
    /// Reads a reply whose status is not 200.
    fn decode_refusal(&self, head: &ReplyHead<'_>, body: &[u8]) -> Refusal;
}
