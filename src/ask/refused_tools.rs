//! A refusal of one tool's schema costs that tool, and not the question: one more request without
//! it.

use super::plan::PlannedTarget;
use super::schema_verdict::{MAX_QUOTED, shortened};
use crate::chat::refusal::{Refusal, RefusalKind};
use crate::chat::tool::Declaration;

/// Most tools that are omitted from one answer.
const MOST: usize = 3;

/// How servers write the place of a tool, before its number.
const PLACES: &[&str] = &["function_declarations", "functions", "tools"];

/// Removes the tool that a refusal is about from the requests. Returns the note for the user;
/// `None` when the refusal is about something else.
pub(super) fn after_refusal(planned: &mut PlannedTarget, refusal: &Refusal) -> Option<String> {
    let is_about_request = match &refusal.kind {
        RefusalKind::BadRequest { .. } => true,
        RefusalKind::Other => refusal.status < 500,
        _ => false,
    };
    if !is_about_request || planned.refused_tools.len() >= MOST {
        return None;
    }
    let tools = &mut planned.target.request.tools;
    let name = tools.remove(meant(refusal, tools)?).name;
    let note = format!(
        "{} does not accept the tool {name} ({}); retrying without it",
        planned.target.request.model,
        shortened(&refusal.message, MAX_QUOTED)
    );
    planned.refused_tools.push(name);
    Some(note)
}

/// The index of the tool that a refusal names.
fn meant(refusal: &Refusal, tools: &[Declaration]) -> Option<usize> {
    let texts = || std::iter::once(&refusal.message).chain(&refusal.fields);
    let by_number = texts().find_map(|text| number_in(text));
    if let Some(number) = by_number.filter(|number| *number < tools.len()) {
        return Some(number);
    }
    // The longest name: another one can be a part of it.
    let is_named = |name: &str| texts().any(|text| has_word(text, name));
    let named = tools
        .iter()
        .enumerate()
        .filter(|(_, tool)| is_named(&tool.name));
    named
        .max_by_key(|(_, tool)| tool.name.len())
        .map(|(index, _)| index)
}

/// The number in `tools[2]`, `tools.2.custom` or `tools[0].function_declarations[2]`.
fn number_in(text: &str) -> Option<usize> {
    PLACES.iter().find_map(|place| {
        text.match_indices(place).find_map(|(at, _)| {
            let rest = text[at + place.len()..].strip_prefix(['[', '.'])?;
            let digits = rest.find(|c: char| !c.is_ascii_digit());
            rest[..digits.unwrap_or(rest.len())].parse().ok()
        })
    })
}

/// Whether a name stands in a text with something else around it.
fn has_word(text: &str, name: &str) -> bool {
    let is_part = |c: char| c.is_ascii_alphanumeric() || "_-".contains(c);
    text.match_indices(name).any(|(at, _)| {
        !text[..at].ends_with(is_part) && !text[at + name.len()..].starts_with(is_part)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_and_names_of_a_tool_are_read() {
        for (text, number) in [
            ("tools[2].function.parameters: Invalid input", Some(2)),
            ("tools.12.custom.input_schema: oneOf", Some(12)),
            (
                "GenerateContentRequest.tools[0].function_declarations[3].parameters",
                Some(3),
            ),
            ("tools: Invalid input", None),
            ("mytools[x]", None),
        ] {
            assert_eq!(number_in(text), number, "{text}");
        }
        assert!(has_word(
            "Invalid schema for function 'get_me': x",
            "get_me"
        ));
        assert!(!has_word(
            "Invalid schema for function 'get_me_all'",
            "get_me"
        ));
    }
}
