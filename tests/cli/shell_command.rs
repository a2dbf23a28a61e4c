//! `-e` without a terminal: the bare command on stdout, one request, and nothing is run.

use serde_json::{Value, json};

use crate::support::double::Double;
use crate::support::reply;
use crate::support::routes;
use crate::support::sandbox::Sandbox;

const FENCED: &str = "```bash\nfind . -size +1G\n```\n\nLists files over 1 GB.\nRisk: low";

fn structured(command: &str, risk: &str) -> String {
    json!({"command": command, "explanation": "Does it.", "risk": risk}).to_string()
}

fn sandbox(double: &Double) -> Sandbox {
    Sandbox::with(double).env("SHELL", "/bin/zsh")
}

fn system(request: &Value) -> String {
    request["messages"][0]["content"].to_string()
}

#[test]
fn the_bare_command_is_printed_and_not_run() {
    for answer in [
        structured("touch made-by-it", "low"),
        "```sh\ntouch made-by-it\n```\nMakes a file.\nRisk: low".to_owned(),
        "`touch made-by-it`".to_owned(),
    ] {
        let double = Double::start([reply::stream([answer.as_str()])]);
        let sandbox = sandbox(&double);
        let outcome = sandbox.run(["chat", "-e", "make a file"]);
        outcome.assert_answer("touch made-by-it\n");
        assert_eq!(double.requests().len(), 1);
        assert!(!sandbox.home().join("made-by-it").exists());
    }
}

#[test]
fn the_model_is_asked_by_schema_for_this_shell() {
    let double = Double::start([reply::stream([structured("ls", "low").as_str()])]);
    let outcome = sandbox(&double).run(["chat", "-e", "list", "files"]);
    outcome.assert_answer("ls\n");
    let body = double.request().json();
    let schema = &body["response_format"]["json_schema"];
    assert_eq!(schema["name"], "shell_command");
    assert_eq!(
        schema["schema"]["required"],
        json!(["command", "explanation", "risk"])
    );
    assert!(system(&body).contains("Shell: zsh. System: "), "{body}");
    assert_eq!(body["messages"][1]["content"], "list files");
}

#[test]
fn the_shell_can_be_chosen_and_the_system_prompt_is_kept() {
    let double = Double::start([reply::stream([FENCED])]);
    let words = [
        "chat",
        "-e",
        "--shell",
        "fish",
        "-s",
        "Answer in German.",
        "find them",
    ];
    sandbox(&double)
        .run(words)
        .assert_answer("find . -size +1G\n");
    let body = double.request().json();
    assert!(system(&body).contains("Shell: fish."), "{body}");
    assert!(system(&body).contains("Answer in German."), "{body}");
}

#[test]
fn piped_text_belongs_to_the_request() {
    let double = Double::start([reply::stream([FENCED])]);
    sandbox(&double)
        .stdin("error: disk full\n")
        .run(["chat", "-e", "fix this"])
        .assert_answer("find . -size +1G\n");
    let asked = double.request().json()["messages"][1]["content"].clone();
    assert_eq!(asked, "fix this\n\nerror: disk full\n");
}

#[test]
fn a_command_that_deletes_is_printed_with_a_warning() {
    let double = Double::start([reply::stream([structured("rm -rf build", "low").as_str()])]);
    let outcome = sandbox(&double).run(["chat", "-e", "clean up"]);
    outcome.assert_code(0);
    assert_eq!(outcome.stdout(), "rm -rf build\n");
    outcome.assert_stderr_has("warning: the command deletes (rm)");
}

#[test]
fn json_has_the_command_and_its_fields() {
    for answer in [
        structured("df -h", "low"),
        FENCED.replace("find . -size +1G", "df -h"),
    ] {
        let double = Double::start([reply::stream([answer.as_str()])]);
        let outcome = sandbox(&double).run(["chat", "-e", "--json", "free space"]);
        outcome.assert_code(0);
        let command = &outcome.json()["shell_command"];
        assert_eq!(command["command"], "df -h");
        assert_eq!(command["risk"], "low");
        assert_eq!(command["shell"], "zsh");
        assert_eq!(command["warnings"], json!([]));
    }
}

#[test]
fn an_answer_without_a_command_is_an_error() {
    for answer in [
        json!({"command": "", "explanation": "No shell can do that.", "risk": "low"}).to_string(),
        "I cannot make coffee.\nSorry.".to_owned(),
    ] {
        let double = Double::start([reply::stream([answer.as_str()])]);
        let outcome = sandbox(&double).run(["chat", "-e", "make coffee"]);
        outcome.assert_failure(10);
        assert_eq!(outcome.stdout(), "");
        assert_eq!(double.requests().len(), 1);
    }
}

#[test]
fn a_model_without_schemas_is_asked_for_a_code_block() {
    let plain = json!({
        "id": "acme/plain", "context_length": 100_000, "supported_parameters": ["max_tokens"],
        "pricing": {"prompt": "0.000001", "completion": "0.000002"},
    });
    let double = Double::start([reply::stream([FENCED])]).also(routes::listed(vec![plain]));
    let sandbox = sandbox(&double).config("{}");
    sandbox.run(["models", "sync"]).assert_code(0);
    sandbox
        .run(["chat", "-e", "-m", "acme/plain", "find them"])
        .assert_answer("find . -size +1G\n");
    let asked = double.requests().last().unwrap().json();
    assert_eq!(asked.get("response_format"), None);
    assert!(
        system(&asked).contains("in one fenced code block"),
        "{asked}"
    );
}

#[test]
fn the_turn_is_saved_as_a_code_block() {
    let double = Double::start([
        reply::stream([structured("find . -size +1G", "low").as_str()]),
        reply::stream(["It lists them."]),
    ]);
    let sandbox = sandbox(&double).config("llm_profiles: {}\n");
    sandbox
        .run(["chat", "-e", "find large files"])
        .assert_answer("find . -size +1G\n");
    sandbox
        .run(["chat", "-c", "what does it do?"])
        .assert_answer("It lists them.\n");
    let messages = double.requests()[1].json()["messages"].clone();
    let said: Vec<&str> = messages
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|message| message["content"].as_str())
        .collect();
    assert_eq!(
        said,
        [
            "find large files",
            "```zsh\nfind . -size +1G\n```\n\nDoes it.",
            "what does it do?"
        ]
    );
}

#[test]
fn control_characters_never_reach_the_output() {
    let answer = structured("echo a\u{1b}]0;x\u{7}b", "low");
    let double = Double::start([reply::stream([answer.as_str()])]);
    let outcome = sandbox(&double).run(["chat", "-e", "echo"]);
    outcome.assert_code(0);
    assert!(!outcome.stdout().contains('\u{1b}') && !outcome.stdout().contains('\u{7}'));
    outcome.assert_stderr_has("has hidden characters");
}

#[test]
fn flags_for_other_answers_are_refused() {
    for more in [["--schema", "a"], ["--alternatives", "2"]] {
        let outcome = Sandbox::new().run(["chat", "-e", "x"].iter().chain(&more));
        outcome.assert_failure(2);
    }
}
