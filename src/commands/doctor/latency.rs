//! `doctor models`: asks the model of every profile with the cheapest possible request, and says
//! how long it took.

use serde_json::{Value, json};

use crate::ask::trial;
use crate::config::{Overrides, Settings, defaults};
use crate::ports::answer_report::millis;
use crate::ports::context::Context;
use crate::ports::error::{CommandError, ErrorKind};

/// Asks one profile after the other, so that none slows another down.
pub fn run(
    only: Option<&str>,
    as_json: bool,
    context: &mut Context<'_>,
) -> Result<(), CommandError> {
    let config = context.config()?;
    let mut names: Vec<String> = config
        .profiles
        .keys()
        .filter(|name| only.is_none_or(|only| only == *name))
        .cloned()
        .collect();
    if names.is_empty() {
        let overrides = Overrides {
            profile: only.map(str::to_owned),
            ..Overrides::default()
        };
        names.push(
            Settings::resolve(&overrides, &context.equipment.environment, &config)?
                .profile
                .value,
        );
    }
    if !as_json {
        context.output.note(&format!(
            "asks {} model{} for a word each, which may cost a little",
            names.len(),
            if names.len() == 1 { "" } else { "s" }
        ));
    }
    let mut rows = Vec::new();
    let mut failures = Vec::new();
    for name in names {
        let chosen = Some(name.clone()).filter(|name| name != defaults::UNNAMED_PROFILE);
        let row = match context
            .config()
            .and_then(|config| trial::ask(chosen, &config, &context.equipment))
        {
            Ok(trial) => {
                if let Some(unbooked) = &trial.ledger_error {
                    context.output.warning(&unbooked.message);
                }
                let row = json!({"profile": name, "ok": true, "model": trial.model, "first_token_ms": trial.answer.first_token.map(millis),
                    "total_ms": millis(trial.total), "cost_usd": trial.answer.cost.usd, "error": null, "remedy": null});
                if !as_json {
                    context.output.line(&format!(
                        "✓ {name}: {} answered in {} ms",
                        trial.model,
                        millis(trial.total)
                    ))?;
                }
                row
            }
            Err(error) if error.kind == ErrorKind::Interrupted => return Err(error),
            Err(error) => {
                let error = error.with_default_hint();
                let remedy = error.hints.first().cloned().unwrap_or_default();
                if !as_json {
                    context
                        .output
                        .line(&format!("✗ {name}: {}", error.message))?;
                    context.output.line(&format!("  → {remedy}"))?;
                }
                let row = json!({"profile": name, "ok": false, "model": null, "first_token_ms": null, "total_ms": null, "cost_usd": null,
                    "error": error.message, "remedy": remedy});
                failures.push((name, remedy));
                row
            }
        };
        rows.push(row);
    }
    if as_json {
        context.output.json(&Value::from(rows))?;
    }
    match failures.first() {
        None => Ok(()),
        Some((_, remedy)) => {
            let names: Vec<&str> = failures.iter().map(|(name, _)| name.as_str()).collect();
            Err(
                CommandError::new(ErrorKind::No, format!("no answer for {}", names.join(", ")))
                    .hint(remedy.clone()),
            )
        }
    }
}
