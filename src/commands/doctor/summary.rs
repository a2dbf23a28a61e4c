//! The short report: a line for each area and profile in order, then what is not, the failures
//! last.

use super::check::{Finding, Group, Status};
use super::findings::{Row, role_of, totals};
use super::subject::{ExaminedProfile, Subject};
use crate::present::count::plural;
use crate::present::page::{Line, Page, Role};

/// Columns of a status.
const STATUS_WIDTH: usize = 8;

/// Areas with checks that are not about a profile.
const AREAS: &[Group] = &[
    Group::Configuration,
    Group::Keys,
    Group::Network,
    Group::Store,
    Group::Terminal,
    Group::Program,
];

/// What a successful check proves of a profile, unless one of the others proves more.
const VERIFIED: &[(&str, &str, &[&str])] = &[
    (
        "profile.settings",
        "settings valid",
        &["key.accepted", "network.answer"],
    ),
    ("key.accepted", "key accepted", &[]),
    ("network.answer", "server responds", &["key.accepted"]),
    ("model.known", "model offered", &[]),
];

/// Checks whose words describe their area.
const TOLD: &[&str] = &[
    "config.file",
    "store.integrity",
    "terminal.kind",
    "program.version",
];

/// Checks whose words say more than that they succeeded; the first of them.
const REPORTED: &[&str] = &["key.limit", "key.credits"];

/// The report in short.
pub(super) fn page(rows: &[Row<'_>], subject: &Subject) -> Page {
    let mut page = Page::default();
    let areas = AREAS.iter().map(|group| (*group, area_rows(rows, *group)));
    let entries: Vec<(Status, &str, String)> = areas
        .filter(|(_, rows)| !rows.is_empty())
        .map(|(group, rows)| (worst(&rows), group.word(), area_words(&rows)))
        .chain(profiles(rows, subject))
        .collect();
    let width = entries.iter().map(|(_, name, _)| name.len()).max();
    let width = width.unwrap_or(0);
    page.lines(entries.into_iter().map(|(status, name, words)| {
        status_line(status)
            .with(Role::Strong, format!("{name:<width$}  "))
            .and(words)
            .hanging(STATUS_WIDTH + width + 5)
    }));
    page.gap();
    page.line(
        Line::plain(totals(rows))
            .with(Role::Dim, "; --verbose shows every check")
            .hanging(2),
    );
    let sections = [Status::Note, Status::Warning, Status::Failure].map(|it| problems(rows, it));
    let names = sections.iter().flatten().map(|problem| problem.row.0.name);
    let width = names.map(str::len).max().unwrap_or(0);
    for section in sections.iter().filter(|section| !section.is_empty()) {
        page.gap();
        for problem in section {
            page.lines(problem.lines(width, subject));
        }
    }
    page
}

fn status_line(status: Status) -> Line {
    Line::of(
        role_of(status),
        format!("  {:<STATUS_WIDTH$} ", status.word()),
    )
}

fn area_rows<'a, 'b>(rows: &'a [Row<'b>], group: Group) -> Vec<&'a Row<'b>> {
    rows.iter()
        .filter(|(check, finding)| check.group == group && finding.profile.is_none())
        .collect()
}

/// The most serious status; a note or a check that did not apply is no problem.
fn worst(rows: &[&Row<'_>]) -> Status {
    let has = |status| rows.iter().any(|(_, finding)| finding.status == status);
    if has(Status::Failure) {
        Status::Failure
    } else if has(Status::Warning) {
        Status::Warning
    } else {
        Status::Ok
    }
}

fn area_words(rows: &[&Row<'_>]) -> String {
    let is_ok = |row: &&&Row<'_>| row.1.status == Status::Ok;
    let told = rows
        .iter()
        .filter(is_ok)
        .find(|(check, _)| TOLD.contains(&check.name))
        .map(|(_, finding)| finding.words.clone());
    let count = rows.iter().filter(is_ok).count();
    let checks = (count > 0).then(|| format!("{} ok", plural(count, "check")));
    let words = told.into_iter().chain(checks).chain(problem_words(rows));
    let words = words.collect::<Vec<_>>().join(", ");
    if words.is_empty() {
        "nothing to check".to_owned()
    } else {
        words
    }
}

/// `1 failure`, `2 warnings`.
fn problem_words(rows: &[&Row<'_>]) -> Vec<String> {
    let count = |status| rows.iter().filter(|row| row.1.status == status).count();
    [Status::Failure, Status::Warning]
        .into_iter()
        .map(|status| (count(status), status.word()))
        .filter(|(count, _)| *count > 0)
        .map(|(count, word)| plural(count, word))
        .collect()
}

/// A line for each profile: what is verified, and the number of problems.
fn profiles<'a>(
    rows: &'a [Row<'_>],
    subject: &'a Subject,
) -> impl Iterator<Item = (Status, &'a str, String)> {
    let invalid = subject.invalid.iter().map(|(name, _)| name.as_str());
    let names = subject.profiles.iter().map(|profile| profile.name.as_str());
    names.chain(invalid).map(|name| {
        let rows: Vec<&Row<'_>> = rows
            .iter()
            .filter(|(_, finding)| finding.profile.as_deref() == Some(name))
            .collect();
        let mut words = verified(&rows);
        words.extend(problem_words(&rows));
        let words = words.join(", ");
        let target = subject
            .profiles
            .iter()
            .find(|profile| profile.name == name)
            .map(target);
        let words = target.map_or(words.clone(), |target| format!("{target}: {words}"));
        (worst(&rows), name, words)
    })
}

fn verified(rows: &[&Row<'_>]) -> Vec<String> {
    let ok = |name: &str| {
        rows.iter()
            .find(|(check, finding)| check.name == name && finding.status == Status::Ok)
    };
    let proved = VERIFIED
        .iter()
        .filter(|(check, _, more)| ok(check).is_some() && more.iter().all(|it| ok(it).is_none()))
        .map(|(_, words, _)| (*words).to_owned());
    let reported = REPORTED
        .iter()
        .filter_map(|check| Some(ok(check)?.1.words.clone()))
        .find(|words| words.starts_with('$'));
    proved.chain(reported).collect()
}

/// `openai/gpt-5 at openrouter.ai`.
fn target(profile: &ExaminedProfile) -> String {
    let model = &profile.settings.model.value;
    match server_of(profile) {
        Some(server) => format!("{model} at {server}"),
        None => format!("{model}, built in"),
    }
}

/// Host and port of the server, if it is not built in.
fn server_of(profile: &ExaminedProfile) -> Option<String> {
    let url = &profile.settings.base_url.value;
    let host = url
        .host_str()
        .filter(|_| !profile.settings.entry.is_demo())?;
    Some(match url.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    })
}

/// The same finding about one or more profiles.
struct Problem<'a> {
    row: &'a Row<'a>,
    words: String,
    profiles: Vec<&'a str>,
}

/// The findings of a status, each once for all its profiles.
fn problems<'a>(rows: &'a [Row<'_>], status: Status) -> Vec<Problem<'a>> {
    let mut problems: Vec<Problem<'a>> = Vec::new();
    for row in rows.iter().filter(|row| row.1.status == status) {
        let words = words_of(&row.1);
        let is_same = |problem: &&mut Problem<'_>| {
            let (check, finding) = problem.row;
            check.name == row.0.name
                && problem.words == words
                && finding.remedy == row.1.remedy
                && finding.profile.is_some() == row.1.profile.is_some()
        };
        let profile = row.1.profile.as_deref();
        match problems.iter_mut().find(is_same) {
            Some(problem) => problem.profiles.extend(profile),
            None => problems.push(Problem {
                row,
                words,
                profiles: profile.into_iter().collect(),
            }),
        }
    }
    problems
}

/// The words of a finding without the name of its profile, which is before them.
fn words_of(finding: &Finding) -> String {
    match &finding.profile {
        Some(profile) => finding.words.replace(&format!(", profile '{profile}'"), ""),
        None => finding.words.clone(),
    }
}

impl Problem<'_> {
    fn lines(&self, width: usize, subject: &Subject) -> Vec<Line> {
        let (check, finding) = self.row;
        let about = self.about(subject);
        let line = status_line(finding.status)
            .and(format!("{:<width$}  ", check.name))
            .with(Role::Strong, about)
            .and(self.words.as_str())
            .hanging(STATUS_WIDTH + width + 5);
        let remedy = finding.remedy.as_ref().map(|remedy| {
            Line::plain(format!("{:1$}→ ", "", STATUS_WIDTH + width + 5))
                .with(Role::Command, remedy.as_str())
                .hanging(STATUS_WIDTH + width + 7)
        });
        std::iter::once(line).chain(remedy).collect()
    }

    /// The profiles with their server: `work, home at openrouter.ai: `.
    fn about(&self, subject: &Subject) -> String {
        let servers: Vec<Option<String>> = self
            .profiles
            .iter()
            .map(|name| {
                let profile = subject.profiles.iter().find(|one| one.name == *name);
                profile.and_then(server_of)
            })
            .collect();
        let names = self.profiles.join(", ");
        match servers.first() {
            None => String::new(),
            Some(Some(server)) if servers.iter().all(|one| one.as_ref() == Some(server)) => {
                format!("{names} at {server}: ")
            }
            Some(_) => format!("{names}: "),
        }
    }
}
