//! The state of a running conversation.

use super::completion::{CompletionNames, SlashCompleter};
use super::hints;
use super::menus::ConversationMenus;
use super::title_request::SessionTitle;
use crate::ask::question::{Checks, Resolved};
use crate::ask::session::{Session, SessionStorage};
use crate::ask::session_settings;
use crate::ask::tools::ToolSession;
use crate::attachments::Attachment;
use crate::chat::cost::Spent;
use crate::chat::message::ContentPart;
use crate::commands::arguments::ask::AskArgs;
use crate::commands::chat_setup::ChatSetup;
use crate::config::{ConfigFile, Overrides, Settings, defaults};
use crate::platform::system::System;
use crate::ports::context::Context;
use crate::ports::entered_text::EnteredText;
use crate::ports::error::{CommandError, ErrorKind};
use crate::ports::input::{EditorOptions, LineEditor, PromptEntry};
use crate::present::text::as_document;
use std::collections::BTreeSet;
use std::rc::Rc;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::Value;

/// What follows an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Next {
    Prompt,
    Leave,
}

/// Settings, turns and prompt of one conversation.
pub(crate) struct Conversation {
    /// The values of flags and slash commands, the strongest layer of the settings.
    pub overrides: Overrides,
    pub config: ConfigFile,
    pub settings: Settings,
    pub session: Session,
    /// What runs the calls of tools.
    pub tools: Rc<ToolSession>,
    /// The cost of summaries and rejected alternatives, which are not turns.
    pub extra_spent: Spent,
    /// What was entered last, for commands whose argument is a question with mentions.
    pub entry: EnteredText,
    /// Attachments of the next question.
    pub attached: Vec<Attachment>,
    /// The number of questions sent in this run.
    pub sent: usize,
    pub is_multiline: bool,
    pub form: FormArgs,
    /// Notes and warnings that have been shown.
    pub shown_remarks: BTreeSet<String>,
    pub(super) title: SessionTitle,
    editor: Box<dyn LineEditor>,
    pub(super) names: Arc<Mutex<CompletionNames>>,
}

/// The flags for every answer.
#[derive(Debug, Clone, Copy)]
pub(crate) struct FormArgs {
    pub raw: bool,
    pub streams: bool,
    pub strict: bool,
    pub force: bool,
    pub limit: Option<Duration>,
}

impl FormArgs {
    /// How strict the checks before a question are.
    pub(crate) fn checks(&self) -> Checks {
        Checks {
            strict: self.strict,
            force: self.force,
            is_conversation: true,
            is_dry_run: false,
        }
    }
}

impl Conversation {
    /// A conversation with these settings, at its prompt.
    ///
    /// # Errors
    /// When the line editor cannot be opened.
    pub(crate) fn open(
        args: &AskArgs,
        setup: ChatSetup,
        context: &mut Context<'_>,
    ) -> Result<Self, CommandError> {
        let ChatSetup {
            overrides,
            config,
            settings,
            session,
            tools,
            ..
        } = setup;
        context.output.translate_remarks(hints::of_remark);
        let session = session.unwrap_or_else(|| Session::new(SessionStorage::Memory, None));
        let names = Arc::new(Mutex::new(CompletionNames::default()));
        let history = context
            .home()
            .ok()
            .filter(|_| session.is_saved())
            .map(|home| home.history_file());
        let home = context.home().ok();
        let options = EditorOptions {
            has_footer: config.has_footer,
            history,
            keys: config.keys,
            completer: Box::new(SlashCompleter::new(Arc::clone(&names), home.clone())),
            menus: Box::new(ConversationMenus::new(Arc::clone(&names), home)),
        };
        let editor = context.input.line_editor(options)?;
        let form = FormArgs {
            raw: args.raw,
            streams: !args.no_stream,
            strict: args.strict,
            force: args.force,
            limit: args.timeout,
        };
        let mut conversation = Self {
            overrides,
            config,
            settings,
            session,
            tools,
            extra_spent: Spent::default(),
            entry: EnteredText::default(),
            attached: Vec::new(),
            sent: 0,
            is_multiline: false,
            form,
            shown_remarks: BTreeSet::new(),
            title: SessionTitle::default(),
            editor,
            names,
        };
        context.equipment.interrupt.continue_after_ctrl_c();
        conversation.session.mark_used();
        conversation.update_completer(context);
        Ok(conversation)
    }

    /// Shows the target, and the last turn of a conversation that continues.
    pub(crate) fn greet(&mut self, context: &mut Context<'_>) -> Result<(), CommandError> {
        self.show_target(context);
        self.show_last(context)
    }

    /// Shows the target.
    pub(crate) fn show_target(&self, context: &mut Context<'_>) {
        let target = self.target_label();
        context
            .output
            .aside(&format!("{target} · /help for commands, Ctrl-D to leave"));
    }

    /// Shows the last turn of the branch.
    pub(crate) fn show_last(&mut self, context: &mut Context<'_>) -> Result<(), CommandError> {
        let Some(last) = self.session.path.last() else {
            return Ok(());
        };
        let turns = turns(self.session.path.len());
        let label = self
            .session
            .label()
            .map_or("Conversation".to_owned(), |label| {
                format!("Conversation {label}")
            });
        let branch = self.session.branch();
        let branch = branch.map_or(String::new(), |branch| format!(", branch '{branch}'"));
        context
            .output
            .aside(&format!("{label}{branch} ({turns}), last turn:"));
        context
            .output
            .question(&question_words(&last.turn.question));
        context.output.document(&as_document(&last.turn.text))?;
        if let Some(words) = crate::commands::conversation::slash::state_words(&last.turn) {
            context
                .output
                .note(&format!("{words}; /retry to try again"));
        }
        Ok(())
    }

    /// Profile and model: `work · a/b`, with the provider where the profile does not name it.
    pub(crate) fn target_label(&self) -> String {
        let model = &self.settings.model.value;
        match self.settings.profile.value.as_str() {
            defaults::UNNAMED_PROFILE => format!("{model} at {}", self.settings.entry.name),
            profile if self.settings.is_foreign => {
                format!("{profile} · {model} at {}", self.settings.entry.name)
            }
            profile => format!("{profile} · {model}"),
        }
    }

    /// The settings with their sources.
    pub(crate) fn resolved(&self) -> Resolved<'_> {
        Resolved {
            settings: &self.settings,
            overrides: &self.overrides,
            config: &self.config,
        }
    }

    /// The settings to store with the conversation.
    pub(crate) fn session_settings(&self) -> Value {
        session_settings::to_json(&self.overrides, &self.settings)
    }

    /// Reads an entry at the prompt.
    ///
    /// # Errors
    /// When the terminal cannot be read.
    pub(crate) fn read(&mut self, context: &Context<'_>) -> Result<PromptEntry, CommandError> {
        let prompt = match self.settings.profile.value.as_str() {
            defaults::UNNAMED_PROFILE => "amx".to_owned(),
            profile => profile.to_owned(),
        };
        let status = self.status_parts(context);
        self.editor.show_status(status);
        let described = self.attached.iter().map(Attachment::description);
        let described: Vec<String> = described.collect();
        self.update_completer(context);
        Ok(self.editor.read(&prompt, &described)?)
    }

    pub(crate) fn editor(&mut self) -> &mut dyn LineEditor {
        self.editor.as_mut()
    }

    /// Changes the overrides. When they are invalid, nothing changes.
    ///
    /// # Errors
    /// Why they are invalid.
    pub(crate) fn change(
        &mut self,
        context: &mut Context<'_>,
        change: impl FnOnce(&mut Overrides),
    ) -> Result<(), CommandError> {
        let mut overrides = self.overrides.clone();
        change(&mut overrides);
        overrides.changed_in_conversation(&self.overrides);
        self.settings =
            Settings::resolve(&overrides, &context.equipment.environment, &self.config)?;
        self.overrides = overrides;
        let settings = self.session_settings();
        self.session.save_settings(settings);
        self.update_completer(context);
        Ok(())
    }

    /// Reads the configuration again, after a change.
    ///
    /// # Errors
    /// When it is invalid.
    pub(crate) fn reload(&mut self, context: &mut Context<'_>) -> Result<(), CommandError> {
        self.config = context.config()?;
        self.change(context, |_| ())
    }

    /// Switches to another conversation, new or saved.
    ///
    /// # Errors
    /// When turns of this one cannot be saved.
    pub(crate) fn replace(&mut self, session: Session) -> Result<(), CommandError> {
        self.session.flush().map_err(|error| {
            CommandError::from(error).hint("/save FILE   (writes this conversation to a file)")
        })?;
        // The other one becomes the latest, unless nothing of it is saved yet.
        self.session.mark_used();
        self.session = session;
        self.session.mark_used();
        self.tools.gate().permissions.end_conversation();
        self.extra_spent = Spent::default();
        Ok(())
    }

    /// Where conversations are stored in this run.
    pub(crate) fn storage(&self, context: &Context<'_>) -> SessionStorage {
        match context.home() {
            Ok(home) if self.session.is_saved() => SessionStorage::Home(home),
            _ => SessionStorage::Memory,
        }
    }

    /// The cost of the whole conversation.
    pub(crate) fn spent(&self) -> Spent {
        self.session.spent().and(self.extra_spent)
    }

    /// Ends the conversation: shows how to resume it.
    ///
    /// # Errors
    /// When turns could not be saved.
    pub(crate) fn close(&mut self, context: &mut Context<'_>) -> Result<(), CommandError> {
        let unstored = self.session.unstored();
        if let Some(error) = self.session.store_error()
            && unstored > 0
        {
            let error = CommandError::new(
                ErrorKind::LocalIo,
                format!("{} could not be saved: {error}", turns(unstored)),
            );
            return Err(error.hint("check disk space and the permissions of ~/.amx"));
        }
        if let Some(label) = self.session.label() {
            let branch = self.session.branch();
            let branch = branch.map_or(String::new(), |branch| {
                format!("; this is branch '{branch}'")
            });
            context.output.aside(&format!(
                "Resume with amx chat --session {}{branch}",
                System::CURRENT.quoted(&label)
            ));
        }
        Ok(())
    }
}

/// `1 turn`, `2 turns`.
pub(super) fn turns(count: usize) -> String {
    format!("{count} turn{}", if count == 1 { "" } else { "s" })
}

/// A question as it is shown: its text, and the number of its attachments.
pub(super) fn question_words(question: &[ContentPart]) -> String {
    let text = match question.first() {
        Some(ContentPart::Text(text)) => text.as_str(),
        _ => "",
    };
    match question.len().saturating_sub(1) {
        0 => text.to_owned(),
        attached => format!("{text}  +{attached}"),
    }
}
