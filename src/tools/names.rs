//! The names under which tools are sent, and the patterns that choose among them.

use std::collections::BTreeMap;
use std::fmt::Write;

use sha2::{Digest, Sha256};

use super::tool::Tool;
use crate::catalog::nearest::closest;
use crate::config::command_tool::SEPARATOR;

/// Longest name, in characters: that of OpenAI's form.
const LONGEST: usize = 64;

/// Characters of a longer name that are kept, before `_` and the start of its hash.
const KEPT: usize = 55;

/// Hexadecimal digits of the hash at the end of a longer name.
const HASH_DIGITS: usize = 8;

/// The name under which a server's tool is sent: `server__tool`, with `_` for what models do not
/// accept. One that is too long ends with a hash of the whole.
pub(crate) fn sent_name(server: &str, tool: &str) -> String {
    let whole = format!("{server}{SEPARATOR}{tool}");
    let plain = |c: char| {
        if c.is_ascii_alphanumeric() || "_-".contains(c) {
            c
        } else {
            '_'
        }
    };
    let name: String = whole.chars().map(plain).collect();
    if name.len() <= LONGEST {
        return name;
    }
    let digest = Sha256::digest(whole.as_bytes());
    let mut short = format!("{}_", &name[..KEPT]);
    for byte in digest.iter().take(HASH_DIGITS / 2) {
        // Writing to a string does not fail.
        let _ = write!(short, "{byte:02x}");
    }
    short
}

/// The names that several tools have, each with the words that say so and name these tools.
pub(crate) fn collisions(tools: &[Tool]) -> BTreeMap<String, String> {
    let mut named: BTreeMap<&str, BTreeMap<&str, Vec<&str>>> = BTreeMap::new();
    for tool in tools {
        let sources = named.entry(&tool.name).or_default();
        let of_source = sources.entry(&tool.source).or_default();
        of_source.push(tool.own_name());
    }
    named.retain(|_, sources| sources.values().map(Vec::len).sum::<usize>() > 1);
    let words = |sources: &BTreeMap<&str, Vec<&str>>| {
        let of_source =
            |(source, names): (&&str, &Vec<&str>)| format!("{source}: {}", names.join(", "));
        let sources: Vec<String> = sources.iter().map(of_source).collect();
        format!("several tools have this name ({})", sources.join("; "))
    };
    let named = named.iter();
    named
        .map(|(name, sources)| ((*name).to_owned(), words(sources)))
        .collect()
}

/// The tools without those whose names are equal: no order of arrival decides which one is called.
/// A warning names them.
pub(crate) fn without_collisions(tools: Vec<Tool>) -> (Vec<Tool>, Vec<String>) {
    let collisions = collisions(&tools);
    let warnings = collisions
        .iter()
        .map(|(name, why)| format!("{name} is not offered to the model: {why}"))
        .collect();
    let is_unique = |tool: &Tool| !collisions.contains_key(&tool.name);
    (tools.into_iter().filter(is_unique).collect(), warnings)
}

/// Whether a text chooses several tools: `*` is any characters, `?` any one.
pub(crate) fn is_pattern(text: &str) -> bool {
    text.contains(['*', '?'])
}

/// Whether a name or a pattern chooses a tool.
pub(crate) fn matches(pattern: &str, name: &str) -> bool {
    let (pattern, name) = (pattern.as_bytes(), name.as_bytes());
    let (mut at, mut in_name) = (0, 0);
    // Where the last `*` is, and how much of the name it took.
    let mut star: Option<(usize, usize)> = None;
    while in_name < name.len() {
        match pattern.get(at) {
            Some(b'*') => {
                star = Some((at, in_name));
                at += 1;
            }
            Some(byte) if *byte == b'?' || *byte == name[in_name] => {
                at += 1;
                in_name += 1;
            }
            _ => match &mut star {
                Some((of_star, taken)) => {
                    *taken += 1;
                    (at, in_name) = (*of_star + 1, *taken);
                }
                None => return false,
            },
        }
    }
    pattern[at..].iter().all(|byte| *byte == b'*')
}

/// What names and patterns choose.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Choice {
    /// Indices of the chosen tools, in the order of `known`, each once.
    pub chosen: Vec<usize>,
    /// Patterns that choose none.
    pub unmatched: Vec<String>,
}

/// A name that no tool has.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct UnknownTool {
    pub name: String,
    /// The name that was most likely meant.
    pub nearest: Option<String>,
}

/// Chooses among the names of tools.
///
/// # Errors
/// The first name that is none of them.
pub(crate) fn choose(wanted: &[String], known: &[&str]) -> Result<Choice, UnknownTool> {
    let mut choice = Choice::default();
    let mut is_chosen = vec![false; known.len()];
    for wanted in wanted {
        let mut found = false;
        for (index, name) in known.iter().enumerate() {
            if matches(wanted, name) {
                (found, is_chosen[index]) = (true, true);
            }
        }
        if !found && !is_pattern(wanted) {
            return Err(UnknownTool {
                name: wanted.clone(),
                nearest: closest(wanted, known.iter().copied()).map(str::to_owned),
            });
        }
        if !found {
            choice.unmatched.push(wanted.clone());
        }
    }
    choice.chosen = (0..known.len()).filter(|index| is_chosen[*index]).collect();
    Ok(choice)
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use super::*;
    use crate::tools::tool::{Call, Pending, Runner};
    use serde_json::{Value, json};

    struct Nothing;

    impl Runner for Nothing {
        fn prepare<'a>(&'a self, _: &'a Value) -> Pending<'a, Result<Box<dyn Call>, String>> {
            Box::pin(std::future::ready(Err(String::new())))
        }
    }

    fn tool(name: &str, source: &str) -> Tool {
        Tool {
            name: name.to_owned(),
            description: None,
            parameters: json!({}),
            source: source.to_owned(),
            may_repeat: false,
            runner: Rc::new(Nothing),
        }
    }

    #[test]
    fn sent_names_have_at_most_64_accepted_characters() {
        assert_eq!(sent_name("github", "get_me"), "github__get_me");
        assert_eq!(sent_name("a", "x.y/z é"), "a__x_y_z__");
        let exact = "t".repeat(61);
        assert_eq!(sent_name("a", &exact), format!("a__{exact}"));
        let long = sent_name("a", &"t".repeat(62));
        assert_eq!(long.len(), 64);
        assert!(
            long.starts_with(&format!("a__{}_", "t".repeat(52))),
            "{long}"
        );
        assert_ne!(long, sent_name("a", &"t".repeat(63)));
    }

    #[test]
    fn equal_names_lose_all_their_tools() {
        let tools = vec![
            tool("a__x_y", "server a"),
            tool("b", "command"),
            tool("a__x_y", "server a"),
        ];
        let (left, warnings) = without_collisions(tools);
        assert_eq!(left.len(), 1);
        assert_eq!(
            warnings,
            [
                "a__x_y is not offered to the model: several tools have this name (server a: \
                a__x_y, a__x_y)"
            ]
        );
    }

    #[test]
    fn names_and_patterns_choose() {
        let known = ["weather", "github__get_me", "github__get_issue", "now"];
        let chosen = |wanted: &[&str]| {
            let wanted: Vec<String> = wanted.iter().map(ToString::to_string).collect();
            choose(&wanted, &known)
        };
        assert_eq!(
            chosen(&["now", "github__*", "now"]).unwrap().chosen,
            [1, 2, 3]
        );
        assert_eq!(chosen(&["n?w"]).unwrap().chosen, [3]);
        assert_eq!(chosen(&["x*"]).unwrap().unmatched, ["x*"]);
        assert_eq!(
            chosen(&["wether"]).unwrap_err(),
            UnknownTool {
                name: "wether".to_owned(),
                nearest: Some("weather".to_owned()),
            }
        );
        for (pattern, name, is_match) in [
            ("*", "", true),
            ("a*b*c", "aXbYbc", true),
            ("a*b*c", "aXbYb", false),
            ("?", "", false),
            ("", "a", false),
            ("a", "ab", false),
        ] {
            assert_eq!(matches(pattern, name), is_match, "{pattern} {name}");
        }
    }
}
