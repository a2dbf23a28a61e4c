//! `--shard`: the part of the input that this job asks, by number or by a scheduler's variables.

use std::path::PathBuf;

use crate::batch::shard::Shard;
use crate::config::{Environment, env};
use crate::ports::error::CommandError;

/// What stands for the shard in the name of the output.
const PLACE: &str = "{shard}";

/// A value of `--shard`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ShardChoice {
    Auto,
    Given(Shard),
}

/// The number of shards where the scheduler does not say it.
const SHARDS: &str = env::AMX_SHARDS.name;

/// A scheduler's variables.
struct Scheduler {
    name: &'static str,
    /// The number of the task.
    index: &'static str,
    /// The number of the first task, and the step between two.
    first: First,
    /// The number of tasks; `AMX_SHARDS` where there is no such variable.
    count: &'static str,
}

enum First {
    Fixed(u64),
    Variables {
        first: &'static str,
        step: &'static str,
    },
}

const SCHEDULERS: &[Scheduler] = &[
    Scheduler {
        name: "Slurm",
        index: "SLURM_ARRAY_TASK_ID",
        first: First::Variables {
            first: "SLURM_ARRAY_TASK_MIN",
            step: "SLURM_ARRAY_TASK_STEP",
        },
        count: "SLURM_ARRAY_TASK_COUNT",
    },
    Scheduler {
        name: "Kubernetes",
        index: "JOB_COMPLETION_INDEX",
        first: First::Fixed(0),
        count: SHARDS,
    },
    Scheduler {
        name: "AWS Batch",
        index: "AWS_BATCH_JOB_ARRAY_INDEX",
        first: First::Fixed(0),
        count: SHARDS,
    },
    Scheduler {
        name: "GNU parallel",
        index: "PARALLEL_SEQ",
        first: First::Fixed(1),
        count: SHARDS,
    },
];

/// Reads `I/N` or `auto`.
pub(super) fn read(text: &str) -> Result<ShardChoice, String> {
    if text == "auto" {
        return Ok(ShardChoice::Auto);
    }
    let shard = Shard::read(text).map(ShardChoice::Given);
    shard.ok_or_else(|| "must be I/N with I from 0 to N-1, or auto".to_owned())
}

/// The shard of the job.
///
/// # Errors
/// When `auto` finds no scheduler, several of them, or numbers that do not fit together.
pub(super) fn chosen(
    choice: Option<&ShardChoice>,
    environment: &Environment,
) -> Result<Option<Shard>, CommandError> {
    match choice {
        None => Ok(None),
        Some(ShardChoice::Given(shard)) => Ok(Some(*shard)),
        Some(ShardChoice::Auto) => {
            let variable = |name: &str| environment.named(name).ok().flatten().map(str::to_owned);
            automatic(variable).map(Some)
        }
    }
}

fn automatic(variable: impl Fn(&str) -> Option<String>) -> Result<Shard, CommandError> {
    let is_set = |scheduler: &&Scheduler| variable(scheduler.index).is_some();
    let found: Vec<&Scheduler> = SCHEDULERS.iter().filter(is_set).collect();
    let scheduler = match found.as_slice() {
        [one] => one,
        [] => {
            let names: Vec<&str> = SCHEDULERS.iter().map(|known| known.index).collect();
            let message = format!("--shard auto: none of {} is set", names.join(", "));
            return Err(CommandError::usage(message).hint("--shard 0/16   (by number)"));
        }
        several => {
            let names: Vec<&str> = several.iter().map(|known| known.index).collect();
            let message = format!("--shard auto: {} are set", names.join(" and "));
            return Err(CommandError::usage(message).hint("--shard I/N   (by number)"));
        }
    };
    let number = |name: &str| -> Result<u64, CommandError> {
        let text = variable(name).ok_or_else(|| {
            let message = format!("--shard auto: {name} is not set ({})", scheduler.name);
            CommandError::usage(message).hint(format!("export {name}=16   (the number of tasks)"))
        })?;
        text.parse().map_err(|_| {
            let text = text.escape_debug();
            CommandError::usage(format!("--shard auto: {name} is '{text}', not a number"))
                .hint("--shard I/N   (by number)")
        })
    };
    let (index, count) = (number(scheduler.index)?, number(scheduler.count)?);
    let (first, step) = match scheduler.first {
        First::Fixed(first) => (first, 1),
        First::Variables { first, step } => (
            variable(first).map_or(Ok(0), |_| number(first))?,
            variable(step).map_or(Ok(1), |_| number(step))?.max(1),
        ),
    };
    let index = index.checked_sub(first).map(|index| index / step);
    let shard = index.and_then(|index| Shard::read(&format!("{index}/{count}")));
    shard.ok_or_else(|| {
        let message = format!(
            "--shard auto: {} is not one of {count} tasks from {first}",
            scheduler.index
        );
        CommandError::usage(message).hint("--shard I/N   (by number)")
    })
}

/// The name of the output with the shard in it.
///
/// # Errors
/// When `{shard}` is missing in it, or there is no shard.
pub(super) fn named(
    output: Option<PathBuf>,
    shard: Option<Shard>,
) -> Result<Option<PathBuf>, CommandError> {
    match (output, shard) {
        (Some(output), _) => in_name("-o", "out.{shard}.jsonl", output, shard).map(Some),
        (None, Some(_)) => {
            Err(CommandError::usage("--shard needs an output file").hint("-o 'out.{shard}.jsonl'"))
        }
        (None, None) => Ok(None),
    }
}

/// The name of the file of failed rows with the shard in it.
///
/// # Errors
/// When `{shard}` is missing in it, or there is no shard.
pub(super) fn named_errors(
    errors: Option<PathBuf>,
    shard: Option<Shard>,
) -> Result<Option<PathBuf>, CommandError> {
    let named = |file| in_name("--errors", "errors.{shard}.jsonl", file, shard);
    errors.map(named).transpose()
}

/// The value of an option with the shard in it.
fn in_name(
    option: &str,
    example: &str,
    file: PathBuf,
    shard: Option<Shard>,
) -> Result<PathBuf, CommandError> {
    let name = file.to_str().filter(|name| name.contains(PLACE));
    match (name, shard) {
        (Some(name), Some(shard)) => Ok(name.replace(PLACE, &shard.in_name()).into()),
        (None, Some(_)) => {
            let message = format!(
                "{option} has no {PLACE} in its name, so that all shards would write to one file"
            );
            Err(CommandError::usage(message).hint(format!("{option} '{example}'")))
        }
        (Some(_), None) => {
            let message = format!("{option} has {PLACE} in its name, but there is no --shard");
            Err(CommandError::usage(message).hint("--shard I/N, or --shard auto"))
        }
        (None, None) => Ok(file),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn auto(set: &[(&str, &str)]) -> Result<String, String> {
        let variable = |name: &str| {
            let found = set.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned())
        };
        automatic(variable)
            .map(|shard| shard.to_string())
            .map_err(|error| error.message)
    }

    #[test]
    fn the_variables_of_four_schedulers() {
        let slurm = [
            ("SLURM_ARRAY_TASK_ID", "7"),
            ("SLURM_ARRAY_TASK_MIN", "1"),
            ("SLURM_ARRAY_TASK_STEP", "2"),
            ("SLURM_ARRAY_TASK_COUNT", "16"),
        ];
        assert_eq!(auto(&slurm), Ok("3/16".to_owned()));
        let shards = ("AMX_SHARDS", "4");
        for (name, value, shard) in [
            ("JOB_COMPLETION_INDEX", "3", "3/4"),
            ("AWS_BATCH_JOB_ARRAY_INDEX", "0", "0/4"),
            ("PARALLEL_SEQ", "1", "0/4"),
        ] {
            assert_eq!(auto(&[(name, value), shards]), Ok(shard.to_owned()));
            let missing = auto(&[(name, value)]).unwrap_err();
            assert!(missing.contains("AMX_SHARDS is not set"), "{missing}");
        }
    }

    #[test]
    fn numbers_that_do_not_fit_and_no_or_two_schedulers() {
        let shards = ("AMX_SHARDS", "4");
        for set in [
            &[][..],
            &[shards],
            &[("PARALLEL_SEQ", "5"), shards],
            &[("PARALLEL_SEQ", "0"), shards],
            &[("PARALLEL_SEQ", "x"), shards],
            &[("PARALLEL_SEQ", "1"), ("JOB_COMPLETION_INDEX", "0"), shards],
        ] {
            assert!(auto(set).is_err(), "{set:?}");
        }
    }

    #[test]
    fn the_name_of_the_output_has_the_shard() {
        let shard = Shard::read("3/16");
        let named = |name: &str, shard| named(Some(name.into()), shard).map_err(|error| error.kind);
        let expected = Ok(Some("o.00003-of-00016.jsonl".into()));
        assert_eq!(named("o.{shard}.jsonl", shard), expected);
        assert!(named("o.jsonl", shard).is_err());
        assert!(named("o.{shard}.jsonl", None).is_err());
        assert_eq!(named("o.jsonl", None), Ok(Some("o.jsonl".into())));
        let errors = named_errors(Some("bad.jsonl".into()), shard).unwrap_err();
        assert!(errors.message.starts_with("--errors has no"), "{errors:?}");
    }
}
