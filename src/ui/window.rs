//! What the terminal shows around the text: the window's title, marks at questions and answers, and
//! a notification when a long answer has ended in a window without focus.
//!
//! Everything here is a sequence that moves nothing on the screen, is written to a terminal only,
//! and is off where the configuration says so. The title is pushed before it is set and popped at
//! the end; a terminal without such a stack gets an empty one.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::sanitise::inert;
use crate::config::window::{Notification, WindowSettings};
use crate::config::{Environment, env};
use crate::platform::system::System;
use crate::ports::output::OutputMark;
use crate::present::text::shortened;
use crate::wire::redact::redacted;

/// Longest title, in columns.
const WIDEST: usize = 60;

/// An answer that took longer is worth a notification.
const LONG: Duration = Duration::from_secs(10);

const BELL: &str = "\x07";
const PUSH_TITLE: &str = "\x1b[22;2t";
const POP_TITLE: &str = "\x1b[23;2t";

/// Where an entry starts, and where its text ends.
const ENTRY_START: &str = "\x1b]133;A\x1b\\";
const ENTRY_END: &str = "\x1b]133;B\x1b\\";
const OUTPUT_START: &str = "\x1b]133;C\x1b\\";

/// Values of `TERM_PROGRAM` and parts of `TERM` of terminals that notify by OSC 9.
const DESKTOP_PROGRAMS: &[&str] = &["iTerm.app", "WezTerm", "ghostty", "rio"];
const DESKTOP_TERMS: &[&str] = &["kitty", "ghostty", "wezterm", "foot"];

/// What is known about the window.
struct Window {
    /// Stderr is a terminal that obeys sequences.
    is_capable: bool,
    notifies_desktop: bool,
    settings: Option<WindowSettings>,
    title: Option<String>,
    /// `None` where the terminal does not report it.
    has_focus: Option<bool>,
    reports_focus: bool,
}

static WINDOW: Mutex<Window> = Mutex::new(Window {
    is_capable: false,
    notifies_desktop: false,
    settings: None,
    title: None,
    has_focus: None,
    reports_focus: false,
});

fn window() -> MutexGuard<'static, Window> {
    WINDOW.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What the terminal of stderr can do.
pub(super) fn detect(is_terminal: bool, environment: &Environment) {
    let variable = |name| environment.named(name).ok().flatten().unwrap_or_default();
    let term = environment.get(&env::TERM).ok().flatten();
    let mut window = window();
    window.is_capable = is_terminal && !System::CURRENT.is_dumb(term);
    window.notifies_desktop = notifies_desktop(variable("TERM_PROGRAM"), term.unwrap_or_default());
}

fn notifies_desktop(program: &str, term: &str) -> bool {
    DESKTOP_PROGRAMS.contains(&program) || DESKTOP_TERMS.iter().any(|known| term.contains(known))
}

/// The settings, as configured. Before that nothing is written.
pub(super) fn configure(settings: WindowSettings) {
    window().settings = Some(settings);
}

impl Window {
    /// The settings where sequences may be written.
    fn active(&self) -> Option<WindowSettings> {
        self.settings.filter(|_| self.is_capable)
    }
}

/// The sequence that sets the title.
pub(super) fn title(text: &str) -> Option<String> {
    let mut window = window();
    window.active().filter(|settings| settings.has_title)?;
    let text = shortened(&inert(&redacted(text)).replace(['\n', '\t'], " "), WIDEST);
    if window.title.as_ref() == Some(&text) {
        return None;
    }
    let push = if window.title.is_none() {
        PUSH_TITLE
    } else {
        ""
    };
    let sequence = format!("{push}\x1b]2;{text}\x1b\\");
    window.title = Some(text);
    Some(sequence)
}

/// The sequence that gives the title back, once.
pub(super) fn leave() -> Option<String> {
    window().title.take()?;
    Some(format!("\x1b]2;\x1b\\{POP_TITLE}"))
}

/// The sequence of a mark.
pub(super) fn mark(mark: OutputMark) -> Option<String> {
    if !has_marks() {
        return None;
    }
    Some(match mark {
        OutputMark::Start => OUTPUT_START.to_owned(),
        OutputMark::End(code) => format!("\x1b]133;D;{code}\x1b\\"),
    })
}

/// Whether questions and answers are marked.
pub(super) fn has_marks() -> bool {
    window().active().is_some_and(|settings| settings.has_marks)
}

/// The marks around an entry in the transcript; empty where nothing is marked.
pub(super) fn entry_marks() -> [&'static str; 2] {
    if has_marks() {
        [ENTRY_START, ENTRY_END]
    } else {
        [""; 2]
    }
}

/// From here on somebody reads what the terminal reports about its focus.
pub(super) fn follow_focus() {
    let mut window = window();
    let notifies = |settings: WindowSettings| settings.notification != Notification::Off;
    window.reports_focus = window.active().is_some_and(notifies);
}

/// Whether the terminal is to report its focus while keys are read or held.
pub(super) fn reports_focus() -> bool {
    window().reports_focus
}

/// The terminal reports its focus.
pub(super) fn set_focus(has_focus: bool) {
    window().has_focus = Some(has_focus);
}

/// The sequence that reports the end of an answer, if it took long and nobody looks.
pub(super) fn answer_ended(took: Duration) -> Option<String> {
    let window = window();
    let settings = window.active()?;
    if took < LONG || window.has_focus != Some(false) {
        return None;
    }
    match settings.notification {
        Notification::Off => None,
        Notification::Desktop => Some(desktop(took)),
        Notification::Auto if window.notifies_desktop => Some(desktop(took)),
        Notification::Auto | Notification::Bell => Some(BELL.to_owned()),
    }
}

fn desktop(took: Duration) -> String {
    let seconds = took.as_secs();
    format!("\x1b]9;amx: the answer is complete after {seconds} s\x1b\\")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One test, as the window is that of the process.
    #[test]
    fn sequences_are_written_where_they_are_switched_on() {
        assert_eq!(title("a"), None, "nothing is configured yet");
        configure(WindowSettings::default());
        assert_eq!(title("a"), None, "stderr is no terminal");
        window().is_capable = true;
        assert_eq!(
            title("a\u{1b}]0;b\u{7}\nc").unwrap(),
            "\x1b[22;2t\x1b]2;a␛]0;b␇ c\x1b\\"
        );
        assert_eq!(title("d").unwrap(), "\x1b]2;d\x1b\\");
        assert_eq!(title("d"), None, "it is the same");
        assert_eq!(leave().unwrap(), "\x1b]2;\x1b\\\x1b[23;2t");
        assert_eq!(leave(), None);
        assert_eq!(mark(OutputMark::End(7)).unwrap(), "\x1b]133;D;7\x1b\\");
        assert_eq!(entry_marks(), ["\x1b]133;A\x1b\\", "\x1b]133;B\x1b\\"]);
        let long = Duration::from_secs(11);
        assert_eq!(answer_ended(long), None, "the focus is unknown");
        set_focus(false);
        assert_eq!(answer_ended(long).unwrap(), BELL);
        assert_eq!(answer_ended(Duration::from_secs(9)), None);
        window().notifies_desktop = true;
        assert!(answer_ended(long).unwrap().starts_with("\x1b]9;amx: "));
        set_focus(true);
        assert_eq!(answer_ended(long), None);
        configure(WindowSettings {
            has_title: false,
            has_marks: false,
            notification: Notification::Off,
        });
        set_focus(false);
        assert_eq!(
            (title("x"), mark(OutputMark::Start), answer_ended(long)),
            (None, None, None)
        );
        assert_eq!(entry_marks(), [""; 2]);
        follow_focus();
        assert!(!reports_focus());
    }

    #[test]
    fn terminals_that_notify_are_known_by_name() {
        assert!(notifies_desktop("WezTerm", "xterm-256color"));
        assert!(notifies_desktop("", "xterm-kitty"));
        assert!(!notifies_desktop("Apple_Terminal", "xterm-256color"));
    }
}
