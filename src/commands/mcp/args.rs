//! The options of the `mcp` commands.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use clap::builder::PossibleValuesParser;

use crate::config::mcp_import::IDS;
use crate::present::duration;

pub(super) const ADD_EXAMPLES: &str = "\
Examples:
  amx mcp add files -- npx -y @modelcontextprotocol/server-filesystem ~/notes
  amx mcp add github --env GITHUB_TOKEN -- docker run -i -e GITHUB_TOKEN IMAGE
  amx mcp add docs https://mcp.example.com/mcp
  amx mcp add docs https://a.example/mcp --header 'Authorization: ${TOKEN}'

A variable or header without a value is prompted for and stored in the keyring.";

pub(super) const IMPORT_EXAMPLES: &str = "\
Examples:
  amx mcp import                       look for files of all programs, show, ask
  amx mcp import .vscode/mcp.json
  amx mcp import --from zed --yes";

pub(super) const LOGIN_EXAMPLES: &str = "\
Examples:
  amx mcp login docs
  amx mcp login docs --headless    over ssh: open the URL elsewhere";

/// The values of `--transport`.
pub(super) const TRANSPORTS: [&str; 4] = ["http", "streamable-http", "stdio", "sse"];

#[derive(Debug, Args)]
pub(crate) struct AddArgs {
    /// Name of the server
    pub name: Option<String>,
    /// URL of the server
    #[arg(value_name = "URL")]
    pub url: Option<String>,
    #[command(flatten)]
    pub habits: AddHabits,
    /// Variable of the command: NAME=VALUE, or NAME to be prompted for the value
    #[arg(short, long, value_name = "NAME[=VALUE]")]
    pub env: Vec<String>,
    /// Header for the URL: 'NAME: VALUE', or NAME to be prompted for the value
    #[arg(short = 'H', long, value_name = "NAME[: VALUE]")]
    pub header: Vec<String>,
    /// Folder in which the command runs
    #[arg(long, value_name = "DIR")]
    pub cwd: Option<PathBuf>,
    /// Longest call (60s)
    #[arg(long, value_name = "TIME", value_parser = duration::parse)]
    pub timeout: Option<Duration>,
    /// Longest start (30s)
    #[arg(long, value_name = "TIME", value_parser = duration::parse)]
    pub start_timeout: Option<Duration>,
    /// Replace a server of this name without asking
    #[arg(short, long)]
    pub yes: bool,
    /// Program that starts the server, and its arguments
    #[arg(last = true, value_name = "COMMAND", conflicts_with = "url")]
    pub command: Vec<String>,
}

/// What people type for other programs that add MCP servers.
#[derive(Debug, Args)]
pub(crate) struct AddHabits {
    /// The URL, as codex has it
    #[arg(
        long = "url",
        id = "url_flag",
        value_name = "URL",
        hide = true,
        conflicts_with = "url"
    )]
    pub url: Option<String>,
    /// How the server is reached, as Claude Code and gemini-cli have it; the target says it, too
    #[arg(short, long, hide = true, value_parser = PossibleValuesParser::new(TRANSPORTS))]
    pub transport: Option<String>,
    /// Whose server it is, as Claude Code and gemini-cli have it
    #[arg(short, long, hide = true)]
    pub scope: Option<String>,
    /// Variable with the token of the URL, as codex has it
    #[arg(long, value_name = "VARIABLE", hide = true)]
    pub bearer_token_env_var: Option<String>,
    /// Words of a command without `--`
    #[arg(hide = true)]
    pub words: Vec<String>,
}

#[derive(Debug, Args)]
pub(crate) struct ImportArgs {
    /// File to import; without it, the files of all programs are searched
    #[arg(value_name = "FILE")]
    pub file: Option<PathBuf>,
    /// Program that the file is of
    #[arg(long, value_name = "PROGRAM", value_parser = PossibleValuesParser::new(IDS))]
    pub from: Option<String>,
    /// Import everything without asking
    #[arg(short, long)]
    pub yes: bool,
}

#[derive(Debug, Args)]
pub(crate) struct RemoveArgs {
    /// Name of the server
    pub name: String,
    /// Do not ask for confirmation
    #[arg(short, long)]
    pub yes: bool,
}

#[derive(Debug, Args)]
pub(crate) struct LoginArgs {
    /// Name of the server
    pub name: String,
    /// Print the URL and prompt for the one that the browser ends at
    #[arg(long)]
    pub headless: bool,
}

#[derive(Debug, Args)]
pub(crate) struct LogoutArgs {
    /// Name of the server
    pub name: String,
}

#[derive(Debug, Args)]
pub(crate) struct TestArgs {
    /// Name of the server; all of them if omitted
    pub name: Option<String>,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}
