//! What a provider implements: encoding requests and decoding replies. Pure: bytes in, bytes out.

use std::time::SystemTime;

use super::delta::Delta;
use super::error::DecodeError;
use super::refusal::Refusal;
use super::request::ChatRequest;
use crate::wire::body::RequestBody;
use crate::wire::reply::Reply;

/// Looks up a header of a reply.
pub(crate) type Header<'a> = &'a dyn Fn(&str) -> Option<&'a str>;

/// Status and headers of a reply.
pub struct ReplyHead<'a> {
    pub status: u16,
    pub header: Header<'a>,
    /// What dates in headers are relative to.
    pub now: SystemTime,
}

/// Reads the head of a reply.
pub(crate) fn with_head<T>(reply: &Reply, read: impl FnOnce(&ReplyHead<'_>) -> T) -> T {
    read(&ReplyHead {
        status: reply.status(),
        header: &|name| reply.header(name),
        now: reply.received_at(),
    })
}

/// A provider's dialect.
pub trait Provider: Send + Sync {
    /// Name in profiles and messages.
    fn name(&self) -> &'static str;
    /// The environment variable that holds its key.
    fn key_variable(&self) -> &'static str;
    /// Whether requests need no key.
    fn works_without_key(&self) -> bool;
    /// Path below the base URL.
    fn path(&self) -> &'static str {
        "chat/completions"
    }
    /// What a request asks for, in the words of telemetry.
    fn operation(&self) -> &'static str {
        "chat"
    }
    /// The body of a request, which shares the texts of its messages.
    fn encode(&self, request: &ChatRequest) -> RequestBody;
    /// The words of a text that is no reply of this dialect, on one line and bounded.
    fn words(&self, text: &[u8]) -> String;
    /// Reads one event of a stream.
    fn decode_event(&self, data: &[u8], delta: &mut Delta) -> Result<(), DecodeError>;
    /// Reads a whole body.
    fn decode_body(&self, body: &[u8], delta: &mut Delta) -> Result<(), DecodeError>;
    /// Whether the headers of a reply say that it came from the provider's cache, for which
    /// nothing is billed.
    fn is_from_cache(&self, header: Header<'_>) -> bool;

    /// The bill in USD in the headers of a whole reply.
    fn cost_in_headers(&self, header: Header<'_>) -> Option<f64>;
    /// Reads a reply whose status is not 200.
    fn decode_refusal(&self, head: &ReplyHead<'_>, body: &[u8]) -> Refusal;
}
