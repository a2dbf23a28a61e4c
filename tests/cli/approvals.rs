//! What runs without a question, and the log of every call.

use serde_json::{Value, json};

use crate::support::double::{Double, KEY, Recorded};
use crate::support::reply::{self, Reply};
use crate::support::sandbox::Sandbox;

const CONFIG: &str = "\
tools:
  weather:
    description: Current weather of a town.
    command: [sh, -c, 'echo run >> runs; echo 3 degrees', sh, '{town}']
    parameters: {town: string}
  failing:
    command: [sh, -c, 'echo oops >&2; exit 3']
  free:
    command: [echo, free]
    approve: allow
";

const OSLO: &str = r#"{"town": "Oslo"}"#;

/// `sha256sum` of the same without the blank.
const OSLO_SHA256: &str = "8349ceab29de8976aa38dbb0091dd0edd0c5d8a9f6d8360c60b27681e5b50385";

fn runs(sandbox: &Sandbox) -> usize {
    let log = std::fs::read_to_string(sandbox.home().join("runs"));
    log.unwrap_or_default().lines().count()
}

fn log(sandbox: &Sandbox) -> Vec<Value> {
    let log = sandbox.run(["tools", "log", "--json"]).json();
    log.as_array().unwrap().clone()
}

#[test]
fn without_a_terminal_a_rule_decides() {
    let sandbox = Sandbox::new().config(CONFIG);
    let denied = sandbox.run(["tools", "run", "weather", OSLO]);
    denied.assert_code(11);
    assert!(
        denied.stderr().contains("stdin is not a terminal")
            && denied.stderr().contains("--allow weather"),
        "{denied}"
    );
    assert_eq!(runs(&sandbox), 0);
    let allowed = sandbox.run(["tools", "run", "weather", OSLO, "--allow", "weather"]);
    allowed.assert_code(0);
    assert_eq!(allowed.stdout(), "3 degrees\n");
    sandbox
        .run(["tools", "run", "weather", OSLO, "--allow", "we*"])
        .assert_code(0);
    sandbox.run(["tools", "run", "free"]).assert_code(0);
    assert_eq!(runs(&sandbox), 2);
}

#[test]
fn there_is_no_yes_to_everything() {
    let sandbox = Sandbox::new().config(CONFIG);
    for everything in ["*", "**", "weather,*"] {
        let refused = sandbox.run(["tools", "run", "weather", OSLO, "--allow", everything]);
        refused.assert_code(2);
        assert!(
            refused.stderr().contains("no yes to every tool"),
            "{refused}"
        );
    }
    assert_eq!(runs(&sandbox), 0);
}

#[test]
fn the_log_has_every_call_and_no_arguments() {
    let sandbox = Sandbox::new().config(CONFIG);
    sandbox
        .run(["tools", "run", "weather", OSLO])
        .assert_code(11);
    for (name, code) in [("weather", 0), ("failing", 11), ("free", 0)] {
        let arguments = if name == "weather" { OSLO } else { "{}" };
        let outcome = sandbox.run(["tools", "run", name, arguments, "--allow", name]);
        outcome.assert_code(code);
    }
    let rows = log(&sandbox);
    let by: Vec<&Value> = rows.iter().map(|row| &row["by"]).collect();
    assert_eq!(by, ["denied", "flag", "flag", "flag"]);
    let weather = &rows[1];
    let mut keys: Vec<&str> = weather
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    keys.sort_unstable();
    assert_eq!(
        keys,
        [
            "arguments_sha256",
            "by",
            "bytes",
            "decision",
            "error",
            "ms",
            "server",
            "time",
            "tool"
        ]
    );
    assert_eq!(weather["arguments_sha256"], OSLO_SHA256);
    assert_eq!(
        [&weather["bytes"], &weather["error"]],
        [&json!(10), &Value::Null]
    );
    assert!(
        rows[2]["error"].as_str().unwrap().contains('3'),
        "{}",
        rows[2]
    );
    assert_eq!(
        [&rows[0]["ms"], &rows[0]["decision"]],
        [&Value::Null, &json!("denied")]
    );
    let text = sandbox.run(["tools", "log"]);
    assert!(
        text.stdout().contains("weather") && !text.stdout().contains("Oslo"),
        "{text}"
    );
    assert_eq!(
        sandbox.run(["tools", "log", "-n", "1", "--json"]).json()[0]["tool"],
        "free"
    );
}

#[test]
fn without_its_log_no_tool_runs() {
    let sandbox = Sandbox::new().config(CONFIG);
    // A folder in the place of the database: not even root can write a log there.
    std::fs::create_dir(sandbox.home().join(".amx/amx.db")).unwrap();
    let refused = sandbox.run(["tools", "run", "weather", OSLO, "--allow", "weather"]);
    refused.assert_code(12);
    let double = Double::start([calling("weather", "a")]);
    let sandbox = sandbox.double(&double);
    let question = [
        "chat", "-m", "a/b", "--tool", "weather", "--allow", "weather", "hi",
    ];
    sandbox.run(question).assert_code(12);
    assert_eq!((runs(&sandbox), double.requests().len()), (0, 1));
}

#[test]
fn a_key_is_neither_shown_nor_logged() {
    let config = "tools:\n  say:\n    command: [sh, -c, 'echo \"$1\" >&2; exit 1', sh, '{text}']\n    \
        parameters: {text: string}\n";
    let sandbox = Sandbox::new().config(config).env("OPENROUTER_API_KEY", KEY);
    let arguments = json!({"text": KEY}).to_string();
    let outcome = sandbox.run(["tools", "run", "say", &arguments, "--allow", "say"]);
    outcome.assert_code(11);
    let logged = sandbox.run(["tools", "log", "--json"]);
    assert!(!logged.stdout().contains(KEY), "{logged}");
}

#[test]
fn without_calls_and_approvals_the_lists_are_empty() {
    let sandbox = Sandbox::new();
    for list in ["approvals", "log"] {
        let outcome = sandbox.run(["tools", list, "--json"]);
        outcome.assert_code(0);
        assert_eq!(outcome.json(), json!([]), "{list}");
    }
    let unknown = sandbox.run(["tools", "forget", "weather"]);
    unknown.assert_code(1);
    assert!(
        unknown.stderr().contains("amx tools approvals"),
        "{unknown}"
    );
}

#[test]
fn tools_are_listed_and_shown_as_they_are_sent() {
    let sandbox = Sandbox::new().config(CONFIG);
    let listed = sandbox.run(["tools", "list", "--json"]).json();
    let weather = listed
        .as_array()
        .unwrap()
        .iter()
        .find(|tool| tool["name"] == "weather")
        .unwrap();
    assert_eq!(
        [&weather["source"], &weather["approve"]],
        [&json!("command"), &json!("ask")]
    );
    let declaration = sandbox.run(["tools", "show", "weather"]).json();
    assert_eq!(declaration["function"]["name"], "weather");
    let unknown = sandbox.run(["tools", "show", "wether"]);
    unknown.assert_code(2);
    assert!(
        unknown.stderr().contains("did you mean 'weather'?"),
        "{unknown}"
    );
}

/// An answer that calls a tool.
fn calling(name: &str, id: &str) -> Reply {
    reply::stream([])
        .tool(json!({
            "index": 0, "id": id, "type": "function",
            "function": {"name": name, "arguments": OSLO},
        }))
        .finish("tool_calls")
}

#[test]
fn a_question_in_a_pipe_runs_what_a_rule_allows_and_nothing_else() {
    let double = Double::start([
        calling("weather", "a"),
        calling("weather", "b"),
        reply::stream(["Cold."]),
    ]);
    let sandbox = Sandbox::with(&double).config(CONFIG);
    let denied = sandbox.run(["chat", "-m", "a/b", "--tool", "weather", "hi"]);
    denied.assert_code(11);
    denied.assert_stderr_has("--allow weather");
    assert_eq!(runs(&sandbox), 0);
    let command = [
        "chat", "-m", "a/b", "--tool", "weather", "--allow", "weather", "hi",
    ];
    sandbox.run(command).assert_code(0).assert_stdout("Cold.\n");
    assert_eq!(runs(&sandbox), 1);
    let by: Vec<Value> = log(&sandbox).iter().map(|row| row["by"].clone()).collect();
    assert_eq!(by, ["denied", "flag"]);
}

#[test]
fn the_log_of_a_question_has_the_calls_that_nothing_decides_about() {
    let called = |id: &str, name: &str, arguments: &str| {
        json!({
            "index": 0, "id": id, "type": "function",
            "function": {"name": name, "arguments": arguments},
        })
    };
    let double = Double::start([
        reply::stream([])
            .tool(called("a", "weather", OSLO))
            .tool(called("b", "forecast", OSLO))
            .tool(called("c", "weather", r#"{"town": 5}"#))
            .tool(called("d", "weather", "{town"))
            .finish("tool_calls"),
        reply::stream(["Cold."]),
    ]);
    let sandbox = Sandbox::with(&double).config(CONFIG);
    let command = [
        "chat", "-m", "a/b", "--tool", "weather", "--allow", "weather", "hi",
    ];
    sandbox.run(command).assert_code(0).assert_stdout("Cold.\n");
    let rows = log(&sandbox);
    let decided: Vec<(&str, &str, &str)> = rows
        .iter()
        .map(|row| {
            let text = |name: &str| row[name].as_str().unwrap_or_default();
            let error = text("error").split([':', ';']).nth(1).unwrap_or_default();
            (text("tool"), text("by"), error.trim())
        })
        .collect();
    // What ran is what the tool itself has noted, once.
    assert_eq!(runs(&sandbox), 1);
    assert_eq!(decided.iter().filter(|(_, by, _)| *by == "flag").count(), 1);
    assert_eq!(rows.len(), 4, "{rows:?}");
    let forecast = decided.iter().find(|(tool, ..)| *tool == "forecast");
    let why = "there is no tool 'forecast'";
    assert_eq!(forecast, Some(&("forecast", "denied", why)));
    let hashes: Vec<&Value> = rows
        .iter()
        .filter(|row| row["arguments_sha256"] == OSLO_SHA256)
        .map(|row| &row["tool"])
        .collect();
    assert_eq!(hashes, ["forecast", "weather"]);
}

#[test]
fn a_rule_for_no_tool_is_refused_and_a_pattern_for_none_is_a_warning() {
    let double = Double::start([reply::stream(["Hi."])]);
    let sandbox = Sandbox::with(&double).config(CONFIG);
    let ask = |rule| {
        sandbox.run([
            "chat", "-m", "a/b", "--tool", "weather", "--allow", rule, "hi",
        ])
    };
    let refused = ask("wether");
    refused.assert_code(2);
    refused.assert_stderr_has("--allow names tool 'wether', which this question does not have");
    refused.assert_stderr_has("did you mean weather?");
    ask("failing").assert_code(2);
    let warned = ask("git*");
    warned.assert_code(0);
    warned.assert_stderr_has("warning: no tool matches 'git*' of --allow");
    assert_eq!(double.requests().len(), 1);
}

#[test]
fn a_rule_beside_no_tool_is_refused_before_anything_is_sent() {
    let double = Double::start([reply::stream(["Hi."])]);
    let sandbox = Sandbox::with(&double).config(CONFIG);
    let ask = |rule| sandbox.run(["chat", "-m", "a/b", "--allow", rule, "hi"]);
    let refused = ask("weather");
    refused.assert_code(2);
    refused.assert_stderr_has("--allow names tool 'weather', which this question does not have");
    refused.assert_stderr_has("--tool weather");
    assert_eq!(double.requests().len(), 0);
    let warned = ask("git*");
    warned.assert_code(0);
    warned.assert_stderr_has("warning: no tool matches 'git*' of --allow");
}

#[test]
fn functions_of_the_body_are_refused_beside_named_tools() {
    let double = Double::start([reply::stream(["Hi."]), reply::stream(["Hi."])]);
    let config = format!(
        "llm_profiles:\n  p:\n    provider: openrouter\n    model: a/b\n    tools: [weather]\n\
        active_llm_profile: p\n{CONFIG}"
    );
    let sandbox = Sandbox::with(&double).config(config);
    let raw =
        r#"tools=[{"type":"function","function":{"name":"f","parameters":{"type":"object"}}}]"#;
    for flags in [&["--tool", "free"][..], &[]] {
        let words = ["chat", "-o", raw, "hi"];
        let refused = sandbox.run(words.iter().chain(flags).copied());
        refused.assert_code(2);
        refused.assert_stderr_has("function 'f' of tools=[…] is not run");
        refused.assert_stderr_has("--no-tools");
    }
    assert_eq!(double.requests().len(), 0);
    sandbox
        .run(["chat", "-o", raw, "--no-tools", "hi"])
        .assert_code(0);
    // A tool of the provider is no function, and goes with the named ones.
    let search = r#"tools=[{"type":"openrouter:web_search"}]"#;
    sandbox.run(["chat", "-o", search, "hi"]).assert_code(0);
    let bodies: Vec<Value> = double.requests().iter().map(Recorded::json).collect();
    let types = |body: &Value| -> Vec<String> {
        let tools = body["tools"].as_array().unwrap().iter();
        tools
            .map(|tool| tool["type"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(types(&bodies[0]), ["function"]);
    assert_eq!(types(&bodies[1]), ["function", "openrouter:web_search"]);
}

#[test]
fn tools_of_a_profile_that_are_not_called_are_named() {
    let double = Double::start([reply::stream(["A."]), reply::stream(["B."])]);
    let config = format!(
        "llm_profiles:\n  p:\n    provider: openrouter\n    model: a/b\n    tools: [weather]\n  \
        q:\n    provider: openrouter\n    model: c/d\nactive_llm_profile: p\n{CONFIG}"
    );
    let sandbox = Sandbox::with(&double).config(config);
    let warning = "warning: profile 'p' has tools (weather); several answers are asked for \
        without them";
    let alternatives = sandbox.run(["chat", "--alternatives", "2", "hi"]);
    alternatives.assert_code(0);
    assert_eq!(alternatives.lines_starting(warning), 1, "{alternatives}");
    let double = Double::start([reply::stream(["A."]), reply::stream(["B."])]);
    let sandbox = sandbox.double(&double);
    let compared = sandbox.run(["compare", "-p", "p", "-p", "q", "hi"]);
    compared.assert_code(0);
    compared.assert_stderr_has(warning);
}

#[test]
fn flags_are_refused_where_no_tool_is_called() {
    let sandbox = Sandbox::new().env("OPENROUTER_API_KEY", KEY);
    for command in [
        &["compare", "-m", "a/b", "-m", "c/d", "hi"][..],
        &["chat", "-m", "a/b", "--alternatives", "2", "hi"],
        &["chat", "-m", "a/b", "-e", "hi"],
    ] {
        for flag in ["--tool", "--allow", "--root"] {
            let words = command.iter().copied().chain([flag, "weather"]);
            let refused = sandbox.run(words);
            refused.assert_code(2);
            refused.assert_stderr_has(&format!("{flag} has no effect here"));
        }
    }
    let everything = sandbox.run(["chat", "-m", "a/b", "--allow", "*", "hi"]);
    everything.assert_code(2);
}
