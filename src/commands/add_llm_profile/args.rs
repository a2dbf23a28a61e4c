//! The options of `add-llm-profile`.

use clap::Args;

const EXAMPLES: &str = "\
Examples:
  amx add-llm-profile
  amx add-llm-profile ci --no-input --provider openrouter --model openai/gpt-5-mini \
  --api-key-stdin < key.txt
  amx add-llm-profile box --no-input --provider local --model qwen3 --base-url \
  http://127.0.0.1:8080/v1";

/// Set up a profile
#[derive(Debug, Default, Args)]
#[command(after_help = EXAMPLES)]
pub struct AddLlmProfileArgs {
    /// Name of the profile; an existing one is edited
    pub name: Option<String>,

    /// Ask nothing: take everything from flags
    #[arg(long)]
    pub no_input: bool,

    /// openrouter, openai, anthropic, gemini, deepseek, kimi, ollama, local or demo
    #[arg(long)]
    pub provider: Option<String>,

    /// Model id, such as anthropic/claude-sonnet-4
    #[arg(long)]
    pub model: Option<String>,

    /// Base URL, for provider local or a proxy
    #[arg(long, value_name = "URL")]
    pub base_url: Option<String>,

    /// Read the key from stdin and store it in the keyring
    #[arg(long, conflicts_with = "api_key_ref")]
    pub api_key_stdin: bool,

    /// Where the key is, instead of the keyring: ${NAME}, cmd:PROGRAM, file:/PATH
    #[arg(long, value_name = "REFERENCE")]
    pub api_key_ref: Option<String>,

    /// Do not try the key at the provider
    #[arg(long)]
    pub no_check: bool,

    /// Randomness, 0 to 2
    #[arg(long, value_name = "NUMBER", allow_negative_numbers = true)]
    pub temperature: Option<f64>,

    /// Most tokens to produce
    #[arg(long, value_name = "TOKENS")]
    pub max_tokens: Option<u32>,

    /// Number of alternatives, 1 to 5
    #[arg(long, value_name = "NUMBER")]
    pub alternatives: Option<u8>,

    /// Make it the active profile
    #[arg(long)]
    pub activate: bool,
}
