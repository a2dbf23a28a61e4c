//! Runs several futures on one thread, a few at a time.

use std::future::poll_fn;
use std::task::{Context, Poll};

use crate::tools::tool::Pending;

/// Most futures that run at the same time.
const MOST: usize = 4;

/// Futures that run side by side, at most [`MOST`] at a time, and start in their order. Dropping it
/// drops those that have not ended.
pub(super) struct SideBySide<'a, T> {
    /// `None` once it has ended.
    futures: Vec<Option<Pending<'a, T>>>,
    /// How many of them have started.
    started: usize,
}

impl<'a, T> SideBySide<'a, T> {
    pub(super) fn new(futures: impl IntoIterator<Item = Pending<'a, T>>) -> Self {
        Self {
            futures: futures.into_iter().map(Some).collect(),
            started: 0,
        }
    }

    /// The index and the outcome of the next one that ends; `None` when all have ended.
    pub(super) async fn next(&mut self) -> Option<(usize, T)> {
        poll_fn(|context| self.poll(context)).await
    }

    /// Whether the future of this index has started.
    pub(super) fn has_started(&self, index: usize) -> bool {
        index < self.started
    }

    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Option<(usize, T)>> {
        let all = self.futures.iter_mut().enumerate();
        let open = all.filter_map(|(index, place)| place.is_some().then_some((index, place)));
        let mut is_over = true;
        for (index, place) in open.take(MOST) {
            is_over = false;
            self.started = self.started.max(index + 1);
            let polled = place.as_mut().map(|future| future.as_mut().poll(context));
            if let Some(Poll::Ready(outcome)) = polled {
                *place = None;
                return Poll::Ready(Some((index, outcome)));
            }
        }
        if is_over {
            Poll::Ready(None)
        } else {
            Poll::Pending
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;
    use std::rc::Rc;

    #[tokio::test]
    async fn at_most_four_run_at_a_time_and_all_of_them_end() {
        let (running, most) = (Rc::new(Cell::new(0)), Rc::new(Cell::new(0)));
        let futures = (0..11_usize).map(|number| -> Pending<'static, usize> {
            let (running, most) = (Rc::clone(&running), Rc::clone(&most));
            Box::pin(async move {
                running.set(running.get() + 1);
                most.set(most.get().max(running.get()));
                for _ in 0..(11 - number) {
                    tokio::task::yield_now().await;
                }
                running.set(running.get() - 1);
                number
            })
        });
        let mut side_by_side = SideBySide::new(futures);
        assert!(!side_by_side.has_started(0));
        let mut ended = Vec::new();
        while let Some((index, number)) = side_by_side.next().await {
            assert_eq!(index, number);
            ended.push(index);
        }
        assert!(side_by_side.has_started(10) && !side_by_side.has_started(11));
        assert_eq!((most.get(), running.get()), (MOST, 0));
        ended.sort_unstable();
        assert_eq!(ended, (0..11).collect::<Vec<_>>());
    }
}
