//! The request for the title of a session. It runs on a thread of its own: it never delays the
//! prompt, and when it fails the first line of the question stays the title. Its cost is booked
//! like that of any request.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::ask::own_request;
use crate::ask::prepare::prepare;
use crate::ask::question::{Checks, Question, Resolved};
use crate::ask::run::{RunOptions, run};
use crate::ask::sink::NullSink;
use crate::chat::cost::Spent;
use crate::chat::message::ContentPart;
use crate::chat::reasoning::ReasoningMode;
use crate::chat::turn::TurnState;
use crate::config::{ConfigFile, Overrides, Settings};
use crate::ports::equipment::Equipment;
use crate::ports::error::CommandError;
use crate::present::text::shortened;
use crate::secrets::reference::looks_like_a_key;
use crate::store::{SessionId, Store};
use crate::wire::background;
use crate::wire::redact::{cut, stored};

/// Most words of a title.
const MOST_WORDS: usize = 6;

/// Longest title, in columns.
const WIDEST: usize = 60;

/// Limits of the request.
const MAX_TOKENS: u32 = 200;
const LIMIT: Duration = Duration::from_secs(30);

/// Most of the question and of the answer that is sent, in characters.
const LONGEST_EXCERPT: usize = 2_000;

const TASK: &str = "\
Give the conversation below a title of at most six words, in its language. Answer with the title \
alone, without quotes and without a full stop.";

/// What a request for a title has brought.
#[derive(Debug, Default)]
pub(super) struct Arrived {
    pub title: Option<(SessionId, String)>,
    /// What each cost, and the session that it was for.
    pub spent: Vec<(SessionId, Spent)>,
}

/// The titles of the sessions of one conversation.
#[derive(Debug, Default)]
pub(super) struct SessionTitle {
    arrived: Arc<Mutex<Arrived>>,
    /// The session that was asked for last.
    asked: Option<SessionId>,
    /// The title from the model, and its session.
    current: Option<(SessionId, String)>,
}

impl SessionTitle {
    /// Takes what has arrived; returns what it cost this session.
    pub(super) fn update(&mut self, session: Option<SessionId>) -> Spent {
        let arrived = std::mem::take(&mut *lock(&self.arrived));
        self.current = arrived.title.or(self.current.take());
        let of_session = arrived.spent.into_iter();
        of_session
            .filter(|(id, _)| Some(*id) == session)
            .fold(Spent::default(), |sum, (_, spent)| sum.and(spent))
    }

    /// The title of the session from the model.
    pub(super) fn of(&self, session: Option<SessionId>) -> Option<String> {
        let current = self.current.as_ref();
        let current = current.filter(|(id, _)| Some(*id) == session)?;
        Some(current.1.clone())
    }

    /// Sends a request, unless there was one for this session.
    pub(super) fn request(&mut self, request: TitleRequest) {
        if self.asked.replace(request.session) == Some(request.session) {
            return;
        }
        let arrived = Arc::clone(&self.arrived);
        // Where no thread can be started there is no title.
        let _ = background::spawn(move || request.run(&arrived));
    }
}

fn lock(arrived: &Mutex<Arrived>) -> MutexGuard<'_, Arrived> {
    arrived.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What the thread needs.
pub(super) struct TitleRequest {
    pub session: SessionId,
    /// The first question and its answer.
    pub question: String,
    pub answer: String,
    pub overrides: Overrides,
    pub config: ConfigFile,
    pub equipment: Equipment,
}

impl TitleRequest {
    fn run(self, arrived: &Mutex<Arrived>) {
        // A title that could not be fetched is not worth a message.
        let Ok((title, spent)) = self.ask() else {
            return;
        };
        let title = title.filter(|title| self.save(title).is_ok());
        let mut arrived = lock(arrived);
        arrived.spent.push((self.session, spent));
        arrived.title = title
            .map(|title| (self.session, title))
            .or(arrived.title.take());
    }

    fn ask(&self) -> Result<(Option<String>, Spent), CommandError> {
        let mut overrides = self.overrides.clone();
        overrides.generation.max_tokens = Some(MAX_TOKENS);
        let environment = &self.equipment.environment;
        let settings = Settings::resolve(&overrides, environment, &self.config)?;
        let mut settings = own_request::settings(&settings);
        // As cheap as it can be.
        settings.reasoning.value = ReasoningMode::Off;
        let text = format!(
            "{TASK}\n\nUser: {}\n\nAssistant: {}",
            cut(&self.question, LONGEST_EXCERPT),
            cut(&self.answer, LONGEST_EXCERPT)
        );
        let question = Question {
            parts: vec![ContentPart::Text(text.into())],
            stream: true,
            ..Question::default()
        };
        let resolved = Resolved {
            settings: &settings,
            overrides: &overrides,
            config: &self.config,
        };
        let prepared = prepare(&resolved, question, Checks::default(), &self.equipment)?;
        let options = RunOptions {
            limit: Some(LIMIT),
            is_saved: true,
            trace_name: "amx title",
            ..RunOptions::default()
        };
        let outcome = run(prepared, options, &self.equipment, &mut NullSink)?;
        let spent = if outcome.answer.may_have_cost() {
            Spent::default().plus(outcome.answer.cost)
        } else {
            Spent::default()
        };
        let is_complete = outcome.state == TurnState::Complete && outcome.error.is_none();
        let title = cleaned(&outcome.answer.text).filter(|_| is_complete);
        Ok((title, spent))
    }

    fn save(&self, title: &str) -> Result<(), CommandError> {
        let store = Store::open_existing(&self.equipment.home()?)?;
        if let Some(mut store) = store {
            store.set_title(self.session, title)?;
        }
        Ok(())
    }
}

/// The title in an answer: its first line with text, without marks, at most six words.
fn cleaned(answer: &str) -> Option<String> {
    let marks = |c: char| "\"'“”‘’«»*_#`. ".contains(c);
    let line = answer
        .lines()
        .map(str::trim)
        .find(|line| !line.is_empty())?;
    let line = line.trim_matches(marks);
    let line = match line.split_once(':') {
        Some((label, title)) if label.eq_ignore_ascii_case("title") => title.trim_matches(marks),
        _ => line,
    };
    let words: Vec<&str> = line.split_whitespace().take(MOST_WORDS).collect();
    let title = shortened(&stored(&words.join(" ")), WIDEST);
    (!title.is_empty() && !looks_like_a_key(&title)).then_some(title)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_costs_the_session_that_it_was_for() {
        let spent = |usd| Spent {
            usd: Some(usd),
            ..Spent::default()
        };
        let mut title = SessionTitle::default();
        let (first, second) = (SessionId(1), SessionId(2));
        lock(&title.arrived).spent = vec![(first, spent(1.0)), (second, spent(2.0))];
        assert_eq!(title.update(Some(second)), spent(2.0));
        assert_eq!(title.update(Some(second)), Spent::default());
        lock(&title.arrived).spent = vec![(first, spent(1.0))];
        assert_eq!(title.update(None), Spent::default());
    }

    #[test]
    fn a_title_has_six_words_and_no_marks() {
        for (answer, wanted) in [
            ("Blue Skies", Some("Blue Skies")),
            (
                "\n**\"Why the Sky Is Blue\"**.\nmore",
                Some("Why the Sky Is Blue"),
            ),
            ("Title: Rayleigh scattering", Some("Rayleigh scattering")),
            (
                "one two three four five six seven",
                Some("one two three four five six"),
            ),
            ("TCP: an overview", Some("TCP: an overview")),
            ("  \n ", None),
            ("...", None),
        ] {
            assert_eq!(cleaned(answer).as_deref(), wanted, "{answer:?}");
        }
    }
}
