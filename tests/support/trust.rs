//! The measurements of `just trust`: how large they are, and where their counts go.

use std::fs::OpenOptions;
use std::io::Write;

#[expect(
    clippy::disallowed_methods,
    reason = "the tests are no part of the program, and their size is given from outside"
)]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// A size for `cargo test`, multiplied by `AMX_TRUST_SCALE`.
pub fn scaled(short: usize) -> usize {
    short * variable("AMX_TRUST_SCALE").map_or(1, |text| text.parse().unwrap())
}

/// Appends the counts of a measurement to the file that `AMX_TRUST_REPORT` names: the subject, then
/// `LABEL=COUNT`, separated by tabs. Counts of one label add up.
pub fn report(subject: &str, counts: &[(&str, usize)]) {
    let Some(path) = variable("AMX_TRUST_REPORT") else {
        return;
    };
    let counts: String = counts
        .iter()
        .map(|(label, count)| format!("\t{label}={count}"))
        .collect();
    let mut file = OpenOptions::new()
        .create(true)
        .append(true)
        .open(path)
        .unwrap();
    file.write_all(format!("{subject}{counts}\n").as_bytes())
        .unwrap();
}

/// Runs a measurement of so many cases on several threads; each gets the numbers of its cases.
pub fn in_threads(cases: usize, run: impl Fn(usize) + Sync) {
    const THREADS: usize = 4;
    std::thread::scope(|scope| {
        for thread in 0..THREADS {
            let run = &run;
            scope.spawn(move || (thread..cases).step_by(THREADS).for_each(run));
        }
    });
}
