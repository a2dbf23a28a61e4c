//! `${NAME}` in texts of the configuration: the one parser of it. Pure.

use super::reference::is_variable_name;

/// What is wrong with a text that has a `${` without a name and `}` after it.
pub(crate) const MALFORMED: &str =
    "has a '${' without a name and '}' after it; write $${ for a literal '${'";

/// Why a text cannot be expanded.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum ExpansionFault<E> {
    /// A variable that is not set and has no default.
    Unset(String),
    /// See [`MALFORMED`].
    Malformed,
    /// The variable cannot be read.
    Unreadable(E),
}

/// Replaces each `${NAME}` and `${NAME:-DEFAULT}` once, from left to right; the value of a variable
/// is not expanded. `$${` is a literal `${`; any other `$` stands for itself.
pub(crate) fn expanded<E>(
    text: &str,
    look_up: &mut dyn FnMut(&str) -> Result<Option<String>, E>,
) -> Result<String, ExpansionFault<E>> {
    let mut expanded = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('$') {
        expanded.push_str(&rest[..at]);
        rest = &rest[at..];
        if let Some(after) = rest.strip_prefix("$${") {
            expanded.push_str("${");
            rest = after;
        } else if let Some(after) = rest.strip_prefix("${") {
            let (inside, after) = after.split_once('}').ok_or(ExpansionFault::Malformed)?;
            let (name, default) = match inside.split_once(":-") {
                Some((name, default)) => (name, Some(default)),
                None => (inside, None),
            };
            if !is_variable_name(name) {
                return Err(ExpansionFault::Malformed);
            }
            let value = look_up(name)
                .map_err(ExpansionFault::Unreadable)?
                .filter(|value| default.is_none() || !value.is_empty())
                .or_else(|| default.map(str::to_owned))
                .ok_or_else(|| ExpansionFault::Unset(name.to_owned()))?;
            expanded.push_str(&value);
            rest = after;
        } else {
            expanded.push('$');
            rest = &rest[1..];
        }
    }
    expanded.push_str(rest);
    Ok(expanded)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::convert::Infallible;

    #[test]
    fn variables_and_defaults_are_replaced_once() {
        let mut look_up = |name: &str| {
            Ok::<_, Infallible>(match name {
                "A" => Some("${B}".to_owned()),
                "EMPTY" => Some(String::new()),
                _ => None,
            })
        };
        let mut of = |text: &str| expanded(text, &mut look_up);
        assert_eq!(of("$5 $${A} ${A}$").unwrap(), "$5 ${A} ${B}$");
        assert_eq!(of("${GONE:-x}${EMPTY:-y}${EMPTY}").unwrap(), "xy");
        assert_eq!(of("${GONE}"), Err(ExpansionFault::Unset("GONE".to_owned())));
        for text in ["${", "${A", "${}", "${a b}", "${:-x}"] {
            assert_eq!(of(text), Err(ExpansionFault::Malformed), "{text}");
        }
    }
}
