//! Holds the instruments of these tests against programs of which everything is known.

use std::collections::BTreeMap;
use std::path::Path;

use crate::pty::{SMALL, Size, Terminal, USUAL};
use crate::secret_service::{Bus, HungBus, SecretService, is_wanted};

fn shell(script: &str) -> Terminal {
    shell_at(script, USUAL)
}

fn shell_at(script: &str, size: Size) -> Terminal {
    let variables = BTreeMap::from([("PATH".into(), "/usr/bin:/bin".into())]);
    Terminal::launch("/bin/sh", &["-c", script], &variables, Path::new("/"), size)
}

#[test]
fn a_terminal_shows_what_is_printed_and_typed() {
    let terminal =
        shell("printf 'first\\033[1mbold\\033[0m '; read answer; echo got $answer; exit 7");
    terminal.wait_for("firstbold");
    terminal.answer("hello");
    terminal.wait_for("got hello");
    assert_eq!(terminal.wait_exit(), 7);
    assert!(
        terminal
            .raw_output()
            .windows(4)
            .any(|bytes| bytes == b"\x1b[1m")
    );
    terminal.assert_restored();
}

#[test]
fn rows_that_left_the_screen_are_remembered_once() {
    let script =
        "i=0; while [ $i -lt 100 ]; do echo line$i.; i=$((i+1)); done; printf '%060d\\n' 7";
    let terminal = shell_at(script, SMALL);
    assert_eq!(terminal.wait_exit(), 0);
    let transcript = terminal.transcript();
    for number in 0..100 {
        assert_eq!(
            transcript.matches(&format!("line{number}.\n")).count(),
            1,
            "line {number} in:\n{transcript}"
        );
    }
    assert!(
        transcript.contains(&format!("{:060}", 7)),
        "a wrapped row is one line:\n{transcript}"
    );
    assert!(!terminal.screen().contains("line0."));
}

#[test]
fn a_signal_counts_as_a_shell_counts_it() {
    let terminal = shell("echo ready; read nothing");
    terminal.wait_for("ready");
    terminal.press_ctrl_c();
    assert_eq!(terminal.wait_exit(), 130);
    let terminal = shell("echo ready; read nothing");
    terminal.wait_for("ready");
    terminal.signal("TERM");
    assert_eq!(terminal.wait_exit(), 143);
}

#[test]
fn the_cursor_is_reported_to_a_program_that_asks() {
    let terminal = shell(
        "stty raw -echo; printf 'ab\\033[6n'; dd bs=1 count=6 2>/dev/null | od -An -c; stty sane",
    );
    terminal.wait_for("033 [ 1 ; 3 R");
    assert_eq!(terminal.wait_exit(), 0);
}

#[test]
#[should_panic(expected = "echo false")]
fn a_terminal_left_without_echo_is_noticed() {
    let terminal = shell("stty -echo");
    assert_eq!(terminal.wait_exit(), 0);
    terminal.assert_restored();
}

#[test]
#[should_panic(expected = "canonical false")]
fn a_terminal_left_raw_is_noticed() {
    let terminal = shell("stty raw");
    assert_eq!(terminal.wait_exit(), 0);
    terminal.assert_restored();
}

#[test]
#[should_panic(expected = "cursor is left hidden")]
fn a_cursor_left_hidden_is_noticed() {
    let terminal = shell("printf '\\033[?25l'");
    assert_eq!(terminal.wait_exit(), 0);
    terminal.assert_restored();
}

#[test]
fn titles_and_clipboard_are_noticed() {
    let terminal = shell("printf '\\033]0;owned\\007\\033]52;c;c2VjcmV0\\007\\007'");
    assert_eq!(terminal.wait_exit(), 0);
    let events = terminal.events();
    assert!(
        events.titles.contains(&"owned".to_owned())
            && events.clipboard == ["c2VjcmV0"]
            && events.bells == 1,
        "{events:?}"
    );
}

#[test]
fn the_keyring_of_the_tests_keeps_and_locks() {
    if !is_wanted("the_keyring_of_the_tests_keeps_and_locks") {
        return;
    }
    let service = SecretService::unlocked();
    assert_eq!(service.lookup("p/api_key"), None);
    service.store("p/api_key", "sk-test");
    let locked = service.locked_again();
    assert_eq!(
        locked.lookup("p/api_key"),
        None,
        "a locked keyring gave a secret"
    );
    assert!(Bus::start().address.starts_with("unix:"));
}

#[test]
fn a_hung_bus_reports_whether_it_was_used() {
    let bus = HungBus::start();
    assert!(!bus.was_touched());
    let path = bus.address().strip_prefix("unix:path=").unwrap().to_owned();
    let _connection = std::os::unix::net::UnixStream::connect(path).unwrap();
    assert!(bus.was_touched());
}
