//! The table of options: every field of OpenRouter's body that a user may want to set, as data.

pub(crate) mod generation;
mod output;
mod reasoning;
mod request;
mod routing;
mod sampling;

use super::path;
use super::row::RequestOption;
use crate::catalog::nearest::typo_of;

/// The topics, in the order of the documentation.
const TOPICS: [&[RequestOption]; 6] = [
    generation::ROWS,
    sampling::ROWS,
    routing::ROWS,
    reasoning::ROWS,
    output::ROWS,
    request::ROWS,
];

/// Every option, in the order of the documentation.
pub const OPTIONS: &[RequestOption] = &joined();

const fn joined() -> [RequestOption; count()] {
    let mut joined = [generation::ROWS[0]; count()];
    let (mut topic, mut at) = (0, 0);
    while topic < TOPICS.len() {
        let mut row = 0;
        while row < TOPICS[topic].len() {
            joined[at] = TOPICS[topic][row];
            (row, at) = (row + 1, at + 1);
        }
        topic += 1;
    }
    joined
}

const fn count() -> usize {
    let (mut topic, mut count) = (0, 0);
    while topic < TOPICS.len() {
        (topic, count) = (topic + 1, count + TOPICS[topic].len());
    }
    count
}

/// Other names of typed settings in a body, each with the option that it is.
pub(crate) const ALIASES: &[(&str, &str)] = &[
    ("max_completion_tokens", "max_tokens"),
    ("reasoning.effort", "reasoning_effort"),
];

/// Names up to this length are too short to have a recognisable typo, in bytes.
const TOO_SHORT: usize = 3;

/// The option of that name.
pub(crate) fn find(name: &str) -> Option<&'static RequestOption> {
    let name = ALIASES
        .iter()
        .find(|(alias, _)| *alias == name)
        .map_or(name, |(_, name)| *name);
    OPTIONS.iter().find(|option| option.name == name)
}

/// Whether the name is that of an option, of a part of one, or of an object that holds some.
pub(crate) fn is_known(name: &str) -> bool {
    name == "reasoning"
        || find(name).is_some()
        || OPTIONS
            .iter()
            .any(|option| path::overlap(option.name, name))
}

/// The option that the name is probably a typo of. The last part of a dotted name counts as much as
/// the whole.
pub(crate) fn near(name: &str) -> Option<&'static str> {
    if is_known(name) || name.len() <= TOO_SHORT {
        return None;
    }
    let last = |name: &'static str| name.rsplit('.').next().unwrap_or_default();
    let written = OPTIONS
        .iter()
        .flat_map(|option| [option.name, last(option.name)]);
    let meant = typo_of(name, written)?;
    OPTIONS
        .iter()
        .map(|option| option.name)
        .find(|option| *option == meant || last(option) == meant)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_consistent() {
        for (index, option) in OPTIONS.iter().enumerate() {
            assert!(
                OPTIONS[..index]
                    .iter()
                    .all(|other| other.name != option.name && other.flag() != option.flag()),
                "{}",
                option.name
            );
            let example: serde_json::Value = serde_json::from_str(option.example).unwrap();
            assert!(option.kind.fits(&example), "{} {example}", option.name);
            assert_eq!(option.kind.doubt(&example), None, "{}", option.name);
            assert_eq!(
                option.read(&option.typed_example()),
                Ok(example),
                "{}",
                option.name
            );
        }
    }

    #[test]
    fn a_mistyped_name_gets_a_suggestion() {
        assert_eq!(near("tpo_k"), Some("top_k"));
        assert_eq!(near("provider.srot"), Some("provider.sort"));
        assert_eq!(near("frequency_penality"), Some("frequency_penalty"));
        assert_eq!(
            near("require_parameter"),
            Some("provider.require_parameters")
        );
        assert_eq!(
            [
                near("top_k"),
                near("reasoning"),
                near("provider"),
                near("metadata.team"),
                near("n"),
                near("new_field")
            ],
            [None; 6]
        );
    }
}
