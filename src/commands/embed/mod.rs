//! `amx embed`: vectors of texts.

mod args;
mod npy;
mod output;

pub(crate) use args::EmbedArgs;

use serde_json::{Map, Value, json};

use crate::ask::texts::PlacedText;
use crate::ask::texts::embed::{self, EmbedEnd, EmbedJob};
use crate::ask::texts::plan::TextsPlan;
use crate::chat::endpoint::Endpoint;
use crate::commands::output_file::{self, OutputFile};
use crate::commands::text_inputs::TextWords;
use crate::commands::texts_setup::{self, TextsSetup};
use crate::ports::context::Context;
use crate::ports::error::CommandError;
use crate::ports::output::OutputChoices;
use crate::present::count::{plural, thousands};
use crate::present::money::spent_words;
use output::VectorOutput;

const WORDS: TextWords = TextWords {
    noun: "text",
    usage: &[
        "amx embed \"a text\" \"another text\"",
        "amx embed --lines FILE   (a text on each line)",
    ],
};

/// Embeds texts.
///
/// # Errors
/// Why a text has no vector. The vectors that arrived are written.
pub(crate) fn run(args: &EmbedArgs, context: &mut Context<'_>) -> Result<(), CommandError> {
    let form = output::form(args, context.output.is_terminal())?;
    texts_setup::with(
        &args.ask,
        Endpoint::Embeddings,
        context,
        |setup, context| {
            let job = job(args, &setup, context)?;
            if args.ask.dry_run {
                return dry_run(job, context);
            }
            embed_all(args, form, job, context)
        },
    )
}

fn job(
    args: &EmbedArgs,
    setup: &TextsSetup,
    context: &mut Context<'_>,
) -> Result<EmbedJob, CommandError> {
    let texts = args.inputs.texts(&args.texts, &WORDS, context)?;
    let field = |name: &str, value: Value| -> Map<String, Value> {
        [(name.to_owned(), value)].into_iter().collect()
    };
    let chosen = args
        .dimensions
        .map(|length| field("dimensions", json!(length)));
    let plan = TextsPlan::new(
        Endpoint::Embeddings,
        &setup.settings,
        &setup.overrides,
        (
            chosen.unwrap_or_default(),
            field("encoding_format", json!("base64")),
        ),
        &context.equipment,
    )?;
    Ok(EmbedJob {
        plan,
        texts,
        dimensions: args
            .dimensions
            .and_then(|length| usize::try_from(length).ok()),
        most_texts: args.batch_size.map(usize::from),
        at_once: args.concurrency.into(),
        options: args.ask.run_options(),
    })
}

fn dry_run(job: EmbedJob, context: &mut Context<'_>) -> Result<(), CommandError> {
    let count = plural(job.texts.len() as u64, "text");
    let estimate = embed::estimate(job);
    context.output.body(&estimate.first)?;
    context.output.note(&format!(
        "{count}, {}, about {} tokens; nothing was sent",
        plural(estimate.requests as u64, "request"),
        thousands(estimate.tokens)
    ));
    Ok(())
}

fn embed_all(
    args: &EmbedArgs,
    form: output::Form,
    job: EmbedJob,
    context: &mut Context<'_>,
) -> Result<(), CommandError> {
    let mut choices = OutputChoices {
        is_quiet: args.ask.quiet,
        shows_usage: false,
        file: None,
    };
    let mut named = None;
    let mut binary = None;
    if let Some(path) = output_file::named(args.output.as_deref()) {
        let (output, file) = OutputFile::create(path, args.overwrite)?;
        named = Some(output);
        if form == output::Form::Npy {
            binary = Some(file);
        } else {
            choices.file = Some(Box::new(file));
        }
    }
    context.output.configure(choices);
    let texts: Vec<PlacedText> = job.texts.clone();
    let equipment = context.equipment.clone();
    let mut sink = VectorOutput::new(form, args.with_input, &texts, binary, context);
    let end = embed::run(job, &equipment, &mut sink)?;
    let written = sink.end(&end);
    context.output.progress(&Vec::new);
    if end.embedded > 0 {
        context.output.note(&summary(&end));
    }
    let EmbedEnd { error, .. } = end;
    let outcome = context.first_of(error, written.err());
    // What the file did not take went to stdout.
    let unwritten = output_file::named(args.output.as_deref())
        .zip(context.output.take_file_error())
        .map(|(path, error)| output_file::cannot_write(path, error));
    let outcome = context.first_of(outcome.err(), unwritten);
    match named {
        Some(file) => close(file, outcome, context),
        None => outcome,
    }
}

/// Names the file of the vectors.
fn close(
    file: OutputFile,
    outcome: Result<(), CommandError>,
    context: &mut Context<'_>,
) -> Result<(), CommandError> {
    match file.close(outcome.is_ok()) {
        Ok(Some(path)) if outcome.is_ok() => {
            context.output.note(&format!("wrote {}", path.display()));
        }
        Ok(Some(path)) => {
            let words = format!("the vectors that arrived are in {}", path.display());
            context.output.warning(&words);
        }
        Ok(None) => {}
        Err(unnamed) => return context.first_of(outcome.err(), Some(unnamed)),
    }
    outcome
}

/// `3 vectors, 1,536 dimensions, 12 tokens, $0.0001 (text-embedding-3-small)`.
fn summary(end: &EmbedEnd) -> String {
    let mut parts = vec![plural(end.embedded as u64, "vector")];
    parts.extend(
        end.dimensions
            .map(|length| plural(length as u64, "dimension")),
    );
    let tokens = end.usage.and_then(|usage| usage.prompt_tokens);
    parts.extend(tokens.map(|tokens| plural(tokens, "token")));
    parts.push(spent_words(end.spent));
    let model = end.model.as_ref();
    let model = model.map_or_else(String::new, |model| format!(" ({model})"));
    format!("{}{model}", parts.join(", "))
}
