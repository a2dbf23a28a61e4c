//! `--template` and `amx templates`: questions from files, their variables and settings, and what
//! is said of faults in them.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use serde_json::{Value, json};

use crate::completion::candidates;
use crate::support::double::Double;
use crate::support::reply;
use crate::support::sandbox::Sandbox;

const REVIEW: &str = "---\ndescription: Review a change\nsystem: You know {{lang}}.\ntemperature: 0.5\nvars: {lang: C}\n---\nReview this {{lang}}, {{focus}} first:\n\n{{stdin}}\n";

/// A sandbox with templates and no provider, for `--dry-run`.
fn with_templates(templates: &[(&str, &str)]) -> Sandbox {
    let mut sandbox = Sandbox::new().config("llm_profiles:\n  p: {model: a/b, temperature: 0.1}\n  q: {model: c/d}\nactive_llm_profile: p\n");
    fs::create_dir(folder(&sandbox)).unwrap();
    for (name, text) in templates {
        sandbox = sandbox.file(&format!(".amx/templates/{name}.md"), text);
    }
    sandbox
}

fn folder(sandbox: &Sandbox) -> PathBuf {
    sandbox.home().join(".amx/templates")
}

/// The body that would be sent.
#[track_caller]
fn body(sandbox: &Sandbox, arguments: &[&str]) -> Value {
    let outcome = sandbox.run(["chat", "--dry-run"].iter().chain(arguments));
    outcome.assert_code(0);
    outcome.json()
}

/// The question in it.
#[track_caller]
fn question(sandbox: &Sandbox, arguments: &[&str]) -> String {
    let body = body(sandbox, arguments);
    let last = body["messages"].as_array().unwrap().last().unwrap().clone();
    last["content"]
        .as_str()
        .unwrap_or_else(|| panic!("{last}"))
        .to_owned()
}

#[test]
fn placeholders_are_filled_from_variables_prompt_and_pipe() {
    let sandbox = with_templates(&[("review", REVIEW)]).stdin("fn main() {{{x}}}\n");
    let body = body(
        &sandbox,
        &[
            "--template",
            "review",
            "--var",
            "focus=safety",
            "--var",
            "lang=rust",
        ],
    );
    assert_eq!(
        body["messages"][0],
        json!({"role": "system", "content": "You know rust."})
    );
    assert_eq!(
        body["messages"][1]["content"],
        "Review this rust, safety first:\n\nfn main() {{{x}}}"
    );
    assert_eq!(body["temperature"], 0.5);
    // A value is data.
    let asked = question(
        &sandbox,
        &["--template", "review", "--var", "focus={{lang}}"],
    );
    assert!(
        asked.starts_with("Review this C, {{lang}} first:"),
        "{asked}"
    );
}

#[test]
fn the_filled_template_is_the_question() {
    let double = Double::start([reply::stream(["Fine."])]);
    let sandbox = Sandbox::with(&double).file("t.md", "---\nmodel: x/y\n---\nSay {{input}}!");
    sandbox
        .run(["chat", "--template", "./t.md", "two", "words"])
        .assert_answer("Fine.\n");
    assert_eq!(double.request().prompt(), "Say two words!");
    assert_eq!(double.request().json()["model"], "x/y");
}

#[test]
fn prompt_and_piped_text_are_appended_without_placeholders() {
    let templates = [
        ("plain", "Be brief.\n"),
        ("input", "Say {{input}}."),
        ("both", "{{stdin}} / {{input}}"),
        (
            "given",
            "---\nvars: {input: it, stdin: ''}\n---\n{{input}}{{stdin}}",
        ),
    ];
    let sandbox = with_templates(&templates);
    assert_eq!(question(&sandbox, &["--template", "plain"]), "Be brief.");
    assert_eq!(
        question(&sandbox, &["--template", "plain", "hi"]),
        "Be brief.\n\nhi"
    );
    assert_eq!(question(&sandbox, &["--template", "given"]), "it");
    let sandbox = sandbox.stdin("piped\n");
    assert_eq!(
        question(&sandbox, &["--template", "plain", "hi"]),
        "Be brief.\n\nhi\n\npiped\n"
    );
    assert_eq!(
        question(&sandbox, &["--template", "input", "hi"]),
        "Say hi.\n\npiped\n"
    );
    // As without a template: what is piped alone is the question.
    assert_eq!(question(&sandbox, &["--template", "input"]), "Say piped.");
    assert_eq!(
        question(&sandbox, &["--template", "both", "hi"]),
        "piped / hi"
    );
}

#[test]
fn all_missing_variables_are_reported_together() {
    let sandbox = with_templates(&[(
        "t",
        "---\nsystem: |\n  Be {{mood}}.\n---\n\n{{input}} {{a}}\n{{b}} {{stdin}} {{a}}\n",
    )]);
    let outcome = sandbox.run(["chat", "--template", "t"]);
    outcome.assert_failure(2).assert_stderr_has(
        "template 't' needs a value for {{mood}}, {{input}}, {{a}}, {{b}}, {{stdin}}",
    );
    outcome
        .assert_stderr_has("{{mood}} at ")
        .assert_stderr_has("t.md:6, {{a}} at ")
        .assert_stderr_has("t.md:7");
    outcome.assert_stderr_has(
        "cat FILE | amx chat --template t --var mood=… --var a=… --var b=… \"your question\"",
    );
    let sandbox = sandbox.stdin("  \n");
    let all = [
        "--template",
        "t",
        "--var",
        "a=1",
        "--var",
        "b=2",
        "--var",
        "mood=kind",
        "hi",
    ];
    // A pipe that brings nothing is found out when it is read.
    sandbox
        .run(["chat", "--dry-run"].iter().chain(&all))
        .assert_failure(2)
        .assert_stderr_has("needs a value for {{stdin}}");
}

#[test]
fn values_for_unknown_variables_are_errors() {
    let sandbox = with_templates(&[("review", REVIEW), ("plain", "x")]);
    let refused = |vars: &[&str]| sandbox.run(["chat", "--template"].iter().chain(vars));
    refused(&["review", "--var", "lnag=rust"])
        .assert_failure(2)
        .assert_stderr_has("has no variable 'lnag'")
        .assert_stderr_has("did you mean 'lang'?");
    refused(&["review", "--var", "zzz=1"])
        .assert_failure(2)
        .assert_stderr_has("variables: lang, focus");
    refused(&["plain", "--var", "zzz=1"])
        .assert_failure(2)
        .assert_stderr_has("amx templates show plain");
    refused(&["review", "--var", "lang"])
        .assert_failure(2)
        .assert_stderr_has("NAME=VALUE");
    refused(&["review", "--var", "stdin=x"])
        .assert_failure(2)
        .assert_stderr_has("it is filled from piped text");
    refused(&["reviw", "hi"])
        .assert_failure(3)
        .assert_stderr_has("did you mean 'review'?");
    refused(&["../review", "hi"]).assert_failure(3);
    refused(&["no such", "hi"]).assert_failure(3);
    sandbox
        .run(["chat", "--var", "a=1", "hi"])
        .assert_failure(2)
        .assert_stderr_has("--template");
}

/// A template with a model, a profile and options.
const WITH_OPTIONS: &str = "---\nprofile: q\nmodel: t/m\ntemperature: 0.5\nmax_tokens: 77\n\
    options:\n  seed: 3\n  provider.sort: price\n---\nx\n";

#[test]
fn flags_override_the_template_and_the_template_the_rest() {
    let sandbox = with_templates(&[("t", WITH_OPTIONS), ("m", "---\nmodel: t/m\n---\nx\n")])
        .env("AMX_MODEL", "env/model")
        .env("AMX_PROFILE", "p");
    let of_template = body(&sandbox, &["--template", "t"]);
    assert_eq!(
        (
            &of_template["model"],
            &of_template["temperature"],
            &of_template["max_tokens"]
        ),
        (&json!("t/m"), &json!(0.5), &json!(77))
    );
    assert_eq!(
        (&of_template["seed"], &of_template["provider"]),
        (&json!(3), &json!({"sort": "price"}))
    );
    let of_flags = body(
        &sandbox,
        &["--template", "t", "-m", "f/m", "-t", "1", "-o", "seed=4"],
    );
    assert_eq!(
        (
            &of_flags["model"],
            of_flags["temperature"].as_f64(),
            &of_flags["seed"]
        ),
        (&json!("f/m"), Some(1.0), &json!(4))
    );
    assert_eq!(
        body(&sandbox, &["--template", "m", "-p", "q"])["model"],
        "t/m"
    );
    // A model that comes with a profile is for that one.
    let sandbox = sandbox.without("AMX_MODEL");
    assert_eq!(
        body(&sandbox, &["--template", "t", "-p", "p"])["model"],
        "a/b"
    );
}

/// What `config explain` reports for a setting under template `t`.
fn explained(sandbox: &Sandbox, arguments: &[&str], setting: &str) -> Value {
    let command = ["config", "explain", "--template", "t"];
    let setting = ["--json", setting];
    sandbox
        .run(command.iter().chain(arguments).chain(&setting))
        .json()
}

#[test]
fn explain_names_the_template_and_the_values_that_flags_override() {
    let sandbox = with_templates(&[("t", WITH_OPTIONS)]).env("AMX_PROFILE", "p");
    let of_template = explained(&sandbox, &[], "temperature");
    assert_eq!(
        (&of_template["value"], &of_template["source"]),
        (&json!("0.5"), &json!("template 't'"))
    );
    let temperature = explained(&sandbox, &["-t", "1", "-p", "p"], "temperature");
    assert_eq!(
        temperature["hides"],
        json!([
            {"value": "0.5", "source": "template 't'"},
            {"value": "0.1", "source": "config.yml, profile 'p'"},
        ])
    );
    let seed = explained(&sandbox, &["-o", "seed=4"], "body.seed");
    assert_eq!(
        seed["hides"],
        json!([{"value": "3", "source": "template 't'"}])
    );
}

#[test]
fn a_fallback_uses_its_own_model() {
    let double = Double::start([
        reply::refusal(503, "busy").header("retry-after", "0"),
        reply::refusal(503, "busy").header("retry-after", "0"),
        reply::refusal(503, "busy").header("retry-after", "0"),
        reply::refusal(503, "busy").header("retry-after", "0"),
        reply::stream(["Hello"]),
    ]);
    let config = "llm_profiles:\n  p: {model: a/b, fallback_profiles: [q]}\n  q: {model: c/d}\nactive_llm_profile: p\n";
    let sandbox = Sandbox::with(&double)
        .config(config)
        .file("t.md", "---\nmodel: t/m\ntemperature: 0.5\n---\nx");
    sandbox.run(["chat", "--template", "./t.md"]).assert_code(0);
    let asked: Vec<Value> = double
        .requests()
        .iter()
        .map(|recorded| json!([recorded.json()["model"], recorded.json()["temperature"]]))
        .collect();
    assert_eq!(
        [&asked[0], &asked[4]],
        [&json!(["t/m", 0.5]), &json!(["c/d", 0.5])]
    );
}

#[test]
fn a_template_overrides_the_resumed_conversation() {
    let double = Double::start([reply::stream(["One."]), reply::stream(["Two."])]);
    let sandbox = Sandbox::with(&double)
        .config("llm_profiles:\n  p: {model: a/b}\n")
        .file("t.md", "---\ntemperature: 0.5\nsystem: Kindly.\n---\nx");
    sandbox
        .run(["chat", "-t", "1", "-s", "Briefly.", "hi"])
        .assert_code(0);
    sandbox
        .run(["chat", "-c", "--template", "./t.md"])
        .assert_code(0);
    let second = double.requests()[1].json();
    assert_eq!(
        (&second["temperature"], &second["messages"][0]["content"]),
        (&json!(0.5), &json!("Kindly."))
    );
}

#[test]
fn files_are_relative_to_the_template() {
    let sandbox = with_templates(&[("t", "---\nfiles: [style.txt]\n---\nLook.")])
        .file(".amx/templates/style.txt", "tabs\n")
        .file("own.txt", "mine\n");
    let body = body(&sandbox, &["--template", "t", "-f", "own.txt"]);
    let parts: Vec<&str> = body["messages"][0]["content"]
        .as_array()
        .unwrap()
        .iter()
        .map(|part| part["text"].as_str().unwrap())
        .collect();
    assert_eq!(
        parts,
        [
            "Look.",
            ".amx/templates/style.txt:\n```\ntabs\n```",
            "own.txt:\n```\nmine\n```"
        ]
    );
    let sandbox = with_templates(&[("t", "---\nfiles: [gone.txt]\n---\nLook.")]);
    sandbox
        .run(["chat", "--template", "t", "--dry-run"])
        .assert_failure(5)
        .assert_stderr_has("gone.txt");
}

#[test]
fn a_schema_is_inline_or_relative_to_the_template() {
    let object = "type: object, properties: {ok: {type: boolean}}, required: [ok], \
        additionalProperties: false";
    let templates = [
        ("inside", format!("---\nschema: {{{object}}}\n---\nFine?\n")),
        ("short", "---\nschema: ok bool\n---\nFine?\n".to_owned()),
        ("beside", "---\nschema: fine.json\n---\nFine?\n".to_owned()),
    ];
    let sandbox = with_templates(
        &templates
            .each_ref()
            .map(|(name, text)| (*name, text.as_str())),
    )
    .file(
        ".amx/templates/fine.json",
        r#"{"type": "object", "properties": {"ok": {"type": "boolean"}}, "required": ["ok"]}"#,
    );
    for (name, _) in &templates {
        let format = body(&sandbox, &["--template", name])["response_format"].clone();
        assert_eq!(format["type"], "json_schema", "{name}: {format}");
        assert_eq!(
            format["json_schema"]["schema"]["properties"]["ok"]["type"], "boolean",
            "{name}: {format}"
        );
    }
    // A path relative to the current folder works as well.
    let beside =
        body(&sandbox, &["--template", "./.amx/templates/beside.md"])["response_format"].clone();
    assert_eq!(beside["json_schema"]["name"], "fine", "{beside}");
    let flag = body(
        &sandbox,
        &["--template", "short", "--schema", "name, age int"],
    );
    assert_eq!(
        flag["response_format"]["json_schema"]["schema"]["required"],
        json!(["name", "age"]),
        "{flag}"
    );
    // What is wrong with it is an error before anything is sent.
    let sandbox = with_templates(&[("bad", "---\nschema: {type: nonsense}\n---\nFine?\n")]);
    let outcome = sandbox.run(["chat", "--dry-run", "--template", "bad"]);
    outcome.assert_code(5);
    outcome.assert_mentions("nonsense");
}

#[test]
fn a_template_names_tools_between_the_flags_and_the_profile() {
    const CONFIG: &str = "tools:\n  say:\n    command: [echo]\n  add:\n    command: [expr]\n\
        active_llm_profile: p\nllm_profiles:\n  p: {provider: openrouter, model: a/b, tools: [say]}\n";
    let sandbox = with_templates(&[
        ("t", "---\ntools: [now, add]\n---\nWhat time is it?"),
        ("more", "---\ntools: [all, now]\n---\nWhat time is it?"),
        ("none", "---\ntools: []\n---\nWhat time is it?"),
        ("typo", "---\ntools: [nowe]\n---\nWhat time is it?"),
        ("text", "---\ntools: now\n---\nWhat time is it?"),
    ])
    .config(CONFIG);
    let names = |arguments: &[&str]| -> Vec<String> {
        let body = body(&sandbox, arguments);
        let tools = body["tools"].as_array().cloned().unwrap_or_default();
        let name = |tool: &Value| tool["function"]["name"].as_str().unwrap().to_owned();
        tools.iter().map(name).collect()
    };
    assert_eq!(names(&["--template", "t"]), ["add", "now"]);
    assert_eq!(names(&["--template", "more"]), ["say", "now"]);
    assert!(names(&["--template", "none"]).is_empty());
    assert_eq!(names(&["--template", "t", "--tool", "say"]), ["say"]);
    assert!(names(&["--template", "t", "--no-tools"]).is_empty());
    let typo = sandbox.run(["chat", "--template", "typo"]);
    typo.assert_code(3);
    typo.assert_stderr_has("template 'typo' names tool 'nowe', which does not exist");
    typo.assert_stderr_has("did you mean now?");
    let text = sandbox.run(["chat", "--template", "text"]);
    text.assert_code(3);
    text.assert_stderr_has("tools must be a list of names of tools");
    let explained = explained(&sandbox, &[], "tools");
    assert_eq!(explained["source"], "template 't'");
}

#[test]
fn a_template_of_settings_alone_leaves_the_question_to_the_user() {
    let sandbox = with_templates(&[("calm", "---\nsystem: Calmly.\n---\n")]);
    let body = body(&sandbox, &["--template", "calm", "hi"]);
    assert_eq!(
        body["messages"],
        json!([{"role": "system", "content": "Calmly."}, {"role": "user", "content": "hi"}])
    );
    sandbox
        .run(["chat", "--template", "calm"])
        .assert_failure(2)
        .assert_stderr_has("no prompt given");
}

#[test]
fn errors_name_line_column_and_the_nearest_setting() {
    for (text, words) in [
        (
            "---\nmodle: x\n---\nx",
            "t.md:2:1: unknown setting 'modle'; did you mean 'model'?",
        ),
        (
            "---\n\ntemperature: 3\n---\nx",
            "t.md:3:14: temperature must be",
        ),
        ("---\nmodel: [\n---\nx", "t.md:"),
        (
            "---\nx",
            "t.md:1:1: the front matter has no closing line '---'",
        ),
        ("a\n{{", "t.md:2:1: '{{' without a name"),
        (
            "---\noptions:\n  messages: []\n---\nx",
            "t.md:3:13: options: messages cannot be used",
        ),
        (
            "---\noptions: {top_p: 7}\n---\nx",
            "t.md:2:18: options: top_p must be a number from 0 to 1",
        ),
        ("---\nfiles: [&a x, *b]\n---\nx", "t.md:"),
    ] {
        let sandbox = with_templates(&[("t", text)]);
        let outcome = sandbox.run(["chat", "--template", "t", "hi"]);
        outcome
            .assert_failure(3)
            .assert_stderr_has(words)
            .assert_stderr_has("hint: amx templates edit t");
        assert_eq!(
            sandbox
                .run(["chat", "--json", "--template", "t", "hi"])
                .json_failure(3)["kind"],
            "config"
        );
    }
    let sandbox = with_templates(&[("t", "---\nprofile: gone\n---\nx")]);
    sandbox
        .run(["chat", "--template", "t"])
        .assert_failure(3)
        .assert_stderr_has("there is no profile 'gone' (chosen by template 't')");
    let sandbox = with_templates(&[]).file(".amx/templates/bin.md", b"\xff\xfe");
    sandbox
        .run(["chat", "--template", "bin"])
        .assert_failure(3)
        .assert_stderr_has("not UTF-8");
}

#[test]
fn an_unknown_model_parameter_is_named() {
    let sandbox = with_templates(&[("t", "---\nmodel: a/b?foo=1\n---\nx\n")]);
    sandbox
        .run(["chat", "--dry-run", "--template", "t"])
        .assert_failure(3)
        .assert_stderr_has("t.md:2:8: model: 'foo' is not a model parameter");
}

#[test]
fn templates_are_listed_and_shown() {
    let sandbox = with_templates(&[("review", REVIEW), ("broken", "---\nx"), ("plain", "x")]);
    let outcome = sandbox.run(["templates", "list"]);
    outcome.assert_code(0);
    let lines: Vec<String> = outcome.stdout().lines().map(str::to_owned).collect();
    assert_eq!(lines[0], "NAME    VARIABLES           DESCRIPTION");
    assert!(
        lines[1].starts_with("broken ")
            && lines[1].contains("broken.md:1:1: the front matter has no closing line '---'"),
        "{outcome}"
    );
    assert_eq!(
        [lines[2].as_str(), lines[3].as_str()],
        ["plain", "review  lang=C focus stdin  Review a change"]
    );
    let rows = sandbox.run(["templates", "list", "--json"]).json();
    assert!(
        rows[0]["error"]
            .as_str()
            .unwrap()
            .contains("no closing line"),
        "{rows}"
    );
    assert_eq!(
        rows[2]["variables"][1],
        json!({"name": "focus", "default": null, "needed": true, "line": 7})
    );
    let shown = sandbox.run(["templates", "show", "review"]);
    shown.assert_code(0);
    for words in [
        "description        Review a change\n",
        "{{lang}}           = C\n",
        "{{focus}}          required\n",
        "{{stdin}}          piped text\n",
        "Review this {{lang}}, {{focus}} first:\n",
    ] {
        assert!(shown.stdout().contains(words), "{words} {shown}");
    }
    let object = sandbox
        .run(["templates", "show", "review", "--json"])
        .json();
    assert_eq!(
        (&object["temperature"], &object["body"]),
        (
            &json!(0.5),
            &json!("Review this {{lang}}, {{focus}} first:\n\n{{stdin}}")
        )
    );
    sandbox
        .run(["templates", "show", "broken"])
        .assert_failure(3);
    let none = Sandbox::new().run(["templates", "list"]);
    none.assert_code(0)
        .assert_stdout("")
        .assert_stderr_has("amx templates new NAME");
}

#[test]
fn a_new_template_is_private_and_replaces_nothing() {
    let sandbox = Sandbox::new().stdin("Explain {{input}}.\n");
    sandbox.run(["templates", "new", "explain"]).assert_code(0);
    let mode = |path: &PathBuf| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let path = folder(&sandbox).join("explain.md");
    assert_eq!((mode(&folder(&sandbox)), mode(&path)), (0o700, 0o600));
    assert_eq!(fs::read_to_string(&path).unwrap(), "Explain {{input}}.\n");
    sandbox
        .run(["templates", "path", "explain"])
        .assert_stdout(&format!("{}\n", path.display()));
    sandbox
        .run(["templates", "path"])
        .assert_stdout(&format!("{}\n", folder(&sandbox).display()));
    sandbox
        .run(["templates", "new", "explain"])
        .assert_failure(2)
        .assert_stderr_has("template 'explain' already exists");
    sandbox.run(["templates", "new", "../x"]).assert_failure(2);
    // What cannot be used is not written.
    let sandbox = sandbox.stdin("---\nmodle: x\n---\n");
    sandbox
        .run(["templates", "new", "other"])
        .assert_failure(5)
        .assert_stderr_has("unknown setting 'modle'");
    assert!(!folder(&sandbox).join("other.md").exists());
    std::os::unix::fs::symlink("elsewhere", folder(&sandbox).join("link.md")).unwrap();
    sandbox.run(["templates", "new", "link"]).assert_failure(2);
    assert!(!folder(&sandbox).join("elsewhere").exists());
}

#[test]
fn the_starter_template_can_be_used() {
    let sandbox = Sandbox::new();
    sandbox
        .run(["templates", "new", "first", "--no-edit"])
        .assert_code(0)
        .assert_stderr_lacks("warning");
    let sandbox = sandbox.env("OPENROUTER_API_KEY", "sk-or-v1-whatever");
    assert_eq!(question(&sandbox, &["--template", "first", "hi"]), "hi");
    // Every setting in it can be used unchanged.
    let path = folder(&sandbox).join("first.md");
    let wanted = fs::read_to_string(&path)
        .unwrap()
        .replace("\n# ", "\n")
        .replace("Every setting", "# Every setting")
        .replace("files: [style.md]\n", "")
        .replace("profile: work\n", "");
    fs::write(&path, wanted).unwrap();
    let body = body(&sandbox, &["--template", "first", "hi"]);
    assert_eq!(
        (&body["messages"][0]["content"], &body["provider"]),
        (&json!("You review rust code."), &json!({"sort": "price"}))
    );
}

#[test]
fn without_an_editor_the_error_suggests_stdin() {
    let sandbox = with_templates(&[("t", "x")]);
    sandbox
        .run(["templates", "edit", "t"])
        .assert_failure(2)
        .assert_stderr_has("amx templates path t");
    sandbox
        .run(["templates", "new", "u"])
        .assert_failure(2)
        .assert_stderr_has("| amx templates new u");
}

#[test]
fn names_of_templates_are_completed() {
    let sandbox = with_templates(&[("review", REVIEW), ("release", "x")]);
    assert_eq!(
        candidates(sandbox, &["chat", "--template", "re"]),
        ["release", "review"]
    );
    let sandbox = with_templates(&[("review", REVIEW), ("broken", "---\nx")]);
    assert_eq!(
        candidates(sandbox, &["templates", "edit", ""]),
        ["broken", "review"]
    );
}
