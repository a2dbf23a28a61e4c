//! The servers in the files of other programs, and what becomes of each.

use std::path::Path;

use crate::commands::mcp::args::ImportArgs;
use crate::config::home::user_home;
use crate::config::mcp_draft::{Answers, ServerDraft};
use crate::config::mcp_import::{
    self, ImportInput, Imported, Outcome, SourceFile, codex_block, known_files, source_of, with_id,
};
use crate::platform::paths::shown_below;
use crate::ports::error::{CommandError, ErrorKind};
use crate::wire::files;

/// Largest file read, in bytes: that of Claude Code has the history of all projects.
const LARGEST: u64 = 64 * 1024 * 1024;

/// All that was found.
#[derive(Default)]
pub(super) struct Found {
    /// Each file by program and path, as it is shown.
    pub files: Vec<String>,
    /// What each file asks for.
    pub inputs: Vec<Vec<ImportInput>>,
    pub candidates: Vec<Candidate>,
    /// Blocks to copy.
    pub blocks: Vec<String>,
}

/// A server of a file.
pub(super) struct Candidate {
    /// Index of its file.
    pub file: usize,
    pub server: Imported,
    pub state: State,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum State {
    Ready,
    /// In words that follow the name.
    Refused(String),
    TurnedOff,
    /// A file before this one has it.
    Twice,
    AlreadyThere,
    Declined,
    /// It is in a block to copy.
    Printed,
}

impl Candidate {
    pub(super) fn is_ready(&self) -> bool {
        self.state == State::Ready
    }

    pub(super) fn draft(&self) -> Option<&ServerDraft> {
        match &self.server.outcome {
            Outcome::Draft(draft) => Some(draft),
            _ => None,
        }
    }

    /// Its name in amx; that of the other program where it has none.
    pub(super) fn name(&self) -> &str {
        self.draft().map_or(&self.server.name, |draft| &draft.name)
    }

    /// Its secrets as settings with variables.
    pub(super) fn secret_settings(&self) -> Vec<String> {
        let written = self.draft().and_then(|draft| {
            draft
                .written(&Answers::new(), &|entry| format!("${{{entry}}}"))
                .ok()
        });
        let (_, secrets) = written.unwrap_or_default();
        secrets
            .iter()
            .map(|secret| {
                let plain = |c: char| if c.is_ascii_alphanumeric() { c } else { '_' };
                let name: String = secret.entry.to_uppercase().chars().map(plain).collect();
                format!("{}: ${{{name}}}", secret.entry)
            })
            .collect()
    }
}

impl Found {
    pub(super) fn ready(&self) -> impl Iterator<Item = &Candidate> {
        self.candidates
            .iter()
            .filter(|candidate| candidate.is_ready())
    }

    /// Names and reasons.
    pub(super) fn refused(&self) -> impl Iterator<Item = (&str, &str)> {
        self.candidates
            .iter()
            .filter_map(|candidate| match &candidate.state {
                State::Refused(why) => Some((candidate.name(), why.as_str())),
                _ => None,
            })
    }

    fn add(&mut self, source: &SourceFile, text: &str) -> Result<(), String> {
        let home = user_home();
        let read = mcp_import::read(source, text, home.as_deref())?;
        if read.servers.is_empty() {
            return Ok(());
        }
        let file = self.files.len();
        let path = shown_below(home.as_deref(), &source.path);
        self.files.push(format!("{}, {path}", source.program.title));
        self.inputs.push(read.inputs);
        if source.program.is_toml {
            self.blocks.extend(codex_block(&read.servers));
        }
        for server in read.servers {
            let state = self.state_of(&server, source);
            self.candidates.push(Candidate {
                file,
                server,
                state,
            });
        }
        Ok(())
    }

    fn state_of(&self, server: &Imported, source: &SourceFile) -> State {
        let draft = match &server.outcome {
            Outcome::Refused(why) => return State::Refused(why.clone()),
            Outcome::TurnedOff => return State::TurnedOff,
            Outcome::Draft(_) if source.program.is_toml => return State::Printed,
            Outcome::Draft(draft) => draft,
        };
        let is_of_name = |other: &&Candidate| {
            other.state == State::Ready && other.draft().is_some_and(|one| one.name == draft.name)
        };
        match self.candidates.iter().find(is_of_name) {
            None => State::Ready,
            Some(other) if other.draft() == Some(&**draft) => State::Twice,
            Some(other) => State::Refused(format!(
                "has the name of another server, of {}",
                self.files[other.file]
            )),
        }
    }
}

/// The servers of the named file, or of all files that exist.
///
/// # Errors
/// A named file cannot be read.
pub(super) fn search(args: &ImportArgs) -> Result<Found, CommandError> {
    let (home, folder) = (user_home(), std::env::current_dir().ok());
    let (home, folder) = (home.as_deref(), folder.as_deref());
    let program = args.from.as_deref().and_then(with_id);
    let mut found = Found::default();
    if let Some(path) = &args.file {
        let path = folder.map_or_else(|| path.clone(), |folder| folder.join(path));
        let text = files::read_text(&path, LARGEST).map_err(|source| {
            let shown = shown_below(home, &path);
            CommandError::new(ErrorKind::Input, format!("{shown} cannot be read"))
                .caused_by(source)
                .hint("amx mcp import   (looks for the files of all programs)")
        })?;
        let source = source_of(&path, &text, program, home, folder);
        found
            .add(&source, &text)
            .map_err(|why| unreadable(home, &path, &why))?;
        return Ok(found);
    }
    for source in known_files(home, folder) {
        if program.is_some_and(|program| program.id != source.program.id) {
            continue;
        }
        let Ok(text) = files::read_text(&source.path, LARGEST) else {
            continue;
        };
        // Settings that are not about servers are nobody's business here.
        if let Err(why) = found.add(&source, &text)
            && program.is_some()
        {
            return Err(unreadable(home, &source.path, &why));
        }
    }
    Ok(found)
}

fn unreadable(home: Option<&Path>, path: &Path, why: &str) -> CommandError {
    CommandError::new(
        ErrorKind::Input,
        format!("{} {why}", shown_below(home, path)),
    )
    .hint("amx mcp import FILE --from PROGRAM")
}
