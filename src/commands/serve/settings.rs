//! Merges the flags of `amx serve` with the settings below `serve:`.

use std::time::Duration;

use clap::ValueEnum;

use super::args::{IdentityArg, LogArg, ModelsShown, ServeArgs, StateFailureArg, size};
use crate::config::serve::{Attribution, ServeSettings};
use crate::config::{ConfigFile, Environment, env};
use crate::gateway::options::{GatewayOptions, Identity, LogForm};
use crate::ports::error::{CommandError, ErrorKind};
use crate::present::duration;
use crate::wire::server::ListenAddress;

const DEFAULT_ADDRESS: &str = "127.0.0.1:4180";
const KEEP_ALIVE: Duration = Duration::from_secs(8);
const IDLE: Duration = Duration::from_secs(180);
const DRAIN: Duration = Duration::from_secs(10);
const MAX_BODY: usize = 32 << 20;
const MAX_CONNECTIONS: usize = 1024;

/// The options of the gateway.
///
/// # Errors
/// A flag or a setting has a value that cannot be used.
pub(super) fn options(
    args: &ServeArgs,
    config: &ConfigFile,
    environment: &Environment,
) -> Result<GatewayOptions, CommandError> {
    let below = &config.serve;
    let model = environment.get(&env::AMX_MODEL)?.map(str::to_owned);
    Ok(GatewayOptions {
        listen: listen(args, below)?,
        profile: args.profile.clone().or_else(|| below.profile.clone()),
        model: args.model.clone().or_else(|| below.model.clone()).or(model),
        forced_model: args
            .force_model
            .clone()
            .or_else(|| below.force_model.clone()),
        shows_catalogue: choice(
            args.models_shown,
            below.models_shown.as_ref(),
            "models_shown",
        )? == Some(ModelsShown::All),
        keep_alive: time(args.keep_alive, below.keep_alive.as_ref(), "keep_alive")?
            .unwrap_or(KEEP_ALIVE),
        idle: time(args.idle, below.idle.as_ref(), "idle")?.unwrap_or(IDLE),
        max_cost: usd(args.max_cost, below.max_cost, "max_cost")?,
        per_day: usd(args.per_day, below.per_day, "per_day")?,
        max_body: read(args.max_body, below.max_body.as_ref(), "max_body", size)?
            .unwrap_or(MAX_BODY),
        max_connections: args
            .max_connections
            .map(|count| count as usize)
            .or(below.max_connections)
            .unwrap_or(MAX_CONNECTIONS)
            .max(1),
        drain: time(args.drain, below.drain.as_ref(), "drain")?.unwrap_or(DRAIN),
        origins: list(&args.allow_origin, below.allow_origin.as_ref()),
        hosts: list(&args.allow_host, below.allow_host.as_ref()),
        state: args.state.clone().or_else(|| below.state.clone()),
        rate_fails_open: choice(args.state_rate, below.state_rate.as_ref(), "state_rate")?
            != Some(StateFailureArg::Closed),
        money_fails_open: choice(args.state_money, below.state_money.as_ref(), "state_money")?
            == Some(StateFailureArg::Open),
        has_metrics: args.metrics || below.metrics == Some(true),
        guards_loops: args.loop_guard || below.loop_guard == Some(true),
        identity: match choice(args.identity, below.identity.as_ref(), "identity")? {
            None | Some(IdentityArg::Override) => Identity::Override,
            Some(IdentityArg::Default) => Identity::Default,
            Some(IdentityArg::Pass) => Identity::Pass,
        },
        echoes_model: args.echo_model || below.echo_model == Some(true),
        attributes_key: below.attribution == Some(Attribution::Key),
        log: choice(args.log, below.log.as_ref(), "log")?.map(|form| match form {
            LogArg::Text => LogForm::Text,
            LogArg::Json => LogForm::Json,
        }),
    })
}

/// Whether the place to listen at was chosen.
pub(super) fn chooses_listen(args: &ServeArgs, config: &ConfigFile) -> bool {
    args.listen.is_some() || config.serve.listen.is_some()
}

fn listen(args: &ServeArgs, below: &ServeSettings) -> Result<ListenAddress, CommandError> {
    if let Some(text) = &args.listen {
        return ListenAddress::parse(text).map_err(|what| {
            CommandError::usage(format!("--listen '{}': {what}", text.escape_debug()))
        });
    }
    let text = below.listen.as_deref().unwrap_or(DEFAULT_ADDRESS);
    ListenAddress::parse(text).map_err(|what| invalid("listen", text, &what))
}

/// The flag, else the setting.
fn read<T>(
    flag: Option<T>,
    written: Option<&String>,
    name: &str,
    parse: impl Fn(&str) -> Result<T, String>,
) -> Result<Option<T>, CommandError> {
    match (flag, written) {
        (Some(flag), _) => Ok(Some(flag)),
        (None, Some(text)) => parse(text)
            .map(Some)
            .map_err(|what| invalid(name, text, &what)),
        (None, None) => Ok(None),
    }
}

fn time(
    flag: Option<Duration>,
    written: Option<&String>,
    name: &str,
) -> Result<Option<Duration>, CommandError> {
    read(flag, written, name, duration::parse)
}

fn choice<T: ValueEnum>(
    flag: Option<T>,
    written: Option<&String>,
    name: &str,
) -> Result<Option<T>, CommandError> {
    read(flag, written, name, |text| {
        T::from_str(text, false).map_err(|_| {
            let values = T::value_variants()
                .iter()
                .filter_map(ValueEnum::to_possible_value);
            let names: Vec<String> = values.map(|value| value.get_name().to_owned()).collect();
            format!("expected {}", names.join(", "))
        })
    })
}

fn usd(flag: Option<f64>, written: Option<f64>, name: &str) -> Result<Option<f64>, CommandError> {
    let is_amount = |usd: &f64| usd.is_finite() && *usd >= 0.0;
    let flag_name = name.replace('_', "-");
    match (flag, written) {
        (Some(usd), _) if !is_amount(&usd) => Err(CommandError::usage(format!(
            "--{flag_name} must be an amount in USD"
        ))),
        (None, Some(usd)) if !is_amount(&usd) => {
            Err(invalid(name, &usd.to_string(), "expected an amount in USD"))
        }
        (flag, written) => Ok(flag.or(written)),
    }
}

/// Flags replace the list of the setting.
fn list(flags: &[String], written: Option<&Vec<String>>) -> Vec<String> {
    if flags.is_empty() {
        written.cloned().unwrap_or_default()
    } else {
        flags.to_vec()
    }
}

fn invalid(name: &str, text: &str, what: &str) -> CommandError {
    CommandError::new(
        ErrorKind::Config,
        format!("serve.{name} is '{}': {what}", text.escape_debug()),
    )
    .hint("amx config edit")
}
