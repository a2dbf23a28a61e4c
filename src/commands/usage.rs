//! `amx usage`: what was spent, from the ledger; with `--live` also what the account may still
//! spend.

mod args;
mod csv;
mod json;
mod table;

use std::time::SystemTime;

pub use args::UsageArgs;

use crate::account::balance::{AccountBalance, AccountClient};
use crate::ask::{connection, failure};
use crate::config::{Overrides, Settings};
use crate::ports::context::Context;
use crate::ports::error::CommandError;
use crate::store::{LedgerTotal, Store};

pub fn run(args: UsageArgs, context: &mut Context<'_>) -> Result<(), CommandError> {
    let now = SystemTime::now();
    let store = Store::open_existing(&context.home()?)?;
    let totals = store.as_ref().map_or(Ok(Vec::new()), |store| {
        store.spent(&args.since, args.by.grouping(), now)
    })?;
    let sum = totals
        .iter()
        .fold(LedgerTotal::default(), |sum, more| sum.plus(more));
    if args.json {
        let since = store
            .as_ref()
            .map_or(Ok(None), |store| store.first_day(&args.since, now))?;
        let mut report = json::report(args.by, since.as_deref(), &totals, &sum);
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
    show(&args, &totals, &sum, context)?;
    if args.live {
        let (settings, balance) = live(&args, context)?;
        account_lines(&settings, &balance)
            .iter()
            .try_for_each(|line| context.output.line(line))?;
        if balance.credits.is_none() {
            context.output.note(
                "the credits of the account are shown to management keys only; the \
                limits above are those of this key",
            );
        }
    }
    Ok(())
}

fn show(
    args: &UsageArgs,
    totals: &[LedgerTotal],
    sum: &LedgerTotal,
    context: &mut Context<'_>,
) -> Result<(), CommandError> {
    if totals.is_empty() {
        context
            .output
            .note("nothing was sent in that time; amx usage --since all looks further back");
        return Ok(());
    }
    let (width, has_bars) = (context.output.width(), context.output.is_terminal());
    for line in table::lines(args.by, totals, sum, width, has_bars) {
        context.output.line(&line)?;
    }
    for note in table::notes(sum) {
        context.output.note(&note);
    }
    Ok(())
}

/// What the provider says of the account of the profile.
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
            "provider {} does not say what an account may spend",
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
    let dollars = |usd: f64| format!("${usd:.4}");
    let mut lines = vec![
        String::new(),
        format!(
            "account of profile {} at {}",
            settings.profile.value, settings.entry.name
        ),
    ];
    let reset = balance
        .reset
        .as_ref()
        .map_or(String::new(), |reset| format!(", {reset}"));
    lines.push(match (balance.limit, balance.remaining) {
        (Some(limit), Some(left)) => format!(
            "  limit of the key    {} of {} left{reset}",
            dollars(left),
            dollars(limit)
        ),
        (Some(limit), None) => format!("  limit of the key    {}{reset}", dollars(limit)),
        (None, _) => "  limit of the key    none".to_owned(),
    });
    let used = [
        ("today", balance.used_today),
        ("this week", balance.used_this_week),
        ("this month", balance.used_this_month),
        ("in all", balance.used),
    ];
    let used: Vec<String> = used
        .into_iter()
        .filter_map(|(when, spent)| Some(format!("{} {when}", dollars(spent?))))
        .collect();
    if !used.is_empty() {
        lines.push(format!("  used by the key     {}", used.join(", ")));
    }
    if let Some(credits) = balance.credits {
        lines.push(format!(
            "  credits             {} of {} left",
            dollars(credits.left()),
            dollars(credits.bought)
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
    fn an_account_is_told_as_far_as_it_is_known() {
        let config = ConfigFile::load(&Home::at("/nonexistent")).unwrap();
        let settings =
            Settings::resolve(&Overrides::default(), &Environment::default(), &config).unwrap();
        assert_eq!(
            account_lines(&settings, &AccountBalance::default())[2..],
            ["  limit of the key    none"]
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
                "  limit of the key    $1.2500 of $5.0000 left, daily",
                "  used by the key     $0.5000 today",
                "  credits             $7.5000 of $10.0000 left"
            ]
        );
    }
}
