//! The input of a batch: files of rows in one of several formats, read one row after the other.

mod csv_rows;
mod json_rows;
mod line_rows;
mod lines;
mod reader;

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::Value;

use self::reader::{BUFFER, FileFault, LONGEST_ROW, RowReader};
use super::row::{Place, Row, RowDigest};
use crate::ports::error::{CommandError, ErrorKind};
use crate::ports::files::quoted;

/// Stdin in place of a file.
pub(crate) const STDIN: &str = "-";

/// How rows are written in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum InputFormat {
    /// A JSON object a line.
    JsonLines,
    /// The lines of OpenAI's batch API.
    OpenAi,
    Csv,
    Tsv,
    /// Plain text, a row a line.
    Lines,
}

/// Names, as `--from` has them.
pub(crate) const FORMATS: &[(&str, InputFormat)] = &[
    ("jsonl", InputFormat::JsonLines),
    ("openai", InputFormat::OpenAi),
    ("csv", InputFormat::Csv),
    ("tsv", InputFormat::Tsv),
    ("lines", InputFormat::Lines),
];

/// Extensions that decide the format.
const EXTENSIONS: &[(&str, InputFormat)] = &[
    ("jsonl", InputFormat::JsonLines),
    ("ndjson", InputFormat::JsonLines),
    ("csv", InputFormat::Csv),
    ("tsv", InputFormat::Tsv),
    ("tab", InputFormat::Tsv),
];

/// Extensions of files that have to be converted first, with the command for it.
const CONVERTED: &[(&str, &str)] = &[
    ("gz", "gunzip -k"),
    ("zst", "zstd -dk"),
    ("bz2", "bunzip2 -k"),
    ("xz", "unxz -k"),
];

impl InputFormat {
    pub(crate) fn name(self) -> &'static str {
        FORMATS
            .iter()
            .find(|(_, format)| *format == self)
            .map_or("", |(name, _)| name)
    }
}

/// One file of the input.
#[derive(Debug, Clone)]
pub(crate) struct InputFile {
    pub path: Arc<PathBuf>,
    pub format: InputFormat,
}

impl InputFile {
    pub(crate) fn is_stdin(&self) -> bool {
        self.path.as_os_str() == STDIN
    }
}

/// All files of the input.
#[derive(Debug, Clone)]
pub(crate) struct Input {
    pub files: Vec<InputFile>,
}

impl Input {
    /// Finds the format of each file; `from` decides it for all of them.
    ///
    /// # Errors
    /// [`ErrorKind::Input`] for a file that is missing, no file, or of a format that must be
    /// converted first.
    pub(crate) fn open(paths: &[PathBuf], from: Option<InputFormat>) -> Result<Self, CommandError> {
        let file = |path: &PathBuf| {
            Ok(InputFile {
                format: format_of(path, from)?,
                path: Arc::new(path.clone()),
            })
        };
        Ok(Self {
            files: paths
                .iter()
                .map(file)
                .collect::<Result<_, CommandError>>()?,
        })
    }

    /// Whether it can be read more than once.
    pub(crate) fn is_repeatable(&self) -> bool {
        self.files.iter().all(|file| !file.is_stdin())
    }

    /// Whether the rows are requests of OpenAI's batch API.
    pub(crate) fn is_openai(&self) -> bool {
        self.files
            .iter()
            .any(|file| file.format == InputFormat::OpenAi)
    }

    /// The rows, in order.
    pub(crate) fn rows(&self) -> Rows {
        Rows {
            files: self.files.clone().into_iter(),
            current: None,
            number: 0,
        }
    }
}

/// The rows of all files.
pub(crate) struct Rows {
    files: std::vec::IntoIter<InputFile>,
    current: Option<(Arc<PathBuf>, Box<dyn RowReader + Send>)>,
    number: u64,
}

impl Rows {
    /// The next row; `None` after the last one.
    ///
    /// # Errors
    /// [`ErrorKind::Input`] when a file cannot be read, or is not of its format.
    pub(crate) fn next(&mut self) -> Result<Option<Row>, CommandError> {
        loop {
            let Some((path, reader)) = &mut self.current else {
                let Some(file) = self.files.next() else {
                    return Ok(None);
                };
                self.current = Some((Arc::clone(&file.path), reader(&file)?));
                continue;
            };
            match reader.next() {
                Ok(Some(raw)) => {
                    let number = self.number;
                    self.number += 1;
                    let digest = match (&raw.values, raw.digest) {
                        (Ok(values), _) => RowDigest::of(values),
                        (Err(_), digest) => digest.unwrap_or(RowDigest([0; 16])),
                    };
                    return Ok(Some(Row {
                        number,
                        place: Place {
                            file: Arc::clone(path),
                            line: raw.line,
                        },
                        values: raw.values,
                        digest,
                    }));
                }
                Ok(None) => self.current = None,
                Err(fault) => return Err(unreadable(path, fault)),
            }
        }
    }
}

fn unreadable(path: &Path, fault: FileFault) -> CommandError {
    match fault {
        FileFault::Io(source) => CommandError::new(
            ErrorKind::Input,
            format!("{} cannot be read", path.display()),
        )
        .caused_by(source)
        .hint("check the file and its permissions"),
        FileFault::Form { line, what, hint } => {
            let message = format!("{}:{line}: {what}", path.display());
            let hint =
                hint.unwrap_or_else(|| "correct the file, then run the command again".to_owned());
            CommandError::new(ErrorKind::Input, message).hint(hint)
        }
    }
}

/// Opens a file.
fn source(file: &InputFile) -> Result<Box<dyn Read + Send>, CommandError> {
    if file.is_stdin() {
        return Ok(Box::new(std::io::stdin()));
    }
    let opened = File::open(&*file.path).map_err(|error| unreadable(&file.path, error.into()))?;
    Ok(Box::new(opened))
}

fn reader(file: &InputFile) -> Result<Box<dyn RowReader + Send>, CommandError> {
    let source = source(file)?;
    let buffered = BufReader::with_capacity(BUFFER, source);
    Ok(match file.format {
        InputFormat::JsonLines => Box::new(json_rows::JsonRows::new(buffered, false)),
        InputFormat::OpenAi => Box::new(json_rows::JsonRows::new(buffered, true)),
        InputFormat::Lines => Box::new(line_rows::LineRows::new(buffered)),
        InputFormat::Csv => Box::new(csv_rows::CsvRows::new(buffered, b',')),
        InputFormat::Tsv => Box::new(csv_rows::CsvRows::new(buffered, b'\t')),
    })
}

/// The format of a file, by `--from`, its extension and its first line.
fn format_of(path: &Path, from: Option<InputFormat>) -> Result<InputFormat, CommandError> {
    if path.as_os_str() == STDIN {
        return Ok(from.unwrap_or(InputFormat::Lines));
    }
    let metadata = std::fs::metadata(path).map_err(|error| unreadable(path, error.into()))?;
    if metadata.is_dir() {
        let message = format!("{} is a folder", path.display());
        return Err(CommandError::new(ErrorKind::Input, message)
            .hint(format!("amx batch {}/*.jsonl …", quoted(path))));
    }
    // It is read more than once, and a device or a pipe without a writer never ends.
    if !metadata.is_file() {
        let message = format!("{} is not a regular file", path.display());
        return Err(CommandError::new(ErrorKind::Input, message)
            .hint(format!("… | amx batch {STDIN} …   (reads stdin)")));
    }
    let extension = path
        .extension()
        .map(|extension| extension.to_string_lossy().to_lowercase())
        .unwrap_or_default();
    if let Some((_, command)) = CONVERTED.iter().find(|(name, _)| *name == extension) {
        let message = format!("{} is compressed", path.display());
        return Err(CommandError::new(ErrorKind::Input, message)
            .hint(format!("{command} {}", quoted(path))));
    }
    if let Some(from) = from {
        return Ok(from);
    }
    if extension == "json" {
        let message = format!("{} is one JSON document, not a row a line", path.display());
        return Err(CommandError::new(ErrorKind::Input, message)
            .hint(format!("jq -c '.[]' {} > rows.jsonl", quoted(path)))
            .hint("--from jsonl   (when it is a JSON object a line after all)"));
    }
    if extension == "parquet" {
        let message = format!("{} is a Parquet file", path.display());
        return Err(CommandError::new(ErrorKind::Input, message).hint(format!(
            "duckdb -c \"COPY (FROM '{}') TO 'rows.jsonl'\"",
            path.display()
        )));
    }
    let by_name = EXTENSIONS.iter().find(|(name, _)| *name == extension);
    let format = by_name.map_or(InputFormat::Lines, |(_, format)| *format);
    if format == InputFormat::JsonLines && starts_as_openai(path) {
        return Ok(InputFormat::OpenAi);
    }
    Ok(format)
}

/// Whether the first row is a request of OpenAI's batch API. A pipe cannot be read twice.
fn starts_as_openai(path: &Path) -> bool {
    let is_file = std::fs::metadata(path).is_ok_and(|metadata| metadata.is_file());
    let Some(file) = is_file.then(|| File::open(path).ok()).flatten() else {
        return false;
    };
    let mut line = Vec::new();
    let most = LONGEST_ROW as u64;
    if BufReader::new(file.take(most))
        .read_until(b'\n', &mut line)
        .is_err()
    {
        return false;
    }
    let line = line.strip_prefix(lines::BOM).unwrap_or(&line);
    serde_json::from_slice::<Value>(line).is_ok_and(|value| json_rows::is_request(&value))
}
