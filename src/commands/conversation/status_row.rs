//! The status row of the footer: model, context, cost, cap and what is switched on.

use super::state::Conversation;
use crate::ask::model_facts::ModelFacts;
use crate::ask::preflight::caps;
use crate::chat::cost::Spent;
use crate::chat::usage::Usage;
use crate::config::footer::StatusPart;
use crate::ports::answer_report::ContextUse;
use crate::ports::context::Context;
use crate::present::count;
use crate::present::money::spent_words;

impl Conversation {
    /// The parts of the row that have something to say, as config.yml orders them.
    pub(super) fn status_parts(&self, context: &Context<'_>) -> Vec<String> {
        let parts = self.config.status.iter();
        parts
            .filter_map(|part| self.status_part(*part, context))
            .collect()
    }

    /// The words of one part; `None` where there is nothing to say.
    fn status_part(&self, part: StatusPart, context: &Context<'_>) -> Option<String> {
        match part {
            StatusPart::Model => Some(self.status_model()),
            StatusPart::Context => self.context_use(context).map(|fill| {
                let window = count::tokens(fill.window);
                format!("{} % of {window}", fill.percent())
            }),
            StatusPart::Cost if self.session.path.is_empty() && !self.has_spent() => None,
            StatusPart::Cost => Some(format!("{} this session", spent_words(self.spent()))),
            StatusPart::Cap => caps::day_words(&self.settings, &context.equipment)
                .map(|words| format!("today {words}")),
            StatusPart::Tools => {
                let named = self.settings.tools.as_ref()?;
                (!named.value.is_empty()).then(|| "tools".to_owned())
            }
            StatusPart::Web => self.settings.services.searches().then(|| "web".to_owned()),
            StatusPart::Private => {
                let (is_on, _) = self.settings.options.private.as_ref()?;
                is_on.then(|| "private".to_owned())
            }
        }
    }

    /// Whether anything was sent that may have cost something, on whatever branch.
    pub(crate) fn has_spent(&self) -> bool {
        self.spent() != Spent::default()
    }

    /// How full the context window of the model is, by the last answer that has counts: one that
    /// was stopped has none.
    fn context_use(&self, context: &Context<'_>) -> Option<ContextUse> {
        let mut turns = self.session.path.iter().rev();
        let counted = turns.find(|stored| stored.turn.usage.and_then(Usage::tokens).is_some());
        let used = counted?.turn.context_tokens()?;
        let listed = || {
            ModelFacts::of(&self.settings, &context.equipment)
                .model()?
                .context
        };
        let window = self.settings.context_window.or_else(listed)?;
        Some(ContextUse { used, window })
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
