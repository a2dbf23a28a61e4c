//! What people do every day with one question: asking without a command, selecting code, writing
//! files, copying, and seeing what it cost.

use std::fs;

use crate::support::double::Double;
use crate::support::outcome::Outcome;
use crate::support::reply::{self, Reply};
use crate::support::sandbox::Sandbox;

const TWO_BLOCKS: &str = "Here:\n```sh\nls -l\n```\nand\n> ~~~py\n> x = 1\n> ~~~\nDone.";

fn asked(reply: Reply, arguments: &[&str]) -> (Outcome, Sandbox, Double) {
    let double = Double::start([reply]);
    let sandbox = Sandbox::with(&double);
    let outcome = sandbox.run(arguments);
    (outcome, sandbox, double)
}

/// Runs without any request.
#[track_caller]
fn not_asked(arguments: &[&str]) -> Outcome {
    let double = Double::start([]);
    Sandbox::with(&double).run(arguments)
}

fn names(sandbox: &Sandbox) -> Vec<String> {
    let entries = fs::read_dir(sandbox.home()).unwrap();
    let mut names: Vec<String> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name != "run")
        .collect();
    names.sort();
    names
}

#[test]
fn words_without_a_command_are_a_question() {
    for arguments in [
        vec!["hello there"],
        vec!["hello", "there"],
        vec!["--no-save", "hello there"],
        vec!["-m", "test/plain", "hello there"],
        vec!["hello there", "--temperature", "0.5"],
        vec!["-t", "0.5", "chat", "hello there"],
        vec!["--", "hello there"],
    ] {
        let (outcome, _, double) = asked(reply::stream(["Hi."]), &arguments);
        outcome.assert_answer("Hi.\n");
        assert_eq!(double.request().prompt(), "hello there", "{arguments:?}");
    }
}

#[test]
fn piped_text_and_a_file_are_a_question() {
    let double = Double::start([reply::stream(["One."]), reply::stream(["Two."])]);
    let sandbox = Sandbox::with(&double).stdin("piped");
    sandbox.run::<&str>([]).assert_answer("One.\n");
    let sandbox = Sandbox::with(&double).file("notes.txt", "noted");
    sandbox
        .run(["-f", "notes.txt", "read it"])
        .assert_answer("Two.\n");
    let prompts: Vec<String> = double
        .requests()
        .iter()
        .map(|request| request.prompt().to_string())
        .collect();
    assert_eq!(prompts[0], "\"piped\"");
    assert!(prompts[1].contains("read it") && prompts[1].contains("noted"));
}

#[test]
fn a_mistyped_command_is_suggested_and_nothing_is_sent() {
    for (arguments, hint) in [
        (vec!["modles"], "hint: amx models"),
        (vec!["sesions", "list"], "hint: amx sessions list"),
        (vec!["-p", "work", "usgae"], "hint: amx usage"),
        (vec!["setup"], "hint: amx add-llm-profile"),
    ] {
        let outcome = not_asked(&arguments);
        outcome.assert_failure(2).assert_stderr_has(hint);
        assert_eq!(outcome.stdout(), "");
    }
}

#[test]
fn help_is_a_word_too() {
    let help = not_asked(&["help"]);
    help.assert_code(0);
    assert!(help.stdout().contains("amx [OPTIONS OF CHAT] QUESTION..."));
    let models = not_asked(&["help", "models"]);
    assert!(models.stdout().contains("Usage: amx models"), "{models}");
    let chat = not_asked(&["-p", "work", "--help"]);
    assert!(chat.stdout().contains("Usage: amx chat"), "{chat}");
}

#[test]
fn only_the_code_is_printed() {
    for (flag, code) in [
        ("-x", "ls -l\nx = 1\n"),
        ("-x=1", "ls -l\n"),
        ("--extract=2", "x = 1\n"),
    ] {
        let (outcome, ..) = asked(reply::stream([TWO_BLOCKS]), &["list files", flag]);
        outcome.assert_code(0).assert_stdout(code);
    }
}

#[test]
fn without_the_code_stdout_is_empty_and_the_answer_is_on_stderr() {
    for (answer, flag, message) in [
        ("No code.", "-x", "the answer has no code block"),
        (
            TWO_BLOCKS,
            "-x=3",
            "no code block 3: the answer has 2 code blocks",
        ),
    ] {
        let (outcome, ..) = asked(reply::stream([answer]), &["-q", flag, "list files"]);
        outcome.assert_code(10).assert_stdout("");
        outcome.assert_stderr_has(message);
        outcome.assert_stderr_has(answer.lines().last().unwrap());
    }
}

#[test]
fn code_of_an_answer_that_was_cut_is_not_printed() {
    let reply = reply::stream(["```sh\nrm -rf build\n", "ls\n```"]).cut_after(1);
    let (outcome, ..) = asked(reply, &["-x", "list files"]);
    assert_ne!(outcome.code, 0, "{outcome}");
    outcome.assert_stdout("").assert_stderr_has("rm -rf build");
}

#[test]
fn options_that_exclude_each_other_are_refused_in_words() {
    for arguments in [
        vec!["-i", "hi"],
        vec!["--overwrite", "hi"],
        vec!["--copy", "--dry-run", "hi"],
        vec!["-x=0", "hi"],
    ] {
        not_asked(&arguments).assert_failure(2);
    }
    for arguments in [["-x", "--json"], ["--usage", "--jsonl"], ["-i", "--json"]] {
        let outcome = not_asked(&[&arguments[..], &["hi"]].concat());
        let words = outcome.json_failure(2)["message"].to_string();
        assert!(words.contains(arguments[1]), "{words}");
    }
}

#[test]
fn an_answer_is_written_to_a_file() {
    let (outcome, sandbox, _) = asked(
        reply::stream(["# Title\n\n", "Text."]),
        &["hi", "--output", "a.md"],
    );
    outcome
        .assert_code(0)
        .assert_stdout("")
        .assert_stderr_has("note: wrote a.md");
    let text = fs::read_to_string(sandbox.home().join("a.md")).unwrap();
    assert_eq!(text, "# Title\n\nText.\n");
    assert_eq!(names(&sandbox), ["a.md"]);
}

#[test]
fn json_and_code_are_written_to_a_file_too() {
    for (flag, expected) in [("--json", "\"content\":\"Here"), ("-x=1", "ls -l\n")] {
        let (outcome, sandbox, _) = asked(
            reply::stream([TWO_BLOCKS]),
            &["hi", "--output", "out", flag],
        );
        outcome.assert_code(0).assert_stdout("");
        let text = fs::read_to_string(sandbox.home().join("out")).unwrap();
        assert!(
            text.starts_with(expected) || text.contains(expected),
            "{text}"
        );
    }
}

#[test]
fn an_existing_file_is_refused_before_anything_is_sent() {
    let double = Double::start([reply::stream(["New."])]);
    let sandbox = Sandbox::with(&double).file("a.md", "old");
    let refused = sandbox.run(["hi", "--output", "a.md"]);
    refused.assert_failure(2).assert_stderr_has("--overwrite");
    assert!(double.requests().is_empty());
    let path = sandbox.home().join("a.md");
    assert_eq!(fs::read_to_string(&path).unwrap(), "old");
    sandbox
        .run(["hi", "--output", "a.md", "--overwrite"])
        .assert_code(0);
    assert_eq!(fs::read_to_string(&path).unwrap(), "New.\n");
}

#[test]
fn a_folder_that_cannot_be_written_is_reported_before_anything_is_sent() {
    let outcome = not_asked(&["hi", "--output", "none/a.md"]);
    outcome
        .assert_failure(12)
        .assert_stderr_has("none/a.md cannot be written");
}

#[test]
fn an_answer_that_was_cut_is_kept_beside_the_file() {
    let double = Double::start([reply::stream(["Half ", "and more."]).cut_after(1)]);
    let sandbox = Sandbox::with(&double).file("a.md", "old");
    let outcome = sandbox.run(["hi", "--output", "a.md", "--overwrite"]);
    assert_ne!(outcome.code, 0, "{outcome}");
    outcome.assert_stderr_has("the incomplete answer is in a.md.partial");
    let read = |name: &str| fs::read_to_string(sandbox.home().join(name)).unwrap();
    assert_eq!(read("a.md"), "old");
    assert_eq!(read("a.md.partial").trim_end(), "Half");
    assert_eq!(names(&sandbox), ["a.md", "a.md.partial"]);
}

#[test]
fn a_refused_question_leaves_no_file() {
    let (outcome, sandbox, _) = asked(
        reply::refusal(402, "Insufficient credits"),
        &["hi", "--output", "a.md"],
    );
    assert_ne!(outcome.code, 0, "{outcome}");
    assert_eq!(names(&sandbox), Vec::<String>::new());
}

#[test]
fn quiet_omits_notes_and_usage_adds_tokens_and_cost() {
    let served = || reply::stream(["Hi."]).served_by("test/other", "Scripted Cloud");
    let (outcome, ..) = asked(served(), &["-m", "test/plain", "hi"]);
    outcome.assert_stderr_has("note: answered by test/other");
    let (outcome, ..) = asked(served(), &["-q", "-m", "test/plain", "hi"]);
    outcome.assert_answer("Hi.\n");
    assert_eq!(outcome.stderr(), "");
    for quiet in [&[][..], &["-q"][..]] {
        let arguments = [&["--usage", "-m", "test/plain", "hi"], quiet].concat();
        let (outcome, ..) = asked(served(), &arguments);
        outcome.assert_stdout("Hi.\n");
        let stderr = outcome.stderr();
        let line = stderr.trim_end();
        assert_eq!(line.lines().count(), 1, "{stderr}");
        assert!(
            line.contains("test/other") && line.contains("11 in · 7 out · $0.00042"),
            "{stderr}"
        );
    }
}

#[test]
fn inside_tmux_an_answer_is_copied_by_tmux() {
    let double = Double::start([reply::stream(["Hi."])]);
    let sandbox = Sandbox::with(&double)
        .script(
            "tmux",
            "echo \"$@\" > \"$HOME/asked\"; cat > \"$HOME/copied\"",
        )
        .env("TMUX", "/tmp/tmux-0/default,1,0");
    let path = format!("{}:/usr/bin:/bin", sandbox.home().display());
    let sandbox = sandbox.env("PATH", path);
    let outcome = sandbox.run(["hi", "--copy"]);
    outcome.assert_code(0).assert_stdout("Hi.\n");
    outcome.assert_stderr_has("note: copied 1 line to tmux, and to the clipboard where");
    let read = |name: &str| fs::read_to_string(sandbox.home().join(name)).unwrap();
    assert_eq!(read("copied"), "Hi.");
    assert_eq!(read("asked"), "load-buffer -w -\n");
}

#[test]
fn an_answer_or_its_code_is_copied() {
    for (flags, copied, stdout) in [
        (&["--copy"][..], TWO_BLOCKS, format!("{TWO_BLOCKS}\n")),
        (&["--copy", "-x=1"], "ls -l", "ls -l\n".to_owned()),
    ] {
        let double = Double::start([reply::stream([TWO_BLOCKS])]);
        let sandbox = Sandbox::with(&double)
            .script("xclip", "cat > \"$HOME/copied\"")
            .env("DISPLAY", ":0");
        let path = format!("{}:/usr/bin:/bin", sandbox.home().display());
        let sandbox = sandbox.env("PATH", path).env("TERM", "xterm");
        let outcome = sandbox.run([&["hi"][..], flags].concat());
        outcome.assert_code(0).assert_stdout(&stdout);
        outcome.assert_stderr_has("note: copied");
        let text = fs::read_to_string(sandbox.home().join("copied")).unwrap();
        assert_eq!(text, copied);
    }
    let (outcome, ..) = asked(reply::stream(["Hi."]), &["--copy", "hi"]);
    outcome.assert_code(12).assert_stdout("Hi.\n");
    outcome.assert_stderr_has("the answer was not copied");
    outcome.assert_stderr_has("hint: --output answer.md");
}
