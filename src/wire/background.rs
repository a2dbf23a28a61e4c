//! Blocking work on a thread of its own, and here where the system has no thread left.

use std::net::{SocketAddr, ToSocketAddrs};
use std::sync::{Arc, Mutex, PoisonError};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use tokio::sync::oneshot;

/// Starts a thread. The work comes back where none can be started: the system's limit is reached.
pub(crate) fn spawn<F: FnOnce() + Send + 'static>(work: F) -> Result<(), F> {
    let shared = Arc::new(Mutex::new(Some(work)));
    let take =
        |shared: &Mutex<Option<F>>| shared.lock().unwrap_or_else(PoisonError::into_inner).take();
    let of_thread = Arc::clone(&shared);
    let started = std::thread::Builder::new().spawn(move || {
        if let Some(work) = take(&of_thread) {
            work();
        }
    });
    match started {
        Ok(_) => Ok(()),
        Err(_) => take(&shared).map_or(Ok(()), Err),
    }
}

/// The same, and does the work at once where no thread can be started.
pub(crate) fn spawn_or_run(work: impl FnOnce() + Send + 'static) {
    if let Err(work) = spawn(work) {
        work();
    }
}

/// Whether a thread can be started now.
pub(crate) fn has_threads() -> bool {
    spawn(|| ()).is_ok()
}

/// Waits for blocking work without blocking the tasks of this thread. `None` when it panicked. A
/// caller that stops waiting leaves it behind; it ends with the process.
pub(crate) async fn unblock<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Option<T> {
    let (sender, receiver) = oneshot::channel();
    spawn_or_run(move || {
        // Nobody receives any more when the caller has stopped.
        let _ = sender.send(work());
    });
    receiver.await.ok()
}

/// Resolves names with the system's resolver. That of the HTTP library panics where no thread can
/// be started.
#[derive(Debug)]
pub(super) struct Resolver;

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let found = unblock(move || (name.as_str(), 0).to_socket_addrs()).await;
            let addresses: Vec<SocketAddr> = found
                .unwrap_or_else(|| Err(std::io::Error::other("the resolver failed")))?
                .collect();
            Ok(Box::new(addresses.into_iter()) as Addrs)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_is_done_without_blocking_the_other_tasks() {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap();
        let (sender, receiver) = std::sync::mpsc::channel();
        let work = unblock(move || receiver.recv().unwrap());
        let done = runtime.block_on(async {
            let (done, ()) = tokio::join!(work, async { sender.send(7).unwrap() });
            done
        });
        assert_eq!(done, Some(7));
        assert_eq!(
            runtime.block_on(unblock(|| panic!("on purpose"))),
            None::<()>
        );
        assert!(has_threads());
    }
}
