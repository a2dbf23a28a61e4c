//! Records the exchanges of a client in a file, or answers from one without any network.

use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use super::body::RequestBody;
use super::difference::{self, Difference};
use super::recording::{self, Body, End, Exchange, Request, Response};
use super::scrub;

/// Most that is recorded of one body, in bytes.
pub const LARGEST_RECORDED: usize = 64 * 1024 * 1024;

/// Largest file that is replayed, in bytes.
const LARGEST_FILE: u64 = 1024 * 1024 * 1024;

/// Why a file cannot be recorded to, or replayed.
#[derive(Debug, thiserror::Error)]
pub enum TapeError {
    #[error("there is a file {} already", path.display())]
    Exists { path: PathBuf },
    #[error("{} cannot be written", path.display())]
    Write {
        path: PathBuf,
        #[source]
        source: std::io::Error,
    },
    #[error("{} cannot be read", path.display())]
    Read {
        path: PathBuf,
        #[source]
        source: std::io::Error,
    },
    #[error("{}:{line}: {what}", path.display())]
    Broken {
        path: PathBuf,
        line: usize,
        what: String,
    },
}

/// Why a request is not answered from a recording.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    #[error("{} of exchange {number} in {} is not what is asked now: {}", difference.path, path.display(), words(difference))]
    Differs {
        path: PathBuf,
        number: usize,
        difference: Box<Difference>,
    },
    #[error("{} has {}{}, and this is number {}", path.display(), exchanges(*count), of_answer(*lane), count + 1)]
    Exhausted {
        path: PathBuf,
        count: usize,
        lane: Option<usize>,
    },
    #[error("exchange {number} in {} was too large to be recorded", path.display())]
    TooLarge { path: PathBuf, number: usize },
    #[error("the body of exchange {number} in {} is not base64", path.display())]
    Unreadable { path: PathBuf, number: usize },
}

fn words(difference: &Difference) -> String {
    let nothing = || "nothing".to_owned();
    format!(
        "recorded {}, now {}",
        difference.recorded.clone().unwrap_or_else(nothing),
        difference.now.clone().unwrap_or_else(nothing)
    )
}

fn of_answer(lane: Option<usize>) -> String {
    lane.map_or(String::new(), |lane| format!(" of answer {lane}"))
}

/// `1 exchange`, `2 exchanges`.
pub fn exchanges(count: usize) -> String {
    format!("{count} exchange{}", if count == 1 { "" } else { "s" })
}

/// What stands beside the network, or in its place.
#[derive(Debug, Clone)]
pub enum Tape {
    Recording(Arc<Recorder>),
    Replaying(Arc<Player>),
}

impl Tape {
    /// A new file for exchanges, readable by its owner only. Whatever is there is left alone.
    pub fn record(path: &Path) -> Result<Self, TapeError> {
        Ok(Self::Recording(Arc::new(Recorder::create(path)?)))
    }

    /// A recording to be answered from.
    pub fn replay(path: &Path) -> Result<Self, TapeError> {
        Ok(Self::Replaying(Arc::new(Player::open(path)?)))
    }

    pub fn is_replay(&self) -> bool {
        matches!(self, Self::Replaying(_))
    }
}

/// Writes each exchange down when it ends.
#[derive(Debug)]
pub struct Recorder {
    path: PathBuf,
    state: Mutex<Written>,
}

#[derive(Debug)]
struct Written {
    file: File,
    exchanges: usize,
    trouble: Option<std::io::Error>,
}

impl Recorder {
    fn create(path: &Path) -> Result<Self, TapeError> {
        let mut options = OpenOptions::new();
        // A file of that name, or a link to anywhere, is an error.
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let failed = |source: std::io::Error| match source.kind() {
            std::io::ErrorKind::AlreadyExists => TapeError::Exists {
                path: path.to_owned(),
            },
            _ => TapeError::Write {
                path: path.to_owned(),
                source,
            },
        };
        let mut file = options.open(path).map_err(failed)?;
        file.write_all(recording::head().as_bytes())
            .map_err(failed)?;
        Ok(Self {
            path: path.to_owned(),
            state: Mutex::new(Written {
                file,
                exchanges: 0,
                trouble: None,
            }),
        })
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// How many exchanges have ended.
    pub fn count(&self) -> usize {
        self.state
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .exchanges
    }

    /// Why not everything is in the file, told once.
    pub fn take_trouble(&self) -> Option<std::io::Error> {
        self.state
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .trouble
            .take()
    }

    /// Takes the file away again when nothing was recorded.
    pub fn discard_empty(&self) {
        if self.count() == 0 {
            // An empty recording that stays is in nobody's way but its own.
            let _ = std::fs::remove_file(&self.path);
        }
    }

    fn append(&self, exchange: &Exchange) {
        let mut written = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        written.exchanges += 1;
        // One write for a line: what a kill leaves is a whole exchange, or the part of one at the
        // end.
        if let Err(error) = written.file.write_all(recording::line(exchange).as_bytes()) {
            written.trouble.get_or_insert(error);
        }
    }
}

/// The record of an exchange under way. Dropped, it is written down as far as it came.
#[derive(Debug)]
pub struct PendingExchange {
    recorder: Arc<Recorder>,
    exchange: Exchange,
    body: Vec<u8>,
    has_sent: bool,
}

impl PendingExchange {
    /// Begins the record of a request for one of several answers, or for the only one.
    pub fn begin(recorder: &Arc<Recorder>, lane: Option<usize>, request: Request) -> Self {
        let begun_after = recorder.count();
        let exchange = Exchange {
            begun_after,
            lane,
            request,
            response: None,
            end: End::Stopped,
            why: None,
        };
        Self {
            recorder: Arc::clone(recorder),
            exchange,
            body: Vec::new(),
            has_sent: true,
        }
    }

    /// The head of the answer has come.
    pub fn answered(&mut self, status: u16, header: impl Fn(&str) -> Option<String>) {
        let headers = recording::HEADERS
            .iter()
            .filter_map(|name| Some(((*name).to_owned(), header(name)?)));
        let received = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        self.exchange.response = Some(Response {
            status,
            received_unix_ms: u64::try_from(received.as_millis()).unwrap_or(u64::MAX),
            headers: headers.collect(),
            body: Body::Text(String::new()),
        });
    }

    /// Some bytes of the body have come.
    pub fn received(&mut self, bytes: &[u8]) {
        if self.body.len() + bytes.len() > LARGEST_RECORDED {
            self.exchange.end = End::TooLarge;
            self.body = Vec::new();
        } else if self.exchange.end != End::TooLarge {
            self.body.extend_from_slice(bytes);
        }
    }

    /// How it ended, as far as is known now.
    pub fn ended(&mut self, end: End, why: Option<String>) {
        if self.exchange.end != End::TooLarge {
            (self.exchange.end, self.exchange.why) = (end, why);
        }
    }

    /// Nothing was sent after all.
    pub fn unsent(&mut self) {
        self.has_sent = false;
    }

    /// The exchange without secrets: by now all are known.
    fn finished(&mut self) -> &Exchange {
        let exchange = &mut self.exchange;
        scrub::value(&mut exchange.request.body);
        for text in [&mut exchange.request.origin, &mut exchange.request.path]
            .into_iter()
            .chain(exchange.why.as_mut())
        {
            *text = super::redact::redacted(text);
        }
        if let Some(response) = &mut exchange.response {
            response
                .headers
                .values_mut()
                .for_each(|value| *value = super::redact::redacted(value));
            let bytes = scrub::body(&std::mem::take(&mut self.body));
            response.body = String::from_utf8(bytes).map_or_else(
                |error| Body::Base64(STANDARD.encode(error.as_bytes())),
                Body::Text,
            );
        }
        exchange
    }
}

impl Drop for PendingExchange {
    fn drop(&mut self) {
        if self.has_sent {
            let recorder = Arc::clone(&self.recorder);
            recorder.append(self.finished());
        }
    }
}

/// Answers requests with what was recorded, each lane in its order.
#[derive(Debug)]
pub struct Player {
    path: PathBuf,
    is_truncated: bool,
    /// The lane of each exchange.
    lanes: Vec<Option<usize>>,
    /// Those that have not been asked for yet, each with its number from 1.
    left: Mutex<Vec<(usize, Exchange)>>,
}

/// A recorded answer that is being read.
#[derive(Debug)]
pub struct Played {
    pub exchange: Exchange,
    body: Vec<u8>,
    position: usize,
}

impl Player {
    fn open(path: &Path) -> Result<Self, TapeError> {
        let failed = |source| TapeError::Read {
            path: path.to_owned(),
            source,
        };
        let metadata = std::fs::metadata(path).map_err(failed)?;
        // A pipe may never end.
        if !metadata.is_file() {
            return Err(failed(std::io::Error::other("it is not a regular file")));
        }
        let mut bytes = Vec::new();
        File::open(path)
            .and_then(|file| file.take(LARGEST_FILE).read_to_end(&mut bytes))
            .map_err(failed)?;
        let text = String::from_utf8(bytes).map_err(|error| {
            let valid =
                String::from_utf8_lossy(&error.as_bytes()[..error.utf8_error().valid_up_to()]);
            let line = 1 + valid.matches('\n').count();
            TapeError::Broken {
                path: path.to_owned(),
                line,
                what: "this is not UTF-8 text".to_owned(),
            }
        })?;
        let parsed = recording::parse(&text).map_err(|fault| TapeError::Broken {
            path: path.to_owned(),
            line: fault.line,
            what: fault.what,
        })?;
        let lanes = parsed
            .exchanges
            .iter()
            .map(|exchange| exchange.lane)
            .collect();
        let left = Mutex::new((1..).zip(parsed.exchanges).collect());
        Ok(Self {
            path: path.to_owned(),
            is_truncated: parsed.is_truncated,
            lanes,
            left,
        })
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The last line is only a part of an exchange, and was left out.
    pub fn is_truncated(&self) -> bool {
        self.is_truncated
    }

    pub fn count(&self) -> usize {
        self.lanes.len()
    }

    /// How many exchanges nobody asked for.
    pub fn unused(&self) -> usize {
        self.left
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .len()
    }

    /// The answer to a request of a lane. What was under way in it at the same time may be asked in
    /// any order.
    pub fn play(&self, lane: Option<usize>, request: &Request) -> Result<Played, ReplayError> {
        let mut left = self.left.lock().unwrap_or_else(PoisonError::into_inner);
        let path = || self.path.clone();
        // Older recordings tell no lanes: all exchanges are those of one.
        let lane = lane.filter(|_| self.lanes.iter().any(Option::is_some));
        let mut of_lane = left
            .iter()
            .enumerate()
            .filter(|(_, (_, exchange))| exchange.lane == lane)
            .peekable();
        let Some((_, (first, expected))) = of_lane.peek().copied() else {
            return Err(ReplayError::Exhausted {
                path: path(),
                count: self.lanes.iter().filter(|of| **of == lane).count(),
                lane,
            });
        };
        // Line `number` is the exchange that ended after `number - 1` others.
        let side_by_side = |exchange: &Exchange| exchange.begun_after < *first;
        let found = of_lane.find(|(_, (number, exchange))| {
            (number == first || side_by_side(exchange)) && differs(exchange, request).is_none()
        });
        let Some((found, _)) = found else {
            let difference = differs(expected, request).unwrap_or(Difference {
                path: "$".to_owned(),
                recorded: None,
                now: None,
            });
            return Err(ReplayError::Differs {
                path: path(),
                number: *first,
                difference: Box::new(difference),
            });
        };
        let (number, exchange) = left.remove(found);
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
        Ok(Played {
            exchange,
            body,
            position: 0,
        })
    }
}

fn differs(exchange: &Exchange, request: &Request) -> Option<Difference> {
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
    difference::first(&recorded.body, &request.body)
}

/// Most that is given out at once, in bytes.
const PIECE: usize = 16 * 1024;

impl Played {
    /// The next bytes: an event of a stream, where one ends soon.
    pub fn piece(&mut self) -> Option<Vec<u8>> {
        let rest = self
            .body
            .get(self.position..)
            .filter(|rest| !rest.is_empty())?;
        let rest = &rest[..rest.len().min(PIECE)];
        let end = memchr::memmem::find(rest, b"\n\n").map_or(rest.len(), |at| at + 2);
        self.position += end;
        Some(rest[..end].to_vec())
    }
}

/// The request as it is recorded and compared.
pub fn request(method: &str, url: &url::Url, body: Option<&RequestBody>) -> Request {
    Request {
        method: method.to_owned(),
        origin: url.origin().ascii_serialization(),
        path: url.path().to_owned(),
        body: body.map(RequestBody::to_value).unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn asked(prompt: &str) -> Request {
        request(
            "POST",
            &url::Url::parse("https://x.example/v1/chat/completions").unwrap(),
            Some(&json!({"prompt": prompt}).to_string().into_bytes().into()),
        )
    }

    /// A recording in which these were asked; each with how many had ended before.
    fn player(asked_after: &[(&str, usize)]) -> (tempfile::TempDir, Player) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("run.jsonl");
        let exchange = |(prompt, begun_after): &(&str, usize)| {
            let body = Body::Text(format!("answer to {prompt}"));
            let response = Response {
                status: 200,
                received_unix_ms: 0,
                headers: std::collections::BTreeMap::new(),
                body,
            };
            Exchange {
                begun_after: *begun_after,
                lane: None,
                request: asked(prompt),
                response: Some(response),
                end: End::Complete,
                why: None,
            }
        };
        let text: String = asked_after
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
            .map(|mut played| String::from_utf8(played.piece().unwrap_or_default()).unwrap());
        answer.map_err(|error| {
            error
                .to_string()
                .replace(&player.path().display().to_string(), "FILE")
        })
    }

    #[test]
    fn exchanges_come_in_their_order() {
        let (_folder, player) = player(&[("one", 0), ("two", 1)]);
        assert_eq!(
            answer(&player, "two").unwrap_err(),
            r#"$.prompt of exchange 1 in FILE is not what is asked now: recorded "one", now "two""#
        );
        assert_eq!(answer(&player, "one").unwrap(), "answer to one");
        assert_eq!(
            (answer(&player, "two").unwrap().as_str(), player.unused()),
            ("answer to two", 0)
        );
        assert_eq!(
            answer(&player, "three").unwrap_err(),
            "FILE has 2 exchanges, and this is number 3"
        );
    }

    #[test]
    fn what_was_asked_side_by_side_comes_in_any_order() {
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
    fn each_lane_goes_on_by_itself() {
        let exchange = |(lane, prompt, begun_after): (usize, &str, usize)| {
            let body = Body::Text(format!("answer to {prompt}"));
            let response = Response {
                status: 200,
                received_unix_ms: 0,
                headers: std::collections::BTreeMap::new(),
                body,
            };
            let request = asked(prompt);
            recording::line(&Exchange {
                begun_after,
                lane: Some(lane),
                request,
                response: Some(response),
                end: End::Complete,
                why: None,
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
            "FILE has 2 exchanges of answer 1, and this is number 3"
        );
        assert_eq!(
            play(None, "more").unwrap_err(),
            "FILE has 0 exchanges, and this is number 1"
        );
    }

    #[test]
    fn a_body_is_given_out_event_by_event() {
        let body = b"data: 1\n\ndata: 2\n\nrest".to_vec();
        let exchange = Exchange {
            begun_after: 0,
            lane: None,
            request: asked(""),
            response: None,
            end: End::Complete,
            why: None,
        };
        let mut played = Played {
            exchange,
            body,
            position: 0,
        };
        let pieces: Vec<_> = std::iter::from_fn(|| played.piece()).collect();
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
