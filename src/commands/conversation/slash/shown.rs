//! `/reasoning`, `/web`, `/usage` and `/cost`.

use std::time::SystemTime;

use crate::ask::preflight::caps;
use crate::chat::cost::Spent;
use crate::chat::turn::Turn;
use crate::commands::conversation::state::{Conversation, Next};
use crate::ports::context::Context;
use crate::ports::error::CommandError;
use crate::present::money;
use crate::present::text::shortened;
use crate::store::Store;

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
        conversation.change(context, |overrides| overrides.web = Some(web))?;
    }
    let state = if web { "on" } else { "off" };
    context.output.aside(&format!("Web search: {state}"));
    Ok(Next::Prompt)
}

/// Runs `/usage`.
///
/// # Errors
/// When there is no turn yet.
pub(super) fn usage(
    _: &str,
    conversation: &mut Conversation,
    context: &mut Context<'_>,
) -> Result<Next, CommandError> {
    conversation.last_turn()?;
    for (index, stored) in conversation.session.path.iter().enumerate() {
        context.output.say(&turn_line(index + 1, &stored.turn));
    }
    show_cost(conversation, context);
    Ok(Next::Prompt)
}

fn turn_line(number: usize, turn: &Turn) -> String {
    let tokens = turn.usage.map_or("tokens unknown".to_owned(), |usage| {
        let count = crate::ports::answer_report::count_words;
        format!(
            "{}, {}",
            count(usage.prompt_tokens, "in"),
            count(usage.completion_tokens, "out")
        )
    });
    let cost = money::cost_words(turn.cost);
    format!(
        "{number:>3}  {tokens} · {cost} · {}  {}",
        turn.answering_model(),
        shortened(&turn.question_text(), 30)
    )
}

/// Runs `/cost`.
///
/// # Errors
/// When there is no turn yet.
pub(super) fn cost(
    _: &str,
    conversation: &mut Conversation,
    context: &mut Context<'_>,
) -> Result<Next, CommandError> {
    conversation.last_turn()?;
    show_cost(conversation, context);
    Ok(Next::Prompt)
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
    use crate::chat::cost::{Cost, CostSource};

    #[test]
    fn a_turn_without_reported_cost_is_marked() {
        let mut turn = Turn::new(Vec::new(), None, "p", "openrouter", "a/b");
        turn.cost = Cost {
            usd: Some(0.5),
            source: CostSource::Estimate,
        };
        assert!(turn_line(1, &turn).contains("tokens unknown · ~$0.50 · a/b"));
    }
}
