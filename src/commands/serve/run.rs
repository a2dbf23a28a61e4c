//! Runs the server: opens its port, reports it, and ends it on a signal.

use std::sync::Arc;
use std::time::SystemTime;

use super::args::{AddArgs, ServeArgs};
use super::{keys, settings};
use crate::gateway::known_keys::KnownKeys;
use crate::gateway::ledger::Ledger;
use crate::gateway::options::GatewayOptions;
use crate::gateway::server::Server;
use crate::gateway::snapshot::Snapshot;
use crate::gateway::state::{Gateway, GatewayParts};
use crate::ports::context::Context;
use crate::ports::equipment::block_on;
use crate::ports::error::{CommandError, ErrorKind};
use crate::store::Store;
use crate::wire::server::{ListenAddress, Listener};

/// The name of the key that is made at the first start.
const FIRST_KEY: &str = "default";

pub(super) fn run(args: &ServeArgs, context: &mut Context<'_>) -> Result<(), CommandError> {
    let config = context.config()?;
    let options = settings::options(args, &config, &context.equipment.environment)?;
    let home = context.home()?;
    let keys = KnownKeys::open(&home).map_err(keys::file_error)?;
    let first_key = first_key(&keys, &options, context)?;
    let keys = match &first_key {
        Some(_) => KnownKeys::open(&home).map_err(keys::file_error)?,
        None => keys,
    };
    let snapshot = Snapshot::new(config, context.equipment.clone());
    let model = snapshot
        .check(&options)
        .map_err(|message| CommandError::new(ErrorKind::Config, message))?;
    let listener = Listener::bind(&options.listen).map_err(|error| taken(&options, error))?;
    let spent = Store::open(&home)?.spent_by_client(SystemTime::now())?;
    let (ledger, writer) = Ledger::open(&home)?;
    let parts = GatewayParts {
        options,
        keys,
        snapshot,
        ledger,
        home,
        spent,
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
    announce(
        &address,
        &gateway.options,
        &model,
        first_key.as_deref(),
        context,
    )?;
    let ended = block_on(serve(server, &gateway, lines, context))?;
    interrupt.disarm();
    drop(gateway);
    if let Some(writer) = writer {
        // A thread that panicked has said so.
        let _ = writer.join();
    }
    if let ListenAddress::Unix(path) = &address {
        // The socket may have been replaced or removed by another process.
        let _ = std::fs::remove_file(path);
    }
    ended
}

/// Writes the log until a signal ends the server, and then until its requests have ended.
async fn serve(
    server: Server,
    gateway: &Arc<Gateway>,
    mut lines: tokio::sync::mpsc::Receiver<String>,
    context: &mut Context<'_>,
) -> Result<(), CommandError> {
    let interrupt = context.equipment.interrupt.clone();
    loop {
        tokio::select! {
            biased;
            _ = interrupt.wait() => break,
            () = interrupt.reload() => reload(gateway, context),
            Some(line) = lines.recv() => context.output.say(&line),
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
            Some(line) = lines.recv() => context.output.say(&line),
        }
    }
    while let Ok(line) = lines.try_recv() {
        context.output.say(&line);
    }
    Ok(())
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

fn taken(options: &GatewayOptions, error: std::io::Error) -> CommandError {
    let message = format!("cannot listen on {}", options.listen);
    let error = CommandError::new(ErrorKind::LocalIo, message).caused_by(error);
    error.hint("amx serve --listen 127.0.0.1:0   (any free port)")
}

/// Reports where the server is and how to use it. The URL is on stdout, for programs; it is there
/// when the server answers and handles signals.
fn announce(
    address: &ListenAddress,
    options: &GatewayOptions,
    model: &str,
    first_key: Option<&str>,
    context: &mut Context<'_>,
) -> Result<(), CommandError> {
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
