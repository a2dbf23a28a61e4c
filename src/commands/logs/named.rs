//! The destination that a name or an ID means.

use super::connect::Connection;
use crate::account::destinations::destination::Destination;
use crate::catalog::nearest::closest;
use crate::ports::context::Context;
use crate::ports::error::{CommandError, ErrorKind};

/// Least characters of an ID that stand for it.
const LEAST_OF_ID: usize = 4;

/// Whether a text has the form of an ID: `99999999-aaaa-bbbb-cccc-dddddddddddd`.
pub(super) fn is_id(text: &str) -> bool {
    let lengths = text.split('-').map(str::len);
    lengths.eq([8, 4, 4, 4, 12])
        && text
            .bytes()
            .all(|byte| byte == b'-' || byte.is_ascii_hexdigit())
}

/// The destination of an ID, of the start of one, or of a name.
///
/// # Errors
/// None or several have it, or the account cannot be read.
pub(super) fn find(
    wanted: &str,
    workspace: Option<&str>,
    connection: &Connection,
    context: &mut Context<'_>,
) -> Result<Destination, CommandError> {
    if is_id(wanted) {
        let found = connection.run(context, async |client| client.get(wanted).await);
        return found.map_err(|error| with_name(error, wanted));
    }
    let all = connection.run(context, async |client| client.list(workspace).await)?;
    super::known::remember(&all, context);
    chosen(wanted, all)
}

/// A 404 with what was looked for.
pub(super) fn with_name(mut error: CommandError, wanted: &str) -> CommandError {
    if error.status == Some(404) {
        error.message = unknown(wanted).message;
    }
    error
}

fn unknown(wanted: &str) -> CommandError {
    let wanted = wanted.escape_debug();
    CommandError::new(ErrorKind::Refused, format!("no destination '{wanted}'"))
}

fn chosen(wanted: &str, all: Vec<Destination>) -> Result<Destination, CommandError> {
    let is_start = |destination: &Destination| {
        wanted.len() >= LEAST_OF_ID && destination.id.starts_with(wanted)
    };
    let by_name = all.iter().filter(|one| one.name == wanted).count();
    let fits = |one: &Destination| {
        if by_name > 0 {
            one.name == wanted
        } else {
            is_start(one)
        }
    };
    let names: Vec<String> = all.iter().map(|one| one.name.clone()).collect();
    let mut found: Vec<Destination> = all.into_iter().filter(fits).collect();
    if found.len() > 1 {
        let ids: Vec<&str> = found.iter().map(|one| one.id.as_str()).collect();
        let message = format!(
            "'{}' is the name of {} destinations: {}",
            wanted.escape_debug(),
            found.len(),
            ids.join(", ")
        );
        return Err(CommandError::usage(message).hint("use the ID"));
    }
    found.pop().ok_or_else(|| {
        let error = unknown(wanted);
        match closest(wanted, names.iter().map(String::as_str)) {
            Some(nearest) => error.hint(format!("did you mean '{nearest}'?")),
            None => error,
        }
        .hint("amx logs list")
    })
}
