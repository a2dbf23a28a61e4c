//! Hints inside a conversation: slash commands in place of commands and flags of the shell.

use crate::ports::error::{CommandError, ErrorKind};

/// Commands of the shell, with the slash commands that do the same. What follows the command is
/// kept: a name, a remark. The first row that matches counts, and none for what has flags, which no
/// slash command has.
const COMMANDS: &[(&str, &str)] = &[
    ("amx chat --session", "/resume"),
    ("amx chat --schema", "/schema"),
    ("amx chat --reasoning-effort", "/effort"),
    ("amx chat --max-tokens", "/max-tokens"),
    ("amx chat -m", "/model"),
    ("amx chat -o", "/set"),
    ("amx chat -t", "/temperature"),
    ("amx chat -s", "/system"),
    ("amx chat -p", "/profile"),
    ("amx chat -f", "/file"),
    ("amx add-llm-profile", "/add-llm-profile"),
    ("amx profiles list", "/llm-profiles"),
    ("amx profiles use", "/use-llm"),
    ("amx profiles show", "/profile"),
    ("amx sessions list", "/sessions"),
    ("amx sessions search", "/search"),
    ("amx sessions rename SESSION", "/rename"),
    ("amx sessions rename", "/rename"),
    ("amx templates list", "/templates"),
    ("amx config explain max_tokens", "/max-tokens"),
    ("amx config explain reasoning_effort", "/effort"),
    ("amx config explain temperature", "/temperature"),
    ("amx config explain model -m MODEL", "/model MODEL"),
    ("amx config explain", "/profile"),
    ("amx models list", "/models"),
    ("amx models", "/models"),
    ("amx tools list", "/tools"),
    ("amx usage", "/usage"),
    ("amx doctor", "/doctor"),
    ("amx --help", "/help"),
    ("amx chat --help", "/help"),
];

/// Commands of the shell that can be typed here behind `!!`, since no slash command does the same.
const IN_SHELL: &[&str] = &["ls ", "mkdir ", "amx models sync"];

/// Verbs after a command that make it another one, without a slash command.
const OTHER_VERBS: &[&str] = &[
    "sync", "show", "pick", "new", "edit", "remove", "export", "delete",
];

/// What [`COMMANDS`] keeps nothing of: the argument has another form there.
const WITHOUT_ARGUMENT: &[&str] = &["amx config explain"];

/// Flags and words inside a hint, with what is typed instead.
const WORDS: &[(&str, &str)] = &[
    ("with -m", "with /model"),
    ("raise --max-tokens", "raise it with /max-tokens"),
    ("or set --max-tokens", "or set /max-tokens"),
    ("--max-tokens", "/max-tokens"),
    ("--schema off", "/schema off"),
    ("-o ", "/set "),
];

/// Words of notes and warnings that name commands of the shell, with what is read here: a slash
/// command, or nothing where there is none to type.
const REMARKS: &[(&str, &str)] = &[
    ("; amx mcp test lists them", "; /mcp shows their states"),
    ("; amx config edit adds one", ""),
    (" yet: amx chat", " yet"),
    ("amx doctor tests it", "/doctor tests it"),
    ("amx add-llm-profile", "/add-llm-profile"),
    ("amx models lists", "/models lists"),
];

/// Kinds of errors after which the question can be asked again.
const WORTH_A_RETRY: &[ErrorKind] = &[
    ErrorKind::Network,
    ErrorKind::TryLater,
    ErrorKind::Cut,
    ErrorKind::Content,
];

/// The error of any entry, with slash commands as hints where there are some.
pub(super) fn with_slash_commands(mut error: CommandError) -> CommandError {
    for hint in &mut error.hints {
        *hint = translated(hint);
    }
    let mut seen = Vec::new();
    error.hints.retain(|hint| {
        let is_new = !seen.contains(hint);
        seen.push(hint.clone());
        is_new
    });
    error
}

/// The error of an answer: the question can be asked again, also with another model.
pub(super) fn of_answer(mut error: CommandError) -> CommandError {
    if error.is_quiet() {
        return error;
    }
    error
        .hints
        .retain(|hint| !hint.starts_with("run the same command again"));
    if WORTH_A_RETRY.contains(&error.kind) {
        let retry = "/retry   (or /retry MODEL for another model)";
        error.hints.insert(0, retry.to_owned());
    }
    if error.kind == ErrorKind::Refused {
        let retry = "/retry MODEL   (tries another model)";
        error.hints.push(retry.to_owned());
    }
    with_slash_commands(error)
}

/// A note or a warning, with slash commands where there are some.
pub(super) fn of_remark(text: &str) -> String {
    let replace = |text: String, (shell, slash): &(&str, &str)| text.replace(shell, slash);
    REMARKS.iter().fold(text.to_owned(), replace)
}

fn translated(hint: &str) -> String {
    if IN_SHELL.iter().any(|command| hint.starts_with(command)) {
        return format!("!!{hint}");
    }
    if let Some(restarted) = restarted(hint) {
        return restarted;
    }
    // Commands in the middle of a sentence stand after a colon.
    let (before, command) = match hint.find("amx ") {
        Some(0) => ("", hint),
        Some(at) if hint[..at].ends_with(": ") => hint.split_at(at),
        Some(_) => return hint.to_owned(),
        None => return with_slash_words(hint),
    };
    let row = COMMANDS.iter().find_map(|(shell, slash)| {
        let rest = command.strip_prefix(shell)?;
        let ends = rest.is_empty() || rest.starts_with([' ', '\n']);
        ends.then_some((*shell, *slash, rest))
    });
    let Some((shell, slash, rest)) = row else {
        return hint.to_owned();
    };
    let (argument, remark) = rest.split_once("   (").unwrap_or((rest, ""));
    // `…` is the question, which is typed after the command here.
    let argument = argument.trim().trim_end_matches('…').trim();
    let has_flags = argument
        .split_whitespace()
        .any(|word| word.starts_with('-'));
    let is_other = OTHER_VERBS.contains(&argument.split(' ').next().unwrap_or_default());
    if has_flags || is_other {
        return hint.to_owned();
    }
    let argument = if argument.is_empty() || WITHOUT_ARGUMENT.contains(&shell) {
        String::new()
    } else {
        format!(" {argument}")
    };
    let remark = match remark {
        "" => String::new(),
        remark => format!("   ({remark}"),
    };
    format!("{before}{slash}{argument}{remark}")
}

/// A question with a variable of the environment, which the next run has: it continues there.
fn restarted(hint: &str) -> Option<String> {
    let (before, rest) = hint.split_once("amx chat ")?;
    let (name, _) = before.trim_start_matches("$env:").split_once('=')?;
    let is_variable = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || "_ ".contains(c);
    if !name.chars().all(is_variable) {
        return None;
    }
    let (flags, remark) = rest.split_once("   (").unwrap_or((rest, ""));
    let flags = flags.trim_end_matches('…').trim_end();
    let space = if flags.is_empty() { "" } else { " " };
    let remark = if remark.is_empty() {
        "   (after /exit)".to_owned()
    } else {
        format!("   (after /exit; {remark}")
    };
    Some(format!("{before}amx chat -c{space}{flags}{remark}"))
}

fn with_slash_words(hint: &str) -> String {
    let row = WORDS.iter().find(|(flag, _)| hint.contains(flag));
    row.map_or_else(
        || hint.to_owned(),
        |(flag, slash)| hint.replace(flag, slash),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::conversation::slash::find;

    #[test]
    fn every_slash_command_of_the_table_exists() {
        let tables = COMMANDS.iter().chain(WORDS).chain(REMARKS);
        for slash in tables
            .map(|(_, slash)| *slash)
            .filter(|slash| slash.contains('/'))
        {
            let name = slash.split('/').nth(1).unwrap_or_default();
            let name = name.split(' ').next().unwrap_or_default();
            assert!(find(name).is_some(), "{slash}");
        }
    }

    #[test]
    fn hints_name_slash_commands_where_there_are_some() {
        for (hint, wanted) in [
            ("amx profiles list", "/llm-profiles"),
            ("amx add-llm-profile work", "/add-llm-profile work"),
            (
                "amx add-llm-profile NAME --api-key-ref x",
                "amx add-llm-profile NAME --api-key-ref x",
            ),
            (
                "amx models QUERY   (lists matching models)",
                "/models QUERY   (lists matching models)",
            ),
            ("amx models sync", "!!amx models sync"),
            ("ls -l notes.md", "!!ls -l notes.md"),
            ("amx models show a/b", "amx models show a/b"),
            ("amx config explain base_url", "/profile"),
            (
                "amx config explain model -m MODEL   (shows how a model is parsed)",
                "/model MODEL   (shows how a model is parsed)",
            ),
            ("amx chat -m a/b …", "/model a/b"),
            (
                "amx chat -o provider.sort=price …",
                "/set provider.sort=price",
            ),
            (
                "save the image to a file, and attach it: amx chat -f FILE …",
                "save the image to a file, and attach it: /file FILE",
            ),
            ("raise --max-tokens", "raise it with /max-tokens"),
            (
                "ask for text, or choose another model with -m",
                "ask for text, or choose another model with /model",
            ),
            ("amx modelsx", "amx modelsx"),
            (
                "AMX_LLM_MIN_MAX_TOKENS=0 amx chat --max-tokens 500 …",
                "AMX_LLM_MIN_MAX_TOKENS=0 amx chat -c --max-tokens 500   (after /exit)",
            ),
            (
                "AMX_REASONING_EFFORT=minimal amx chat …   (less reasoning)",
                "AMX_REASONING_EFFORT=minimal amx chat -c   (after /exit; less reasoning)",
            ),
            ("mkdir -p notes", "!!mkdir -p notes"),
            ("/undo", "/undo"),
        ] {
            assert_eq!(translated(hint), wanted, "{hint}");
        }
    }

    #[test]
    fn notes_and_warnings_name_slash_commands() {
        for (remark, wanted) in [
            (
                "MCP servers whose tools are not listed yet: x; amx mcp test lists them",
                "MCP servers whose tools are not listed yet: x; /mcp shows their states",
            ),
            (
                "no saved conversations yet: amx chat",
                "no saved conversations yet",
            ),
            (
                "no commands under 'tools' in config.yml; amx config edit adds one",
                "no commands under 'tools' in config.yml",
            ),
            ("amx cannot show it", "amx cannot show it"),
        ] {
            assert_eq!(of_remark(remark), wanted);
        }
    }

    #[test]
    fn a_failed_answer_can_be_asked_again() {
        let error = CommandError::new(ErrorKind::Network, "x").hint("run the same command again");
        assert_eq!(
            of_answer(error).hints,
            ["/retry   (or /retry MODEL for another model)"]
        );
        let error = CommandError::usage("x").hint("amx models").hint("/models");
        assert_eq!(with_slash_commands(error).hints, ["/models"]);
    }
}
