//! The status row of the footer: model, context, cost, cap and what is switched on.

use super::state::Conversation;
use crate::ask::preflight::caps;
use crate::config::footer::StatusPart;
use crate::ports::context::Context;
use crate::ports::footer_state::FooterState;
use crate::present::count;
use crate::present::money::spent_words;

impl Conversation {
    /// What the footer shows beside the line.
    pub(super) fn footer_state(&self, context: &Context<'_>) -> FooterState {
        let parts = self.config.status.iter();
        FooterState {
            status: parts
                .filter_map(|part| self.status_part(*part, context))
                .collect(),
            attachments: self
                .attached
                .iter()
                .map(|attached| attached.description())
                .collect(),
        }
    }

    /// The words of one part; `None` where there is nothing to say.
    fn status_part(&self, part: StatusPart, context: &Context<'_>) -> Option<String> {
        match part {
            StatusPart::Model => Some(self.status_model()),
            StatusPart::Context => self.context_use.map(|fill| {
                let window = count::tokens(fill.window);
                format!("{} % of {window}", fill.percent())
            }),
            StatusPart::Cost if self.session.path.is_empty() => None,
            StatusPart::Cost => Some(format!("{} this session", spent_words(self.spent()))),
            StatusPart::Cap => caps::day_words(&self.settings, &context.equipment)
                .map(|words| format!("today {words}")),
            StatusPart::Private => {
                let (is_on, _) = self.settings.options.private.as_ref()?;
                is_on.then(|| "private".to_owned())
            }
        }
    }

    /// The model that is asked, as the last answer named it.
    fn status_model(&self) -> String {
        let asked = &self.settings.model.value;
        let last = self.session.path.last().map(|stored| &stored.turn);
        last.filter(|turn| turn.requested_model == *asked)
            .and_then(|turn| turn.model.clone())
            .unwrap_or_else(|| asked.clone())
    }
}
