//! Random and damaged input for every parser, through the program: it ends with a documented exit
//! code, in time, and shows nothing active.

use fastrand::Rng;

use crate::support::double::Double;
use crate::support::outcome::Outcome;
use crate::support::reply::{self, Form};
use crate::support::sandbox::Sandbox;
use crate::support::{routes, trust};

/// The largest exit code of an error that is none of the program's own.
const LARGEST_CODE: i32 = 20;

const CONFIG: &str = "llm_profiles:\n  work: {provider: openrouter, model: a/b, temperature: 0.5}\n  \
    x:\n    <<: {provider: ollama}\n    headers: {X-A: 'b'}\nactive_llm_profile: work\n\
    model_aliases:\n  - {pattern: '^q$', replacement: 'a/b'}\n";
const TEMPLATE: &str =
    "---\ndescription: d\nmodel: a/b\nvars: {n: 3}\noptions: {seed: 1}\n---\nask {{n}} {{input}}\n";
const SCHEMA: &str = r##"{"type":"object","properties":{"a":{"type":["string","null"],"enum":["x",1]},"b":{"$ref":"#/$defs/c"}},"$defs":{"c":{"type":"integer"}},"required":["a"]}"##;
const STREAM: &str = "data: {\"choices\":[{\"delta\":{\"content\":\"hi\",\"reasoning\":\"r\"}}]}\n\n: c\n\n\
    data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":1}}\n\ndata: [DONE]\n\n";
const BODY: &str = r#"{"id":"g","model":"a/b","choices":[{"message":{"content":"hi"},"finish_reason":"stop"}],"usage":{"prompt_tokens":1,"completion_tokens":2,"cost":0.1}}"#;
const REFUSAL: &str =
    r#"{"error":{"code":400,"message":"no","metadata":{"raw":"x","provider_name":"p"}}}"#;
const MODELS: &str = r#"{"data":[{"id":"a/b","context_length":10,"pricing":{"prompt":"0.1"},"supported_parameters":["tools"]}]}"#;
const RETRY_AFTER: &str = "Wed, 21 Oct 2026 07:28:00 GMT";

/// What gets damaged input.
#[derive(Debug, Clone, Copy)]
enum Parser {
    Config,
    Template,
    Schema,
    Stream,
    Body,
    Refusal,
    Models,
    RetryAfter,
}

const PARSERS: [(Parser, &str); 8] = [
    (Parser::Config, CONFIG),
    (Parser::Template, TEMPLATE),
    (Parser::Schema, SCHEMA),
    (Parser::Stream, STREAM),
    (Parser::Body, BODY),
    (Parser::Refusal, REFUSAL),
    (Parser::Models, MODELS),
    (Parser::RetryAfter, RETRY_AFTER),
];

/// A specimen with a few bytes changed, removed, repeated or cut off; now and then only noise.
fn damaged(specimen: &str, random: &mut Rng) -> Vec<u8> {
    let mut bytes = specimen.as_bytes().to_vec();
    if random.u8(..) < 16 {
        return (0..random.usize(0..300)).map(|_| random.u8(..)).collect();
    }
    for _ in 0..random.usize(1..6) {
        let at = random.usize(0..bytes.len().max(1));
        let to = (at + random.usize(1..9)).min(bytes.len());
        match random.u8(0..5) {
            _ if at >= bytes.len() => {}
            0 => bytes[at] = random.u8(..),
            1 => drop(bytes.drain(at..to)),
            2 => {
                let piece = bytes[at..to].to_vec();
                bytes.splice(at..at, piece);
            }
            3 => bytes.truncate(at),
            _ => bytes[at] = *random.choice(b"{}[]\":,\\\n\0\x1b&*!|>%0-").unwrap(),
        }
    }
    bytes
}

/// One run with damaged input.
fn run(case: usize, seed: u64) {
    let (parser, specimen) = PARSERS[case % PARSERS.len()];
    let mut random = Rng::with_seed(seed.wrapping_add(case as u64));
    let input = damaged(specimen, &mut random);
    let page = |status, kind| reply::Reply {
        form: Form::Page(kind, input.clone()),
        ..reply::page(status, kind, "")
    };
    let scripted = match parser {
        Parser::Stream => page(200, "text/event-stream"),
        Parser::Body => page(200, "application/json"),
        Parser::Refusal => page(400, "application/json"),
        Parser::RetryAfter => {
            let value = String::from_utf8_lossy(&input).replace(['\r', '\n', '\0'], " ");
            reply::refusal(429, "slow down").header("retry-after", &value)
        }
        _ => reply::stream(["fine"]),
    };
    let models = page(200, "application/json");
    let double = Double::start([])
        .also(routes::chat(move |_| scripted.clone()))
        .also(routes::get("/api/v1/models", move || models.clone()));
    let mut sandbox = Sandbox::with(&double).env("AMX_MODEL", "test/plain");
    std::fs::create_dir_all(sandbox.home().join(".amx/templates")).unwrap();
    let arguments: &[&str] = match parser {
        Parser::Config => {
            sandbox = sandbox.config(&input);
            &["chat", "--timeout", "2s", "hi"]
        }
        Parser::Template => {
            sandbox = sandbox.file(".amx/templates/t.md", &input);
            &["chat", "--timeout", "2s", "--template", "t", "hi"]
        }
        Parser::Schema => {
            sandbox = sandbox.file("s.json", &input);
            &["chat", "--timeout", "2s", "--schema", "s.json", "hi"]
        }
        Parser::Models => &["models", "sync"],
        _ => &["chat", "--timeout", "2s", "hi"],
    };
    let outcome = sandbox.run(arguments);
    assert_borne(&outcome, parser, &input);
    double.take_faults();
}

#[track_caller]
fn assert_borne(outcome: &Outcome, parser: Parser, input: &[u8]) {
    let is_active = |c: char| c.is_control() && c != '\n' && c != '\t';
    assert!(
        (0..=LARGEST_CODE).contains(&outcome.code)
            && !outcome.stdout().contains(is_active)
            && !outcome.stderr().contains(is_active),
        "{parser:?} {:?}\n{outcome}",
        String::from_utf8_lossy(input)
    );
}

#[test]
fn no_input_breaks_a_parser() {
    let runs = trust::scaled(3 * PARSERS.len());
    let seed = fastrand::u64(..);
    trust::in_threads(runs, |case| run(case, seed));
    let counts = [
        ("parsers", PARSERS.len()),
        ("inputs", runs),
        ("violations", 0),
    ];
    trust::report("random inputs", &counts);
}
