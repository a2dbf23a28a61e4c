//! `amx mcp add`: a server from its command or URL; its secrets go to the keyring, and its tools
//! are listed once.

use super::args::AddArgs;
use super::target::{FLAGS, Target, given, headers, is_url};
use super::test;
use super::write::{self, Existing};
use crate::config::ConfigFile;
use crate::config::base_url::parse_server_url;
use crate::config::home::user_home;
use crate::config::mcp_draft::{Answers, DraftTarget, DraftText, InputAnswer, Part, ServerDraft};
use crate::config::mcp_server::{McpServer, OAuthSettings, Transport};
use crate::config::mcp_servers::{NAME_FORM, is_server_name};
use crate::mcp::servers::Servers;
use crate::platform::paths::shown_below;
use crate::platform::system::System;
use crate::ports::context::Context;
use crate::ports::error::{CommandError, ErrorKind};
use crate::secrets::value::Values;

pub(super) fn run(args: AddArgs, context: &mut Context<'_>) -> Result<(), CommandError> {
    let config = context.config()?;
    let (name, target, is_guided) = match (args.name.clone(), given(&args)?) {
        (Some(name), Some(target)) => (checked(name)?, target, false),
        (name, target) => {
            context.require_terminal("mcp add", FLAGS)?;
            let name = name.map(checked).transpose()?;
            let name = name.map_or_else(|| ask_name(context), Ok)?;
            (name, target.map_or_else(|| ask_target(context), Ok)?, true)
        }
    };
    let is_replaced = config.mcp_servers.contains_key(&name);
    if is_replaced && !args.yes {
        let exists = format!("MCP server '{name}' already exists");
        let question = format!("{exists}. Replace it?");
        if !context.input.can_ask() {
            return Err(CommandError::usage(exists)
                .hint(format!("amx mcp remove {name}"))
                .hint("amx mcp add --yes …   (replaces it)"));
        }
        if !context.input.confirm(&question, false)? {
            return Err(CommandError::new(ErrorKind::No, "nothing was changed"));
        }
    }
    let mut answers = Answers::new();
    let draft = draft(name, target, &args, is_guided, &mut answers, context)?;
    let values = context.equipment.values();
    let existing = write::existing(&draft, &answers, &config)?;
    let is_same = matches!(existing, Existing::Same);
    let prepared = [write::prepare(&draft, &answers, &values)?];
    write::write(&prepared, &values, context)?;
    let written = context.config()?;
    let before = config.mcp_servers.get(&draft.name).filter(|_| !is_same);
    if let Some(before) = before {
        let after = written.mcp_servers.get(&draft.name);
        write::delete_secrets(before, after, values.store.as_ref())?;
    }
    warn_about_values(&draft.name, &written, &values, context);
    let path = shown_below(user_home().as_deref(), &written.path);
    let verb = if is_replaced { "Replaced" } else { "Added" };
    context
        .output
        .sentence(&format!("✓ {verb} MCP server '{}' in {path}", draft.name))?;
    match written.mcp_servers.get(&draft.name) {
        Some(server) => try_once(server, context),
        None => Ok(()),
    }
}

/// Lists the tools of a server once, so that the first question does not wait for it: on a
/// terminal, and where that runs a program, after a yes. A server that does not work is a warning:
/// it is added.
fn try_once(server: &McpServer, context: &mut Context<'_>) -> Result<(), CommandError> {
    let later = format!("amx mcp test {}   (lists its tools)", server.name);
    if !context.input.can_ask() {
        context.output.note(&later);
        return Ok(());
    }
    let is_program = matches!(server.transport, Transport::Stdio { .. });
    let question = "Start it once, to list its tools?";
    if is_program && !context.input.confirm(question, true)? {
        context.output.note(&later);
        return Ok(());
    }
    let handle = Servers::new(&context.equipment);
    let tested = context.equipment.run(handle.test(server))?;
    match &tested.outcome {
        Ok(_) => Ok(context.output.page(&test::summary(server, &tested))?),
        Err(fault) => {
            let error = test::failure(server, fault, &tested.stderr);
            context.output.warning(&error.in_one_line());
            context.output.note(&fault.hint(&server.name));
            Ok(())
        }
    }
}

/// Warns about values that cannot be resolved now, such as a variable that is not set.
fn warn_about_values(name: &str, config: &ConfigFile, values: &Values, context: &mut Context<'_>) {
    let server = config.mcp_servers.get(name);
    if let Some(Err(error)) = server.map(|server| server.resolved(values)) {
        let error = CommandError::from(error);
        context.output.warning(&error.in_one_line());
    }
}

fn checked(name: String) -> Result<String, CommandError> {
    check_name(&name).map_err(|why| CommandError::usage(why).hint(FLAGS))?;
    Ok(name)
}

fn check_name(name: &str) -> Result<(), String> {
    if is_server_name(name) {
        Ok(())
    } else {
        let name = name.escape_debug();
        Err(format!("'{name}' is not a server name: {NAME_FORM}"))
    }
}

fn ask_name(context: &mut Context<'_>) -> Result<String, CommandError> {
    Ok(context.input.text("Name", None, &check_name)?)
}

fn ask_target(context: &mut Context<'_>) -> Result<Target, CommandError> {
    let parsed = |text: &str| match System::CURRENT.words(text) {
        _ if is_url(text) => parse_server_url(text, false).map(|_| Target::Url(text.to_owned())),
        Some(words) if !words.is_empty() => Ok(Target::Command(words)),
        Some(_) => Err("type a command or a URL, or press Ctrl-C".to_owned()),
        None => Err("the command has an unclosed quote".to_owned()),
    };
    let check = |text: &str| parsed(text).map(|_| ());
    let typed = context
        .input
        .text("Command that starts it, or its URL", None, &check)?;
    parsed(&typed).map_err(CommandError::usage)
}

fn draft(
    name: String,
    target: Target,
    args: &AddArgs,
    is_guided: bool,
    answers: &mut Answers,
    context: &mut Context<'_>,
) -> Result<ServerDraft, CommandError> {
    let wrong = |flag: &str, kind: &str| {
        CommandError::usage(format!("{flag} is for servers with a {kind}")).hint(FLAGS)
    };
    let headers = headers(args);
    let target = match target {
        Target::Command(_) if !headers.is_empty() => return Err(wrong("--header", "URL")),
        Target::Url(_) if !args.env.is_empty() => return Err(wrong("--env", "command")),
        Target::Url(_) if args.cwd.is_some() => return Err(wrong("--cwd", "command")),
        Target::Command(command) => {
            let mut pairs = args.env.clone();
            if is_guided && pairs.is_empty() {
                pairs = ask_variables(context)?;
            }
            DraftTarget::Stdio {
                command: command.into_iter().map(DraftText::plain).collect(),
                env: entered(&pairs, '=', answers, context)?,
                cwd: args.cwd.as_ref().map(|path| path.display().to_string()),
            }
        }
        Target::Url(url) => {
            if !url.contains("${") {
                parse_server_url(&url, false).map_err(CommandError::usage)?;
            }
            DraftTarget::Http {
                url: DraftText::plain(url),
                headers: entered(&headers, ':', answers, context)?,
                oauth: OAuthSettings::default(),
            }
        }
    };
    Ok(ServerDraft {
        name,
        target,
        timeout: args.timeout,
        start_timeout: args.start_timeout,
        only: Vec::new(),
        except: Vec::new(),
    })
}

fn ask_variables(context: &mut Context<'_>) -> Result<Vec<String>, CommandError> {
    let question = "Variables with keys that it needs, separated by blanks (Enter for none)";
    let typed = context.input.text(question, Some(""), &|_| Ok(()))?;
    Ok(typed.split_whitespace().map(str::to_owned).collect())
}

/// Names and texts; a name alone is prompted for.
fn entered(
    pairs: &[String],
    separator: char,
    answers: &mut Answers,
    context: &mut Context<'_>,
) -> Result<Vec<(String, DraftText)>, CommandError> {
    let mut entered = Vec::new();
    for pair in pairs {
        let text = match pair.split_once(separator) {
            Some((name, text)) => (name.trim(), DraftText::plain(text.trim_start())),
            None => {
                let name = pair.trim();
                let flag = if separator == '=' {
                    "--env"
                } else {
                    "--header"
                };
                let given = format!("{flag} '{name}{separator}${{VARIABLE}}'");
                context.require_terminal("a value that is not given", &given)?;
                let check = |text: &str| {
                    if text.is_empty() {
                        Err("type a value, or press Ctrl-C".to_owned())
                    } else {
                        Ok(())
                    }
                };
                let text = context.input.secret(name, false, &check)?;
                let answer = InputAnswer {
                    text,
                    is_secret: true,
                };
                answers.insert(name.to_owned(), answer);
                (name, DraftText(vec![Part::Input(name.to_owned())]))
            }
        };
        entered.push((text.0.to_owned(), text.1));
    }
    Ok(entered)
}
