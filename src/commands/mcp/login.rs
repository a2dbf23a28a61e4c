//! `amx mcp login` and `logout`: a token for a server behind a URL, by OAuth in the browser.

use std::time::Duration;

use super::args::{LoginArgs, LogoutArgs};
use super::named::named;
use super::token::{self, Removed};
use crate::account::oauth::{
    Authorization, ClientChoice, OAuthError, StoredToken, TokenStore, discover,
};
use crate::ask::failure;
use crate::commands::browser;
use crate::config::ConfigFile;
use crate::config::mcp_server::{McpServer, Transport};
use crate::ports::context::Context;
use crate::ports::equipment::block_on;
use crate::ports::error::{CommandError, ErrorKind};
use crate::secrets::SecretError;
use crate::secrets::keyring::probe;
use crate::secrets::reference::SERVICE;
use crate::wire::client::{ClientOptions, Url};

/// How long stdin may send nothing before the URL is missing.
const STDIN_TIMEOUT: Duration = Duration::from_secs(600);

/// A login that is about to start.
struct Login {
    url: Url,
    metadata_url: Option<Url>,
    choice: ClientChoice,
    options: ClientOptions,
    is_headless: bool,
}

pub(super) fn log_in(args: &LoginArgs, context: &mut Context<'_>) -> Result<(), CommandError> {
    let config = context.config()?;
    let server = named(&args.name, &config)?;
    let url = url_of(server, context)?;
    // A code works once: everything that can fail is checked before.
    let store = context.equipment.keyring();
    probe(store.as_ref(), SERVICE).map_err(SecretError::ValueKeyring)?;
    let login = login(args, &config, url, context)?;
    let token = block_on(obtain(login, context))?;
    let token = token.map_err(|error| explain(error, &args.name))?;
    TokenStore::new(store)
        .write(&args.name, &token)
        .map_err(SecretError::of_value)?;
    Ok(context.output.sentence(&format!(
        "✓ Logged in to MCP server '{}' at {}; the token is in the keyring",
        args.name,
        token.issuer()
    ))?)
}

pub(super) fn log_out(args: &LogoutArgs, context: &mut Context<'_>) -> Result<(), CommandError> {
    let config = context.config()?;
    let name = &named(&args.name, &config)?.name;
    let revoked = match token::remove(name, context)? {
        Removed::Nothing => {
            let message = format!("no token of MCP server '{name}' in the keyring");
            let error = CommandError::new(ErrorKind::No, message);
            return Err(error.hint(format!("amx mcp login {name}")));
        }
        Removed::FromKeyring => "",
        Removed::AndRevoked => ", and its issuer revoked it",
    };
    Ok(context.output.sentence(&format!(
        "✓ Removed the token of MCP server '{name}' from the keyring{revoked}"
    ))?)
}

/// The URL of a server.
fn url_of(server: &McpServer, context: &Context<'_>) -> Result<Url, CommandError> {
    let name = &server.name;
    let Transport::Http { url, headers } = &server.transport else {
        let message =
            format!("MCP server '{name}' is a program; only servers with a URL have a login");
        return Err(CommandError::usage(message).hint("amx mcp list"));
    };
    if headers
        .keys()
        .any(|header| header.eq_ignore_ascii_case("authorization"))
    {
        let message = format!("MCP server '{name}' has its own header Authorization");
        return Err(CommandError::new(ErrorKind::Config, message).hint("amx config edit"));
    }
    Ok(server.resolved_url(url, &context.equipment.values())?)
}

fn login(
    args: &LoginArgs,
    config: &ConfigFile,
    url: Url,
    context: &Context<'_>,
) -> Result<Login, CommandError> {
    let oauth = config.oauth_of(&args.name);
    let metadata_url = oauth
        .metadata_url
        .as_deref()
        .and_then(|text| Url::parse(text).ok());
    Ok(Login {
        url,
        metadata_url,
        choice: ClientChoice {
            id: oauth.client_id,
            scopes: oauth.scopes,
            port: oauth.callback_port.unwrap_or(0),
        },
        options: context.equipment.client_options()?,
        is_headless: args.headless,
    })
}

async fn obtain(login: Login, context: &mut Context<'_>) -> Result<StoredToken, OAuthError> {
    let options = &login.options;
    let discovered = discover(&login.url, login.metadata_url.as_ref(), options).await?;
    context.output.note(&format!(
        "the server's logins are at {}",
        discovered.issuer()
    ));
    let authorization = Authorization::begin(discovered, &login.choice, options).await?;
    let page = authorization.page();
    if login.is_headless {
        context
            .output
            .say("Open this URL in a browser, and authorize amx:");
        context.output.say(&format!("\n  {page}\n"));
        context
            .output
            .say("The browser then fails to open a page of 127.0.0.1. Paste the URL of that page:");
        let url = paste(context)?;
        return authorization.finish_with(&url, options).await;
    }
    browser::open(page.as_str(), "--headless", context);
    authorization.finish(options).await
}

/// The pasted URL; from a pipe too.
fn paste(context: &mut Context<'_>) -> Result<String, OAuthError> {
    let failed = |error: CommandError| OAuthError::Unsupported(error.message);
    let check = |text: &str| {
        if text.trim().is_empty() {
            Err("paste the URL, or press Ctrl-C".to_owned())
        } else {
            Ok(())
        }
    };
    if context.input.can_ask() {
        let typed = context.input.text("URL", None, &check);
        return typed.map_err(|error| failed(error.into()));
    }
    let output = &mut *context.output;
    let bytes = context.input.read_stdin(STDIN_TIMEOUT, &mut || {
        output.note("waiting for the URL on stdin");
    });
    let bytes = bytes.map_err(|error| failed(error.into()))?;
    Ok(String::from_utf8_lossy(&bytes).trim().to_owned())
}

fn explain(error: OAuthError, name: &str) -> CommandError {
    let again = format!("amx mcp login {name}");
    let message = error.to_string();
    match error {
        OAuthError::Wire(error) => CommandError::new(failure::kind_of_wire(&error), message)
            .caused_by_words(error.root_cause())
            .hint(again),
        OAuthError::Secret(error) => error.into(),
        OAuthError::NotNeeded => {
            CommandError::new(ErrorKind::No, message).hint(format!("amx mcp test {name}"))
        }
        OAuthError::Port { source, .. } => CommandError::new(ErrorKind::LocalIo, message)
            .caused_by(source)
            .hint("amx config edit   (oauth.callback_port)"),
        OAuthError::Random => CommandError::new(ErrorKind::LocalIo, message),
        OAuthError::NoAnswer => CommandError::new(ErrorKind::TryLater, message).hint(again),
        OAuthError::Denied { words } | OAuthError::Rejected { words, .. } => {
            CommandError::new(ErrorKind::Credentials, message)
                .caused_by_words(words)
                .hint(again)
        }
        OAuthError::Unsupported(_)
        | OAuthError::Metadata { .. }
        | OAuthError::TimedOut
        | OAuthError::Audience { .. } => {
            CommandError::new(ErrorKind::Credentials, message).hint(again)
        }
    }
}
