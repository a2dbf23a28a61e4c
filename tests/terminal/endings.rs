//! Every way to leave from every state of the conversation: the terminal is as it was, and the exit
//! code as documented.

use std::path::Path;
use std::time::{Duration, Instant};

use vt100::MouseProtocolMode;

use crate::pty::{Events, SMALL, Terminal, USUAL};
use crate::stage;
use crate::support::double::{Double, KEY};
use crate::support::reply::{self, Reply};
use crate::support::routes;
use crate::support::sandbox::Sandbox;

/// The start of the prompt.
const PROMPT: &str = "amx ›";

/// The state of the conversation when it is closed.
struct State {
    name: &'static str,
    reply: fn() -> Option<Reply>,
    /// What is typed, each after its words have appeared on the terminal.
    typed: &'static [(&'static str, &'static str)],
    /// What is on the terminal when the state is reached.
    shows: &'static str,
    /// Whether a line editor has the keyboard.
    is_at_prompt: bool,
}

const STATES: &[State] = &[
    State {
        name: "an empty prompt",
        reply: || None,
        typed: &[],
        shows: PROMPT,
        is_at_prompt: true,
    },
    State {
        name: "text on the line",
        reply: || None,
        typed: &[(PROMPT, "half a question")],
        shows: "half a question",
        is_at_prompt: true,
    },
    State {
        name: "several lines",
        reply: || None,
        typed: &[(PROMPT, "one\x1b\rtwo")],
        shows: "two",
        is_at_prompt: true,
    },
    State {
        name: "the menu of completions",
        reply: || None,
        typed: &[(PROMPT, "/m"), ("/m", "\t")],
        shows: "multiline",
        is_at_prompt: true,
    },
    State {
        name: "a search in the history",
        reply: || None,
        typed: &[(PROMPT, "\x12")],
        shows: "(search:",
        is_at_prompt: true,
    },
    State {
        name: "waiting for the first word",
        reply: || Some(reply::silence()),
        typed: &[(PROMPT, "hello\r")],
        shows: " test/plain",
        is_at_prompt: false,
    },
    State {
        name: "thoughts on their way",
        reply: || {
            Some(
                reply::stream(["never sent"])
                    .reasoning(["a deep thought"])
                    .stall_after(0),
            )
        },
        typed: &[(PROMPT, "hello\r")],
        shows: "a deep thought",
        is_at_prompt: false,
    },
    State {
        name: "text on its way",
        reply: || {
            Some(reply::stream(["the first half\n\nand a little", "never sent"]).stall_after(1))
        },
        typed: &[(PROMPT, "hello\r")],
        shows: "the first half",
        is_at_prompt: false,
    },
    State {
        name: "waiting to ask again",
        reply: || Some(reply::refusal(429, "slow down").header("retry-after", "30")),
        typed: &[(PROMPT, "hello\r")],
        shows: "retrying in 30",
        is_at_prompt: false,
    },
    State {
        name: "a question for text",
        reply: || None,
        typed: &[(PROMPT, "/add-llm-profile\r")],
        shows: "Profile name",
        is_at_prompt: false,
    },
    State {
        name: "a list to choose from",
        reply: || None,
        typed: &[(PROMPT, "/add-llm-profile work\r")],
        shows: "Provider",
        is_at_prompt: false,
    },
    State {
        name: "a menu",
        reply: || Some(reply::stream(["```\none\n```\n\n```\ntwo\n```\n"])),
        typed: &[(PROMPT, "hello\r"), ("two", "/copy\r")],
        shows: "Copy what?",
        is_at_prompt: false,
    },
    State {
        name: "a question for a key",
        reply: || None,
        typed: &[
            (PROMPT, "/add-llm-profile work\r"),
            ("Provider", "\r"),
            ("Model", "a/b\r"),
        ],
        shows: "API key",
        is_at_prompt: false,
    },
    State {
        name: "a model to choose",
        reply: || None,
        typed: &[(PROMPT, "/model test/other\r"), (PROMPT, "/model\r")],
        shows: "❯ test/",
        is_at_prompt: false,
    },
];

/// A conversation in one of the states.
struct Scene {
    double: Double,
    sandbox: Sandbox,
    terminal: Terminal,
}

impl Scene {
    fn of(state: &State) -> Self {
        Self::on(state, |sandbox| stage::terminal(sandbox, &["chat"], USUAL))
    }

    fn on(state: &State, start: impl FnOnce(&Sandbox) -> Terminal) -> Self {
        let double = Double::start((state.reply)());
        let sandbox = stage::ready(&double).env("OPENROUTER_API_KEY", KEY);
        let terminal = start(&sandbox);
        for (shown, typed) in state.typed {
            terminal.wait_for(shown);
            terminal.wait_until("the keyboard taken", |_| !terminal.modes().echo());
            if *shown == PROMPT {
                terminal.wait_until("the prompt", |_| terminal.modes().gives_keys());
            }
            terminal.type_text(typed);
        }
        let what = format!("{}, that is {:?}", state.name, state.shows);
        let is_asked = (state.reply)().is_some();
        if is_asked {
            double.wait_for_request();
        }
        // Below the question, when there is one: the greeting names the model as well.
        let shows = |screen: &str| {
            screen
                .rsplit(if is_asked { "hello" } else { "Ctrl-D leaves" })
                .next()
                .is_some_and(|below| below.contains(state.shows))
        };
        terminal.wait_until(&what, |seen| {
            shows(&seen.screen().contents()) && !terminal.modes().echo()
        });
        if state.is_at_prompt {
            terminal.wait_until(&what, |_| terminal.modes().gives_keys());
        }
        Self {
            double,
            sandbox,
            terminal,
        }
    }

    /// Waits for a prompt that was not there before something was done.
    fn wait_for_next_prompt(&self, before: usize) {
        let terminal = &self.terminal;
        terminal.wait_until("the next prompt", |seen| {
            seen.transcript().matches(PROMPT).count() > before && terminal.modes().gives_keys()
        });
    }

    fn prompts(&self) -> usize {
        self.terminal.transcript().matches(PROMPT).count()
    }

    /// The end, with everything that it may have left behind.
    fn assert_end(self, state: &State, code: i32) {
        let (name, terminal) = (state.name, &self.terminal);
        assert_eq!(
            terminal.wait_exit(),
            code,
            "{name}: {}",
            terminal.transcript()
        );
        terminal.assert_restored();
        let events = terminal.events().without_own_titles();
        assert_eq!(events, Events::default(), "{name}");
        terminal.look(|seen| {
            let screen = seen.screen();
            assert_eq!(
                screen.mouse_protocol_mode(),
                MouseProtocolMode::None,
                "{name}"
            );
            assert!(
                !screen.application_cursor() && !screen.application_keypad(),
                "{name}: the keyboard is left in a mode of its own"
            );
            assert_eq!(
                screen.cursor_position().1,
                0,
                "{name}: the shell's prompt would begin in the middle of a line:\n{}",
                screen.contents()
            );
        });
        let raw = String::from_utf8_lossy(&terminal.raw_output()).into_owned();
        let pushed = raw.matches("\x1b[>").count() - raw.matches("\x1b[>4;0m").count();
        assert_eq!(
            pushed,
            raw.matches("\x1b[<").count(),
            "{name}: a mode of the keyboard is left on"
        );
        assert!(
            matches!(last_cursor_shape(&raw), None | Some("" | "0")),
            "{name}: the shape of the cursor is left changed"
        );
        // A request that was never answered is no fault here.
        drop(self.double.take_faults());
        assert!(!terminal.transcript().contains("panicked"), "{name}");
        drop(self.sandbox);
    }
}

/// The shape that the cursor was given last, as its number.
fn last_cursor_shape(raw: &str) -> Option<&str> {
    let parameters = raw
        .split("\x1b[")
        .skip(1)
        .filter_map(|rest| rest.split_once(" q").map(|(number, _)| number));
    parameters
        .filter(|number| number.bytes().all(|byte| byte.is_ascii_digit()))
        .last()
}

#[test]
fn a_signal_to_end_ends_every_state() {
    for state in STATES {
        for (signal, code) in [("TERM", 143), ("HUP", 129), ("QUIT", 131)] {
            let scene = Scene::of(state);
            scene.terminal.signal(signal);
            scene.assert_end(state, code);
        }
    }
}

/// Commands that ask or show something outside a conversation, and what is on the terminal then.
#[test]
fn a_signal_to_quit_ends_every_command_with_the_terminal_restored() {
    let answers =
        || reply::stream(["the first half\n\nand **a little", "never sent"]).stall_after(1);
    let commands: [(&[&str], &str, usize); 4] = [
        (&["chat", "hello"], "first half", 1),
        (&["chat", "--alternatives=2", "hello"], "", 2),
        (
            &["compare", "-m", "test/plain", "-m", "test/other", "hello"],
            "",
            2,
        ),
        (&["add-llm-profile", "work"], "Provider", 0),
    ];
    for (arguments, shows, requests) in commands {
        let double = Double::start((0..requests).map(|_| answers()));
        let sandbox = if requests > 0 {
            stage::ready(&double)
        } else {
            stage::keyless(&double)
        };
        let terminal = stage::terminal(&sandbox, arguments, USUAL);
        if requests > 0 {
            double.wait_for_requests(requests);
        }
        terminal.wait_for(shows);
        terminal.signal("QUIT");
        assert_eq!(terminal.wait_exit(), 131, "{}", terminal.transcript());
        terminal.assert_restored();
        drop(double.take_faults());
    }
}

#[test]
fn an_interrupt_ends_the_prompt_and_stops_everything_else() {
    for state in STATES {
        let scene = Scene::of(state);
        if !state.is_at_prompt {
            let before = scene.prompts();
            scene.terminal.signal("INT");
            scene.wait_for_next_prompt(before);
        }
        scene.terminal.signal("INT");
        scene.assert_end(state, 130);
    }
}

#[test]
fn a_signal_between_two_keys_of_a_question_is_not_lost() {
    for name in ["a question for text", "a list to choose from", "a menu"] {
        let state = STATES.iter().find(|state| state.name == name).unwrap();
        for (signal, code) in [("TERM", 143), ("HUP", 129), ("INT", 0)] {
            let scene = Scene::of(state);
            let (terminal, before) = (&scene.terminal, scene.prompts());
            terminal.keep_from_writing();
            terminal.type_text("x");
            terminal.signal(signal);
            terminal.let_write();
            if signal == "INT" {
                scene.wait_for_next_prompt(before);
                terminal.type_text("\x04");
            }
            scene.assert_end(state, code);
        }
    }
}

#[test]
fn a_change_of_size_ends_no_question() {
    let double = Double::start([]).also(routes::models());
    let terminal = stage::terminal(
        &stage::ready(&double).env("OPENROUTER_API_KEY", KEY),
        &["chat"],
        USUAL,
    );
    terminal.wait_until("the prompt", |_| terminal.modes().gives_keys());
    terminal.answer("/add-llm-profile");
    // The line editor has registered for resizes, so the program receives them.
    for (question, answer, size) in [
        ("Profile name", "work", SMALL),
        ("Provider", "", USUAL),
        ("Model", "a/b", SMALL),
    ] {
        terminal.wait_for_question(question);
        terminal.resize(size);
        terminal.wait_until("the change told", |_| !terminal.has_signal_on_its_way());
        terminal.answer(answer);
    }
    terminal.wait_for_question("API key");
    terminal.press_ctrl_c();
    terminal.wait_until("the prompt again", |_| terminal.modes().gives_keys());
    terminal.type_text("\x04");
    assert_eq!(terminal.wait_exit(), 0, "{}", terminal.transcript());
    terminal.assert_restored();
}

#[test]
fn ctrl_c_leads_back_to_the_prompt_and_leaves_from_there() {
    const WARNING: &str = "Press Ctrl-C again or Ctrl-D to leave";
    for state in STATES {
        let scene = Scene::of(state);
        // It stops what runs, clears the line, and then warns.
        for _ in 0..3 {
            if !scene.terminal.transcript().contains(WARNING) {
                let before = scene.prompts();
                scene.terminal.press_ctrl_c();
                scene.wait_for_next_prompt(before);
            }
        }
        assert!(
            scene.terminal.transcript().contains(WARNING),
            "{}",
            state.name
        );
        scene.terminal.press_ctrl_c();
        scene.assert_end(state, 0);
    }
}

#[test]
fn ctrl_d_and_exit_leave_after_whatever_was_stopped() {
    for leaving in ["\x04", "/exit\r", "/quit\r"] {
        for state in STATES {
            let scene = Scene::of(state);
            if !state.typed.is_empty() {
                let before = scene.prompts();
                scene.terminal.press_ctrl_c();
                scene.wait_for_next_prompt(before);
            }
            scene.terminal.type_text(leaving);
            scene.assert_end(state, 0);
        }
    }
}

#[test]
fn what_was_typed_ahead_can_end_it() {
    let double = Double::start([
        reply::stream(["the first half\n\nand a little", "never sent"]).stall_after(1),
    ]);
    let sandbox = stage::ready(&double);
    let terminal = stage::terminal(&sandbox, &["chat"], USUAL);
    terminal.wait_until("the prompt", |_| terminal.modes().gives_keys());
    terminal.answer("hello");
    terminal.wait_for("the first half");
    terminal.answer("/exit");
    terminal.press_ctrl_c();
    assert_eq!(terminal.wait_exit(), 0, "{}", terminal.transcript());
    terminal.assert_restored();
}

#[test]
fn a_terminal_that_goes_away_ends_every_state() {
    for state in STATES {
        // `script` owns the inner terminal: when it is killed, that hangs up. The shell that leads
        // the session dies of it, which tells everybody else; a second one outlives that and writes
        // down how the program ended.
        let scene = Scene::on(state, |sandbox| {
            let script = "trap : HUP\n\"$AMX\" chat\ncode=$?\ntrap '' HUP\necho $code > code.new\n\
                          mv code.new code\n";
            std::fs::write(sandbox.home().join("script"), script).unwrap();
            let mut variables = sandbox.environment().clone();
            variables.insert("AMX".into(), env!("CARGO_BIN_EXE_amx").into());
            variables.insert("SHELL".into(), "/bin/sh".into());
            Terminal::launch(
                "/usr/bin/script",
                &["-qfc", "sh script; true", "/dev/null"],
                &variables,
                sandbox.home(),
                USUAL,
            )
        });
        scene.terminal.signal("KILL");
        let written = scene.sandbox.home().join("code");
        wait_for_file(&written, state);
        assert_eq!(
            std::fs::read_to_string(&written).unwrap().trim(),
            "129",
            "{}",
            state.name
        );
        drop(scene.double.take_faults());
    }
}

fn wait_for_file(file: &Path, state: &State) {
    let deadline = Instant::now() + Duration::from_secs(20);
    while !file.exists() {
        assert!(
            Instant::now() < deadline,
            "{}: the program outlives its terminal",
            state.name
        );
        std::thread::park_timeout(Duration::from_millis(10));
    }
}

#[test]
fn a_store_that_cannot_be_written_is_reported_at_the_end() {
    let double = Double::start([reply::stream(["an answer"])]);
    let sandbox = stage::ready(&double);
    std::fs::create_dir_all(sandbox.home().join(".amx/amx.db")).unwrap();
    let terminal = stage::terminal(&sandbox, &["chat"], USUAL);
    terminal.wait_until("the prompt", |_| terminal.modes().gives_keys());
    terminal.answer("hello");
    terminal.wait_for("an answer");
    terminal.wait_until("the next prompt", |seen| {
        seen.transcript().matches(PROMPT).count() > 1 && terminal.modes().gives_keys()
    });
    terminal.type_text("\x04");
    assert_eq!(terminal.wait_exit(), 12, "{}", terminal.transcript());
    terminal.assert_restored();
}
