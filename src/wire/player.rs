//! Answers requests from a recording, each lane in its order.

use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use super::body::RequestBody;
use super::difference::{self, Difference};
use super::error::WireError;
use super::files::{BoundedFile, ReadError};
use super::recording::{self, Body, End, Exchange, ReadFault, Request, Response};
use super::tape_error::{ReplayError, TapeError};

/// Largest file that is replayed, in bytes.
const LARGEST_FILE: u64 = 1024 * 1024 * 1024;

/// Most that is given out at once, in bytes.
const LARGEST_CHUNK: usize = 16 * 1024;

/// Answers requests with what was recorded. The bodies of requests stay in the file until they are
/// compared.
#[derive(Debug)]
pub struct Player {
    path: PathBuf,
    is_truncated: bool,
    /// The lane of each exchange.
    lanes: Vec<Option<usize>>,
    left: Mutex<Left>,
}

/// What has not been requested yet.
#[derive(Debug)]
struct Left {
    file: File,
    /// Each with its number from 1, and the place of its request's body in the file.
    exchanges: Vec<(usize, HeldExchange)>,
}

type HeldExchange = Exchange<Range<u64>>;

impl Player {
    pub fn open(path: &Path) -> Result<Self, TapeError> {
        let broken = |line, what| TapeError::Broken {
            path: path.to_owned(),
            line,
            what,
        };
        let unread = |source: ReadError| TapeError::Read {
            path: path.to_owned(),
            source,
        };
        let file = BoundedFile::open(path, LARGEST_FILE).map_err(unread)?;
        let parsed = recording::parse(BufReader::new(file)).map_err(|fault| match fault {
            ReadFault::Form(fault) => broken(fault.line, fault.what),
            ReadFault::Io(error) => unread(error.into()),
        })?;
        let file = File::open(path).map_err(|error| unread(error.into()))?;
        let lanes = parsed.exchanges.iter().map(|held| held.lane).collect();
        Ok(Self {
            path: path.to_owned(),
            is_truncated: parsed.is_truncated,
            lanes,
            left: Mutex::new(Left {
                file,
                exchanges: (1..).zip(parsed.exchanges).collect(),
            }),
        })
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The last line is only a part of an exchange, and was skipped.
    pub fn is_truncated(&self) -> bool {
        self.is_truncated
    }

    pub fn count(&self) -> usize {
        self.lanes.len()
    }

    /// How many exchanges were not requested.
    pub fn unused(&self) -> usize {
        self.left
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .exchanges
            .len()
    }

    /// The recorded exchange for a request of a lane. Those that were under way in it at the same
    /// time match in any order.
    pub fn play(
        &self,
        lane: Option<usize>,
        request: &Request<RequestBody>,
    ) -> Result<RecordedReply, ReplayError> {
        let (number, exchange) = self.take_match(lane, request)?;
        let path = || self.path.clone();
        if exchange.end == End::TooLarge {
            return Err(ReplayError::TooLarge {
                path: path(),
                number,
            });
        }
        let body = match exchange.response.as_ref().map(|response| &response.body) {
            Some(Body::Base64(text)) => {
                STANDARD.decode(text).map_err(|_| ReplayError::Unreadable {
                    path: path(),
                    number,
                })?
            }
            Some(Body::Text(text)) => text.clone().into_bytes(),
            None => Vec::new(),
        };
        Ok(RecordedReply {
            exchange,
            body,
            position: 0,
        })
    }

    /// The recorded exchange for a request, without its number.
    pub(super) fn take(
        &self,
        lane: Option<usize>,
        request: &Request<RequestBody>,
    ) -> Result<Exchange<Range<u64>>, ReplayError> {
        Ok(self.take_match(lane, request)?.1)
    }

    fn take_match(
        &self,
        lane: Option<usize>,
        request: &Request<RequestBody>,
    ) -> Result<(usize, HeldExchange), ReplayError> {
        let mut left = self.left.lock().unwrap_or_else(PoisonError::into_inner);
        let Left { file, exchanges } = &mut *left;
        let path = || self.path.clone();
        // Older recordings have no lanes: all exchanges are those of one.
        let lane = lane.filter(|_| self.lanes.iter().any(Option::is_some));
        let mut of_lane = exchanges
            .iter()
            .enumerate()
            .filter(|(_, (_, exchange))| exchange.lane == lane)
            .peekable();
        let Some((_, (first, _))) = of_lane.peek().copied() else {
            return Err(ReplayError::Exhausted {
                path: path(),
                count: self.lanes.iter().filter(|of| **of == lane).count(),
                lane,
            });
        };
        // Line `number` is the exchange that ended after `number - 1` others.
        let is_parallel = |exchange: &HeldExchange| exchange.started_after < *first;
        let mut difference = None;
        for (index, (number, exchange)) in of_lane {
            if number != first && !is_parallel(exchange) {
                continue;
            }
            match differs(exchange, request, file) {
                None => return Ok(exchanges.remove(index)),
                found if number == first => difference = found,
                Some(_) => {}
            }
        }
        Err(ReplayError::Differs {
            path: path(),
            number: *first,
            difference: Box::new(difference.unwrap_or(Difference {
                path: "$".to_owned(),
                recorded: None,
                now: None,
            })),
        })
    }
}

fn differs(
    exchange: &HeldExchange,
    request: &Request<RequestBody>,
    file: &mut File,
) -> Option<Difference> {
    let recorded = &exchange.request;
    for (name, before, now) in [
        ("method", &recorded.method, &request.method),
        ("path", &recorded.path, &request.path),
    ] {
        if let Some(difference) =
            difference::first(&Value::from(before.as_str()), &Value::from(now.as_str()))
        {
            return Some(Difference {
                path: format!("the {name}"),
                ..difference
            });
        }
    }
    if is_same(&recorded.body, &request.body, file).unwrap_or(false) {
        return None;
    }
    // The slow way: the order of keys may differ, and redacted secrets match any text.
    let recorded = read(&recorded.body, file).unwrap_or_default();
    difference::first(&recorded, &request.body.to_value())
}

/// Whether the bytes of a body in the file are those that would be recorded now.
fn is_same(place: &Range<u64>, body: &RequestBody, file: &mut File) -> std::io::Result<bool> {
    file.seek(SeekFrom::Start(place.start))?;
    let mut rest = file.take(place.end - place.start);
    let mut recorded = Vec::new();
    for piece in body.recorded_pieces() {
        recorded.resize(piece.len(), 0);
        if rest.limit() < piece.len() as u64 {
            return Ok(false);
        }
        rest.read_exact(&mut recorded)?;
        if recorded != piece.as_bytes() {
            return Ok(false);
        }
    }
    Ok(rest.limit() == 0)
}

fn read(place: &Range<u64>, file: &mut File) -> std::io::Result<Value> {
    file.seek(SeekFrom::Start(place.start))?;
    let rest = BufReader::new(file.take(place.end - place.start));
    Ok(serde_json::from_reader(rest)?)
}

/// A recorded answer that is being read.
#[derive(Debug)]
pub struct RecordedReply {
    exchange: HeldExchange,
    body: Vec<u8>,
    position: usize,
}

impl RecordedReply {
    /// Itself, if the exchange had an answer; else how it failed. `endpoint` is the server of the
    /// request.
    pub fn answered(self, endpoint: String) -> Result<Self, WireError> {
        if self.exchange.response.is_some() {
            return Ok(self);
        }
        let (end, why) = (self.exchange.end, self.exchange.why.as_deref());
        Err(WireError::of_recorded_request(end, why, endpoint))
    }

    fn response(&self) -> Option<&Response> {
        self.exchange.response.as_ref()
    }

    pub fn status(&self) -> u16 {
        self.response().map_or(0, |response| response.status)
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.response()?.headers.get(name).map(String::as_str)
    }

    /// When its head arrived, in milliseconds since 1970.
    pub fn received_unix_ms(&self) -> u64 {
        self.response()
            .map_or(0, |response| response.received_unix_ms)
    }

    /// The next bytes: an event of a stream, where one ends soon.
    pub fn next_chunk(&mut self) -> Option<Vec<u8>> {
        let rest = self
            .body
            .get(self.position..)
            .filter(|rest| !rest.is_empty())?;
        let rest = &rest[..rest.len().min(LARGEST_CHUNK)];
        let end = memchr::memmem::find(rest, b"\n\n").map_or(rest.len(), |at| at + 2);
        self.position += end;
        Some(rest[..end].to_vec())
    }

    /// The error after the last chunk; `None` when the answer is complete.
    pub fn error_at_end(&self) -> Option<WireError> {
        WireError::of_recorded_answer(self.exchange.end, self.exchange.why.as_deref())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn request<B>(body: B) -> Request<B> {
        Request {
            method: "POST".to_owned(),
            origin: "https://x.example".to_owned(),
            path: "/v1/chat/completions".to_owned(),
            body,
        }
    }

    fn recorded(prompt: &str) -> Request {
        request(json!({"prompt": prompt}))
    }

    fn asked(prompt: &str) -> Request<RequestBody> {
        request(json!({"prompt": prompt}).to_string().into_bytes().into())
    }

    /// A recording of these prompts, each with how many exchanges had ended before it.
    fn player(prompts: &[(&str, usize)]) -> (tempfile::TempDir, Player) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("run.jsonl");
        let exchange = |(prompt, started_after): &(&str, usize)| {
            let body = Body::Text(format!("answer to {prompt}"));
            let response = Response {
                status: 200,
                received_unix_ms: 0,
                headers: std::collections::BTreeMap::new(),
                body,
            };
            Exchange {
                started_after: *started_after,
                lane: None,
                request: recorded(prompt),
                response: Some(response),
                end: End::Complete,
                why: None,
                tool: None,
            }
        };
        let text: String = prompts
            .iter()
            .map(exchange)
            .map(|exchange| recording::line(&exchange))
            .collect();
        std::fs::write(&path, recording::head() + &text).unwrap();
        let player = Player::open(&path).unwrap();
        (folder, player)
    }

    fn answer(player: &Player, prompt: &str) -> Result<String, String> {
        let answer = player
            .play(Some(1), &asked(prompt))
            .map(|mut played| String::from_utf8(played.next_chunk().unwrap_or_default()).unwrap());
        answer.map_err(|error| {
            error
                .to_string()
                .replace(&player.path().display().to_string(), "FILE")
        })
    }

    #[test]
    fn exchanges_match_in_their_order() {
        let (_folder, player) = player(&[("one", 0), ("two", 1)]);
        assert_eq!(
            answer(&player, "two").unwrap_err(),
            r#"$.prompt of exchange 1 in FILE does not match: recorded "one", now "two""#
        );
        assert_eq!(answer(&player, "one").unwrap(), "answer to one");
        assert_eq!(
            (answer(&player, "two").unwrap().as_str(), player.unused()),
            ("answer to two", 0)
        );
        assert_eq!(
            answer(&player, "three").unwrap_err(),
            "FILE has 2 exchanges, no exchange 3"
        );
    }

    #[test]
    fn the_order_of_keys_and_redacted_secrets_make_no_difference() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("run.jsonl");
        let exchange = Exchange {
            started_after: 0,
            lane: None,
            request: request(json!({"b": "key [redacted]", "a": [1, 2]})),
            response: None,
            end: End::Complete,
            why: None,
            tool: None,
        };
        std::fs::write(&path, recording::head() + &recording::line(&exchange)).unwrap();
        let player = Player::open(&path).unwrap();
        let body = |text: &str| request(RequestBody::from(text.as_bytes().to_vec()));
        let other = player.play(None, &body(r#"{"a": [1], "b": "key x"}"#));
        assert!(
            other
                .unwrap_err()
                .to_string()
                .starts_with("$.a[1] of exchange 1")
        );
        let same = r#"{"a": [1, 2], "b": "key sk-or-v1-unknown-here"}"#;
        assert!(player.play(None, &body(same)).is_ok());
    }

    #[test]
    fn parallel_exchanges_match_in_any_order() {
        let (_folder, player) = player(&[("one", 0), ("two", 0), ("three", 2)]);
        assert!(answer(&player, "three").is_err());
        for prompt in ["two", "one", "three"] {
            assert_eq!(
                answer(&player, prompt).unwrap(),
                format!("answer to {prompt}")
            );
        }
    }

    #[test]
    fn each_lane_has_its_own_order() {
        let exchange = |(lane, prompt, started_after): (usize, &str, usize)| {
            let body = Body::Text(format!("answer to {prompt}"));
            let response = Response {
                status: 200,
                received_unix_ms: 0,
                headers: std::collections::BTreeMap::new(),
                body,
            };
            let request = recorded(prompt);
            recording::line(&Exchange {
                started_after,
                lane: Some(lane),
                request,
                response: Some(response),
                end: End::Complete,
                why: None,
                tool: None,
            })
        };
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("run.jsonl");
        let text: String = [(1, "one", 0), (2, "two", 0), (1, "one again", 2)]
            .map(exchange)
            .concat();
        std::fs::write(&path, recording::head() + &text).unwrap();
        let player = Player::open(&path).unwrap();
        let play = |lane, prompt| {
            player.play(lane, &asked(prompt)).map_err(|error| {
                error
                    .to_string()
                    .replace(&path.display().to_string(), "FILE")
            })
        };
        // The order within a lane holds, whatever comes in the others.
        assert!(play(Some(1), "one again").is_err() && play(Some(1), "two").is_err());
        assert!(
            play(Some(1), "one").is_ok()
                && play(Some(1), "one again").is_ok()
                && play(Some(2), "two").is_ok()
        );
        assert_eq!(
            play(Some(1), "more").unwrap_err(),
            "FILE has 2 exchanges of answer 1, no exchange 3"
        );
        assert_eq!(
            play(None, "more").unwrap_err(),
            "FILE has 0 exchanges, no exchange 1"
        );
    }

    #[test]
    fn a_body_is_read_event_by_event() {
        let body = b"data: 1\n\ndata: 2\n\nrest".to_vec();
        let exchange = Exchange {
            started_after: 0,
            lane: None,
            request: request(0..0),
            response: None,
            end: End::Complete,
            why: None,
            tool: None,
        };
        let mut played = RecordedReply {
            exchange,
            body,
            position: 0,
        };
        let pieces: Vec<_> = std::iter::from_fn(|| played.next_chunk()).collect();
        assert_eq!(
            pieces,
            [
                b"data: 1\n\n".to_vec(),
                b"data: 2\n\n".to_vec(),
                b"rest".to_vec()
            ]
        );
    }
}
