//! The list to pick from: what is on the terminal while it is open, and after every way to close
//! it.

use serde_json::{Value, json};

use crate::pty::{Events, SMALL, Size, Terminal, USUAL};
use crate::stage;
use crate::support::double::{Double, KEY};
use crate::support::reply;
use crate::support::routes;
use crate::support::sandbox::Sandbox;

/// A name that would take the terminal over.
const HOSTILE: &str = "evil\u{1b}[2J\u{1b}]0;owned\u{7}\u{9b}31m\u{202e}name";

fn models(count: usize) -> Vec<Value> {
    let mut models: Vec<Value> = (0..count)
        .map(|number| {
            json!({
                "id": format!("author-{}/model-{number:04}", number % 7),
                "name": format!("Model Number {number}"),
                "context_length": 128_000,
                "description": "It answers [questions](https://x.test/) about everything.",
            })
        })
        .collect();
    let description = format!("{HOSTILE} describes");
    models.push(json!({"id": "漢字/漢字漢字漢字", "name": HOSTILE, "description": description}));
    models
}

/// `amx models pick`, below two lines that were there before.
struct Scene {
    terminal: Terminal,
    #[expect(dead_code, reason = "its home lives as long as the program")]
    sandbox: Sandbox,
    _double: Double,
}

fn open(size: Size, environment: &[(&str, &str)]) -> Scene {
    let double = Double::start([]).also(routes::listed(models(300)));
    let mut sandbox = stage::ready(&double);
    for (name, value) in environment {
        sandbox = sandbox.env(*name, *value);
    }
    let script = "echo above; echo before; exec \"$AMX\" models pick";
    let terminal = stage::terminal_of(&sandbox, &["/bin/sh", "-c", script], size);
    Scene {
        terminal,
        sandbox,
        _double: double,
    }
}

impl Scene {
    /// Waits for a text on the screen, which is what is visible now.
    fn sees(&self, text: &str) {
        self.terminal
            .wait_until(&format!("{text:?} on the screen"), |seen| {
                seen.screen().contents().contains(text)
            });
    }

    /// The list is gone, and what stood above it is there once.
    fn assert_erased(&self) {
        let transcript = self.terminal.transcript();
        assert!(!transcript.contains("Model ›"), "{transcript}");
        assert!(!transcript.contains("Enter select"), "{transcript}");
        for line in ["above", "before"] {
            assert_eq!(transcript.matches(line).count(), 1, "{transcript}");
        }
        self.terminal.assert_restored();
        assert_eq!(self.terminal.events(), Events::default());
    }
}

#[test]
fn a_model_is_found_by_a_few_characters_and_its_id_printed() {
    for size in [USUAL, SMALL] {
        let scene = open(size, &[]);
        scene.sees("301");
        scene.terminal.type_text("num 0123");
        scene.sees("❯ author-4/model-0123");
        scene.sees("Model Number 123");
        scene.terminal.press_enter();
        assert_eq!(scene.terminal.wait_exit(), 0);
        scene.assert_erased();
        let transcript = scene.terminal.transcript();
        assert!(
            transcript
                .trim_end()
                .ends_with("before\nauthor-4/model-0123"),
            "{transcript}"
        );
    }
}

#[test]
fn the_keys_move_through_the_whole_list() {
    let scene = open(USUAL, &[]);
    let steps = [
        ("", "❯ author-0/model-0000"),
        ("\x1b[B", "❯ author-0/model-0007"),
        ("\x0e", "❯ author-0/model-0014"),
        ("\x10", "❯ author-0/model-0007"),
        ("\x1b[A\x1b[A", "❯ 漢字/漢字漢字漢字"),
        ("\x1b[H", "❯ author-0/model-0000"),
        ("\x1b[6~", "❯ author-0/model-0084"),
        ("\x1b[5~", "❯ author-0/model-0000"),
        ("\x1b[F", "❯ 漢字/漢字漢字漢字"),
    ];
    for (keys, shown) in steps {
        scene.terminal.type_text(keys);
        scene.sees(shown);
    }
    scene.terminal.type_text("\x1b");
    assert_eq!(scene.terminal.wait_exit(), 130);
    scene.assert_erased();
}

#[test]
fn a_paste_goes_into_the_filter_and_is_only_text() {
    let scene = open(USUAL, &[]);
    scene.sees("301");
    scene
        .terminal
        .type_text("\x1b[200~model-0042\r\n\x1b[2Jmodel-0043\r\n\x1b[201~");
    scene.sees("❯ author-0/model-0042");
    scene
        .terminal
        .type_text("\x15\x1b[200~\x1b]0;owned\x07\x1b[201~");
    scene.sees("0 of 301");
    scene.terminal.press_enter();
    scene.sees("Nothing matches");
    scene.terminal.press_ctrl_c();
    assert_eq!(scene.terminal.wait_exit(), 130);
    scene.assert_erased();
}

#[test]
fn names_and_descriptions_are_inert() {
    let scene = open(USUAL, &[]);
    scene.sees("301");
    scene.terminal.type_text("漢字");
    scene.sees("❯ 漢字/漢字漢字漢字");
    scene.sees("evil [2J ]0;owned 31mname");
    scene.terminal.press_enter();
    assert_eq!(scene.terminal.wait_exit(), 0);
    scene.assert_erased();
    let raw = String::from_utf8_lossy(&scene.terminal.raw_output()).into_owned();
    for sequence in [
        "\x1b[2J",
        "\x1b]",
        "\u{9b}",
        "\u{202e}",
        "\x1b[?1049",
        "\x1b[r",
    ] {
        assert!(!raw.contains(sequence), "{sequence:?} in {raw:?}");
    }
}

#[test]
fn a_change_of_size_draws_it_again_below_what_was_there() {
    let scene = open(USUAL, &[]);
    scene.sees("301");
    scene.terminal.type_text("model-01");
    for size in [
        SMALL,
        Size {
            rows: 8,
            columns: 30,
        },
        Size {
            rows: 40,
            columns: 120,
        },
        USUAL,
    ] {
        scene.terminal.resize(size);
        let last = if size.columns == 30 {
            "Enter select"
        } else {
            "Esc cancel"
        };
        scene
            .terminal
            .wait_until("the list at the new size", |seen| {
                let screen = seen.screen().contents();
                screen.matches("Model ›").count() == 1
                    && screen.matches("Enter select").count() == 1
                    && screen.contains(last)
                    && screen.contains("❯ author-")
            });
    }
    scene.terminal.type_text("\x1b");
    assert_eq!(scene.terminal.wait_exit(), 130);
    let transcript = scene.terminal.transcript();
    assert!(!transcript.contains("Model ›"), "{transcript}");
    scene.terminal.assert_restored();
}

#[test]
fn every_signal_erases_it_and_ends_the_program() {
    for (signal, code) in [("TERM", 143), ("HUP", 129), ("INT", 130)] {
        let scene = open(USUAL, &[]);
        scene.sees("301");
        scene.terminal.signal(signal);
        assert_eq!(scene.terminal.wait_exit(), code, "{signal}");
        scene.assert_erased();
    }
}

#[test]
fn a_signal_while_it_cannot_write_is_not_lost() {
    for (signal, code) in [("TERM", 143), ("HUP", 129), ("INT", 130)] {
        let scene = open(USUAL, &[]);
        scene.sees("301");
        scene.terminal.keep_from_writing();
        scene.terminal.type_text("x");
        scene.terminal.signal(signal);
        scene.terminal.let_write();
        assert_eq!(scene.terminal.wait_exit(), code, "{signal}");
        scene.assert_erased();
    }
}

#[test]
fn without_colours_only_the_caret_is_styled() {
    let scene = open(USUAL, &[("NO_COLOR", "1")]);
    scene.sees("301");
    scene.terminal.type_text("0042");
    scene.sees("❯ author-0/model-0042");
    scene.terminal.press_enter();
    assert_eq!(scene.terminal.wait_exit(), 0);
    let raw = String::from_utf8_lossy(&scene.terminal.raw_output()).into_owned();
    let styles: Vec<&str> = raw
        .split("\x1b[")
        .skip(1)
        .filter_map(|rest| rest.split_once('m').map(|(style, _)| style))
        .filter(|style| {
            style
                .bytes()
                .all(|byte| byte.is_ascii_digit() || byte == b';')
        })
        .collect();
    assert!(!styles.is_empty());
    assert!(
        styles.iter().all(|style| ["7", ""].contains(style)),
        "{styles:?}"
    );
}

#[test]
fn a_terminal_that_cannot_draw_gets_numbered_lines() {
    let scene = open(USUAL, &[("TERM", "dumb")]);
    scene.terminal.wait_for("20 of 301");
    scene.terminal.wait_for("Model: number, or text to search:");
    scene.terminal.answer("model-012");
    scene.terminal.wait_for(" 7  author-3/model-0129");
    scene.terminal.answer("6");
    assert_eq!(scene.terminal.wait_exit(), 0);
    let transcript = scene.terminal.transcript();
    assert!(
        transcript.trim_end().ends_with("author-3/model-0122"),
        "{transcript}"
    );
    let raw = scene.terminal.raw_output();
    assert!(!raw.contains(&0x1b), "{transcript}");
}

#[test]
fn a_query_with_one_match_asks_nothing() {
    let double = Double::start([]).also(routes::listed(models(30)));
    let sandbox = stage::ready(&double);
    let terminal = stage::terminal(&sandbox, &["models", "pick", "model-0007"], USUAL);
    assert_eq!(terminal.wait_exit(), 0);
    terminal.wait_for("author-0/model-0007");
    let terminal = stage::terminal(&sandbox, &["models", "pick", "model-001"], USUAL);
    terminal.wait_for("Model › model-001");
    terminal.wait_for("12 of 31");
    terminal.press_enter();
    assert_eq!(terminal.wait_exit(), 0);
}

/// An item has more bytes than columns.
#[test]
fn a_menu_with_wide_characters_takes_nothing_away_above_it() {
    let block = |word: &str| format!("```\n{}{word}\n```\n\n", "漢字".repeat(16));
    let answer = format!(
        "The first row.\n\n{}{}The last row.",
        block("one"),
        block("two")
    );
    let double = Double::start([reply::stream([answer.as_str()])]);
    let terminal = stage::terminal(&stage::ready(&double), &["chat"], USUAL);
    terminal.wait_until("the prompt", |_| terminal.modes().gives_keys());
    terminal.answer("hello");
    terminal.wait_for("The last row.");
    terminal.wait_until("the prompt", |_| terminal.modes().gives_keys());
    terminal.answer("/copy");
    terminal.wait_for_question("Copy what?");
    for _ in 0..2 {
        let before = marked_row(&terminal.screen());
        terminal.press_down();
        terminal.wait_until("the next item", |seen| {
            let now = marked_row(&seen.screen().contents());
            now.is_some() && now != before
        });
    }
    for row in ["The first row.", "The last row.", "/copy"] {
        let shown = terminal.transcript();
        assert_eq!(shown.matches(row).count(), 1, "{row}:\n{shown}");
    }
    terminal.press_enter();
    terminal.wait_for("Copied 1 line");
    terminal.answer("/exit");
    assert_eq!(terminal.wait_exit(), 0, "{}", terminal.transcript());
}

/// The row of a question that is highlighted.
fn marked_row(screen: &str) -> Option<String> {
    let marked = screen.lines().find(|line| line.contains('❯'));
    marked.map(str::to_owned)
}

#[test]
fn the_wizard_asks_an_own_server_for_its_models() {
    let double = Double::compatible([]).also(routes::listed(models(3)));
    let sandbox = stage::bare();
    let terminal = stage::terminal(&sandbox, &["add-llm-profile", "box"], USUAL);
    terminal.wait_for_question("Provider");
    while !terminal.screen().contains("❯ local") {
        let before = marked_row(&terminal.screen());
        terminal.press_down();
        terminal.wait_until("the next provider", |seen| {
            let now = marked_row(&seen.screen().contents());
            now.is_some() && now != before
        });
    }
    terminal.press_enter();
    terminal.wait_for_question("Base URL");
    terminal.type_text("\x15");
    terminal.answer(&double.base_url());
    terminal.wait_for("Model ›");
    // One that is not listed is offered as it was typed.
    terminal.type_text("my own");
    terminal.wait_for("use 'my own' as typed");
    terminal.press_enter();
    terminal.wait_for("has white space");
    terminal.type_text("\x15model-0002");
    terminal.wait_for("❯ author-2/model-0002");
    terminal.press_enter();
    for question in ["API key", "Temperature", "max_tokens", "alternatives"] {
        terminal.wait_for_question(question);
        terminal.press_enter();
    }
    assert_eq!(terminal.wait_exit(), 0, "{}", terminal.transcript());
    terminal.wait_for("✓ Model author-2/model-0002");
    terminal.wait_for("Next: amx chat -p box \"your question\"");
    assert!(stage::config(&sandbox).contains("model: author-2/model-0002"));
    terminal.assert_restored();
}

#[test]
fn without_a_list_the_wizard_asks_in_words() {
    let sandbox = stage::bare().env("OPENROUTER_API_KEY", KEY);
    let terminal = stage::terminal(&sandbox, &["add-llm-profile", "p"], USUAL);
    terminal.wait_for_question("Provider");
    terminal.press_enter();
    terminal.wait_for("the model catalogue could not be fetched");
    terminal.wait_for_question("Model [anthropic/claude-sonnet-5]");
    terminal.press_ctrl_c();
    assert_eq!(terminal.wait_exit(), 130);
    stage::assert_nothing_written(&sandbox);
}

#[test]
fn a_template_is_picked_and_its_question_sent() {
    let double = Double::start([reply::stream(["Reviewed."])]);
    let sandbox = stage::ready(&double).config("theme: dark\n");
    let folder = sandbox.home().join(".amx/templates");
    std::fs::create_dir(&folder).unwrap();
    std::fs::write(folder.join("calm.md"), "Stay calm about {{input}}\n").unwrap();
    let review = "---\ndescription: A second look\n---\nReview this: {{lang}}\n";
    std::fs::write(folder.join("review.md"), review).unwrap();
    let terminal = stage::terminal(&sandbox, &["chat"], SMALL);
    terminal.wait_until("the prompt", |_| terminal.modes().gives_keys());
    terminal.answer("/template");
    terminal.wait_for("Template ›");
    terminal.type_text("second");
    terminal.wait_for("1 of 2");
    terminal.wait_for("Review this: {{lang}}");
    terminal.press_enter();
    terminal.wait_for_question("lang");
    terminal.answer("rust");
    terminal.wait_for("Reviewed.");
    assert_eq!(double.request().prompt(), "Review this: rust");
}

/// What is typed while the list is open goes into the filter, and what is typed after the key that
/// closes it to the line of the footer.
#[test]
fn the_footer_gives_way_to_the_list_and_comes_back() {
    let double = Double::start([reply::stream(["The answer."])]).also(routes::listed(models(300)));
    let sandbox = stage::ready(&double).without("AMX_NO_FOOTER");
    let terminal = stage::terminal(&sandbox, &["chat"], USUAL);
    terminal.wait_until("the prompt", |_| terminal.modes().gives_keys());
    terminal.type_text("/model");
    terminal.press_enter();
    terminal.wait_for("Model › ");
    terminal.wait_for("❯ test/plain");
    terminal.type_text("num 0123");
    terminal.wait_for("❯ author-4/model-0123");
    terminal.type_text("\rand a draft");
    terminal.wait_for("Model: author-4/model-0123 at openrouter");
    terminal.wait_for("› and a draft");
    terminal.wait_until("the list erased", |seen| {
        let screen = seen.screen().contents();
        !screen.contains("Model ›") && !screen.contains("Enter select")
    });
    let transcript = terminal.transcript();
    assert_eq!(
        transcript.matches("/help for commands").count(),
        1,
        "{transcript}"
    );
    terminal.press_enter();
    terminal.wait_for("The answer.");
    terminal.wait_until("the prompt", |_| terminal.modes().gives_keys());
    let transcript = terminal.transcript();
    let (_, after) = transcript.split_once("Model: author-4").unwrap();
    let (between, _) = after.split_once("and a draft").unwrap();
    let rows: Vec<&str> = between.lines().skip(1).map(str::trim_end).collect();
    assert_eq!(rows, ["", "▌"], "one empty row is between: {transcript}");
    terminal.type_text("\x04");
    assert_eq!(terminal.wait_exit(), 0, "{}", terminal.transcript());
    terminal.assert_restored();
}
