//! Asks a server of this machine whether it answers.

use std::io::{self, Read, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream};
use std::time::Duration;

use super::listener::ListenAddress;

/// Longest wait for the connection, and for each part of the answer.
const PATIENCE: Duration = Duration::from_secs(2);

/// The status of `GET /healthz`.
///
/// # Errors
/// The server cannot be reached, or what it answers is not HTTP.
pub(crate) fn health(listen: &ListenAddress) -> io::Result<u16> {
    match listen {
        ListenAddress::Tcp(address) => {
            let address = reachable(*address);
            let connection = TcpStream::connect_timeout(&address, PATIENCE)?;
            connection.set_read_timeout(Some(PATIENCE))?;
            connection.set_write_timeout(Some(PATIENCE))?;
            status(connection, &address.to_string())
        }
        #[cfg(unix)]
        ListenAddress::Unix(path) => {
            let connection = std::os::unix::net::UnixStream::connect(path)?;
            connection.set_read_timeout(Some(PATIENCE))?;
            connection.set_write_timeout(Some(PATIENCE))?;
            status(connection, "localhost")
        }
        #[cfg(not(unix))]
        ListenAddress::Unix(_) => Err(io::ErrorKind::Unsupported.into()),
    }
}

/// Where this machine reaches a server that listens on every interface.
fn reachable(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, address.port())
}

fn status(mut connection: impl Read + Write, host: &str) -> io::Result<u16> {
    let request = format!("GET /healthz HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n");
    connection.write_all(request.as_bytes())?;
    // `HTTP/1.1 200`
    let mut line = [0; 12];
    connection.read_exact(&mut line)?;
    let status = str::from_utf8(&line)
        .ok()
        .and_then(|line| line.strip_prefix("HTTP/1.1 ")?.parse().ok());
    status.ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "the answer is not HTTP/1.1"))
}
