//! Messages of JSON-RPC 2.0 as this protocol uses them: written, and read with care. Pure.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{IgnoredAny, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::revision::{Era, Revision};
use crate::wire::redact::cut;

/// Errors of the revisions that `server/discover` belongs to.
pub(super) const ERRORS_OF_DISCOVER: std::ops::RangeInclusive<i64> = -32029..=-32020;

/// `data.supported` lists the revisions of the server.
pub(super) const UNSUPPORTED_REVISION: i64 = -32022;

pub(super) const NO_SUCH_METHOD: i64 = -32601;

/// Most revisions that are read of a list.
const MOST_REVISIONS: usize = 50;

/// Longest message of an error that is kept, in characters.
const LONGEST_MESSAGE: usize = 500;

/// A request of amx.
#[derive(Debug)]
pub(super) struct Outgoing<'a> {
    pub method: &'static str,
    /// A JSON object; `_meta` is added where the revision has it.
    pub parameters: Value,
    /// The tool that `tools/call` names.
    pub name: Option<&'a str>,
    /// Arguments that are sent as headers too, over HTTP.
    pub headers: Vec<(String, String)>,
    /// The span that the server may continue, for `_meta.traceparent`.
    pub traceparent: Option<String>,
}

impl Outgoing<'_> {
    pub(super) fn new(method: &'static str, parameters: Value) -> Self {
        Self {
            method,
            parameters,
            name: None,
            headers: Vec::new(),
            traceparent: None,
        }
    }

    /// The message without a line end.
    pub(super) fn to_json(&self, id: u64, revision: Revision) -> Vec<u8> {
        let mut parameters = self.parameters.clone();
        if revision.era == Era::Discover {
            parameters["_meta"] = meta(revision);
        }
        if let Some(traceparent) = &self.traceparent {
            parameters["_meta"]["traceparent"] = json!(traceparent);
        }
        let message = json!({
            "jsonrpc": "2.0",
            "id": id,
            "method": self.method,
            "params": parameters,
        });
        message.to_string().into_bytes()
    }
}

/// What amx is, for `clientInfo`.
pub(super) fn client_info() -> Value {
    json!({"name": "amx", "version": env!("CARGO_PKG_VERSION")})
}

fn meta(revision: Revision) -> Value {
    json!({
        "io.modelcontextprotocol/protocolVersion": revision.name,
        "io.modelcontextprotocol/clientCapabilities": {},
        "io.modelcontextprotocol/clientInfo": client_info(),
    })
}

/// A notification of amx, without a line end.
pub(super) fn notification(method: &str, parameters: Option<Value>, revision: Revision) -> Vec<u8> {
    let mut message = json!({"jsonrpc": "2.0", "method": method});
    if let Some(parameters) = parameters {
        message["params"] = parameters;
    }
    if revision.era == Era::Discover {
        message["params"]["_meta"] = meta(revision);
    }
    message.to_string().into_bytes()
}

/// Says that a request is no longer waited for.
pub(super) fn cancellation(id: u64, revision: Revision) -> Vec<u8> {
    let parameters = json!({"requestId": id, "reason": "no longer needed"});
    notification("notifications/cancelled", Some(parameters), revision)
}

/// A message of a server.
#[derive(Debug)]
pub(super) enum Incoming {
    Answer {
        id: u64,
        outcome: Result<Box<RawValue>, RpcError>,
    },
    /// What a request of the server is answered with.
    Request {
        reply: Vec<u8>,
    },
    ToolsChanged,
    /// A notification that changes nothing here, or an answer to no request of amx.
    Other,
}

/// A refusal of a server.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message} ({code})")]
pub(super) struct RpcError {
    pub code: i64,
    pub message: String,
    /// Of [`UNSUPPORTED_REVISION`].
    pub supported: Vec<String>,
}

#[derive(Deserialize)]
struct Line<'a> {
    #[serde(borrow, default)]
    id: Option<&'a RawValue>,
    #[serde(borrow, default)]
    method: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    result: Option<&'a RawValue>,
    #[serde(borrow, default)]
    error: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct ErrorObject {
    #[serde(default)]
    code: i64,
    #[serde(default)]
    message: String,
    #[serde(default)]
    data: ErrorData,
}

#[derive(Default)]
struct ErrorData {
    supported: Vec<String>,
}

impl<'de> Deserialize<'de> for ErrorData {
    /// Any JSON: only `supported` of an object counts.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Supported {
            #[serde(default)]
            supported: AtMost<String, MOST_REVISIONS>,
        }
        let data = <&RawValue>::deserialize(deserializer)?;
        let read = serde_json::from_str::<Supported>(data.get());
        Ok(Self {
            supported: read.map(|read| read.supported.items).unwrap_or_default(),
        })
    }
}

/// Reads a line; `None` when it is no message. Bytes that are not UTF-8 are replaced.
pub(super) fn read(line: &[u8]) -> Option<Incoming> {
    let text = String::from_utf8_lossy(line);
    let text = text.trim_start_matches('\u{feff}').trim();
    let line: Line<'_> = serde_json::from_str(text).ok()?;
    if let Some(method) = &line.method {
        return Some(match line.id {
            Some(id) => Incoming::Request {
                reply: reply_to(id.get(), method),
            },
            None if method == "notifications/tools/list_changed" => Incoming::ToolsChanged,
            None => Incoming::Other,
        });
    }
    let Some(id) = line.id.and_then(|id| id.get().parse().ok()) else {
        return Some(Incoming::Other);
    };
    let outcome = match (line.result, line.error) {
        (Some(result), None) => Ok(result.to_owned()),
        (_, Some(error)) => Err(error_of(error.get())),
        (None, None) => return None,
    };
    Some(Incoming::Answer { id, outcome })
}

/// The refusal in the body of an HTTP error, whatever its ID.
pub(super) fn error_in(body: &[u8]) -> Option<RpcError> {
    let text = String::from_utf8_lossy(body);
    let line: Line<'_> = serde_json::from_str(text.trim()).ok()?;
    let error = line.error?.get();
    // Other formats have an error of their own there.
    error.contains("\"code\"").then(|| error_of(error))
}

fn error_of(text: &str) -> RpcError {
    let read = serde_json::from_str(text).unwrap_or(ErrorObject {
        code: 0,
        message: text.to_owned(),
        data: ErrorData::default(),
    });
    RpcError {
        code: read.code,
        message: cut(read.message.trim(), LONGEST_MESSAGE),
        supported: read.data.supported,
    }
}

/// `ping` is answered; amx offers nothing else to servers. `id` is JSON.
fn reply_to(id: &str, method: &str) -> Vec<u8> {
    let outcome = if method == "ping" {
        "\"result\":{}".to_owned()
    } else {
        format!("\"error\":{{\"code\":{NO_SUCH_METHOD},\"message\":\"Method not found\"}}")
    };
    format!("{{\"jsonrpc\":\"2.0\",\"id\":{id},{outcome}}}").into_bytes()
}

/// The first `N` items of a JSON array, and whether there were more.
#[derive(Debug)]
pub(super) struct AtMost<T, const N: usize> {
    pub items: Vec<T>,
    pub has_more: bool,
}

impl<T, const N: usize> Default for AtMost<T, N> {
    fn default() -> Self {
        Self {
            items: Vec::new(),
            has_more: false,
        }
    }
}

impl<'de, T: Deserialize<'de>, const N: usize> Deserialize<'de> for AtMost<T, N> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(AtMostVisitor(PhantomData))
    }
}

struct AtMostVisitor<T, const N: usize>(PhantomData<T>);

impl<'de, T: Deserialize<'de>, const N: usize> Visitor<'de> for AtMostVisitor<T, N> {
    type Value = AtMost<T, N>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Self::Value, A::Error> {
        let mut read = AtMost::default();
        while read.items.len() < N {
            match sequence.next_element()? {
                Some(item) => read.items.push(item),
                None => return Ok(read),
            }
        }
        while sequence.next_element::<IgnoredAny>()?.is_some() {
            read.has_more = true;
        }
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mcp::revision::{NEWEST, NEWEST_INITIALIZED};

    fn answer(line: &str) -> (u64, Result<String, RpcError>) {
        match read(line.as_bytes()) {
            Some(Incoming::Answer { id, outcome }) => {
                (id, outcome.map(|result| result.get().to_owned()))
            }
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_request_carries_its_revision_only_in_the_newer_era() {
        let request = Outgoing::new("tools/list", json!({}));
        let legacy: Value =
            serde_json::from_slice(&request.to_json(3, NEWEST_INITIALIZED)).unwrap();
        let plain = json!({"jsonrpc": "2.0", "id": 3, "method": "tools/list", "params": {}});
        assert_eq!(legacy, plain);
        let newer: Value = serde_json::from_slice(&request.to_json(4, NEWEST)).unwrap();
        let meta = &newer["params"]["_meta"];
        assert_eq!(
            meta["io.modelcontextprotocol/protocolVersion"],
            "2026-07-28"
        );
        assert_eq!(
            meta["io.modelcontextprotocol/clientCapabilities"],
            json!({})
        );
        assert_eq!(meta["io.modelcontextprotocol/clientInfo"]["name"], "amx");
    }

    #[test]
    fn answers_are_matched_by_a_number() {
        let (id, result) = answer(r#"{"jsonrpc":"2.0","id":3,"result":{"a":[1]}}"#);
        assert_eq!((id, result.unwrap().as_str()), (3, r#"{"a":[1]}"#));
        for other in [
            r#"{"id":"3","result":{}}"#,
            r#"{"id":null,"result":{}}"#,
            r#"{"id":3.5,"result":{}}"#,
            r#"{"id":-1,"result":{}}"#,
        ] {
            assert!(
                matches!(read(other.as_bytes()), Some(Incoming::Other)),
                "{other}"
            );
        }
        for garbage in ["", "hello", "{", "7", r#"{"id":3}"#, "{\"id\":3,\"id\":4}"] {
            assert!(read(garbage.as_bytes()).is_none(), "{garbage}");
        }
    }

    #[test]
    fn an_error_is_read_with_the_revisions_it_offers() {
        let line = r#"{"id":1,"error":{"code":-32022,"message":"no","data":{"supported":["a"],"requested":"b"}}}"#;
        let error = answer(line).1.unwrap_err();
        assert_eq!(
            (error.code, error.supported.as_slice()),
            (-32022, &["a".to_owned()][..])
        );
        for odd in [
            r#"{"id":1,"error":"broken"}"#,
            r#"{"id":1,"error":{}}"#,
            r#"{"id":1,"error":{"code":"x","data":7}}"#,
            r#"{"id":1,"error":{"code":1,"message":"m","data":{"supported":"a"}}}"#,
        ] {
            assert!(answer(odd).1.unwrap_err().supported.is_empty(), "{odd}");
        }
        assert!(error_in(br#"{"id":null,"error":{"code":-32601,"message":"x"}}"#).is_some());
        assert!(error_in(br#"{"error":"invalid_token"}"#).is_none());
    }

    #[test]
    fn a_ping_is_answered_and_other_requests_are_refused() {
        let reply = |line: &str| match read(line.as_bytes()) {
            Some(Incoming::Request { reply }) => String::from_utf8(reply).unwrap(),
            other => panic!("{other:?}"),
        };
        let ping = reply(r#"{"jsonrpc":"2.0","id":"x","method":"ping"}"#);
        assert_eq!(ping, r#"{"jsonrpc":"2.0","id":"x","result":{}}"#);
        let sampling = reply(r#"{"id":7,"method":"sampling/createMessage","params":{}}"#);
        assert!(
            sampling.contains("\"id\":7") && sampling.contains("-32601"),
            "{sampling}"
        );
    }

    #[test]
    fn bytes_that_are_no_text_are_replaced() {
        let line = b"\xef\xbb\xbf{\"id\":1,\"result\":{\"t\":\"a\xffb\"}}\r";
        assert!(matches!(
            read(line),
            Some(Incoming::Answer {
                id: 1,
                outcome: Ok(_)
            })
        ));
        let changed = br#"{"method":"notifications/tools/list_changed"}"#;
        assert!(matches!(read(changed), Some(Incoming::ToolsChanged)));
    }
}
