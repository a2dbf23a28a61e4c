//! The options of `amx rerank`.

use clap::Args;

use crate::commands::arguments::groups;
use crate::commands::arguments::texts::TextsArgs;
use crate::commands::text_inputs::TextInputArgs;

const EXAMPLES: &str = "\
Examples:
  amx rerank \"capital of France\" \"Paris is…\" \"Berlin is…\"
  amx rerank \"refund policy\" -f faq.md -f terms.md --top 1
  ls docs/*.md | xargs head -qn1 | amx rerank \"how to install\" --top 3
  amx rerank \"query\" --lines rows.jsonl --field text | jq -r .text
  amx rerank -p demo \"black cat\" \"a cat\" \"tax law\"";

/// Sort documents by their relevance to a query
#[derive(Debug, Default, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct RerankArgs {
    /// What to look for
    #[arg(value_name = "QUERY", help_heading = groups::QUESTION)]
    pub query: String,

    /// Documents; '-' reads stdin, a document on each line
    #[arg(value_name = "DOCUMENT", help_heading = groups::QUESTION)]
    pub documents: Vec<String>,

    #[command(flatten)]
    pub inputs: TextInputArgs,

    /// Print the most relevant documents only
    #[arg(
        long,
        value_name = "NUMBER",
        value_parser = clap::value_parser!(u32).range(1..),
        help_heading = groups::OUTPUT
    )]
    pub top: Option<u32>,

    #[command(flatten)]
    pub ask: TextsArgs,

    /// Print one JSON object with all scores, tokens and cost
    #[arg(long, help_heading = groups::OUTPUT)]
    pub json: bool,
}
