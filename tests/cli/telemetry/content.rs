//! Texts leave with `content: true` only, and never with a key in them.

use serde_json::{Value, json};

use crate::support::collector::{Collector, attributes};
use crate::support::double::Double;
use crate::support::reply::{self, Reply};
use crate::support::sandbox::Sandbox;

/// Words that mark the texts of a question, an answer and a call.
const MARKED: &[&str] = &["quokka", "narwhal", "ocelot", "tapir", "gecko", "lemur"];

/// A key that is part of the texts.
const SECRET: &str = "sk-or-v1-0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

fn calling() -> Reply {
    let arguments = json!({"text": "ocelot"}).to_string();
    let function = json!({"name": "echo", "arguments": arguments});
    let call = json!({"index": 0, "id": "call_1", "type": "function", "function": function});
    reply::stream(["lemur"]).finish("tool_calls").tool(call)
}

/// One answer with a call, whose texts are all marked. Returns every byte that was sent.
fn sent(content: &str) -> (Collector, String) {
    let double = Double::start([
        calling(),
        reply::stream(["narwhal ", SECRET]),
        reply::refusal(400, "gecko is not a word"),
    ]);
    let collector = Collector::start();
    let config = format!(
        "{}tools:\n  echo: {{command: [./tapir, '{{text}}'], parameters: {{text: string}}, \
        approve: allow}}\nllm_profiles:\n  work: {{model: a/b, tools: [echo], system: \
        \"be a gecko\"}}\nactive_llm_profile: work\n",
        collector.config(content)
    );
    let sandbox = Sandbox::with(&double)
        .config(config)
        .script("tapir", "printf 'tapir %s' \"$1\"");
    sandbox
        .run(["chat", &format!("quokka {SECRET}")])
        .assert_code(0);
    sandbox.run(["chat", "quokka"]).assert_failure(7);
    let requests = collector.requests();
    let bodies = requests
        .iter()
        .map(|request| String::from_utf8_lossy(&request.body).into_owned());
    let text = bodies.collect();
    (collector, text)
}

#[test]
fn no_text_leaves_without_content() {
    let (_collector, text) = sent("");
    for word in MARKED {
        assert!(!text.contains(word), "{word} is in {text}");
    }
    assert!(text.contains("execute_tool echo"), "{text}");
}

#[test]
fn texts_leave_with_content_and_without_keys() {
    let (collector, text) = sent("  content: true\n");
    for word in MARKED {
        assert!(text.contains(word), "{word} is not in {text}");
    }
    assert!(!text.contains("0123456789abcdef"), "{text}");
    let spans = collector.spans();
    let of = |span: &Value, name: &str| -> Value {
        serde_json::from_str(attributes(span)[name].as_str().unwrap()).unwrap()
    };
    let last = &spans[3];
    assert_eq!(last["name"], "chat a/b");
    let input = of(last, "gen_ai.input.messages");
    assert_eq!(input[0]["parts"][0]["content"], "quokka [redacted]");
    assert_eq!(input[1]["parts"][1]["name"], "echo");
    assert_eq!(input[2]["parts"][0]["response"], "tapir ocelot");
    let output = of(last, "gen_ai.output.messages");
    assert_eq!(output[0]["parts"][0]["content"], "narwhal [redacted]");
    assert_eq!(output[0]["finish_reason"], "stop");
    assert_eq!(
        of(last, "gen_ai.system_instructions")[0]["content"],
        "be a gecko"
    );
    let tool = attributes(&spans[2]);
    assert_eq!(tool["gen_ai.tool.call.arguments"], r#"{"text":"ocelot"}"#);
    assert_eq!(tool["gen_ai.tool.call.result"], "tapir ocelot");
}

#[test]
fn a_variable_takes_the_texts_away_and_adds_none() {
    const VARIABLE: &str = "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT";
    for (content, value) in [("  content: true\n", "false"), ("", "true")] {
        let (double, collector) = (
            Double::start([reply::stream(["narwhal"])]),
            Collector::start(),
        );
        let sandbox = Sandbox::with(&double)
            .config(collector.config(content))
            .env(VARIABLE, value);
        sandbox.run(["chat", "quokka"]).assert_answer("narwhal\n");
        let spans = json!(collector.spans()).to_string();
        assert!(
            !spans.contains("quokka") && !spans.contains("narwhal"),
            "{spans}"
        );
    }
}

#[test]
fn a_long_text_is_cut_with_a_mark() {
    let (double, collector) = (Double::start([reply::stream(["ok"])]), Collector::start());
    let sandbox = Sandbox::with(&double)
        .config(collector.config("  content: true\n"))
        .stdin("word ".repeat(40_000));
    sandbox.run(["chat"]).assert_code(0);
    let chat = &collector.spans()[1];
    let input = attributes(chat)["gen_ai.input.messages"]
        .as_str()
        .unwrap()
        .to_owned();
    assert!(
        input.len() <= 64 * 1024 && input.len() > 60_000,
        "{}",
        input.len()
    );
    assert!(input.contains("bytes omitted]"));
}
