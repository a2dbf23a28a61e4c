//! The list as numbered lines, for a terminal that cannot move its cursor.

use console::Term;

use super::filter::Filter;
use super::rows::Rows;
use crate::ports::input::InputError;
use crate::ports::interrupt::Interrupt;
use crate::ports::pick::{PickList, Picked};
use crate::ui::sanitise::inert;
use crate::ui::{input_mode, keyboard_input, terminal};
use crate::wire::redact::redacted;

/// Most rows shown at once.
const MOST: usize = 20;

/// Columns of the number before a row.
const MARGIN: usize = 5;

/// Shows the rows that match and asks for a number; anything else is another filter.
pub(super) fn ask(list: &PickList<'_>, interrupt: &Interrupt) -> Result<Picked, InputError> {
    let screen = Term::stderr();
    let write = |line: &str| screen.write_line(line).map_err(input_mode::explain);
    let mut rows = Rows::of(list);
    let lines = list.table.cells(terminal::width().saturating_sub(MARGIN));
    let mut filter = list.filter.to_owned();
    loop {
        rows.filter(&filter);
        for (number, row) in rows.matches.iter().take(MOST).enumerate() {
            let cells = lines.get(row + 1).map(|cells| cells.join("  "));
            let line = inert(&redacted(cells.unwrap_or_default().trim_end()));
            write(&format!(
                "{:>3}  {}",
                number + 1,
                line.replace(['\n', '\t'], " ")
            ))?;
        }
        let (found, shown) = (rows.matches.len(), rows.matches.len().min(MOST));
        if found > shown {
            write(&format!("{shown} of {found}"))?;
        } else if found == 0 {
            write("Nothing matches")?;
        }
        screen
            .write_str(&format!(
                "{}: number, or text to search: ",
                inert(list.question)
            ))
            .map_err(input_mode::explain)?;
        let typed = read_line(interrupt).inspect_err(|_| {
            // What follows is not on the row of the question. The error is reported anyway.
            let _ = screen.write_line("");
        })?;
        if let Some(row) = chosen(&typed, &rows.matches[..shown]) {
            return Ok(Picked::Row(row));
        }
        rows.filter(&typed);
        match (list.typed, rows.has(&typed)) {
            (_, true) => return Ok(Picked::Row(rows.matches[0])),
            (Some(check), false) if rows.matches.is_empty() && !typed.is_empty() => {
                match check(&typed) {
                    Ok(()) => return Ok(Picked::Typed(typed)),
                    Err(why) => write(&inert(&redacted(&why)))?,
                }
            }
            _ => {}
        }
        filter = typed;
    }
}

/// The row of a number.
fn chosen(typed: &str, shown: &[usize]) -> Option<usize> {
    let number = typed.parse::<usize>().ok()?;
    shown.get(number.checked_sub(1)?).copied()
}

fn read_line(interrupt: &Interrupt) -> Result<String, InputError> {
    input_mode::restore();
    let line = keyboard_input::wait_for_input(&|| interrupt.is_pending())
        .and_then(|()| keyboard_input::read_line());
    match line {
        Ok(line) => Ok(Filter::of(line.trim()).text()),
        Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {
            Err(InputError::Interrupted)
        }
        Err(error) => Err(input_mode::explain(error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_the_row_beside_it() {
        assert_eq!(chosen("2", &[7, 9]), Some(9));
        for other in ["0", "3", "", "gpt", "-1"] {
            assert_eq!(chosen(other, &[7, 9]), None, "{other}");
        }
    }
}
