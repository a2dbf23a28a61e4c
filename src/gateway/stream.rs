//! Hands a stream on as it is read, keeps it open while nothing comes, and writes the end that a
//! broken one lacks.

use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use serde_json::Value;
use tokio::time::{Instant, sleep_until};

use super::answer::{Failure, OpenStream, Opened};
use super::attempt_result::AttemptResult;
use super::bill::bill;
use super::client_body::ClientBody;
use super::event_filter::{self, EventFilter};
use super::exchange::Exchange;
use super::front::StreamIdentity;
use super::problem::Problem;
use super::stream_scan::StreamReport;
use super::text_loop::TextLoop;
use crate::chat::attempt_status::AttemptStatus;
use crate::wire::server::ReplyOutput;

/// Most that is gathered before it is sent, in bytes.
const MOST_GATHERED: usize = 16 * 1024;

/// An attempt that is still without an answer, and gives the exchange back with it.
pub(super) type Opening =
    std::pin::Pin<Box<dyn Future<Output = (Exchange, Result<Opened, Failure>)> + Send>>;

/// Keeps a stream open until the provider answers, and then hands the answer on.
pub(super) async fn wait_and_pass(
    mut opening: Opening,
    front_comment: &'static str,
    every: std::time::Duration,
    output: ReplyOutput,
) {
    output
        .send(Bytes::from_static(front_comment.as_bytes()))
        .await;
    let (mut exchange, opened) = loop {
        tokio::select! {
            biased;
            done = &mut opening => break done,
            () = tokio::time::sleep(every) => {
                output.send(Bytes::from_static(front_comment.as_bytes())).await;
            }
        }
    };
    exchange.record.status = Some(200);
    exchange.record.first_byte();
    let problem = match opened {
        Ok(Opened::Stream(stream)) => return pass(exchange, *stream, output).await,
        Ok(Opened::Whole(_)) => Problem::new(
            502,
            "not_a_stream",
            "the provider answered without a stream",
        ),
        Err(Failure::Own(problem)) => problem,
        Err(Failure::Refused(refusal)) => of_refusal(refusal.status, &refusal.body),
    };
    exchange.record.why = Some(problem.message.clone());
    let events = exchange
        .front
        .failure_events(&problem, &StreamIdentity::default());
    output.send(events).await;
}

/// The problem that a refusal of the provider is, inside a stream.
fn of_refusal(status: u16, body: &[u8]) -> Problem {
    let words = crate::providers::words_of(body);
    let message = if words.is_empty() {
        format!("the provider refused the request ({status})")
    } else {
        words
    };
    Problem::new(status, "provider_refused", message)
}

/// Hands a stream on to its end.
pub(super) async fn pass(exchange: Exchange, stream: OpenStream, output: ReplyOutput) {
    Passing::new(exchange, stream, output).run().await;
}

/// A stream that is handed on.
struct Passing {
    exchange: Exchange,
    stream: OpenStream,
    output: ReplyOutput,
    filter: Option<EventFilter>,
    guard: Option<TextLoop>,
    /// When something was last sent to the client.
    sent: Instant,
    /// When the provider last sent data.
    heard: Instant,
    /// The stream has ended, after what was read last.
    ended: Option<End>,
}

/// Why a stream has ended.
enum End {
    Complete,
    Lost(String),
    Silent,
    ShuttingDown,
    Loop,
}

impl Passing {
    fn new(mut exchange: Exchange, stream: OpenStream, output: ReplyOutput) -> Self {
        let route = Arc::clone(&exchange.route);
        let target = &route.targets[stream.target];
        let options = &exchange.upstream.gateway.options;
        let asked = event_filter::echoed(options, &exchange.record.asked_model);
        let strips = target.strips_usage(exchange.front, &exchange.body);
        // The body is not needed any more, and a stream may be long.
        exchange.body = ClientBody::empty();
        Self {
            filter: EventFilter::new(strips, asked),
            guard: options.guards_loops.then(TextLoop::default),
            exchange,
            stream,
            output,
            sent: Instant::now(),
            heard: Instant::now(),
            ended: None,
        }
    }

    async fn run(mut self) {
        let first = std::mem::take(&mut self.stream.first);
        self.exchange.record.first_byte();
        self.send(first).await;
        let end = self.read().await;
        let rest = self.exchange.veil.finish();
        self.put(rest).await;
        if let Some(filter) = &mut self.filter {
            let rest = filter.finish();
            self.output.send(rest).await;
        }
        let problem = self.problem(&end);
        if let Some(problem) = &problem {
            if self.stream.scan.is_inside_event() {
                self.output.send(Bytes::from_static(b"\n\n")).await;
            }
            let identity = &self.stream.scan.report.identity;
            let events = self.exchange.front.failure_events(problem, identity);
            self.output.send(events).await;
        }
        self.book(&end, problem);
    }

    /// Reads a piece. One with which the answer repeats itself is the last.
    fn inspect(&mut self, piece: &[u8]) {
        self.stream.scan.push(piece);
        let guard = self.guard.as_mut();
        if guard.is_some_and(|guard| guard.push(piece)) {
            self.ended = Some(End::Loop);
        }
    }

    /// Adds what has arrived meanwhile, as each piece that is sent is a write of its own. The
    /// connection to the provider hands its pieces on one by one, so it gets a turn for each: it
    /// was woken when the last piece was taken, and the tasks of a thread run in the order in which
    /// they were woken. A future that only yields once would not do, as the connection to the
    /// client may poll this one several times in a turn.
    async fn gathered(&mut self, first: Bytes) -> Bytes {
        self.inspect(&first);
        let mut all: Option<BytesMut> = None;
        while self.ended.is_none()
            && all.as_ref().map_or(first.len(), BytesMut::len) < MOST_GATHERED
        {
            let turn = tokio::spawn(std::future::ready(()));
            let next = tokio::select! {
                biased;
                next = self.stream.reply.chunk() => next,
                _ = turn => break,
            };
            match next {
                Ok(Some(more)) => {
                    self.inspect(&more);
                    let all = all.get_or_insert_with(|| BytesMut::from(&first[..]));
                    all.extend_from_slice(&more);
                }
                Ok(None) => self.ended = Some(End::Complete),
                Err(error) => self.ended = Some(End::Lost(error.root_cause())),
            }
        }
        all.map_or(first, BytesMut::freeze)
    }

    /// Reads until the stream ends.
    async fn read(&mut self) -> End {
        let gateway = Arc::clone(&self.exchange.upstream.gateway);
        let mut cutting = std::pin::pin!(gateway.cutting());
        let mut timer = std::pin::pin!(sleep_until(self.due()));
        loop {
            tokio::select! {
                biased;
                chunk = self.stream.reply.chunk() => match chunk {
                    Ok(Some(chunk)) => {
                        let chunk = self.gathered(chunk).await;
                        self.send(chunk).await;
                        if let Some(end) = self.ended.take() {
                            return end;
                        }
                    }
                    Ok(None) => return End::Complete,
                    Err(error) => return End::Lost(error.root_cause()),
                },
                () = &mut cutting => return End::ShuttingDown,
                () = &mut timer => {
                    let now = Instant::now();
                    if now >= self.heard + gateway.options.idle {
                        return End::Silent;
                    }
                    if now >= self.sent + gateway.options.keep_alive {
                        self.keep_alive().await;
                    }
                    timer.as_mut().reset(self.due());
                }
            }
        }
    }

    /// When the stream is next looked at, if nothing comes.
    fn due(&self) -> Instant {
        let options = &self.exchange.upstream.gateway.options;
        (self.sent + options.keep_alive).min(self.heard + options.idle)
    }

    async fn keep_alive(&mut self) {
        // Not inside an event, which it would end.
        if !self.stream.scan.is_inside_event() {
            let comment = self.exchange.front.row().keep_alive;
            self.output
                .send(Bytes::from_static(comment.as_bytes()))
                .await;
        }
        self.sent = Instant::now();
    }

    async fn send(&mut self, bytes: Bytes) {
        let now = Instant::now();
        self.sent = now;
        if !is_comment(&bytes) {
            self.heard = now;
        }
        let bytes = self.exchange.veil.push(bytes);
        self.put(bytes).await;
    }

    async fn put(&mut self, bytes: Bytes) {
        let bytes = match &mut self.filter {
            Some(filter) => filter.push(&bytes),
            None => bytes,
        };
        self.output.send(bytes).await;
    }

    /// What the client receives at the end of a stream that is not complete.
    fn problem(&mut self, end: &End) -> Option<Problem> {
        if self.stream.scan.report.has_end {
            return None;
        }
        let idle = self.exchange.upstream.gateway.options.idle.as_secs();
        Some(match end {
            End::Complete => Problem::new(
                502,
                "stream_cut",
                "the provider ended the stream before the answer was complete; it may have been \
                billed",
            ),
            End::Lost(why) => Problem::new(
                502,
                "stream_cut",
                format!(
                    "connection to the provider lost mid-answer: {why}; it may have been billed"
                ),
            ),
            End::Silent => Problem::new(
                504,
                "provider_silent",
                format!("no data from the provider for {idle} s; it may have been billed"),
            ),
            End::ShuttingDown => Problem::shutting_down(),
            End::Loop => Problem::new(508, "loop", "the answer repeats itself"),
        })
    }

    /// Writes the attempt to the ledger.
    fn book(&mut self, end: &End, problem: Option<Problem>) {
        let report = std::mem::take(&mut self.stream.scan.report);
        let status = match (end, &problem) {
            (_, None) => of_report(&report),
            (End::Silent, _) => AttemptStatus::Timeout,
            (End::ShuttingDown | End::Loop, _) => AttemptStatus::Cancelled,
            (End::Complete | End::Lost(_), _) => AttemptStatus::Cut,
        };
        // Also an error in place of the rest is the end of a part.
        let is_part = problem.is_some() || report.error.is_some();
        let target = &self.exchange.route.targets[self.stream.target];
        let usage = Value::Object(report.usage);
        let (usage, cost) = bill(self.exchange.front, target, usage);
        let record = &mut self.exchange.record;
        record.is_broken = problem.is_some();
        if let Some(problem) = problem {
            record.why = Some(problem.message);
        }
        record.attempt_ends(AttemptResult {
            status: Some(status),
            model: report.identity.model,
            generation_id: self
                .stream
                .headers
                .generation_id
                .take()
                .or(report.identity.id),
            usage,
            cost: if is_part { cost.of_part() } else { cost },
            may_have_cost: true,
            is_unsent: false,
        });
    }
}

/// The status of a stream that the provider ended: with an answer, or with an error.
fn of_report(report: &StreamReport) -> AttemptStatus {
    let Some(error) = &report.error else {
        return AttemptStatus::Ok;
    };
    let code = error["code"]
        .as_u64()
        .and_then(|code| u16::try_from(code).ok());
    code.map_or(AttemptStatus::Refused, AttemptStatus::Http)
}

/// Whether bytes are comments alone, which say nothing of the answer.
fn is_comment(bytes: &[u8]) -> bool {
    let mut places = memchr::memmem::find_iter(bytes, b"data:");
    bytes.starts_with(b":") && !places.any(|at| matches!(bytes[at - 1], b'\n' | b'\r'))
}
