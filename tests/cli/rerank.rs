//! `amx rerank`: documents by their relevance to a query.

use serde_json::{Value, json};

use crate::support::double::{Double, KEY};
use crate::support::reply;
use crate::support::sandbox::Sandbox;
use crate::support::texts::{self, reranker, scores};

const THREE: [&str; 5] = ["rerank", "query", "first", "second", "third"];

/// Index and score of each line.
fn ranked(lines: &[Value]) -> Vec<(u64, f64)> {
    let line = |line: &Value| {
        (
            line["index"].as_u64().unwrap(),
            line["score"].as_f64().unwrap(),
        )
    };
    lines.iter().map(line).collect()
}

#[test]
fn documents_are_printed_by_their_scores() {
    let double = Double::start([]).also(reranker(|request| {
        // In no order at all.
        scores(request, &[(1, 0.2), (2, 0.9), (0, 0.5)])
    }));
    let outcome = Sandbox::with(&double).run(THREE);
    outcome
        .assert_code(0)
        .assert_stderr_has("3 documents, 40 tokens, $0.002");
    let lines = outcome.json_lines();
    assert_eq!(ranked(&lines), [(2, 0.9), (0, 0.5), (1, 0.2)]);
    assert_eq!(lines[0]["text"], "third");
    assert_eq!(
        double.request().json(),
        json!({
            "model": "cohere/rerank-v3.5", "query": "query",
            "documents": ["first", "second", "third"],
        })
    );
}

#[test]
fn only_the_best_are_printed_whether_or_not_the_server_selects_them() {
    let double = Double::start([]).also(reranker(|request| {
        assert_eq!(request["top_n"], 1);
        scores(request, &[(1, 0.2), (2, 0.9), (0, 0.5)])
    }));
    let sandbox = Sandbox::with(&double);
    let outcome = sandbox.run(THREE.into_iter().chain(["--top", "1"]));
    assert_eq!(ranked(&outcome.json_lines()), [(2, 0.9)]);
    // The field is amx's own: without it amx selects them.
    let double = Double::start([]).also(reranker(|request| {
        if request.get("top_n").is_some() {
            return reply::refusal(400, "Unrecognized key: \"top_n\"");
        }
        scores(request, &[(1, 0.2), (2, 0.9), (0, 0.5)])
    }));
    let outcome = Sandbox::with(&double).run(THREE.into_iter().chain(["--top", "2"]));
    outcome.assert_code(0);
    assert_eq!(ranked(&outcome.json_lines()), [(2, 0.9), (0, 0.5)]);
}

#[test]
fn the_forms_of_other_servers_are_read() {
    let forms = [
        // Jina, and vLLM's `/v1/rerank`
        json!({"results": [
            {"index": 1, "relevance_score": 0.9}, {"index": 0, "relevance_score": 0.1},
        ]}),
        // Voyage
        json!({"object": "list", "data": [
            {"index": 0, "relevance_score": 0.1}, {"index": 1, "relevance_score": 0.9},
        ]}),
        // Text Embeddings Inference
        json!([{"index": 1, "score": 0.9}, {"index": 0, "score": 0.1}]),
    ];
    for form in forms {
        let double = Double::start([]).also(reranker(move |_| reply::json(form.clone())));
        let outcome = Sandbox::with(&double).run(["rerank", "q", "a", "b"]);
        outcome.assert_code(0).assert_stderr_has("cost unknown");
        assert_eq!(ranked(&outcome.json_lines()), [(1, 0.9), (0, 0.1)]);
    }
}

#[test]
fn a_reply_that_does_not_fit_is_an_error_beside_what_fits() {
    let double = Double::start([]).also(reranker(|request| scores(request, &[(1, 0.2)])));
    let outcome = Sandbox::with(&double).run(THREE);
    outcome
        .assert_failure(10)
        .assert_stderr_has("the reply does not score each document once")
        .assert_stderr_has("fewer scores than documents");
    assert_eq!(ranked(&outcome.json_lines()), [(1, 0.2)]);
}

#[test]
fn documents_come_from_lines_and_fields() {
    let double = Double::start([]).also(reranker(|request| {
        let count = texts::sent(request).len();
        let scored: Vec<_> = (0..count).map(|index| (index, 0.5)).collect();
        scores(request, &scored)
    }));
    let sandbox = Sandbox::with(&double).stdin("{\"body\":\"one\"}\n{\"body\":\"two\"}\n");
    let outcome = sandbox.run(["rerank", "q", "--field", "body", "--json"]);
    let object = outcome.json();
    assert_eq!(object["results"][1]["text"], "two");
    assert_eq!(
        (&object["cost_usd"], &object["usage"]["total_tokens"]),
        (&json!(0.002), &json!(40))
    );
}

#[test]
fn unusable_input_is_refused_before_anything_is_sent() {
    let sandbox = Sandbox::new().env("OPENROUTER_API_KEY", KEY);
    let cases: [(&[&str], i32, &str); 3] = [
        (&["rerank", " ", "a"], 5, "the query is empty"),
        (&["rerank", "q", ""], 5, "document 1 is empty"),
        (&["rerank", "q"], 2, "no document given"),
    ];
    for (arguments, code, words) in cases {
        sandbox
            .run(arguments)
            .assert_failure(code)
            .assert_stderr_has(words);
    }
    let many = vec!["line"; 1001].join("\n");
    let sandbox = Sandbox::new().env("OPENROUTER_API_KEY", KEY).stdin(many);
    let outcome = sandbox.run(["rerank", "q", "-"]);
    outcome
        .assert_failure(2)
        .assert_stderr_has("a request holds at most 1,000");
}

#[test]
fn the_demo_ranks_without_a_key() {
    let outcome = Sandbox::new().run(["rerank", "-p", "demo", "black cat", "tax law", "a cat"]);
    assert_eq!(ranked(&outcome.json_lines()), [(1, 0.5), (0, 0.0)]);
}
