//! Whole dialogues from files: what is typed, what must appear, what the provider answers and what
//! it must have received.
//!
//! A file is read from top to bottom. Before the program starts it is set up:
//!
//! | line | meaning |
//! |---|---|
//! | `# words` | a remark |
//! | `terminal 40x12` | columns and rows, where they are not 80x24 |
//! | `with NAME=VALUE` | a variable of the environment; nothing after `=` takes it away |
//! | `config TEXT` | a line of config.yml |
//! | `file NAME: TEXT` | a file in the folder where the program runs |
//! | `lists ID ID…` | the models that the provider lists; without it no list is expected |
//!
//! Then each line is a step. `\n` stands for a line end in all texts.
//!
//! | line | step |
//! |---|---|
//! | `$ amx chat` | starts the program on the terminal, when one that ran before has ended |
//! | `$ amx … \| cat` | runs the program to its end without a terminal, also while one runs on it |
//! | `> TEXT` | waits for the prompt, types the text and presses Enter |
//! | `prompt` | waits for the prompt |
//! | `>> TEXT` | types the text and presses Enter at once |
//! | `type TEXT`, `paste TEXT`, `press KEY` | without Enter; `paste` as terminals mark it |
//! | `< TEXT` | how the provider answers the next request, see `reply` below |
//! | `? TEXT` | waits until that appears after what was typed last |
//! | `! TEXT` | that must not stand on the terminal |
//! | `sent` | what the next request must be, in the lines below that are indented |
//! | `go on` | the answer with `\|\|` in it goes on |
//! | `stopped` | waits until the program has left in the middle of an answer |
//! | `kill`, `resize 40x12` | what they say |
//! | `holds NAME: TEXT` | the file must contain the text |
//! | `exit CODE` | waits for the end, and for the terminal as it was |

use std::path::Path;

use serde_json::{Value, json};

use crate::pty::{Size, Terminal, USUAL, squeeze};
use crate::stage;
use crate::support::double::Double;
use crate::support::gate::Gate;
use crate::support::reply::{self, Reply};
use crate::support::routes;
use crate::support::sandbox::Sandbox;

/// A running dialogue.
struct Stage {
    sandbox: Sandbox,
    double: Double,
    gate: Gate,
    size: Size,
    terminal: Option<Terminal>,
    /// The output of programs without a terminal.
    output: String,
    /// The transcript when something was typed last.
    mark: String,
    /// Number of requests that were checked.
    seen: usize,
}

/// Runs the dialogue of a file below `tests/data/dialogues`.
pub fn hold(name: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/data/dialogues")
        .join(name)
        .with_extension("txt");
    hold_text(
        &path.display().to_string(),
        &std::fs::read_to_string(&path).unwrap(),
    );
}

/// Holds a dialogue that a test has written; `name` says where it is from.
pub fn hold_text(name: &str, text: &str) {
    let gate = Gate::default();
    let replies = text
        .lines()
        .filter_map(|line| line.strip_prefix("< "))
        .map(|line| reply(line, &gate));
    let double = Double::start(replies.collect::<Vec<_>>());
    if let Some(ids) = text.lines().find_map(|line| line.strip_prefix("lists ")) {
        let models = ids.split(' ').map(|id| json!({"id": id})).collect();
        double.learn(routes::listed(models));
    }
    let (sandbox, size) = prepare(text, stage::ready(&double));
    let mut stage = Stage {
        sandbox,
        double,
        gate,
        size,
        terminal: None,
        output: String::new(),
        mark: String::new(),
        seen: 0,
    };
    let mut lines = text.lines().enumerate().peekable();
    while let Some((number, line)) = lines.next() {
        let mut block = Vec::new();
        while let Some((_, inner)) = lines.next_if(|(_, line)| line.starts_with("  ")) {
            block.push(inner.trim());
        }
        // Where a step fails, the panic says why and this says where.
        let place = Place(format!("{name}:{}: {line}", number + 1));
        stage.step(line, &block);
        drop(place);
    }
    assert!(
        stage.terminal.is_none(),
        "{name} does not end with the program"
    );
}

/// Says where the dialogue stopped when a step panics.
struct Place(String);

impl Drop for Place {
    #[expect(
        clippy::print_stderr,
        reason = "whoever reads why a test failed needs the place"
    )]
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("the dialogue stopped at {}", self.0);
        }
    }
}

fn prepare(text: &str, mut sandbox: Sandbox) -> (Sandbox, Size) {
    let mut size = USUAL;
    let mut config = String::new();
    for line in text.lines() {
        if let Some(wanted) = line.strip_prefix("terminal ") {
            size = size_of(wanted);
        } else if let Some((name, value)) = line
            .strip_prefix("with ")
            .and_then(|rest| rest.split_once('='))
        {
            sandbox = if value.is_empty() {
                sandbox.without(name)
            } else {
                sandbox.env(name, value)
            };
        } else if let Some(line) = line.strip_prefix("config ") {
            config.push_str(&format!("{line}\n"));
        } else if let Some((name, text)) = line
            .strip_prefix("file ")
            .and_then(|rest| rest.split_once(": "))
        {
            sandbox = sandbox.file(name, unescaped(text));
        }
    }
    if !config.is_empty() {
        sandbox = sandbox.config(config);
    }
    (sandbox, size)
}

fn size_of(text: &str) -> Size {
    let (columns, rows) = text.split_once('x').unwrap();
    Size {
        rows: rows.parse().unwrap(),
        columns: columns.parse().unwrap(),
    }
}

fn unescaped(text: &str) -> String {
    text.replace("\\n", "\n")
}

/// Words in brackets say how, the rest what is answered: `|` parts the events, and `||` is where
/// the answer waits for `go on`.
fn reply(line: &str, gate: &Gate) -> Reply {
    let mut rest = line;
    let mut ways = Vec::new();
    while let Some((way, more)) = rest.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        ways.push(way.split_once(' ').unwrap_or((way, "")));
        rest = more.trim_start();
    }
    let text = unescaped(rest);
    let before_gate = text
        .split_once("||")
        .map(|(before, _)| before.split('|').count());
    let pieces: Vec<&str> = text.split('|').filter(|piece| !piece.is_empty()).collect();
    let mut reply = reply::stream(pieces.iter().copied());
    if let Some(count) = before_gate {
        reply = reply.gate_after(count, gate);
    }
    for (way, how) in ways {
        reply = match way {
            "thinks" => reply.reasoning([how]),
            "signed" => reply.late_detail(json!({
                "type": "reasoning.encrypted", "data": how, "format": "anthropic-claude-v1",
                "id": "r1", "index": 0,
            })),
            "model" => reply.served_by(how, "Scripted Cloud"),
            "cost" => reply.usage(11, 7, 0, how.parse().unwrap()),
            "tokens" => reply.usage(how.parse().unwrap(), 7, 0, 0.00042),
            "refuses" => reply::refusal(how.parse().unwrap(), &text),
            // After `refuses`: when the provider wants to be asked again, in seconds.
            "again" => reply.header("retry-after", how),
            "sure" => reply.logprobs(vec![how.parse::<f64>().unwrap().ln(); pieces.len()]),
            "breaks" => reply.cut_after(pieces.len()),
            "stalls" => reply.stall_after(pieces.len()),
            "silent" => reply::silence(),
            other => panic!("no answer knows how to '{other}'"),
        };
    }
    reply
}

impl Stage {
    fn step(&mut self, line: &str, block: &[&str]) {
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        match word {
            "" | "#" | "terminal" | "with" | "config" | "file" | "lists" | "<" => {}
            "$" => self.start(rest),
            ">" => {
                self.wait_for_prompt();
                self.terminal().answer(&unescaped(rest));
            }
            "prompt" => self.wait_for_prompt(),
            ">>" => self.terminal().answer(rest),
            "type" => self.terminal().type_text(&unescaped(rest)),
            "paste" => {
                let terminal = self.terminal();
                terminal.wait_until("pastes to be marked", |seen| {
                    seen.screen().bracketed_paste()
                });
                terminal.type_text(&format!(
                    "\x1b[200~{}\x1b[201~",
                    unescaped(rest).replace('\n', "\r")
                ));
            }
            "press" => self.terminal().type_text(key(rest)),
            "?" => self.see(&squeeze(&unescaped(rest))),
            "!" => assert!(
                !self.shown().contains(&squeeze(rest)),
                "{rest:?} stands in:\n{}",
                self.shown()
            ),
            "sent" => self.compare(block),
            "go" => self.gate.open(),
            "stopped" => self.double.wait_for_disconnect(),
            "kill" => {
                self.terminal().signal("KILL");
                assert_eq!(self.terminal.take().unwrap().wait_exit(), 137);
            }
            "resize" => {
                self.terminal().resize(size_of(rest));
                self.mark.clear();
            }
            "holds" => {
                let (name, text) = rest.split_once(": ").unwrap();
                let held = std::fs::read_to_string(self.sandbox.home().join(name)).unwrap();
                assert!(held.contains(&unescaped(text)), "{name} holds:\n{held}");
            }
            "exit" => {
                let terminal = self.terminal.take().unwrap();
                assert_eq!(
                    terminal.wait_exit(),
                    rest.parse::<i32>().unwrap(),
                    "{}",
                    terminal.transcript()
                );
                terminal.assert_restored();
                self.output = terminal.transcript();
                self.mark.clear();
            }
            _ => panic!("no step is called '{word}'"),
        }
    }

    fn start(&mut self, command: &str) {
        let (command, is_piped) = command
            .strip_suffix(" | cat")
            .map_or((command, false), |command| (command, true));
        assert!(
            is_piped || self.terminal.is_none(),
            "the program still runs"
        );
        if self.terminal.is_none() {
            self.mark.clear();
        }
        let words = shlex::split(command.strip_prefix("amx").unwrap()).unwrap();
        let arguments: Vec<&str> = words.iter().map(String::as_str).collect();
        if is_piped {
            let outcome = self.sandbox.run(&arguments);
            self.output = format!("{}{}", outcome.stdout(), outcome.stderr());
        } else {
            self.terminal = Some(stage::terminal(&self.sandbox, &arguments, self.size));
        }
    }

    fn terminal(&self) -> &Terminal {
        self.terminal.as_ref().unwrap()
    }

    fn wait_for_prompt(&mut self) {
        let terminal = self.terminal();
        terminal.wait_until("the prompt", |_| terminal.modes().gives_keys());
        self.mark = squeeze(&terminal.transcript());
    }

    fn shown(&self) -> String {
        self.terminal.as_ref().map_or_else(
            || squeeze(&self.output),
            |terminal| squeeze(&terminal.transcript()),
        )
    }

    fn see(&self, wanted: &str) {
        let Some(terminal) = &self.terminal else {
            assert!(
                self.shown().contains(wanted),
                "{wanted:?} is not in:\n{}",
                self.output
            );
            return;
        };
        terminal.wait_until(&format!("{wanted:?}"), |seen| {
            let shown = squeeze(&seen.transcript());
            new_in(&shown, &self.mark).contains(wanted)
        });
    }

    /// Holds the next request against lines such as `user: hello` for messages and `.temperature
    /// 0.5` for fields.
    fn compare(&mut self, expected: &[&str]) {
        let body = loop {
            self.double.wait_for_requests(self.seen + 1);
            let next = self.double.requests().swap_remove(self.seen);
            self.seen += 1;
            // A list of models is no question.
            if next.request.method == "POST" {
                break next.json();
            }
        };
        let (fields, messages): (Vec<&str>, Vec<&str>) =
            expected.iter().partition(|line| line.starts_with('.'));
        let sent: Vec<String> = body["messages"]
            .as_array()
            .unwrap()
            .iter()
            .map(line_of)
            .collect();
        assert_eq!(sent, messages, "request {}", self.seen);
        for field in fields {
            let (name, value) = field[1..].split_once(' ').unwrap();
            let sent = body
                .pointer(&format!("/{}", name.replace('.', "/")))
                .map_or_else(|| "absent".to_owned(), shown_value);
            assert_eq!(sent, value, "{name} of request {}: {body}", self.seen);
        }
    }
}

fn shown_value(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

/// What a terminal shows beyond what it showed before; what was typed since may stand in place of
/// what was taken back.
fn new_in<'a>(shown: &'a str, before: &str) -> &'a str {
    let same: usize = shown
        .chars()
        .zip(before.chars())
        .take_while(|(now, then)| now == then)
        .map(|(now, _)| now.len_utf8())
        .sum();
    &shown[same..]
}

/// A message of a request on one line.
fn line_of(message: &Value) -> String {
    let role = message["role"].as_str().unwrap_or_default();
    let content = match &message["content"] {
        Value::Array(parts) => parts
            .iter()
            .map(|part| {
                part["text"]
                    .as_str()
                    .map_or_else(|| format!("[{}]", part["type"]), str::to_owned)
            })
            .collect::<Vec<_>>()
            .join(" + "),
        content => shown_value(content),
    };
    let details = message["reasoning_details"]
        .as_array()
        .map(Vec::as_slice)
        .unwrap_or_default();
    let thoughts: Vec<&str> = details
        .iter()
        .filter_map(|detail| detail["data"].as_str().or(detail["text"].as_str()))
        .collect();
    let thoughts = if thoughts.is_empty() {
        String::new()
    } else {
        format!(" [{}]", thoughts.join(" "))
    };
    format!("{role}{thoughts}: {}", content.replace('\n', "\\n"))
}

/// The bytes of a key.
pub fn key(name: &str) -> &'static str {
    match name {
        "Enter" => "\r",
        "Tab" => "\t",
        "Esc" => "\x1b",
        "Up" => "\x1b[A",
        "Down" => "\x1b[B",
        "Alt-Enter" => "\x1b\r",
        "Ctrl-C" => "\x03",
        "Ctrl-D" => "\x04",
        "Ctrl-U" => "\x15",
        other => panic!("no key is called '{other}'"),
    }
}
