//! `amx rerank`: documents by their relevance to a query.

mod args;
mod output;

pub(crate) use args::RerankArgs;

use serde_json::{Map, Value, json};

use crate::ask::texts::PlacedText;
use crate::ask::texts::plan::TextsPlan;
use crate::ask::texts::rerank::{self, RerankJob};
use crate::chat::endpoint::Endpoint;
use crate::commands::text_inputs::TextWords;
use crate::commands::texts_setup::{self, TextsSetup};
use crate::ports::context::Context;
use crate::ports::error::{CommandError, ErrorKind};
use crate::present::count::plural;

const WORDS: TextWords = TextWords {
    noun: "document",
    usage: &[
        "amx rerank \"query\" \"a document\" \"another document\"",
        "amx rerank \"query\" --lines FILE   (a document on each line)",
    ],
};

/// Ranks documents.
///
/// # Errors
/// Why a document has no score. The scores that arrived are printed.
pub(crate) fn run(args: &RerankArgs, context: &mut Context<'_>) -> Result<(), CommandError> {
    if args.query.trim().is_empty() {
        return Err(CommandError::new(ErrorKind::Input, "the query is empty")
            .hint("amx rerank \"query\" \"a document\" \"another document\""));
    }
    texts_setup::with(&args.ask, Endpoint::Rerank, context, |setup, context| {
        rank(args, &setup, context)
    })
}

fn rank(
    args: &RerankArgs,
    setup: &TextsSetup,
    context: &mut Context<'_>,
) -> Result<(), CommandError> {
    let documents = args.inputs.texts(&args.documents, &WORDS, context)?;
    let own: Map<String, Value> = args
        .top
        .map(|top| ("top_n".to_owned(), json!(top)))
        .into_iter()
        .collect();
    let plan = TextsPlan::new(
        Endpoint::Rerank,
        &setup.settings,
        &setup.overrides,
        (Map::new(), own),
        &context.equipment,
    )?;
    let job = RerankJob {
        plan,
        query: args.query.as_str().into(),
        documents,
        top: args.top.and_then(|top| usize::try_from(top).ok()),
        options: args.ask.run_options(),
    };
    if args.ask.dry_run {
        return dry_run(&job, context);
    }
    let documents: Vec<PlacedText> = job.documents.clone();
    let end = rerank::run(job, &context.equipment)?;
    context.remark(&end.remarks);
    if args.json {
        context.output.json(&output::object(&end, &documents))?;
    } else {
        output::show(&end.ranked, &documents, context)?;
    }
    if !end.ranked.is_empty() {
        context.output.note(&output::summary(&end));
    }
    end.error.map_or(Ok(()), Err)
}

fn dry_run(job: &RerankJob, context: &mut Context<'_>) -> Result<(), CommandError> {
    context.output.body(&rerank::body(job))?;
    let count = plural(job.documents.len() as u64, "document");
    context.output.note(&format!("{count}; nothing was sent"));
    Ok(())
}
