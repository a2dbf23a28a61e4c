//! `find_tools`: one tool in the place of many, which finds them by words.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::chat::tool::Declaration;
pub(crate) use crate::config::command_tool::FIND_TOOLS as NAME;
use crate::config::command_tool::ToolSearch;

/// More tools than this are searched and not declared.
const MANY: usize = 30;

/// Part of the context window that declarations may take: one of so many.
const PART_OF_WINDOW: u64 = 10;

/// Tools that one search finds.
const FOUND: usize = 5;

/// What a word in a name, or in a description, is worth.
const IN_NAME: u32 = 4;
const LIKE_NAME: u32 = 3;
const IN_DESCRIPTION: u32 = 1;

/// Bytes of JSON that are about a token in a declaration.
const BYTES_OF_TOKEN: u64 = 4;

/// A tool that can be found.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Findable<'a> {
    pub name: &'a str,
    pub description: Option<&'a str>,
    /// Where it is from: the group under which it is listed.
    pub source: &'a str,
}

/// The estimated tokens of a declaration.
pub(crate) fn tokens(declaration: &Declaration) -> u64 {
    let description = declaration.description.as_deref().unwrap_or_default();
    let sent = json!({
        "name": declaration.name, "description": description,
        "parameters": declaration.parameters,
    });
    (sent.to_string().len() as u64).div_ceil(BYTES_OF_TOKEN)
}

/// Whether tools are to be searched: they are many, or their declarations take more than a tenth of
/// the context window.
pub(crate) fn is_needed(
    search: ToolSearch,
    declarations: &[Declaration],
    window: Option<u64>,
) -> bool {
    match search {
        ToolSearch::On => true,
        ToolSearch::Off => false,
        ToolSearch::Auto => {
            let sum: u64 = declarations.iter().map(tokens).sum();
            declarations.len() > MANY || window.is_some_and(|window| sum > window / PART_OF_WINDOW)
        }
    }
}

/// The declaration of the search over these tools, with their names.
pub(crate) fn declaration(tools: &[Findable<'_>]) -> Declaration {
    let mut by_source: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for tool in tools {
        by_source.entry(tool.source).or_default().push(tool.name);
    }
    let lists = by_source
        .iter()
        .map(|(source, names)| format!("{source}: {}", names.join(", ")));
    let lists: Vec<String> = lists.collect();
    Declaration {
        name: NAME.to_owned(),
        description: Some(format!(
            "Finds tools by words in their names and descriptions, and makes the best {FOUND} \
             callable. Call it before any other tool. There are:\n{}",
            lists.join("\n")
        )),
        parameters: json!({
            "type": "object",
            "properties": {
                "query": {"type": "string", "description": "a few words, or a name"},
            },
            "required": ["query"],
            "additionalProperties": false,
        }),
    }
}

/// The query of a call.
pub(crate) fn query(arguments: &Value) -> &str {
    arguments.get("query").and_then(Value::as_str).unwrap_or("")
}

/// The indices of the tools that fit best, the best first; none that has no word of the query.
pub(crate) fn best(query: &str, tools: &[Findable<'_>]) -> Vec<usize> {
    let query = query.to_lowercase();
    let words: Vec<&str> = words_of(&query).collect();
    let mut scored: Vec<(u32, usize)> = tools
        .iter()
        .enumerate()
        .map(|(index, tool)| (score(&query, &words, tool), index))
        .filter(|(score, _)| *score > 0)
        .collect();
    scored.sort_by(|left, right| right.0.cmp(&left.0).then(left.1.cmp(&right.1)));
    scored
        .into_iter()
        .take(FOUND)
        .map(|(_, index)| index)
        .collect()
}

/// The result of a search for the model.
pub(crate) fn result(found: &[Findable<'_>]) -> String {
    if found.is_empty() {
        return "no tool has one of these words; use others, or a name from the list".to_owned();
    }
    let line = |tool: &Findable<'_>| match tool.description.and_then(|text| text.lines().next()) {
        Some(first) => format!("{}: {first}", tool.name),
        None => tool.name.to_owned(),
    };
    let lines: Vec<String> = found.iter().map(line).collect();
    format!("these can be called now:\n{}", lines.join("\n"))
}

fn score(query: &str, words: &[&str], tool: &Findable<'_>) -> u32 {
    let name = tool.name.to_lowercase();
    if name == query.trim() {
        return u32::MAX;
    }
    let in_name: Vec<&str> = words_of(&name).collect();
    let description = tool.description.unwrap_or_default().to_lowercase();
    let in_description: Vec<&str> = words_of(&description).collect();
    let worth = |word: &&str| {
        let is_like = |of: &&str| are_alike(of, word);
        let of_name = if in_name.contains(word) {
            IN_NAME
        } else if in_name.iter().any(is_like) {
            LIKE_NAME
        } else {
            0
        };
        of_name + IN_DESCRIPTION * u32::from(in_description.iter().any(is_like))
    };
    words.iter().map(worth).sum()
}

/// Whether words have the same start, as those of one stem: `issue` and `issues`, `repository` and
/// `repositories`, but also `git` and `github`.
fn are_alike(left: &str, right: &str) -> bool {
    let shared = left
        .chars()
        .zip(right.chars())
        .take_while(|(left, right)| left == right)
        .count();
    let (left, right) = (left.chars().count(), right.chars().count());
    shared >= 3 && (shared == left.min(right) || shared * 4 >= left.max(right) * 3)
}

/// Runs of alphanumeric characters, longer than one.
fn words_of(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric())
        .filter(|word| word.chars().count() > 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn many(count: usize) -> Vec<Declaration> {
        (0..count)
            .map(|index| Declaration {
                name: format!("tool_{index}"),
                description: Some("does something".to_owned()),
                parameters: json!({"type": "object", "properties": {}}),
            })
            .collect()
    }

    #[test]
    fn many_or_large_declarations_are_searched() {
        let auto = ToolSearch::Auto;
        assert!(!is_needed(auto, &many(30), None));
        assert!(is_needed(auto, &many(31), None));
        let sum: u64 = many(20).iter().map(tokens).sum();
        assert!(!is_needed(auto, &many(20), Some(sum * 10)));
        assert!(is_needed(auto, &many(20), Some(sum * 10 - 10)));
        assert!(is_needed(ToolSearch::On, &many(1), None));
        assert!(!is_needed(ToolSearch::Off, &many(120), Some(10)));
    }

    #[test]
    fn the_best_five_are_found_by_words() {
        let tool = |name, description| Findable {
            name,
            description,
            source: "server github",
        };
        let tools = [
            tool("github__get_issue", Some("Read one issue of a repository.")),
            tool("github__create_issue", Some("Open a new issue.")),
            tool("github__list_commits", Some("List the commits.")),
            tool(
                "weather",
                Some("Current weather of a town, and issues of the day."),
            ),
            tool("slack__post", None),
        ];
        let names = |query: &str| -> Vec<&str> {
            best(query, &tools)
                .into_iter()
                .map(|index| tools[index].name)
                .collect()
        };
        assert_eq!(names("create an issue")[0], "github__create_issue");
        assert_eq!(names("weather"), ["weather"]);
        assert_eq!(names("commit"), ["github__list_commits"]);
        assert_eq!(names("slack__post"), ["slack__post"]);
        assert_eq!(names("repositories"), ["github__get_issue"]);
        assert!(names("").is_empty() && names("xyzzy").is_empty());
        let same = [tool("same_name", None); 8];
        assert_eq!(best("same", &same).len(), FOUND);
        assert!(result(&tools[3..]).starts_with("these can be called now:\nweather: Current"));
    }

    #[test]
    fn the_declaration_has_all_names_by_source() {
        let of = |name, source| Findable {
            name,
            description: None,
            source,
        };
        let declared = declaration(&[of("b", "server x"), of("a", "command"), of("c", "server x")]);
        let description = declared.description.unwrap();
        assert!(
            description.ends_with("command: a\nserver x: b, c"),
            "{description}"
        );
    }
}
