//! The findings as lines or as JSON, without secrets and without the user's name.

use serde_json::{Value, json};

use super::check::{Check, Finding, Status};
use super::subject::Subject;
use crate::ports::context::Context;
use crate::ports::error::{CommandError, ErrorKind};
use crate::present::count::plural;
use crate::secrets::reference::looks_like_a_key;

/// What one check found.
pub(super) type Row<'a> = (&'a Check, Finding);

/// Prints the findings; an error when one of them is a failure.
pub(super) fn show(
    rows: &[Row<'_>],
    subject: &Subject,
    as_json: bool,
    context: &mut Context<'_>,
) -> Result<(), CommandError> {
    let rows: Vec<Row<'_>> = rows
        .iter()
        .map(|(check, finding)| (*check, presentable(finding, subject)))
        .collect();
    if as_json {
        context.output.json(&object(&rows))?;
    } else {
        lines(&rows, context)?;
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

fn count(rows: &[Row<'_>], status: Status) -> usize {
    rows.iter()
        .filter(|(_, finding)| finding.status == status)
        .count()
}

fn lines(rows: &[Row<'_>], context: &mut Context<'_>) -> Result<(), CommandError> {
    let width = rows
        .iter()
        .map(|(check, _)| check.name.len())
        .max()
        .unwrap_or(0);
    let mut group = None;
    for (check, finding) in rows {
        if group != Some(check.group) {
            context.output.line(&format!(
                "{}{}",
                if group.is_some() { "\n" } else { "" },
                check.group.word()
            ))?;
            group = Some(check.group);
        }
        let of_profile = finding
            .profile
            .as_ref()
            .map_or_else(String::new, |profile| format!("{profile}: "));
        context.output.line(&format!(
            "  {:<8} {:<width$}  {of_profile}{}",
            finding.status.word(),
            check.name,
            finding.words
        ))?;
        if let Some(remedy) = &finding.remedy {
            context
                .output
                .line(&format!("  {:8} {:width$}  → {remedy}", "", ""))?;
        }
    }
    let total = |status: Status| format!("{} {}", count(rows, status), status.word());
    let totals = [
        Status::Ok,
        Status::Note,
        Status::Warning,
        Status::Failure,
        Status::Skipped,
    ]
    .map(total)
    .join(", ");
    Ok(context.output.line(&format!("\n{totals}"))?)
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
