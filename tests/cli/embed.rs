//! `amx embed`: a vector of each text, in the order of the texts, and none that was paid for is
//! lost.

use rusqlite::Connection;
use serde_json::{Value, json};

use crate::support::double::{Double, KEY, Recorded};
use crate::support::gate::Gate;
use crate::support::sandbox::Sandbox;
use crate::support::texts::{self, embedder, embeddings, encoded, items, vector_of, vectors};
use crate::support::{reply, routes};

/// The vectors of the lines of an output, by index.
fn embedded(lines: &[Value]) -> Vec<(u64, Vec<f64>)> {
    let values = |line: &Value| {
        let list = line["embedding"].as_array().unwrap();
        list.iter().map(|value| value.as_f64().unwrap()).collect()
    };
    lines
        .iter()
        .map(|line| (line["index"].as_u64().unwrap(), values(line)))
        .collect()
}

/// What JSON has for the vector of a text: the shortest number that is the same in 32 bits.
fn expected(index: u64, text: &str) -> (u64, Vec<f64>) {
    let values = vector_of(text).into_iter();
    (
        index,
        values
            .map(|value| value.to_string().parse().unwrap())
            .collect(),
    )
}

/// A sandbox with a profile, where a ledger is kept.
fn kept(double: &Double) -> Sandbox {
    let config = format!(
        "llm_profiles:\n  default:\n    provider: openrouter\n    base_url: {}\n",
        double.base_url()
    );
    Sandbox::new().config(config).env("OPENROUTER_API_KEY", KEY)
}

/// The costs in the ledger, one a request.
fn costs(sandbox: &Sandbox) -> Vec<Option<f64>> {
    let database = Connection::open(sandbox.home().join(".amx/amx.db")).unwrap();
    let mut statement = database
        .prepare("SELECT cost_usd FROM ledger ORDER BY id")
        .unwrap();
    let rows = statement.query_map([], |row| row.get(0)).unwrap();
    rows.map(Result::unwrap).collect()
}

#[test]
fn each_text_has_a_line_with_its_vector() {
    let double = Double::start([]).also(embedder());
    let outcome = Sandbox::with(&double).run(["embed", "first", "second one"]);
    outcome
        .assert_code(0)
        .assert_stderr_has("2 vectors, 3 dimensions, 20 tokens, $0.002");
    let lines = outcome.json_lines();
    assert_eq!(
        embedded(&lines),
        [expected(0, "first"), expected(1, "second one")]
    );
    assert!(lines[0].get("input").is_none());
    let dashed = Sandbox::with(&Double::start([]).also(embedder())).run([
        "embed",
        "first",
        "second one",
        "-o",
        "-",
    ]);
    assert_eq!(dashed.stdout(), outcome.stdout());
    // The model for vectors, and not the one for chats; numbers as bytes.
    assert_eq!(
        double.request().json(),
        json!({
            "model": "openai/text-embedding-3-small", "input": ["first", "second one"],
            "encoding_format": "base64",
        })
    );
}

#[test]
fn texts_come_from_arguments_files_and_lines() {
    let double = Double::start([]).also(embedder());
    let sandbox = Sandbox::with(&double)
        .file("whole.md", "a\nfile\n")
        .file("rows.jsonl", "{\"t\":\"row one\"}\n{\"t\":\"row two\"}\n");
    let arguments = ["embed", "word", "-f", "whole.md", "--lines", "rows.jsonl"];
    let outcome = sandbox.run(
        arguments
            .into_iter()
            .chain(["--field", "t", "--with-input"]),
    );
    outcome.assert_code(0);
    let inputs: Vec<Value> = outcome
        .json_lines()
        .iter()
        .map(|line| line["input"].clone())
        .collect();
    assert_eq!(inputs, ["word", "a\nfile\n", "row one", "row two"]);
    let outcome = Sandbox::with(&double).stdin("one\ntwo\n").run(["embed"]);
    assert_eq!(
        embedded(&outcome.json_lines()),
        [expected(0, "one"), expected(1, "two")]
    );
}

#[test]
fn many_texts_are_cut_into_requests_and_stay_in_order() {
    let gate = Gate::default();
    let waits = gate.clone();
    // The second request is answered after the third.
    let double = Double::start([]).also(embeddings(move |request| {
        let reply = vectors(request, &items(request));
        match texts::sent(request)[0].as_str() {
            "t3" => reply.gate_after(0, &waits),
            "t6" => {
                waits.open();
                reply
            }
            _ => reply,
        }
    }));
    let input: Vec<String> = (0..8).map(|number| format!("t{number}")).collect();
    let sandbox = kept(&double).stdin(input.join("\n"));
    let outcome = sandbox.run(["embed", "--batch-size", "3", "-"]);
    outcome.assert_code(0);
    let wanted: Vec<_> = (0..8)
        .map(|number| expected(number, &format!("t{number}")))
        .collect();
    assert_eq!(embedded(&outcome.json_lines()), wanted);
    let requests = double.requests();
    let mut sizes: Vec<usize> = requests
        .iter()
        .map(|request| texts::sent(&request.json()).len())
        .collect();
    sizes.sort_unstable();
    assert_eq!(sizes, [2, 3, 3]);
    // Each request is a row, in the order in which they were sent.
    let sum: f64 = costs(&sandbox).into_iter().flatten().sum();
    assert!((sum - 0.008).abs() < 1e-9, "{sum}");
}

#[test]
fn vectors_go_to_the_index_that_the_reply_names() {
    let double = Double::start([]).also(embeddings(|request| {
        let mut items = items(request);
        items.reverse();
        vectors(request, &items)
    }));
    let outcome = Sandbox::with(&double).run(["embed", "a", "bb", "ccc"]);
    let wanted = [expected(0, "a"), expected(1, "bb"), expected(2, "ccc")];
    assert_eq!(embedded(&outcome.json_lines()), wanted);
}

#[test]
fn a_server_that_refuses_bytes_is_asked_for_numbers() {
    let double = Double::start([]).also(embeddings(|request| {
        if request["encoding_format"] == "base64" {
            return reply::refusal(400, "encoding_format base64 is not supported");
        }
        vectors(request, &items(request))
    }));
    let sandbox = kept(&double);
    let outcome = sandbox.run(["embed", "--batch-size", "1", "a", "bb", "ccc"]);
    outcome
        .assert_code(0)
        .assert_stderr_has("does not accept encoding_format");
    assert_eq!(outcome.json_lines().len(), 3);
    // Refused once, and remembered.
    assert_eq!(double.requests().len(), 4);
    sandbox.run(["embed", "a"]).assert_code(0);
    assert_eq!(double.requests().len(), 5);
    // A server may also ignore the field.
    let double = Double::start([]).also(embeddings(|request| {
        let numbers = json!({"input": request["input"]});
        vectors(request, &items(&numbers))
    }));
    let outcome = Sandbox::with(&double).run(["embed", "a"]);
    assert_eq!(embedded(&outcome.json_lines()), [expected(0, "a")]);
}

#[test]
fn a_request_that_is_too_large_is_halved() {
    let double = Double::start([]).also(embeddings(|request| {
        if texts::sent(request).len() > 2 {
            return reply::refusal(400, "at most 2 requests can be in one batch");
        }
        vectors(request, &items(request))
    }));
    let outcome = Sandbox::with(&double).run(["embed", "a", "b", "c", "d", "e"]);
    outcome
        .assert_code(0)
        .assert_stderr_has("5 texts were too much for one request");
    let indices: Vec<u64> = embedded(&outcome.json_lines())
        .into_iter()
        .map(|(index, _)| index)
        .collect();
    assert_eq!(indices, [0, 1, 2, 3, 4]);
}

#[test]
fn what_arrived_before_a_failure_is_written() {
    let double = Double::start([]).also(embeddings(|request| {
        if texts::sent(request)[0] == "bad" {
            return reply::refusal(400, "input is not allowed");
        }
        vectors(request, &items(request))
    }));
    let sandbox = Sandbox::with(&double);
    let outcome = sandbox.run([
        "embed",
        "--batch-size",
        "1",
        "--concurrency",
        "1",
        "ok",
        "bad",
        "z",
    ]);
    outcome
        .assert_failure(13)
        .assert_stderr_has("1 of 3 texts have a vector; text 2: ")
        .assert_stderr_has("input is not allowed");
    assert_eq!(embedded(&outcome.json_lines()), [expected(0, "ok")]);
    assert_eq!(double.requests().len(), 2);
    let flags = ["embed", "--batch-size", "1", "ok", "bad", "-o", "v.jsonl"];
    sandbox
        .run(flags)
        .assert_failure(13)
        .assert_stderr_has("v.jsonl.partial");
    let file = std::fs::read_to_string(sandbox.home().join("v.jsonl.partial")).unwrap();
    assert_eq!(file.lines().count(), 1);
}

#[test]
fn a_text_without_one_usable_vector_is_named() {
    type Spoil = fn(&Value, &mut Vec<Value>);
    let cases: [(Spoil, &str); 4] = [
        (
            |_, items| drop(items.remove(1)),
            "text 2: no vector in the reply",
        ),
        (
            |_, items| items[1]["index"] = json!(0),
            "text 1: two different vectors",
        ),
        (
            |request, items| items[1]["embedding"] = encoded(request, &[1.0, f32::NAN, 1.0]),
            "text 2: a vector with a value that is no finite number",
        ),
        (
            |request, items| items[1]["embedding"] = encoded(request, &[1.0]),
            "text 2: 1 dimension, where the first vector has 3",
        ),
    ];
    for (spoil, words) in cases {
        let double = Double::start([]).also(embeddings(move |request| {
            let mut items = items(request);
            spoil(request, &mut items);
            vectors(request, &items)
        }));
        let outcome = Sandbox::with(&double).run(["embed", "one", "two", "three"]);
        outcome.assert_failure(13).assert_stderr_has(words);
        // The others are paid for, and written.
        let found = embedded(&outcome.json_lines());
        assert!(found.contains(&expected(2, "three")), "{outcome}");
    }
}

#[test]
fn a_numpy_file_has_a_row_for_each_text() {
    let double = Double::start([]).also(embeddings(|request| {
        let mut items = items(request);
        items.retain(|item| item["index"] != 1);
        vectors(request, &items)
    }));
    let sandbox = Sandbox::with(&double);
    let outcome = sandbox.run(["embed", "one", "gone", "three", "-o", "v.npy"]);
    outcome.assert_failure(13).assert_stdout("");
    let bytes = std::fs::read(sandbox.home().join("v.npy.partial")).unwrap();
    let (header, data) = bytes.split_at(128);
    let header = String::from_utf8_lossy(header);
    assert!(header.contains("'shape': (3, 3)"), "{header}");
    let floats: Vec<f32> = data
        .as_chunks::<4>()
        .0
        .iter()
        .map(|bytes| f32::from_le_bytes(*bytes))
        .collect();
    assert_eq!(floats[..3], vector_of("one"));
    assert!(floats[3..6].iter().all(|value| value.is_nan()));
    assert_eq!(floats[6..], vector_of("three"));
}

#[test]
fn unusable_input_is_refused_before_anything_is_sent() {
    let sandbox = Sandbox::new()
        .env("OPENROUTER_API_KEY", KEY)
        .file("bad.txt", b"ab\xff")
        .file("rows.jsonl", "{\"text\":\"x\"}\n");
    let cases: [(&[&str], i32, &str); 8] = [
        (&["embed", "a", " "], 5, "text 2 is empty"),
        (
            &["embed", "-f", "bad.txt"],
            5,
            "bad.txt is not UTF-8 text (byte 2)",
        ),
        (&["embed", "-f", "bad.txt"], 5, "hint: iconv -f LATIN1"),
        (&["embed", "--lines", "gone.txt"], 5, "gone.txt"),
        (
            &["embed", "--lines", "rows.jsonl", "--field", "body"],
            5,
            "its fields: text",
        ),
        (&["embed"], 2, "no text given"),
        (
            &["embed", "a", "--format", "npy"],
            2,
            "--format npy needs a file",
        ),
        (&["embed", "a", "--dimensions", "0"], 2, "--dimensions"),
    ];
    for (arguments, code, words) in cases {
        sandbox
            .run(arguments)
            .assert_failure(code)
            .assert_stderr_has(words);
    }
}

#[test]
fn a_provider_without_embeddings_is_refused_in_words() {
    let sandbox = Sandbox::new().config(
        "llm_profiles:\n  claude:\n    provider: anthropic\n    model: claude-sonnet-4-5\n    \
            api_key: sk-ant-none\n",
    );
    for verb in ["embed", "rerank"] {
        let outcome = sandbox.run([verb, "-p", "claude", "a", "b"]);
        outcome
            .assert_failure(2)
            .assert_stderr_has("provider anthropic has no");
    }
}

#[test]
fn a_cap_holds_for_all_requests_together() {
    let double = Double::start([]);
    let config = format!(
        "llm_profiles:\n  capped:\n    provider: openrouter\n    base_url: {}\n    \
        model: a/embed\n    \
        price: {{input: 1000, output: 0}}\n",
        double.base_url()
    );
    let sandbox = Sandbox::new()
        .config(&config)
        .env("OPENROUTER_API_KEY", KEY);
    let flags = ["embed", "-p", "capped", "--max-cost", "0.01"];
    let outcome = sandbox.run(
        flags
            .into_iter()
            .chain(["a text of some length", "another"]),
    );
    outcome
        .assert_failure(14)
        .assert_stderr_has("the request could cost $0.04");
    assert!(double.requests().is_empty());
    double.learn(embedder());
    let flags = ["embed", "-p", "capped", "--max-cost", "1", "a text"];
    sandbox.run(flags).assert_code(0);
    assert_eq!(double.request().json()["model"], "a/embed");
}

#[test]
fn the_price_under_a_cap_comes_from_the_list_of_embedding_models() {
    let double = Double::start([])
        .also(embedder())
        .also(routes::models())
        .also(texts::embedding_models("a/embed", "0.00002"));
    let sandbox = Sandbox::with(&double);
    let capped =
        |model: &str, cap: &str| sandbox.run(["embed", "-m", model, "--max-cost", cap, "a text"]);
    capped("a/embed", "0.01").assert_code(0);
    capped("a/embed", "0.0001")
        .assert_failure(14)
        .assert_stderr_has("the request could cost $0.00044, more than the cap of $0.0001");
    capped("a/other-embed", "0.01")
        .assert_failure(14)
        .assert_stderr_has("the price of a/other-embed is unknown")
        .assert_stderr_has("hint: check the model ID: the provider does not list a/other-embed")
        .assert_stderr_has("hint: set price: {input: USD")
        .assert_stderr_lacks("models sync");
    let sent = double.requests().into_iter();
    assert_eq!(
        sent.filter(|request| request.request.path == texts::EMBEDDINGS)
            .count(),
        1
    );
}

#[test]
fn dimensions_that_a_server_ignores_are_an_error() {
    let double = Double::start([]).also(embedder());
    let outcome = Sandbox::with(&double).run(["embed", "--dimensions", "256", "a"]);
    outcome
        .assert_failure(13)
        .assert_stderr_has("--dimensions 256 was ignored: the vectors have 3 dimensions");
    assert_eq!(embedded(&outcome.json_lines()), [expected(0, "a")]);
    assert_eq!(double.request().json()["dimensions"], 256);
}

#[test]
fn the_whole_output_is_one_object() {
    let double = Double::start([]).also(embedder());
    let outcome = Sandbox::with(&double).run(["embed", "--json", "a", "bb"]);
    let object = outcome.json();
    assert_eq!(object["dimensions"], 3);
    assert_eq!(object["cost_usd"], 0.002);
    assert_eq!(object["usage"]["prompt_tokens"], 20);
    assert_eq!(
        embedded(object["data"].as_array().unwrap())[1],
        expected(1, "bb")
    );
    // A count that was not reported is unknown, and not zero.
    let double = Double::start([]).also(embeddings(|request| {
        reply::json(json!({"data": items(request)}))
    }));
    let object = Sandbox::with(&double).run(["embed", "--json", "a"]).json();
    assert_eq!(
        (&object["usage"], &object["cost_usd"]),
        (&Value::Null, &Value::Null)
    );
}

#[test]
fn attempts_are_repeated_as_for_answers() {
    let mut refusals = 2;
    let double = Double::start([]).also(embeddings(move |request| {
        refusals -= 1;
        if refusals >= 0 {
            return reply::refusal(503, "overloaded").header("retry-after", "0");
        }
        vectors(request, &items(request))
    }));
    let sandbox = kept(&double);
    sandbox.run(["embed", "a"]).assert_code(0);
    assert_eq!(costs(&sandbox), [None, None, Some(0.001)]);
}

#[test]
fn the_demo_embeds_without_a_key() {
    let sandbox = Sandbox::new();
    let flags = ["embed", "-p", "demo", "--dimensions", "8", "same", "same"];
    let outcome = sandbox.run(flags);
    outcome.assert_code(0);
    let lines = embedded(&outcome.json_lines());
    assert_eq!((lines[0].1.len(), &lines[0].1), (8, &lines[1].1));
    let outcome = sandbox.run(["embed", "-p", "demo", "--dry-run", "a"]);
    outcome
        .assert_code(0)
        .assert_stderr_has("1 text, 1 request, about 1 token");
    assert_eq!(outcome.json()["input"], json!(["a"]));
}

#[test]
fn rows_of_a_batch_ask_for_vectors_by_their_url() {
    let double = Double::start([reply::whole("Hello").only_for("a/chat")]).also(embedder());
    let line = |id: &str, url: &str, body: Value| {
        json!({"custom_id": id, "method": "POST", "url": url, "body": body}).to_string()
    };
    let chat = json!({"model": "a/chat", "messages": [{"role": "user", "content": "Hi"}]});
    let rows = [
        line(
            "one",
            "/v1/embeddings",
            json!({"model": "a/vector", "input": "first"}),
        ),
        line(
            "two",
            "/v1/embeddings",
            json!({"model": "a/vector", "input": ["x", "yy"]}),
        ),
        line("chat", "/v1/chat/completions", chat),
    ];
    let sandbox = kept(&double).file("rows.jsonl", rows.join("\n"));
    let flags = ["batch", "rows.jsonl", "-o", "out.jsonl", "--order", "input"];
    sandbox.run(flags).assert_code(0);
    let output = std::fs::read_to_string(sandbox.home().join("out.jsonl")).unwrap();
    let lines: Vec<Value> = output
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let numbers = |text: &str| json!(expected(0, text).1);
    assert_eq!(lines[0]["structured"], numbers("first"));
    assert_eq!(lines[1]["structured"], json!([numbers("x"), numbers("yy")]));
    assert_eq!(lines[2]["content"], "Hello");
    let asked = double.requests();
    let first = asked
        .iter()
        .map(Recorded::json)
        .find(|body| body["input"] == "first");
    // The body as the row has it.
    assert_eq!(first, Some(json!({"model": "a/vector", "input": "first"})));
    // A form of its own, for a program of OpenAI's batches.
    let flags = [
        "batch",
        "rows.jsonl",
        "-o",
        "again.jsonl",
        "--as",
        "openai",
        "--limit",
        "1",
    ];
    sandbox.run(flags).assert_code(0);
    let output = std::fs::read_to_string(sandbox.home().join("again.jsonl")).unwrap();
    let line: Value = serde_json::from_str(&output).unwrap();
    // As the server wrote it.
    let vector = encoded(&Value::Null, &vector_of("first"));
    assert_eq!(line["response"]["body"]["data"][0]["embedding"], vector);
}

#[test]
fn ctrl_c_ends_the_requests_and_keeps_what_arrived() {
    let gate = Gate::default();
    let waits = gate.clone();
    let double = Double::start([]).also(embeddings(move |request| {
        let reply = vectors(request, &items(request));
        match texts::sent(request)[0].as_str() {
            "second" => reply.gate_after(0, &waits),
            _ => reply,
        }
    }));
    let sandbox = kept(&double);
    let running = sandbox.spawn([
        "embed",
        "--batch-size",
        "1",
        "first",
        "second",
        "-o",
        "v.jsonl",
    ]);
    double.wait_for_requests(2);
    running.signal("INT");
    let outcome = running.wait();
    outcome.assert_code(130);
    gate.open();
    let file = std::fs::read_to_string(sandbox.home().join("v.jsonl.partial")).unwrap();
    let line: Value = serde_json::from_str(&file).unwrap();
    assert_eq!(embedded(&[line]), [expected(0, "first")]);
    // The cost of the request that was stopped is unknown.
    assert_eq!(costs(&sandbox), [Some(0.001), None]);
}

#[test]
fn a_reader_that_left_ends_the_command_quietly() {
    let double = Double::start([]).also(embedder());
    let outcome = Sandbox::with(&double).run_into_closed_pipe(["embed", "a"]);
    outcome.assert_code(141).assert_stderr_lacks("error");
}

#[test]
fn a_recording_replays_the_vectors() {
    let double = Double::start([]).also(embedder());
    let sandbox = Sandbox::with(&double);
    let flags = ["embed", "--batch-size", "1", "a", "bb"];
    let recorded = sandbox.run(flags.into_iter().chain(["--record", "run.jsonl"]));
    recorded.assert_code(0);
    let replayed = sandbox.run(flags.into_iter().chain(["--replay", "run.jsonl"]));
    replayed.assert_code(0).assert_stdout(&recorded.stdout());
    assert_eq!(double.requests().len(), 2);
}

#[test]
fn the_model_is_that_of_the_flag_the_profile_or_the_provider() {
    let double = Double::start([]).also(embedder());
    let config = format!(
        "model_aliases: [{{pattern: short, replacement: openai/text-embedding-3-large}}]\n\
        llm_profiles:\n  default:\n    \
        provider: openrouter\n    base_url: {}\n    model: a/chat\n    \
        embedding_model: a/own\n    temperature: 0.2\n    \
        openrouter: {{provider: {{sort: price}}}}\n",
        double.base_url()
    );
    let sandbox = Sandbox::new().config(config).env("OPENROUTER_API_KEY", KEY);
    let asked = |flags: &[&str]| {
        sandbox
            .run(["embed", "a"].iter().chain(flags))
            .assert_code(0);
        double.requests().last().unwrap().json()
    };
    // Of the options of the profile, only those that are about the request.
    assert_eq!(
        asked(&[]),
        json!({
            "model": "a/own", "input": ["a"], "encoding_format": "base64",
            "provider": {"sort": "price"},
        })
    );
    assert_eq!(
        asked(&["-m", "short"])["model"],
        "openai/text-embedding-3-large"
    );
    assert_eq!(
        asked(&["--option", "input_type=query"])["input_type"],
        "query"
    );
}

#[test]
fn a_reply_without_vectors_is_unusable() {
    let replies = [
        json!({"data": []}),
        json!({"object": "list"}),
        json!({"choices": []}),
    ];
    for body in replies {
        let double = Double::start([]).also(embeddings(move |_| reply::json(body.clone())));
        let outcome = Sandbox::with(&double).run(["embed", "a"]);
        outcome
            .assert_failure(7)
            .assert_stderr_has("no vectors")
            .assert_stdout("");
    }
}
