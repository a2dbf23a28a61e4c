//! What can be typed at the prompt besides a question: mentions of files, commands of the shell,
//! starts of commands, templates; and that none of it is obeyed when it is pasted.

use crate::pty::{SMALL, Size, Terminal, USUAL};
use crate::stage;
use crate::support::double::Double;
use crate::support::reply;
use crate::support::sandbox::Sandbox;

/// What a model may answer with, and a command may print.
const CASES: &str = include_str!("../data/escapes.txt");

/// A server that answers so many questions.
fn answering(count: usize) -> Double {
    Double::start((0..count).map(|_| reply::stream(["an answer"])))
}

/// With a locale in which the prompt is `›`, and a shell for commands.
fn stage_for(double: &Double, has_footer: bool) -> Sandbox {
    let stage = stage::ready(double)
        .env("LC_ALL", "C.UTF-8")
        .env("SHELL", "/bin/sh");
    if has_footer {
        stage.without("AMX_NO_FOOTER")
    } else {
        stage
    }
}

/// The line that is being typed, with the prompt before it.
fn line(transcript: &str) -> String {
    let line = transcript.lines().rev().find(|line| line.contains('›'));
    line.unwrap_or_default().trim_end().to_owned()
}

#[track_caller]
fn wait_for_line(terminal: &Terminal, end: &str) {
    terminal.wait_until(&format!("the line {end:?}"), |seen| {
        line(&seen.transcript()).ends_with(end)
    });
}

fn opened(sandbox: &Sandbox) -> Terminal {
    opened_at(sandbox, USUAL)
}

fn opened_at(sandbox: &Sandbox, size: Size) -> Terminal {
    let terminal = stage::terminal(sandbox, &["chat"], size);
    terminal.wait_for("›");
    terminal
}

/// The texts of each message that was sent last: the question, then what is attached to it.
fn parts(double: &Double) -> Vec<Vec<String>> {
    let texts = |prompt: &serde_json::Value| match prompt {
        serde_json::Value::Array(parts) => parts
            .iter()
            .map(|part| part["text"].as_str().unwrap_or("(no text)").to_owned())
            .collect(),
        text => vec![text.as_str().unwrap_or_default().to_owned()],
    };
    double
        .requests()
        .iter()
        .map(|request| texts(&request.prompt()))
        .collect()
}

/// Waits for the end of all answers, and leaves.
#[track_caller]
fn leave_after(terminal: &Terminal, double: &Double, count: usize) {
    double.wait_for_requests(count);
    terminal.wait_until("the last answer and a prompt below it", |seen| {
        let text = seen.transcript();
        text.matches("an answer").count() >= count && line(&text).ends_with('›')
    });
    terminal.type_text("\x04");
    assert_eq!(terminal.wait_exit(), 0, "{}", terminal.transcript());
    terminal.assert_restored();
}

/// The clipboard is untouched, and every title is one of amx.
#[track_caller]
fn assert_no_foreign_events(terminal: &Terminal) {
    let events = terminal.events();
    assert_eq!(events.clipboard, Vec::<String>::new());
    let is_own = |title: &String| title.is_empty() || title.starts_with("amx");
    assert!(events.titles.iter().all(is_own), "{:?}", events.titles);
}

/// With a template named `review`.
fn with_template(sandbox: Sandbox) -> Sandbox {
    let sandbox = sandbox.config("keys: emacs\n");
    std::fs::create_dir(sandbox.home().join(".amx/templates")).unwrap();
    sandbox.file(".amx/templates/review.md", "Review this: {{input}}")
}

fn paste(text: &str) -> String {
    format!("\x1b[200~{}\x1b[201~", text.replace('\n', "\r"))
}

#[test]
fn a_mention_attaches_the_file_and_stays_in_the_text() {
    for has_footer in [false, true] {
        let double = answering(1);
        let sandbox = stage_for(&double, has_footer)
            .file("notes.md", "the notes")
            .file("my plan.md", "the plan");
        let terminal = opened(&sandbox);
        terminal.type_text("compare @notes.md with @\"my plan.md\", ask a@b.example or @nobody\r");
        terminal.wait_for("+ notes.md · 9 B");
        leave_after(&terminal, &double, 1);
        assert_eq!(
            parts(&double),
            [[
                "compare @notes.md with @\"my plan.md\", ask a@b.example or @nobody",
                "notes.md:\n```\nthe notes\n```",
                "my plan.md:\n```\nthe plan\n```",
            ]]
        );
    }
}

#[test]
fn what_cannot_be_attached_sends_nothing_and_brings_the_question_back() {
    for has_footer in [false, true] {
        let double = answering(1);
        let sandbox = stage_for(&double, has_footer).file("noise.bin", b"\0\x01\x02".as_slice());
        let terminal = opened(&sandbox);
        terminal.type_text("what is @noise.bin\r");
        terminal.wait_for("noise.bin is neither text nor an image");
        wait_for_line(&terminal, "› what is @noise.bin");
        assert!(double.requests().is_empty());
        terminal.type_text("\x15something else\r");
        leave_after(&terminal, &double, 1);
        assert_eq!(parts(&double), [["something else"]]);
    }
}

#[test]
fn a_pasted_path_becomes_a_mention_and_other_pastes_stay() {
    for has_footer in [false, true] {
        let double = answering(2);
        let sandbox = stage_for(&double, has_footer).file("my plan.md", "the plan");
        let terminal = opened(&sandbox);
        let path = sandbox.home().join("my plan.md").display().to_string();
        terminal.type_text("see ");
        terminal.wait_for("› see");
        terminal.type_text(&paste(&path.replace(' ', "\\ ")));
        terminal.wait_for("plan.md\"");
        terminal.press_enter();
        double.wait_for_requests(1);
        terminal.wait_for("an answer");
        terminal.type_text(&paste(&format!("see @\"{path}\"")));
        terminal.type_text("\r");
        leave_after(&terminal, &double, 2);
        let plan = "my plan.md:\n```\nthe plan\n```";
        let sent = parts(&double);
        assert_eq!(sent[0], [format!("see @\"{path}\" ").trim_end(), plan]);
        assert_eq!(sent[1], [format!("see @\"{path}\"")]);
    }
}

#[test]
fn a_command_runs_in_the_shell_and_its_output_goes_with_the_next_message() {
    for has_footer in [false, true] {
        let double = answering(2);
        let sandbox = stage_for(&double, has_footer);
        let terminal = opened(&sandbox);
        terminal.type_text("!echo shown; echo also >&2; exit 3\r");
        terminal.wait_for("exit code 3; sent with the next message");
        terminal.type_text("!!echo kept to my''self\r");
        terminal.wait_for("kept to myself");
        terminal.type_text("what went wrong?\r");
        terminal.wait_for("an answer");
        terminal.type_text("and now?\r");
        leave_after(&terminal, &double, 2);
        let block = "Output of a command, exit code 3:\n```\n\
            $ echo shown; echo also >&2; exit 3\nshown\nalso\n```";
        let sent = parts(&double);
        assert_eq!(sent[0], ["what went wrong?", block]);
        assert_eq!(sent[1], ["and now?"]);
        let shown = sandbox.run(["sessions", "show", "1"]);
        assert!(shown.stdout().contains("exit code 3"), "{}", shown.stdout());
    }
}

#[test]
fn a_command_can_ask_and_shows_its_output_at_once() {
    for has_footer in [false, true] {
        let double = answering(0);
        let sandbox = stage_for(&double, has_footer);
        let terminal = opened(&sandbox);
        terminal.type_text("!!printf 'Na''me: '; read name; echo \"hello $name\"\r");
        terminal.wait_for("Name: ");
        terminal.type_text("Ada\r");
        terminal.wait_for("hello Ada");
        leave_after(&terminal, &double, 0);
    }
}

#[test]
fn ctrl_c_ends_the_command_and_not_the_conversation() {
    for has_footer in [false, true] {
        let double = answering(1);
        let sandbox = stage_for(&double, has_footer);
        let terminal = opened(&sandbox);
        terminal.type_text("!echo star''ted; exec sleep 600\r");
        terminal.wait_for("started");
        terminal.press_ctrl_c();
        terminal.wait_for("stopped with Ctrl-C; sent with the next message");
        terminal.type_text("go on\r");
        leave_after(&terminal, &double, 1);
        assert!(parts(&double)[0][1].starts_with("Output of a command, stopped with Ctrl-C:"));
    }
}

#[test]
fn a_process_in_the_background_does_not_hold_the_prompt() {
    for has_footer in [false, true] {
        let double = answering(0);
        let sandbox = stage_for(&double, has_footer);
        let terminal = opened(&sandbox);
        terminal.type_text("!!sleep 600 & echo pro''cess $! e''nd\r");
        terminal.wait_until("the end of the command", |seen| {
            let text = seen.transcript();
            text.contains(" end\n") && line(&text).ends_with('›')
        });
        let transcript = terminal.transcript();
        let number = transcript.split("\nprocess ").nth(1).unwrap();
        let number = number.split(' ').next().unwrap().parse().unwrap();
        crate::pty::send_signal(number, "KILL");
        leave_after(&terminal, &double, 0);
    }
}

#[test]
fn a_process_in_the_background_that_writes_on_does_not_hold_the_prompt() {
    for has_footer in [false, true] {
        let double = answering(0);
        let sandbox = stage_for(&double, has_footer);
        let terminal = opened(&sandbox);
        // It writes more often than amx waits for silence, and ends when nobody reads it.
        terminal.type_text("!!while echo no''ise; do sleep 0.02; done & echo star''ted\r");
        terminal.wait_until("the end of the command", |seen| {
            let text = seen.transcript();
            text.contains("started\n") && line(&text).ends_with('›')
        });
        leave_after(&terminal, &double, 0);
    }
}

#[test]
fn the_output_of_a_command_cannot_control_the_terminal() {
    for has_footer in [false, true] {
        let double = answering(1);
        let cases: String = CASES
            .lines()
            .filter(|line| !line.is_empty() && !line.starts_with('#'))
            .map(|line| {
                let (_, text) = line.split_once(' ').unwrap();
                serde_json::from_str::<String>(text).unwrap() + "\n"
            })
            .collect();
        let sandbox = stage_for(&double, has_footer).file("hostile", cases);
        let terminal = opened(&sandbox);
        terminal.type_text("!cat hostile; echo the e''nd\r");
        terminal.wait_for("the end");
        terminal.wait_for("sent with the next message");
        assert_no_foreign_events(&terminal);
        terminal.type_text("and?\r");
        leave_after(&terminal, &double, 1);
    }
}

#[test]
fn a_long_output_is_sent_without_its_middle() {
    for has_footer in [false, true] {
        let double = answering(1);
        let sandbox = stage_for(&double, has_footer);
        let terminal = opened(&sandbox);
        terminal.type_text("!seq 1 20000\r");
        terminal.wait_for("exit code 0; sent with the next message");
        terminal.type_text("sum?\r");
        leave_after(&terminal, &double, 1);
        let block = &parts(&double)[0][1];
        assert!(block.len() < 33 * 1024, "{} bytes", block.len());
        assert!(block.contains("$ seq 1 20000\n1\n2\n") && block.ends_with("\n20000\n```"));
        assert!(block.contains(" KiB omitted …]\n"), "{block}");
    }
}

#[test]
fn an_api_key_that_a_command_prints_is_not_sent() {
    for has_footer in [false, true] {
        let double = answering(1);
        let sandbox = stage_for(&double, has_footer);
        let terminal = opened(&sandbox);
        terminal.type_text("!env\r");
        terminal.wait_for("sent with the next message");
        terminal.type_text("what is set?\r");
        leave_after(&terminal, &double, 1);
        let block = &parts(&double)[0][1];
        assert!(block.contains("SHELL=/bin/sh"), "{block}");
        assert!(!block.contains("sk-or-v1-"), "{block}");
    }
}

#[test]
fn nothing_that_is_pasted_is_obeyed() {
    for has_footer in [false, true] {
        let pasted = [
            "!touch obeyed",
            "/exit",
            "//undo",
            "!!touch obeyed\nsecond line",
            "?",
        ];
        let double = answering(pasted.len() + 1);
        let sandbox = stage_for(&double, has_footer);
        let terminal = opened(&sandbox);
        for (number, text) in pasted.iter().enumerate() {
            terminal.type_text(&paste(text));
            terminal.wait_for(text.lines().last().unwrap());
            terminal.press_enter();
            double.wait_for_requests(number + 1);
            terminal.wait_until("the answer", |seen| {
                let text = seen.transcript();
                text.matches("an answer").count() == number + 1 && line(&text).ends_with('›')
            });
        }
        // The same from the history.
        terminal.type_text("\x12touch obeyed");
        terminal.wait_for(if has_footer {
            "search › touch obeyed"
        } else {
            "(search: touch obeyed)"
        });
        terminal.type_text("\r\r");
        leave_after(&terminal, &double, pasted.len() + 1);
        let mut sent = parts(&double);
        assert_eq!(sent.pop().unwrap(), ["!!touch obeyed\nsecond line"]);
        assert_eq!(sent, pasted.map(|text| [text]));
        assert!(!sandbox.home().join("obeyed").exists());
    }
}

#[test]
fn a_replay_runs_no_command() {
    for has_footer in [false, true] {
        let double = answering(1);
        let sandbox = stage_for(&double, has_footer);
        sandbox.run(["chat", "--record", "tape.jsonl", "hi"]);
        let terminal = stage::terminal(&sandbox, &["chat", "--replay", "tape.jsonl"], USUAL);
        terminal.wait_for("›");
        terminal.type_text("!touch obeyed\r");
        terminal.wait_for("a replay runs no commands");
        terminal.type_text("\x04");
        terminal.wait_exit();
        assert!(!sandbox.home().join("obeyed").exists());
    }
}

#[test]
fn the_start_of_a_command_is_enough_and_an_argument_is_not_guessed() {
    for has_footer in [false, true] {
        let double = answering(1);
        let sandbox = with_template(stage_for(&double, has_footer));
        let terminal = opened(&sandbox);
        terminal.type_text("/temper 0.5\r");
        terminal.wait_for("Temperature: 0.5");
        if !has_footer {
            // In the footer a menu shows what Enter takes.
            terminal.type_text("/mod\r");
            terminal.wait_for("/mod is ambiguous: /model, /models");
        }
        terminal.type_text("/modle\r");
        terminal.wait_for("unknown command /modle");
        terminal.type_text("/review the diff\r");
        leave_after(&terminal, &double, 1);
        assert_eq!(parts(&double), [["Review this: the diff"]]);
    }
}

#[test]
fn ctrl_c_clears_a_draft_into_the_history() {
    for has_footer in [false, true] {
        let double = answering(1);
        let sandbox = stage_for(&double, has_footer).file("notes.md", "the notes");
        let terminal = opened(&sandbox);
        terminal.type_text("/file notes.md\r");
        terminal.wait_for("+ notes.md");
        terminal.type_text("a draft");
        terminal.wait_for("a draft");
        terminal.press_ctrl_c();
        let attached = if has_footer {
            // The row above the line names the attachment.
            terminal.wait_until("the name of the attachment", |seen| {
                seen.screen().contents().contains(" notes.md · 9 B · about")
            });
            "amx"
        } else {
            "amx +1"
        };
        wait_for_line(&terminal, &format!("{attached} ›"));
        terminal.type_text("\x1b[A");
        wait_for_line(&terminal, &format!("{attached} › a draft"));
        terminal.press_enter();
        leave_after(&terminal, &double, 1);
        assert_eq!(
            parts(&double),
            [["a draft", "notes.md:\n```\nthe notes\n```"]]
        );
        assert!(!terminal.transcript().contains("Press Ctrl-C again"));
    }
}

#[test]
fn ctrl_g_edits_the_draft_and_ctrl_l_keeps_the_screen() {
    for has_footer in [false, true] {
        let double = answering(1);
        let sandbox = stage_for(&double, has_footer).script("editor", "printf 'edited' > \"$1\"");
        let editor = sandbox.home().join("editor").into_os_string();
        let sandbox = sandbox.env("EDITOR", editor);
        let terminal = opened(&sandbox);
        terminal.type_text("a draft\x0c");
        terminal.wait_for("a draft");
        terminal.type_text("\x07");
        wait_for_line(&terminal, "› edited");
        terminal.press_enter();
        leave_after(&terminal, &double, 1);
        assert_eq!(parts(&double), [["edited"]]);
        let raw = String::from_utf8_lossy(&terminal.raw_output()).into_owned();
        assert!(!raw.contains("\x1b[2J") && !raw.contains("\x1b[3J"));
    }
}

#[test]
fn shift_enter_inserts_a_line_where_the_terminal_tells_it_apart() {
    for key in ["\x1b[13;2u", "\x1b[27;2;13~"] {
        let double = answering(1);
        let sandbox = stage_for(&double, true);
        let terminal = opened(&sandbox);
        terminal.type_text(&format!("one{key}two\r"));
        leave_after(&terminal, &double, 1);
        assert_eq!(parts(&double), [["one\ntwo"]]);
        // The terminal of this test has no protocol of kitty, and calls itself xterm.
        let raw = String::from_utf8_lossy(&terminal.raw_output()).into_owned();
        assert!(!raw.contains("\x1b[>1u"));
        let (on, off) = ("\x1b[>4;1m", "\x1b[>4m");
        assert!(
            raw.contains(on) && raw.rfind(off) > raw.rfind(on),
            "{raw:?}"
        );
    }
}

#[test]
fn the_menu_of_commands_is_filtered_and_enter_takes_its_first_row() {
    let double = answering(1);
    let sandbox = stage_for(&double, true);
    let terminal = opened(&sandbox);
    terminal.type_text("first\r");
    terminal.wait_for("an answer");
    terminal.type_text("/temper");
    terminal.wait_for("set the sampling temperature");
    // Tab completes, Esc closes.
    terminal.type_text("\t");
    wait_for_line(&terminal, "› /temperature");
    terminal.type_text("0.5\r");
    terminal.wait_for("Temperature: 0.5");
    terminal.type_text("/und");
    terminal.wait_for("undo the last turn");
    terminal.type_text("\r");
    terminal.wait_for("Undid 1 turn");
    leave_after(&terminal, &double, 1);
}

#[test]
fn the_menu_of_commands_shows_the_values_that_are_sent() {
    let double = answering(0);
    let sandbox = stage_for(&double, true);
    let terminal = stage::terminal(&sandbox, &["chat", "-m", "openai/o3"], USUAL);
    terminal.wait_for("›");
    for (typed, name, value) in [
        ("/max-t", "/max-tokens", "32768"),
        ("\x15/effo", "/effort", "low"),
    ] {
        terminal.type_text(typed);
        terminal.wait_until(value, |seen| {
            let screen = seen.screen().contents();
            let mut rows = screen
                .lines()
                .filter(|row| row.trim_start().starts_with(name));
            rows.any(|row| row.contains(value))
        });
    }
    terminal.type_text("\x15");
    leave_after(&terminal, &double, 0);
}

#[test]
fn the_menu_of_commands_keeps_its_columns_and_counts_its_rows() {
    let double = answering(0);
    let sandbox = stage_for(&double, true);
    let terminal = opened(&sandbox);
    terminal.type_text("/m");
    terminal.wait_until("the commands with m", |seen| {
        let screen = seen.screen().contents();
        let mut rows = screen
            .lines()
            .skip_while(|row| !row.trim_end().ends_with("› /m"));
        rows.nth(1).is_some_and(|row| row.starts_with("  /model "))
    });
    terminal.type_text("\x15/");
    // More commands than rows: where the highlighted one is, and the columns do not move.
    terminal.wait_until("the position", |seen| {
        seen.screen().contents().contains("  1 of ")
    });
    let column = column_of(&terminal, "/undo", "undo the last");
    terminal.type_text(&"\x1b[B".repeat(6));
    terminal.wait_until("the next position", |seen| {
        seen.screen().contents().contains("  7 of ")
    });
    assert_eq!(column, column_of(&terminal, "/undo", "undo the last"));
    terminal.type_text("\x15");
    leave_after(&terminal, &double, 0);
}

/// The column where a part of the row of a command starts.
fn column_of(terminal: &Terminal, command: &str, part: &str) -> Option<usize> {
    let seen = terminal.screen();
    let row = seen.lines().find(|row| row.trim().starts_with(command))?;
    row.find(part)
}

#[test]
fn names_of_files_differ_on_a_small_terminal() {
    let double = answering(0);
    let name = |n: usize| format!("the-minutes-of-the-meeting-with-number-{n}.txt");
    let sandbox = (1..=3).fold(stage_for(&double, true), |sandbox, n| {
        sandbox.file(&name(n), "x")
    });
    let terminal = opened_at(&sandbox, SMALL);
    terminal.type_text("@number");
    for n in 1..=3 {
        terminal.wait_for(&format!("meeting-with-number-{n}.txt"));
    }
    terminal.type_text("\x15");
    leave_after(&terminal, &double, 0);
}

#[test]
fn the_menu_of_files_inserts_a_name_and_the_next_enter_sends() {
    let double = answering(1);
    let sandbox = stage_for(&double, true)
        .file("notes.md", "the notes")
        .file("\u{1b}]0;evil\u{7}notes", "x")
        .file("other.txt", "x");
    let terminal = opened(&sandbox);
    terminal.type_text("see @note");
    terminal.wait_until("the row of the file", |seen| {
        seen.transcript()
            .lines()
            .any(|line| line.trim() == "notes.md")
    });
    terminal.type_text("\r");
    wait_for_line(&terminal, "› see @notes.md");
    // What the line mentions is shown before it is sent.
    terminal.wait_for("notes.md · 9 B · about 7 tokens");
    assert!(double.requests().is_empty());
    terminal.type_text("\r");
    leave_after(&terminal, &double, 1);
    assert_eq!(
        parts(&double),
        [["see @notes.md", "notes.md:\n```\nthe notes\n```"]]
    );
    assert_no_foreign_events(&terminal);
}

#[test]
fn a_large_folder_does_not_hold_the_keys() {
    let double = answering(1);
    let sandbox = stage_for(&double, true);
    let large = sandbox.home().join("large");
    for folder in 0..100 {
        let folder = large.join(folder.to_string());
        std::fs::create_dir_all(&folder).unwrap();
        for file in 0..100 {
            std::fs::write(folder.join(format!("file-{file}")), "").unwrap();
        }
    }
    let terminal = opened(&sandbox);
    terminal.type_text("see @file-77");
    wait_for_line(&terminal, "› see @file-77");
    terminal.type_text("\x15plain\r");
    leave_after(&terminal, &double, 1);
    assert_eq!(parts(&double), [["plain"]]);
}

#[test]
fn backspace_on_an_empty_line_removes_the_last_attachment() {
    let double = answering(1);
    let sandbox = stage_for(&double, true)
        .file("notes.md", "the notes")
        .file("other.md", "other");
    let terminal = opened(&sandbox);
    terminal.type_text("/file notes.md other.md\r");
    terminal.wait_until("the names of the attachments", |seen| {
        let screen = seen.screen().contents();
        screen
            .lines()
            .any(|row| row.starts_with(" notes.md") && row.contains("  other.md"))
    });
    terminal.type_text("\x7f");
    terminal.wait_for("- other.md");
    terminal.type_text("what?\r");
    leave_after(&terminal, &double, 1);
    assert_eq!(
        parts(&double),
        [["what?", "notes.md:\n```\nthe notes\n```"]]
    );
}

#[test]
fn a_question_mark_on_an_empty_line_lists_the_keys() {
    let double = answering(1);
    let sandbox = stage_for(&double, true);
    let terminal = opened(&sandbox);
    terminal.type_text("?");
    terminal.wait_for("search the history");
    terminal.type_text("really?\r");
    leave_after(&terminal, &double, 1);
    assert_eq!(parts(&double), [["really?"]]);
}

#[test]
fn ctrl_r_lists_what_matches_and_takes_a_paste() {
    let double = answering(4);
    let sandbox = stage_for(&double, true);
    let terminal = opened(&sandbox);
    for (number, question) in ["explain traits", "explain lifetimes", "why"]
        .iter()
        .enumerate()
    {
        terminal.type_text(&format!("{question}\r"));
        terminal.wait_until("the answer", |seen| {
            seen.transcript().matches("an answer").count() == number + 1
        });
    }
    terminal.type_text("a draft");
    wait_for_line(&terminal, "a draft");
    terminal.type_text("\x12");
    terminal.type_text(&paste("explain"));
    wait_for_line(&terminal, "search › explain");
    // Esc leaves the draft as it was.
    terminal.type_text("\x1b");
    wait_for_line(&terminal, "a draft");
    // Ctrl-L draws it again; keys without a meaning change nothing.
    terminal.type_text("\x12expl\x0c\x0f\x1b[5~\x12");
    wait_for_line(&terminal, "search › expl");
    terminal.type_text("\r");
    wait_for_line(&terminal, "› explain traits");
    terminal.press_enter();
    leave_after(&terminal, &double, 4);
    assert_eq!(parts(&double)[3], ["explain traits"]);
}

#[test]
fn mentions_of_a_template_and_of_an_edited_question_are_attached() {
    for has_footer in [false, true] {
        let double = answering(3);
        let sandbox = stage_for(&double, has_footer)
            .file("notes.md", "the notes")
            .file("other.md", "other")
            .script("editor", "printf 'what about @other.md?' > \"$1\"");
        let editor = sandbox.home().join("editor").into_os_string();
        let sandbox = with_template(sandbox.env("EDITOR", editor));
        let terminal = opened(&sandbox);
        terminal.type_text("/review see @notes.md \r");
        terminal.wait_for("+ notes.md · 9 B");
        terminal.wait_for("an answer");
        // What is pasted is data, also behind the name of a template.
        wait_for_line(&terminal, "amx ›");
        terminal.type_text("/template review ");
        terminal.type_text(&paste("see @notes.md"));
        terminal.type_text(" now\r");
        terminal.wait_until("two answers", |seen| {
            seen.transcript().matches("an answer").count() == 2
        });
        wait_for_line(&terminal, "amx ›");
        terminal.type_text("/edit\r");
        terminal.wait_for("+ other.md · 5 B");
        leave_after(&terminal, &double, 3);
        let sent = parts(&double);
        let notes = "notes.md:\n```\nthe notes\n```";
        let other = "other.md:\n```\nother\n```";
        assert_eq!(sent[0], ["Review this: see @notes.md", notes]);
        assert_eq!(sent[1], ["Review this: see @notes.md now"]);
        assert_eq!(sent[2], ["what about @other.md?", other]);
    }
}

#[test]
fn a_mention_that_cannot_be_read_keeps_the_template_on_the_line() {
    let double = answering(1);
    let sandbox = with_template(stage_for(&double, true)).file("big.bin", [0_u8, 159, 146, 150]);
    let terminal = opened(&sandbox);
    terminal.type_text("/review see @big.bin \r");
    wait_for_line(&terminal, "amx › /template review see @big.bin");
    assert_eq!(double.requests().len(), 0);
    terminal.type_text("\x15plain\r");
    leave_after(&terminal, &double, 1);
    assert_eq!(parts(&double), [["plain"]]);
}

#[test]
fn only_what_will_be_attached_is_listed_below_the_transcript() {
    let double = answering(1);
    let sandbox = with_template(stage_for(&double, true)).file("notes.md", "the notes");
    let terminal = opened(&sandbox);
    let is_listed = |terminal: &Terminal| {
        let screen = terminal.screen();
        screen.lines().any(|row| row.starts_with(" notes.md · 9 B"))
    };
    for (typed, listed) in [
        ("see @notes.md now", true),
        ("/review see @notes.md now", true),
        ("/system see @notes.md now", false),
        ("!cat @notes.md now", false),
    ] {
        terminal.type_text(&format!("{typed}!"));
        wait_for_line(&terminal, &format!("› {typed}!"));
        assert_eq!(is_listed(&terminal), listed, "{typed}");
        terminal.type_text("\x15");
        wait_for_line(&terminal, "amx ›");
    }
    terminal.type_text("/review see @no");
    terminal.wait_until("the menu of files", |seen| {
        let screen = seen.screen().contents();
        screen.lines().any(|row| row.trim() == "notes.md")
    });
    terminal.type_text("\r\r");
    leave_after(&terminal, &double, 1);
    let notes = "notes.md:\n```\nthe notes\n```";
    assert_eq!(parts(&double), [["Review this: see @notes.md", notes]]);
}

#[test]
fn escape_sequences_of_a_command_are_not_sent() {
    let double = answering(1);
    let sandbox = stage_for(&double, false).script(
        "once",
        "printf '\\033[?1h\\033=\\033[?25l\\033[H\\033[2J\\033(B\\033[mload 1\\033[K\\n\\033[?25h'",
    );
    let terminal = opened(&sandbox);
    terminal.type_text("!./once\r");
    terminal.wait_for("sent with the next message");
    wait_for_line(&terminal, "amx +1 ›");
    terminal.type_text("hello\r");
    leave_after(&terminal, &double, 1);
    let output = "Output of a command, exit code 0:\n```\n$ ./once\nload 1\n```";
    assert_eq!(parts(&double), [["hello", output]]);
}

#[test]
fn a_program_that_needs_the_whole_screen_is_not_shown_and_not_sent() {
    for has_footer in [false, true] {
        let double = answering(1);
        let sandbox = stage_for(&double, has_footer).script(
            "draws",
            "printf '\\033[?1049h\\033[?25l\\033[?2004h'; stty raw -echo; printf drawing\n\
             dd bs=1 count=1 2> /dev/null; stty sane; printf '\\033[?1049l'",
        );
        let terminal = opened(&sandbox);
        terminal.type_text("!./draws\r");
        terminal.wait_for("leave it, then press Ctrl-Z");
        terminal.type_text("q");
        wait_for_line(&terminal, "amx ›");
        terminal.type_text("hello\r");
        leave_after(&terminal, &double, 1);
        assert_eq!(parts(&double), [["hello"]]);
        let transcript = terminal.transcript();
        assert!(!transcript.contains("drawing"), "{transcript}");
        let raw = String::from_utf8_lossy(&terminal.raw_output()).into_owned();
        assert!(!raw.contains("\x1b[?1049h"), "{raw:?}");
        terminal.assert_restored();
    }
}
