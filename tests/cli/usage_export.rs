//! `amx usage export`: the rows of the ledger for a spreadsheet.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use crate::support::double::{Double, KEY};
use crate::support::reply;
use crate::support::sandbox::Sandbox;

const HEAD: &str = "id,at,profile,provider,requested_model,model,served_by,generation_id,status,\
    may_have_cost,prompt_tokens,completion_tokens,reasoning_tokens,cached_tokens,total_tokens,\
    cost_usd,cost_source,counted_usd,session,turn,reservation,client";

/// Two answers and a refusal.
fn spent() -> (Double, Sandbox) {
    let double = Double::start([
        reply::stream(["Hello"])
            .usage(100, 50, 0, 0.000_183_7)
            .served_by("a/b", "=cmd|'/C calc'!A0"),
        reply::stream(["Hello"]).usage(10, 20, 4, 0.25),
        reply::refusal(402, "Insufficient credits"),
    ]);
    let sandbox = Sandbox::with(&double).config(
        "llm_profiles:\n  p: {model: a/b, api_key: '${OPENROUTER_API_KEY}'}\n\
        active_llm_profile: p\n",
    );
    for code in [0, 0, 7] {
        sandbox.run(["chat", "--no-save", "hi"]).assert_code(code);
    }
    (double, sandbox)
}

#[test]
fn every_request_is_a_line_and_no_field_is_a_formula() {
    let (double, sandbox) = spent();
    let csv = sandbox.run(["usage", "export", "--csv"]);
    csv.assert_code(0);
    let stdout = csv.stdout();
    let lines: Vec<&str> = stdout.lines().collect();
    assert_eq!(lines[0], HEAD);
    assert_eq!(lines.len(), 4, "{stdout}");
    let first = &double.requests()[0].generation_id;
    let expected = format!(
        "p,openrouter,a/b,a/b,'=cmd|'/C calc'!A0,{first},ok,1,100,50,0,0,150,0.0001837,provider"
    );
    assert!(lines[1].contains(&expected), "{}", lines[1]);
    assert!(lines[3].contains(",402,0,,,,,,,"), "{}", lines[3]);
    assert!(lines[1].starts_with("1,20") && lines[1].contains("Z,p,"));
    assert!(!stdout.contains(KEY) && !stdout.contains("Hello"));
    let none = sandbox.run(["usage", "export", "--csv", "--since", "2999-01-01"]);
    none.assert_answer(&format!("{HEAD}\n"));
}

#[test]
fn a_file_is_private_complete_and_not_replaced_by_chance() {
    let (_double, sandbox) = spent();
    let path = sandbox.home().join("rows.csv");
    let words = ["usage", "export", "--csv", "--since", "all", "-o"];
    let to_file = |more: &[&str]| {
        let path = path.to_str().unwrap();
        sandbox.run(words.iter().chain(&[path]).chain(more))
    };
    let shown = format!("✓ Exported 3 requests to {}\n", path.display());
    to_file(&[]).assert_answer(&shown);
    let mode = fs::metadata(&path).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let text = fs::read_to_string(&path).unwrap();
    assert_eq!(text.lines().count(), 4);
    to_file(&[])
        .assert_failure(2)
        .assert_stderr_has("rows.csv already exists");
    assert_eq!(fs::read_to_string(&path).unwrap(), text);
    to_file(&["--force"]).assert_code(0);
    let nowhere = sandbox.run(words.iter().chain(&["no/such/rows.csv"]));
    nowhere
        .assert_failure(12)
        .assert_stderr_has("cannot be written");
}

#[test]
fn an_export_is_written_through_links_pipes_and_to_stdout() {
    let (_double, sandbox) = spent();
    let words = ["usage", "export", "--csv", "--since", "all", "-o"];
    let path = |name: &str| sandbox.home().join(name);
    let rows = |name: &str| fs::read_to_string(path(name)).unwrap().lines().count();
    fs::write(path("rows.csv"), "old").unwrap();
    std::os::unix::fs::symlink("rows.csv", path("link")).unwrap();
    sandbox
        .run(words.iter().chain(&["link", "--force"]))
        .assert_code(0);
    assert!(fs::symlink_metadata(path("link")).unwrap().is_symlink());
    assert_eq!(rows("rows.csv"), 4);
    let shown = sandbox.run(words.iter().chain(&["-"]));
    shown.assert_code(0);
    assert_eq!(
        shown.stdout(),
        fs::read_to_string(path("rows.csv")).unwrap()
    );
    assert!(!path("-").exists());
    let sandbox = sandbox.shell("mkfifo pipe; cat pipe > read & \"$@\"; code=$?; wait; exit $code");
    sandbox
        .run(words.iter().chain(&["pipe", "--force"]))
        .assert_code(0);
    assert_eq!(
        fs::read_to_string(sandbox.home().join("read"))
            .unwrap()
            .lines()
            .count(),
        4
    );
}

#[test]
fn an_export_without_a_form_is_refused_and_without_a_ledger_empty() {
    let sandbox = Sandbox::new();
    sandbox
        .run(["usage", "export"])
        .assert_failure(2)
        .assert_stderr_has("--csv");
    sandbox
        .run(["usage", "export", "--csv"])
        .assert_answer(&format!("{HEAD}\n"));
    sandbox
        .run(["usage", "--json", "export", "--csv"])
        .json_failure(2);
}
