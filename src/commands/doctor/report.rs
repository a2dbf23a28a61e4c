//! The findings as lines or as JSON, without secrets and without the user's name.

use serde_json::{Value, json};

use super::args::DoctorArgs;
use super::check::{Finding, Status};
use super::findings::{Row, count, role_of, totals};
use super::subject::Subject;
use super::summary;
use crate::ports::context::Context;
use crate::ports::error::{CommandError, ErrorKind};
use crate::present::count::plural;
use crate::present::page::{Line, Page, Role};
use crate::secrets::reference::looks_like_a_key;

/// Prints the findings; an error when one of them is a failure.
pub(super) fn show(
    rows: &[Row<'_>],
    subject: &Subject,
    args: &DoctorArgs,
    context: &mut Context<'_>,
) -> Result<(), CommandError> {
    let rows: Vec<Row<'_>> = rows
        .iter()
        .map(|(check, finding)| (*check, presentable(finding, subject)))
        .collect();
    if args.json {
        context.output.json(&object(&rows))?;
    } else if args.verbose {
        context.output.page(&all(&rows))?;
    } else {
        context.output.page(&summary::page(&rows, subject).kept())?;
    }
    let failures = count(&rows, Status::Failure);
    if failures == 0 {
        return Ok(());
    }
    let error = CommandError::new(
        ErrorKind::No,
        format!("{} failed", plural(failures, "check")),
    );
    let first = rows
        .into_iter()
        .find(|(_, finding)| finding.status == Status::Failure);
    Err(error.hint(
        first
            .and_then(|(_, finding)| finding.remedy)
            .unwrap_or_default(),
    ))
}

/// Safe to paste anywhere: one line, no home directory, nothing that looks like a key.
fn presentable(finding: &Finding, subject: &Subject) -> Finding {
    let clean = |text: &str| {
        without_keys(&subject.without_home(&text.split_whitespace().collect::<Vec<_>>().join(" ")))
    };
    // Three spaces separate a command from its comment.
    let command = |text: &str| text.split("   ").map(clean).collect::<Vec<_>>().join("   ");
    Finding {
        words: clean(&finding.words),
        remedy: finding.remedy.as_deref().map(command),
        ..finding.clone()
    }
}

fn without_keys(text: &str) -> String {
    let words = text
        .split(|c: char| !(c.is_ascii_alphanumeric() || c == '-' || c == '_'))
        .filter(|word| looks_like_a_key(word));
    words.fold(text.to_owned(), |text, word| text.replace(word, "[a key]"))
}

/// Every finding, under its group.
fn all(rows: &[Row<'_>]) -> Page {
    let width = rows
        .iter()
        .map(|(check, _)| check.name.len())
        .max()
        .unwrap_or(0);
    let mut page = Page::default();
    let mut group = None;
    for (check, finding) in rows {
        if group != Some(check.group) {
            page.gap();
            page.line(Line::of(Role::Heading, check.group.word()));
            group = Some(check.group);
        }
        let of_profile = finding
            .profile
            .as_ref()
            .map_or_else(String::new, |profile| format!("{profile}: "));
        let indent = 13 + width;
        page.line(
            Line::of(
                role_of(finding.status),
                format!("  {:<8} ", finding.status.word()),
            )
            .and(format!(
                "{:<width$}  {of_profile}{}",
                check.name, finding.words
            ))
            .hanging(indent),
        );
        if let Some(remedy) = &finding.remedy {
            page.line(
                Line::plain(format!("{:indent$}→ ", ""))
                    .with(Role::Command, remedy.as_str())
                    .hanging(indent + 2),
            );
        }
    }
    page.gap();
    page.line(totals(rows));
    page
}

fn object(rows: &[Row<'_>]) -> Value {
    let row = |(check, finding): &Row<'_>| {
        json!({
            "name": check.name,
            "group": check.group.word(),
            "profile": finding.profile,
            "status": finding.status.word(),
            "words": finding.words,
            "remedy": finding.remedy,
        })
    };
    json!({
        "version": env!("CARGO_PKG_VERSION"),
        "ok": count(rows, Status::Failure) == 0,
        "failures": count(rows, Status::Failure),
        "warnings": count(rows, Status::Warning),
        "checks": rows.iter().map(row).collect::<Vec<_>>(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_looks_like_a_key_is_replaced() {
        let text = "'sk-or-v1-0123456789abcdef' is not a number; ask sk-learn";
        assert_eq!(
            without_keys(text),
            "'[a key]' is not a number; ask sk-learn"
        );
    }
}
