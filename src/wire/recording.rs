//! The form of a recording: a head, then one exchange with a provider a line. Pure.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
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

/// One request and its outcome.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Exchange {
    /// How many exchanges had ended when this one started: parallel requests need not come in the
    /// same order again.
    #[serde(rename = "begun_after")]
    pub started_after: usize,
    /// The number of the answer among several in parallel, from 1 on. The exchanges of each have an
    /// order of their own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lane: Option<usize>,
    pub request: Request,
    /// `None` when no head of an answer arrived.
    pub response: Option<Response>,
    pub end: End,
    /// The system's error of a connection that failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
}

/// What was sent. Headers are not recorded: the key is one of them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Request {
    pub method: String,
    /// Scheme, host and port; for the reader, never compared.
    pub origin: String,
    pub path: String,
    /// The body in the order in which it was sent.
    pub body: Value,
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

/// The content of a file.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Recording {
    pub exchanges: Vec<Exchange>,
    /// The last line is incomplete: its writer was killed.
    pub is_truncated: bool,
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

/// An exchange as a line, with its end.
pub(crate) fn line(exchange: &Exchange) -> String {
    // Maps with text as keys, and nothing else that JSON lacks.
    let mut line = inert_json(serde_json::to_string(exchange).unwrap_or_default()).into_owned();
    line.push('\n');
    line
}

/// Reads a recording. An unreadable last line without its end is skipped.
pub(crate) fn parse(text: &str) -> Result<Recording, RecordingFault> {
    let mut lines = text.split_inclusive('\n').enumerate();
    check_head(lines.next().map_or("", |(_, head)| head))?;
    let mut recording = Recording::default();
    for (index, line) in lines {
        match serde_json::from_str(line) {
            Ok(exchange) => recording.exchanges.push(exchange),
            Err(_) if !line.ends_with('\n') => recording.is_truncated = true,
            Err(error) => {
                let error = error.to_string();
                let what = error.split(" at line ").next().unwrap_or_default();
                return Err(RecordingFault {
                    line: index + 1,
                    what: format!("not an exchange: {what} (column {})", column(&error)),
                });
            }
        }
    }
    Ok(recording)
}

fn check_head(line: &str) -> Result<(), RecordingFault> {
    let fault = |what: String| Err(RecordingFault { line: 1, what });
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

#[cfg(test)]
mod tests {
    use super::*;

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
        assert_eq!(
            parse(&text).unwrap(),
            Recording {
                exchanges,
                is_truncated: false
            }
        );
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
            parse(&(head() + &line(&of_several))).unwrap().exchanges,
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
        assert_eq!(parse(&(head() + &written)).unwrap().exchanges, [hostile]);
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
        let recording = parse(&(whole.clone() + &line(&exchange())[..40])).unwrap();
        assert_eq!(
            (recording.exchanges.len(), recording.is_truncated),
            (1, true)
        );
        assert!(!parse(&whole).unwrap().is_truncated);
        // Only the line end is missing: all of the exchange is there.
        assert_eq!(parse(whole.trim_end()).unwrap().exchanges.len(), 1);
    }
}
