//! The context of a command: the equipment and the two ports.

use std::collections::BTreeSet;

use super::equipment::Equipment;
use super::error::CommandError;
use super::input::Input;
use super::output::{Output, ThemeChange};
use crate::config::options::Remark;
use crate::config::{ConfigError, ConfigFile, Home};

/// Created for each run. Files are read only when a command needs them.
pub struct Context<'a> {
    pub equipment: Equipment,
    pub output: &'a mut dyn Output,
    pub input: &'a mut dyn Input,
    /// Warnings of the configuration that were shown.
    pub warned: BTreeSet<String>,
}

impl Context<'_> {
    /// As [`Equipment::home`].
    ///
    /// # Errors
    /// As there.
    pub fn home(&self) -> Result<Home, CommandError> {
        self.equipment.home()
    }

    /// The configuration; its warnings are shown, each once. Without a home it is empty.
    ///
    /// # Errors
    /// When it cannot be read or is not valid.
    pub fn config(&mut self) -> Result<ConfigFile, CommandError> {
        let config = match Home::find(&self.equipment.environment) {
            Ok(home) => ConfigFile::load(&home)?,
            // A user ID without a home, as in some containers: the environment may say enough.
            Err(ConfigError::NoHome) => ConfigFile::without_home()?,
            Err(error) => return Err(error.into()),
        };
        self.output.theme(ThemeChange::Configured(config.theme));
        self.output.window(config.window);
        for warning in &config.warnings {
            if self.warned.insert(warning.clone()) {
                self.output.warning(warning);
            }
        }
        Ok(config)
    }

    /// Columns for a table on stdout. In a pipe a table has its natural width: what is cut off
    /// there cannot be searched.
    pub fn table_width(&self) -> usize {
        if self.output.is_terminal() {
            self.output.width()
        } else {
            usize::MAX
        }
    }

    /// Shows remarks, each once.
    pub fn remark<'r>(&mut self, remarks: impl IntoIterator<Item = &'r Remark>) {
        let mut shown = BTreeSet::new();
        for remark in remarks {
            match remark {
                Remark::Note(text) if shown.insert(text) => self.output.note(text),
                Remark::Warning(text) if shown.insert(text) => self.output.warning(text),
                _ => {}
            }
        }
    }

    /// An error without a terminal for prompts; its hint is the flags to use instead.
    ///
    /// # Errors
    /// [`super::ErrorKind::Usage`] without a terminal.
    pub fn require_terminal(&self, command: &str, flags: &str) -> Result<(), CommandError> {
        if self.input.can_ask() {
            return Ok(());
        }
        Err(CommandError::usage(format!("{command} needs a terminal for its prompts")).hint(flags))
    }

    /// The result of a command: the first error, with the other one as a warning before it.
    ///
    /// # Errors
    /// The first of the two that is one.
    pub fn first_of(
        &mut self,
        first: Option<CommandError>,
        other: Option<CommandError>,
    ) -> Result<(), CommandError> {
        match (first, other) {
            (Some(first), other) => {
                if let Some(other) = other {
                    self.output.warning(&other.message);
                }
                Err(first)
            }
            (None, other) => other.map_or(Ok(()), Err),
        }
    }
}
