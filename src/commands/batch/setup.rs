//! Turns the arguments of `amx batch` into a job.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::args::{BatchArgs, JobArgs};
use super::shard;
use crate::ask::run::RunOptions;
use crate::ask::template::ChosenTemplate;
use crate::attachments::{AttachmentReader, StdinAccess};
use crate::batch::check::needs_a_file;
use crate::batch::configuration::{Configuration, hashed};
use crate::batch::input::{Input, STDIN};
use crate::batch::job::Job;
use crate::batch::options::{Discount, JobOptions, OutputForm};
use crate::batch::own_files;
use crate::batch::pace::PaceLimits;
use crate::batch::planner::Planner;
use crate::batch::question::{self, QuestionForm};
use crate::chat::keep::Keep;
use crate::chat::message::ContentPart;
use crate::config::{ConfigFile, Overrides, Settings};
use crate::ports::context::Context;
use crate::ports::error::{CommandError, ErrorKind};
use crate::wire::tape::Tape;

/// Most requests at once without `--concurrency`.
const AT_ONCE: usize = 16;

/// The job of the arguments.
///
/// # Errors
/// When the arguments, the input or the settings are not valid.
pub(super) fn job(args: &BatchArgs, context: &mut Context<'_>) -> Result<Job, CommandError> {
    let (files, prompt) = words(&args.words)?;
    let mut options = options(args, context)?;
    let input = Input::open(&files, args.rows.from)?;
    options.uses_line_models = input.is_openai() && args.model.model.is_none();
    if args.rows.sample.is_some() && !input.is_repeatable() {
        return Err(needs_a_file("--sample"));
    }
    let tape = context.equipment.tape.as_ref();
    own_files::check(&options, &input, tape.and_then(Tape::recorded_to))?;
    check_group(args, &input)?;
    if args.job.discount && !input.is_repeatable() {
        return Err(needs_a_file("--discount"));
    }
    let template = match &args.ask.0.template.template {
        Some(name) => Some(ChosenTemplate::find(name, &context.equipment)?),
        None => None,
    };
    let variables = variables(&args.ask.0.template.vars)?;
    let overrides = overrides(args, template.as_ref())?;
    let config = context.config()?;
    let settings = Settings::resolve(&overrides, &context.equipment.environment, &config)?;
    let attached = attached(args, template.as_ref(), context)?;
    let pattern = prompt.as_deref().map(question::prompt).transpose()?;
    let planner = planner(
        args,
        overrides,
        config,
        settings,
        input.is_openai(),
        context,
    )?;
    Ok(Job {
        configuration: Configuration::of(
            &planner.settings,
            planner.schema.as_deref(),
            others(args, prompt.as_deref(), template.as_ref(), &attached),
        ),
        form: QuestionForm {
            prompt: pattern,
            template,
            variables,
            attached,
            file_column: args.rows.file_column.clone(),
            is_openai: input.is_openai(),
        },
        input,
        planner,
        options,
        asking: RunOptions {
            keep: Keep::Everything,
            limit: args.ask.0.timeout,
            strict: args.ask.0.strict,
            is_text: true,
            keeps_body: args.job.form == Some(OutputForm::OpenAi),
            ..RunOptions::default()
        },
    })
}

/// Checks that rows can be asked together.
fn check_group(args: &BatchArgs, input: &Input) -> Result<(), CommandError> {
    let what = match (input.is_openai(), &args.rows.file_column) {
        _ if args.job.group.is_none_or(|rows| rows < 2) => return Ok(()),
        (true, _) => "OpenAI's batch lines, which are whole requests",
        (_, Some(_)) => "--file-column",
        _ => return Ok(()),
    };
    let message = format!("--group cannot be used with {what}");
    Err(CommandError::usage(message).hint("ask the rows without --group"))
}

/// What decides the answers beside the settings.
fn others(
    args: &BatchArgs,
    prompt: Option<&str>,
    template: Option<&ChosenTemplate>,
    attached: &[ContentPart],
) -> [(&'static str, Value); 7] {
    let body = template.map(|chosen| chosen.template.body.as_str());
    let from_row = args.rows.from_row.map(|from_row| format!("{from_row:?}"));
    [
        ("prompt", hashed(prompt)),
        ("template", hashed(body)),
        ("variables", json!(args.ask.0.template.vars)),
        ("files", attached_hash(attached)),
        ("--from-row", json!(from_row)),
        ("--file-column", json!(args.rows.file_column)),
        ("--group", json!(args.job.group.filter(|rows| *rows > 1))),
    ]
}

fn planner(
    args: &BatchArgs,
    overrides: Overrides,
    config: ConfigFile,
    settings: Settings,
    is_openai: bool,
    context: &Context<'_>,
) -> Result<Planner, CommandError> {
    let mut checks = args.ask.0.checks();
    checks.is_dry_run = args.job.dry_run;
    let is_whole = is_openai || args.job.discount || args.job.form == Some(OutputForm::OpenAi);
    let stream = !args.ask.0.no_stream && !is_whole;
    Planner::new(
        overrides,
        config,
        settings,
        checks,
        stream,
        &context.equipment,
    )
}

/// The files and the prompt among the words: the last one is the prompt when it is no file.
fn words(words: &[String]) -> Result<(Vec<PathBuf>, Option<String>), CommandError> {
    let is_file = |word: &String| word == STDIN || Path::new(word).exists();
    let is_prompt = |word: &str| word.contains("{{") || word.contains(char::is_whitespace);
    let (files, prompt) = match words.split_last() {
        Some((last, files)) if !is_file(last) && is_prompt(last) => (files, Some(last.clone())),
        _ => (words, None),
    };
    if let Some(missing) = files.iter().find(|word| !is_file(word)) {
        let message = format!("{} does not exist", missing.escape_debug());
        return Err(CommandError::new(ErrorKind::Input, message)
            .hint("amx batch FILE… \"a prompt with {{column}}\" -o out.jsonl"));
    }
    if files.is_empty() {
        return Err(CommandError::usage("no file with rows given")
            .hint("amx batch rows.csv \"Classify: {{text}}\" -o out.jsonl")
            .hint("… | amx batch - \"Classify: {{input}}\""));
    }
    Ok((files.iter().map(PathBuf::from).collect(), prompt))
}

fn variables(vars: &[String]) -> Result<BTreeMap<String, String>, CommandError> {
    let pair = |var: &String| {
        let (name, value) = var.split_once('=').ok_or_else(|| {
            CommandError::usage(format!(
                "--var '{}' does not have the form NAME=VALUE",
                var.escape_debug()
            ))
            .hint("--var lang=French")
        })?;
        Ok((name.to_owned(), value.to_owned()))
    };
    vars.iter().map(pair).collect()
}

fn overrides(
    args: &BatchArgs,
    template: Option<&ChosenTemplate>,
) -> Result<Overrides, CommandError> {
    let settings = &args.ask.0.settings;
    let mut overrides = settings.overrides(args.model.profile.clone(), args.model.model.clone())?;
    overrides.template = template.map(ChosenTemplate::layer).transpose()?;
    // A request may cost at most what the whole job may cost.
    overrides.max_cost = args.job.max_cost_row.or(overrides.max_cost);
    Ok(overrides)
}

/// What is attached to every row.
fn attached(
    args: &BatchArgs,
    template: Option<&ChosenTemplate>,
    context: &mut Context<'_>,
) -> Result<Vec<ContentPart>, CommandError> {
    let of_template = template.map(ChosenTemplate::files).unwrap_or_default();
    let files: Vec<PathBuf> = of_template
        .into_iter()
        .chain(args.ask.0.files.iter().cloned())
        .collect();
    if files.is_empty() {
        return Ok(Vec::new());
    }
    let reader = AttachmentReader {
        force: args.ask.0.force,
        stdin: StdinAccess::MayNot("amx batch reads rows from it"),
    };
    let attached = reader.read(&files, context)?;
    Ok(attached.into_iter().map(|attached| attached.part).collect())
}

fn attached_hash(attached: &[ContentPart]) -> Value {
    if attached.is_empty() {
        return Value::Null;
    }
    hashed(Some(&format!("{attached:?}")))
}

/// How rows are asked in discounted batches, if they are.
fn discount(job: &JobArgs, context: &Context<'_>) -> Result<Option<Discount>, CommandError> {
    if !job.discount {
        return Ok(None);
    }
    Ok(Some(Discount {
        detaches: job.detach,
        poll: context.equipment.environment.batch_poll()?,
    }))
}

fn options(args: &BatchArgs, context: &Context<'_>) -> Result<JobOptions, CommandError> {
    let (rows, job) = (&args.rows, &args.job);
    let shard = shard::chosen(job.shard.as_ref(), &context.equipment.environment)?;
    Ok(JobOptions {
        output: shard::named(job.output.clone(), shard)?,
        form: job.form.unwrap_or_default(),
        errors: shard::named_errors(job.errors.clone(), shard)?,
        id: rows.id.clone(),
        kept: rows.keep.clone().unwrap_or_default(),
        from_row: rows.from_row.unwrap_or_default(),
        uses_line_models: false,
        order: job.order.unwrap_or_default(),
        limits: PaceLimits {
            at_once: job.concurrency.map_or(AT_ONCE, usize::from),
            per_minute: job.rate,
            tokens_per_minute: job.tokens,
        },
        max_cost: args.ask.0.settings.max_cost,
        max_cost_row: job.max_cost_row,
        limit: rows.limit,
        sample: rows.sample,
        shard,
        group: job.group.map_or(1, usize::from),
        retries_failed: job.retry_failed,
        restarts: job.restart,
        max_errors: job.max_errors,
        skips_bad: rows.skip_bad,
        discount: discount(job, context)?,
        strict: args.ask.0.strict,
    })
}
