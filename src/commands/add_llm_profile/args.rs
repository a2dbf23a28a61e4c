//! The options of `add-llm-profile`.

use clap::Args;

const EXAMPLES: &str = "\
Examples:
  amx add-llm-profile
  amx add-llm-profile ci --no-input --provider openrouter \\
    --model openai/gpt-5-mini --api-key-stdin < key.txt
  amx add-llm-profile box --no-input --provider local --model qwen3 \\
    --base-url http://127.0.0.1:8080/v1";

/// Set up a profile
#[derive(Debug, Default, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct AddLlmProfileArgs {
    /// Name of the profile; an existing one is edited
    pub name: Option<String>,

    /// Never prompt: take everything from flags
    #[arg(long)]
    pub no_input: bool,

    /// [openrouter, openai, anthropic, gemini, deepseek, kimi, ollama, local, demo]
    #[arg(long, value_name = "NAME")]
    pub provider: Option<String>,

    /// Model ID, such as anthropic/claude-sonnet-5
    #[arg(long, value_name = "ID")]
    pub model: Option<String>,

    /// Base URL, for a local server or a proxy
    #[arg(long, value_name = "URL")]
    pub base_url: Option<String>,

    /// Read the key from stdin and store it in the keyring
    ///
    /// or in the file of --api-key-ref file:/PATH, with mode 0600
    #[arg(long)]
    pub api_key_stdin: bool,

    /// Source of the key instead of the keyring: ${NAME}, cmd:PROGRAM or file:/PATH
    #[arg(long, value_name = "REFERENCE")]
    pub api_key_ref: Option<String>,

    /// Do not check the key with the provider
    #[arg(long)]
    pub no_check: bool,

    /// Sampling temperature, 0 to 2
    #[arg(long, value_name = "NUMBER", allow_negative_numbers = true)]
    pub temperature: Option<f64>,

    /// Maximum output tokens
    #[arg(long, value_name = "TOKENS")]
    pub max_tokens: Option<u32>,

    /// Number of answers with --alternatives, 1 to 5
    #[arg(long, value_name = "NUMBER")]
    pub alternatives: Option<u8>,

    /// Make it the active profile
    #[arg(long)]
    pub activate: bool,
}
