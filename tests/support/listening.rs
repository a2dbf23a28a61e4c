//! The loopback address of a double: a thread for each connection, and an end for all of them.

use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

/// Accepts connections until it is closed or dropped.
pub struct Listening {
    address: SocketAddr,
    shared: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    connections: Vec<TcpStream>,
    opened: usize,
    is_over: bool,
}

impl Listening {
    /// Hands each connection to `serve`, on a thread of its own.
    pub fn start(serve: impl Fn(TcpStream) + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let listening = Self {
            address: listener.local_addr().unwrap(),
            shared: Arc::default(),
        };
        let (shared, serve) = (Arc::clone(&listening.shared), Arc::new(serve));
        thread::spawn(move || {
            for connection in listener.incoming() {
                let Ok(connection) = connection else { continue };
                let mut state = lock(&shared);
                if state.is_over {
                    return;
                }
                state.opened += 1;
                state.connections.extend(connection.try_clone());
                drop(state);
                let serve = Arc::clone(&serve);
                thread::spawn(move || serve(connection));
            }
        });
        listening
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Connections that were opened.
    pub fn opened(&self) -> usize {
        lock(&self.shared).opened
    }

    /// Ends every connection, and accepts no other.
    pub fn close(&self) {
        let connections = {
            let mut state = lock(&self.shared);
            state.is_over = true;
            std::mem::take(&mut state.connections)
        };
        for connection in connections {
            // Whoever has left already cannot be shut out.
            drop(connection.shutdown(Shutdown::Both));
        }
        // Wakes the acceptor, which then sees that it is over.
        drop(TcpStream::connect(self.address));
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        self.close();
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}
