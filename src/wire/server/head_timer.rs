//! The deadline for the head of a request, with one timer for all requests of a connection.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use hyper::rt::{Sleep, Timer};

/// The timer of a connection. It is set again only when it has run out: a timer for each request
/// would be the next of all timers each time, for which the runtime interrupts its wait for events
/// with a system call.
#[derive(Debug, Clone)]
pub(super) struct HeadTimer(Arc<Mutex<Pin<Box<tokio::time::Sleep>>>>);

impl HeadTimer {
    /// `first` is the time until the first deadline.
    pub(super) fn new(first: Duration) -> Self {
        Self(Arc::new(Mutex::new(Box::pin(tokio::time::sleep(first)))))
    }
}

impl Timer for HeadTimer {
    fn sleep(&self, duration: Duration) -> Pin<Box<dyn Sleep>> {
        self.sleep_until(Instant::now() + duration)
    }

    fn sleep_until(&self, deadline: Instant) -> Pin<Box<dyn Sleep>> {
        Box::pin(HeadDeadline {
            timer: self.clone(),
            deadline: deadline.into(),
        })
    }
}

/// Completes at a time that the timer may have to be set for once more.
#[derive(Debug)]
struct HeadDeadline {
    timer: HeadTimer,
    deadline: tokio::time::Instant,
}

impl Future for HeadDeadline {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let timer = &self.timer.0;
        let mut timer = timer.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if timer.deadline() > self.deadline {
                timer.as_mut().reset(self.deadline);
            }
            ready!(timer.as_mut().poll(context));
            if timer.deadline() >= self.deadline {
                return Poll::Ready(());
            }
            timer.as_mut().reset(self.deadline);
        }
    }
}

impl Sleep for HeadDeadline {}

#[cfg(test)]
mod tests {
    use super::*;

    fn elapsed(work: impl Future<Output = ()>) -> Duration {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .build()
            .unwrap();
        let start = Instant::now();
        runtime.block_on(work);
        start.elapsed()
    }

    #[test]
    fn a_deadline_is_kept_whatever_the_timer_was_set_to_before() {
        let milliseconds = Duration::from_millis;
        for first in [milliseconds(20), milliseconds(60_000)] {
            let waited = elapsed(async move {
                let timer = HeadTimer::new(first);
                // The deadline of a request that came in time.
                drop(timer.sleep(milliseconds(30)));
                timer.sleep(milliseconds(80)).await;
                timer.sleep(milliseconds(40)).await;
            });
            assert!(waited >= milliseconds(120), "{waited:?}");
            assert!(waited < milliseconds(50_000), "{waited:?}");
        }
    }
}
