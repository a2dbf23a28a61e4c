//! The options of the `logs` commands.

use clap::Args;
use clap::builder::PossibleValuesParser;

use crate::account::destinations::kinds::KINDS;

pub(super) const ADD_EXAMPLES: &str = "\
Examples:
  amx logs add langfuse                 prompts for the fields
  amx logs add otel-collector --set endpoint=https://otel.example.com
  amx logs add langfuse --set 'publicKey=${LF_PUBLIC}' --set secretKey=@key.txt
  amx logs add webhook --set url=https://a.example --privacy-mode

amx logs kinds lists the fields of each kind.";

pub(super) const SET_EXAMPLES: &str = "\
Examples:
  amx logs set production --sampling-rate 0.1
  amx logs set production --enabled=false
  amx logs set production --set secretKey      prompts for the new key";

pub(super) const KEY_EXAMPLES: &str = "\
Examples:
  amx logs key                     prompts for it
  pass openrouter-management | amx logs key --stdin
  amx logs key --remove

A management key is created at https://openrouter.ai/settings/management-keys.
It is no key for models: those are stored with amx add-llm-profile.";

#[derive(Debug, Args)]
pub(crate) struct WorkspaceArgs {
    /// Workspace, by its ID; the default workspace of the key if omitted
    #[arg(long, value_name = "UUID")]
    pub workspace: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct ListArgs {
    #[command(flatten)]
    pub scope: WorkspaceArgs,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct ShowArgs {
    /// Name or ID of the destination
    pub destination: String,
    #[command(flatten)]
    pub scope: WorkspaceArgs,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// What `add` and `set` have in common.
#[derive(Debug, Args)]
pub(crate) struct SettingsArgs {
    /// Name that lists show
    #[arg(long)]
    pub name: Option<String>,
    /// Field: FIELD=VALUE, FIELD=@FILE, FIELD=@- (stdin), or FIELD to be prompted
    ///
    /// a value may have '${VARIABLE}', or be 'cmd:PROGRAM ARGUMENTS'; secrets are not
    /// taken as plain text (repeatable)
    #[arg(long = "set", value_name = "FIELD[=VALUE]")]
    pub fields: Vec<String>,
    /// Share of requests that are sent, from 0.0001 to 1
    #[arg(long, value_name = "NUMBER", value_parser = sampling_rate)]
    pub sampling_rate: Option<f64>,
    /// Send no prompts and answers, only their metadata
    #[arg(
        long,
        value_name = "BOOL",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "true"
    )]
    pub privacy_mode: Option<bool>,
    /// Send logs to it
    #[arg(
        long,
        value_name = "BOOL",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "true"
    )]
    pub enabled: Option<bool>,
    /// Only requests of this API key, by its hash (repeatable)
    #[arg(long, value_name = "HASH")]
    pub api_key_hash: Vec<String>,
    #[command(flatten)]
    pub scope: WorkspaceArgs,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct AddArgs {
    /// Kind of the destination
    #[arg(value_name = "KIND", value_parser = kind_names(), hide_possible_values = true)]
    pub kind: String,
    #[command(flatten)]
    pub settings: SettingsArgs,
}

#[derive(Debug, Args)]
pub(crate) struct SetArgs {
    /// Name or ID of the destination
    pub destination: String,
    #[command(flatten)]
    pub settings: SettingsArgs,
    /// Requests of all API keys
    #[arg(long, conflicts_with = "api_key_hash")]
    pub all_api_keys: bool,
}

#[derive(Debug, Args)]
pub(crate) struct RemoveArgs {
    /// Name or ID of the destination
    pub destination: String,
    #[command(flatten)]
    pub scope: WorkspaceArgs,
    /// Do not ask for confirmation
    #[arg(short, long)]
    pub yes: bool,
}

#[derive(Debug, Args)]
pub(crate) struct KindsArgs {
    /// One kind; all of them if omitted
    #[arg(value_name = "KIND", value_parser = kind_names(), hide_possible_values = true)]
    pub kind: Option<String>,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct KeyArgs {
    /// Read the key from stdin
    #[arg(long, conflicts_with = "remove")]
    pub stdin: bool,
    /// Remove the key from the keyring
    #[arg(long)]
    pub remove: bool,
}

fn kind_names() -> PossibleValuesParser {
    PossibleValuesParser::new(KINDS.iter().map(|kind| kind.name))
}

fn sampling_rate(text: &str) -> Result<f64, String> {
    let number = text.parse().ok();
    number
        .filter(|number| (0.0001..=1.0).contains(number))
        .ok_or_else(|| "must be a number from 0.0001 to 1".to_owned())
}
