//! The two ends of a measurement of `amx serve`: a provider that answers as fast as it is asked and
//! keeps a bill, and a client that asks with many connections. For `benches/serve.py` and
//! `benches/serve_soak.py`.
//!
//! ```text
//! serve provider                              prints its port; the bill as JSON when stdin ends
//! serve load KEY CONNECTIONS REQUESTS KIND URL...     prints a line of JSON
//! ```
//!
//! A kind is a row of [`KINDS`]; `mix` takes all of them in turn. Further URLs are other servers:
//! connections are distributed among them, and move on when one is gone.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// What is asked: name, path, model, whether as a stream, whether the client leaves in the middle.
const KINDS: &[(&str, &str, &str, bool, bool)] = &[
    ("whole", "chat/completions", "a/b", false, false),
    ("stream", "chat/completions", "a/b", true, false),
    ("responses", "responses", "a/b", true, false),
    ("messages", "messages", "a/b", true, false),
    ("whole-messages", "messages", "a/b", false, false),
    ("embeddings", "embeddings", "a/b", false, false),
    ("refused", "chat/completions", "fault/503", true, false),
    ("cut", "chat/completions", "fault/cut", true, false),
    ("unknown", "responses", "fault/unknown", false, false),
    ("left", "chat/completions", "fault/slow", true, true),
];

/// Tokens of a stream.
const TOKENS: usize = 200;

/// Micro-USD that the provider bills for an answer.
const PRICES: [u64; 5] = [1, 17, 250, 999, 12_345];

type Bills = Arc<Mutex<BTreeMap<String, Bill>>>;

/// What the provider has billed to one API key.
#[derive(Default)]
struct Bill {
    requests: u64,
    micro_usd: u64,
    billed: u64,
}

fn main() -> io::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    match words.as_slice() {
        ["provider"] => runtime.block_on(provide()),
        ["load", key, connections, requests, kind, urls @ ..] if !urls.is_empty() => {
            let number = |text: &str| text.parse::<usize>().map_err(io::Error::other);
            let kinds = KINDS.iter().filter(|row| row.0 == *kind || *kind == "mix");
            let load = Load {
                requests: requests_of(kinds.copied(), key, urls)?,
                left: AtomicUsize::new(number(requests)?),
                results: Mutex::default(),
            };
            runtime.block_on(load.run(number(connections)?))
        }
        _ => writeln!(io::stdout(), "see benches/serve.py"),
    }
}

/// Answers until stdin ends, and prints the bill.
async fn provide() -> io::Result<()> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    writeln!(io::stdout(), "{}", listener.local_addr()?.port())?;
    let bills = Bills::default();
    let (over, ended) = tokio::sync::oneshot::channel();
    std::thread::spawn(move || {
        drop(io::copy(&mut io::stdin(), &mut io::sink()));
        over.send(()).ok();
    });
    let answers = async {
        while let Ok((connection, _)) = listener.accept().await {
            let bills = Arc::clone(&bills);
            // A client that goes away early is no concern of the others.
            tokio::spawn(async move { answer_all(connection, bills).await.ok() });
        }
    };
    tokio::select! {
        () = answers => {}
        _ = ended => {}
    }
    let bills = bills.lock().map_err(|_| io::ErrorKind::Other)?;
    let bills: BTreeMap<&String, Value> = bills
        .iter()
        .map(|(key, bill)| {
            let row = json!({"requests": bill.requests, "micro_usd": bill.micro_usd,
                "billed": bill.billed});
            (key, row)
        })
        .collect();
    writeln!(io::stdout(), "{}", json!(bills))
}

async fn answer_all(mut connection: TcpStream, bills: Bills) -> io::Result<()> {
    connection.set_nodelay(true)?;
    let mut buffer = Vec::new();
    while let Some(request) = read_message(&mut connection, &mut buffer).await? {
        let (head, body) = request;
        let body: Value = serde_json::from_slice(&body).unwrap_or_default();
        let key = header(&head, "authorization").unwrap_or_default();
        let number = {
            let mut bills = bills.lock().map_err(|_| io::ErrorKind::Other)?;
            let bill = bills.entry(key.clone()).or_default();
            bill.requests += 1;
            bill.requests
        };
        let price = PRICES[usize::try_from(number).unwrap_or_default() % PRICES.len()];
        let model = body["model"].as_str().unwrap_or_default();
        if model == "fault/503" {
            let error = r#"{"error":{"code":503,"message":"busy"}}"#;
            let head = "HTTP/1.1 503 Busy\r\nretry-after: 3600\r\n";
            connection.write_all(whole(head, error).as_bytes()).await?;
            continue;
        }
        let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
        let api = path.rsplit('/').next().unwrap_or_default();
        if body["stream"] == true {
            let events = events(api, price);
            if stream(&mut connection, &events, model).await.is_err() || model == "fault/cut" {
                return Ok(());
            }
        } else {
            let text = whole_body(api, (model != "fault/unknown").then_some(price));
            let reply = whole("HTTP/1.1 200 OK\r\n", &text);
            connection.write_all(reply.as_bytes()).await?;
            if model == "fault/unknown" {
                continue;
            }
        }
        let mut bills = bills.lock().map_err(|_| io::ErrorKind::Other)?;
        let bill = bills.entry(key).or_default();
        bill.micro_usd += price;
        bill.billed += 1;
    }
    Ok(())
}

/// Sends a stream, an event in each write. One with a fault ends early, or takes its time.
async fn stream(connection: &mut TcpStream, events: &[String], model: &str) -> io::Result<()> {
    let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\
        transfer-encoding: chunked\r\n\r\n";
    connection.write_all(head.as_bytes()).await?;
    for (index, event) in events.iter().enumerate() {
        if model == "fault/cut" && index == 3 {
            return Ok(());
        }
        if model == "fault/slow" {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let chunk = format!("{:x}\r\n{event}\r\n", event.len());
        connection.write_all(chunk.as_bytes()).await?;
    }
    connection.write_all(b"0\r\n\r\n").await
}

fn whole(head: &str, body: &str) -> String {
    let length = body.len();
    format!("{head}content-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}")
}

/// USD as the provider writes them.
fn usd(micro: u64) -> String {
    format!("0.{micro:06}")
}

fn usage(api: &str, price: Option<u64>) -> String {
    let Some(price) = price.map(usd) else {
        return "null".to_owned();
    };
    match api {
        "completions" | "embeddings" => {
            format!(r#"{{"prompt_tokens":10,"completion_tokens":{TOKENS},"cost":{price}}}"#)
        }
        _ => format!(r#"{{"input_tokens":10,"output_tokens":{TOKENS},"cost":{price}}}"#),
    }
}

fn whole_body(api: &str, price: Option<u64>) -> String {
    let (usage, text) = (usage(api, price), "token ".repeat(TOKENS));
    match api {
        "messages" => format!(
            r#"{{"id":"m","type":"message","role":"assistant","model":"a/b","content":[{{"type":"text","text":"{text}"}}],"stop_reason":"end_turn","usage":{usage}}}"#
        ),
        "embeddings" => format!(
            r#"{{"object":"list","model":"a/b","data":[{{"object":"embedding","index":0,"embedding":[0.5]}}],"usage":{usage}}}"#
        ),
        "responses" => format!(
            r#"{{"id":"r","object":"response","status":"completed","error":null,"model":"a/b","output":[{{"type":"message","content":[{{"type":"output_text","text":"{text}"}}]}}],"usage":{usage}}}"#
        ),
        _ => format!(
            r#"{{"id":"c","object":"chat.completion","model":"a/b","choices":[{{"index":0,"message":{{"role":"assistant","content":"{text}"}},"finish_reason":"stop"}}],"usage":{usage}}}"#
        ),
    }
}

/// The events of a stream, in the form of an API.
fn events(api: &str, price: u64) -> Vec<String> {
    let usage = usage(api, Some(price));
    let named =
        |name: &str, rest: &str| format!("event: {name}\ndata: {{\"type\":\"{name}\",{rest}}}\n\n");
    let mut events = Vec::with_capacity(TOKENS + 3);
    match api {
        "responses" => {
            let created = r#""response":{"id":"r","model":"a/b","status":"in_progress"}"#;
            events.push(named("response.created", created));
            let delta = r#""item_id":"m","output_index":0,"content_index":0,"delta":" token""#;
            let delta = named("response.output_text.delta", delta);
            events.extend(std::iter::repeat_n(delta, TOKENS));
            let done = format!(r#""response":{{"id":"r","status":"completed","usage":{usage}}}"#);
            events.push(named("response.completed", &done));
        }
        "messages" => {
            let start = r#""message":{"id":"m","model":"a/b","usage":{"input_tokens":10}}"#;
            events.push(named("message_start", start));
            let delta = r#""index":0,"delta":{"type":"text_delta","text":" token"}"#;
            events.extend(std::iter::repeat_n(
                named("content_block_delta", delta),
                TOKENS,
            ));
            let end = format!(r#""delta":{{"stop_reason":"end_turn"}},"usage":{usage}"#);
            events.push(named("message_delta", &end));
            events.push(named("message_stop", r#""x":0"#));
        }
        _ => {
            let start = r#"{"id":"gen-1790000000-bench","provider":"Bench","model":"a/b","object":"chat.completion.chunk","created":1790000000,"#;
            let token = format!(
                r#"data: {start}"choices":[{{"index":0,"delta":{{"role":"assistant","content":" token"}},"finish_reason":null,"native_finish_reason":null,"logprobs":null}}]}}"#
            );
            events.extend(std::iter::repeat_n(token + "\n\n", TOKENS));
            events.push(format!(
                r#"data: {start}"choices":[{{"index":0,"delta":{{"content":""}},"finish_reason":"stop"}}],"usage":{usage}}}"#
            ) + "\n\n");
            events.push("data: [DONE]\n\n".to_owned());
        }
    }
    events
}

/// A request of the client.
struct Request {
    address: String,
    bytes: Vec<u8>,
    leaves: bool,
}

/// The requests of the kinds, for each server.
fn requests_of(
    kinds: impl Iterator<Item = (&'static str, &'static str, &'static str, bool, bool)> + Clone,
    key: &str,
    urls: &[&str],
) -> io::Result<Vec<Vec<Request>>> {
    let of_server = |url: &&str| {
        let rest = url
            .strip_prefix("http://")
            .ok_or(io::ErrorKind::InvalidInput)?;
        let (address, base) = rest.split_once('/').unwrap_or((rest, ""));
        let request = |(_, path, model, is_stream, leaves)| {
            let text = "Say something about gateways, in about two hundred tokens. ".repeat(8);
            let body = json!({"model": model, "stream": is_stream, "max_tokens": 300,
                "messages": [{"role": "user", "content": text}]})
            .to_string();
            let bytes = format!(
                "POST /{base}/{path} HTTP/1.1\r\nhost: {address}\r\nauthorization: Bearer {key}\r\n\
                content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
                body.len()
            );
            Request {
                address: address.to_owned(),
                bytes: bytes.into_bytes(),
                leaves,
            }
        };
        Ok(kinds.clone().map(request).collect())
    };
    urls.iter().map(of_server).collect()
}

/// What the client measures.
#[derive(Default)]
struct Results {
    /// Microseconds to the first byte, and to the end.
    times: Vec<(u64, u64)>,
    statuses: BTreeMap<String, u64>,
}

struct Load {
    /// By server, then by kind.
    requests: Vec<Vec<Request>>,
    left: AtomicUsize,
    results: Mutex<Results>,
}

impl Load {
    async fn run(self, connections: usize) -> io::Result<()> {
        let load = Arc::new(self);
        let start = Instant::now();
        let workers: Vec<_> = (0..connections)
            .map(|number| tokio::spawn(Arc::clone(&load).ask(number)))
            .collect();
        for worker in workers {
            worker.await.map_err(io::Error::other)?;
        }
        let seconds = start.elapsed().as_secs_f64();
        let mut results = load.results.lock().map_err(|_| io::ErrorKind::Other)?;
        let percentile = |times: &mut Vec<u64>, part: usize| {
            times.sort_unstable();
            times.get(times.len() * part / 100).copied()
        };
        let (mut first, mut all): (Vec<u64>, Vec<u64>) = results.times.drain(..).unzip();
        let report = json!({
            "seconds": seconds,
            "requests": all.len(),
            "first_p50_us": percentile(&mut first, 50),
            "p50_us": percentile(&mut all, 50),
            "p99_us": percentile(&mut all, 99),
            "statuses": results.statuses,
        });
        writeln!(io::stdout(), "{report}")
    }

    /// Asks with one connection as long as requests are left.
    async fn ask(self: Arc<Self>, number: usize) {
        let mut server = number % self.requests.len();
        let mut open: Option<TcpStream> = None;
        let take = |left: usize| left.checked_sub(1);
        while let Ok(left) = self
            .left
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, take)
        {
            let kinds = &self.requests[server];
            let request = &kinds[left % kinds.len()];
            let start = Instant::now();
            let asked = ask_once(&mut open, request).await;
            let Ok(mut results) = self.results.lock() else {
                return;
            };
            match asked {
                Ok((status, first, is_open)) => {
                    let micros = |time: Duration| u64::try_from(time.as_micros()).unwrap_or(0);
                    results.times.push((micros(first), micros(start.elapsed())));
                    *results.statuses.entry(status).or_default() += 1;
                    open = open.filter(|_| is_open);
                }
                Err(_) => {
                    *results.statuses.entry("lost".to_owned()).or_default() += 1;
                    open = None;
                    server = (server + 1) % self.requests.len();
                }
            }
        }
    }
}

/// One request: its status, the time to the first byte, and whether the connection stays open.
async fn ask_once(
    open: &mut Option<TcpStream>,
    request: &Request,
) -> io::Result<(String, Duration, bool)> {
    let connection = match open {
        Some(connection) => connection,
        None => {
            let connection = TcpStream::connect(&request.address).await?;
            connection.set_nodelay(true)?;
            open.insert(connection)
        }
    };
    let start = Instant::now();
    connection.write_all(&request.bytes).await?;
    let mut buffer = Vec::with_capacity(64 * 1024);
    read_some(connection, &mut buffer).await?;
    let first = start.elapsed();
    if request.leaves {
        return Ok(("left".to_owned(), first, false));
    }
    let Some((head, body)) = read_message(connection, &mut buffer).await? else {
        return Err(io::ErrorKind::UnexpectedEof.into());
    };
    let status = head.split(' ').nth(1).unwrap_or_default().to_owned();
    let is_failed = memchr::memmem::find(&body, b"\"finish_reason\":\"error\"").is_some();
    let status = if is_failed {
        "failed".to_owned()
    } else {
        status
    };
    let closes = header(&head, "connection").is_some_and(|value| value == "close");
    Ok((status, first, !closes))
}

fn header(head: &str, name: &str) -> Option<String> {
    let mut lines = head.lines().filter_map(|line| line.split_once(':'));
    let found = lines.find(|(other, _)| other.eq_ignore_ascii_case(name));
    found.map(|(_, value)| value.trim().to_owned())
}

async fn read_some(connection: &mut TcpStream, buffer: &mut Vec<u8>) -> io::Result<()> {
    if connection.read_buf(buffer).await? == 0 {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(())
}

/// Reads head and body of a message; `None` when the other side closes before it.
async fn read_message(
    connection: &mut TcpStream,
    buffer: &mut Vec<u8>,
) -> io::Result<Option<(String, Vec<u8>)>> {
    let length = loop {
        if let Some(at) = memchr::memmem::find(buffer, b"\r\n\r\n") {
            break at + 4;
        }
        match read_some(connection, buffer).await {
            Ok(()) => {}
            Err(_) if buffer.is_empty() => return Ok(None),
            Err(error) => return Err(error),
        }
    };
    let head = String::from_utf8_lossy(&buffer[..length]).into_owned();
    let body = if header(&head, "transfer-encoding").is_some() {
        while !buffer.ends_with(b"\r\n0\r\n\r\n") {
            read_some(connection, buffer).await?;
        }
        buffer.len() - length
    } else {
        let body = header(&head, "content-length").and_then(|text| text.parse().ok());
        let body: usize = body.unwrap_or_default();
        while buffer.len() < length + body {
            read_some(connection, buffer).await?;
        }
        body
    };
    let rest = buffer.split_off(length + body);
    let message = std::mem::replace(buffer, rest);
    Ok(Some((head, message[length..].to_vec())))
}
