//! Picks a saved conversation; two presses of Ctrl-D delete one.

use std::cell::RefCell;
use std::time::SystemTime;

use crate::ports::context::Context;
use crate::ports::error::CommandError;
use crate::ports::pick::{PickList, Picked};
use crate::present::money::spent_words;
use crate::present::table::{Column, Table};
use crate::present::time::age;
use crate::store::{SessionId, SessionSummary, Store};

const COLUMNS: [Column; 5] = [
    Column::left("SESSION").most(60).shrinks_to(18),
    Column::right("TURNS").omitted(2),
    Column::left("MODEL").most(20).omitted(1),
    Column::point("COST").omitted(3),
    Column::left("AGE"),
];

/// The columns of title and model.
const SEARCHED: &[usize] = &[0, 2];

/// Lets the user pick a conversation. `None` when none is saved. `kept` cannot be deleted.
///
/// # Errors
/// When the store cannot be read, or the user cancels.
pub(super) fn pick(
    store: &mut Store,
    kept: Option<SessionId>,
    context: &mut Context<'_>,
) -> Result<Option<SessionSummary>, CommandError> {
    let mut sessions = store.sessions(None)?;
    if sessions.is_empty() {
        return Ok(None);
    }
    let table = table(&sessions);
    // One closure reads what the other deletes.
    let store = RefCell::new(store);
    let preview = |row: usize| {
        let id = sessions.get(row).map(|session| session.id);
        let last = id.and_then(|id| store.borrow().last_exchange(id).ok().flatten());
        last.map_or(Vec::new(), |(question, answer)| {
            vec![format!("› {question}"), answer]
        })
    };
    let mut delete = |row: usize| {
        let id = sessions.get(row).map(|session| session.id);
        if id == kept && kept.is_some() {
            return Err("the current conversation cannot be deleted here".to_owned());
        }
        let ids: Vec<SessionId> = id.into_iter().collect();
        let deleted = store.borrow_mut().delete(&ids);
        deleted.map_err(|error| error.to_string())
    };
    let picked = context.input.pick(PickList {
        searched: SEARCHED,
        // A session is also found by its number, and a named one by its title.
        also_searched: sessions
            .iter()
            .map(|session| format!("{} {}", session.id, session.title))
            .collect(),
        current: kept.and_then(|kept| sessions.iter().position(|session| session.id == kept)),
        preview: Some(&preview),
        delete: Some(&mut delete),
        ..PickList::new("Resume", &table)
    })?;
    Ok(match picked {
        Picked::Row(row) if row < sessions.len() => Some(sessions.swap_remove(row)),
        _ => None,
    })
}

/// The model without its author, which leaves more of the title.
fn model_name(session: &SessionSummary) -> &str {
    let id = session.model.as_deref().unwrap_or("-");
    id.rsplit('/').next().unwrap_or(id)
}

fn table(sessions: &[SessionSummary]) -> Table<5> {
    let now = SystemTime::now();
    let mut table = Table::new(COLUMNS);
    for session in sessions {
        table.row([
            session.display_name().to_owned(),
            session.turns.to_string(),
            model_name(session).to_owned(),
            session
                .cost
                .usd
                .map_or("-".to_owned(), |_| spent_words(session.cost)),
            age(session.updated, now),
        ]);
    }
    table
}
