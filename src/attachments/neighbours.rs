//! The files next to a missing one, for a suggestion.

use std::path::Path;

use super::limits::MOST_ENTRIES;
use crate::catalog::nearest::nearest;

/// The files next to a missing one that have similar names.
pub(super) fn neighbours(missing: &Path) -> Vec<String> {
    let folder = missing
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    let entries = std::fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .take(MOST_ENTRIES);
    // A dangling link would not help.
    let exists = |entry: &std::fs::DirEntry| entry.path().exists();
    let names: Vec<String> = entries
        .filter(exists)
        .filter_map(|entry| entry.file_name().into_string().ok())
        .collect();
    let wanted = missing
        .file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default();
    let near = nearest(&wanted, names.iter().map(String::as_str), 3);
    near.into_iter()
        .map(|name| {
            if folder == Path::new(".") {
                name.to_owned()
            } else {
                folder.join(name).display().to_string()
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_have_similar_names() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["notes.txt", "other"] {
            std::fs::write(folder.path().join(name), "x").unwrap();
        }
        assert_eq!(
            neighbours(&folder.path().join("notse.txt")),
            [folder.path().join("notes.txt").display().to_string()]
        );
        assert!(neighbours(Path::new("/nonexistent/x")).is_empty());
    }
}
