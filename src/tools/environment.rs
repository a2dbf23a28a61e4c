//! The environment of the programs that a model may call: a list of allowed variables.

use crate::config::Environment;
use crate::platform::system::System;

/// The variables that a program needs to find programs, the home, the language and the time zone.
const ALLOWED: &[&str] = &[
    "PATH", "HOME", "USER", "LOGNAME", "SHELL", "LANG", "TERM", "TMPDIR", "TZ",
];

/// How further allowed names start.
const ALLOWED_START: &str = "LC_";

/// The same on Windows, where a program does not start without some of them.
const ALLOWED_ON_WINDOWS: &[&str] = &[
    "PATH",
    "PATHEXT",
    "SYSTEMROOT",
    "SYSTEMDRIVE",
    "COMSPEC",
    "USERPROFILE",
    "USERNAME",
    "APPDATA",
    "LOCALAPPDATA",
    "PROGRAMDATA",
    "PROGRAMFILES",
    "TEMP",
    "TMP",
    "TZ",
];

/// The allowed variables that are set, in the order of their names. No key is among them.
pub(crate) fn allowed(environment: &Environment) -> Vec<(String, String)> {
    let names = if System::CURRENT.is_windows() {
        ALLOWED_ON_WINDOWS
    } else {
        ALLOWED
    };
    let is_allowed = |name: &&str| names.contains(name) || name.starts_with(ALLOWED_START);
    environment
        .names()
        .filter(is_allowed)
        .filter_map(|name| {
            let value = environment.named(name).ok().flatten()?;
            Some((name.to_owned(), value.to_owned()))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_but_the_list_is_passed_on() {
        let environment = Environment::from_pairs([
            ("PATH", "/bin"),
            ("TZ", "UTC"),
            ("LC_ALL", "C"),
            ("LCX", "x"),
            ("OPENROUTER_API_KEY", "k"),
            ("LD_PRELOAD", "x"),
            ("HTTPS_PROXY", "x"),
            ("AMX_LLM_API_KEY", "k"),
        ]);
        let names: Vec<String> = allowed(&environment)
            .into_iter()
            .map(|pair| pair.0)
            .collect();
        assert_eq!(names, ["LC_ALL", "PATH", "TZ"]);
    }
}
