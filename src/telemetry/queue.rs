//! What waits for the collector, and when that is sent.
//!
//! A program that goes on for long gathers: it sends [`TOGETHER`] spans at once, or what has come
//! in [`LONGEST_GATHERING`]. Any other sends at once.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::metric::Observation;
use super::span::Span;

/// Most spans that wait; the oldest are dropped.
const LONGEST_QUEUE: usize = 2048;

/// Spans that a program which goes on for long sends together.
const TOGETHER: usize = 512;

/// Longest time that its spans wait for others.
const LONGEST_GATHERING: Duration = Duration::from_secs(5);

/// What one answer, or several, brought.
#[derive(Debug, Clone, Default)]
pub(crate) struct Batch {
    pub spans: Vec<Span>,
    pub observations: Vec<Observation>,
}

impl Batch {
    pub(crate) fn extend(&mut self, other: Self) {
        self.spans.extend(other.spans);
        self.observations.extend(other.observations);
    }
}

/// The state of an exporter.
#[derive(Default)]
pub(super) struct Queue {
    pub is_started: bool,
    /// The thread sends.
    pub is_busy: bool,
    /// Spans of earlier runs are to be sent.
    pub sends_file: bool,
    /// Spans are sent together while the program runs.
    pub gathers: bool,
    pub deadline: Option<Instant>,
    /// Why something was not sent, in words.
    pub failure: Option<String>,
    spans: VecDeque<Span>,
    observations: Vec<Observation>,
    /// What was taken from the queue, and may be sent again.
    sending: Arc<Batch>,
    /// Since the last warning.
    dropped: usize,
    /// Dropped, and not in the file that counts them.
    uncounted: usize,
    /// Since the start.
    dropped_in_all: u64,
    /// When the first that waits was queued.
    gathering_since: Option<Instant>,
}

impl Queue {
    pub(super) fn is_empty(&self) -> bool {
        self.spans.is_empty() && self.observations.is_empty()
    }

    /// Queues a batch; the oldest spans make room.
    pub(super) fn add(&mut self, batch: Batch, now: Instant) {
        self.spans.extend(batch.spans);
        self.observations.extend(batch.observations);
        let surplus = self.spans.len().saturating_sub(LONGEST_QUEUE);
        self.spans.drain(..surplus);
        self.dropped += surplus;
        self.uncounted += surplus;
        self.dropped_in_all += u64::try_from(surplus).unwrap_or(u64::MAX);
        if !self.is_empty() {
            self.gathering_since.get_or_insert(now);
        }
    }

    /// When what waits is sent: `None` for now, or when nothing waits.
    pub(super) fn due(&self, now: Instant) -> Option<Instant> {
        let is_full = self.spans.len() >= TOGETHER;
        let since = self.gathering_since.filter(|_| self.gathers);
        since
            .filter(|_| !is_full && self.deadline.is_none() && !self.is_empty())
            .map(|since| since + LONGEST_GATHERING)
            .filter(|due| *due > now)
    }

    /// Takes what is sent together, until [`sent`](Self::sent).
    pub(super) fn take(&mut self, now: Instant) -> Arc<Batch> {
        let most = if self.gathers { TOGETHER } else { usize::MAX };
        let count = self.spans.len().min(most);
        let spans = self.spans.drain(..count).collect();
        self.gathering_since = (!self.spans.is_empty()).then_some(now);
        self.sending = Arc::new(Batch {
            spans,
            observations: std::mem::take(&mut self.observations),
        });
        Arc::clone(&self.sending)
    }

    /// What was taken from the queue is not sent again: the collector has taken or refused it, or
    /// its measurements are on their way, which another export would count twice. Returns how many
    /// spans were still to be sent.
    pub(super) fn sent(&mut self) -> usize {
        std::mem::take(&mut self.sending).spans.len()
    }

    /// Everything that no collector has taken.
    pub(super) fn take_rest(&mut self) -> Batch {
        let mut rest = Arc::unwrap_or_clone(std::mem::take(&mut self.sending));
        rest.spans.extend(std::mem::take(&mut self.spans));
        let waiting = std::mem::take(&mut self.observations);
        rest.observations.extend(waiting);
        rest
    }

    /// Spans that were dropped since the last call.
    pub(super) fn take_dropped(&mut self) -> usize {
        std::mem::take(&mut self.dropped)
    }

    /// Spans that were dropped and are not counted in the file yet.
    pub(super) fn take_uncounted(&mut self) -> usize {
        std::mem::take(&mut self.uncounted)
    }

    pub(super) fn dropped_in_all(&self) -> u64 {
        self.dropped_in_all
    }
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use super::*;
    use crate::telemetry::context::SpanContext;
    use crate::telemetry::metric::Metric;
    use crate::telemetry::span::{Attributes, SpanKind};

    const SECOND: Duration = Duration::from_secs(1);

    /// Spans with these numbers as names, and a measurement.
    fn batch(numbers: std::ops::Range<usize>) -> Batch {
        let text = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
        let now = SystemTime::now();
        let span = |number: usize| Span {
            context: SpanContext::parse(text).unwrap(),
            parent: None,
            link: None,
            name: number.to_string(),
            kind: SpanKind::Client,
            start: now,
            end: now,
            attributes: Attributes::default(),
            error: None,
        };
        Batch {
            spans: numbers.map(span).collect(),
            observations: vec![Observation {
                metric: Metric::Duration,
                value: 1.0,
                start: now,
                attributes: Attributes::default(),
            }],
        }
    }

    fn names(batch: &Batch) -> Vec<usize> {
        let names = batch.spans.iter().map(|span| span.name.parse());
        names.collect::<Result<_, _>>().unwrap()
    }

    fn gathering() -> Queue {
        Queue {
            gathers: true,
            ..Queue::default()
        }
    }

    #[test]
    fn a_full_queue_drops_the_oldest_spans_and_counts_them() {
        let (mut queue, now) = (gathering(), Instant::now());
        queue.add(batch(0..2000), now);
        assert_eq!((queue.take_dropped(), queue.dropped_in_all()), (0, 0));
        queue.add(batch(2000..2100), now);
        assert_eq!((queue.take_dropped(), queue.dropped_in_all()), (52, 52));
        queue.add(batch(2100..2110), now);
        assert_eq!((queue.take_dropped(), queue.dropped_in_all()), (10, 62));
        assert_eq!(queue.take_dropped(), 0, "a warning counts them once");
        assert_eq!((queue.take_uncounted(), queue.take_uncounted()), (62, 0));
        let taken = queue.take(now);
        assert_eq!(names(&taken), (62..62 + 512).collect::<Vec<_>>());
        // Measurements are few, and all are kept.
        assert_eq!(taken.observations.len(), 3);
        queue.add(batch(0..512), now);
        assert_eq!(queue.dropped_in_all(), 62, "there was room again");
    }

    #[test]
    fn a_program_that_gathers_sends_512_spans_or_what_came_in_5_seconds() {
        let (mut queue, start) = (gathering(), Instant::now());
        assert_eq!(queue.due(start), None, "nothing waits");
        queue.add(batch(0..511), start);
        queue.add(batch(0..0), start + SECOND);
        assert_eq!(queue.due(start), Some(start + 5 * SECOND));
        assert_eq!(queue.due(start + 5 * SECOND), None, "the first waited 5 s");
        queue.add(batch(511..600), start + 2 * SECOND);
        assert_eq!(queue.due(start + 2 * SECOND), None, "512 are enough");
        assert_eq!(queue.take(start + 2 * SECOND).spans.len(), 512);
        // The rest waits for others again.
        assert_eq!(queue.due(start + 2 * SECOND), Some(start + 7 * SECOND));
        assert_eq!(names(&queue.take(start)), (512..600).collect::<Vec<_>>());
        assert!(queue.is_empty() && queue.due(start).is_none());
    }

    #[test]
    fn nothing_waits_where_the_program_ends_soon() {
        let now = Instant::now();
        let mut queue = Queue::default();
        queue.add(batch(0..700), now);
        assert_eq!(queue.due(now), None);
        assert_eq!(queue.take(now).spans.len(), 700);
        let mut queue = gathering();
        queue.add(batch(0..1), now);
        queue.deadline = Some(now + SECOND);
        assert_eq!(queue.due(now), None);
    }

    #[test]
    fn the_rest_is_what_no_collector_has_taken() {
        let (mut queue, now) = (gathering(), Instant::now());
        queue.add(batch(0..1), now);
        queue.take(now);
        assert_eq!((queue.sent(), queue.sent()), (1, 0));
        queue.add(batch(1..2), now);
        queue.take(now);
        queue.add(batch(2..3), now);
        let rest = queue.take_rest();
        assert_eq!((names(&rest), rest.observations.len()), (vec![1, 2], 2));
        assert!(queue.is_empty() && queue.take_rest().spans.is_empty());
    }
}
