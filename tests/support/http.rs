//! The HTTP of the double: reads requests with `httparse` and writes replies chunk by chunk,
//! exactly as they are cut.

use std::io::{self, ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::Value;

/// A request as it came over the wire.
#[derive(Debug, Clone)]
pub struct Request {
    pub method: String,
    /// Without the query.
    pub path: String,
    pub query: String,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Request {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    /// The body as JSON; `null` when it is none.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or(Value::Null)
    }
}

/// Reads the next request of a connection; `None` when the client has closed it.
pub fn read_request(
    connection: &mut TcpStream,
    buffer: &mut Vec<u8>,
) -> io::Result<Option<Request>> {
    loop {
        if let Some((request, used)) = parse(buffer)? {
            buffer.drain(..used);
            return Ok(Some(request));
        }
        let mut piece = [0; 16 * 1024];
        match connection.read(&mut piece)? {
            0 if buffer.is_empty() => return Ok(None),
            0 => return Err(ErrorKind::UnexpectedEof.into()),
            read => buffer.extend_from_slice(&piece[..read]),
        }
    }
}

/// The first request in the buffer, when it is complete, and how many bytes it takes.
fn parse(buffer: &[u8]) -> io::Result<Option<(Request, usize)>> {
    let mut fields = [httparse::EMPTY_HEADER; 64];
    let mut head = httparse::Request::new(&mut fields);
    let Ok(httparse::Status::Complete(head_length)) = head.parse(buffer).map_err(io::Error::other)
    else {
        return Ok(None);
    };
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let headers: Vec<(String, String)> = head
        .headers
        .iter()
        .map(|field| (field.name.to_owned(), text(field.value)))
        .collect();
    let length = headers
        .iter()
        .find(|(name, _)| name.eq_ignore_ascii_case("content-length"));
    let length: usize = length
        .map_or(Ok(0), |(_, value)| value.parse())
        .map_err(io::Error::other)?;
    let Some(body) = buffer.get(head_length..head_length + length) else {
        return Ok(None);
    };
    let target = head.path.unwrap_or_default();
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let method = head.method.unwrap_or_default().to_owned();
    let request = Request {
        method,
        path: path.to_owned(),
        query: query.to_owned(),
        headers,
        body: body.to_vec(),
    };
    Ok(Some((request, head_length + length)))
}

/// Writes status line and headers of a reply whose body comes in chunks.
pub fn write_head(
    connection: &mut TcpStream,
    status: u16,
    headers: &[(String, String)],
) -> io::Result<()> {
    let mut head = format!("HTTP/1.1 {status} Scripted\r\ntransfer-encoding: chunked\r\n");
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head.push_str("\r\n");
    connection.write_all(head.as_bytes())
}

/// Writes one chunk, which an HTTP client hands on as one piece.
pub fn write_chunk(connection: &mut impl Write, bytes: &[u8]) -> io::Result<()> {
    if bytes.is_empty() {
        return Ok(());
    }
    let mut framed = format!("{:x}\r\n", bytes.len()).into_bytes();
    framed.extend_from_slice(bytes);
    framed.extend_from_slice(b"\r\n");
    connection.write_all(&framed)
}

/// Ends the body.
pub fn write_end(connection: &mut TcpStream) -> io::Result<()> {
    connection.write_all(b"0\r\n\r\n")
}

/// Waits for the client to close the connection, at most so long; says whether it did.
pub fn client_hangs_up(connection: &mut TcpStream, within: Option<Duration>) -> bool {
    let mut piece = [0; 1024];
    if connection.set_read_timeout(within).is_err() {
        return true;
    }
    let hung_up = match connection.read(&mut piece) {
        Ok(read) => read == 0,
        Err(error) => !matches!(
            error.kind(),
            ErrorKind::WouldBlock | ErrorKind::TimedOut | ErrorKind::Interrupted
        ),
    };
    hung_up || connection.set_read_timeout(None).is_err()
}
