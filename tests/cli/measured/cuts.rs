//! Streams that are cut at any byte: what arrived is shown, and a cut is never success.

use crate::support::double::Double;
use crate::support::reply::{self, Ending};
use crate::support::sandbox::Sandbox;
use crate::support::{routes, trust};

const TEXTS: [&str; 3] = ["Hello", " wörld", " 👋 and\\nmore"];

/// Events up to the one with the finish reason.
const FINISH: usize = TEXTS.len() + 2;

/// The events of an answer, comments between them.
fn events() -> Vec<String> {
    let mut events: Vec<String> = TEXTS
        .iter()
        .map(|text| format!("data: {{\"choices\":[{{\"delta\":{{\"content\":\"{text}\"}}}}]}}\n\n"))
        .collect();
    events.push(": keep-alive\r\n\r\n".to_owned());
    events.push(
        "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}],\
         \"usage\":{\"prompt_tokens\":1,\"completion_tokens\":2}}\n\n"
            .to_owned(),
    );
    events.push("data: [DONE]\n\n".to_owned());
    events
}

fn text(events: usize) -> String {
    TEXTS[..events.min(TEXTS.len())]
        .concat()
        .replace("\\n", "\n")
}

/// Cuts the stream after so many bytes, the connection with it or not.
fn cut(at: usize, is_broken: bool) {
    let events = events();
    let body = events.concat().into_bytes();
    let mut scripted = reply::page(200, "text/event-stream", "");
    scripted.form = reply::Form::Page("text/event-stream", body[..at].to_vec());
    if is_broken {
        scripted.ending = Ending::HangUp;
    }
    let double = Double::start([]).also(routes::chat(move |_| scripted.clone()));
    let outcome = Sandbox::with(&double)
        .env("AMX_MODEL", "test/plain")
        .run(["chat", "hi"]);
    let ends = events.iter().scan(0, |end, event| {
        *end += event.len();
        Some(*end)
    });
    let arrived = ends.clone().filter(|end| *end <= at).count();
    // The blank line after an event may be missing at the end of the body.
    let may_have_arrived = ends.filter(|end| end - 2 <= at).count();
    let (is_finished, may_be) = (arrived >= FINISH, may_have_arrived >= FINISH);
    let shown = outcome.stdout();
    let shown = shown.trim_end_matches('\n');
    assert!(
        shown.starts_with(&text(arrived)) && text(TEXTS.len()).starts_with(shown),
        "cut at {at}: {outcome}"
    );
    let is_success = outcome.code == 0;
    // A connection that breaks after the end of the answer may still be reported.
    assert!(
        (may_be || !is_success) && (is_success || !is_finished || is_broken),
        "cut at {at}: {outcome}"
    );
    assert!(is_success || outcome.code == 9, "cut at {at}: {outcome}");
    double.take_faults();
}

#[test]
fn a_stream_is_never_cut_unnoticed() {
    let length = events().concat().len();
    let first = events()[0].len();
    // At the scale of `just trust`, every byte.
    let step = (20 / trust::scaled(1)).max(1);
    let places: Vec<usize> = (first..=length).step_by(step).collect();
    trust::in_threads(places.len() * 2, |case| {
        cut(places[case / 2], case % 2 == 0);
    });
    let counts = [
        ("bytes", length),
        ("cuts", places.len() * 2),
        ("violations", 0),
    ];
    trust::report("cuts", &counts);
}
