//! The HTTP/1.1 server of the program: for `amx serve`, for the demo provider, and for the
//! browser's redirect after a login. Deadlines and limits are those of [`ConnectionLimits`].
//!
//! - `listener` opens a TCP port or a Unix socket.
//! - `connection` accepts connections, counts them and answers their requests; `lanes` distributes
//!   them among the threads, `stall` ends those whose client does not read, `head_timer` those
//!   whose client sends no request.
//! - `probe` asks a server of this machine whether it answers.
//! - `request` reads a request, `reply` writes the answer, whole or as it is generated.

mod accepted;
mod connection;
mod head_timer;
mod lanes;
mod limits;
mod listener;
mod open;
mod probe;
mod reply;
mod request;
mod stall;

pub(crate) use connection::{Handler, serve};
pub(crate) use hyper::header::HeaderName;
pub(crate) use hyper::{HeaderMap, Method};
pub(crate) use lanes::Lanes;
pub(crate) use limits::ConnectionLimits;
pub(crate) use listener::{ListenAddress, Listener};
pub(crate) use probe::health;
pub(crate) use reply::{ReplyBody, ReplyOutput, ServerReply};
pub(crate) use request::{BodyError, IncomingRequest, Peer, RequestHead};
