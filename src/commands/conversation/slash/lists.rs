//! Lists to pick from: profiles, templates, the branches of a conversation.

use std::time::SystemTime;

use crate::config::ConfigFile;
use crate::config::model_choice::provider_of;
use crate::config::template::folder;
use crate::ports::context::Context;
use crate::ports::error::CommandError;
use crate::ports::pick::{PickList, Picked};
use crate::present::table::{Column, Table};
use crate::present::text::shortened;
use crate::present::time::age;
use crate::store::{Branch, TurnId};

const PROFILES: [Column; 3] = [
    Column::left("PROFILE").shrinks_to(12),
    Column::left("PROVIDER").omitted(1),
    Column::left("MODEL").shrinks_to(14),
];

const TEMPLATES: [Column; 3] = [
    Column::left("TEMPLATE").shrinks_to(12),
    Column::left("VARIABLES").most(30).omitted(1),
    Column::left("DESCRIPTION").shrinks_to(14),
];

const BRANCHES: [Column; 5] = [
    Column::right("NO"),
    Column::left("LAST QUESTION").shrinks_to(18),
    Column::left("NAME").most(20).omitted(2),
    Column::right("TURNS"),
    Column::left("AGE").omitted(1),
];

/// Lets the user pick a profile. `None` when there is no other one.
///
/// # Errors
/// When the user cancels.
pub(super) fn profile(
    current: &str,
    config: &ConfigFile,
    context: &mut Context<'_>,
) -> Result<Option<String>, CommandError> {
    let names: Vec<&str> = config.profiles.keys().map(String::as_str).collect();
    if names.iter().all(|name| *name == current) {
        return Ok(None);
    }
    let mut table = Table::new(PROFILES);
    for name in &names {
        let model = config
            .profiles
            .get(*name)
            .and_then(|profile| profile.model.as_deref());
        table.row([
            (*name).to_owned(),
            provider_of(name, config),
            model.unwrap_or("-").to_owned(),
        ]);
    }
    let row = picked(context.input.pick(PickList {
        searched: &[0, 1, 2],
        current: names.iter().position(|name| *name == current),
        ..PickList::new("Profile", &table)
    })?);
    Ok(row
        .and_then(|row| names.get(row))
        .map(|name| (*name).to_owned()))
}

/// Lets the user pick a template that can be read.
///
/// # Errors
/// When there is none, or the user cancels.
pub(super) fn template(context: &mut Context<'_>) -> Result<String, CommandError> {
    let home = context.home()?;
    let templates: Vec<_> = folder::names(&home)
        .iter()
        .filter_map(|name| folder::load(&home, name).ok())
        .collect();
    if templates.is_empty() {
        return Err(CommandError::usage("no templates yet").hint("amx templates new NAME"));
    }
    let mut table = Table::new(TEMPLATES);
    for template in &templates {
        let variables = template.variables().iter();
        let names: Vec<&str> = variables.map(|variable| variable.name.as_str()).collect();
        let description = template.settings.description.clone();
        table.row([
            template.name.clone(),
            names.join(" "),
            description.unwrap_or_default().replace('\n', " "),
        ]);
    }
    let preview = |row: usize| {
        let text = templates
            .get(row)
            .map_or("", |template| template.body.as_str());
        let lines = text.lines().filter(|line| !line.trim().is_empty());
        lines.take(3).map(str::to_owned).collect()
    };
    let row = picked(context.input.pick(PickList {
        searched: &[0, 2],
        preview: Some(&preview),
        ..PickList::new("Template", &table)
    })?);
    let template = row.and_then(|row| templates.get(row));
    Ok(template
        .map(|template| template.name.clone())
        .unwrap_or_default())
}

/// Lets the user pick a branch, and returns its last turn.
///
/// # Errors
/// When the user cancels.
pub(super) fn branch(
    branches: &[Branch],
    context: &mut Context<'_>,
) -> Result<TurnId, CommandError> {
    let now = SystemTime::now();
    let mut table = Table::new(BRANCHES);
    for (index, branch) in branches.iter().enumerate() {
        table.row([
            (index + 1).to_string(),
            label_of(branch, branches),
            branch.label.clone().unwrap_or_default(),
            branch.turns.to_string(),
            age(branch.asked_at, now),
        ]);
    }
    let preview = |row: usize| {
        let branch = branches.get(row);
        branch.map_or(Vec::new(), |branch| {
            vec![format!("› {}", branch.question), branch.answer.clone()]
        })
    };
    let row = picked(
        context.input.pick(PickList {
            searched: &[1, 2],
            also_searched: branches
                .iter()
                .map(|branch| branch.answer.clone())
                .collect(),
            current: branches.iter().position(|branch| branch.is_current),
            preview: Some(&preview),
            ..PickList::new("Branch", &table)
        })?,
    );
    let found = row.and_then(|row| branches.get(row)).or(branches.first());
    found
        .map(|branch| branch.last)
        .ok_or_else(|| CommandError::usage("no question asked yet").hint("type a question"))
}

/// The last question of a branch, with the answer when another branch ends with the same question.
fn label_of(branch: &Branch, branches: &[Branch]) -> String {
    let has_twin = branches
        .iter()
        .any(|other| other.last != branch.last && other.question == branch.question);
    if has_twin && !branch.answer.is_empty() {
        format!("{} → {}", shortened(&branch.question, 24), branch.answer)
    } else {
        branch.question.clone()
    }
}

fn picked(picked: Picked) -> Option<usize> {
    match picked {
        Picked::Row(row) => Some(row),
        Picked::Typed(_) => None,
    }
}
