//! MCP servers in config.yml, and `amx mcp list`, `add` and `remove`.

use std::fs;

use serde_json::json;

use crate::secret_service::{SecretService, is_wanted};
use crate::support::sandbox::Sandbox;

const CONFIG: &str = "\
# first comment
mcp_servers:
  # about github
  github:
    command: docker # beside
    args: [run, -i, --rm, ghcr.io/github/github-mcp-server]
    env: {GITHUB_TOKEN: \"keyring://amx/mcp/github/GITHUB_TOKEN\"}
mcpServers:
  docs: {type: http, url: \"https://docs.example.com/mcp\"}
# last comment
";

fn config(sandbox: &Sandbox) -> String {
    fs::read_to_string(sandbox.home().join(".amx/config.yml")).unwrap()
}

#[test]
fn servers_of_both_sections_are_listed() {
    let sandbox = Sandbox::new().config(CONFIG);
    let listed = sandbox.run(["mcp", "list"]);
    listed.assert_code(0);
    let stdout = listed.stdout();
    let row = stdout
        .lines()
        .find(|line| line.starts_with("github  stdio"));
    let target = "  docker run -i --rm ghcr.io/github/github-mcp-server";
    assert!(row.is_some_and(|row| row.ends_with(target)), "{listed}");
    let rows = sandbox.run(["mcp", "list", "--json"]).json();
    assert_eq!(rows[0]["name"], "docs");
    assert_eq!(rows[0]["kind"], "http");
    assert_eq!(rows[0]["target"], "https://docs.example.com/mcp");
    assert_eq!(
        rows[1]["target"],
        "docker run -i --rm ghcr.io/github/github-mcp-server"
    );
    let none = Sandbox::new().run(["mcp", "list"]);
    none.assert_code(0).assert_stderr_has("amx mcp import");
    assert_eq!(
        Sandbox::new().run(["mcp", "list", "--json"]).json(),
        json!([])
    );
}

#[test]
fn a_server_is_added_and_removed_and_comments_stay() {
    let sandbox = Sandbox::new().config(CONFIG);
    let add = [
        "mcp",
        "add",
        "files",
        "--timeout",
        "90s",
        "--env",
        "LEVEL=2",
        "--",
    ];
    let add = add.iter().chain(&["npx", "-y", "server files", "~/notes"]);
    sandbox
        .run(add)
        .assert_code(0)
        .assert_stdout("✓ Added MCP server 'files' in ~/.amx/config.yml\n")
        .assert_stderr_has("note: amx mcp test files   (lists its tools)");
    let added = "  files:\n    command: npx\n    args:\n      - -y\n      - server files\n      - ~/notes\n";
    let written = config(&sandbox);
    assert!(written.contains("command: npx"), "{written}");
    assert!(written.contains("LEVEL: '2'"), "{added}{written}");
    for comment in [
        "# first comment",
        "# about github",
        "# beside",
        "# last comment",
    ] {
        assert!(written.contains(comment), "{written}");
    }
    let row = sandbox.run(["mcp", "list", "--json"]).json();
    assert_eq!(row[1]["target"], "npx -y server files ~/notes");
    sandbox
        .run([
            "mcp",
            "add",
            "web",
            "https://mcp.example.com/mcp",
            "-H",
            "X-Team: core",
        ])
        .assert_code(0);
    assert!(config(&sandbox).contains("X-Team: core"));
    for name in ["files", "web"] {
        sandbox
            .run(["mcp", "remove", name, "--yes"])
            .assert_answer(&format!("✓ Removed MCP server '{name}'\n"));
    }
    assert_eq!(config(&sandbox), CONFIG);
}

#[test]
fn the_first_server_makes_the_file() {
    let sandbox = Sandbox::new();
    sandbox
        .run(["mcp", "add", "fs", "--", "server"])
        .assert_code(0);
    assert_eq!(
        config(&sandbox),
        "mcp_servers:\n  fs:\n    command: server\n"
    );
}

#[test]
fn what_cannot_be_added_is_said_and_nothing_is_written() {
    for (arguments, says) in [
        (&["add"][..], "mcp add needs a terminal"),
        (&["add", "fs"], "mcp add needs a terminal"),
        (&["add", "Fs", "--", "x"], "'Fs' is not a server name"),
        (
            &["add", "fs", "npx"],
            "'npx' is not a URL; a command stands after --",
        ),
        (
            &["add", "fs", "http://mcp.example.com"],
            "is plain http to another machine",
        ),
        (
            &["add", "fs", "https://h", "--env", "A=b"],
            "--env is for servers with a command",
        ),
        (
            &["add", "fs", "-H", "A: b", "--", "x"],
            "--header is for servers with a URL",
        ),
        (
            &["add", "fs", "--env", "TOKEN", "--", "x"],
            "needs a terminal",
        ),
        (
            &["add", "github", "--", "x"],
            "MCP server 'github' already exists",
        ),
        (&["remove", "github"], "mcp remove needs a terminal"),
    ] {
        let sandbox = Sandbox::new().config(CONFIG);
        let arguments = ["mcp"].iter().chain(arguments);
        sandbox
            .run(arguments)
            .assert_failure(2)
            .assert_stderr_has(says);
        assert_eq!(config(&sandbox), CONFIG);
    }
    Sandbox::new()
        .config(CONFIG)
        .run(["mcp", "remove", "gihub", "--yes"])
        .assert_failure(3)
        .assert_stderr_has("did you mean 'github'?");
}

/// The ways in which other programs add a server.
#[test]
fn what_is_typed_for_other_programs_works() {
    let url = "    url: https://mcp.example.com/mcp\n";
    let with_token = "    url: https://mcp.example.com/mcp\n    headers:\n      \
        Authorization: Bearer ${DOCS_TOKEN}\n";
    for (line, expected) in [
        ("--transport http web https://mcp.example.com/mcp", url),
        ("-t http -s user web https://mcp.example.com/mcp", url),
        ("web --url https://mcp.example.com/mcp", url),
        ("web -- https://mcp.example.com/mcp", url),
        (
            "web --url https://mcp.example.com/mcp --bearer-token-env-var=DOCS_TOKEN",
            with_token,
        ),
        (
            "--transport stdio web -- npx -y server",
            "    command: npx\n    args:\n    - -y\n    - server\n",
        ),
    ] {
        let sandbox = Sandbox::new().config(CONFIG).env("DOCS_TOKEN", "x");
        let arguments = ["mcp", "add"].into_iter().chain(line.split(' '));
        sandbox.run(arguments).assert_code(0);
        let text = config(&sandbox);
        assert!(
            text.contains(&format!("  web:\n{expected}")),
            "{line}: {text}"
        );
    }
}

#[test]
fn what_has_no_form_here_is_answered_in_words() {
    for (line, says, hint) in [
        (
            "files npx -y server",
            "'npx' is not a URL; a command stands after --",
            "amx mcp add files -- npx -y server",
        ),
        (
            "-s project docs https://h",
            "no --scope project",
            "amx mcp add NAME URL",
        ),
        (
            "--transport sse docs https://h/sse",
            "HTTP+SSE transport is deprecated",
            "amx mcp add NAME URL",
        ),
        (
            "docs --transport http -- npx",
            "--transport http is for servers with a URL",
            "amx mcp add NAME URL",
        ),
        (
            "docs --transport stdio https://h",
            "--transport stdio is for servers with a command",
            "amx mcp add NAME URL",
        ),
        (
            "docs https://h extra",
            "'extra' follows the URL",
            "amx mcp add NAME URL",
        ),
        (
            "docs --url https://h -- npx",
            "a command or a URL, not both",
            "amx mcp add NAME URL",
        ),
    ] {
        let sandbox = Sandbox::new().config(CONFIG);
        let arguments = ["mcp", "add"].into_iter().chain(line.split(' '));
        let outcome = sandbox.run(arguments);
        outcome.assert_failure(2).assert_stderr_has(says);
        outcome.assert_stderr_has(hint);
        assert_eq!(config(&sandbox), CONFIG, "{line}");
    }
}

#[test]
fn a_variable_that_is_not_set_is_warned_about() {
    let sandbox = Sandbox::new();
    sandbox
        .run(["mcp", "add", "fs", "--env", "TOKEN=${NO_SUCH}", "--", "x"])
        .assert_code(0)
        .assert_stderr_has("mcp_servers.fs.env.TOKEN refers to ${NO_SUCH}, which is not set");
    assert!(config(&sandbox).contains("TOKEN: ${NO_SUCH}"));
}

/// A key in a variable, as for a profile, would be no help for the secret of a server.
#[test]
fn without_a_keyring_a_secret_is_refused_with_what_to_write() {
    let secret = "Authorization: Bearer hunter2";
    let sandbox = Sandbox::new().env("AMX_NO_KEYRING", "1");
    sandbox
        .run(["mcp", "add", "docs", "https://h.example", "-H", secret])
        .assert_failure(4)
        .assert_stderr_has("hint: write ${VARIABLE} or cmd:PROGRAM in place of the secret")
        .assert_stderr_lacks("add-llm-profile");
    assert!(!sandbox.home().join(".amx/config.yml").exists());
}

/// A secret in the file is masked wherever the file is shown, and not in its backups.
#[test]
fn a_secret_in_plain_text_is_never_shown() {
    let secret = "hunter2-is-a-secret";
    let text = format!(
        "mcp_servers:\n  a:\n    command: x\n    env: {{MY_TOKEN: {secret}}}\n  b:\n    url: \
        https://h.example\n    headers: {{X-Api-Key: {secret}2}}\n"
    );
    let sandbox = Sandbox::new().config(text);
    for arguments in [
        &["config", "show"][..],
        &["config", "show", "--json"],
        &["mcp", "list", "--json"],
    ] {
        let outcome = sandbox.run(arguments);
        outcome.assert_code(0);
        assert!(!outcome.stdout().contains(secret), "{outcome}");
    }
    sandbox.run(["mcp", "add", "c", "--", "x"]).assert_code(0);
    let backup = fs::read_to_string(sandbox.home().join(".amx/config.yml.bak.1")).unwrap();
    assert!(!backup.contains(secret), "{backup}");
    assert!(
        config(&sandbox).contains(secret),
        "the user's own line stays"
    );
}

#[test]
fn removing_a_server_deletes_its_secrets() {
    if !is_wanted("removing_a_server_deletes_its_secrets") {
        return;
    }
    let service = SecretService::unlocked();
    service.store("mcp/github/GITHUB_TOKEN", "hunter2-hunter2");
    service.store("mcp/other/GITHUB_TOKEN", "hunter2-hunter2");
    let sandbox = Sandbox::new()
        .config(CONFIG)
        .env("DBUS_SESSION_BUS_ADDRESS", service.address());
    sandbox
        .run(["mcp", "remove", "github", "--yes"])
        .assert_code(0);
    assert_eq!(service.lookup("mcp/github/GITHUB_TOKEN"), None);
    assert!(service.lookup("mcp/other/GITHUB_TOKEN").is_some());
    // A key on the command line goes to the keyring, not to the file.
    sandbox
        .run([
            "mcp",
            "add",
            "git",
            "--env",
            "GIT_TOKEN=hunter2-hunter2",
            "--",
            "x",
        ])
        .assert_code(0);
    let user = "mcp/git/GIT_TOKEN";
    assert_eq!(service.lookup(user).as_deref(), Some("hunter2-hunter2"));
    assert!(config(&sandbox).contains("GIT_TOKEN: keyring://amx/mcp/git/GIT_TOKEN"));
}

#[test]
fn names_are_completed() {
    let sandbox = Sandbox::new().config(CONFIG);
    let outcome = sandbox
        .env("AMX_COMPLETE", "fish")
        .run(["--", "amx", "mcp", "remove", "g"]);
    assert!(outcome.stdout().contains("github"), "{outcome}");
}

/// A configuration with the strict server of the tests.
fn with_stub(arguments: &str) -> Sandbox {
    let script = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let script = script.join("tests/support/mcp_server.py");
    Sandbox::new().config(format!(
        "mcp_servers:\n  stub: {{command: [python3, \"{}\"{arguments}], start_timeout: 20s}}\n",
        script.display()
    ))
}

#[test]
fn a_server_is_tested_and_its_list_is_known_from_then_on() {
    let sandbox = with_stub(", --era, legacy");
    let before = sandbox.run(["mcp", "list", "--json"]).json();
    assert_eq!(before[0]["state"], "unknown", "{before}");
    assert_eq!(
        (&before[0]["tools"], &before[0]["era"]),
        (&json!(null), &json!(null))
    );
    let tested = sandbox.run(["mcp", "test", "stub"]);
    tested.assert_code(0);
    assert!(
        tested.stdout().starts_with("✓ stub: 7 tools in "),
        "{tested}"
    );
    assert!(
        tested.stdout().contains("(protocol 2025-11-25)"),
        "{tested}"
    );
    assert!(tested.stdout().contains("  echo  "), "{tested}");
    let after = sandbox.run(["mcp", "list", "--json"]).json();
    assert_eq!(
        (&after[0]["state"], &after[0]["tools"], &after[0]["era"]),
        (&json!("listed"), &json!(7), &json!("2025-11-25"))
    );
    let rows = sandbox.run(["mcp", "test", "--json"]).json();
    assert_eq!(rows[0]["tools"][0]["name"], "echo");
    assert_eq!(rows[0]["error"], json!(null));
}

#[test]
fn a_server_that_does_not_work_is_an_error_with_what_it_wrote() {
    let sandbox = with_stub(", --no-such-option");
    sandbox
        .run(["mcp", "test", "stub"])
        .assert_failure(11)
        .assert_stderr_has("MCP server 'stub': the server ended")
        .assert_stderr_has("unrecognized arguments: --no-such-option");
    let missing = "mcp_servers: {gone: {command: no-such-program}}";
    let sandbox = Sandbox::new().config(missing);
    sandbox
        .run(["mcp", "test"])
        .assert_failure(11)
        .assert_stderr_has("program 'no-such-program' not found");
    let report = sandbox.run(["doctor", "--offline"]);
    let words = "MCP server gone: program 'no-such-program' not found";
    assert!(report.stdout().contains(words), "{report}");
    sandbox.run(["mcp", "test", "gnoe"]).assert_failure(3);
}

/// The loop of a tool call without a key and without a network.
#[test]
fn the_demo_calls_a_tool() {
    let sandbox = Sandbox::new();
    let asked = ["chat", "-p", "demo", "--tool", "now", "--allow", "now"];
    let outcome = sandbox.run(asked.iter().chain(&["what time is it?"]));
    outcome.assert_code(0).assert_stderr_has("now");
    assert!(outcome.stdout().contains("It returned:"), "{outcome}");
    assert!(outcome.stdout().contains("> "), "{outcome}");
}
