//! `amx models show`: what the catalogue has on one model, and the providers that serve it.

use serde_json::Value;

use super::args::ShowArgs;
use super::json;
use crate::ask::model_list::{self, ModelList, ModelSource};
use crate::catalog::fetch::CatalogServer;
use crate::catalog::{Capability, Endpoint, Model, Price, WordList, find};
use crate::chat::reasoning::is_reasoning_model;
use crate::chat::route::{Efforts, ReasoningFacts};
use crate::commands::model_picker::{self, nothing_like};
use crate::config::{Overrides, Settings};
use crate::ports::context::Context;
use crate::ports::error::CommandError;
use crate::present::count::{self, thousands};
use crate::present::money::{self, rate};
use crate::present::page::{Page, definition};
use crate::present::table::{Column, Table};

/// Columns of a term.
const TERM_WIDTH: usize = 12;

const ENDPOINT_COLUMNS: [Column; 9] = [
    Column::left("PROVIDER").most(24),
    Column::left("TAG").most(24),
    Column::left("QUANT").most(8).omitted(3),
    Column::right("CONTEXT").omitted(4),
    Column::point("$/M IN"),
    Column::point("$/M OUT"),
    Column::right("UPTIME").omitted(5),
    Column::right("LATENCY").omitted(1),
    Column::right("TOKENS/S").omitted(2),
];

pub(super) fn run(args: &ShowArgs, context: &mut Context<'_>) -> Result<(), CommandError> {
    let config = context.config()?;
    let overrides = Overrides {
        profile: args.profile.clone(),
        model: Some(args.id.clone()),
        ..Overrides::default()
    };
    let settings = Settings::resolve(&overrides, &context.equipment.environment, &config)?;
    let id = settings.model.value.as_str();
    if !settings.aliases.is_empty() {
        context
            .output
            .note(&format!("model_aliases: {}", settings.aliases.join(" → ")));
    }
    let source = ModelSource::of(&settings, &context.equipment)?;
    let listing = model_picker::listed(&source, context)?;
    let Some((model, is_exact)) = find(&listing.models, id) else {
        return Err(nothing_like(&listing.models, id));
    };
    if !is_exact {
        context.output.note(&format!(
            "{id} is a variant of {}, which is shown",
            model.id
        ));
    }
    super::notices::deprecations(
        &ModelList {
            models: vec![model.clone()],
            synced: listing.synced,
            changes: None,
            remarks: Vec::new(),
        },
        &source,
        &config,
        context,
    );
    let endpoints = endpoints(model, &source, context)?;
    if args.json {
        let mut value = json::model(model);
        value["endpoints"] = endpoints.as_ref().map_or(Value::Null, |endpoints| {
            endpoints.iter().map(json::endpoint).collect()
        });
        return Ok(context.output.json(&value)?);
    }
    let facts = facts(model).into_iter();
    let mut page: Page = facts
        .map(|(term, value)| definition(term, TERM_WIDTH, value))
        .collect();
    if let Some(endpoints) = &endpoints {
        page.gap();
        page.lines(endpoint_table(endpoints).page_lines(context.table_width()));
    }
    Ok(context.output.page(&page)?)
}

/// The providers that serve the model; `None` when they are not listed or cannot be fetched.
fn endpoints(
    model: &Model,
    source: &ModelSource,
    context: &mut Context<'_>,
) -> Result<Option<Vec<Endpoint>>, CommandError> {
    if !source.entry.is_openrouter || source.entry.is_demo() {
        return Ok(None);
    }
    match model_list::request(source, &context.equipment, async |server: CatalogServer| {
        server.endpoints(&model.id).await
    })? {
        Ok(endpoints) => Ok(Some(endpoints)),
        Err(error) => {
            context
                .output
                .note(&format!("endpoints unavailable: {}", error.message));
            Ok(None)
        }
    }
}

/// The terms and their values; unknown ones are omitted.
fn facts(model: &Model) -> Vec<(&'static str, String)> {
    let tokens = |count: u64| format!("{} tokens", thousands(count));
    let facts = [
        ("id", Some(model.id.clone())),
        ("name", model.name.clone()),
        ("slug", model.canonical_slug.clone()),
        ("context", model.context.map(tokens)),
        ("max output", model.max_completion_tokens.map(tokens)),
        ("price", Some(price(&model.price))),
        ("input", some(&model.input)),
        ("output", some(&model.output)),
        ("reasoning", Some(reasoning(model))),
        ("features", features(model)),
        ("parameters", some(&model.parameters)),
        ("deprecated", model.expires.clone()),
    ];
    facts
        .into_iter()
        .filter_map(|(term, value)| Some((term, value?)))
        .collect()
}

/// The features that are known to be supported or not; `None` when nothing is known.
fn features(model: &Model) -> Option<String> {
    let named = [
        (Capability::Tools, "tools"),
        (Capability::Schema, "schema"),
        (Capability::Logprobs, "logprobs"),
    ];
    let known = named.iter().filter_map(|(capability, name)| {
        model
            .can(*capability)
            .map(|can| format!("{name} {}", if can { "yes" } else { "no" }))
    });
    Some(known.collect::<Vec<_>>().join(", ")).filter(|known| !known.is_empty())
}

fn some(words: &WordList) -> Option<String> {
    (!words.is_empty()).then(|| words.iter().collect::<Vec<_>>().join(", "))
}

fn price(price: &Price) -> String {
    let rates = match price {
        Price::Unknown => return "unknown".to_owned(),
        Price::Varies => return "of the model it selects".to_owned(),
        Price::Tokens(rates) => rates,
    };
    let pair =
        |input: f64, output: f64| format!("${} input, ${} output", rate(input), rate(output));
    let mut text = format!("{} per million tokens", pair(rates.input, rates.output));
    for tier in &rates.tiers {
        let when = if tier.from > 0 {
            format!("from {} prompt tokens", thousands(tier.from))
        } else {
            "at certain hours".to_owned()
        };
        text.push_str(&format!("; {when} {}", pair(tier.input, tier.output)));
    }
    if rates.has_more {
        text.push_str("; plus a price per request");
    }
    text
}

fn reasoning(model: &Model) -> String {
    let by_id = if is_reasoning_model(&model.id) {
        "; a reasoning model by its ID"
    } else {
        ""
    };
    let Some(facts) = &model.reasoning else {
        let known = match model.can(Capability::Reasoning) {
            Some(true) => "supported",
            Some(false) => "not supported",
            None => "unknown",
        };
        return format!("{known}{by_id}");
    };
    let ReasoningFacts {
        mandatory,
        default_enabled,
        efforts,
        default_effort,
    } = facts;
    let when = match (mandatory, default_enabled) {
        (true, _) => "always on",
        (false, Some(true)) => "on by default",
        (false, Some(false)) => "off by default",
        (false, None) => "supported",
    };
    let efforts = match efforts {
        Efforts::Unselectable => "no selectable effort".to_owned(),
        Efforts::All => "every effort".to_owned(),
        Efforts::Listed(listed) => format!(
            "efforts {}",
            listed
                .iter()
                .map(|effort| effort.as_str())
                .collect::<Vec<_>>()
                .join(", ")
        ),
    };
    let default = default_effort
        .as_ref()
        .map_or(String::new(), |effort| format!("; default {effort}"));
    format!("{when}; {efforts}{default}{by_id}")
}

fn endpoint_table(endpoints: &[Endpoint]) -> Table<9> {
    let mut table = Table::new(ENDPOINT_COLUMNS).or_records(1);
    for endpoint in endpoints {
        table.row(endpoint_row(endpoint));
    }
    table
}

fn endpoint_row(endpoint: &Endpoint) -> [String; 9] {
    let (input, output) = money::price(&endpoint.price);
    let or_dash = |text: Option<String>| text.unwrap_or_else(|| "-".to_owned());
    let provider = if endpoint.is_up {
        endpoint.provider.clone()
    } else {
        format!("{} (down)", endpoint.provider)
    };
    [
        provider,
        or_dash(endpoint.tag.clone()),
        or_dash(endpoint.quantization.clone()),
        or_dash(endpoint.context.map(count::tokens)),
        input,
        output,
        or_dash(endpoint.uptime.map(|uptime| format!("{uptime:.1} %"))),
        or_dash(endpoint.latency.map(|latency| format!("{latency:.0} ms"))),
        or_dash(
            endpoint
                .throughput
                .map(|throughput| format!("{throughput:.0}")),
        ),
    ]
}
