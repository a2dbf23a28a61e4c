//! The form of a recording: a head, then one exchange with a provider a line. Pure.

use std::collections::BTreeMap;
use std::io::{BufRead, Write};
use std::ops::Range;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::control_characters::inert_json;

/// The version that is written, and the newest that is read.
pub(crate) const VERSION: u64 = 1;

/// The headers of a response that anything is read from.
pub(crate) const HEADERS: &[&str] = &[
    "content-type",
    "location",
    "retry-after",
    "retry-after-ms",
    "x-generation-id",
    "x-ratelimit-reset",
];

/// The name of the version in the first line.
const MARK: &str = "amx_recording";

/// One request and its outcome. `B` is the body of the request: large ones are kept elsewhere.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Exchange<B = Value> {
    /// How many exchanges had ended when this one started: parallel requests need not come in the
    /// same order again.
    #[serde(rename = "begun_after")]
    pub started_after: usize,
    /// The number of the answer among several in parallel, from 1 on. The exchanges of each have an
    /// order of their own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lane: Option<usize>,
    pub request: Request<B>,
    /// `None` when no head of an answer arrived.
    pub response: Option<Response>,
    pub end: End,
    /// The system's error of a connection that failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// The result of a tool call, which has no response: see [`CALL`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tool: Option<Value>,
}

/// The method of an exchange that is a tool call: its path is the name of the tool, its body the
/// arguments.
pub(crate) const CALL: &str = "CALL";

/// What was sent. Headers are not recorded: the key is one of them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Request<B = Value> {
    pub method: String,
    /// Scheme, host and port; for the reader, never compared.
    pub origin: String,
    pub path: String,
    /// The body in the order in which it was sent.
    pub body: B,
}

/// What was received.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Response {
    pub status: u16,
    /// When the head arrived, in milliseconds since 1970: dates in headers are relative to it.
    pub received_unix_ms: u64,
    pub headers: BTreeMap<String, String>,
    #[serde(flatten)]
    pub body: Body,
}

/// The bytes as received, without the transfer encoding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Body {
    #[serde(rename = "body")]
    Text(String),
    /// Bytes that are not UTF-8.
    #[serde(rename = "body_base64")]
    Base64(String),
}

/// How an exchange ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum End {
    /// All that was waited for arrived.
    Complete,
    /// The connection was lost mid-answer.
    ConnectionLost,
    /// The program stopped, as after Ctrl-C.
    Stopped,
    /// Nothing arrived for too long.
    Silence,
    /// The time for the whole answer was over.
    TimeLimit,
    /// The connection was closed without an answer.
    NoAnswer,
    /// No connection could be made.
    Unreachable,
    /// Connecting took too long.
    ConnectTimeout,
    /// The server did not process the request.
    NotTaken,
    /// The server's certificate was not accepted.
    BadCertificate,
    /// The answer was larger than a recording holds.
    TooLarge,
}

impl<B> Exchange<B> {
    /// The same with another body.
    fn with_body<C>(self, body: C) -> Exchange<C> {
        Exchange {
            started_after: self.started_after,
            lane: self.lane,
            request: Request {
                method: self.request.method,
                origin: self.request.origin,
                path: self.request.path,
                body,
            },
            response: self.response,
            end: self.end,
            why: self.why,
            tool: self.tool,
        }
    }
}

/// The content of a file. The body of a request is its place in the file, in bytes.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Recording {
    pub exchanges: Vec<Exchange<Range<u64>>>,
    /// The last line is incomplete: its writer was killed.
    pub is_truncated: bool,
}

/// Why a recording cannot be read.
#[derive(Debug)]
pub(crate) enum ReadFault {
    Io(std::io::Error),
    Form(RecordingFault),
}

/// What is wrong with a file, and in which line, from 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RecordingFault {
    pub line: usize,
    pub what: String,
}

/// The first line of a recording, with its end.
pub(crate) fn head() -> String {
    format!(
        "{}\n",
        json!({MARK: VERSION, "written_by": concat!("amx/", env!("CARGO_PKG_VERSION"))})
    )
}

/// Stands for the body of a request until it is written.
const NO_BODY: &str = "\"body\":null";

/// Writes an exchange as a line, with its end. The body of the request is JSON, and written as it
/// comes.
pub(crate) fn write(
    exchange: &Exchange<()>,
    body: impl Iterator<Item = String>,
    out: &mut impl Write,
) -> std::io::Result<()> {
    // Maps with text as keys, and nothing else that JSON lacks.
    let json = inert_json(serde_json::to_string(exchange).unwrap_or_default());
    // In the texts before it a quote is escaped.
    let (before, after) = json.split_once(NO_BODY).unwrap_or((&json, ""));
    out.write_all(before.as_bytes())?;
    out.write_all(b"\"body\":")?;
    for piece in body {
        out.write_all(piece.as_bytes())?;
    }
    out.write_all(after.as_bytes())?;
    out.write_all(b"\n")
}

/// Reads a recording, a line at a time. An unreadable last line without its end is skipped.
pub(crate) fn parse(mut text: impl BufRead) -> Result<Recording, ReadFault> {
    let mut recording = Recording::default();
    let (mut line, mut start, mut number) = (Vec::new(), 0, 1);
    loop {
        line.clear();
        let length = text.read_until(b'\n', &mut line).map_err(ReadFault::Io)?;
        if length == 0 && number > 1 {
            return Ok(recording);
        }
        let fault = |what| ReadFault::Form(RecordingFault { line: number, what });
        let words =
            std::str::from_utf8(&line).map_err(|_| fault("this is not UTF-8 text".to_owned()))?;
        if number == 1 {
            check_head(words).map_err(fault)?;
        } else {
            match exchange(words, start) {
                Ok(exchange) => recording.exchanges.push(exchange),
                Err(_) if !words.ends_with('\n') => recording.is_truncated = true,
                Err(error) => {
                    let error = error.to_string();
                    let what = error.split(" at line ").next().unwrap_or_default();
                    let column = column(&error);
                    return Err(fault(format!("not an exchange: {what} (column {column})")));
                }
            }
        }
        (start, number) = (start + length as u64, number + 1);
    }
}

/// The exchange of a line that starts so many bytes after the start of the file.
fn exchange(line: &str, start: u64) -> serde_json::Result<Exchange<Range<u64>>> {
    let exchange: Exchange<&RawValue> = serde_json::from_str(line)?;
    let body = exchange.request.body.get();
    let before = (body.as_ptr() as usize).saturating_sub(line.as_ptr() as usize);
    let from = start + before as u64;
    let place = from..from + body.len() as u64;
    Ok(exchange.with_body(place))
}

fn check_head(line: &str) -> Result<(), String> {
    let fault = |what: String| Err(what);
    let version = serde_json::from_str::<Value>(line)
        .ok()
        .and_then(|head| head.get(MARK).cloned());
    match version.as_ref().map(Value::as_u64) {
        Some(Some(VERSION)) => Ok(()),
        Some(Some(newer)) if newer > VERSION => fault(format!(
            "the recording has version {newer}, and this amx supports version {VERSION}"
        )),
        Some(_) => fault(format!("'{MARK}' is not a version number")),
        None => fault(format!(
            "not a recording of amx: its first line does not start with {{\"{MARK}\":{VERSION}"
        )),
    }
}

/// The column at the end of the parser's message.
fn column(message: &str) -> &str {
    message.rsplit(' ').next().unwrap_or_default()
}

/// An exchange as a line, for tests.
#[cfg(test)]
pub(super) fn line(exchange: &Exchange) -> String {
    let body = exchange.request.body.to_string();
    let mut line = Vec::new();
    write(
        &exchange.clone().with_body(()),
        std::iter::once(inert_json(body).into_owned()),
        &mut line,
    )
    .unwrap();
    String::from_utf8(line).unwrap()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The recording with its bodies, or the line that is wrong.
    fn parse(text: &str) -> Result<(Vec<Exchange>, bool), RecordingFault> {
        match super::parse(text.as_bytes()) {
            Ok(recording) => {
                let whole = |exchange: Exchange<Range<u64>>| {
                    let place = exchange.request.body.clone();
                    let [from, to] =
                        [place.start, place.end].map(|at| usize::try_from(at).unwrap());
                    let body = serde_json::from_str(&text[from..to]).unwrap();
                    exchange.with_body(body)
                };
                let exchanges = recording.exchanges.into_iter().map(whole).collect();
                Ok((exchanges, recording.is_truncated))
            }
            Err(ReadFault::Form(fault)) => Err(fault),
            Err(ReadFault::Io(error)) => panic!("{error}"),
        }
    }

    fn exchange() -> Exchange {
        Exchange {
            started_after: 0,
            lane: None,
            request: Request {
                method: "POST".to_owned(),
                origin: "https://x.example".to_owned(),
                path: "/v1/chat/completions".to_owned(),
                body: json!({"b": 1, "a": [2]}),
            },
            response: Some(Response {
                status: 200,
                received_unix_ms: 1,
                headers: BTreeMap::from([(
                    "content-type".to_owned(),
                    "text/event-stream".to_owned(),
                )]),
                body: Body::Text("data: [DONE]\n\n".to_owned()),
            }),
            end: End::Complete,
            why: None,
            tool: None,
        }
    }

    #[test]
    fn a_written_recording_reads_back() {
        let mut unanswered = exchange();
        (unanswered.response, unanswered.end, unanswered.why) =
            (None, End::Unreachable, Some("refused".to_owned()));
        let mut binary = exchange();
        binary.response.as_mut().unwrap().body = Body::Base64("/w==".to_owned());
        let exchanges = vec![exchange(), unanswered, binary];
        let text = head() + &exchanges.iter().map(line).collect::<String>();
        assert_eq!(parse(&text).unwrap(), (exchanges, false));
    }

    #[test]
    fn the_form_is_the_documented_one() {
        let expected = r#"{"begun_after":0,"request":{"method":"POST","origin":"https://x.example","path":"/v1/chat/completions","body":{"b":1,"a":[2]}},"response":{"status":200,"received_unix_ms":1,"headers":{"content-type":"text/event-stream"},"body":"data: [DONE]\n\n"},"end":"complete"}"#;
        assert_eq!(line(&exchange()), format!("{expected}\n"));
        let of_several = Exchange {
            lane: Some(2),
            ..exchange()
        };
        assert_eq!(
            line(&of_several),
            format!(
                "{}\n",
                expected.replace("\"request\"", "\"lane\":2,\"request\"")
            )
        );
        assert_eq!(
            parse(&(head() + &line(&of_several))).unwrap().0,
            [of_several]
        );
    }

    #[test]
    fn a_recording_has_no_terminal_controls() {
        let mut hostile = exchange();
        hostile.response.as_mut().unwrap().body =
            Body::Text("a\u{1b}[31m\u{9b}1\u{202e}b\u{7f}漢".to_owned());
        let written = line(&hostile);
        assert!(
            !written
                .trim_end()
                .chars()
                .any(|c| c.is_control() || c == '\u{202e}'),
            "{written}"
        );
        assert_eq!(parse(&(head() + &written)).unwrap().0, [hostile]);
    }

    #[test]
    fn a_broken_recording_names_the_line() {
        let fault = |text: &str| parse(text).map_err(|fault| fault.line);
        for text in [
            "",
            "{}",
            "hello\n",
            "{\"amx_recording\":2}\n",
            "{\"amx_recording\":\"1\"}\n",
        ] {
            assert_eq!(fault(text), Err(1), "{text}");
        }
        assert_eq!(
            fault(&format!("{}{}{{}}\n", head(), line(&exchange()))),
            Err(3)
        );
        assert_eq!(fault(&format!("{}\n", head())), Err(2));
        let named = parse(&format!("{}{{\"begun_after\":0}}\n", head())).unwrap_err();
        assert!(named.what.contains("missing field `request`"), "{named:?}");
    }

    #[test]
    fn an_incomplete_last_line_is_skipped() {
        let whole = head() + &line(&exchange());
        let (exchanges, is_truncated) = parse(&(whole.clone() + &line(&exchange())[..40])).unwrap();
        assert_eq!((exchanges.len(), is_truncated), (1, true));
        assert!(!parse(&whole).unwrap().1);
        // Only the line end is missing: all of the exchange is there.
        assert_eq!(parse(whole.trim_end()).unwrap().0.len(), 1);
    }
}
