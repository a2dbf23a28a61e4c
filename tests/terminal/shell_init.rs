//! Alt-E in real shells: the line becomes the suggested command, and stays as it is when there is
//! none.
//!
//! Shells that are not installed are skipped, unless `AMX_TEST_SHELLS=1` is set.

use std::path::Path;

use serde_json::json;

use crate::completion::is_installed;
use crate::pty::{Terminal, USUAL};
use crate::stage;
use crate::support::double::Double;
use crate::support::reply::{self, Reply};

const ALT_E: &str = "\u{1b}e";

/// A shell, the arguments that keep it from reading files, and the line that sets the binding up.
const SHELLS: &[(&str, &[&str], &str)] = &[
    (
        "bash",
        &["--norc", "--noprofile", "-i"],
        "PS1='% '; eval \"$(amx shell-init bash)\"",
    ),
    (
        "zsh",
        &["-f", "-i"],
        "PS1='%% '; eval \"$(amx shell-init zsh)\"",
    ),
    (
        "fish",
        &["--no-config", "-i"],
        "amx shell-init fish | source; function fish_prompt; echo '% '; end",
    ),
];

fn answer(command: &str) -> Reply {
    let object = json!({"command": command, "explanation": "Does it.", "risk": "low"});
    reply::stream([object.to_string().as_str()])
}

fn started(double: &Double, shell: &(&str, &[&str], &str)) -> Terminal {
    let (name, arguments, set_up) = shell;
    let program = Path::new(env!("CARGO_BIN_EXE_amx")).parent().unwrap();
    let sandbox = stage::ready(double)
        .env(
            "PATH",
            format!("{}:/usr/local/bin:/usr/bin:/bin", program.display()),
        )
        .env("ZDOTDIR", "/nonexistent");
    let terminal = Terminal::launch(
        name,
        arguments,
        sandbox.environment(),
        sandbox.home(),
        USUAL,
    )
    .keeping(sandbox.lease());
    terminal.answer(&format!("{set_up}; echo set-up-$((0+1))").replace(
        "$((0+1))",
        if *name == "fish" {
            "(math 0+1)"
        } else {
            "$((0+1))"
        },
    ));
    terminal.wait_for("set-up-1");
    terminal
}

#[test]
fn the_line_becomes_the_command_and_is_not_run() {
    for shell in SHELLS {
        if !is_installed(shell.0) {
            continue;
        }
        let double = Double::start([answer("printf 'ran-%s\\n' it's\\ 'fine'")]);
        let terminal = started(&double, shell);
        // Nothing typed: nothing is asked.
        terminal.type_text(ALT_E);
        terminal.type_text(&format!("say \"fine\" & it's so{ALT_E}"));
        terminal.wait_for("printf 'ran-%s\\n' it's\\ 'fine'");
        assert!(!terminal.transcript().contains("ran-it"), "{}", shell.0);
        let body = double.request().json();
        assert_eq!(body["messages"][1]["content"], "say \"fine\" & it's so");
        let system = body["messages"][0]["content"].to_string();
        assert!(system.contains(&format!("Shell: {}.", shell.0)), "{system}");
    }
}

#[test]
fn enter_runs_the_line_as_it_is_shown() {
    for shell in SHELLS {
        if !is_installed(shell.0) {
            continue;
        }
        let double = Double::start([answer("echo one-line | tr 'a-z' 'A-Z'")]);
        let terminal = started(&double, shell);
        terminal.type_text(&format!("shout{ALT_E}"));
        terminal.wait_for("echo one-line | tr 'a-z' 'A-Z'");
        terminal.press_enter();
        terminal.wait_for("ONE-LINE");
    }
}

#[test]
fn the_line_is_kept_when_the_request_fails_and_the_reason_is_shown() {
    for shell in SHELLS {
        if !is_installed(shell.0) {
            continue;
        }
        let double = Double::start([reply::refusal(400, "this model is on holiday")]);
        let terminal = started(&double, shell);
        terminal.type_text(&format!("echo kept | tr 'a-z' 'A-Z'{ALT_E}"));
        terminal.wait_for("on holiday");
        terminal.wait_until("the line is drawn again", |seen| {
            let transcript = seen.transcript();
            let (_, after) = transcript.split_once("on holiday").unwrap_or_default();
            after.contains("echo kept")
        });
        terminal.press_enter();
        terminal.wait_for("KEPT");
    }
}
