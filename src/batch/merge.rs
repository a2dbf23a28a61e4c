//! Puts the outputs of all shards together, in the order of the input.

use std::fs::File;
use std::io::{BufRead, BufReader, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use super::file_errors::{cannot_read, foreign_line};
use super::head::Head;
use super::line::OutputLine;
use super::options::{JobOptions, OutputForm, journal_place};
use super::output::{FileRenderer, for_each_line, kept_columns, last_lines};
use super::render::TableColumns;
use super::shard::Shard;
use super::side_file::{self, SideFile};
use crate::ports::error::{CommandError, ErrorKind};
use crate::present::count::plural;

/// What was put together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Merged {
    pub rows: u64,
    pub files: usize,
}

/// The output of one shard.
struct Part {
    path: PathBuf,
    journal: PathBuf,
    head: Head,
}

/// Where a line is.
struct LinePlace {
    row: u64,
    part: usize,
    /// The number of the line, from 1, and where it starts, in bytes.
    number: u64,
    from: u64,
}

/// Puts outputs together.
///
/// # Errors
/// When a shard is missing or not finished, or they are not parts of one job.
pub(crate) fn merge(parts: &[PathBuf], output: &Path) -> Result<Merged, CommandError> {
    let parts = parts
        .iter()
        .map(|path| open(path))
        .collect::<Result<Vec<_>, _>>()?;
    let Some(first) = parts.first() else {
        return Err(CommandError::usage("no outputs to merge")
            .hint("amx batch merge -o all.jsonl out.*.jsonl"));
    };
    check_parts(&parts, first)?;
    if output.exists() {
        let message = format!("{} already exists", output.display());
        return Err(CommandError::usage(message).hint("choose another name: -o FILE"));
    }
    let places = places(&parts)?;
    let form = OutputForm::read(&first.head.form).unwrap_or_default();
    let options = JobOptions {
        form,
        ..JobOptions::default()
    };
    let journals = parts.iter().map(|part| part.journal.as_path());
    let columns = TableColumns {
        kept: kept_columns(&first.head.kept, journals)?,
        members: first.head.members.clone(),
    };
    let mut renderer = FileRenderer::create(output, &options, &columns)?;
    let mut readers = Vec::new();
    for part in &parts {
        let file = File::open(&part.journal).map_err(|error| cannot_read(&part.journal, error))?;
        readers.push(BufReader::new(file));
    }
    let mut text = String::new();
    for place in &places {
        let (reader, journal) = (&mut readers[place.part], &parts[place.part].journal);
        let failed = |error| cannot_read(journal, error);
        text.clear();
        reader.seek(SeekFrom::Start(place.from)).map_err(failed)?;
        reader.read_line(&mut text).map_err(failed)?;
        let line: OutputLine =
            serde_json::from_str(&text).map_err(|_| foreign_line(journal, place.number))?;
        renderer.write(&line, &text)?;
    }
    renderer.finish()?;
    Ok(Merged {
        rows: places.len() as u64,
        files: parts.len(),
    })
}

fn open(path: &Path) -> Result<Part, CommandError> {
    let side = side_file::path_of(path);
    let Some((head, earlier)) = side_file::read_at(&side)? else {
        let message = format!("{} is not an output of amx batch", path.display());
        return Err(CommandError::new(ErrorKind::LocalIo, message)
            .caused_by_words(format!("{} does not exist", side.display()))
            .hint("amx batch merge -o all.jsonl out.*.jsonl"));
    };
    if !earlier.is_done {
        let message = format!("{} is not finished", path.display());
        return Err(CommandError::new(ErrorKind::Partial, message)
            .hint("run its amx batch command again: it continues where it stopped"));
    }
    // A running job may still append to it.
    let (_lock, _) = SideFile::open(path)?;
    let form = OutputForm::read(&head.form).unwrap_or_default();
    Ok(Part {
        path: path.to_owned(),
        journal: journal_place(path, form),
        head,
    })
}

/// Checks that the parts are all shards of one job.
fn check_parts(parts: &[Part], first: &Part) -> Result<(), CommandError> {
    for part in parts {
        let mut changes = first.head.configuration.changes(&part.head.configuration);
        let (one, other) = (first.head.shard, part.head.shard);
        if one.map(|shard| shard.count) != other.map(|shard| shard.count) {
            changes.push("number of shards".to_owned());
        }
        if first.head.form != part.head.form {
            changes.push("--as".to_owned());
        }
        if !changes.is_empty() {
            let (one, other) = (first.path.display(), part.path.display());
            let message = format!("{one} and {other} are not parts of one job");
            return Err(CommandError::new(ErrorKind::Input, message)
                .caused_by_words(format!("different: {}", changes.join(", ")))
                .hint("run the shards with the same settings"));
        }
    }
    let given: Vec<Shard> = parts.iter().filter_map(|part| part.head.shard).collect();
    let count = given.first().map_or(1, |shard| shard.count);
    if given.is_empty() && parts.len() > 1 {
        let message = format!(
            "{} are whole outputs, not shards",
            plural(parts.len(), "file")
        );
        return Err(CommandError::new(ErrorKind::Input, message)
            .hint("amx batch merge -o all.jsonl FILE   (one output, its latest lines in order)"));
    }
    for index in 0..count {
        let found = given.iter().filter(|shard| shard.index == index).count();
        let shard = Shard { index, count };
        if found > 1 {
            let message = format!("shard {} is given {found} times", shard.in_name());
            return Err(CommandError::usage(message).hint("name each file once"));
        }
        if found == 0 && !given.is_empty() {
            let message = format!("shard {} is missing", shard.in_name());
            return Err(CommandError::new(ErrorKind::Partial, message)
                .hint(format!("run it first: amx batch … --shard {shard}")));
        }
    }
    Ok(())
}

/// The last line of each row, by its number.
fn places(parts: &[Part]) -> Result<Vec<LinePlace>, CommandError> {
    let mut places = Vec::new();
    let mut keys: Vec<u128> = Vec::new();
    for (index, part) in parts.iter().enumerate() {
        let mut last = last_lines(&part.journal)?;
        let (mut number, mut from) = (0, 0);
        for_each_line(&part.journal, |line, text| {
            number += 1;
            if last.is_last(line) {
                keys.extend(u128::from_str_radix(&line.key, 16));
                places.push(LinePlace {
                    row: line.row,
                    part: index,
                    number,
                    from,
                });
            }
            from += text.len() as u64;
            Ok(())
        })?;
    }
    keys.sort_unstable();
    if keys.windows(2).any(|pair| pair[0] == pair[1]) {
        let message = "two shards have a line for the same row";
        return Err(CommandError::new(ErrorKind::Input, message)
            .hint("the shards were run with different inputs: run them again"));
    }
    places.sort_by_key(|place| place.row);
    Ok(places)
}
