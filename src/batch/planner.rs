//! Turns the question of a row into a request. What the rows share is planned once.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::question::RowQuestion;
use crate::ask::failure;
use crate::ask::prepare::{PreparedRow, prepare};
use crate::ask::question::{Checks, Question, Resolved};
use crate::ask::schema_source;
use crate::attachments::estimated_tokens;
use crate::chat::message::ContentPart;
use crate::chat::schema::Schema;
use crate::config::options::Remark;
use crate::config::{ConfigFile, Overrides, SchemaChoice, Settings};
use crate::ports::equipment::Equipment;
use crate::ports::error::CommandError;

/// Most settings that are kept planned.
const MOST_PLANNED: usize = 256;

/// What a row may set beside its question.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub(crate) struct RowSettings {
    pub model: Option<String>,
    pub system: Option<String>,
    pub schema: Option<String>,
}

/// Plans rows.
pub(crate) struct Planner {
    pub overrides: Overrides,
    pub config: ConfigFile,
    pub settings: Settings,
    pub schema: Option<Arc<Schema>>,
    pub checks: Checks,
    pub stream: bool,
    pub equipment: Equipment,
    planned: HashMap<RowSettings, PreparedRow>,
    /// How often a server refused what amx adds by itself: then everything is planned again.
    learned: Arc<AtomicUsize>,
    planned_at: usize,
}

impl Planner {
    /// # Errors
    /// When the schema cannot be read.
    pub(crate) fn new(
        overrides: Overrides,
        config: ConfigFile,
        settings: Settings,
        checks: Checks,
        stream: bool,
        equipment: &Equipment,
    ) -> Result<Self, CommandError> {
        Ok(Self {
            schema: schema_source::of(&settings, equipment)?.map(Arc::new),
            overrides,
            config,
            settings,
            checks,
            stream,
            equipment: equipment.clone(),
            planned: HashMap::new(),
            learned: Arc::default(),
            planned_at: 0,
        })
    }

    /// The counter to increase when a server refused what amx adds by itself.
    pub(crate) fn learned(&self) -> Arc<AtomicUsize> {
        Arc::clone(&self.learned)
    }

    /// The request of a row.
    ///
    /// # Errors
    /// When its settings are invalid. A failed check is in the request itself.
    pub(crate) fn plan(
        &mut self,
        question: RowQuestion,
        mut own: RowSettings,
    ) -> Result<PreparedRow, CommandError> {
        own.system = own.system.or(question.system);
        let base = self.base(own)?;
        let (checks, equipment) = (self.checks, &self.equipment);
        Ok(self.planned[&base].with_row(&question.content, checks, equipment))
    }

    /// Checks the settings that all rows share. Returns their remarks.
    ///
    /// # Errors
    /// When no row can be asked with them.
    pub(crate) fn check(&self) -> Result<Vec<Remark>, CommandError> {
        let prepared = self.prepare(&RowSettings::default())?;
        Ok(prepared.allowed()?.remarks)
    }

    /// Plans the settings of a row, unless they are planned already.
    fn base(&mut self, own: RowSettings) -> Result<RowSettings, CommandError> {
        let learned = self.learned.load(Ordering::Acquire);
        if learned != self.planned_at || self.planned.len() >= MOST_PLANNED {
            self.planned.clear();
            self.planned_at = learned;
        }
        if !self.planned.contains_key(&own) {
            let prepared = self.prepare(&own)?;
            self.planned.insert(own.clone(), prepared);
        }
        Ok(own)
    }

    fn prepare(&self, own: &RowSettings) -> Result<PreparedRow, CommandError> {
        let mut overrides = self.overrides.clone();
        if own.model.is_some() {
            overrides.model.clone_from(&own.model);
        }
        if let Some(schema) = &own.schema {
            overrides.schema = Some(SchemaChoice::one(schema.clone()));
        }
        if own.system.is_some() {
            overrides.system.clone_from(&own.system);
        }
        let environment = &self.equipment.environment;
        let is_own = *own != RowSettings::default();
        let settings = if is_own {
            Settings::resolve(&overrides, environment, &self.config)?
        } else {
            self.settings.clone()
        };
        if settings.is_unconfigured() && !self.equipment.is_replaying() {
            return Err(failure::no_key(&settings));
        }
        let schema = match &own.schema {
            Some(_) => schema_source::of(&settings, &self.equipment)?.map(Arc::new),
            None => self.schema.clone(),
        };
        let question = Question {
            parts: vec![ContentPart::Text(String::new().into())],
            stream: self.stream,
            schema,
            ..Question::default()
        };
        let resolved = Resolved {
            settings: &settings,
            overrides: &overrides,
            config: &self.config,
        };
        let prepared = prepare(&resolved, question, self.checks, &self.equipment)?;
        let mut prepared = prepared.without_tools();
        // One search for the key, for all rows.
        if let Some(first) = self.planned.values().next() {
            prepared.share_keys(first);
        }
        Ok(prepared)
    }
}

/// The estimated tokens of a prompt.
pub(crate) fn prompt_tokens(prepared: &PreparedRow) -> u64 {
    let messages = prepared.first().map(|first| &first.target.request.messages);
    let parts = messages
        .into_iter()
        .flatten()
        .flat_map(|message| &message.content);
    let tokens = parts.map(|part| match part {
        ContentPart::Text(text) => estimated_tokens(text),
        _ => 0,
    });
    tokens.sum()
}
