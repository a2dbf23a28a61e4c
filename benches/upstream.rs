//! A scripted model on the loopback address, for `benches/bench.sh` and `benches/memory.sh`: the
//! same bytes every time, as fast as they are read.
//!
//! `upstream serve SECONDS` prints its port and answers until its stdin ends or the time is over:
//!
//! | base URL | answer |
//! |---|---|
//! | `/short` | 20 tokens |
//! | `/coalesced` | 20,000 tokens, many events in one write |
//! | `/events` | 20,000 tokens, one write an event |
//! | `/code` | the same, nearly all of it code in fences |
//! | `/large/MIB` | so many MiB of text, 1 KiB an event |
//! | `/catalog` | a list of 400 models, 540 kB |

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::Duration;

const SHORT: usize = 20;
const LONG: usize = 20_000;
const MODELS: usize = 400;

/// Bytes of one write of `/coalesced`: what a busy proxy hands on at once.
const COALESCED: usize = 64 * 1024;

/// Largest request read, in bytes.
const LARGEST_REQUEST: u64 = 64 * 1024 * 1024;

/// A page of Markdown in the tokens of a typical model: words with the space before them.
const PAGE: &str = "## What a stream is made of\n\nA model writes **one token** at a time, and a client shows each of them *as it arrives*. \
    Most tokens are a short word with the space before it; some are a comma, a `name` or the end of a line.\n\n\
    - the first token takes longest\n- the others come in quick order\n- the last one tells why it ended\n\n\
    ```rust\nfn main() {\n    println!(\"hello\");\n}\n```\n\n\
    Whoever reads them should do little for each: find the end of the event, take the text out, and pass it on.\n\n";

/// A page that is nearly all code, in the same kind of tokens.
const CODE_PAGE: &str = "Keep the client in a module of its own:\n\n\
    ```rust\n//! Reads events as they arrive.\nuse std::io::{self, BufRead};\n\n/// One event of a stream.\n#[derive(Debug, Clone, PartialEq)]\n\
    pub struct Event {\n    pub name: Option<String>,\n    pub data: String,\n}\n\n\
    pub fn events(reader: impl BufRead) -> impl Iterator<Item = io::Result<Event>> {\n    let mut data = String::with_capacity(1024);\n    \
    reader.lines().filter_map(move |line| match line {\n        Ok(line) if line.is_empty() && !data.is_empty() => {\n            \
    Some(Ok(Event { name: None, data: std::mem::take(&mut data) })) // an empty line ends it\n        }\n        \
    Ok(line) => {\n            if let Some(text) = line.strip_prefix(\"data: \") {\n                data.push_str(text);\n            }\n            None\n        }\n        \
    Err(error) => Some(Err(error)),\n    })\n}\n```\n\nand try it with `curl`, or:\n\n\
    ```python\nimport json\n\ndef texts(lines, *, field=\"content\"):\n    \"\"\"The text of each event.\"\"\"\n    for line in lines:\n        \
    if not line.startswith(\"data: \") or line == \"data: [DONE]\":\n            continue\n        delta = json.loads(line[6:])[\"choices\"][0][\"delta\"]\n        \
    yield delta.get(field) or \"\"  # may be absent\n```\n\n";

const HEAD: &str = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n";
const NOT_FOUND: &str = "HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";

/// The writes of each answer, made once.
struct Script {
    short: Vec<Vec<u8>>,
    coalesced: Vec<Vec<u8>>,
    events: Vec<Vec<u8>>,
    code: Vec<Vec<u8>>,
    catalog: Vec<Vec<u8>>,
}

impl Script {
    fn new() -> Self {
        let words = PAGE.split_inclusive(' ');
        let long = events(words.clone(), LONG);
        let code = events(words_of_code(CODE_PAGE).into_iter(), LONG);
        Self {
            short: framed(&events(words, SHORT)),
            coalesced: framed(&gathered(&long)),
            events: framed(&long),
            code: framed(&code),
            catalog: framed(&gathered(&[catalog()])),
        }
    }

    fn answer(&self, path: &str) -> Option<&[Vec<u8>]> {
        match path.trim_start_matches('/').split('/').next()? {
            "short" => Some(&self.short),
            "coalesced" => Some(&self.coalesced),
            "events" => Some(&self.events),
            "code" => Some(&self.code),
            "catalog" => Some(&self.catalog),
            _ => None,
        }
    }
}

fn main() -> io::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let seconds = match (arguments.next().as_deref(), arguments.next()) {
        (Some("serve"), Some(seconds)) => seconds.parse().map_err(io::Error::other)?,
        _ => {
            return writeln!(
                io::stdout(),
                "upstream serve SECONDS   (see benches/bench.sh)"
            );
        }
    };
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    writeln!(io::stdout(), "{}", listener.local_addr()?.port())?;
    let script = Arc::new(Script::new());
    thread::spawn(move || {
        for connection in listener.incoming().flatten() {
            let script = Arc::clone(&script);
            // A client that goes away early is no concern of the others.
            thread::spawn(move || serve(&connection, &script).ok());
        }
    });
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || sender.send(io::copy(&mut io::stdin(), &mut io::sink())));
    // Both ends of the wait are fine: whoever started it is gone, or the time is over.
    let _ = receiver.recv_timeout(Duration::from_secs(seconds));
    Ok(())
}

fn serve(connection: &TcpStream, script: &Script) -> io::Result<()> {
    connection.set_nodelay(true)?;
    let path = read_request(connection)?;
    let mut connection = connection;
    if let Some(mib) = large(&path) {
        connection.write_all(HEAD.as_bytes())?;
        let mut block = framed(&gathered(&vec![
            event(&choice(&"four".repeat(256), "null"));
            1024
        ]));
        // Without the end of the body.
        block.pop();
        for bytes in std::iter::repeat_n(&block, mib).flatten() {
            connection.write_all(bytes)?;
        }
        let (_, end) = script.short.split_at(SHORT);
        return end.iter().try_for_each(|bytes| connection.write_all(bytes));
    }
    let Some(writes) = script.answer(&path) else {
        return connection.write_all(NOT_FOUND.as_bytes());
    };
    connection.write_all(HEAD.as_bytes())?;
    writes
        .iter()
        .try_for_each(|bytes| connection.write_all(bytes))
}

/// The MiB of `/large/MIB`.
fn large(path: &str) -> Option<usize> {
    let mut parts = path.trim_start_matches('/').split('/');
    (parts.next() == Some("large")).then(|| parts.next()?.parse().ok())?
}

/// Reads head and body, and gives the path.
fn read_request(connection: &TcpStream) -> io::Result<String> {
    let mut reader = BufReader::new(connection.take(LARGEST_REQUEST));
    let mut first = String::new();
    reader.read_line(&mut first)?;
    let mut length = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let Some((name, value)) = line.trim_end().split_once(':') else {
            break;
        };
        if name.eq_ignore_ascii_case("content-length") {
            length = value.trim().parse().map_err(io::Error::other)?;
        }
    }
    io::copy(&mut reader.take(length), &mut io::sink())?;
    Ok(first.split(' ').nth(1).unwrap_or_default().to_owned())
}

/// An answer of so many tokens, one event each, and what ends it.
fn events<'a>(words: impl Iterator<Item = &'a str> + Clone, tokens: usize) -> Vec<Vec<u8>> {
    let mut events: Vec<Vec<u8>> = words
        .cycle()
        .take(tokens)
        .map(|word| event(&choice(&escaped(word), "null")))
        .collect();
    events.push(event(&choice("", "\"stop\"")));
    let usage = format!(
        r#""usage":{{"prompt_tokens":10,"completion_tokens":{tokens},"total_tokens":{},"cost":0.001}}"#,
        tokens + 10
    );
    events.push(event(&format!(r#""choices":[],{usage}"#)));
    events.push(b"data: [DONE]\n\n".to_vec());
    events
}

/// Words and runs of other characters, each with the blanks before it: what models take for tokens
/// of code, about.
fn words_of_code(page: &str) -> Vec<&str> {
    let is_word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    let mut words = Vec::new();
    let mut from = 0;
    for (at, pair) in page.as_bytes().windows(2).enumerate() {
        if pair[0] != b' ' && is_word(pair[0]) != is_word(pair[1]) {
            words.push(&page[from..=at]);
            from = at + 1;
        }
    }
    words.push(&page[from..]);
    words
}

fn choice(content: &str, finish_reason: &str) -> String {
    let delta = format!(r#"{{"role":"assistant","content":"{content}"}}"#);
    format!(
        r#""choices":[{{"index":0,"delta":{delta},"finish_reason":{finish_reason},"native_finish_reason":{finish_reason},"logprobs":null}}]"#
    )
}

fn event(fields: &str) -> Vec<u8> {
    let identity = r#""id":"gen-1790000000-bench","provider":"Bench","model":"bench/model","object":"chat.completion.chunk","created":1790000000"#;
    format!("data: {{{identity},{fields}}}\n\n").into_bytes()
}

/// A list of models in OpenRouter's form, about as large as the real one.
fn catalog() -> Vec<u8> {
    let description = PAGE.replace(['`', '"', '\n'], " ");
    let parameters = r#"["max_tokens","temperature","top_p","top_k","stop","seed","tools","tool_choice","reasoning","include_reasoning","structured_outputs"]"#;
    let model = |number: usize| {
        let id = format!("author-{}/model-{number}-of-a-usual-length", number % 50);
        format!(
            r#"{{"id":"{id}","canonical_slug":"{id}-2026","name":"Author: Model {number}","created":{},"description":"{description}","context_length":131072,"architecture":{{"modality":"text+image->text","input_modalities":["text","image"],"output_modalities":["text"],"tokenizer":"Other","instruct_type":null}},"pricing":{{"prompt":"0.00000{number:03}","completion":"0.0000{number:03}","discount":0}},"top_provider":{{"is_moderated":false,"context_length":131072,"max_completion_tokens":16384}},"per_request_limits":null,"supported_parameters":{parameters},"default_parameters":null,"supported_voices":null,"links":{{"details":""}},"reasoning":{{"mandatory":false,"supported_efforts":["high","medium","low"],"default_effort":"medium"}}}}"#,
            1_700_000_000 + number
        )
    };
    let rows: Vec<String> = (0..MODELS).map(model).collect();
    format!(
        r#"{{"data":[{}],"total_count":{MODELS},"links":{{"next":null}}}}"#,
        rows.join(",")
    )
    .into_bytes()
}

fn escaped(word: &str) -> String {
    word.replace('\\', "\\\\")
        .replace('"', "\\\"")
        .replace('\n', "\\n")
}

/// The same bytes in writes of [`COALESCED`], cut wherever that falls.
fn gathered(events: &[Vec<u8>]) -> Vec<Vec<u8>> {
    events
        .concat()
        .chunks(COALESCED)
        .map(<[u8]>::to_vec)
        .collect()
}

/// Each write as a chunk of HTTP/1.1, and the chunk that ends the body.
fn framed(writes: &[Vec<u8>]) -> Vec<Vec<u8>> {
    let chunk =
        |bytes: &Vec<u8>| [format!("{:x}\r\n", bytes.len()).as_bytes(), bytes, b"\r\n"].concat();
    writes
        .iter()
        .map(chunk)
        .chain([b"0\r\n\r\n".to_vec()])
        .collect()
}
