//! Replies of real providers, one folder each in `tests/data/providers`.
//!
//! | file | has |
//! |---|---|
//! | `profile.yml` | provider and model of the profile that asks |
//! | `CASE.http` | the status, headers and body of a reply, as they are sent |
//! | `CASE.2.http` | the reply to the second request; the last one is also for those after it |
//! | `CASE.expected.json` | what comes of it, see [`Expected`] |
//! | `models.json`, `models.expected.json` | the model list, and what `amx models` reads from it |

use std::collections::BTreeMap;
use std::fs;
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use serde::Deserialize;
use serde_json::Value;

use super::http::{self, Request};

/// The key of every profile.
pub const PROVIDER_KEY: &str = "test-key-of-a-provider-0123456789";

/// What comes of a reply.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expected {
    pub exit: i32,
    /// All of stdout; not compared when absent.
    pub stdout: Option<String>,
    /// What stderr has.
    #[serde(default)]
    pub stderr: Vec<String>,
    /// What stderr has not.
    #[serde(default)]
    pub lacks: Vec<String>,
    /// Requests for an answer: one, unless it says otherwise.
    #[serde(default = "one")]
    pub requests: usize,
    #[serde(default)]
    pub arguments: Vec<String>,
    /// Fields of the object of `--json`.
    pub json: Option<BTreeMap<String, Value>>,
}

fn one() -> usize {
    1
}

/// A scripted reply.
#[derive(Debug, Clone)]
struct Scripted {
    status: u16,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

/// One folder.
#[derive(Debug)]
pub struct ProviderFolder {
    pub path: PathBuf,
}

/// Every folder, in order.
pub fn folders() -> Vec<ProviderFolder> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/providers");
    let mut paths: Vec<PathBuf> = fs::read_dir(root)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.sort();
    paths
        .into_iter()
        .map(|path| ProviderFolder { path })
        .collect()
}

impl ProviderFolder {
    /// The names of its cases, in order.
    pub fn cases(&self) -> Vec<String> {
        let mut cases: Vec<String> = fs::read_dir(&self.path)
            .unwrap()
            .filter_map(|entry| {
                let name = entry.unwrap().file_name().into_string().unwrap();
                name.strip_suffix(".expected.json").map(str::to_owned)
            })
            .filter(|name| name != "models")
            .collect();
        cases.sort();
        cases
    }

    pub fn expected(&self, case: &str) -> Expected {
        let text = self.text(&format!("{case}.expected.json"));
        serde_json::from_str(&text)
            .unwrap_or_else(|error| panic!("{}/{case}: {error}", self.name()))
    }

    pub fn text(&self, file: &str) -> String {
        fs::read_to_string(self.path.join(file)).unwrap()
    }

    pub fn has(&self, file: &str) -> bool {
        self.path.join(file).exists()
    }

    pub fn name(&self) -> String {
        self.path
            .file_name()
            .unwrap()
            .to_string_lossy()
            .into_owned()
    }

    /// A configuration whose one profile asks a server at this URL.
    pub fn config(&self, base_url: &str) -> String {
        let profile: String = self
            .text("profile.yml")
            .lines()
            .map(|line| format!("    {line}\n"))
            .collect();
        format!(
            "llm_profiles:\n  p:\n{profile}    base_url: '{base_url}'\n    api_key: {PROVIDER_KEY}\n"
        )
    }

    fn replies(&self, case: &str) -> Vec<Scripted> {
        let files = (1..).map(|number| match number {
            1 => format!("{case}.http"),
            number => format!("{case}.{number}.http"),
        });
        files
            .take_while(|file| self.has(file))
            .map(|file| scripted(&self.text(&file)))
            .collect()
    }
}

fn scripted(text: &str) -> Scripted {
    let (head, body) = text.split_once("\n\n").unwrap();
    let mut lines = head.lines();
    let status = lines.next().unwrap().parse().unwrap();
    let headers = lines.map(|line| {
        let (name, value) = line.split_once(": ").unwrap();
        (name.to_owned(), value.to_owned())
    });
    Scripted {
        status,
        headers: headers.collect(),
        body: body.as_bytes().to_vec(),
    }
}

/// A server that answers as the files say.
pub struct ProviderServer {
    pub base_url: String,
    requests: Arc<Mutex<Vec<Request>>>,
}

impl ProviderServer {
    /// Answers chat with the replies of a case, and the model list with that of the folder.
    pub fn start(folder: &ProviderFolder, case: &str) -> Self {
        let replies = if case.is_empty() {
            Vec::new()
        } else {
            folder.replies(case)
        };
        let models = folder
            .has("models.json")
            .then(|| listing(&folder.text("models.json")));
        // Anthropic's own API takes the key in a header of its own.
        let key = if folder.name() == "anthropic" {
            ("x-api-key", PROVIDER_KEY.to_owned())
        } else {
            bearer()
        };
        Self::answer(replies, models, key)
    }

    /// Answers only the model list, with this body.
    pub fn listing(body: &str) -> Self {
        Self::answer(Vec::new(), Some(listing(body)), bearer())
    }

    /// Refuses the model list, with this body.
    pub fn refusing_list(status: u16, body: &str) -> Self {
        let reply = Scripted {
            status,
            ..listing(body)
        };
        Self::answer(Vec::new(), Some(reply), bearer())
    }

    fn answer(
        replies: Vec<Scripted>,
        models: Option<Scripted>,
        key: (&'static str, String),
    ) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let base_url = format!("http://{}/v1", listener.local_addr().unwrap());
        let requests = Arc::new(Mutex::new(Vec::new()));
        let script = Arc::new(Script {
            replies,
            models,
            key,
            requests: Arc::clone(&requests),
        });
        thread::spawn(move || {
            for connection in listener.incoming().flatten() {
                let script = Arc::clone(&script);
                thread::spawn(move || serve(connection, &script));
            }
        });
        Self { base_url, requests }
    }

    pub fn requests(&self, path: &str) -> Vec<Request> {
        let requests = self.requests.lock().unwrap_or_else(PoisonError::into_inner);
        requests
            .iter()
            .filter(|request| request.path == path)
            .cloned()
            .collect()
    }
}

fn bearer() -> (&'static str, String) {
    ("authorization", format!("Bearer {PROVIDER_KEY}"))
}

fn listing(body: &str) -> Scripted {
    Scripted {
        status: 200,
        headers: vec![("content-type".to_owned(), "application/json".to_owned())],
        body: body.as_bytes().to_vec(),
    }
}

/// What a server answers.
struct Script {
    replies: Vec<Scripted>,
    models: Option<Scripted>,
    /// The header of the key that the model list takes, and its value.
    key: (&'static str, String),
    requests: Arc<Mutex<Vec<Request>>>,
}

impl Script {
    fn reply(&self, request: Request) -> Scripted {
        let mut requests = self.requests.lock().unwrap_or_else(PoisonError::into_inner);
        let is_same = |other: &&Request| other.path == request.path;
        let before = requests.iter().filter(is_same).count();
        let (header, key) = &self.key;
        let has_key = request.header(header) == Some(key);
        let reply = match request.path.as_str() {
            "/v1/chat/completions" => self.replies.get(before).or(self.replies.last()).cloned(),
            "/v1/models" if !has_key => Some(plain(401, "no key in the header that is due")),
            "/v1/models" => self.models.clone(),
            _ => None,
        };
        requests.push(request);
        reply.unwrap_or_else(|| plain(404, "404 page not found"))
    }
}

fn plain(status: u16, text: &str) -> Scripted {
    Scripted {
        status,
        headers: Vec::new(),
        body: text.as_bytes().to_vec(),
    }
}

fn serve(mut connection: TcpStream, script: &Script) {
    let mut buffer = Vec::new();
    while let Ok(Some(request)) = http::read_request(&mut connection, &mut buffer) {
        let reply = script.reply(request);
        let written = http::write_head(&mut connection, reply.status, &reply.headers)
            .and_then(|()| {
                // In small pieces, as networks do.
                let mut pieces = reply.body.chunks(61);
                pieces.try_for_each(|piece| http::write_chunk(&mut connection, piece))
            })
            .and_then(|()| http::write_end(&mut connection));
        if written.is_err() {
            return;
        }
    }
}
