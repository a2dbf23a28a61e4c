//! Where a program is: at its path, or in a folder of `PATH`.

use std::path::{Path, PathBuf};

/// What a name may end with on Windows, in the order of the system: a name without an ending is a
/// script of another one, as npm writes it beside `npx.cmd`.
const ENDINGS: &[&str] = &[".exe", ".com", ".cmd", ".bat", ""];

/// The file of a program; its path is relative to a folder, its name is in `path`.
pub(crate) fn find_program(program: &str, directory: &Path, path: &str) -> Option<PathBuf> {
    let endings = endings(program, cfg!(windows));
    let in_folder = |folder: &Path| {
        let files = endings
            .iter()
            .map(|ending| folder.join(format!("{program}{ending}")));
        files
            .into_iter()
            .find(|file| file.is_file() && is_executable(file))
    };
    if program.contains(std::path::is_separator) {
        return in_folder(directory);
    }
    std::env::split_paths(path).find_map(|folder| in_folder(&folder))
}

/// The program to start for a name. The system itself starts no `.cmd` by its name alone, and so
/// not `npx`; elsewhere the name stays as it is.
pub(crate) fn to_start(program: &str, directory: &Path, path: &str) -> String {
    let found = || {
        find_program(program, directory, path)?
            .into_os_string()
            .into_string()
            .ok()
    };
    let found = if cfg!(windows) { found() } else { None };
    found.unwrap_or_else(|| program.to_owned())
}

fn endings(program: &str, is_windows: bool) -> &'static [&'static str] {
    let lower = program.to_ascii_lowercase();
    let has_ending = || {
        ENDINGS
            .iter()
            .any(|end| !end.is_empty() && lower.ends_with(end))
    };
    if is_windows && !has_ending() {
        ENDINGS
    } else {
        &[""]
    }
}

#[cfg(unix)]
fn is_executable(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    let metadata = path.metadata();
    metadata.is_ok_and(|metadata| metadata.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn is_executable(_path: &Path) -> bool {
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_without_an_ending_has_those_of_windows_there() {
        assert_eq!(endings("npx", true).first(), Some(&".exe"));
        assert_eq!(endings("npx", true).last(), Some(&""));
        for (program, is_windows) in [("npx.CMD", true), ("node.exe", true), ("npx", false)] {
            assert_eq!(endings(program, is_windows), [""], "{program}");
        }
    }
}
