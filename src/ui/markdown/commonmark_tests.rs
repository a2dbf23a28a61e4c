//! The examples of the CommonMark specification: every word of the reference rendering is shown, in
//! order. `benches/commonmark.sh` fetches the specification, which is not part of this source.

use super::tests::text_of;
use super::*;
use crate::ui::capabilities::LinkForm;

/// The file of the specification.
const VARIABLE: &str = "AMX_COMMONMARK_SPEC";

/// One example: its number, what is written, and the reference rendering as HTML.
struct Example {
    number: usize,
    section: String,
    source: String,
    html: String,
}

fn examples(specification: &str) -> Vec<Example> {
    let fence = "`".repeat(32);
    let mut examples = Vec::new();
    let (mut section, mut lines) = (String::new(), specification.lines());
    while let Some(line) = lines.next() {
        if let Some(heading) = line.strip_prefix("## ") {
            heading.clone_into(&mut section);
        }
        if line.strip_prefix(&fence) != Some(" example") {
            continue;
        }
        let text = |lines: &mut std::str::Lines<'_>, end: &str| {
            lines
                .take_while(|line| *line != end)
                .map(|line| format!("{}\n", line.replace('→', "\t")))
                .collect::<String>()
        };
        examples.push(Example {
            number: examples.len() + 1,
            section: section.clone(),
            source: text(&mut lines, "."),
            html: text(&mut lines, &fence),
        });
    }
    examples
}

/// The text of a rendering: tags of blocks separate words, those inside of lines do not.
fn text_of_html(html: &str) -> String {
    const INLINE: &[&str] = &["em", "strong", "code", "a", "img", "del", "sup", "sub"];
    let mut text = String::new();
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        text.push_str(&rest[..at]);
        let Some(length) = rest[at..].find('>') else {
            rest = &rest[at..];
            break;
        };
        let tag = &rest[at + 1..at + length];
        let name: String = tag
            .trim_start_matches('/')
            .chars()
            .take_while(char::is_ascii_alphanumeric)
            .collect();
        if let Some((_, alt)) = tag.split_once("alt=\"") {
            text.push_str(alt.split('"').next().unwrap_or_default());
        }
        if !INLINE.contains(&name.as_str()) {
            text.push(' ');
        }
        rest = &rest[at + length + 1..];
    }
    text.push_str(rest);
    html_escape::decode_html_entities(&text).into_owned()
}

/// Runs of letters, digits and underscores.
fn words(text: &str) -> Vec<String> {
    text.split(|c: char| !(c.is_alphanumeric() || c == '_'))
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect()
}

/// Whether every word is among the shown ones, in order; more may be shown, such as targets.
fn are_shown(wanted: &[String], shown: &[String]) -> bool {
    let mut shown = shown.iter();
    wanted.iter().all(|word| shown.any(|other| other == word))
}

/// As an answer is shown, with the labels of code.
fn shown(source: &str) -> String {
    let mut markdown = Markdown::new(1000, LinkForm::Written);
    let mut out = Vec::new();
    markdown.push(source, &mut out);
    markdown.finish(&mut out);
    text_of(&out)
}

#[test]
#[ignore = "needs the specification, see benches/commonmark.sh"]
#[expect(
    clippy::disallowed_methods,
    clippy::print_stderr,
    reason = "the variable is not one of the program, and the examples that fail are to be read"
)]
fn every_word_of_the_reference_rendering_is_shown() {
    let path = std::env::var(VARIABLE).expect(VARIABLE);
    let examples = examples(&std::fs::read_to_string(path).expect("the specification"));
    assert!(examples.len() > 600, "{} examples", examples.len());
    let mut missed = Vec::new();
    for example in &examples {
        let (shown, wanted) = (shown(&example.source), text_of_html(&example.html));
        if !are_shown(&words(&wanted), &words(&shown)) {
            missed.push(example.number);
            eprintln!(
                "{} ({})\n--- source\n{}--- reference\n{}--- shown\n{shown}",
                example.number, example.section, example.source, example.html
            );
        }
    }
    let kept = examples.len() - missed.len();
    eprintln!("{kept} of {} examples; not: {missed:?}", examples.len());
    assert!(kept >= 645, "{kept}");
}
