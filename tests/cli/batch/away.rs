//! A server that goes away in the middle of a job, and comes back.

use std::io;
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use crate::support::crowd::{Asked, Crowd};
use crate::support::reply::{self, Reply};

use super::{PROMPT, csv, final_lines, sandbox, wait_until};

const OUT: &str = "out.jsonl";

const BASE: [&str; 5] = ["batch", "rows.csv", PROMPT, "-o", OUT];

/// Longer than the attempts of a row that does not wait for the server, which the pauses of all
/// rows, of 1 s, 2 s and 4 s, put off.
const AWAY: Duration = Duration::from_secs(9);

/// Each answer ends its connection, so that the next request needs another one.
fn echo(asked: &Asked) -> (Reply, Duration) {
    let reply = reply::stream([asked.prompt.as_str()]).header("connection", "close");
    (reply, Duration::ZERO)
}

/// Hands connections on to `server`. Once `leaves` is set, none is accepted for [`AWAY`].
#[expect(
    clippy::disallowed_methods,
    reason = "a server takes its time to start"
)]
fn entrance(server: SocketAddr, leaves: Arc<AtomicBool>) -> SocketAddr {
    let mut listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        loop {
            let Ok((client, _)) = listener.accept() else {
                return;
            };
            let is_last = leaves.swap(false, Ordering::AcqRel);
            // One row is asked at a time, so that no other connection waits to be accepted.
            let later = (!is_last).then_some(listener);
            if let Ok(server) = TcpStream::connect(server) {
                join(&client, &server);
                join(&server, &client);
            }
            listener = later.unwrap_or_else(|| {
                thread::sleep(AWAY);
                TcpListener::bind(address).unwrap()
            });
        }
    });
    address
}

/// Copies what one end sends to the other.
fn join(from: &TcpStream, to: &TcpStream) {
    let (mut from, mut to) = (from.try_clone().unwrap(), to.try_clone().unwrap());
    thread::spawn(move || {
        drop(io::copy(&mut from, &mut to));
        drop(to.shutdown(Shutdown::Write));
    });
}

#[test]
fn rows_wait_for_a_server_that_was_there_and_is_away() {
    let leaves = Arc::new(AtomicBool::new(false));
    let crowd = Crowd::start({
        let leaves = Arc::clone(&leaves);
        move |asked| {
            if asked.before == 20 {
                leaves.store(true, Ordering::Release);
            }
            echo(asked)
        }
    });
    let address = entrance(crowd.address(), leaves);
    let sandbox = sandbox(&crowd)
        .env("OPENROUTER_BASE_URL", format!("http://{address}/api/v1"))
        .file("rows.csv", csv(60));
    // With more at once, none would have the turn for all of its attempts.
    let one = BASE.into_iter().chain(["--concurrency", "1"]);
    sandbox.run(one).assert_code(0);
    assert_eq!(final_lines(&sandbox, OUT).len(), 60);
    assert_eq!(crowd.requests().len(), 60, "each row once");
}

#[test]
fn ctrl_c_ends_rows_that_wait_to_be_sent_again_at_once() {
    let crowd = Crowd::start(|asked| {
        let busy = reply::refusal(429, "Slow down.").header("retry-after", "600");
        let reply = if asked.before < 10 {
            echo(asked).0
        } else {
            busy
        };
        (reply, Duration::ZERO)
    });
    let sandbox = sandbox(&crowd).file("rows.csv", csv(60));
    let running = sandbox.spawn(BASE);
    wait_until("a refusal", || crowd.requests().len() > 10);
    running.signal("INT");
    running
        .wait()
        .assert_failure(130)
        .assert_stderr_has("60 rows: 10 ok, 50 not asked")
        .assert_stderr_lacks("billed twice");
    // They were refused, and are no rows that the last run left in flight.
    let again = sandbox.run(BASE.into_iter().chain(["--dry-run"]));
    again.assert_code(0).assert_stderr_lacks("billed twice");
}

#[test]
fn a_server_that_was_never_there_ends_the_job() {
    let crowd = Crowd::start(echo);
    // Nothing listens there once it is dropped.
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let sandbox = sandbox(&crowd)
        .env("OPENROUTER_BASE_URL", format!("http://{address}/api/v1"))
        .file("rows.csv", csv(2));
    sandbox
        .run(BASE)
        .assert_failure(13)
        .assert_stderr_has("2 without a connection");
}
