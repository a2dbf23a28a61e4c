//! The title of a session: shown as that of the window, and with `titles: model` asked of the model
//! once, after the first complete answer.

use super::state::Conversation;
use super::title_request::TitleRequest;
use crate::chat::turn::TurnState;
use crate::config::defaults;
use crate::config::window::Titles;
use crate::ports::context::Context;
use crate::ports::equipment::Equipment;
use crate::ports::interrupt::Interrupt;
use crate::present::text::shortened;
use crate::wire::redact::stored;

/// Longest title from a question, in columns.
const WIDEST: usize = 60;

impl Conversation {
    /// Shows the title of the session as that of the window: its name, the title from the model,
    /// the start of its first question, or the profile.
    pub(super) fn show_title(&mut self, context: &mut Context<'_>) {
        let spent = self.title.update(self.session.session());
        self.extra_spent = self.extra_spent.and(spent);
        let of_model = self.title.of(self.session.session());
        let first = self.session.path.first();
        let of_question = first
            .map(|first| shortened(&stored(&first.turn.question_text()), WIDEST))
            .filter(|title| !title.is_empty());
        let of_profile = || match self.settings.profile.value.as_str() {
            defaults::UNNAMED_PROFILE => self.settings.model.value.clone(),
            profile => profile.to_owned(),
        };
        let title = self.session.name.clone().or(of_model).or(of_question);
        let title = title.unwrap_or_else(of_profile);
        context.output.window_title(&format!("amx: {title}"));
    }

    /// Asks the model for a title when the first answer of a saved session is complete.
    pub(super) fn ask_for_title(&mut self, state: TurnState, context: &Context<'_>) {
        let is_wanted = self.config.titles == Titles::Model
            && state == TurnState::Complete
            && self.session.path.len() == 1
            && self.session.name.is_none()
            && !context.equipment.is_replaying();
        let session = self.session.session().filter(|_| is_wanted);
        let Some((session, first)) = session.zip(self.session.path.first()) else {
            return;
        };
        let request = TitleRequest {
            session,
            question: first.turn.question_text(),
            answer: first.turn.text.clone(),
            overrides: self.overrides.clone(),
            config: self.config.clone(),
            // A Ctrl-C at the prompt is not for it, and no recording has it.
            equipment: Equipment {
                interrupt: Interrupt::default(),
                tape: None,
                ..context.equipment.clone()
            },
        };
        self.title.request(request);
    }
}
