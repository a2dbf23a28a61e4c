//! The loop of a run: starts rows, and handles what happens.

use std::time::Duration;

use tokio::task::{Id, JoinError};
use tokio::time::{Instant, Interval, MissedTickBehavior};

use super::parts::{EndedUnit, Run, RunEnd};
use crate::batch::ending::Stop;
use crate::batch::feed::Fed;
use crate::ports::error::{CommandError, ErrorKind};
use crate::ports::interrupt::Signal;

/// How long rows in flight may go on after the first signal.
const GRACE: Duration = Duration::from_secs(30);

enum Event {
    Nothing,
    Signal(Signal),
    GraceOver,
    Ended(Result<(Id, Box<EndedUnit>), JoinError>),
    Fed(Option<Fed>),
    Tick,
}

impl Run<'_> {
    /// Asks the rows until none is left, or something stops it.
    pub(crate) async fn run(mut self) -> RunEnd {
        let mut ticks = tokio::time::interval(self.parts.sink.interval());
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let has_more = self.fill().unwrap_or_else(|error| {
                self.stop(Stop::Io(error));
                false
            });
            match self.settle_refused() {
                // Rows of a group may have to be asked.
                Ok(true) => continue,
                Ok(false) => {}
                Err(error) => self.stop(Stop::Io(error)),
            }
            if self.is_over() {
                return self.end();
            }
            if self.state.stop.as_ref().is_some_and(|stop| !stop.is_cap()) {
                self.end_rows(false);
            }
            let event = self.next_event(&mut ticks, has_more).await;
            let mut handled = self.handle(event);
            while let Some(ended) = self.state.running.try_join_next_with_id() {
                handled = handled.and(self.handle(Event::Ended(ended)));
            }
            if let Err(error) = handled {
                self.stop(Stop::Io(error));
            }
        }
    }

    fn is_over(&self) -> bool {
        let state = &self.state;
        let has_no_more = state.stop.is_some()
            || (state.is_fed && state.pending.is_none() && state.again.is_empty());
        state.running.is_empty() && has_no_more
    }

    /// With `has_more`, further rows start once those that were started are sent.
    async fn next_event(&mut self, ticks: &mut Interval, has_more: bool) -> Event {
        let (state, parts) = (&mut self.state, &mut self.parts);
        let has_none = state.pending.is_none() && state.again.is_empty();
        let starts = state.stop.is_none() && !has_more;
        let wants_row = starts && !state.is_fed && has_none;
        let waits = starts && state.pending.is_some();
        // A second Ctrl-C is another signal; a second TERM ends the program at once.
        let listens = !matches!(
            state.stop,
            Some(Stop::Signal(Signal::Terminate | Signal::HangUp))
        );
        let changed = async {
            match &parts.paces {
                Some(paces) => paces.changed().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            biased;
            signal = parts.interrupt.wait(), if listens => Event::Signal(signal),
            Some(ended) = state.running.join_next_with_id() => Event::Ended(ended),
            fed = parts.feed.recv(), if wants_row => Event::Fed(fed),
            () = changed, if waits || state.stop.is_some() => Event::Nothing,
            () = sleep_until(state.retry_at), if waits => Event::Nothing,
            () = sleep_until(state.grace) => Event::GraceOver,
            _ = ticks.tick() => Event::Tick,
            () = tokio::task::yield_now(), if has_more => Event::Nothing,
        }
    }

    fn handle(&mut self, event: Event) -> Result<(), CommandError> {
        match event {
            Event::Nothing => {}
            Event::Signal(signal) => self.interrupted(signal),
            Event::GraceOver => {
                self.state.grace = None;
                self.end_rows(true);
            }
            Event::Ended(Ok((id, ended))) => {
                self.state.asked.remove(&id);
                self.ended(*ended)?;
            }
            Event::Ended(Err(error)) => {
                let failed = CommandError::new(ErrorKind::Bug, "a row ended without a result");
                return Err(failed.caused_by(error));
            }
            Event::Fed(None) => self.state.is_fed = true,
            Event::Fed(Some(fed)) => self.fed(fed)?,
            Event::Tick => {
                let progress = self.progress();
                self.parts.sink.progress(&progress);
            }
        }
        Ok(())
    }

    /// The first signal lets the rows in flight end; the second one ends them.
    fn interrupted(&mut self, signal: Signal) {
        self.parts.interrupt.acknowledge();
        if matches!(self.state.stop, Some(Stop::Signal(_))) {
            self.end_rows(true);
            return;
        }
        self.state.stop = Some(Stop::Signal(signal));
        self.state.grace = Some(Instant::now() + GRACE);
        let progress = self.progress();
        self.parts.sink.progress(&progress);
    }
}

async fn sleep_until(at: Option<Instant>) {
    match at {
        Some(at) => tokio::time::sleep_until(at).await,
        None => std::future::pending().await,
    }
}
