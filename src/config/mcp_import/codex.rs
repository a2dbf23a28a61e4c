//! The servers of Codex as a block to copy: what is read of TOML is a part of it, so nothing is
//! written from it.

use serde_yaml::{Mapping, Value};

use super::entry::{Imported, Outcome};
use crate::config::mcp_draft::Answers;

/// The section with the servers that can be translated; a secret becomes a variable of its name.
/// `None` without any.
pub(crate) fn block(servers: &[Imported]) -> Option<String> {
    let mut entries = Mapping::new();
    for server in servers {
        let Outcome::Draft(draft) = &server.outcome else {
            continue;
        };
        let name = draft.name.clone();
        let variable = |entry: &str| format!("${{{}}}", variable_of(entry, &name));
        if let Ok((value, _)) = draft.written(&Answers::new(), &variable) {
            entries.insert(draft.name.as_str().into(), value);
        }
    }
    if entries.is_empty() {
        return None;
    }
    let root: Mapping = [(Value::from("mcp_servers"), Value::Mapping(entries))]
        .into_iter()
        .collect();
    serde_yaml::to_string(&Value::Mapping(root)).ok()
}

/// A variable for a secret: its own name, or one made of the server's and a header's.
fn variable_of(entry: &str, server: &str) -> String {
    let plain = |text: &str| -> String {
        let c = |c: char| {
            if c.is_ascii_alphanumeric() {
                c.to_ascii_uppercase()
            } else {
                '_'
            }
        };
        text.chars().map(c).collect()
    };
    if entry
        .bytes()
        .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_')
    {
        entry.to_owned()
    } else {
        format!("{}_{}", plain(server), plain(entry))
    }
}
