//! The file of variables that a server of another program names: lines of `NAME=value`.

use std::path::Path;

use crate::secrets::reference::is_variable_name;
use crate::wire::files;

/// Largest file read, in bytes.
const LARGEST: u64 = 256 * 1024;

/// Name and value of each line, in order; values are literal.
///
/// # Errors
/// Why the file cannot be used.
pub(super) fn read(path: &Path) -> Result<Vec<(String, String)>, String> {
    let text = files::read_text(path, LARGEST)
        .map_err(|error| format!("names {}, which cannot be read: {error}", path.display()))?;
    Ok(text.lines().filter_map(pair).collect())
}

fn pair(line: &str) -> Option<(String, String)> {
    let line = line.trim();
    let line = line.strip_prefix("export ").unwrap_or(line);
    let (name, value) = line.split_once('=')?;
    let (name, value) = (name.trim(), value.trim());
    let quoted = ['"', '\''].into_iter().find_map(|quote| {
        let inner = value.strip_prefix(quote)?;
        inner.split_once(quote).map(|(inner, _)| inner)
    });
    let value = quoted.unwrap_or_else(|| value.split(" #").next().unwrap_or_default().trim());
    is_variable_name(name).then(|| (name.to_owned(), value.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_read_as_shells_write_them() {
        for (line, expected) in [
            ("A=b", Some(("A", "b"))),
            ("export A = \"b # c\" # d", Some(("A", "b # c"))),
            ("A=b # c", Some(("A", "b"))),
            ("A=", Some(("A", ""))),
            ("# A=b", None),
            ("", None),
        ] {
            let read = pair(line);
            let read = read
                .as_ref()
                .map(|(name, value)| (name.as_str(), value.as_str()));
            assert_eq!(read, expected, "{line}");
        }
    }
}
