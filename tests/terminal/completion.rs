//! Completion in real shells: Tab is pressed, Enter runs a function in place of the program, and
//! the words that it gets are what the shell made of the candidates.
//!
//! Shells that are not installed are skipped, unless `AMX_TEST_SHELLS=1` is set.

use std::path::Path;
use std::process::Command;

use serde_json::json;

use crate::pty::{Size, Terminal};
use crate::support::double::Double;
use crate::support::routes;
use crate::support::sandbox::Sandbox;

const CONFIG: &str = "\
llm_profiles:
  work: {provider: openrouter, model: openai/gpt-5-mini}
  home: {provider: ollama, model: 'qwen3:8b'}
  box: {provider: local, base_url: 'http://127.0.0.1:9/v1', model: plain}
  edge: {provider: local, base_url: 'http://127.0.0.1:9/v1', model: '@cf/meta/small'}
active_llm_profile: work
";

/// A line with its words.
type Specimen = (&'static str, &'static [&'static str]);

/// What is typed, and the words that the shell then runs. `⇥` is Tab.
const SPECIMENS: &[Specimen] = &[
    ("cha⇥-m qwen3:⇥", &["chat", "-m", "qwen3:8b"]),
    ("chat -m qw⇥", &["chat", "-m", "qwen3:8b"]),
    ("chat --model=qwen3:⇥", &["chat", "--model=qwen3:8b"]),
    (
        "chat --model=openai/g⇥",
        &["chat", "--model=openai/gpt-5-mini"],
    ),
    (
        "chat --model openai/g⇥",
        &["chat", "--model", "openai/gpt-5-mini"],
    ),
    ("chat -m openrouter/a⇥", &["chat", "-m", "openrouter/auto"]),
    (
        "chat -m meta-llama/⇥",
        &["chat", "-m", "meta-llama/llama-3.1-70b-instruct"],
    ),
    ("chat -m home:qw⇥", &["chat", "-m", "home:qwen3:8b"]),
    (
        "chat -m openrouter:openrouter/⇥",
        &["chat", "-m", "openrouter:openrouter/auto"],
    ),
    (
        "chat -m qwen3:8b,openai/⇥",
        &["chat", "-m", "qwen3:8b,openai/gpt-5-mini"],
    ),
    (
        "compare -m qwen3:⇥-m openai/⇥",
        &["compare", "-m", "qwen3:8b", "-m", "openai/gpt-5-mini"],
    ),
    (
        "models show openai/⇥",
        &["models", "show", "openai/gpt-5-mini"],
    ),
    (
        "config explain -m qwen3:⇥",
        &["config", "explain", "-m", "qwen3:8b"],
    ),
    (
        "chat -o provider.sort=th⇥",
        &["chat", "-o", "provider.sort=throughput"],
    ),
    (
        "chat -o provider.so⇥th⇥",
        &["chat", "-o", "provider.sort=throughput"],
    ),
    (
        "chat --option=private=t⇥",
        &["chat", "--option=private=true"],
    ),
    (
        "chat --provider-sort=th⇥",
        &["chat", "--provider-sort=throughput"],
    ),
    (
        "chat --reasoning-effort hi⇥",
        &["chat", "--reasoning-effort", "high"],
    ),
    (
        "chat --reasoning-effort=xh⇥",
        &["chat", "--reasoning-effort=xhigh"],
    ),
    ("chat --pdf-engine oc⇥", &["chat", "--pdf-engine", "ocr"]),
    ("profiles show wo⇥", &["profiles", "show", "work"]),
    (
        "add-llm-profile --provider ge⇥",
        &["add-llm-profile", "--provider", "gemini"],
    ),
    (
        "config explain max_cost.per_d⇥",
        &["config", "explain", "max_cost.per_day"],
    ),
    ("chat --template rev⇥", &["chat", "--template", "review"]),
    (
        "chat --template review --var lan⇥rust",
        &["chat", "--template", "review", "--var", "lang=rust"],
    ),
    ("chat --session plan⇥", &["chat", "--session", "plan-B"]),
    ("chat -m @cf/me⇥", &["chat", "-m", "@cf/meta/small"]),
    (
        "chat --model=edge:@cf⇥",
        &["chat", "--model=edge:@cf/meta/small"],
    ),
    ("sessions show @a⇥", &["sessions", "show", "@august"]),
    ("chat -f my⇥", &["chat", "-f", "my plan.md"]),
    ("chat -f \"my⇥", &["chat", "-f", "my plan.md"]),
    ("chat --file=my⇥", &["chat", "--file=my plan.md"]),
];

/// The line editors differ in what they insert for these.
const OF_BASH: &[Specimen] = &[
    ("chat -m 5-mini⇥", &["chat", "-m", "openai/gpt-5-mini"]),
    ("chat -m \"qwen3:⇥", &["chat", "-m", "qwen3:8b"]),
    (
        "chat -m 'openai/gpt-5-mini?rea⇥",
        &["chat", "-m", "openai/gpt-5-mini?reasoning_effort="],
    ),
    (
        "chat -m openai/gpt-5-mini?rea⇥hi⇥",
        &["chat", "-m", "openai/gpt-5-mini?reasoning_effort=high"],
    ),
    ("chat --file='my⇥", &["chat", "--file=my plan.md"]),
    ("chat hi > my⇥", &["chat", "hi"]),
];

/// What the script completes that does not call the program.
const OF_STATIC_SCRIPT: &[Specimen] = &[
    (
        "chat --reasoning-effort hi⇥",
        &["chat", "--reasoning-effort", "high"],
    ),
    (
        "chat --reasoning-effort=xh⇥",
        &["chat", "--reasoning-effort=xhigh"],
    ),
    ("chat --pdf-engine=oc⇥", &["chat", "--pdf-engine=ocr"]),
    (
        "add-llm-profile --provider ge⇥",
        &["add-llm-profile", "--provider", "gemini"],
    ),
];

/// Whether a shell is there.
#[expect(
    clippy::disallowed_methods,
    clippy::print_stderr,
    reason = "a test that is skipped says so"
)]
pub fn is_installed(shell: &str) -> bool {
    let is_there = Command::new(shell).arg("--version").output().is_ok();
    let is_required = std::env::var_os("AMX_TEST_SHELLS").is_some_and(|value| value == "1");
    assert!(is_there || !is_required, "{shell} is not installed");
    if !is_there {
        eprintln!("skipped: {shell} is not installed");
    }
    is_there
}

/// A home with a configuration, a cached catalogue, a session, a template and a file.
fn furnished() -> Sandbox {
    let double = Double::start([]).also(routes::models());
    let sandbox = Sandbox::with(&double).config(CONFIG);
    sandbox.run(["models", "sync"]).assert_code(0);
    for name in ["plan-B", "@august"] {
        let named = ["chat", "-p", "demo", "--session", name, "hi"];
        sandbox.run(named).assert_code(0);
    }
    std::fs::create_dir(sandbox.home().join(".amx/templates")).unwrap();
    let program = Path::new(env!("CARGO_BIN_EXE_amx"))
        .parent()
        .unwrap()
        .display();
    sandbox
        .file(".amx/templates/review.md", "review this {{lang}} code\n")
        .file("my plan.md", "")
        .env("PATH", format!("{program}:/usr/local/bin:/usr/bin:/bin"))
        .env("TERM", "xterm-256color")
        .env("ZDOTDIR", "/nonexistent")
        .without("COLUMNS")
}

/// A shell in which `amx` shows its arguments.
fn interactive(sandbox: &Sandbox, shell: &str, arguments: &[&str], set_up: &str) -> Terminal {
    let size = Size {
        rows: 40,
        columns: 160,
    };
    let terminal = Terminal::launch(
        shell,
        arguments,
        sandbox.environment(),
        sandbox.home(),
        size,
    )
    .keeping(sandbox.lease());
    terminal.answer(set_up);
    terminal.wait_for("set up: 1");
    terminal
}

/// Types each line, and compares the words that arrive.
fn check<'a>(terminal: &Terminal, specimens: impl IntoIterator<Item = &'a Specimen>) {
    for (index, (typed, words)) in specimens.into_iter().enumerate() {
        terminal.type_text(&format!("amx {}\r", typed.replace('⇥', "\t")));
        terminal.answer(&format!("echo end-{index}."));
        let end = format!("\nend-{index}.");
        terminal.wait_until(&end, |seen| seen.transcript().contains(&end));
        let transcript = terminal.transcript();
        let (shown, _) = transcript.split_once(&end).unwrap();
        let shown = shown.rsplit("\nend-").next().unwrap();
        let words: String = words.iter().map(|word| format!("<{word}>")).collect();
        let is_redirected = typed.contains(" > ");
        assert!(
            is_redirected || shown.lines().any(|line| line == words),
            "{typed}: no {words} in\n{shown}"
        );
    }
}

#[test]
fn bash_completes_words_with_colons_equal_signs_quotes_and_spaces() {
    if !is_installed("bash") {
        return;
    }
    let sandbox = furnished();
    let set_up = "source <(amx completions bash); amx() { printf '<%s>' \"$@\"; echo; }; \
        echo set up: $((0+1))";
    let bash = interactive(&sandbox, "bash", &["--norc", "--noprofile", "-i"], set_up);
    check(&bash, SPECIMENS.iter().chain(OF_BASH));
    let redirected = std::fs::read_to_string(sandbox.home().join("my plan.md")).unwrap();
    assert_eq!(redirected, "<chat><hi>\n");
}

#[test]
fn bash_completes_without_the_colon_among_its_word_breaks() {
    if !is_installed("bash") {
        return;
    }
    let sandbox = furnished();
    let set_up = "source <(amx completions bash); amx() { printf '<%s>' \"$@\"; echo; }; \
        COMP_WORDBREAKS=${COMP_WORDBREAKS//[:=]/}; echo set up: $((0+1))";
    let bash = interactive(&sandbox, "bash", &["--norc", "--noprofile", "-i"], set_up);
    check(&bash, &SPECIMENS[..12]);
}

#[test]
fn zsh_completes_the_same() {
    if !is_installed("zsh") {
        return;
    }
    let sandbox = furnished();
    let set_up = "autoload -Uz compinit && compinit -u -D; source <(amx completions zsh); \
        amx() { printf '<%s>' \"$@\"; echo; }; unsetopt auto_remove_slash; echo set up: $((0+1))";
    let zsh = interactive(&sandbox, "zsh", &["-f", "-i"], set_up);
    check(&zsh, SPECIMENS);
}

/// The candidates of fish for a line, without descriptions.
fn of_fish(sandbox: &Sandbox, line: &str) -> Vec<String> {
    let line = line.replace('\\', "\\\\").replace('\'', "\\'");
    let script = format!("amx completions fish | source; complete -C 'amx {line}'");
    let output = Command::new("fish")
        .args(["--no-config", "-c", &script])
        .env_clear()
        .envs(sandbox.environment())
        .current_dir(sandbox.home())
        .output()
        .unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{line}");
    String::from_utf8_lossy(&output.stdout)
        .lines()
        .map(|line| line.split('\t').next().unwrap_or_default().to_owned())
        .collect()
}

#[test]
fn fish_completes_the_same() {
    if !is_installed("fish") {
        return;
    }
    let sandbox = furnished();
    for (typed, words) in SPECIMENS {
        // Fish inserts by itself what follows a candidate.
        let (line, after) = typed.rsplit_once('⇥').unwrap();
        let line = line
            .replace("cha⇥", "chat ")
            .replace("qwen3:⇥-m", "qwen3:8b -m");
        let line = line.replace("so⇥", "sort=");
        let last = words.last().unwrap().strip_suffix(after).unwrap();
        let found = of_fish(&sandbox, &line);
        assert_eq!(found, [last], "{line}");
    }
}

#[test]
fn a_shell_with_the_static_script_completes_values_that_never_change() {
    if !is_installed("bash") {
        return;
    }
    let sandbox = furnished();
    let set_up = "source <(amx completions bash --static); amx() { printf '<%s>' \"$@\"; echo; }; \
        echo set up: $((0+1))";
    let bash = interactive(&sandbox, "bash", &["--norc", "--noprofile", "-i"], set_up);
    check(&bash, OF_STATIC_SCRIPT);
}

#[test]
fn the_same_models_are_offered_wherever_a_model_is_named() {
    let sandbox = furnished().env("AMX_COMPLETE", "zsh");
    let models = |words: &[&str]| -> Vec<String> {
        let arguments = ["words", "amx"].iter().chain(words);
        let outcome = sandbox.run(arguments);
        outcome.assert_code(0);
        let lines = outcome.stdout();
        let values = lines.lines().filter_map(|line| line.split('\t').nth(1));
        values
            .filter(|value| !value.starts_with('-'))
            .map(str::to_owned)
            .collect()
    };
    let all = json!(models(&["chat", "-m", ""]));
    assert_eq!(
        all,
        json!([
            "@cf/meta/small",
            "demo/scripted",
            "meta-llama/llama-3.1-70b-instruct",
            "openai/gpt-5-mini",
            "openrouter/auto",
            "plain",
            "qwen3:8b"
        ])
    );
    for words in [
        &["compare", "--model", ""][..],
        &["config", "explain", "-m", ""],
        &["models", "show", ""],
        &["add-llm-profile", "--model", ""],
        &["chat", "--models", ""],
        &["chat", "-p", "work", "-m", ""],
    ] {
        assert_eq!(json!(models(words)), all, "{words:?}");
    }
    // Another server has no cached catalogue.
    assert!(!models(&["chat", "-p", "box", "-m", ""]).contains(&"openrouter/auto".to_owned()));
}
