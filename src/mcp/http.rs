//! A server behind a URL: each message is a POST, answered as JSON or as a stream of events.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::task::JoinSet;
use tokio::time::timeout;

use super::fault::ServerFault;
use super::header_parameters::encoded;
use super::lines::LONGEST_LINE;
use super::message::{Incoming, Outgoing, RpcError, error_in, read};
use super::revision::{Era, Revision};
use super::stdio::Outcome;
use super::token_source::TokenSource;
use crate::wire::api_key::ApiKey;
use crate::wire::client::{Client, ClientOptions, KeyHeader, Reply, Request, Url, is_loopback};
use crate::wire::error::WireError;
use crate::wire::sse::Decoder;

/// Longest wait for the end of a session with its cancellations.
const END_WAIT: Duration = Duration::from_secs(1);

/// Longest time for the answer to a request of the server, which holds up its stream.
const REPLY_WAIT: Duration = Duration::from_secs(1);

/// Longest time for a cancellation.
const CANCEL_WAIT: Duration = Duration::from_secs(1);

/// Longest ID of a session, in bytes.
const LONGEST_SESSION: usize = 1024;

/// Most of an error that is read, in bytes.
const LARGEST_ERROR: usize = 64 * 1024;

/// What a server behind a URL is reached with.
pub(super) struct HttpTarget {
    pub url: Url,
    pub headers: Vec<(String, String)>,
    /// The tokens of a login; `None` where the headers have their own.
    pub tokens: Option<TokenSource>,
}

/// Sends requests to a server, and keeps its session.
pub(super) struct HttpLink(Arc<Inner>);

struct Inner {
    client: Client,
    target: HttpTarget,
    session: Mutex<Option<String>>,
    /// A 404 within a session: the server has forgotten it.
    is_expired: AtomicBool,
    tools_changed: AtomicBool,
    /// The stream of notifications was there, and is no more.
    stream_ended: AtomicBool,
    listener: Mutex<Option<tokio::task::AbortHandle>>,
    /// Cancellations that are being sent.
    cancelling: Mutex<JoinSet<()>>,
}

impl HttpLink {
    /// Sets up a client; nothing is sent.
    pub(super) fn new(target: HttpTarget, options: &ClientOptions) -> Result<Self, ServerFault> {
        let is_safe = target.url.scheme() == "https"
            || (target.url.scheme() == "http" && is_loopback(&target.url));
        if !is_safe {
            let why = "its url must start with https://, except on this machine";
            return Err(ServerFault::Setting(why.to_owned()));
        }
        let client = Client::new(&target.url, options).map_err(network)?;
        Ok(Self(Arc::new(Inner {
            client,
            target,
            session: Mutex::default(),
            is_expired: AtomicBool::new(false),
            tools_changed: AtomicBool::new(false),
            stream_ended: AtomicBool::new(false),
            listener: Mutex::default(),
            cancelling: Mutex::default(),
        })))
    }

    pub(super) async fn request(
        &self,
        id: u64,
        request: &Outgoing<'_>,
        body: Vec<u8>,
        revision: Revision,
    ) -> Result<Outcome, ServerFault> {
        let mut headers = self.0.headers(request.method, revision);
        if revision.era == Era::Discover {
            headers.extend(
                request
                    .name
                    .map(|name| ("Mcp-Name".to_owned(), encoded(name))),
            );
            headers.extend(request.headers.iter().cloned());
        }
        let mut reply = self.0.post(body, &headers).await?;
        if let Some(error) = self.0.check_status(&mut reply).await? {
            return Ok(Err(error));
        }
        if request.method == "initialize" {
            self.0.keep_session(&reply);
        }
        self.0.answer(id, reply, revision).await
    }

    pub(super) async fn notify(
        &self,
        method: &'static str,
        body: Vec<u8>,
        revision: Revision,
    ) -> Result<(), ServerFault> {
        let headers = self.0.headers(method, revision);
        let mut reply = self.0.post(body, &headers).await?;
        self.0.check_status(&mut reply).await.map(drop)
    }

    /// Sends a cancellation in the background: its caller has ended.
    pub(super) fn cancel(&self, body: Vec<u8>, revision: Revision) {
        let Ok(runtime) = Handle::try_current() else {
            return;
        };
        let headers = self.0.headers("notifications/cancelled", revision);
        let inner = Arc::clone(&self.0);
        let send = async move {
            // A server that does not take it works on for nothing.
            let _ = timeout(CANCEL_WAIT, inner.post(body, &headers)).await;
        };
        lock(&self.0.cancelling).spawn_on(send, &runtime);
    }

    /// Reads notifications in the background, where the server offers a stream of them.
    pub(super) fn listen(&self, id: u64, request: &Outgoing<'_>, revision: Revision) {
        let headers = self.0.headers(request.method, revision);
        let body = (revision.era == Era::Discover).then(|| request.to_json(id, revision));
        let inner = Arc::clone(&self.0);
        let mut listener = lock(&self.0.listener);
        // Only a stream that ended is opened again.
        let is_again = listener.is_some();
        let task = tokio::spawn(async move {
            let sent = match body {
                Some(body) => inner.post(body, &headers).await,
                None => inner.send(None, &headers).await,
            };
            let is_stream = |reply: &Reply| reply.status() == 200 && reply.is_event_stream();
            let opened = sent.ok().filter(is_stream);
            let has_stream = is_again || opened.is_some();
            if let Some(reply) = opened {
                // Whatever the way in which it ended.
                let _ = inner.read_events(id, reply, revision).await;
            }
            inner.stream_ended.store(has_stream, Ordering::Release);
        });
        *listener = Some(task.abort_handle());
    }

    pub(super) fn has_ended(&self) -> bool {
        self.0.is_expired.load(Ordering::Acquire)
    }

    pub(super) fn take_tools_changed(&self) -> bool {
        self.0.tools_changed.swap(false, Ordering::AcqRel)
    }

    /// Whether the stream of notifications ended since the last call of this.
    pub(super) fn take_stream_ended(&self) -> bool {
        self.0.stream_ended.swap(false, Ordering::AcqRel)
    }

    /// Ends the session, if there is one. All of it has one limit: a server that is busy may not
    /// answer any of it.
    pub(super) async fn end(&self) {
        if let Some(listener) = lock(&self.0.listener).take() {
            listener.abort();
        }
        let cancelling = std::mem::take(&mut *lock(&self.0.cancelling));
        let session = lock(&self.0.session).take();
        let end = async {
            // Within the session that they are about.
            cancelling.join_all().await;
            if let Some(session) = session.filter(|_| !self.has_ended()) {
                let mut headers = self.0.target.headers.clone();
                headers.push((SESSION.to_owned(), session));
                headers.extend(self.0.authorization().await);
                let url = self.0.target.url.clone();
                let _ = self.0.client.delete(url, &headers).await;
            }
        };
        // The server forgets the session by itself some day.
        let _ = timeout(END_WAIT, end).await;
    }
}

const SESSION: &str = "Mcp-Session-Id";

impl Inner {
    fn headers(&self, method: &str, revision: Revision) -> Vec<(String, String)> {
        let accepted = "application/json, text/event-stream";
        let mut headers = self.target.headers.clone();
        let mut add = |name: &str, value: &str| headers.push((name.to_owned(), value.to_owned()));
        add("Accept", accepted);
        if revision.era == Era::Discover {
            add("Mcp-Method", method);
        } else if let Some(session) = lock(&self.session).as_deref() {
            add(SESSION, session);
        }
        if method != "initialize" {
            add("MCP-Protocol-Version", revision.name);
        }
        headers
    }

    async fn authorization(&self) -> Option<(String, String)> {
        let key = self.target.tokens.as_ref()?.current(None).await?;
        Some((
            "Authorization".to_owned(),
            format!("Bearer {}", key.expose()),
        ))
    }

    async fn post(
        &self,
        body: Vec<u8>,
        headers: &[(String, String)],
    ) -> Result<Reply, ServerFault> {
        self.send(Some(body), headers).await
    }

    async fn send(
        &self,
        body: Option<Vec<u8>>,
        headers: &[(String, String)],
    ) -> Result<Reply, ServerFault> {
        let Some(tokens) = &self.target.tokens else {
            return self.send_with(None, body, headers).await;
        };
        let Some(key) = tokens.current(None).await else {
            return self.send_with(None, body, headers).await;
        };
        let reply = self.send_with(Some(&key), body.clone(), headers).await?;
        if reply.status() != 401 {
            return Ok(reply);
        }
        match tokens.current(Some(&key)).await {
            Some(renewed) => self.send_with(Some(&renewed), body, headers).await,
            None => Ok(reply),
        }
    }

    async fn send_with(
        &self,
        key: Option<&ApiKey>,
        body: Option<Vec<u8>>,
        headers: &[(String, String)],
    ) -> Result<Reply, ServerFault> {
        let request = Request {
            url: self.target.url.clone(),
            headers,
            key,
            key_header: KeyHeader::Bearer,
            body: body.map(Into::into),
        };
        let sent = self.client.send(request, &mut None).await;
        sent.map_err(network)
    }

    /// The refusal in an answer that is no success.
    async fn check_status(&self, reply: &mut Reply) -> Result<Option<RpcError>, ServerFault> {
        let status = reply.status();
        if (200..300).contains(&status) {
            return Ok(None);
        }
        if status == 401 {
            return Err(ServerFault::NeedsLogin);
        }
        let has_session = lock(&self.session).is_some();
        if status == 404 && has_session {
            self.is_expired.store(true, Ordering::Release);
            return Err(ServerFault::SessionExpired);
        }
        if (300..400).contains(&status) {
            let words = ": the server redirects, which amx does not follow".to_owned();
            return Err(ServerFault::Http { status, words });
        }
        let body = reply.body(LARGEST_ERROR).await.unwrap_or_default();
        if let Some(error) = error_in(&body) {
            return Ok(Some(error));
        }
        let words = ServerFault::detail(&String::from_utf8_lossy(&body));
        let colon = if words.is_empty() { "" } else { ": " };
        Err(ServerFault::Http {
            status,
            words: format!("{colon}{words}"),
        })
    }

    fn keep_session(&self, reply: &Reply) {
        let is_id = |id: &&str| {
            (1..=LONGEST_SESSION).contains(&id.len())
                && id.bytes().all(|byte| byte.is_ascii_graphic())
        };
        let id = reply.header(SESSION).filter(is_id).map(str::to_owned);
        *lock(&self.session) = id;
    }

    async fn answer(
        &self,
        id: u64,
        mut reply: Reply,
        revision: Revision,
    ) -> Result<Outcome, ServerFault> {
        if reply.is_event_stream() {
            return self.read_events(id, reply, revision).await;
        }
        let body = reply.body(LONGEST_LINE + 1).await.map_err(network)?;
        if body.len() > LONGEST_LINE {
            return Err(too_large());
        }
        match read(&body) {
            Some(Incoming::Answer {
                id: answered,
                outcome,
            }) if answered == id => Ok(outcome),
            _ => Err(ServerFault::Protocol(
                "the server sent no answer to the request".to_owned(),
            )),
        }
    }

    /// Reads events up to the answer.
    async fn read_events(
        &self,
        id: u64,
        mut reply: Reply,
        revision: Revision,
    ) -> Result<Outcome, ServerFault> {
        let mut decoder = Decoder::new(LONGEST_LINE);
        while let Some(chunk) = reply.chunk().await.map_err(network)? {
            decoder.push(&chunk);
            while let Some(event) = decoder.next().map_err(|_| too_large())? {
                let message = read(event);
                if let Some(outcome) = self.take(message, id, revision).await {
                    return Ok(outcome);
                }
            }
        }
        let words = "the connection was closed before the answer";
        Err(ServerFault::Protocol(words.to_owned()))
    }

    /// The answer, if the message is that.
    async fn take(
        &self,
        message: Option<Incoming>,
        id: u64,
        revision: Revision,
    ) -> Option<Outcome> {
        match message? {
            Incoming::Answer {
                id: answered,
                outcome,
            } if answered == id => return Some(outcome),
            Incoming::ToolsChanged => self.tools_changed.store(true, Ordering::Release),
            Incoming::Request { reply } if revision.era == Era::Initialize => {
                let headers = self.headers("", revision);
                // A server that does not take the answer can do without.
                let _ = timeout(REPLY_WAIT, self.post(reply, &headers)).await;
            }
            // In the newer revisions a server sends no requests, and takes no answers.
            Incoming::Request { .. } | Incoming::Answer { .. } | Incoming::Other => {}
        }
        None
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn too_large() -> ServerFault {
    let most = LONGEST_LINE / 1024 / 1024;
    ServerFault::Protocol(format!("a message is larger than {most} MiB"))
}

fn network(error: WireError) -> ServerFault {
    let cause = error.root_cause();
    let colon = if cause.is_empty() { "" } else { ": " };
    let words = ServerFault::detail(&format!("{error}{colon}{cause}"));
    match error {
        WireError::NoAnswer { .. } => ServerFault::NoAnswer(words),
        _ => ServerFault::Network(words),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use serde_json::{Value, json};

    use super::*;
    use crate::config::mcp_server::{McpServer, Transport};
    use crate::mcp::revision::NEWEST_INITIALIZED;
    use crate::mcp::stub_server::{ALL, StubServer, call, listed, names};
    use crate::ports::equipment::block_on;

    fn lost(stub: &StubServer, server: &McpServer) -> String {
        let found = listed(&stub.servers(), server);
        found.lost.first().unwrap().fault.to_string()
    }

    #[test]
    fn both_eras_list_and_call_over_http() {
        for (arguments, revision) in [
            (&["--era", "legacy"][..], "2025-11-25"),
            (&["--era", "new"], "2026-07-28"),
            (&["--era", "new", "--plain"], "2026-07-28"),
            (&["--era", "legacy", "--plain"], "2025-11-25"),
            (&["--era", "both", "--notify"], "2026-07-28"),
            (&["--era", "both", "--mode", "other_version"], "2025-06-18"),
        ] {
            let stub = StubServer::new();
            let process = stub.http(arguments);
            let server = stub.at(&process, &[("X-Team", "a ${TOKEN}")]);
            let servers = stub.servers();
            let found = listed(&servers, &server);
            assert_eq!(names(&found), ALL, "{arguments:?} {:?}", found.lost);
            assert_eq!(servers.kept(&server).unwrap().revision.name, revision);
            for region in ["eu", "Zürich"] {
                let output = call(&found, "stub__where", &json!({"region": region}));
                assert_eq!(output.content, region, "{arguments:?}");
            }
            drop((found, servers));
            let log = stub.log();
            let bad: Vec<&Value> = log.iter().filter(|entry| !entry["bad"].is_null()).collect();
            assert!(bad.is_empty(), "{arguments:?} {bad:?}");
            let headers = log.iter().map(|entry| &entry["headers"]);
            let with_team = headers.filter(|headers| headers["x-team"] == "a t0k3n");
            assert!(with_team.count() > 2, "{log:?}");
            let ended = log.iter().any(|entry| entry["method"] == "DELETE");
            assert_eq!(ended, revision != "2026-07-28", "{arguments:?}");
        }
    }

    /// A server that answers each request with the next of these replies, and its URL.
    fn replies(replies: &'static [&'static str]) -> Url {
        use std::io::{BufRead, BufReader, Write};
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        std::thread::spawn(move || {
            for reply in replies {
                let (connection, _) = listener.accept().unwrap();
                let mut request = BufReader::new(&connection).lines();
                while !request.next().unwrap().unwrap().is_empty() {}
                let closes = "Connection: close\r\n\r\n";
                write!(&connection, "HTTP/1.1 {reply}\r\n{closes}").unwrap();
            }
        });
        Url::parse(&format!("http://{address}/mcp")).unwrap()
    }

    #[test]
    fn a_stream_that_ended_is_missed_until_it_is_opened_again() {
        const STREAM: &str = "200 OK\r\nContent-Type: text/event-stream";
        const BUSY: &str = "503 Service Unavailable\r\nContent-Length: 0";
        const NO_STREAM: &str = "405 Method Not Allowed\r\nContent-Length: 0";
        let cases: [(&[&str], &[bool]); 2] = [
            (&[STREAM, BUSY, BUSY, STREAM], &[true, true, true, true]),
            // A server without a stream announces nothing.
            (&[NO_STREAM], &[false]),
        ];
        for (answers, expected) in cases {
            let target = HttpTarget {
                url: replies(answers),
                headers: Vec::new(),
                tokens: None,
            };
            let link = HttpLink::new(target, &ClientOptions::default()).unwrap();
            let request = Outgoing::new("subscriptions/listen", json!({}));
            let missed = block_on(async {
                let mut missed = Vec::new();
                for _ in answers {
                    link.listen(1, &request, NEWEST_INITIALIZED);
                    let is_done = || lock(&link.0.listener).as_ref().unwrap().is_finished();
                    while !is_done() {
                        tokio::task::yield_now().await;
                    }
                    missed.push(link.take_stream_ended());
                }
                missed
            });
            assert_eq!(missed.unwrap(), expected, "{answers:?}");
        }
    }

    #[test]
    fn an_expired_session_is_opened_again() {
        let stub = StubServer::new();
        let process = stub.http(&["--era", "legacy", "--mode", "expires"]);
        let found = listed(&stub.servers(), &stub.at(&process, &[]));
        let output = call(&found, "stub__echo", &json!({"text": "x"}));
        assert_eq!(output.content, "x");
        let opened = stub.methods();
        let opened = opened.iter().filter(|method| *method == "initialize");
        assert_eq!(opened.count(), 2);
    }

    #[test]
    fn a_server_without_a_login_a_redirect_or_an_error_costs_its_tools() {
        let stub = StubServer::new();
        let process = stub.http(&["--token", "right-token"]);
        let wrong = stub.at(&process, &[("Authorization", "Bearer wrong-token")]);
        assert_eq!(lost(&stub, &wrong), "the server requires a login (401)");
        let right = stub.at(&process, &[("Authorization", "Bearer right-token")]);
        assert_eq!(names(&listed(&stub.servers(), &right)), ALL);
        for (mode, expected) in [
            (
                "redirects",
                "HTTP 307: the server redirects, which amx does not follow",
            ),
            ("http_500", "HTTP 500: <html>it broke</html>"),
            ("cut_events", "the connection was closed before the answer"),
        ] {
            let process = stub.http(&["--mode", mode]);
            assert_eq!(lost(&stub, &stub.at(&process, &[])), expected);
        }
        drop(process);
        let gone = stub.http(&[]);
        let server = stub.at(&gone, &[]);
        drop(gone);
        assert!(lost(&stub, &server).contains("Connection refused"));
    }

    #[test]
    fn nothing_goes_unencrypted_to_another_machine() {
        let stub = StubServer::new();
        let mut server = stub.server(&[]);
        server.transport = Transport::Http {
            url: "http://mcp.example/mcp".to_owned(),
            headers: [("Authorization".to_owned(), "Bearer x".to_owned())].into(),
        };
        assert!(lost(&stub, &server).contains("must start with https://"));
    }

    #[test]
    fn a_call_that_is_slow_times_out() {
        let stub = StubServer::new();
        let process = stub.http(&[]);
        let server = McpServer {
            timeout: std::time::Duration::from_millis(300),
            ..stub.at(&process, &[])
        };
        let found = listed(&stub.servers(), &server);
        let output = block_on(async {
            let seconds = json!({"seconds": 3});
            let tool = found.tools.iter().find(|tool| tool.name == "stub__wait");
            let prepared = tool.unwrap().runner.prepare(&seconds).await;
            prepared.unwrap().run().await
        });
        let output = output.unwrap();
        assert!(
            output.content.ends_with("no answer within 0.3 s"),
            "{output:?}"
        );
    }

    #[test]
    fn a_call_that_is_given_up_is_cancelled_where_the_connection_does_not_say_so() {
        for (era, count) in [("legacy", 1), ("new", 0)] {
            let stub = StubServer::new();
            let process = stub.http(&["--era", era]);
            let server = McpServer {
                timeout: Duration::from_millis(300),
                ..stub.at(&process, &[])
            };
            let servers = stub.servers();
            let found = listed(&servers, &server);
            let output = call(&found, "stub__wait", &json!({"seconds": 2}));
            assert!(output.content.ends_with("no answer within 0.3 s"));
            let cancelled = || {
                let methods = stub.methods();
                let cancelled = methods.iter();
                let cancelled = cancelled.filter(|method| *method == "notifications/cancelled");
                cancelled.count()
            };
            // The end of the servers waits for a moment until it is sent.
            drop((found, servers));
            let start = Instant::now();
            while cancelled() < count && start.elapsed() < Duration::from_secs(10) {
                std::thread::yield_now();
            }
            assert_eq!(cancelled(), count, "{era} {:?}", stub.methods());
        }
    }
}
