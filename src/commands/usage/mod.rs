//! `amx usage`: spending from the ledger; with `--live` also the remaining credit of the account.

mod args;
mod caps;
mod csv;
mod json;
mod table;

use std::time::SystemTime;

use args::By;
pub(crate) use args::UsageArgs;
use caps::DayCap;

use crate::account::balance::{AccountBalance, AccountClient};
use crate::ask::{connection, failure};
use crate::config::{Overrides, Settings};
use crate::ports::context::Context;
use crate::ports::error::CommandError;
use crate::present::money::usd;
use crate::store::{LedgerTotal, Store};

pub(crate) fn run(args: UsageArgs, context: &mut Context<'_>) -> Result<(), CommandError> {
    let now = SystemTime::now();
    let store = Store::open_existing(&context.home()?)?;
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
        let mut report = json::report(args.by, since.as_deref(), &totals, &sum, &caps);
        if args.live {
            let (settings, balance) = live(&args, context)?;
            report["account"] = json::account(&settings.profile.value, &balance);
        }
        return Ok(context.output.json(&report)?);
    }
    if args.csv {
        return csv::lines(args.by.name(), &totals)
            .iter()
            .try_for_each(|line| Ok(context.output.line(line)?));
    }
    show(&args, &totals, &sum, &caps, context)?;
    if args.live {
        let (settings, balance) = live(&args, context)?;
        account_lines(&settings, &balance)
            .iter()
            .try_for_each(|line| context.output.line(line))?;
        if balance.credits.is_none() {
            context.output.note(
                "account credits require a management key; the limits above are those of this key",
            );
        }
    }
    Ok(())
}

fn show(
    args: &UsageArgs,
    totals: &[LedgerTotal],
    sum: &LedgerTotal,
    caps: &[DayCap],
    context: &mut Context<'_>,
) -> Result<(), CommandError> {
    if totals.is_empty() {
        context
            .output
            .note("no requests in this period; amx usage --since all shows every request");
        return show_caps(caps, context);
    }
    let (width, has_bars) = (context.output.width(), context.output.is_terminal());
    let is_by_profile = args.by == By::Profile;
    let in_table: &[DayCap] = if is_by_profile { caps } else { &[] };
    for line in table::lines(args.by, totals, sum, in_table, (width, has_bars)) {
        context.output.line(&line)?;
    }
    // A profile without a request has no row.
    let has_row = |cap: &&DayCap| totals.iter().any(|total| total.key == cap.profile);
    let others = caps.iter().filter(|cap| !(is_by_profile && has_row(cap)));
    show_caps(others, context)?;
    for note in table::notes(sum) {
        context.output.note(&note);
    }
    Ok(())
}

/// What is left of daily caps, one line each.
fn show_caps<'a>(
    caps: impl IntoIterator<Item = &'a DayCap>,
    context: &mut Context<'_>,
) -> Result<(), CommandError> {
    caps.into_iter()
        .try_for_each(|cap| Ok(context.output.line(&cap.line())?))
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

fn account_lines(settings: &Settings, balance: &AccountBalance) -> Vec<String> {
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
        String::new(),
        format!(
            "account of profile {} at {}",
            settings.profile.value, settings.entry.name
        ),
        format!("  key limit           {limit}"),
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
        lines.push(format!("  key usage           {}", used.join(", ")));
    }
    if let Some(credits) = balance.credits {
        lines.push(format!(
            "  credits             {} of {} remaining",
            usd(credits.left()),
            usd(credits.bought)
        ));
    }
    lines
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
        assert_eq!(
            account_lines(&settings, &AccountBalance::default())[2..],
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
        let lines = account_lines(&settings, &balance);
        assert_eq!(
            lines[2..],
            [
                "  key limit           $1.25 of $5.00 remaining, resets daily",
                "  key usage           $0.50 today",
                "  credits             $7.50 of $10.00 remaining"
            ]
        );
    }
}
