//! The animation of the README: a conversation, filmed from the screen of a terminal.

use std::time::{Duration, Instant};

use crate::pictures::{are_written, file_of, start};
use crate::pty::Terminal;
use crate::stage;
use crate::support::double::Double;
use crate::support::gate::Gate;
use crate::support::reply;
use crate::svg::{self, DARK};

/// Time between two looks at the screen.
const TICK: Duration = Duration::from_millis(60);

/// Time of the last screen, before the animation starts again.
const REST: u32 = 4000;

const QUESTION: &str = "How do I sort a HashMap by value in Rust?";

const ANSWER: &str = "## Sort the entries\n\n\
    A `HashMap` has **no order**: collect its entries and sort them.\n\n\
    ```rust\nlet mut entries: Vec<_> = map.iter().collect();\n\
    entries.sort_by_key(|(_, count)| **count);\n```\n\n\
    - [x] stable, $O(n \\log n)$\n- [ ] keep it sorted? use a `BTreeMap`\n";

const NEXT: &str = "and the largest first?";

const SECOND: &str =
    "Reverse the key:\n\n```rust\nentries.sort_by_key(|(_, count)| Reverse(**count));\n```\n";

/// What the last screen of the animation shows; the kept file has to show it too.
const LAST: &[&str] = &["Sort the entries", "[1] rust", "Reverse(**count)"];

/// Screens with the time of each.
struct Film<'a> {
    terminal: &'a Terminal,
    started: Instant,
    screens: Vec<(u32, vt100::Screen)>,
}

impl Film<'_> {
    fn time(&self) -> u32 {
        u32::try_from(self.started.elapsed().as_millis()).unwrap()
    }

    fn shoot(&mut self) {
        let screen = self.terminal.look(|seen| seen.screen().clone());
        self.screens.push((self.time(), screen));
    }

    /// Films for some time.
    fn run(&mut self, milliseconds: u32) {
        let end = self.time() + milliseconds;
        while self.time() < end {
            self.shoot();
            #[expect(clippy::disallowed_methods, reason = "a film has frames at a rate")]
            std::thread::sleep(TICK);
        }
    }

    /// Types as a person does.
    fn type_text(&mut self, text: &str) {
        for c in text.chars() {
            self.terminal.type_text(&c.to_string());
            self.run(60);
        }
    }

    fn run_until(&mut self, text: &str) {
        while !self.terminal.screen().contains(text) {
            self.run(60);
        }
    }
}

/// Time between two pieces of an answer.
const PACE: Duration = Duration::from_millis(140);

#[test]
fn the_animation_of_the_readme() {
    let thinking = Gate::default();
    let double = Double::start([
        reply::stream(ANSWER.split_inclusive(' '))
            .reasoning(["A map has no order, ", "so the entries are sorted."])
            .gate_after(0, &thinking)
            .paced(PACE)
            .usage(24, 131, 12, 0.00201),
        reply::stream(SECOND.split_inclusive(' '))
            .paced(PACE)
            .usage(180, 44, 0, 0.0009),
    ]);
    let sandbox = stage::ready(&double)
        .env("AMX_MODEL", "anthropic/claude-sonnet-5")
        .env("COLORFGBG", "15;0")
        .without("AMX_NO_FOOTER");
    let terminal = start("conversation", &sandbox);
    let mut film = Film {
        terminal: &terminal,
        started: Instant::now(),
        screens: Vec::new(),
    };
    film.run_until("›");
    film.type_text(QUESTION);
    terminal.press_enter();
    film.run(1800);
    thinking.open();
    film.run(600);
    film.type_text(NEXT);
    terminal.press_enter();
    film.run_until("Reverse(**count)");
    film.run(600);
    film.type_text("/co");
    film.run(1500);
    assert!(LAST.iter().all(|text| terminal.screen().contains(text)));
    if are_written() {
        let length = film.time() + REST;
        let cast = svg::cast(&film.screens, length, "amx", &DARK);
        std::fs::write(file_of("cast"), cast).unwrap();
    }
    let kept = std::fs::read_to_string(file_of("cast")).unwrap_or_default();
    for text in LAST {
        let words: Vec<&str> = text.split(' ').collect();
        assert!(
            words.iter().all(|word| kept.contains(word)),
            "{text} is not in the animation (just screenshots writes it anew)"
        );
    }
}
