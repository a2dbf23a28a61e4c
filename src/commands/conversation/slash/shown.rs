//! `/reasoning`, `/web`, `/usage` and `/cost`.

use std::time::SystemTime;

use crate::ask::preflight::caps;
use crate::ask::services;
use crate::chat::cost::{Cost, Spent};
use crate::chat::turn::Turn;
use crate::commands::conversation::state::{Conversation, Next};
use crate::ports::context::Context;
use crate::ports::error::CommandError;
use crate::present::count::thousands;
use crate::present::money;
use crate::present::table::{Cell, Column, Table};
use crate::store::Store;

/// The columns of `/usage`.
const COLUMNS: [Column; 6] = [
    Column::right("TURN"),
    Column::right("IN"),
    Column::right("OUT"),
    Column::point("COST"),
    Column::left("MODEL").most(28).omitted(1),
    Column::left("QUESTION").most(40).shrinks_to(8),
];

/// Runs `/reasoning [show|fold|hide]`.
///
/// # Errors
/// When the argument is unknown, or there is no answer yet.
pub(super) fn reasoning(
    argument: &str,
    conversation: &mut Conversation,
    context: &mut Context<'_>,
) -> Result<Next, CommandError> {
    let (show, confirmation) = match argument {
        "" => {
            let reasoning = conversation.last_turn()?.reasoning.clone();
            context.output.aside(if reasoning.is_empty() {
                "The last answer has no visible reasoning"
            } else {
                &reasoning
            });
            return Ok(Next::Prompt);
        }
        "show" => (Some(true), "Reasoning: shown in full"),
        "fold" => (None, "Reasoning: folded to its last lines"),
        "hide" => (Some(false), "Reasoning: hidden"),
        _ => {
            return Err(CommandError::usage("/reasoning accepts show, fold or hide")
                .hint("/reasoning show"));
        }
    };
    conversation.change(context, |overrides| overrides.show_reasoning = show)?;
    context.output.aside(confirmation);
    Ok(Next::Prompt)
}

/// Runs `/web [on|off]`.
///
/// # Errors
/// When the argument is unknown.
pub(super) fn web(
    argument: &str,
    conversation: &mut Conversation,
    context: &mut Context<'_>,
) -> Result<Next, CommandError> {
    let web = match argument {
        "" => conversation.settings.services.searches(),
        "on" => true,
        "off" => false,
        _ => return Err(CommandError::usage("/web accepts on or off").hint("/web on")),
    };
    if !argument.is_empty() {
        let before = conversation.overrides.web;
        conversation.change(context, |overrides| overrides.web = Some(web))?;
        let checked = services::check([&conversation.settings], true, &mut Vec::new());
        // Another service may be lacking all the same.
        if web && let Err(mut error) = checked {
            conversation.change(context, |overrides| overrides.web = before)?;
            error.hints = vec!["/model   (selects another model)".to_owned()];
            return Err(error);
        }
    }
    let state = if web { "on" } else { "off" };
    context.output.aside(&format!("Web search: {state}"));
    Ok(Next::Prompt)
}

/// Runs `/usage`.
///
/// # Errors
/// When nothing was sent yet.
pub(super) fn usage(
    _: &str,
    conversation: &mut Conversation,
    context: &mut Context<'_>,
) -> Result<Next, CommandError> {
    check_spent(conversation)?;
    let path = &conversation.session.path;
    let mut table = Table::new(COLUMNS);
    for (index, stored) in path.iter().enumerate() {
        table.row(turn_cells(index + 1, &stored.turn));
    }
    if !path.is_empty() {
        let lines = table.page_lines(context.output.width());
        context.output.page(&lines.into_iter().collect())?;
    }
    show_cost(conversation, context);
    Ok(Next::Prompt)
}

fn turn_cells(number: usize, turn: &Turn) -> [Cell; 6] {
    let tokens = |count: Option<u64>| count.map_or("-".to_owned(), thousands);
    let usage = turn.usage;
    [
        Cell::from(number.to_string()),
        tokens(usage.and_then(|usage| usage.prompt_tokens)).into(),
        tokens(usage.and_then(|usage| usage.completion_tokens)).into(),
        cost_cell(turn.cost).into(),
        turn.answering_model().into(),
        turn.question_text().into(),
    ]
}

fn cost_cell(cost: Cost) -> String {
    match cost.usd {
        Some(_) => money::cost_words(cost),
        None => "unknown".to_owned(),
    }
}

/// Runs `/cost`.
///
/// # Errors
/// When nothing was sent yet.
pub(super) fn cost(
    _: &str,
    conversation: &mut Conversation,
    context: &mut Context<'_>,
) -> Result<Next, CommandError> {
    check_spent(conversation)?;
    show_cost(conversation, context);
    Ok(Next::Prompt)
}

/// Turns that were undone have their cost, too.
fn check_spent(conversation: &Conversation) -> Result<(), CommandError> {
    if conversation.has_spent() {
        return Ok(());
    }
    conversation.last_turn().map(|_| ())
}

fn show_cost(conversation: &Conversation, context: &mut Context<'_>) {
    let turns = conversation
        .session
        .path
        .iter()
        .map(|stored| &stored.turn)
        .filter(|turn| turn.may_have_cost());
    let branch = turns.fold(Spent::default(), |spent, turn| spent.plus(turn.cost));
    let all = conversation.spent();
    let today = spent_today(context).map_or(String::new(), |today| {
        format!(" · today, all conversations: {}", money::spent_words(today))
    });
    let cap = caps::day_words(&conversation.settings, &context.equipment);
    context.output.say(&format!(
        "Branch: {} · conversation: {}{today}{}",
        money::spent_words(branch),
        money::spent_words(all),
        cap.map_or(String::new(), |cap| format!(" · daily cap: {cap}"))
    ));
    if all.has_estimates {
        context
            .output
            .aside("~ marks estimates from tokens and prices: the provider reported no cost");
    }
}

/// The sum of today in the ledger; `None` when it is empty or cannot be read.
fn spent_today(context: &Context<'_>) -> Option<Spent> {
    let store = Store::open_existing(&context.home().ok()?).ok()??;
    let today = store.spent_today(SystemTime::now()).ok()?;
    (today.requests > 0).then(|| today.spent())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chat::cost::CostSource;

    #[test]
    fn an_estimate_and_unknown_counts_are_marked() {
        let mut turn = Turn::new(Vec::new(), None, "p", "openrouter", "a/b");
        turn.cost = Cost {
            usd: Some(0.5),
            source: CostSource::Estimate,
        };
        let cells = turn_cells(1, &turn).map(|cell| cell.text().to_owned());
        assert_eq!(cells, ["1", "-", "-", "~$0.50", "a/b", ""]);
        assert_eq!(cost_cell(Cost::default()), "unknown");
    }
}
