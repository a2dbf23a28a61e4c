//! What a conversation consists of while it goes on.

use super::completion::{Known, SlashCompleter};
use crate::ask::question::{Checks, Resolved};
use crate::ask::session::{Session, SessionPlace};
use crate::ask::{model_list, remembered};
use crate::attachments::{self, Attachment};
use crate::chat::cost::Spent;
use crate::chat::message::ContentPart;
use crate::commands::arguments::ask::AskArgs;
use crate::commands::opened::Opened;
use crate::config::{ConfigFile, Overrides, Settings, defaults};
use crate::ports::context::Context;
use crate::ports::error::{CommandError, ErrorKind};
use crate::ports::input::{EditorOptions, LineEditor, PromptEntry};
use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde::de::IgnoredAny;
use serde_json::Value;

/// What comes after an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    Prompt,
    Leave,
}

/// Settings, turns and prompt of one conversation.
pub struct Conversation {
    /// What flags and slash commands decide; the strongest layer of the settings.
    pub overrides: Overrides,
    pub config: ConfigFile,
    pub settings: Settings,
    pub session: Session,
    /// What summaries cost: they are no turns.
    pub spent_beside: Spent,
    /// What is sent along with the next question.
    pub attached: Vec<Attachment>,
    pub is_multiline: bool,
    pub form: FormArgs,
    /// Profiles whose settings have been warned about, and notes that were made.
    pub warned: BTreeSet<String>,
    editor: Box<dyn LineEditor>,
    known: Arc<Mutex<Known>>,
}

/// The flags that hold for every answer.
#[derive(Debug, Clone, Copy)]
pub struct FormArgs {
    pub raw: bool,
    pub streams: bool,
    pub strict: bool,
    pub force: bool,
    pub limit: Option<Duration>,
}

impl FormArgs {
    /// How strict the checks before a question are.
    pub fn checks(&self) -> Checks {
        Checks {
            strict: self.strict,
            force: self.force,
        }
    }
}

impl Conversation {
    pub fn open(
        args: &AskArgs,
        opened: Opened,
        context: &mut Context<'_>,
    ) -> Result<Self, CommandError> {
        let Opened {
            overrides,
            config,
            settings,
            session,
            ..
        } = opened;
        let session = session.unwrap_or_else(|| Session::new(SessionPlace::Memory, None));
        let known = Arc::new(Mutex::new(Known::default()));
        let history = context
            .home()
            .ok()
            .filter(|_| session.is_lasting())
            .map(|home| home.history_file());
        let completer = SlashCompleter::new(Arc::clone(&known), context.home().ok());
        let options = EditorOptions {
            history,
            keys: config.keys,
            completer: Box::new(completer),
        };
        let editor = context.input.line_editor(options)?;
        let form = FormArgs {
            raw: args.raw,
            streams: !args.no_stream,
            strict: args.strict,
            force: args.force,
            limit: args.timeout,
        };
        let conversation = Self {
            overrides,
            config,
            settings,
            session,
            spent_beside: Spent::default(),
            attached: Vec::new(),
            is_multiline: false,
            form,
            warned: BTreeSet::new(),
            editor,
            known,
        };
        context.equipment.interrupt.continue_after_ctrl_c();
        conversation.tell_completer();
        Ok(conversation)
    }

    /// Says who is talked to, and what was said last when a conversation goes on.
    pub fn greet(&mut self, context: &mut Context<'_>) -> Result<(), CommandError> {
        self.introduce(context);
        self.show_last(context)
    }

    /// Says who is talked to.
    pub fn introduce(&self, context: &mut Context<'_>) {
        let who = self.who();
        context
            .output
            .aside(&format!("{who} · /help lists the commands, Ctrl-D leaves"));
    }

    /// Shows the last exchange of a conversation that is gone on with.
    pub fn show_last(&mut self, context: &mut Context<'_>) -> Result<(), CommandError> {
        let Some(last) = self.session.path.last() else {
            return Ok(());
        };
        let turns = turns(self.session.path.len());
        let label = self
            .session
            .label()
            .map_or("this conversation".to_owned(), |label| {
                format!("conversation {label}")
            });
        context
            .output
            .aside(&format!("{label}, {turns}; the last:"));
        context.output.aside(&question_words(&last.turn.question));
        context.output.document(&as_document(&last.turn.text))?;
        if let Some(words) = crate::commands::conversation::slash::state_words(&last.turn) {
            context.output.note(&format!("{words}; /retry asks again"));
        }
        Ok(())
    }

    /// Profile and model, as they are called on the prompt's first line.
    pub fn who(&self) -> String {
        let model = &self.settings.model.value;
        match self.settings.profile.value.as_str() {
            defaults::UNNAMED_PROFILE => format!("{model} at {}", self.settings.entry.name),
            profile if self.settings.is_foreign => {
                format!("{profile} · {model} at {}", self.settings.entry.name)
            }
            profile => format!("{profile} · {model}"),
        }
    }

    /// The settings, and what profiles to fall back to are resolved from.
    pub fn resolved(&self) -> Resolved<'_> {
        Resolved {
            settings: &self.settings,
            overrides: &self.overrides,
            config: &self.config,
        }
    }

    /// How the conversation is set up, for when it is resumed.
    pub fn remembered(&self) -> Value {
        remembered::to_remember(&self.overrides, &self.settings)
    }

    pub fn read(&mut self) -> Result<PromptEntry, CommandError> {
        let prompt = match self.settings.profile.value.as_str() {
            defaults::UNNAMED_PROFILE => "amx".to_owned(),
            profile => profile.to_owned(),
        };
        let attached = if self.attached.is_empty() {
            String::new()
        } else {
            format!(" +{}", self.attached.len())
        };
        Ok(self.editor.read(&format!("{prompt}{attached}"))?)
    }

    pub fn editor(&mut self) -> &mut dyn LineEditor {
        self.editor.as_mut()
    }

    /// Takes what is to be sent with the next question, as far as there is room for it.
    pub fn attach(&mut self, more: Vec<Attachment>) -> Result<(), CommandError> {
        let mut attached = self.attached.clone();
        attachments::add(&mut attached, more);
        attachments::check(&attached)?;
        self.attached = attached;
        Ok(())
    }

    /// The question with what is attached to it. It stays attached until the question is sent.
    pub fn with_attached(&self, question: ContentPart) -> Vec<ContentPart> {
        std::iter::once(question)
            .chain(self.attached.iter().map(|attached| attached.part.clone()))
            .collect()
    }

    /// Takes over changed overrides; when they do not hold, everything stays as it was.
    pub fn change(
        &mut self,
        context: &mut Context<'_>,
        change: impl FnOnce(&mut Overrides),
    ) -> Result<(), CommandError> {
        let mut overrides = self.overrides.clone();
        change(&mut overrides);
        self.settings =
            Settings::resolve(&overrides, &context.equipment.environment, &self.config)?;
        self.overrides = overrides;
        let remembered = self.remembered();
        self.session.remember(remembered);
        self.tell_completer();
        Ok(())
    }

    /// Reads the configuration again, after something changed it.
    pub fn reload(&mut self, context: &mut Context<'_>) -> Result<(), CommandError> {
        self.config = context.config()?;
        self.change(context, |_| ())
    }

    /// Goes on with another conversation, new or stored. An error when this one is not stored.
    pub fn replace(&mut self, session: Session) -> Result<(), CommandError> {
        self.session.settle().map_err(|error| {
            CommandError::from(error).hint("/save FILE   (writes this conversation to a file)")
        })?;
        self.session = session;
        self.spent_beside = Spent::default();
        self.tell_completer();
        Ok(())
    }

    /// Where conversations are kept in this run.
    pub fn place(&self, context: &Context<'_>) -> SessionPlace {
        match context.home() {
            Ok(home) if self.session.is_lasting() => SessionPlace::Home(home),
            _ => SessionPlace::Memory,
        }
    }

    fn tell_completer(&self) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.profiles = self
            .config
            .profiles
            .iter()
            .map(|(name, profile)| (name.clone(), profile.model.clone().unwrap_or_default()))
            .collect();
        known.server = model_list::server_name(&self.settings.base_url.value);
        let configured = self
            .config
            .profiles
            .values()
            .filter_map(|profile| profile.model.clone());
        let used = self
            .session
            .path
            .iter()
            .map(|kept| kept.turn.requested_model.clone());
        known.models.extend(
            configured
                .chain(used)
                .chain([self.settings.model.value.clone()]),
        );
    }

    /// Model ids that were seen in this run, for completion.
    pub fn learn_models(&self, models: impl IntoIterator<Item = String>) {
        self.known
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .models
            .extend(models);
    }

    /// The models that may be chosen without typing an id.
    pub fn known_models(&self) -> Vec<String> {
        self.known
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .models
            .iter()
            .cloned()
            .collect()
    }

    /// What the whole conversation cost.
    pub fn spent(&self) -> Spent {
        self.session.spent().and(self.spent_beside)
    }

    /// The end: tells how to come back, and what could not be stored.
    pub fn take_leave(&mut self, context: &mut Context<'_>) -> Result<(), CommandError> {
        if let Some(error) = self.session.trouble()
            && self.session.unstored() > 0
        {
            let error = CommandError::new(
                ErrorKind::LocalIo,
                format!(
                    "{} of the turns could not be stored: {error}",
                    self.session.unstored()
                ),
            );
            return Err(error.hint("check the disk, and the rights of ~/.amx"));
        }
        if let Some(label) = self.session.label() {
            context.output.aside(&format!(
                "amx chat --session {} goes on with this",
                shlex::try_quote(&label).unwrap_or_default()
            ));
        }
        Ok(())
    }
}

/// An answer that was data is no Markdown: it is shown as code.
fn as_document(text: &str) -> Cow<'_, str> {
    let is_data = text.starts_with(['{', '[']) && serde_json::from_str::<IgnoredAny>(text).is_ok();
    if is_data {
        Cow::Owned(format!("```json\n{text}\n```"))
    } else {
        Cow::Borrowed(text)
    }
}

/// `1 turn`, `2 turns`.
pub fn turns(count: usize) -> String {
    format!("{count} turn{}", if count == 1 { "" } else { "s" })
}

/// A question as it is shown again: its own text, and how much was attached.
pub fn question_words(question: &[ContentPart]) -> String {
    let text = match question.first() {
        Some(ContentPart::Text(text)) => text.as_str(),
        _ => "",
    };
    match question.len().saturating_sub(1) {
        0 => format!("› {text}"),
        attached => format!("› {text}  +{attached}"),
    }
}
