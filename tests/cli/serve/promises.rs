//! Promises of the gateway, each with its test: keys of providers that are echoed, URLs in bodies,
//! routes without a key, sockets of other users, growth.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use serde_json::json;

use super::client::{exchange, parse, request};
use super::gateway::{Gateway, add_key, config, sandbox, usage};
use super::upstream::{Ending, Script, Upstream};
use crate::support::double::KEY;
use crate::support::running::Stream;

const PATHS: &[&str] = &[
    "/v1/chat/completions",
    "/v1/responses",
    "/v1/messages",
    "/v1/embeddings",
];

fn answering() -> Upstream {
    Upstream::start(|_| Script::json(200, r#"{"id":"c1","choices":[]}"#))
}

#[test]
fn a_key_that_is_cut_anywhere_is_taken_out_of_a_stream() {
    let upstream = Upstream::start(|request| {
        let at: usize = request.json()["seed"].as_u64().unwrap().try_into().unwrap();
        let start = format!(
            "data: {{\"choices\":[{{\"delta\":{{\"content\":\"{}",
            &KEY[..at]
        );
        let end = format!("{}\"}}}}]}}\n\n", &KEY[at..]);
        let last = "data: {\"choices\":[{\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n";
        Script::stream(&[&start, &end, last], Ending::Complete)
    });
    let gateway = Gateway::with(&upstream, "", &["--log"]);
    for at in 0..=KEY.len() {
        let body = json!({"model": "a/b", "stream": true, "seed": at}).to_string();
        let text = gateway.post(PATHS[0], &body).assert_status(200).text();
        assert!(text.contains("\"content\":\"[redacted]\""), "{at}: {text}");
    }
    gateway.stop();
}

#[test]
fn a_key_in_a_refusal_a_header_or_a_model_name_is_nowhere() {
    let upstream = Upstream::start(|request| {
        let body = request.json();
        let status = u16::try_from(body["seed"].as_u64().unwrap()).unwrap();
        let answer = json!({"model": KEY, "id": KEY, "error": {"message": KEY, "code": status}});
        let mut script = Script::json(status, &answer.to_string());
        for name in [
            "x-generation-id",
            "retry-after",
            "x-request-id",
            "set-cookie",
            "x-key",
        ] {
            script = script.header(name, KEY);
        }
        script
    });
    let gateway = Gateway::with(&upstream, "", &["--log", "json", "--metrics"]);
    for path in PATHS {
        for status in [200, 400, 401, 404, 418] {
            let body = json!({"model": "a/b", "seed": status}).to_string();
            let response = gateway.post(path, &body);
            let all = format!("{:?}{}", response.headers, response.text());
            assert!(!all.contains(&KEY[10..]), "{path} {status}: {all}");
        }
    }
    let metrics = gateway.get("/metrics").assert_status(200).text();
    assert!(!metrics.contains(&KEY[10..]), "{metrics}");
    // `stop` looks for the key in the log and in every file, the ledger among them.
    gateway.stop();
}

/// URLs that a server must not fetch.
const URLS: &[&str] = &[
    "http://169.254.169.254/latest/meta-data/",
    "http://127.0.0.1:PORT/internal",
    "http://localhost:PORT/",
    "http://[::1]:PORT/",
    "http://0.0.0.0:PORT/",
    "http://2130706433:PORT/",
    "http://0x7f.1:PORT/",
    "http://user@127.0.0.1:PORT/",
    "file:///etc/passwd",
    "gopher://127.0.0.1:PORT/_x",
    "data:text/plain;base64,eA==",
    "//127.0.0.1:PORT/x",
];

#[test]
fn urls_in_a_body_pass_as_text_and_are_not_fetched() {
    let upstream = answering();
    let trap = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    trap.set_nonblocking(true).unwrap();
    let port = trap.local_addr().unwrap().port().to_string();
    let gateway = Gateway::start(&upstream);
    for url in URLS {
        let url = url.replace("PORT", &port);
        for content in [
            json!([{"type": "image_url", "image_url": {"url": url}}]),
            json!([{"type": "image", "source": {"type": "url", "url": url}}]),
            json!([{"type": "file", "file": {"file_data": url, "filename": url}}]),
            json!([{"type": "input_image", "image_url": url}]),
        ] {
            let messages = json!([{"role": "user", "content": content}]);
            let tools = json!([{"type": "mcp", "server_url": url}]);
            let body = json!({"model": "a/b", "messages": messages, "tools": tools}).to_string();
            for path in PATHS {
                gateway.post(path, &body).assert_status(200);
                assert_eq!(upstream.last_body(), body);
            }
        }
    }
    let caught = trap.accept().map(|(_, from)| from);
    assert!(caught.is_err(), "a connection from {caught:?}");
    assert_eq!(upstream.request_count(), URLS.len() * 16);
    gateway.stop();
}

/// Forty routes, ours and others.
const ROUTES: &[&str] = &[
    "/",
    "/v1",
    "/v1/",
    "/v1/chat/completions",
    "/v1/responses",
    "/v1/messages",
    "/v1/embeddings",
    "/v1/messages/count_tokens",
    "/v1/models",
    "/v1/models/a/b",
    "/v1/models/fast",
    "/metrics",
    "/v1/completions",
    "/v1/images/generations",
    "/v1/audio/speech",
    "/v1/files",
    "/v1/batches",
    "/v1/moderations",
    "/v1/rerank",
    "/v1/realtime",
    "/chat/completions",
    "/responses",
    "/messages",
    "/embeddings",
    "/models",
    "/api/v1/models",
    "/api/tags",
    "/api/chat",
    "/health",
    "/healthz/",
    "/status",
    "/admin",
    "/debug/pprof",
    "/config",
    "/keys",
    "/v1/keys",
    "/v2/models",
    "/favicon.ico",
    "/robots.txt",
    "/..%2fhealthz",
];

#[test]
fn no_route_but_one_is_open_without_a_valid_key() {
    let upstream = answering();
    let gateway = Gateway::with(&upstream, "", &["--metrics"]);
    let key = gateway.key.clone();
    let (none, wrong) = (String::new(), format!("Bearer amx-{}", "A".repeat(43)));
    let prefix = format!("Bearer {}", &key[..20]);
    let upper = format!("Bearer {}", key.to_uppercase());
    assert_eq!(ROUTES.len(), 40);
    let mut asked = 0;
    for route in ROUTES {
        for (authorization, path) in [
            (none.as_str(), (*route).to_owned()),
            (&wrong, (*route).to_owned()),
            ("Bearer ", (*route).to_owned()),
            ("Bearer amx-", (*route).to_owned()),
            (&prefix, (*route).to_owned()),
            (&upper, (*route).to_owned()),
            (&none, format!("{route}?key={key}&access_token={key}")),
        ] {
            let more = [("authorization", authorization)];
            let response = gateway.send(&gateway.request("POST", &path, &more, "{}"));
            // Too many guesses are asked to wait.
            assert!(matches!(response.status, 401 | 429), "{path}: {response:?}");
            asked += 1;
        }
    }
    assert_eq!((asked, upstream.request_count()), (280, 0));
    gateway.get("/v1/models").assert_status(200);
    gateway.stop();
}

/// Names of pages for operators, in other servers.
const PAGES: &str = "debug metrics pprof admin config keys env status swagger docs openapi.json \
    graphql login actuator trace vars server-info .env .git/config ui";

#[test]
fn no_page_for_operators_is_answered() {
    let upstream = answering();
    let gateway = Gateway::start(&upstream);
    let mut asked = 0;
    for page in PAGES.split(' ') {
        for before in [
            "/",
            "/v1/",
            "/v1/chat/completions/",
            "/debug/",
            "/..%2f",
            "//",
            "/v1/../",
            "/%2e%2e/",
            "/api/",
            "/internal/",
        ] {
            gateway.get(&format!("{before}{page}")).assert_status(404);
            asked += 1;
        }
    }
    assert_eq!((asked, upstream.request_count()), (200, 0));
    gateway.stop();
}

#[test]
fn a_wider_address_needs_a_key_and_warns() {
    let upstream = answering();
    let sandbox = sandbox(&config(&upstream, ""));
    let key = add_key(&sandbox, "laptop", &[]);
    let running = sandbox.spawn(["serve", "--listen", "0.0.0.0:0"]);
    running.wait_for(&Stream::Stderr, "can be reached by others");
    running.wait_for(&Stream::Stdout, "/v1");
    let printed = running.printed();
    let port = printed
        .trim()
        .trim_end_matches("/v1")
        .rsplit(':')
        .next()
        .unwrap();
    let address = format!("127.0.0.1:{port}").parse().unwrap();
    let host = format!("127.0.0.1:{port}");
    let ask = |host: &str| {
        let bytes = request(
            "GET",
            "/v1/models",
            &[("host", host), ("x-api-key", &key)],
            b"",
        );
        parse(&exchange(address, &bytes)).unwrap().status
    };
    assert_eq!((ask(&host), ask("evil.example")), (200, 421));
    running.signal("TERM");
    running.wait().assert_code(0);
}

#[test]
fn a_unix_socket_is_closed_to_other_users() {
    let upstream = answering();
    let sandbox = sandbox(&config(&upstream, ""));
    add_key(&sandbox, "laptop", &[]);
    // A folder that everybody may enter.
    let folder = tempfile::Builder::new()
        .prefix("amx-socket.")
        .tempdir()
        .unwrap();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
    let path = folder.path().join("amx.sock");
    let listen = format!("unix:{}", path.display());
    let running = sandbox.spawn(["serve", "--listen", &listen]);
    running.wait_for(&Stream::Stdout, "listening on unix:");
    assert_eq!(
        fs::metadata(&path).unwrap().permissions().mode() & 0o777,
        0o600
    );
    let connect = |user: u32| {
        let script = "import os, socket, sys\n\
            if int(sys.argv[2]): os.setuid(int(sys.argv[2]))\n\
            try: socket.socket(socket.AF_UNIX).connect(sys.argv[1])\n\
            except OSError as error: print(type(error).__name__)\n\
            else: print('connected')";
        let done = Command::new("python3")
            .args(["-c", script])
            .arg(&path)
            .arg(user.to_string())
            .output()
            .unwrap();
        String::from_utf8(done.stdout).unwrap().trim().to_owned()
    };
    assert_eq!(connect(0), "connected");
    // Only root can become another user.
    if rustix::process::getuid().is_root() {
        assert_eq!(connect(65_534), "PermissionError");
    }
    running.signal("TERM");
    running.wait().assert_code(0);
    assert!(!path.exists());
}

/// Most threads of the server that ask providers.
const MOST_THREADS: usize = 4;

/// Open files and threads of a process.
fn held(process: u32) -> (usize, usize) {
    let count = |what: &str| {
        fs::read_dir(format!("/proc/{process}/{what}"))
            .unwrap()
            .count()
    };
    (count("fd"), count("task"))
}

#[cfg(target_os = "linux")]
#[test]
fn requests_leave_no_file_thread_or_connection_behind() {
    let upstream = Upstream::start(|request| {
        let body = request.json();
        match body["seed"].as_u64().unwrap() % 4 {
            0 => Script::json(200, "{\"id\":\"x\",\"usage\":{\"cost\":0.001}}"),
            1 => Script::json(400, "{\"error\":{\"message\":\"no\"}}"),
            2 => Script::stream(&["data: {\"choices\":[]}\n\n"], Ending::Cut),
            _ => Script::stream(
                &["data: {\"choices\":[{\"finish_reason\":\"stop\"}]}\n\n"],
                Ending::Complete,
            ),
        }
    });
    let gateway = Gateway::start(&upstream);
    let ask = |count: usize| {
        for number in 0..count {
            let is_stream = number % 4 >= 2;
            let body = json!({"model": "a/b", "stream": is_stream, "seed": number % 4});
            gateway.post(PATHS[0], &body.to_string());
        }
    };
    ask(200);
    let process = gateway.running().id();
    let before = held(process);
    ask(1000);
    // A connection that is being closed may be there for a moment, and a thread of the server keeps
    // one to the provider, which it may not have had before.
    let is_as_before =
        |(files, threads): (usize, usize)| files <= before.0 + MOST_THREADS && threads <= before.1;
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(20);
    while !is_as_before(held(process)) && std::time::Instant::now() < deadline {
        std::thread::yield_now();
    }
    let after = held(process);
    assert!(is_as_before(after), "{before:?} before, {after:?} after");
    let usage = usage(&gateway.into_sandbox(), "key");
    assert_eq!(usage["total"]["requests"], json!(1200), "{usage}");
}

#[test]
fn another_profile_answers_when_the_first_cannot_be_reached() {
    let upstream = answering();
    let closed = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let address = closed.local_addr().unwrap();
    drop(closed);
    // Nobody listens; and a server that does not speak TLS.
    for base_url in [
        format!("http://{address}/api/v1"),
        upstream.base_url().replace("http://", "https://"),
    ] {
        let more = format!(
            "  first:\n    provider: openrouter\n    model: d/n\n    base_url: {base_url}\n    \
            fallback_profiles: [work]\n"
        );
        let gateway = Gateway::with(&upstream, &more, &["-p", "first"]);
        for path in PATHS {
            let response = gateway.post(path, "{}").assert_status(200);
            assert_eq!(response.header("x-amx-profile"), "work", "{base_url}");
        }
        gateway.stop();
    }
}
