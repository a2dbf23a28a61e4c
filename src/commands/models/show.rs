//! `amx models show`: everything that is known of one model, and who serves it.

use serde_json::Value;

use super::args::ShowArgs;
use super::json;
use crate::ask::model_list::{self, ModelList, ModelSource};
use crate::catalog::fetch::Server;
use crate::catalog::{Capability, Endpoint, Model, Price, Words, find};
use crate::chat::reasoning::is_reasoning_model;
use crate::chat::route::{Efforts, ReasoningFacts};
use crate::commands::model_picker::{self, nothing_like};
use crate::config::{Overrides, Settings};
use crate::ports::context::Context;
use crate::ports::error::CommandError;
use crate::present::figures;
use crate::store::shortened;

pub fn run(args: &ShowArgs, context: &mut Context<'_>) -> Result<(), CommandError> {
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
    let place = ModelSource::of(&settings, &context.equipment)?;
    let listing = model_picker::listed(&place, context)?;
    let Some((model, is_exact)) = find(&listing.models, id) else {
        return Err(nothing_like(&listing.models, id));
    };
    if !is_exact {
        context.output.note(&format!(
            "{id} is a way to serve {}; this is what is known of that",
            model.id
        ));
    }
    super::notices::retirements(
        &ModelList {
            models: vec![model.clone()],
            synced: listing.synced,
            changes: None,
            remarks: Vec::new(),
        },
        &place,
        &config,
        context,
    );
    let endpoints = endpoints(model, &place, context)?;
    if args.json {
        let mut value = json::model(model);
        value["endpoints"] = endpoints.as_ref().map_or(Value::Null, |endpoints| {
            endpoints.iter().map(json::endpoint).collect()
        });
        return Ok(context.output.json(&value)?);
    }
    for (term, meaning) in facts(model) {
        context.output.line(&format!("{term:<12}  {meaning}"))?;
    }
    for line in endpoints
        .iter()
        .flat_map(|endpoints| endpoint_lines(endpoints))
    {
        context.output.line(&line)?;
    }
    Ok(())
}

/// Who serves the model; `None` where that cannot be asked, or there is no answer.
fn endpoints(
    model: &Model,
    place: &ModelSource,
    context: &mut Context<'_>,
) -> Result<Option<Vec<Endpoint>>, CommandError> {
    if !place.entry.is_openrouter || place.entry.is_demo() {
        return Ok(None);
    }
    match model_list::request(place, &context.equipment, async |server: Server| {
        server.endpoints(&model.id).await
    })? {
        Ok(endpoints) => Ok(Some(endpoints)),
        Err(error) => {
            context
                .output
                .note(&format!("who serves it is not known: {}", error.message));
            Ok(None)
        }
    }
}

/// Terms and what they mean; what is not known is left out.
fn facts(model: &Model) -> Vec<(&'static str, String)> {
    let mut facts = vec![("id", model.id.clone())];
    facts.extend(model.name.clone().map(|name| ("name", name)));
    facts.extend(model.canonical_slug.clone().map(|slug| ("slug", slug)));
    facts.extend(
        model
            .context
            .map(|context| ("context", format!("{context} tokens"))),
    );
    facts.extend(
        model
            .max_completion_tokens
            .map(|most| ("answer", format!("at most {most} tokens"))),
    );
    facts.push(("price", price(&model.price)));
    facts.extend(some(&model.input).map(|words| ("takes", words)));
    facts.extend(some(&model.output).map(|words| ("gives", words)));
    facts.push(("reasoning", reasoning(model)));
    let named = [
        (Capability::Tools, "tools"),
        (Capability::Schema, "schema"),
        (Capability::Logprobs, "logprobs"),
    ];
    let told = named.iter().filter_map(|(capability, name)| {
        model
            .can(*capability)
            .map(|can| format!("{name} {}", if can { "yes" } else { "no" }))
    });
    facts.extend(
        Some(told.collect::<Vec<_>>().join(", "))
            .filter(|told| !told.is_empty())
            .map(|told| ("can", told)),
    );
    facts.extend(some(&model.parameters).map(|words| ("parameters", words)));
    facts.extend(model.expires.clone().map(|day| ("retired on", day)));
    facts
}

fn some(words: &Words) -> Option<String> {
    (!words.is_empty()).then(|| words.iter().collect::<Vec<_>>().join(", "))
}

fn price(price: &Price) -> String {
    let rates = match price {
        Price::Unknown => return "not known".to_owned(),
        Price::Varies => return "that of the model it chooses".to_owned(),
        Price::Tokens(rates) => rates,
    };
    let mut text = format!(
        "${} in, ${} out per million tokens",
        figures::dollars(rates.input),
        figures::dollars(rates.output)
    );
    for tier in &rates.tiers {
        let when = if tier.from > 0 {
            format!("from {} prompt tokens on", tier.from)
        } else {
            "at some hours".to_owned()
        };
        text.push_str(&format!(
            "; {when} ${} in, ${} out",
            figures::dollars(tier.input),
            figures::dollars(tier.output)
        ));
    }
    if rates.has_more {
        text.push_str("; and something for each request");
    }
    text
}

fn reasoning(model: &Model) -> String {
    let by_id = if is_reasoning_model(&model.id) {
        "; its id makes it a reasoning route"
    } else {
        ""
    };
    let Some(facts) = &model.reasoning else {
        let known = match model.can(Capability::Reasoning) {
            Some(true) => "it can think; nothing more is told",
            Some(false) => "it does not think",
            None => "not known",
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
        (true, _) => "always thinks",
        (false, Some(true)) => "thinks unless told not to",
        (false, Some(false)) => "thinks when asked to",
        (false, None) => "can think",
    };
    let efforts = match efforts {
        Efforts::Unselectable => "no effort to choose".to_owned(),
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
    let by_itself = default_effort
        .as_ref()
        .map_or(String::new(), |effort| format!("; by itself {effort}"));
    format!("{when}; {efforts}{by_itself}{by_id}")
}

/// The endpoints as a small table, its head first.
fn endpoint_lines(endpoints: &[Endpoint]) -> Vec<String> {
    let head = [
        "PROVIDER", "TAG", "QUANT", "CONTEXT", "$/M IN", "$/M OUT", "UPTIME", "LATENCY", "TOKENS/S",
    ]
    .map(str::to_owned);
    let mut rows = vec![head];
    rows.extend(endpoints.iter().map(endpoint_row));
    let widths: Vec<usize> = (0..9)
        .map(|column| {
            rows.iter()
                .map(|row| row[column].chars().count())
                .max()
                .unwrap_or(0)
        })
        .collect();
    let line = |row: &[String; 9]| {
        let cell = |(column, text): (usize, &String)| {
            let width = widths[column];
            if column < 3 {
                format!("{text:<width$}")
            } else {
                format!("{text:>width$}")
            }
        };
        row.iter()
            .enumerate()
            .map(cell)
            .collect::<Vec<_>>()
            .join("  ")
            .trim_end()
            .to_owned()
    };
    std::iter::once(String::new())
        .chain(rows.iter().map(line))
        .collect()
}

fn endpoint_row(endpoint: &Endpoint) -> [String; 9] {
    let (input, output) = figures::price(&endpoint.price);
    let or_dash = |text: Option<String>| text.unwrap_or_else(|| "-".to_owned());
    let provider = if endpoint.is_up {
        endpoint.provider.clone()
    } else {
        format!("{} (down)", endpoint.provider)
    };
    [
        shortened(&provider, 24),
        or_dash(endpoint.tag.as_deref().map(|tag| shortened(tag, 24))),
        or_dash(
            endpoint
                .quantization
                .as_deref()
                .map(|quantization| shortened(quantization, 8)),
        ),
        or_dash(endpoint.context.map(figures::tokens)),
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
