//! `amx compare`: the same question to several models or profiles in parallel, with the answers
//! side by side.

mod args;
mod table;

pub(crate) use args::CompareArgs;

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::{Value, json};

use crate::ask::finished_answer::{FinishedAnswer, verdict};
use crate::ask::parallel::{Order, ParallelOutcome, run_all};
use crate::ask::prepare::{Prepared, prepare};
use crate::ask::question::{Question, Resolved};
use crate::ask::run::RunOptions;
use crate::ask::suggestion;
use crate::ask::template::ChosenTemplate;
use crate::ask::{failure, schema_source};
use crate::chat::schema::Schema;
use crate::commands::answer_screen::AnswersScreen;
use crate::commands::{key_origin, question, recording};
use crate::config::{ConfigFile, Overrides, Settings, env};
use crate::ports::context::Context;
use crate::ports::error::CommandError;
use crate::ports::output::{AnswerForm, OutputError, ReasoningDisplay};
use crate::present::page::Page;
use args::CompareTarget;

/// Minimum number of targets.
const MIN_TARGETS: usize = 2;

/// Sends the question to every target, and shows the answers.
///
/// # Errors
/// Why not all answers are complete.
pub(crate) fn run(args: &CompareArgs, context: &mut Context<'_>) -> Result<(), CommandError> {
    args.refused.refuse("amx compare")?;
    let template = question::template(&args.prompt, &args.ask, context)?;
    recording::begin(&args.ask.recording, context)?;
    let outcome = compare(args, template.as_ref(), context);
    recording::end(outcome, args.ask.strict, context)
}

fn compare(
    args: &CompareArgs,
    template: Option<&ChosenTemplate>,
    context: &mut Context<'_>,
) -> Result<(), CommandError> {
    check_count(args)?;
    let config = context.config()?;
    let compared = compared(args, template, &config, context)?;
    let parts = question::parts(&args.prompt, &args.ask, template, context)?;
    let mut prepared = Vec::with_capacity(compared.len());
    let mut remarks = Vec::new();
    for one in &compared {
        let question = Question {
            parts: parts.clone(),
            stream: !args.ask.no_stream,
            schema: one.schema.clone(),
            answers: compared.len(),
            ..Question::default()
        };
        let resolved = Resolved {
            settings: &one.settings,
            overrides: &one.overrides,
            config: &config,
        };
        let mut ready = prepare(&resolved, question, args.ask.checks(), &context.equipment)?;
        remarks.append(&mut ready.remarks);
        prepared.push(ready);
    }
    context.remark(&remarks);
    let settings: Vec<Settings> = compared.into_iter().map(|one| one.settings).collect();
    let answers = labels(&settings)
        .into_iter()
        .zip(allowed(prepared, context)?);
    let form = if args.json {
        AnswerForm::Json
    } else {
        AnswerForm::Text {
            raw: args.ask.raw,
            reasoning: ReasoningDisplay::Hidden,
        }
    };
    let is_terminal = context.output.is_terminal();
    let options = RunOptions {
        trace_name: "amx compare",
        ..args.ask.options_of_several(!args.json, is_terminal)
    };
    let mut screen = AnswersScreen {
        output: &mut *context.output,
        form,
    };
    let equipment = &context.equipment;
    let parallel = run_all(
        answers.collect(),
        options,
        Order::AsRequested,
        equipment,
        &mut screen,
    )?;
    finish(parallel, &settings, args, context)
}

/// Shows the answers, and returns the first error.
fn finish(
    parallel: ParallelOutcome,
    settings: &[Settings],
    args: &CompareArgs,
    context: &mut Context<'_>,
) -> Result<(), CommandError> {
    context.remark(&parallel.remarks);
    let mut ended = parallel.ended;
    match parallel.output_error {
        Some(error) => return Err(error.into()),
        None => show(&ended, args, context)?,
    }
    let failed = first_failure(&mut ended, settings, context);
    context.first_of(failed, parallel.ledger_error)
}

fn check_count(args: &CompareArgs) -> Result<(), CommandError> {
    if args.targets.0.len() >= MIN_TARGETS {
        return Ok(());
    }
    let error = CommandError::usage(
        "nothing to compare: at least two models (-m) or profiles (-p) are required",
    );
    Err(error
        .hint("amx compare \"your question\" -m openai/gpt-5-mini -m anthropic/claude-sonnet-5"))
}

/// One of the targets.
struct Compared {
    settings: Settings,
    overrides: Overrides,
    schema: Option<Arc<Schema>>,
}

/// Resolves the settings of each target.
fn compared(
    args: &CompareArgs,
    template: Option<&ChosenTemplate>,
    config: &ConfigFile,
    context: &Context<'_>,
) -> Result<Vec<Compared>, CommandError> {
    let one = |target: &CompareTarget| {
        let overrides = overrides(target, args, template)?;
        let settings = resolve(&overrides, config, context)?;
        let schema = schema_source::of(&settings, &context.equipment)?.map(Arc::new);
        Ok(Compared {
            settings,
            overrides,
            schema,
        })
    };
    args.targets.0.iter().map(one).collect()
}

/// The questions themselves, when every check passed and the user confirmed each key for another
/// server.
fn allowed(
    prepared: Vec<Prepared>,
    context: &mut Context<'_>,
) -> Result<Vec<Prepared>, CommandError> {
    let allowed: Vec<Prepared> = prepared
        .into_iter()
        .map(Prepared::allowed)
        .collect::<Result<_, _>>()?;
    let mut confirmed = BTreeSet::new();
    for one in &allowed {
        let profile = one
            .first()
            .map(|first| first.settings.profile.value.clone());
        if confirmed.insert(profile) {
            key_origin::confirm_first(one, context)?;
        }
    }
    Ok(allowed)
}

/// The overrides of one target.
fn overrides(
    target: &CompareTarget,
    args: &CompareArgs,
    template: Option<&ChosenTemplate>,
) -> Result<Overrides, CommandError> {
    let overrides = args
        .ask
        .settings
        .overrides(target.profile.clone(), target.model.clone())?;
    let layer = template.map(ChosenTemplate::layer).transpose()?;
    // A named profile uses its own model, not that of the template.
    let layer = if target.profile.is_some() {
        layer.map(|layer| layer.for_fallback())
    } else {
        layer
    };
    Ok(Overrides {
        template: layer,
        ..overrides
    })
}

/// The settings of one target. A named profile uses its own model, not `AMX_MODEL`.
fn resolve(
    overrides: &Overrides,
    config: &ConfigFile,
    context: &Context<'_>,
) -> Result<Settings, CommandError> {
    let settings = Settings::resolve(
        overrides,
        &context.equipment.environment.without(&env::AMX_MODEL),
        config,
    )?;
    if settings.is_unconfigured() && !context.equipment.is_replaying() {
        Err(failure::no_key(&settings))
    } else {
        Ok(settings)
    }
}

/// `1. model`, with the profile when there are several.
fn labels(settings: &[Settings]) -> Vec<String> {
    let profiles: BTreeSet<&str> = settings
        .iter()
        .map(|settings| settings.profile.value.as_str())
        .collect();
    let label = |(index, settings): (usize, &Settings)| {
        let profile = if profiles.len() > 1 {
            format!(" ({})", settings.profile.value)
        } else {
            String::new()
        };
        format!("{}. {}{profile}", index + 1, settings.model.value)
    };
    settings.iter().enumerate().map(label).collect()
}

fn show(
    ended: &[FinishedAnswer],
    args: &CompareArgs,
    context: &mut Context<'_>,
) -> Result<(), OutputError> {
    if !ended.iter().any(FinishedAnswer::has_arrived) {
        // The error alone is shown when nothing has arrived.
        return Ok(());
    }
    if args.json {
        return context.output.end_list(&mut ended.iter().map(object));
    }
    let lines = table::table(ended).page_lines(context.table_width());
    let page: Page = lines.into_iter().collect();
    context.output.page(&page.kept())?;
    for ended in ended {
        context.output.line("")?;
        context.output.heading(&heading(ended))?;
        let text = ended.outcome.answer.text.trim_end();
        if text.is_empty() {
            continue;
        }
        if args.ask.raw || ended.outcome.structured.is_some() {
            context.output.line(text)?;
        } else {
            context.output.document(text)?;
        }
    }
    Ok(())
}

fn heading(ended: &FinishedAnswer) -> String {
    match &ended.outcome.error {
        _ if ended.outcome.is_signalled() => format!("{}: stopped", ended.label),
        Some(error) => format!("{}: failed: {}", ended.label, error.in_one_line()),
        None => ended.label.clone(),
    }
}

/// The usual JSON object of an answer, with its speed and, unless it is complete, its error.
fn object(ended: &FinishedAnswer) -> Value {
    let mut object = ended.report().to_json();
    object["tokens_per_second"] = json!(table::speed(&ended.outcome.answer));
    if let Some(error) = &ended.outcome.error {
        object["error"] = error.to_json();
    }
    object
}

fn first_failure(
    ended: &mut [FinishedAnswer],
    settings: &[Settings],
    context: &Context<'_>,
) -> Option<CommandError> {
    let index = ended.iter().position(|ended| !ended.is_complete())?;
    let settings = settings.get(index)?;
    let error = verdict(ended, "answers")?;
    Some(suggestion::suggest(error, settings, &context.equipment))
}
