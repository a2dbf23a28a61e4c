//! Runs the server: opens its port, reports it, and ends it on a signal.

use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::SystemTime;

use super::args::{AddArgs, ServeArgs};
use super::{catalogue, keys, place, settings};
use crate::config::{ConfigFile, Home};
use crate::gateway::known_keys::KnownKeys;
use crate::gateway::ledger::Ledger;
use crate::gateway::options::GatewayOptions;
use crate::gateway::running;
use crate::gateway::server::Server;
use crate::gateway::snapshot::Snapshot;
use crate::gateway::state::{Gateway, GatewayParts, LogEntry};
use crate::ports::context::Context;
use crate::ports::equipment::block_on;
use crate::ports::error::{CommandError, ErrorKind};
use crate::store::Store;
use crate::telemetry::Telemetry;
use crate::wire::server::ListenAddress;

/// The name of the key that is made at the first start.
const FIRST_KEY: &str = "default";

pub(super) fn run(args: &ServeArgs, context: &mut Context<'_>) -> Result<(), CommandError> {
    let config = context.config()?;
    let mut options = settings::options(args, &config, &context.equipment.environment)?;
    let inherited = place::inherited(args, &config, context)?;
    let is_inherited = inherited.is_some();
    if let Some(listener) = &inherited {
        options.listen = listener.address().clone();
    }
    let home = context.home()?;
    let (keys, first_key) = client_keys(&home, &options, context)?;
    let telemetry = telemetry(&config, context)?;
    let snapshot = Snapshot::new(config, context.equipment.clone());
    let model = snapshot
        .check(&options)
        .map_err(|message| CommandError::new(ErrorKind::Config, message))?;
    let listener = match inherited {
        Some(listener) => listener,
        None => place::open(&options.listen, &home)?,
    };
    use_catalogue(&snapshot, &options, &keys, context)?;
    let (ledger, writer) = Ledger::open(&home)?;
    let parts = GatewayParts {
        options,
        keys,
        snapshot,
        ledger,
        telemetry,
        spent: Store::open(&home)?.spent_by_client(SystemTime::now())?,
        home: home.clone(),
    };
    let (gateway, lines) = Gateway::new(parts)
        .map_err(|why| CommandError::usage(format!("--state cannot be used: {why}")))?;
    let address = listener.address().clone();
    let interrupt = context.equipment.interrupt.clone();
    interrupt.arm();
    interrupt.reload_on_hang_up();
    let server = Server::start(&gateway, listener).map_err(|error| {
        CommandError::new(ErrorKind::LocalIo, "the system refuses a thread").caused_by(error)
    })?;
    // Without it, `amx doctor` does not list this server.
    let registration = running::register(&home, &address).ok();
    let shown = Shown {
        address: &address,
        options: &gateway.options,
        model: &model,
        first_key: first_key.as_deref(),
    };
    announce(&shown, context)?;
    let ended = block_on(serve(server, &gateway, lines, context))?;
    interrupt.disarm();
    drop(gateway);
    // A thread that panicked has said so.
    let _ = writer.map(JoinHandle::join);
    drop(registration);
    if let (ListenAddress::Unix(path), false) = (&address, is_inherited) {
        // The socket may have been replaced or removed by another process.
        let _ = std::fs::remove_file(path);
    }
    ended
}

/// Sees to the prices that limits need, and warns of a model that the catalogue does not list.
fn use_catalogue(
    snapshot: &Snapshot,
    options: &GatewayOptions,
    keys: &KnownKeys,
    context: &mut Context<'_>,
) -> Result<(), CommandError> {
    if catalogue::fetch_missing(snapshot, options, keys, context)? {
        snapshot.forget_routes();
    }
    if let Some(warning) = snapshot.unknown_forced_model(options) {
        context.output.warning(&warning);
    }
    Ok(())
}

/// The keys of clients, and the one that was made for the first start.
fn client_keys(
    home: &Home,
    options: &GatewayOptions,
    context: &mut Context<'_>,
) -> Result<(KnownKeys, Option<String>), CommandError> {
    let keys = KnownKeys::open(home).map_err(keys::file_error)?;
    let first_key = first_key(&keys, options, context)?;
    let keys = match &first_key {
        Some(_) => KnownKeys::open(home).map_err(keys::file_error)?,
        None => keys,
    };
    Ok((keys, first_key))
}

/// The telemetry of the server, which sends while it runs.
fn telemetry(config: &ConfigFile, context: &Context<'_>) -> Result<Telemetry, CommandError> {
    context.equipment.open_telemetry(config)?;
    let telemetry = context.equipment.telemetry.clone();
    telemetry.keep_sending();
    Ok(telemetry)
}

/// Writes the log until a signal ends the server, and then until its requests have ended.
async fn serve(
    server: Server,
    gateway: &Arc<Gateway>,
    mut lines: tokio::sync::mpsc::Receiver<LogEntry>,
    context: &mut Context<'_>,
) -> Result<(), CommandError> {
    let interrupt = context.equipment.interrupt.clone();
    loop {
        tokio::select! {
            biased;
            _ = interrupt.wait() => break,
            () = interrupt.reload() => reload(gateway, context),
            Some(entry) = lines.recv() => report(&entry, context),
        }
    }
    let count = gateway.live();
    if count > 0 {
        let seconds = gateway.options.drain.as_secs();
        let message = format!("ending: {count} requests in progress have {seconds} s");
        context.output.note(&message);
    }
    let mut drained = std::pin::pin!(server.drain());
    loop {
        tokio::select! {
            () = &mut drained => break,
            Some(entry) = lines.recv() => report(&entry, context),
        }
    }
    while let Ok(entry) = lines.try_recv() {
        report(&entry, context);
    }
    // Here and not at the end of the program: the signal that ended the server does not cut it off.
    context.equipment.telemetry.flush().await;
    Ok(())
}

fn report(entry: &LogEntry, context: &mut Context<'_>) {
    match entry {
        LogEntry::Line(line) => context.output.say(line),
        LogEntry::Warning(words) => context.output.warning(words),
    }
}

/// Reads the configuration again. A broken one leaves the server as it is.
fn reload(gateway: &Arc<Gateway>, context: &mut Context<'_>) {
    let read = |context: &mut Context<'_>| -> Result<Snapshot, CommandError> {
        let snapshot = Snapshot::new(context.config()?, context.equipment.clone());
        snapshot
            .check(&gateway.options)
            .map_err(|message| CommandError::new(ErrorKind::Config, message))?;
        Ok(snapshot)
    };
    match read(context) {
        Ok(snapshot) => {
            gateway.replace(snapshot);
            context.output.note("configuration reloaded");
        }
        Err(error) => {
            let message = format!("configuration not reloaded: {}", error.in_one_line());
            context.output.warning(&message);
        }
    }
}

/// The key of the first start, where there is none and a person sees it.
///
/// # Errors
/// Nobody could send a valid key.
fn first_key(
    keys: &KnownKeys,
    options: &GatewayOptions,
    context: &mut Context<'_>,
) -> Result<Option<String>, CommandError> {
    if keys.count() > 0 {
        return Ok(None);
    }
    if !options.listen.is_local() {
        let message = format!(
            "{} can be reached by others, and there is no key",
            options.listen
        );
        return Err(CommandError::usage(message).hint("amx serve keys add NAME"));
    }
    if !context.input.can_ask() {
        let message = "no client could send a valid key: there is none";
        return Err(
            CommandError::new(ErrorKind::Credentials, message).hint("amx serve keys add NAME")
        );
    }
    let args = AddArgs {
        name: FIRST_KEY.to_owned(),
        per_day: None,
        rpm: None,
        concurrent: None,
        models: Vec::new(),
        expires: None,
    };
    keys::add(&args, context).map(Some)
}

/// What is reported at the start.
struct Shown<'a> {
    address: &'a ListenAddress,
    options: &'a GatewayOptions,
    /// That of requests without one.
    model: &'a str,
    first_key: Option<&'a str>,
}

/// Reports where the server is and how to use it. The URL is on stdout, for programs; it is there
/// when the server answers and handles signals.
fn announce(shown: &Shown<'_>, context: &mut Context<'_>) -> Result<(), CommandError> {
    let Shown {
        address,
        options,
        model,
        first_key,
    } = shown;
    if !address.is_local() {
        context.output.warning(&format!(
            "{address} can be reached by others: keys and prompts travel unencrypted"
        ));
    }
    let base = match address {
        ListenAddress::Tcp(address) => format!("http://{address}"),
        ListenAddress::Unix(_) => "http://localhost".to_owned(),
    };
    let key = first_key.unwrap_or("KEY");
    if context.output.is_terminal() {
        if let Some(forced) = &options.forced_model {
            context
                .output
                .note(&format!("every request is answered by {forced}"));
        }
        context
            .output
            .say(&format!("Model without a name in the request: {model}"));
        context.output.say(&format!(
            "  export OPENAI_BASE_URL={base}/v1 OPENAI_API_KEY={key}"
        ));
        context.output.say(&format!(
            "  export ANTHROPIC_BASE_URL={base} ANTHROPIC_AUTH_TOKEN={key}"
        ));
        let note = if first_key.is_some() {
            "The key is shown once. Add others with: amx serve keys add NAME"
        } else {
            "KEY is the key of a client; add one with: amx serve keys add NAME"
        };
        context.output.say(note);
    }
    let shown = match address {
        ListenAddress::Tcp(_) => format!("listening on {base}/v1"),
        ListenAddress::Unix(_) => format!("listening on {address}, base URL {base}/v1"),
    };
    context.output.line(&shown)?;
    Ok(())
}
