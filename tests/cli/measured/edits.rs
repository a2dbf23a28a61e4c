//! Many writers of config.yml at once: every edit is kept.

use crate::support::sandbox::Sandbox;
use crate::support::trust;

/// Most writers at once.
const MOST_WRITERS: usize = 32;

#[test]
fn every_edit_of_many_writers_is_kept() {
    let sandbox = Sandbox::new();
    let (writers, edits) = (trust::scaled(4).min(MOST_WRITERS), trust::scaled(2));
    std::thread::scope(|scope| {
        for writer in 0..writers {
            let sandbox = &sandbox;
            scope.spawn(move || {
                for edit in 0..edits {
                    let name = format!("p{writer}-{edit}");
                    let flags = [
                        "--no-input",
                        "--provider",
                        "demo",
                        "--model",
                        "demo/scripted",
                    ];
                    let arguments = ["add-llm-profile", &name].into_iter().chain(flags);
                    sandbox.spawn(arguments).wait().assert_code(0);
                }
            });
        }
    });
    let listed = sandbox.run(["profiles", "list", "--json"]);
    listed.assert_code(0);
    let names = listed.json();
    let kept = names.as_array().unwrap().iter();
    let kept = kept.filter(|profile| profile["name"].as_str().is_some_and(|name| name != "demo"));
    let kept = kept.count();
    assert_eq!(kept, writers * edits);
    sandbox.run(["config", "validate"]).assert_code(0);
    let counts = [
        ("writers", writers),
        ("edits", writers * edits),
        ("violations", 0),
    ];
    trust::report("edits", &counts);
}
