//! `amx usage`: spending from the ledger; with `--live` also the remaining credit of the account.

mod args;
mod caps;
mod csv_lines;
mod export;
mod json;
mod otlp;
mod pages;
mod table;

use std::time::SystemTime;

use serde_json::Value;

pub(crate) use args::UsageArgs;
use args::{By, UsageCommand};
use caps::DayCap;

use crate::account::balance::{AccountBalance, AccountClient};
use crate::ask::{connection, failure};
use crate::config::{Overrides, Settings};
use crate::ports::context::Context;
use crate::ports::error::CommandError;
use crate::present::money::usd;
use crate::present::page::{Line, Page, Role};
use crate::store::{LedgerTotal, Store};

pub(crate) fn run(mut args: UsageArgs, context: &mut Context<'_>) -> Result<(), CommandError> {
    if let Some(UsageCommand::Export(args)) = args.command.take() {
        return export::run(&args, context);
    }
    let now = SystemTime::now();
    // Without a home nothing was recorded.
    let home = context.home().ok();
    let store = home.map_or(Ok(None), |home| Store::open_existing(&home))?;
    let totals = store.as_ref().map_or(Ok(Vec::new()), |store| {
        store.spent(&args.since, args.by.grouping(), now)
    })?;
    let sum = totals
        .iter()
        .fold(LedgerTotal::default(), |sum, more| sum.plus(more));
    let caps = caps::of(store.as_ref(), now, context)?;
    if args.json {
        let since = store
            .as_ref()
            .map_or(Ok(None), |store| store.first_day(&args.since, now))?;
        let report = json::report(args.by, since.as_deref(), &totals, &sum, &caps);
        return print_json(report, &args, context);
    }
    if args.csv {
        return csv_lines::lines(args.by.name(), &totals)
            .iter()
            .try_for_each(|line| Ok(context.output.line(line)?));
    }
    let mut page = page(&args, &totals, &sum, &caps, context);
    if !args.live {
        context.output.page(&page)?;
        notes(&totals, &sum, context);
        return Ok(());
    }
    let (settings, balance) = match live(&args, context) {
        Ok(found) => found,
        Err(error) => {
            context.output.page(&page)?;
            notes(&totals, &sum, context);
            return Err(error);
        }
    };
    page.gap();
    page.lines(account_lines(&settings, &balance));
    context.output.page(&page)?;
    notes(&totals, &sum, context);
    if balance.credits.is_none() {
        context.output.note(
            "account credits require a management key; the limits above are those of this key",
        );
    }
    Ok(())
}

/// The report, with the account where that is asked for. An error of the account follows: the
/// ledger does not need the provider.
fn print_json(
    mut report: Value,
    args: &UsageArgs,
    context: &mut Context<'_>,
) -> Result<(), CommandError> {
    let account = args.live.then(|| live(args, context)).transpose();
    match &account {
        Ok(None) => {}
        Ok(Some((settings, balance))) => {
            report["account"] = json::account(&settings.profile.value, balance);
        }
        Err(_) => report["account"] = Value::Null,
    }
    context.output.json(&report)?;
    account.map(drop)
}

/// The table, and what is left of the daily caps that are not in it.
fn page(
    args: &UsageArgs,
    totals: &[LedgerTotal],
    sum: &LedgerTotal,
    caps: &[DayCap],
    context: &Context<'_>,
) -> Page {
    let mut page = Page::default();
    let is_by_profile = args.by == By::Profile;
    if !totals.is_empty() {
        let size = (context.output.width(), context.output.is_terminal());
        let in_table: &[DayCap] = if is_by_profile { caps } else { &[] };
        page.lines(table::lines(args.by, totals, sum, in_table, size));
    }
    // A profile without a request has no row.
    let has_row = |cap: &&DayCap| totals.iter().any(|total| total.key == cap.profile);
    let others = caps.iter().filter(|cap| !(is_by_profile && has_row(cap)));
    page.lines(others.map(|cap| Line::plain(cap.line()).hanging(2)));
    page
}

fn notes(totals: &[LedgerTotal], sum: &LedgerTotal, context: &mut Context<'_>) {
    if totals.is_empty() {
        context
            .output
            .note("no requests in this period; amx usage --since all shows every request");
    }
    for note in table::notes(sum) {
        context.output.note(&note);
    }
}

/// The balance of the profile's account, from the provider.
fn live(
    args: &UsageArgs,
    context: &mut Context<'_>,
) -> Result<(Settings, AccountBalance), CommandError> {
    let config = context.config()?;
    let overrides = Overrides {
        profile: args.profile.clone(),
        ..Overrides::default()
    };
    let settings = Settings::resolve(&overrides, &context.equipment.environment, &config)?;
    if settings.is_unconfigured() {
        return Err(failure::no_key(&settings));
    }
    if !settings.entry.is_openrouter && !settings.entry.is_demo() {
        let error = CommandError::usage(format!(
            "provider {} does not report account balances",
            settings.entry.name
        ));
        return Err(
            error.hint("amx usage --live --profile NAME   (a profile of provider openrouter)")
        );
    }
    let provider = settings.entry.codec();
    let account = AccountClient {
        provider: provider.as_ref(),
        base_url: settings.base_url.value.clone(),
        headers: connection::headers(&settings),
        credential: connection::credential(&settings, &context.equipment),
        client: connection::client_options(&settings, &context.equipment)?,
    };
    let fetched = if settings.entry.is_demo() {
        Ok(AccountBalance::default())
    } else {
        context.equipment.run(account.fetch())?
    };
    let balance = fetched.map_err(|error| failure::explain(error, &settings))?;
    Ok((settings, balance))
}

fn account_lines(settings: &Settings, balance: &AccountBalance) -> Vec<Line> {
    let reset = balance
        .reset
        .as_ref()
        .map_or(String::new(), |reset| format!(", resets {reset}"));
    let limit = match (balance.limit, balance.remaining) {
        (Some(limit), Some(left)) => format!("{} of {} remaining{reset}", usd(left), usd(limit)),
        (Some(limit), None) => format!("{}{reset}", usd(limit)),
        (None, _) => "none".to_owned(),
    };
    let mut lines = vec![
        Line::of(
            Role::Heading,
            format!(
                "account of profile {} at {}",
                settings.profile.value, settings.entry.name
            ),
        ),
        account_line("key limit", &limit),
    ];
    let used = [
        ("today", balance.used_today),
        ("this week", balance.used_this_week),
        ("this month", balance.used_this_month),
        ("in total", balance.used),
    ];
    let used = used.map(|(when, spent)| Some(format!("{} {when}", usd(spent?))));
    let used: Vec<String> = used.into_iter().flatten().collect();
    if !used.is_empty() {
        lines.push(account_line("key usage", &used.join(", ")));
    }
    if let Some(credits) = balance.credits {
        let (left, bought) = (usd(credits.left()), usd(credits.bought));
        lines.push(account_line(
            "credits",
            &format!("{left} of {bought} remaining"),
        ));
    }
    lines
}

fn account_line(term: &str, value: &str) -> Line {
    Line::plain(format!("  {term:<18}  {value}")).hanging(22)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::account::balance::Credits;
    use crate::config::{ConfigFile, Environment, Home};

    #[test]
    fn an_account_is_shown_as_far_as_it_is_known() {
        let config = ConfigFile::load(&Home::at("/nonexistent")).unwrap();
        let settings =
            Settings::resolve(&Overrides::default(), &Environment::default(), &config).unwrap();
        let lines = |balance: &AccountBalance| -> Vec<String> {
            let lines = account_lines(&settings, balance).into_iter();
            lines.map(|line| line.text()).collect()
        };
        assert_eq!(
            lines(&AccountBalance::default())[1..],
            ["  key limit           none"]
        );
        let credits = Some(Credits {
            bought: 10.0,
            used: 2.5,
        });
        let balance = AccountBalance {
            limit: Some(5.0),
            remaining: Some(1.25),
            reset: Some("daily".to_owned()),
            used_today: Some(0.5),
            credits,
            ..AccountBalance::default()
        };
        assert_eq!(
            lines(&balance)[1..],
            [
                "  key limit           $1.25 of $5.00 remaining, resets daily",
                "  key usage           $0.50 today",
                "  credits             $7.50 of $10.00 remaining"
            ]
        );
    }
}
