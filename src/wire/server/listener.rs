//! Where the server listens: a TCP port, or a Unix socket that only its owner may open.

use std::fmt;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
#[cfg(unix)]
use std::path::Path;
use std::path::PathBuf;

use super::accepted::Accepted;
use super::request::Peer;

/// Longest queue of connections that the system accepts before the server does.
const BACKLOG: u32 = 1024;

/// The file descriptor of the first socket that a service manager passes on.
const FIRST_INHERITED: i32 = 3;

/// Where to listen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ListenAddress {
    Tcp(SocketAddr),
    Unix(PathBuf),
}

impl ListenAddress {
    /// Reads `127.0.0.1:4180`, `[::1]:4180` or `unix:PATH`.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        if let Some(path) = text.strip_prefix("unix:") {
            return if path.is_empty() || cfg!(not(unix)) {
                Err("expected unix:PATH, on a system with Unix sockets".to_owned())
            } else {
                Ok(Self::Unix(PathBuf::from(path)))
            };
        }
        let text = text
            .strip_prefix("localhost:")
            .map_or_else(|| text.to_owned(), |port| format!("127.0.0.1:{port}"));
        text.parse().map(Self::Tcp).map_err(|_| {
            "expected an IP address with a port, such as 127.0.0.1:4180 or [::1]:4180, or unix:PATH"
                .to_owned()
        })
    }

    /// Whether only programs of this machine can connect.
    pub(crate) fn is_local(&self) -> bool {
        match self {
            Self::Tcp(address) => address.ip().is_loopback(),
            Self::Unix(_) => true,
        }
    }
}

impl fmt::Display for ListenAddress {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp(address) => address.fmt(formatter),
            Self::Unix(path) => write!(formatter, "unix:{}", path.display()),
        }
    }
}

/// An open listener, which each thread of the server has a copy of.
#[derive(Debug)]
pub(crate) struct Listener {
    socket: Socket,
    address: ListenAddress,
}

#[derive(Debug)]
enum Socket {
    Tcp(std::net::TcpListener),
    #[cfg(unix)]
    Unix(std::os::unix::net::UnixListener),
}

impl Listener {
    /// Opens a port or a socket. A socket that nobody listens to any more is replaced.
    pub(crate) fn bind(address: &ListenAddress) -> io::Result<Self> {
        match address {
            ListenAddress::Tcp(address) => Self::of_tcp(bind_tcp(*address)?),
            #[cfg(unix)]
            ListenAddress::Unix(path) => Ok(Self {
                socket: Socket::Unix(bind_unix(path)?),
                address: address.clone(),
            }),
            #[cfg(not(unix))]
            ListenAddress::Unix(_) => Err(io::ErrorKind::Unsupported.into()),
        }
    }

    /// The socket that a service manager opened for this process, by the protocol of systemd:
    /// `LISTEN_FDS` is how many there are, from file descriptor 3 on, and `LISTEN_PID` for whom.
    /// `None` when there is none for this process.
    ///
    /// # Errors
    /// There are several, or the socket cannot be taken over.
    pub(crate) fn inherited(
        count: Option<&str>,
        process: Option<&str>,
    ) -> io::Result<Option<Self>> {
        let own = std::process::id().to_string();
        let Some(count) = count.filter(|_| process == Some(own.as_str())) else {
            return Ok(None);
        };
        if count != "1" {
            let message = format!("expected one socket in LISTEN_FDS, not {count}");
            return Err(io::Error::new(io::ErrorKind::InvalidInput, message));
        }
        take_over(FIRST_INHERITED).map(Some)
    }

    /// A port of 127.0.0.1; 0 lets the system choose one.
    pub(crate) fn on_loopback(port: u16) -> io::Result<Self> {
        Self::of_tcp(bind_tcp((Ipv4Addr::LOCALHOST, port).into())?)
    }

    fn of_tcp(listener: std::net::TcpListener) -> io::Result<Self> {
        listener.set_nonblocking(true)?;
        Ok(Self {
            address: ListenAddress::Tcp(listener.local_addr()?),
            socket: Socket::Tcp(listener),
        })
    }

    /// Where it listens, with the port that is open.
    pub(crate) fn address(&self) -> &ListenAddress {
        &self.address
    }

    /// The port; 0 for a Unix socket.
    pub(crate) fn port(&self) -> u16 {
        match &self.address {
            ListenAddress::Tcp(address) => address.port(),
            ListenAddress::Unix(_) => 0,
        }
    }

    /// Another handle to the same socket.
    pub(crate) fn try_clone(&self) -> io::Result<Self> {
        let socket = match &self.socket {
            Socket::Tcp(listener) => Socket::Tcp(listener.try_clone()?),
            #[cfg(unix)]
            Socket::Unix(listener) => Socket::Unix(listener.try_clone()?),
        };
        Ok(Self {
            socket,
            address: self.address.clone(),
        })
    }

    /// Registers it with the runtime of this thread.
    pub(super) fn into_async(self) -> io::Result<AsyncListener> {
        match self.socket {
            Socket::Tcp(listener) => {
                tokio::net::TcpListener::from_std(listener).map(AsyncListener::Tcp)
            }
            #[cfg(unix)]
            Socket::Unix(listener) => {
                tokio::net::UnixListener::from_std(listener).map(AsyncListener::Unix)
            }
        }
    }
}

/// Takes over a socket by the number of its file descriptor. The number is not used as a handle of
/// this process, which would be `unsafe`: the kernel is asked for a copy, as for one of another
/// process.
#[cfg(target_os = "linux")]
fn take_over(number: i32) -> io::Result<Listener> {
    use rustix::process::{PidfdFlags, PidfdGetfdFlags, getpid, pidfd_getfd, pidfd_open};

    let this = pidfd_open(getpid(), PidfdFlags::empty())?;
    let socket = pidfd_getfd(this, number, PidfdGetfdFlags::empty())?;
    let tcp = std::net::TcpListener::from(socket);
    if tcp.local_addr().is_ok() {
        return Listener::of_tcp(tcp);
    }
    let unix = std::os::unix::net::UnixListener::from(std::os::fd::OwnedFd::from(tcp));
    let path = unix.local_addr()?;
    let path = path.as_pathname().unwrap_or(Path::new("")).to_owned();
    unix.set_nonblocking(true)?;
    Ok(Listener {
        socket: Socket::Unix(unix),
        address: ListenAddress::Unix(path),
    })
}

#[cfg(not(target_os = "linux"))]
fn take_over(_number: i32) -> io::Result<Listener> {
    Err(io::ErrorKind::Unsupported.into())
}

/// The queue of the standard library's listener is shorter. This one needs an event queue, which a
/// caller may not have yet.
fn bind_tcp(address: SocketAddr) -> io::Result<std::net::TcpListener> {
    let runtime = match tokio::runtime::Handle::try_current() {
        Ok(_) => None,
        Err(_) => Some(
            tokio::runtime::Builder::new_current_thread()
                .enable_io()
                .build()?,
        ),
    };
    let _entered = runtime.as_ref().map(tokio::runtime::Runtime::enter);
    let socket = if address.is_ipv4() {
        tokio::net::TcpSocket::new_v4()?
    } else {
        tokio::net::TcpSocket::new_v6()?
    };
    // A restart need not wait for the connections of the process before.
    #[cfg(unix)]
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)?.into_std()
}

/// A socket with mode 0600. The umask is not changed, as other threads may create files: the socket
/// gets its name after its mode is set.
#[cfg(unix)]
fn bind_unix(path: &Path) -> io::Result<std::os::unix::net::UnixListener> {
    use std::os::unix::fs::{FileTypeExt, PermissionsExt};
    use std::os::unix::net::{UnixListener, UnixStream};

    match std::fs::symlink_metadata(path) {
        Ok(found) if !found.file_type().is_socket() => {
            return Err(io::Error::new(
                io::ErrorKind::AlreadyExists,
                "the path is not a socket",
            ));
        }
        Ok(_) if UnixStream::connect(path).is_ok() => {
            return Err(io::ErrorKind::AddrInUse.into());
        }
        _ => {}
    }
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    let private = tempfile::Builder::new()
        .prefix(".amx-serve.")
        .tempdir_in(folder)?;
    let made = private.path().join("s");
    let listener = UnixListener::bind(&made)?;
    std::fs::set_permissions(&made, std::fs::Permissions::from_mode(0o600))?;
    std::fs::rename(&made, path)?;
    listener.set_nonblocking(true)?;
    Ok(listener)
}

#[derive(Debug)]
pub(super) enum AsyncListener {
    Tcp(tokio::net::TcpListener),
    #[cfg(unix)]
    Unix(tokio::net::UnixListener),
}

impl AsyncListener {
    pub(super) async fn accept(&self) -> io::Result<(Accepted, Peer)> {
        match self {
            Self::Tcp(listener) => {
                let (stream, peer) = listener.accept().await?;
                // Each event of a stream is sent at once. Where this fails, it is only later.
                let _ = stream.set_nodelay(true);
                Ok((Accepted::Tcp(stream), Peer::Address(peer.ip())))
            }
            #[cfg(unix)]
            Self::Unix(listener) => {
                let (stream, _) = listener.accept().await?;
                Ok((Accepted::Unix(stream), Peer::Local))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_and_shown() {
        for (text, shown, is_local) in [
            ("127.0.0.1:4180", "127.0.0.1:4180", true),
            ("localhost:1", "127.0.0.1:1", true),
            ("[::1]:4180", "[::1]:4180", true),
            ("0.0.0.0:80", "0.0.0.0:80", false),
        ] {
            let address = ListenAddress::parse(text).unwrap();
            assert_eq!(
                (address.to_string().as_str(), address.is_local()),
                (shown, is_local)
            );
        }
        for text in [
            "",
            "4180",
            "127.0.0.1",
            "unix:",
            "example.org:80",
            "::1:80x",
        ] {
            assert!(ListenAddress::parse(text).is_err(), "{text}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_socket_is_private_and_replaces_only_an_abandoned_one() {
        use std::os::unix::fs::PermissionsExt;

        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("amx.sock");
        let address = ListenAddress::Unix(path.clone());
        let listener = Listener::bind(&address).unwrap();
        let mode = std::fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        let error = Listener::bind(&address).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::AddrInUse);
        drop(listener);
        drop(Listener::bind(&address).unwrap());
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
        std::fs::remove_file(&path).unwrap();
        std::fs::write(&path, "text").unwrap();
        assert!(Listener::bind(&address).is_err());
        assert_eq!(std::fs::read(&path).unwrap(), b"text");
    }
}
