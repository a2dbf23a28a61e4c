//! What can stand between the program and the double: TLS, or an HTTP proxy.

use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

/// The kinds of frames of HTTP/2 (RFC 9113, 6).
const HEADERS: u8 = 1;
pub const RST_STREAM: u8 = 3;
pub const SETTINGS: u8 = 4;
pub const GOAWAY: u8 = 7;

/// The port of the discard service, which is not running.
pub const DEAD: &str = "127.0.0.1:9";

/// A listener on the loopback address that forwards its input. It ends when dropped.
pub struct Front {
    address: SocketAddr,
    seen: Arc<Mutex<Seen>>,
    _end: oneshot::Sender<()>,
}

/// What has come to a front until now.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Seen {
    pub connections: usize,
    /// Connections over which the client was ready to send something.
    pub opened: usize,
    /// The heads of the requests to a proxy.
    pub heads: Vec<String>,
}

impl Front {
    /// Speaks TLS with one of the certificates in `tests/data/tls`, and hands on what is inside.
    pub fn tls(behind: SocketAddr, certificate: &str) -> Self {
        let acceptor = acceptor(certificate, &[]);
        Self::start(move |connection, seen| {
            let acceptor = acceptor.clone();
            async move {
                let mut inside = acceptor.accept(connection).await?;
                lock(&seen).opened += 1;
                copy_bidirectional(&mut inside, &mut TcpStream::connect(behind).await?).await
            }
        })
    }

    /// Speaks HTTP/2 on the first connection, and answers its request with these frames and the
    /// end of the connection. The next ones are as those of [`Self::tls`].
    pub fn h2_then_tls(behind: SocketAddr, frames: Vec<u8>) -> Self {
        let (first, next) = (
            acceptor("loopback", &[b"h2"]),
            acceptor("loopback", &[b"http/1.1"]),
        );
        Self::start(move |connection, seen| {
            let (first, next) = (first.clone(), next.clone());
            let frames = frames.clone();
            async move {
                if lock(&seen).connections > 1 {
                    let mut inside = next.accept(connection).await?;
                    lock(&seen).opened += 1;
                    let mut server = TcpStream::connect(behind).await?;
                    return copy_bidirectional(&mut inside, &mut server).await;
                }
                let mut inside = first.accept(connection).await?;
                read_h2_head(&mut inside).await?;
                lock(&seen).heads.push("h2".to_owned());
                inside.write_all(&frames).await?;
                inside.shutdown().await?;
                Ok((0, 0))
            }
        })
    }

    /// Accepts connections, and never says a word of TLS.
    pub fn silent() -> Self {
        Self::start(|connection, _| async move {
            let _open = connection;
            std::future::pending().await
        })
    }

    /// A proxy that takes every name for the same server.
    pub fn proxy(behind: SocketAddr) -> Self {
        Self::start(move |mut connection, seen| async move {
            let (head, rest) = read_head(&mut connection).await?;
            let first = head.lines().next().unwrap_or_default().to_owned();
            {
                let mut seen = lock(&seen);
                seen.opened += 1;
                seen.heads.push(head.clone());
            }
            let mut server = TcpStream::connect(behind).await?;
            if first.starts_with("CONNECT ") {
                connection
                    .write_all(b"HTTP/1.1 200 Connection established\r\n\r\n")
                    .await?;
            } else {
                let origin_form = first.replacen(&authority_of(&first), "", 1);
                server
                    .write_all(head.replacen(&first, &origin_form, 1).as_bytes())
                    .await?;
            }
            server.write_all(&rest).await?;
            copy_bidirectional(&mut connection, &mut server).await
        })
    }

    /// A proxy that refuses every request.
    pub fn refusing_proxy() -> Self {
        Self::start(|mut connection, seen| async move {
            let (head, _) = read_head(&mut connection).await?;
            lock(&seen).heads.push(head);
            connection
                .write_all(
                    b"HTTP/1.1 407 Proxy Authentication Required\r\n\
                                   content-length: 0\r\nconnection: close\r\n\r\n",
                )
                .await?;
            Ok((0, 0))
        })
    }

    /// A server that speaks HTTP where TLS is expected.
    pub fn plain() -> Self {
        Self::start(|mut connection, _| async move {
            connection
                .write_all(
                    b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\nconnection: close\r\n\r\n",
                )
                .await?;
            Ok((0, 0))
        })
    }

    fn start<F>(serve: impl Fn(TcpStream, Arc<Mutex<Seen>>) -> F + Send + 'static) -> Self
    where
        F: Future<Output = io::Result<(u64, u64)>> + Send + 'static,
    {
        let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
        listener.set_nonblocking(true).unwrap();
        let address = listener.local_addr().unwrap();
        let seen = Arc::new(Mutex::new(Seen::default()));
        let (end, ended) = oneshot::channel();
        let record = Arc::clone(&seen);
        let accept = async move {
            let listener = TcpListener::from_std(listener).unwrap();
            while let Ok((connection, _)) = listener.accept().await {
                lock(&record).connections += 1;
                // A client that leaves, or that does not like what it sees, is what some tests are
                // about.
                tokio::spawn(serve(connection, Arc::clone(&record)));
            }
        };
        let until = async move {
            tokio::select! { () = accept => {}, _ = ended => {} }
        };
        thread::spawn(move || {
            tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap()
                .block_on(until);
        });
        Self {
            address,
            seen,
            _end: end,
        }
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    pub fn seen(&self) -> Seen {
        lock(&self.seen).clone()
    }
}

fn lock(seen: &Mutex<Seen>) -> MutexGuard<'_, Seen> {
    seen.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Speaks TLS with a certificate of `tests/data/tls`, and the first of these protocols.
fn acceptor(certificate: &str, protocols: &[&[u8]]) -> TlsAcceptor {
    let chain =
        [certificate, "authority"].map(|name| CertificateDer::from_pem_file(pem(name)).unwrap());
    let key = PrivateKeyDer::from_pem_file(data("test-only-server.key")).unwrap();
    let mut configuration = ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(chain.into(), key)
        .unwrap();
    configuration.alpn_protocols = protocols.iter().map(|name| name.to_vec()).collect();
    TlsAcceptor::from(Arc::new(configuration))
}

/// A frame of HTTP/2 (RFC 9113, 4.1) without flags.
pub fn h2_frame(kind: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    let mut frame = length[1..].to_vec();
    frame.extend([kind, 0]);
    frame.extend(stream.to_be_bytes());
    frame.extend(payload);
    frame
}

/// Reads the beginning of a connection of HTTP/2 up to the head of the first request.
async fn read_h2_head(connection: &mut (impl AsyncReadExt + Unpin)) -> io::Result<()> {
    let mut preface = [0; 24];
    connection.read_exact(&mut preface).await?;
    assert_eq!(&preface, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
    loop {
        let mut head = [0; 9];
        connection.read_exact(&mut head).await?;
        let [a, b, c, kind, ..] = head;
        let mut payload = vec![0; u32::from_be_bytes([0, a, b, c]) as usize];
        connection.read_exact(&mut payload).await?;
        if kind == HEADERS {
            return Ok(());
        }
    }
}

/// Reads until the empty line; gives also what has come after it.
async fn read_head(connection: &mut TcpStream) -> io::Result<(String, Vec<u8>)> {
    let mut bytes = Vec::new();
    loop {
        if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            let rest = bytes.split_off(end + 4);
            return Ok((String::from_utf8_lossy(&bytes).into_owned(), rest));
        }
        if connection.read_buf(&mut bytes).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    }
}

/// `http://host:port` of a request line in absolute form.
fn authority_of(line: &str) -> String {
    let target = line.split(' ').nth(1).unwrap_or_default();
    let path = target
        .match_indices('/')
        .nth(2)
        .map_or(target.len(), |(at, _)| at);
    target[..path].to_owned()
}

/// One of the checked-in certificates.
pub fn pem(name: &str) -> PathBuf {
    data(&format!("test-only-{name}.pem"))
}

fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/data/tls")
        .join(name)
}
