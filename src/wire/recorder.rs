//! Writes the exchanges of a client to a file, without secrets.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::body::RequestBody;
use super::files::create_private;
use super::recording::{self, Body, End, Exchange, Request, Response};
use super::redact::stored;
use super::scrub;
use super::tape_error::TapeError;

/// Most that is recorded of one body, in bytes.
pub(crate) const LARGEST_RECORDED: usize = 64 * 1024 * 1024;

/// Writes each exchange when it ends.
#[derive(Debug)]
pub struct Recorder {
    path: PathBuf,
    state: Mutex<Written>,
}

#[derive(Debug)]
struct Written {
    file: File,
    exchanges: usize,
    error: Option<std::io::Error>,
}

impl Recorder {
    /// A new file that only its owner may read. A file or a link of that name is an error.
    pub fn create(path: &Path) -> Result<Self, TapeError> {
        let failed = |source: std::io::Error| match source.kind() {
            std::io::ErrorKind::AlreadyExists => TapeError::Exists {
                path: path.to_owned(),
            },
            _ => TapeError::Write {
                path: path.to_owned(),
                source,
            },
        };
        let mut file = create_private(path).map_err(failed)?;
        file.write_all(recording::head().as_bytes())
            .map_err(failed)?;
        Ok(Self {
            path: path.to_owned(),
            state: Mutex::new(Written {
                file,
                exchanges: 0,
                error: None,
            }),
        })
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    fn state(&self) -> MutexGuard<'_, Written> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many exchanges have ended.
    pub fn count(&self) -> usize {
        self.state().exchanges
    }

    /// Why an exchange is missing in the file; reported once.
    pub fn take_error(&self) -> Option<std::io::Error> {
        self.state().error.take()
    }

    /// Removes the file when nothing was recorded.
    pub fn discard_empty(&self) {
        if self.count() == 0 {
            // An empty recording that stays does no harm.
            let _ = std::fs::remove_file(&self.path);
        }
    }

    pub(super) fn append(&self, exchange: &Exchange<()>, body: &RequestBody) {
        let mut written = self.state();
        written.exchanges += 1;
        // Nothing else is written meanwhile: after a kill there is a complete exchange, or a part
        // of one at the end.
        let mut file = BufWriter::new(&written.file);
        let line = recording::write(exchange, body.recorded_pieces(), &mut file);
        let line = line.and_then(|()| file.flush());
        drop(file);
        if let Err(error) = line {
            written.error.get_or_insert(error);
        }
    }
}

/// The record of an exchange under way. When dropped, it is written as far as it came.
#[derive(Debug)]
pub(crate) struct PendingExchange {
    recorder: Arc<Recorder>,
    exchange: Exchange<()>,
    /// The body of the request.
    sent: RequestBody,
    /// The body of the answer.
    body: Vec<u8>,
    has_sent: bool,
}

impl PendingExchange {
    /// Starts the record of a request for one of several answers in parallel, or for the only one.
    pub(crate) fn start(
        recorder: &Arc<Recorder>,
        lane: Option<usize>,
        request: Request<RequestBody>,
    ) -> Self {
        let sent = request.body;
        let request = Request {
            method: request.method,
            origin: request.origin,
            path: request.path,
            body: (),
        };
        let exchange = Exchange {
            started_after: recorder.count(),
            lane,
            request,
            response: None,
            end: End::Stopped,
            why: None,
            tool: None,
        };
        Self {
            recorder: Arc::clone(recorder),
            exchange,
            sent,
            body: Vec::new(),
            has_sent: true,
        }
    }

    /// The head of the answer has arrived.
    pub(crate) fn answered(&mut self, status: u16, header: impl Fn(&str) -> Option<String>) {
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

    /// Some bytes of the body have arrived.
    pub(crate) fn received(&mut self, bytes: &[u8]) {
        if self.body.len() + bytes.len() > LARGEST_RECORDED {
            self.exchange.end = End::TooLarge;
            self.body = Vec::new();
        } else if self.exchange.end != End::TooLarge {
            self.body.extend_from_slice(bytes);
        }
    }

    /// How the exchange ended, as far as is known now.
    pub(crate) fn ended(&mut self, end: End, why: Option<String>) {
        if self.exchange.end != End::TooLarge {
            (self.exchange.end, self.exchange.why) = (end, why);
        }
    }

    /// Nothing was sent after all.
    pub(crate) fn unsent(&mut self) {
        self.has_sent = false;
    }

    /// The exchange without secrets: by now all of them are known.
    fn finish(&mut self) {
        let exchange = &mut self.exchange;
        for text in [&mut exchange.request.origin, &mut exchange.request.path]
            .into_iter()
            .chain(exchange.why.as_mut())
        {
            *text = stored(text).into_owned();
        }
        if let Some(response) = &mut exchange.response {
            response
                .headers
                .values_mut()
                .for_each(|value| *value = stored(value).into_owned());
            let bytes = scrub::body(&std::mem::take(&mut self.body));
            response.body = String::from_utf8(bytes).map_or_else(
                |error| Body::Base64(STANDARD.encode(error.as_bytes())),
                Body::Text,
            );
        }
    }
}

impl Drop for PendingExchange {
    fn drop(&mut self) {
        if self.has_sent {
            self.finish();
            self.recorder.append(&self.exchange, &self.sent);
        }
    }
}
