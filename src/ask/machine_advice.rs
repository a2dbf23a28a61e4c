//! What to do about a server whose machine cannot run the model: the commands of its program.

use crate::chat::refusal::{Refusal, RefusalKind};
use crate::config::Settings;
use crate::platform::system::System;

/// What lists and frees the memory of the server that is meant by an entry.
struct Program {
    /// The provider, where it is always this program.
    provider: Option<&'static str>,
    /// Words of its refusals, in lower case, where a provider may be any program.
    words: &'static [&'static str],
    /// Loads a model; its ID follows.
    load: Option<&'static str>,
    /// Another way to load one.
    also_load: &'static str,
    /// Shows and unloads what is loaded.
    unload: &'static str,
}

const PROGRAMS: &[Program] = &[
    Program {
        provider: Some("ollama"),
        words: &[],
        load: None,
        also_load: "",
        unload: "ollama ps   (lists loaded models; ollama stop NAME unloads one)",
    },
    // LM Studio
    Program {
        provider: None,
        words: &[
            "lms load",
            "developer page",
            "insufficient system resources",
        ],
        load: Some("lms load"),
        also_load: "   (or the Developer page of LM Studio)",
        unload: "lms ps   (lists loaded models; lms unload NAME unloads one)",
    },
];

/// Where no program of the table is meant.
const LOAD: &str = "load the model on the server, or start it so that it loads models by itself";

/// The hints for a model that is not loaded, does not fit or does not run.
pub(super) fn hints(refusal: &Refusal, settings: &Settings) -> Vec<String> {
    let lower = refusal.message.to_ascii_lowercase();
    let program = PROGRAMS.iter().find(|program| {
        let has_words = program.words.iter().any(|words| lower.contains(words));
        program.provider == Some(settings.entry.name) || has_words
    });
    match refusal.kind {
        RefusalKind::NotLoaded => {
            let model = System::CURRENT.quoted(&settings.model.value);
            let load = program.and_then(|program| Some((program.load?, program.also_load)));
            vec![
                load.map_or(LOAD.to_owned(), |(load, also)| {
                    format!("{load} {model}{also}")
                }),
                format!("amx models{}   (lists models)", settings.profile_flag()),
            ]
        }
        RefusalKind::OutOfMemory => {
            let smaller = "choose a smaller model with -m, or free memory on the server";
            let unload = program.map(|program| program.unload.to_owned());
            std::iter::once(smaller.to_owned()).chain(unload).collect()
        }
        _ => vec![
            "read the server's log, and restart it".to_owned(),
            "choose another model with -m".to_owned(),
        ],
    }
}
