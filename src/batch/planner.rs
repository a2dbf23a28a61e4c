//! Turns the question of a row into a request. What the rows share is planned once.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::json;

use super::group;
use super::question::RowQuestion;
use crate::ask::failure;
use crate::ask::prepare::{PreparedRow, prepare};
use crate::ask::question::{Checks, Question, Resolved};
use crate::ask::row_request::RowContent;
use crate::ask::{schema_source, tools};
use crate::attachments::{estimated_tokens, row_file};
use crate::chat::message::{ContentPart, Message, Role};
use crate::chat::schema::{Schema, Way};
use crate::config::options::Remark;
use crate::config::{ConfigFile, Overrides, SchemaChoice, Settings};
use crate::ports::equipment::Equipment;
use crate::ports::error::{CommandError, ErrorKind};

/// Most settings that are kept planned.
const MOST_PLANNED: usize = 256;

/// What a row may set beside its question.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub(crate) struct RowSettings {
    pub model: Option<String>,
    pub system: Option<String>,
    pub schema: Option<String>,
    /// Of the body of a row.
    pub fallback_models: Option<Vec<String>>,
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
    planned: HashMap<(RowSettings, bool), PreparedRow>,
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
        mut question: RowQuestion,
        own: RowSettings,
    ) -> Result<PreparedRow, CommandError> {
        if let (Some(path), RowContent::Messages(messages)) =
            (&question.file, &mut question.content)
            && let Some(last) = messages.last_mut()
        {
            last.content.push(row_file::attachment(path)?.part);
        }
        let base = self.base(own, false)?;
        let (checks, equipment) = (self.checks, &self.equipment);
        Ok(self.planned[&base].with_row(&question.content, checks, equipment))
    }

    /// A request with these settings and without a question.
    ///
    /// # Errors
    /// When the settings are invalid.
    pub(crate) fn shape(&mut self, own: RowSettings) -> Result<PreparedRow, CommandError> {
        let base = self.base(own, false)?;
        let nothing = RowContent::Messages(Vec::new());
        let (checks, equipment) = (self.checks, &self.equipment);
        Ok(self.planned[&base].with_row(&nothing, checks, equipment))
    }

    /// The request that all rows share.
    ///
    /// # Errors
    /// When the settings are invalid.
    pub(crate) fn shared(&mut self) -> Result<PreparedRow, CommandError> {
        self.shape(RowSettings::default())
    }

    /// The request of a group; `items` are its questions.
    ///
    /// # Errors
    /// As [`plan`](Self::plan).
    pub(crate) fn plan_group(
        &mut self,
        items: &[String],
        own: RowSettings,
    ) -> Result<PreparedRow, CommandError> {
        let base = self.base(own, true)?;
        let content = RowContent::Messages(vec![Message::text(Role::User, group::prompt(items))]);
        let (checks, equipment) = (self.checks, &self.equipment);
        Ok(self.planned[&base].with_row(&content, checks, equipment))
    }

    /// Checks the settings that all rows share. Returns their remarks.
    ///
    /// # Errors
    /// When no row can be asked with them, or with `is_group` the model supports no schemas.
    pub(crate) fn check(&self, is_group: bool) -> Result<Vec<Remark>, CommandError> {
        let prepared = self.prepare(&RowSettings::default(), is_group)?.allowed()?;
        let form = prepared.first().and_then(|first| first.form.as_ref());
        if is_group && !self.checks.force && form.is_some_and(|form| form.way == Way::Instructions)
        {
            let model = &self.settings.model.value;
            let message = format!("{model} does not support schemas, which --group needs");
            return Err(CommandError::usage(message)
                .hint("choose another model: amx models --can schema")
                .hint("--force   (asks all the same)"));
        }
        let mut remarks = prepared.remarks;
        remarks.extend(tools::unused(&self.settings, "rows are asked"));
        Ok(remarks)
    }

    /// Plans the settings of a row, unless they are planned already.
    fn base(
        &mut self,
        own: RowSettings,
        is_group: bool,
    ) -> Result<(RowSettings, bool), CommandError> {
        let learned = self.learned.load(Ordering::Acquire);
        if learned != self.planned_at || self.planned.len() >= MOST_PLANNED {
            self.planned.clear();
            self.planned_at = learned;
        }
        let base = (own, is_group);
        if !self.planned.contains_key(&base) {
            let prepared = self.prepare(&base.0, is_group)?;
            self.planned.insert(base.clone(), prepared);
        }
        Ok(base)
    }

    fn prepare(&self, own: &RowSettings, is_group: bool) -> Result<PreparedRow, CommandError> {
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
        if let Some(models) = &own.fallback_models {
            overrides.body.insert("models".to_owned(), json!(models));
        }
        let environment = &self.equipment.environment;
        let is_own = *own != RowSettings::default();
        let mut settings = if is_own {
            Settings::resolve(&overrides, environment, &self.config)?
        } else {
            self.settings.clone()
        };
        if own.fallback_models.is_some() && settings.entry.is_openrouter {
            // That of the profile says nothing about them.
            settings.price = None;
        }
        if settings.is_unconfigured() && !self.equipment.is_replaying() {
            return Err(failure::no_key(&settings));
        }
        let schema = match &own.schema {
            Some(_) => schema_source::of(&settings, &self.equipment)?.map(Arc::new),
            None => self.schema.clone(),
        };
        let schema = if is_group {
            Some(Arc::new(group_schema(schema.as_deref())?))
        } else {
            schema
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

/// The schema of the answers of a group.
fn group_schema(answer: Option<&Schema>) -> Result<Schema, CommandError> {
    Schema::new("items", group::schema(answer), false).map_err(|fault| {
        let message = "the schema cannot be used for groups";
        CommandError::new(ErrorKind::Input, message)
            .caused_by_words(fault.what)
            .hint("ask without --group")
    })
}
