//! The lists of servers in a recording: a replay offers the tools that were offered then, and
//! starts no server.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::fault::ServerFault;
use super::session::ToolList;
use crate::wire::tape::Tape;

/// What is recorded as the name of a call; no tool can have it.
const CALL: &str = "tools/list";

/// What a question was offered of a server.
#[derive(Debug, Clone, Serialize, Deserialize)]
enum Offered {
    Tools(ToolList),
    /// Why there were none.
    Lost(String),
}

/// Lists as they are recorded or replayed, each server once.
#[derive(Debug, Default)]
pub(super) struct RecordedLists {
    tape: Option<Tape>,
    replayed: Mutex<HashMap<String, Option<Offered>>>,
}

impl RecordedLists {
    pub(super) fn new(tape: Option<Tape>) -> Self {
        Self {
            tape,
            replayed: Mutex::default(),
        }
    }

    /// The list of a server: the recorded one in a replay, else the `current` one. A recording of
    /// an earlier version has none, and the current one is used.
    pub(super) fn list(
        &self,
        server: &str,
        current: impl FnOnce() -> Result<ToolList, ServerFault>,
    ) -> Result<ToolList, ServerFault> {
        let Some(tape) = &self.tape else {
            return current();
        };
        let mut known = self.replayed.lock().unwrap_or_else(PoisonError::into_inner);
        let arguments = json!({"server": server});
        match tape {
            Tape::Recording(recorder) => {
                let list = current();
                if !known.contains_key(server) {
                    known.insert(server.to_owned(), None);
                    let offered = match &list {
                        Ok(list) => Offered::Tools(list.clone()),
                        Err(fault) => Offered::Lost(fault.to_string()),
                    };
                    let offered = serde_json::to_value(offered).unwrap_or(Value::Null);
                    recorder.record_call(recorder.count(), CALL, &arguments, &offered);
                }
                list
            }
            Tape::Replaying(player) => {
                let offered = known.entry(server.to_owned()).or_insert_with(|| {
                    let recorded = player.play_call(CALL, &arguments).ok()?;
                    serde_json::from_value(recorded).ok()
                });
                match offered.clone() {
                    Some(Offered::Tools(list)) => Ok(list),
                    Some(Offered::Lost(why)) => Err(ServerFault::Setting(why)),
                    None => current(),
                }
            }
        }
    }
}
