//! Completion: what the shell is told when it asks, the scripts that ask, and that nothing else
//! happens.

use crate::support::double::{Double, KEY};
use crate::support::sandbox::{Sandbox, files_below};

const CONFIG: &str = "\
llm_profiles:
  work: {model: openai/gpt-5-mini, api_key: 'cmd:touch ran', fallback_models: [a/b]}
  home: {provider: ollama, model: llama3.2}
active_llm_profile: work
";

/// Completions that fish gets for a line, without descriptions.
#[track_caller]
pub fn candidates(sandbox: Sandbox, words: &[&str]) -> Vec<String> {
    let arguments = ["--", "amx"].iter().chain(words);
    let outcome = sandbox.env("AMX_COMPLETE", "fish").run(arguments);
    outcome.assert_code(0);
    assert_eq!(outcome.stderr(), "", "{outcome}");
    outcome
        .stdout()
        .lines()
        .map(|line| line.split('\t').next().unwrap_or_default().to_owned())
        .filter(|word| !word.starts_with('-'))
        .collect()
}

fn configured() -> Sandbox {
    Sandbox::new().config(CONFIG)
}

#[test]
fn profiles_models_and_sessions_are_offered_where_they_belong() {
    let all = ["home", "work", "demo"];
    assert_eq!(candidates(configured(), &["chat", "-p", ""]), all);
    assert_eq!(
        candidates(configured(), &["chat", "--profile", "wo"]),
        ["work"]
    );
    for command in ["show", "use", "remove", "rename", "test"] {
        assert_eq!(
            candidates(configured(), &["profiles", command, ""]),
            all,
            "{command}"
        );
    }
    assert_eq!(candidates(configured(), &["doctor", "-p", "h"]), ["home"]);
    assert_eq!(
        candidates(configured(), &["chat", "-m", ""]),
        ["a/b", "llama3.2", "openai/gpt-5-mini"]
    );
    assert_eq!(
        candidates(configured(), &["chat", "-m", "gpt"]),
        ["openai/gpt-5-mini"]
    );
    assert_eq!(candidates(configured(), &["doc"]), ["doctor"]);
}

#[test]
fn stored_sessions_are_offered_by_name_or_number() {
    let sandbox = configured();
    sandbox
        .run(["chat", "-p", "demo", "--session", "plan-B", "hi"])
        .assert_code(0);
    sandbox
        .run(["chat", "-p", "demo", "-m", "demo/thinking", "second"])
        .assert_code(0);
    let before = files_below(sandbox.home());
    let sandbox = sandbox
        .env("AMX_COMPLETE", "zsh")
        .env("_CLAP_COMPLETE_INDEX", "3")
        .env("_CLAP_IFS", "\n");
    let outcome = sandbox.run(["--", "amx", "chat", "--session", ""]);
    outcome.assert_stdout("2:second\nplan-B:hi");
    let outcome = sandbox.run(["--", "amx", "sessions", "show", "p"]);
    outcome.assert_stdout("plan-B:hi");
    let outcome = sandbox.run(["--", "amx", "chat", "-m", "demo/"]);
    outcome.assert_stdout("demo/scripted\ndemo/thinking");
    assert_eq!(files_below(sandbox.home()), before, "looking made a file");
}

#[test]
fn completion_contacts_no_server_and_runs_no_program() {
    let double = Double::start([]);
    let sandbox = configured()
        .double(&double)
        .env("AMX_COMPLETE", "bash")
        .env("_CLAP_COMPLETE_INDEX", "3")
        .env("_CLAP_IFS", "\u{b}");
    sandbox
        .run(["--", "amx", "chat", "-p", "wo"])
        .assert_answer("work");
    assert!(double.requests().is_empty() && !sandbox.home().join("ran").exists());
}

#[test]
fn a_configuration_that_does_not_load_has_no_names_and_says_nothing() {
    for text in ["llm_profiles: [oops\n", "llm_profiles: {a: 3}\n"] {
        assert_eq!(
            candidates(Sandbox::new().config(text), &["chat", "-p", ""]),
            Vec::<String>::new()
        );
        assert_eq!(
            candidates(Sandbox::new().config(text), &["prof"]),
            ["profiles"]
        );
    }
    let damaged = configured().file(".amx/amx.db", "this is no database\n".repeat(100));
    assert_eq!(
        candidates(damaged, &["chat", "--session", ""]),
        Vec::<String>::new()
    );
    // Neither an unknown shell nor an unfinished call is worth a word.
    for (shell, arguments) in [
        ("tcsh", &["--", "amx", "chat"][..]),
        ("fish", &["--"]),
        ("bash", &["--", "amx"]),
    ] {
        configured()
            .env("AMX_COMPLETE", shell)
            .run(arguments)
            .assert_code(0);
    }
}

#[test]
fn scripts_ask_the_program_and_the_static_ones_do_not() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let script = Sandbox::new().run(["completions", shell]).stdout();
        assert!(
            script.contains("AMX_COMPLETE") && !script.contains("max-tokens"),
            "{shell}: {script}"
        );
        let script = Sandbox::new()
            .run(["completions", shell, "--static"])
            .stdout();
        assert!(
            !script.contains("AMX_COMPLETE") && script.contains("max-tokens"),
            "{shell}"
        );
    }
}

#[test]
fn bash_itself_offers_the_profiles() {
    let Ok(bash) = std::process::Command::new("bash").arg("--version").output() else {
        return;
    };
    assert!(bash.status.success());
    let sandbox = configured().env("OPENROUTER_API_KEY", KEY);
    let program = std::path::Path::new(env!("CARGO_BIN_EXE_amx"))
        .parent()
        .unwrap()
        .display()
        .to_string();
    let script = "source <(amx completions bash)\nCOMP_WORDS=(amx chat -p wo) COMP_CWORD=3 COMP_TYPE=9\n_clap_complete_amx amx wo -p\nprintf '%s\\n' \"${COMPREPLY[@]}\"";
    let mut command = std::process::Command::new("bash");
    command
        .args(["-c", script])
        .env_clear()
        .envs(sandbox.environment())
        .env("PATH", format!("{program}:/usr/bin:/bin"))
        .current_dir(sandbox.home());
    let output = command.output().unwrap();
    assert_eq!(
        String::from_utf8_lossy(&output.stdout),
        "work\n",
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}
