//! Finds terms that `docs/style.md` rules out, in Markdown and in the texts of Rust sources.

use std::collections::BTreeMap;
use std::fmt;

/// Phrases in which a ruled-out word is right, each with the reason.
pub const ALLOWED: &[(&str, &str)] = &[
    ("loopback address", "an address of a network interface"),
    ("IP address", "an address of a network interface"),
    ("email address", "an address of a person"),
    ("mail address", "an address of a person"),
    ("letters, digits", "the characters of a name, by class"),
    ("told apart", "an idiom for distinguishing things"),
];

/// Separates words that are not in one phrase: code, punctuation, the end of a text.
const BREAK: char = '\u{1}';

/// One entry of the table: the phrases that must not appear, and what to write.
pub struct Term {
    phrases: Vec<Vec<String>>,
    instead: String,
}

/// A ruled-out phrase in a text.
pub struct Finding {
    pub line: usize,
    phrase: String,
    instead: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            line,
            phrase,
            instead,
        } = self;
        write!(formatter, "{line}: '{phrase}' (write: {instead})")
    }
}

/// The terms in the rows of the table: `| not | but |`.
pub fn terms(rows: &[Vec<String>]) -> Vec<Term> {
    let term = |row: &Vec<String>| Term {
        phrases: without_remarks(&row[0])
            .split(',')
            .map(phrase)
            .filter(|phrase| !phrase.is_empty())
            .collect(),
        instead: row[1].clone(),
    };
    rows.iter().map(term).collect()
}

/// Without what is in parentheses.
fn without_remarks(cell: &str) -> String {
    let mut depth = 0_usize;
    cell.chars()
        .filter(|character| {
            match character {
                '(' => depth += 1,
                ')' => depth = depth.saturating_sub(1),
                _ => return depth == 0,
            }
            false
        })
        .collect()
}

fn phrase(text: &str) -> Vec<String> {
    words(text).into_iter().map(|(_, word)| word).collect()
}

/// The lower-case words of a text with their lines, from 1 on. An empty word is a break.
fn words(text: &str) -> Vec<(usize, String)> {
    let mut words = vec![];
    let mut word = String::new();
    let mut line = 1;
    for character in text.chars().chain(['\n']) {
        if character.is_alphanumeric() || character == '_' {
            word.extend(character.to_lowercase());
            continue;
        }
        if !word.is_empty() {
            words.push((line, std::mem::take(&mut word)));
        }
        if character == '\n' {
            line += 1;
        } else if !character.is_whitespace() {
            words.push((line, String::new()));
        }
    }
    words
}

/// The ruled-out phrases of a prepared text.
fn findings(text: &str, terms: &[Term]) -> Vec<Finding> {
    let words = words(text);
    let starts_at = |at: usize, phrase: &[String]| {
        words.len() >= at + phrase.len()
            && words[at..]
                .iter()
                .zip(phrase)
                .all(|((_, word), wanted)| word == wanted)
    };
    let mut is_allowed = vec![false; words.len()];
    for (allowed, _) in ALLOWED {
        let allowed = phrase(allowed);
        for at in 0..words.len() {
            if starts_at(at, &allowed) {
                is_allowed[at..at + allowed.len()].fill(true);
            }
        }
    }
    let mut by_first_word: BTreeMap<&str, Vec<(&[String], &str)>> = BTreeMap::new();
    for term in terms {
        for phrase in &term.phrases {
            let entry = by_first_word.entry(&phrase[0]).or_default();
            entry.push((phrase, &term.instead));
        }
    }
    let mut findings = vec![];
    for (at, (line, word)) in words.iter().enumerate() {
        let candidates = by_first_word.get(word.as_str()).into_iter().flatten();
        let matched = candidates.filter(|(phrase, _)| !is_allowed[at] && starts_at(at, phrase));
        findings.extend(matched.map(|(phrase, instead)| Finding {
            line: *line,
            phrase: phrase.join(" "),
            instead: (*instead).to_owned(),
        }));
    }
    findings
}

/// The ruled-out phrases of a Markdown document: prose and fenced blocks, without inline code, link
/// targets, comments and generated tables.
pub fn in_markdown(document: &str, terms: &[Term]) -> Vec<Finding> {
    let mut kept = String::new();
    let mut prose = String::new();
    let mut is_fenced = false;
    let mut is_generated = false;
    for line in document.lines() {
        let is_fence = line.trim_start().starts_with("```");
        if is_fence && !is_fenced {
            kept.push_str(&without_links(&without_code(&std::mem::take(&mut prose))));
        }
        is_fenced ^= is_fence;
        if line.starts_with("<!--") {
            is_generated = line.contains(":begin");
        }
        let text = if is_fence || is_generated || line.starts_with("<!--") {
            "\u{1}"
        } else {
            line
        };
        let target = if is_fenced { &mut kept } else { &mut prose };
        target.push_str(text);
        target.push('\n');
    }
    kept.push_str(&without_links(&without_code(&prose)));
    findings(&kept, terms)
}

/// With breaks for code in backticks, which may continue on the next line of a paragraph.
fn without_code(text: &str) -> String {
    let mut kept = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('`') {
        kept.push_str(before);
        kept.push(BREAK);
        let end = after
            .find(['`', BREAK])
            .filter(|end| after[*end..].starts_with('`') && !after[..*end].contains("\n\n"));
        let Some(end) = end else {
            rest = after;
            continue;
        };
        kept.extend(after[..end].matches('\n'));
        rest = &after[end + 1..];
    }
    kept + rest
}

fn without_links(text: &str) -> String {
    let mut kept = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("](") {
        kept.push_str(before);
        rest = after.split_once(')').map_or(after, |(_, rest)| rest);
    }
    kept + rest
}

/// The ruled-out phrases in the doc comments and string literals of a Rust source, without its unit
/// tests, code in backticks and placeholders.
pub fn in_rust(source: &str, terms: &[Term]) -> Vec<Finding> {
    let (source, _) = source
        .split_once("#[cfg(test)]\nmod tests")
        .unwrap_or((source, ""));
    findings(&without_code(&texts(source)), terms)
}

/// The doc comments and string literals of a source at their lines; breaks for all else.
fn texts(source: &str) -> String {
    let mut texts = String::new();
    let mut rest = source;
    let mut is_in_word = false;
    while let Some(character) = rest.chars().next() {
        let length = token_length(rest, is_in_word);
        let (token, after) = rest.split_at(length);
        is_in_word = token
            .chars()
            .all(|character| character.is_alphanumeric() || character == '_');
        if let Some(comment) = doc_comment(token) {
            texts.push_str(comment);
        } else if token.len() > 1 && character != '\'' && token.contains('"') {
            texts.push(BREAK);
            texts.push_str(&literal(token));
            texts.push(BREAK);
        } else if character.is_whitespace() {
            texts.push(character);
        } else {
            texts.push(BREAK);
            texts.extend(token.matches('\n'));
        }
        rest = after;
    }
    texts
}

fn doc_comment(token: &str) -> Option<&str> {
    token
        .strip_prefix("///")
        .or_else(|| token.strip_prefix("//!"))
}

/// Length of the comment, literal or single character at the start of `rest`.
fn token_length(rest: &str, is_in_word: bool) -> usize {
    let first = rest.chars().next().map_or(0, char::len_utf8);
    if rest.starts_with("//") {
        return rest.find('\n').unwrap_or(rest.len());
    }
    if rest.starts_with("/*") {
        return rest.find("*/").map_or(rest.len(), |end| end + 2);
    }
    if rest.starts_with('\'') {
        return character_length(rest);
    }
    let prefix = rest.len() - rest.trim_start_matches(['b', 'c', 'r']).len();
    if prefix > 2 || (prefix > 0 && is_in_word) {
        return first;
    }
    let is_raw = rest[..prefix].ends_with('r');
    let marks = rest[prefix..].len() - rest[prefix..].trim_start_matches('#').len();
    let start = prefix + marks;
    if !rest[start..].starts_with('"') || (marks > 0 && !is_raw) {
        return first;
    }
    let body = &rest[start + 1..];
    if is_raw {
        let end = format!("\"{}", "#".repeat(marks));
        return body
            .find(&end)
            .map_or(rest.len(), |at| start + 1 + at + end.len());
    }
    let mut is_escaped = false;
    for (at, character) in body.char_indices() {
        if character == '"' && !is_escaped {
            return start + 2 + at;
        }
        is_escaped = character == '\\' && !is_escaped;
    }
    rest.len()
}

/// Length of a character literal, or of the quote that opens a lifetime.
fn character_length(rest: &str) -> usize {
    let mut characters = rest.char_indices().skip(1);
    match characters.next() {
        Some((_, '\\')) => {
            let end = rest.get(3..).and_then(|body| body.find('\''));
            end.map_or(1, |end| end + 4)
        }
        Some((_, _)) => match characters.next() {
            Some((at, '\'')) => at + 1,
            _ => 1,
        },
        None => 1,
    }
}

/// The words of a string literal: escapes and placeholders are breaks. A literal without white
/// space that is a name or a path has none.
fn literal(token: &str) -> String {
    let is_name = !token.contains(char::is_whitespace) && token.contains(['_', '.', '/', ':', '-']);
    let mut words = String::new();
    let mut characters = token.chars().peekable();
    let mut is_placeholder = false;
    while let Some(character) = characters.next() {
        match character {
            '\n' => words.push('\n'),
            '{' => is_placeholder = true,
            '}' => is_placeholder = false,
            // The line goes on after the indentation.
            '\\' if characters.peek() == Some(&'\n') => {}
            '\\' => {
                characters.next();
                words.push(BREAK);
            }
            _ if is_name || is_placeholder => words.push(BREAK),
            _ => words.push(character),
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> Vec<Term> {
        let row = |not: &str, but: &str| vec![not.to_owned(), but.to_owned()];
        terms(&[
            row("address, addresses (of the web)", "URL"),
            row("goes on with", "continues"),
        ])
    }

    fn lines(findings: &[Finding]) -> Vec<usize> {
        findings.iter().map(|finding| finding.line).collect()
    }

    #[test]
    fn markdown_is_checked_outside_of_code_and_links() {
        let document = "An Address.\n\nIt goes on\nwith it, `the address`\n[here](address.md)\n";
        assert_eq!(lines(&in_markdown(document, &table())), [1, 3]);
        let block = "one\n```sh\namx # an address\n```\nthe loopback address, readdress\n";
        assert_eq!(lines(&in_markdown(block, &table())), [3]);
        let generated = "<!-- x:begin -->\nan address\n<!-- x:end -->\nan address\n";
        assert_eq!(lines(&in_markdown(generated, &table())), [4]);
        assert!(in_markdown("It goes on. With it", &table()).is_empty());
    }

    #[test]
    fn sources_are_checked_in_doc_comments_and_literals() {
        let source = r##"
/// It goes on
/// with an `address`.
// an address
fn address<'a>(address: &'a str) -> char {
    let quote = '"';
    let text = "no \" address {address} \
        goes on with";
    let raw = br#"an "address" here"#;
    let name = ["the_address", "a/address", "address"];
    '\''
}
#[cfg(test)]
mod tests { const ADDRESS: &str = "an address"; }
"##;
        assert_eq!(lines(&in_rust(source, &table())), [2, 7, 8, 9, 10]);
    }
}
