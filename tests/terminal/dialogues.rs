//! Conversations from files, one dialogue each.

use std::collections::BTreeSet;
use std::path::Path;

use crate::dialogue::hold;

macro_rules! dialogues {
    ($($name:ident)*) => {
        $(
            #[test]
            fn $name() {
                hold(stringify!($name));
            }
        )*

        const NAMES: &[&str] = &[$(stringify!($name)),*];
    };
}

dialogues! {
    adjusted
    alternatives
    alternatives_picked
    alternatives_stopped
    attached_again
    bad_values
    branch
    broken
    compact
    compact_alone
    compared
    cost
    deleted
    dumb_terminal
    edit
    effort
    failover
    file
    file_list
    file_too_long
    first_chat
    first_refused
    going_on
    help
    interactive
    killed
    leaving
    left_last
    lines
    model_forms
    model_typo
    models
    named_session
    narrow
    no_colour
    no_save
    not_sent
    paste
    paste_marks
    picked
    profiles
    recorded
    refused
    remarks
    resized
    resumed_settings
    retry
    retry_typo
    save
    schema
    sessions
    set
    settings
    single_questions
    sources
    stopped
    template
    template_options
    templates
    templates_edited
    type_ahead
    undo
    undone_all
    unknown_command
}

#[test]
fn every_dialogue_file_is_run() {
    let folder =
        std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/dialogues"))
            .unwrap();
    let files: BTreeSet<String> = folder
        .map(|entry| {
            entry
                .unwrap()
                .path()
                .file_stem()
                .unwrap()
                .to_string_lossy()
                .into_owned()
        })
        .collect();
    assert_eq!(files, NAMES.iter().map(|name| (*name).to_owned()).collect());
}
