//! `add-llm-profile`: the questions on a terminal, and the flags without one.

use crate::pty::{SMALL, Terminal, USUAL};
use crate::secret_service::{SecretService, is_wanted};
use crate::stage;
use crate::support::double::{Double, KEY};
use crate::support::provider_replies::{PROVIDER_KEY, ProviderServer};
use crate::support::routes;
use crate::support::sandbox::Sandbox;

/// The questions in their order, each with an answer; an empty one takes the default.
const DIALOGUE: &[(&str, &str)] = &[
    ("Profile name", "or-claude"),
    ("Provider", ""),
    ("Model", "anthropic/claude-sonnet-5"),
    ("API key", KEY),
    ("Temperature", ""),
    ("max_tokens", ""),
    ("alternatives", ""),
];

fn provider() -> Double {
    Double::start([]).also(routes::key()).also(routes::models())
}

fn with_keyring(double: &Double, service: &SecretService) -> Sandbox {
    stage::keyless(double).env("DBUS_SESSION_BUS_ADDRESS", service.address())
}

/// Waits for each question in turn and answers it.
fn hold(terminal: &Terminal, dialogue: &[(&str, &str)]) {
    for (question, answer) in dialogue {
        terminal.wait_for_question(question);
        terminal.answer(answer);
    }
}

#[test]
fn the_questions_come_in_the_documented_order() {
    if !is_wanted("the_questions_come_in_the_documented_order") {
        return;
    }
    for size in [USUAL, SMALL] {
        let (service, double) = (SecretService::unlocked(), provider());
        let sandbox = with_keyring(&double, &service);
        let terminal = stage::terminal(&sandbox, &["add-llm-profile"], size);
        hold(&terminal, DIALOGUE);
        assert_eq!(terminal.wait_exit(), 0, "{}", terminal.transcript());
        terminal.wait_for("✓ Saved LLM profile 'or-claude' to ~/.amx/config.yml");
        let shown = terminal.transcript();
        let places: Vec<_> = DIALOGUE
            .iter()
            .map(|(question, _)| shown.find(question))
            .collect();
        assert!(
            places.is_sorted() && !places.contains(&None),
            "{places:?} in:\n{shown}"
        );
        assert_is_default_profile(&stage::config(&sandbox));
        assert_eq!(service.lookup("or-claude/api_key").as_deref(), Some(KEY));
        terminal.assert_restored();
    }
}

#[test]
fn a_list_wider_than_the_terminal_is_drawn_once() {
    let terminal = stage::terminal(&stage::bare(), &["add-llm-profile", "p"], SMALL);
    terminal.wait_for_question("Provider");
    for provider in ["openai", "anthropic", "gemini"] {
        terminal.press_down();
        terminal.wait_for(&format!("❯ {provider}"));
    }
    assert_eq!(
        terminal.transcript().matches("openrouter").count(),
        1,
        "{}",
        terminal.transcript()
    );
}

#[test]
fn a_provider_is_found_by_a_few_characters() {
    let terminal = stage::terminal(&stage::bare(), &["add-llm-profile", "p"], USUAL);
    terminal.wait_for_question("Provider ›");
    terminal.type_text("local");
    terminal.wait_for("❯ local");
    terminal.press_enter();
    terminal.wait_for("✓ Provider · local");
    terminal.wait_for_question("Base URL");
    terminal.press_ctrl_c();
    assert_eq!(terminal.wait_exit(), 130);
    terminal.assert_restored();
}

#[test]
fn models_that_a_server_lists_only_with_a_key_are_shown_after_it() {
    if !is_wanted("models_that_a_server_lists_only_with_a_key_are_shown_after_it") {
        return;
    }
    let (service, server) = (
        SecretService::unlocked(),
        ProviderServer::listing(r#"{"data": [{"id": "qwen3-8b"}]}"#),
    );
    let sandbox = stage::bare().env("DBUS_SESSION_BUS_ADDRESS", service.address());
    let arguments = ["add-llm-profile", "box", "--provider", "local"];
    let terminal = stage::terminal(&sandbox, &arguments, USUAL);
    hold(&terminal, &[("Base URL", &server.base_url)]);
    terminal.wait_for("shown after the key");
    let dialogue = [
        ("Model", "other"),
        ("API key (Enter for none)", PROVIDER_KEY),
    ];
    hold(&terminal, &dialogue);
    terminal.wait_for("local does not list the model other");
    terminal.wait_for("❯ qwen3-8b");
    terminal.press_enter();
    terminal.wait_for("✓ Model qwen3-8b");
    terminal.press_ctrl_c();
    assert_eq!(terminal.wait_exit(), 130);
}

#[test]
fn no_list_is_read_before_the_key_for_a_model_that_is_given() {
    let server = ProviderServer::listing(r#"{"data": [{"id": "qwen3-8b"}]}"#);
    let sandbox = stage::bare();
    let arguments = ["add-llm-profile", "box", "--provider", "local", "--model"];
    let url = ["qwen3-8b", "--base-url", &server.base_url];
    let terminal = stage::terminal(&sandbox, &[&arguments[..], &url].concat(), USUAL);
    terminal.wait_for("API key (Enter for none)");
    assert!(server.requests("/v1/models").is_empty());
    terminal.press_ctrl_c();
    assert_eq!(terminal.wait_exit(), 130);
}

#[test]
fn a_base_url_without_a_path_becomes_the_one_that_lists_models() {
    let server = ProviderServer::listing(r#"{"data": [{"id": "qwen3-8b"}]}"#);
    let sandbox = stage::bare().env("LOCAL_API_KEY", PROVIDER_KEY);
    let arguments = ["add-llm-profile", "box", "--provider", "local"];
    let terminal = stage::terminal(&sandbox, &arguments, USUAL);
    terminal.wait_for_question("Base URL [http://127.0.0.1:8080/v1] ›");
    terminal.answer(server.base_url.trim_end_matches("/v1"));
    terminal.wait_for("which lists the models");
    terminal.wait_for("❯ qwen3-8b");
    terminal.press_enter();
    hold(
        &terminal,
        &[
            ("API key (Enter to use LOCAL_API_KEY) ›", ""),
            ("Temperature", ""),
            ("max_tokens", ""),
            ("alternatives", ""),
        ],
    );
    assert_eq!(terminal.wait_exit(), 0, "{}", terminal.transcript());
    let config = stage::config(&sandbox);
    assert!(
        config.contains(&format!("base_url: {}\n", server.base_url)),
        "{config}"
    );
    terminal.assert_restored();
}

#[test]
fn questions_and_answers_wider_than_the_terminal_leave_nothing_behind() {
    const URL: &str = "http://127.0.0.1:18080/a/path/that/is/wider/than/the/terminal/v1";
    let sandbox = stage::bare().env("AMX_LLM_API_KEY", KEY);
    let arguments = [
        "add-llm-profile",
        "box",
        "--provider",
        "local",
        "--model",
        "m",
    ];
    let terminal = stage::terminal(&sandbox, &arguments, SMALL);
    terminal.wait_for_question("Base URL [http://127.0.0.1:8080/v1] ›");
    terminal.answer("nonsense");
    terminal.wait_for("✘");
    terminal.type_text("\x15");
    terminal.type_text(URL);
    terminal.wait_for("wider/than/the/terminal/v1");
    terminal.press_enter();
    hold(
        &terminal,
        &[
            ("API key (Enter to use AMX_LLM_API_KEY) ›", ""),
            ("Temperature", ""),
            ("max_tokens", ""),
            ("alternatives", ""),
        ],
    );
    assert_eq!(terminal.wait_exit(), 0, "{}", terminal.transcript());
    let shown = terminal.transcript();
    for once in [
        "Base URL",
        "API key",
        "AMX_LLM_API_KEY",
        "Output token",
        "alternatives",
    ] {
        assert_eq!(shown.matches(once).count(), 1, "{once}:\n{shown}");
    }
    assert!(!shown.contains(['›', '✘']), "{shown}");
    assert!(stage::config(&sandbox).contains(&format!("base_url: {URL}\n")));
    terminal.assert_restored();
}

/// Whether the text is in one row of the screen.
fn is_in_a_row(terminal: &Terminal, text: &str) -> bool {
    terminal.look(|seen| {
        let screen = seen.screen();
        screen.rows(0, SMALL.columns).any(|row| row.contains(text))
    })
}

#[test]
fn what_was_done_is_broken_between_words() {
    let config = "llm_profiles:\n  work: {model: a/b}\n";
    let sandbox = stage::bare().config(config).env("OPENROUTER_API_KEY", KEY);
    let commands: [(&[&str], &[&str]); 3] = [
        (
            &["profiles", "rename", "work", "another-name"],
            &["'another-name'"],
        ),
        (&["profiles", "use", "another-name"], &["another-name"]),
        (
            &[
                "add-llm-profile",
                "p",
                "--provider",
                "demo",
                "--model",
                "demo/scripted",
            ],
            &["~/.amx/config.yml", "your question"],
        ),
    ];
    for (arguments, words) in commands {
        let terminal = stage::terminal(&sandbox, arguments, SMALL);
        if arguments[0] == "add-llm-profile" {
            hold(
                &terminal,
                &[
                    ("Temperature", ""),
                    ("max_tokens", ""),
                    ("alternatives", ""),
                ],
            );
        }
        assert_eq!(terminal.wait_exit(), 0, "{}", terminal.transcript());
        for text in words {
            assert!(
                is_in_a_row(&terminal, text),
                "{text}:\n{}",
                terminal.screen()
            );
        }
    }
}

/// The configuration that the documentation shows, down to the order of its lines.
fn assert_is_default_profile(config: &str) {
    let expected = "\
llm_profiles:
  or-claude:
    provider: openrouter
    model: anthropic/claude-sonnet-5
    api_key: keyring://amx/or-claude/api_key
    temperature: 0.2
    max_tokens: 4096
    n_alternatives: 3
active_llm_profile: or-claude
";
    assert_eq!(config, expected);
}

#[test]
fn the_key_is_never_on_the_terminal() {
    if !is_wanted("the_key_is_never_on_the_terminal") {
        return;
    }
    let (service, double) = (SecretService::unlocked(), provider());
    let sandbox = with_keyring(&double, &service);
    let terminal = stage::terminal(&sandbox, &["add-llm-profile"], USUAL);
    hold(&terminal, DIALOGUE);
    assert_eq!(terminal.wait_exit(), 0, "{}", terminal.transcript());
    let raw = String::from_utf8_lossy(&terminal.raw_output()).into_owned();
    // Any eight characters in a row would be a piece of it.
    let secret: Vec<char> = KEY.trim_start_matches("sk-or-v1-").chars().collect();
    let piece = secret
        .windows(8)
        .map(|window| window.iter().collect::<String>())
        .find(|piece| raw.contains(piece));
    assert_eq!(piece, None, "a piece of the key is in {raw:?}");
    terminal.assert_restored();
}

#[test]
fn echo_is_off_before_the_key_is_asked_for() {
    let sandbox = stage::bare().env("OPENROUTER_API_KEY", KEY);
    let terminal = stage::terminal(&sandbox, &["add-llm-profile"], USUAL);
    hold(&terminal, &DIALOGUE[..3]);
    terminal.wait_for("API key");
    // Whoever pastes at once must not see the key, and must not lose it.
    assert!(
        !terminal.modes().echo(),
        "what is typed now is shown:\n{}",
        terminal.transcript()
    );
}

#[test]
fn defaults_are_shown_in_brackets() {
    let terminal = stage::terminal(
        &stage::bare().env("OPENROUTER_API_KEY", KEY),
        &["add-llm-profile"],
        USUAL,
    );
    hold(
        &terminal,
        &[
            ("Profile name", "p"),
            ("Provider", ""),
            ("Model", ""),
            ("API key", ""),
        ],
    );
    hold(
        &terminal,
        &[
            ("Temperature [0.2]", ""),
            ("max_tokens) [4096]", ""),
            ("alternatives [3]", ""),
        ],
    );
    assert_eq!(terminal.wait_exit(), 0, "{}", terminal.transcript());
}

#[test]
fn bad_answers_are_asked_again() {
    let sandbox = stage::bare().env("OPENROUTER_API_KEY", KEY);
    let terminal = stage::terminal(&sandbox, &["add-llm-profile"], USUAL);
    let again = |question: &str, bad: &str, complaint: &str, good: &str| {
        terminal.wait_for_question(question);
        terminal.answer(bad);
        terminal.wait_for(complaint);
        // The typed text is there to be corrected.
        terminal.type_text("\x15");
        terminal.type_text(&"\x7f".repeat(bad.len()));
        terminal.answer(good);
    };
    again(
        "Profile name",
        "no spaces",
        "a profile name has letters",
        "fine",
    );
    hold(&terminal, &[("Provider", "")]);
    again("Model", "two words", "has white space", "a/b");
    hold(&terminal, &[("API key", "")]);
    again("Temperature", "3", "must be a number from 0 to 2", "1.5");
    again(
        "max_tokens",
        "0",
        "must be a whole number, 1 or more",
        "100",
    );
    again(
        "alternatives",
        "6",
        "must be a whole number from 1 to 5",
        "2",
    );
    assert_eq!(terminal.wait_exit(), 0, "{}", terminal.transcript());
    let config = stage::config(&sandbox);
    for line in [
        "  fine:\n",
        "model: a/b\n",
        "temperature: 1.5\n",
        "max_tokens: 100\n",
        "n_alternatives: 2\n",
    ] {
        assert!(config.contains(line), "{line:?} is missing in:\n{config}");
    }
    assert!(
        !config.contains("api_key"),
        "the key of the environment was noted:\n{config}"
    );
}

#[test]
fn only_the_first_profile_becomes_active_by_itself() {
    let sandbox = stage::bare()
        .config("llm_profiles:\n  first:\n    model: a/b\nactive_llm_profile: first\n")
        .env("OPENROUTER_API_KEY", KEY);
    let terminal = stage::terminal(&sandbox, &["add-llm-profile", "second"], USUAL);
    hold(&terminal, &DIALOGUE[1..3]);
    hold(
        &terminal,
        &[
            ("API key", ""),
            ("Temperature", ""),
            ("max_tokens", ""),
            ("alternatives", ""),
        ],
    );
    assert_eq!(terminal.wait_exit(), 0, "{}", terminal.transcript());
    let config = stage::config(&sandbox);
    assert!(
        config.contains("active_llm_profile: first") && config.contains("  second:\n"),
        "{config}"
    );
}

#[test]
fn editing_keeps_what_is_not_asked() {
    let before = "\
# my profiles
llm_profiles:
  work:
    model: a/b  # the cheap one
    system: Answer briefly.
    # tuned by hand
    temperature: 0.7
    openrouter:
      provider: {order: [Together]}
active_llm_profile: work
other_tool: {keep: me}
";
    let sandbox = stage::bare().config(before).env("OPENROUTER_API_KEY", KEY);
    let terminal = stage::terminal(&sandbox, &["add-llm-profile", "work"], USUAL);
    hold(
        &terminal,
        &[
            ("Provider", ""),
            ("a/b", "c/d"),
            ("API key", ""),
            ("0.7", ""),
            ("max_tokens", "500"),
            ("alternatives", ""),
        ],
    );
    assert_eq!(terminal.wait_exit(), 0, "{}", terminal.transcript());
    let config = stage::config(&sandbox);
    assert!(
        config.contains("model: c/d  # the cheap one\n") && config.contains("max_tokens: 500"),
        "{config}"
    );
    for line in before.lines().filter(|line| !line.contains("model:")) {
        assert!(
            config.lines().any(|kept| kept == line),
            "{line:?} is gone from:\n{config}"
        );
    }
}

#[test]
fn a_refused_key_is_asked_for_again() {
    if !is_wanted("a_refused_key_is_asked_for_again") {
        return;
    }
    let (service, double) = (SecretService::unlocked(), provider());
    let sandbox = with_keyring(&double, &service);
    let terminal = stage::terminal(&sandbox, &["add-llm-profile"], USUAL);
    hold(&terminal, &DIALOGUE[..3]);
    terminal.wait_for_question("API key");
    terminal.answer("sk-or-v1-mistyped-mistyped-mistyped");
    terminal.wait_for_question("rejected the key (401)");
    terminal.answer(KEY);
    terminal.wait_for("openrouter accepts the key");
    hold(&terminal, &DIALOGUE[4..]);
    assert_eq!(terminal.wait_exit(), 0, "{}", terminal.transcript());
    assert_eq!(service.lookup("or-claude/api_key").as_deref(), Some(KEY));
    assert_eq!(double.take_refusals().len(), 1);
}

#[test]
fn a_refused_key_on_stdin_is_exit_4_and_nothing_is_written() {
    if !is_wanted("a_refused_key_on_stdin_is_exit_4_and_nothing_is_written") {
        return;
    }
    let (service, double) = (SecretService::unlocked(), Double::start([]));
    let sandbox = with_keyring(&double, &service).stdin("sk-or-v1-mistyped-mistyped-mistyped");
    let outcome = sandbox.run([
        "add-llm-profile",
        "p",
        "--no-input",
        "--provider",
        "openrouter",
        "--model",
        "a/b",
        "--api-key-stdin",
    ]);
    outcome
        .assert_failure(4)
        .assert_stderr_has("401")
        .assert_stderr_lacks("mistyped");
    stage::assert_nothing_written(&sandbox);
    assert_eq!(service.count(), 0);
    assert_eq!(double.request().request.path, "/api/v1/key");
    double.take_faults();
}

#[test]
fn ctrl_c_at_any_question_writes_nothing() {
    for answered in 0..DIALOGUE.len() {
        let sandbox = stage::bare().env("OPENROUTER_API_KEY", KEY);
        let terminal = stage::terminal(&sandbox, &["add-llm-profile"], USUAL);
        for (question, answer) in &DIALOGUE[..answered] {
            hold(
                &terminal,
                &[(question, if *answer == KEY { "" } else { answer })],
            );
        }
        let (question, _) = DIALOGUE[answered];
        terminal.wait_for_question(question);
        terminal.press_ctrl_c();
        assert_eq!(
            terminal.wait_exit(),
            130,
            "at {question}: {}",
            terminal.transcript()
        );
        terminal.assert_restored();
        stage::assert_nothing_written(&sandbox);
    }
}

#[test]
fn ctrl_c_after_the_key_stores_nothing() {
    if !is_wanted("ctrl_c_after_the_key_stores_nothing") {
        return;
    }
    for answered in 4..DIALOGUE.len() {
        let (service, double) = (SecretService::unlocked(), provider());
        let sandbox = with_keyring(&double, &service);
        let terminal = stage::terminal(&sandbox, &["add-llm-profile"], USUAL);
        hold(&terminal, &DIALOGUE[..answered]);
        terminal.wait_for_question(DIALOGUE[answered].0);
        terminal.press_ctrl_c();
        assert_eq!(terminal.wait_exit(), 130, "{}", terminal.transcript());
        terminal.assert_restored();
        stage::assert_nothing_written(&sandbox);
        assert_eq!(service.count(), 0, "at {}", DIALOGUE[answered].0);
    }
}

#[test]
fn signals_at_a_question_restore_the_terminal() {
    // The list hides the cursor, and the key is typed without echo.
    for (signal, code) in [("TERM", 143), ("HUP", 129), ("INT", 130)] {
        for answered in [1, 3] {
            let sandbox = stage::bare().env("OPENROUTER_API_KEY", KEY);
            let terminal = stage::terminal(&sandbox, &["add-llm-profile"], USUAL);
            hold(&terminal, &DIALOGUE[..answered]);
            terminal.wait_for_question(DIALOGUE[answered].0);
            terminal.signal(signal);
            assert_eq!(
                terminal.wait_exit(),
                code,
                "{signal}: {}",
                terminal.transcript()
            );
            terminal.assert_restored();
            stage::assert_nothing_written(&sandbox);
        }
    }
}

#[test]
fn without_a_terminal_the_flags_are_named() {
    let sandbox = stage::bare();
    for arguments in [
        &["add-llm-profile"][..],
        &["add-llm-profile", "p", "--provider", "openrouter"],
    ] {
        let outcome = sandbox.run(arguments);
        outcome.assert_failure(2);
        for flag in ["--no-input", "--provider", "--model", "--api-key-stdin"] {
            outcome.assert_stderr_has(flag);
        }
    }
    stage::assert_nothing_written(&sandbox);
}

#[test]
fn a_missing_flag_is_named() {
    let sandbox = stage::bare().env("OPENROUTER_API_KEY", KEY);
    let cases: &[(&[&str], &str)] = &[
        (&["p", "--no-input", "--provider", "openrouter"], "--model"),
        (&["p", "--no-input", "--model", "a/b"], "--provider"),
        (
            &["--no-input", "--provider", "openrouter", "--model", "a/b"],
            "NAME",
        ),
        (
            &["p", "--no-input", "--provider", "local", "--model", "m"],
            "--base-url",
        ),
    ];
    for (arguments, named) in cases {
        sandbox
            .run([&["add-llm-profile"], *arguments].concat())
            .assert_failure(2)
            .assert_stderr_has(named);
    }
    stage::assert_nothing_written(&sandbox);
}

#[test]
fn bad_flags_are_refused_before_anything_is_written() {
    let sandbox = stage::bare().env("OPENROUTER_API_KEY", KEY);
    let base = ["--no-input", "--provider", "openrouter", "--model", "a/b"];
    let cases: &[&[&str]] = &[
        &["bad name"],
        &["../escape"],
        &["p", "--temperature", "9"],
        &["p", "--temperature", "NaN"],
        &["p", "--max-tokens", "0"],
        &["p", "--alternatives", "6"],
        &["p", "--base-url", "ftp://host"],
        &["p", "--base-url", "http://not-loopback.example/v1"],
        &["p", "--api-key-ref", "sk-or-v1-a-plain-key-is-no-reference"],
        &["p", "--api-key", "sk-or-v1-never-a-flag"],
    ];
    for case in cases {
        let outcome = sandbox.run([&["add-llm-profile"], *case, &base].concat());
        outcome.assert_failure(2).assert_stderr_lacks("sk-or-v1-");
    }
    sandbox
        .run([
            "add-llm-profile",
            "p",
            "--no-input",
            "--provider",
            "opnerouter",
            "--model",
            "a/b",
        ])
        .assert_failure(2)
        .assert_stderr_has("openrouter");
    stage::assert_nothing_written(&sandbox);
}

#[test]
fn keys_that_cannot_be_sent_are_refused_unseen() {
    for key in [
        "",
        "sk-or with blanks inside",
        "sk-or-\u{1b}[2Jcontrol",
        "sk-or-two\nlines",
    ] {
        let sandbox = stage::bare().stdin(key);
        let outcome = sandbox.run([
            "add-llm-profile",
            "p",
            "--no-input",
            "--provider",
            "openrouter",
            "--model",
            "a/b",
            "--api-key-stdin",
        ]);
        outcome
            .assert_failure(4)
            .assert_stderr_lacks("blanks")
            .assert_stderr_lacks("control]")
            .assert_stderr_lacks("two");
        stage::assert_nothing_written(&sandbox);
    }
}

#[test]
fn references_are_written_as_they_are() {
    for reference in [
        "${MY_KEY}",
        "cmd:pass show openrouter",
        "file:/run/secrets/or",
    ] {
        let sandbox = stage::bare();
        sandbox
            .run([
                "add-llm-profile",
                "p",
                "--no-input",
                "--provider",
                "openrouter",
                "--model",
                "a/b",
                "--api-key-ref",
                reference,
            ])
            .assert_code(0);
        let shown = sandbox.run(["config", "show", "--json"]).json();
        assert_eq!(shown["llm_profiles"]["p"]["api_key"], *reference);
    }
}
