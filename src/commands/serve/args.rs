//! The options of `amx serve`.

use std::time::Duration;

use clap::{Args, Subcommand, ValueEnum};

use crate::present::duration;

const EXAMPLES: &str = "\
Examples:
  amx serve                 on 127.0.0.1:4180, with the active profile
  amx serve -p work --force-model google/gemini-2.5-flash
  amx serve keys add laptop --per-day 5 --rpm 60 --models 'anthropic/*,fast'
  amx serve --listen unix:/run/user/1000/amx.sock";

/// What the model list shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ModelsShown {
    Aliases,
    All,
}

/// Whose identity the provider receives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum IdentityArg {
    Override,
    Default,
    Pass,
}

/// What happens to requests under a limit that cannot be checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum StateFailureArg {
    /// They pass.
    Open,
    /// They are refused.
    Closed,
}

/// The form of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogArg {
    Text,
    Json,
}

/// Serve the profiles to programs that speak the API of OpenAI or Anthropic
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES, args_conflicts_with_subcommands = true)]
pub(crate) struct ServeArgs {
    #[command(subcommand)]
    pub command: Option<ServeCommand>,

    /// Where to listen: IP:PORT or unix:PATH; port 0 is any [default: the socket of systemd, or
    /// 127.0.0.1:4180]
    #[arg(long, value_name = "WHERE")]
    pub listen: Option<String>,

    /// Profile for models that name none
    #[arg(short, long, value_name = "NAME")]
    pub profile: Option<String>,

    /// Model for requests that name none
    #[arg(short, long)]
    pub model: Option<String>,

    /// Model for all requests
    #[arg(long, value_name = "MODEL")]
    pub force_model: Option<String>,

    /// What /v1/models lists next to the profiles [default: aliases]
    #[arg(long, value_name = "WHICH")]
    pub models_shown: Option<ModelsShown>,

    /// Silence after which a stream gets a comment or ping [default: 8s]
    #[arg(long, value_name = "TIME", value_parser = duration::parse, hide_short_help = true)]
    pub keep_alive: Option<Duration>,

    /// Silence of the provider that ends a request [default: 180s]
    #[arg(long, value_name = "TIME", value_parser = duration::parse, hide_short_help = true)]
    pub idle: Option<Duration>,

    /// Maximum cost of one request, in USD
    #[arg(long, value_name = "USD")]
    pub max_cost: Option<f64>,

    /// Maximum cost of all clients together per day, in USD
    #[arg(long, value_name = "USD")]
    pub per_day: Option<f64>,

    /// Largest body of a request [default: 32MiB]
    #[arg(long, value_name = "SIZE", value_parser = size, hide_short_help = true)]
    pub max_body: Option<usize>,

    /// Maximum number of open connections [default: 1024]
    #[arg(
        long,
        value_name = "N",
        value_parser = clap::value_parser!(u32).range(1..=65_535),
        hide_short_help = true
    )]
    pub max_connections: Option<u32>,

    /// Time for requests in progress when the server ends [default: 10s]
    #[arg(long, value_name = "TIME", value_parser = duration::parse, hide_short_help = true)]
    pub drain: Option<Duration>,

    /// Origin of web pages that may send requests (repeatable)
    #[arg(long, value_name = "ORIGIN")]
    pub allow_origin: Vec<String>,

    /// Name of this server in Host, for a proxy before it (repeatable)
    #[arg(long, value_name = "NAME")]
    pub allow_host: Vec<String>,

    /// Answer GET /metrics, for Prometheus
    #[arg(long)]
    pub metrics: bool,

    /// Identity that the provider receives: User-Agent, HTTP-Referer, X-Title [default: override]
    #[arg(long, value_name = "WHOSE")]
    pub identity: Option<IdentityArg>,

    /// Name the model in answers as the client did
    #[arg(long)]
    pub echo_model: bool,

    /// End answers that repeat themselves, and refuse repeated calls of tools
    #[arg(long, hide_short_help = true)]
    pub loop_guard: bool,

    /// Share the limits of keys between servers, in Redis or Valkey
    #[arg(long, value_name = "redis://HOST:PORT")]
    pub state: Option<String>,

    /// While it does not answer: pass requests under a limit on rate, or refuse them
    /// [default: open]
    #[arg(long, value_name = "HOW", hide_short_help = true)]
    pub state_rate: Option<StateFailureArg>,

    /// The same for requests under a limit on money [default: closed]
    #[arg(long, value_name = "HOW", hide_short_help = true)]
    pub state_money: Option<StateFailureArg>,

    /// Log a line for each request on stderr [default form: text]
    #[arg(long, value_name = "FORM", num_args = 0..=1, default_missing_value = "text")]
    pub log: Option<LogArg>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ServeCommand {
    /// Add, list and remove the keys of clients
    #[command(subcommand)]
    Keys(KeysCommand),
}

#[derive(Debug, Subcommand)]
pub(crate) enum KeysCommand {
    /// Create a key and print it, once
    Add(Box<AddArgs>),
    /// List the keys of clients
    List(ListArgs),
    /// Remove a key; running servers stop accepting it
    Remove(RemoveArgs),
}

const ADD_EXAMPLES: &str = "\
Examples:
  amx serve keys add laptop
  amx serve keys add ci --per-day 5 --rpm 60 --models 'a/*,fast' --expires 30d";

#[derive(Debug, Args)]
#[command(after_help = ADD_EXAMPLES)]
pub(crate) struct AddArgs {
    /// Name of the key, in the log and in the ledger
    pub name: String,

    /// Maximum cost per day, in USD
    #[arg(long, value_name = "USD")]
    pub per_day: Option<f64>,

    /// Maximum requests per minute
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub rpm: Option<u32>,

    /// Maximum requests at the same time
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub concurrent: Option<u32>,

    /// Models that the key may use, with * for any text
    #[arg(long, value_name = "PATTERNS", value_delimiter = ',')]
    pub models: Vec<String>,

    /// When the key expires: 30d, 12h
    #[arg(long, value_name = "TIME", value_parser = age)]
    pub expires: Option<Duration>,
}

#[derive(Debug, Args)]
pub(crate) struct ListArgs {
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct RemoveArgs {
    /// Name of the key
    pub name: String,
}

/// Units of sizes, in bytes.
const SIZES: &[(&str, usize)] = &[
    ("KiB", 1 << 10),
    ("MiB", 1 << 20),
    ("GiB", 1 << 30),
    ("B", 1),
];

/// Reads `32MiB` or a number of bytes; at most 1 GiB.
pub(super) fn size(text: &str) -> Result<usize, String> {
    let wrong = || "a size is written like 32MiB or 512KiB, at most 1GiB".to_owned();
    let (digits, factor) = SIZES
        .iter()
        .find_map(|(unit, factor)| Some((text.strip_suffix(unit)?, *factor)))
        .unwrap_or((text, 1));
    let count: usize = digits.trim_end().parse().map_err(|_| wrong())?;
    let size = count.checked_mul(factor).ok_or_else(wrong)?;
    Some(size)
        .filter(|size| (1..=1 << 30).contains(size))
        .ok_or_else(wrong)
}

/// Reads `30d` or a length of time of at most a day.
fn age(text: &str) -> Result<Duration, String> {
    let Some(days) = text.strip_suffix('d') else {
        return duration::parse(text);
    };
    let days: u64 = days
        .parse()
        .ok()
        .filter(|days| (1..=36_500).contains(days))
        .ok_or_else(|| "a time is written like 30d or 12h".to_owned())?;
    Ok(Duration::from_secs(days * 86_400))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_and_ages_are_read() {
        for (text, bytes) in [
            ("32MiB", 32 << 20),
            ("512KiB", 512 << 10),
            ("100", 100),
            ("1 B", 1),
        ] {
            assert_eq!(size(text), Ok(bytes), "{text}");
        }
        for text in [
            "",
            "MiB",
            "0",
            "2GiB",
            "-1",
            "1.5MiB",
            "99999999999999999999",
        ] {
            assert!(size(text).is_err(), "{text}");
        }
        assert_eq!(age("30d"), Ok(Duration::from_secs(30 * 86_400)));
        assert_eq!(age("12h"), Ok(Duration::from_secs(12 * 3600)));
        assert!(age("0d").is_err() && age("d").is_err() && age("x").is_err());
    }
}
