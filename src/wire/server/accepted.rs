//! A connection as it was accepted, before anything is read, which another thread may take over.

use std::io;

use tokio::io::{AsyncRead, AsyncWrite};

/// A connection of either kind.
pub(super) trait Connection: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Connection for T {}

/// A connection in the event queue of this thread.
#[derive(Debug)]
pub(super) enum Accepted {
    Tcp(tokio::net::TcpStream),
    #[cfg(unix)]
    Unix(tokio::net::UnixStream),
}

/// A connection in no event queue.
#[derive(Debug)]
pub(super) enum Detached {
    Tcp(std::net::TcpStream),
    #[cfg(unix)]
    Unix(std::os::unix::net::UnixStream),
}

impl Accepted {
    pub(super) fn into_connection(self) -> Box<dyn Connection> {
        match self {
            Self::Tcp(stream) => Box::new(stream),
            #[cfg(unix)]
            Self::Unix(stream) => Box::new(stream),
        }
    }

    /// Leaves the event queue of this thread.
    pub(super) fn detached(self) -> io::Result<Detached> {
        match self {
            Self::Tcp(stream) => stream.into_std().map(Detached::Tcp),
            #[cfg(unix)]
            Self::Unix(stream) => stream.into_std().map(Detached::Unix),
        }
    }
}

impl Detached {
    /// Enters the event queue of this thread.
    pub(super) fn attached(self) -> io::Result<Accepted> {
        match self {
            Self::Tcp(stream) => tokio::net::TcpStream::from_std(stream).map(Accepted::Tcp),
            #[cfg(unix)]
            Self::Unix(stream) => tokio::net::UnixStream::from_std(stream).map(Accepted::Unix),
        }
    }
}
