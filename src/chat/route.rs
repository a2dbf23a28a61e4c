//! Whether a request asks for reasoning, and with which effort, by the model's entry in a
//! catalogue.

use serde::{Deserialize, Serialize};

use super::reasoning::{self, Effort, ReasoningMode};

/// The efforts that a model supports.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Efforts {
    /// None can be selected. One that is sent anyway becomes a budget, or is ignored.
    #[default]
    Unselectable,
    All,
    /// These, the strongest first; never empty.
    Listed(Vec<Effort>),
}

/// What a catalogue lists of a model's reasoning.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ReasoningFacts {
    /// It always reasons; effort `none` is refused.
    pub mandatory: bool,
    /// Whether it reasons when the request does not say.
    pub default_enabled: Option<bool>,
    pub efforts: Efforts,
    /// Its effort when the request sets none, in the provider's word.
    pub default_effort: Option<String>,
}

/// What a catalogue lists of whether a model reasons.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Thinking<'a> {
    /// No catalogue has the model, or the entry does not say.
    Unknown,
    Never,
    Known(&'a ReasoningFacts),
}

/// How a request asks for reasoning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Route {
    pub effort: Effort,
    /// Omit the reasoning from the answer.
    pub exclude: bool,
}

/// How the request asks for reasoning; `None` when it does not. The text is a note for the user
/// when the effort that they chose is changed or not sent.
pub(crate) fn decide(
    model: &str,
    mode: ReasoningMode,
    chosen: Option<Effort>,
    known: Thinking<'_>,
) -> (Option<Route>, Option<String>) {
    let by_catalog = match known {
        Thinking::Known(facts) => facts.mandatory || facts.default_enabled == Some(true),
        Thinking::Unknown | Thinking::Never => false,
    };
    let mode = if by_catalog && mode == ReasoningMode::Auto {
        ReasoningMode::On
    } else {
        mode
    };
    let refuses =
        known == Thinking::Never && reasoning::requested_effort(model, mode, None).is_none();
    if let (true, ReasoningMode::Auto, Some(effort)) = (refuses, mode, chosen) {
        return (
            None,
            Some(format!(
                "{model} does not support reasoning: effort {effort} is not sent"
            )),
        );
    }
    let Some(effort) = reasoning::requested_effort(model, mode, chosen) else {
        return (None, None);
    };
    let Thinking::Known(facts) = known else {
        return (
            Some(Route {
                effort,
                exclude: false,
            }),
            None,
        );
    };
    let route = fitted(effort, facts);
    let is_changed = chosen.is_some() && route.effort != effort;
    let note = is_changed.then(|| match effort {
        Effort::None => format!(
            "{model} always reasons: effort none becomes {}, and the reasoning is omitted",
            route.effort
        ),
        _ => format!(
            "{model} does not support effort {effort}: using {}",
            route.effort
        ),
    });
    (Some(route), note)
}

/// The effort that the model supports in place of this one.
fn fitted(effort: Effort, facts: &ReasoningFacts) -> Route {
    match (effort, &facts.efforts) {
        (Effort::None, _) if facts.mandatory => Route {
            effort: lowest(&facts.efforts),
            exclude: true,
        },
        (Effort::None, _) | (_, Efforts::All | Efforts::Unselectable) => Route {
            effort,
            exclude: false,
        },
        (_, Efforts::Listed(listed)) => Route {
            effort: nearest(effort, listed),
            exclude: false,
        },
    }
}

fn lowest(efforts: &Efforts) -> Effort {
    match efforts {
        Efforts::Listed(listed) => listed
            .iter()
            .copied()
            .filter(|effort| *effort != Effort::None)
            .min_by_key(|effort| strength(*effort)),
        Efforts::All | Efforts::Unselectable => None,
    }
    .unwrap_or(Effort::Minimal)
}

/// The closest effort; of two, the weaker, which costs less.
fn nearest(effort: Effort, listed: &[Effort]) -> Effort {
    let selectable = listed
        .iter()
        .copied()
        .filter(|listed| *listed != Effort::None);
    selectable
        .min_by_key(|listed| {
            (
                strength(*listed).abs_diff(strength(effort)),
                strength(*listed),
            )
        })
        .unwrap_or(effort)
}

fn strength(effort: Effort) -> usize {
    Effort::ALL
        .iter()
        .position(|other| *other == effort)
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts(mandatory: bool, efforts: Efforts) -> ReasoningFacts {
        ReasoningFacts {
            mandatory,
            efforts,
            ..ReasoningFacts::default()
        }
    }

    fn effort(
        mode: ReasoningMode,
        chosen: Option<Effort>,
        known: Thinking<'_>,
    ) -> Option<(Effort, bool)> {
        decide("a/b", mode, chosen, known)
            .0
            .map(|route| (route.effort, route.exclude))
    }

    #[test]
    fn without_a_catalogue_the_table_decides() {
        assert_eq!(effort(ReasoningMode::Auto, None, Thinking::Unknown), None);
        assert_eq!(
            effort(ReasoningMode::Auto, Some(Effort::High), Thinking::Unknown),
            Some((Effort::High, false))
        );
        assert_eq!(
            decide("openai/o3", ReasoningMode::Auto, None, Thinking::Unknown)
                .0
                .unwrap()
                .effort,
            Effort::Low
        );
    }

    #[test]
    fn a_model_that_reasons_by_default_gets_an_effort_and_one_that_can_does_not() {
        let may = facts(false, Efforts::All);
        let does = ReasoningFacts {
            default_enabled: Some(true),
            ..may.clone()
        };
        assert_eq!(
            effort(ReasoningMode::Auto, None, Thinking::Known(&may)),
            None
        );
        assert_eq!(
            effort(ReasoningMode::Auto, None, Thinking::Known(&does)),
            Some((Effort::Low, false))
        );
        assert_eq!(
            effort(
                ReasoningMode::Auto,
                None,
                Thinking::Known(&facts(true, Efforts::All))
            ),
            Some((Effort::Low, false))
        );
        assert_eq!(
            effort(
                ReasoningMode::Off,
                Some(Effort::High),
                Thinking::Known(&does)
            ),
            None
        );
    }

    #[test]
    fn an_effort_without_support_is_dropped_unless_the_profile_or_the_id_says_otherwise() {
        let (route, note) = decide(
            "a/b",
            ReasoningMode::Auto,
            Some(Effort::High),
            Thinking::Never,
        );
        assert_eq!(
            (route, note.as_deref()),
            (
                None,
                Some("a/b does not support reasoning: effort high is not sent")
            )
        );
        assert_eq!(
            decide("a/b", ReasoningMode::Auto, None, Thinking::Never),
            (None, None)
        );
        assert_eq!(
            effort(ReasoningMode::On, Some(Effort::High), Thinking::Never),
            Some((Effort::High, false))
        );
        assert_eq!(
            decide(
                "x/kimi-k2",
                ReasoningMode::Auto,
                Some(Effort::High),
                Thinking::Never
            )
            .0
            .unwrap()
            .effort,
            Effort::High
        );
    }

    #[test]
    fn an_unsupported_effort_becomes_the_nearest() {
        let listed = facts(
            false,
            Efforts::Listed(vec![Effort::Xhigh, Effort::High, Effort::Low]),
        );
        let nearest = |chosen| {
            effort(ReasoningMode::Auto, Some(chosen), Thinking::Known(&listed))
                .unwrap()
                .0
        };
        assert_eq!(
            [Effort::Max, Effort::High, Effort::Medium, Effort::Minimal].map(nearest),
            [Effort::Xhigh, Effort::High, Effort::Low, Effort::Low]
        );
        assert_eq!(nearest(Effort::None), Effort::None);
        let (_, note) = decide(
            "a/b",
            ReasoningMode::Auto,
            Some(Effort::Max),
            Thinking::Known(&listed),
        );
        assert_eq!(
            note.unwrap(),
            "a/b does not support effort max: using xhigh"
        );
        // Nobody chose the default, so there is no note.
        let only_high = facts(true, Efforts::Listed(vec![Effort::High]));
        let (route, note) = decide(
            "a/b",
            ReasoningMode::Auto,
            None,
            Thinking::Known(&only_high),
        );
        assert_eq!((route.unwrap().effort, note), (Effort::High, None));
    }

    #[test]
    fn none_becomes_the_lowest_effort_of_a_model_that_always_reasons() {
        let none = |efforts| {
            effort(
                ReasoningMode::Auto,
                Some(Effort::None),
                Thinking::Known(&facts(true, efforts)),
            )
            .unwrap()
        };
        assert_eq!(
            none(Efforts::Listed(vec![
                Effort::High,
                Effort::Low,
                Effort::None
            ])),
            (Effort::Low, true)
        );
        assert_eq!(none(Efforts::All), (Effort::Minimal, true));
        assert_eq!(none(Efforts::Unselectable), (Effort::Minimal, true));
        assert_eq!(
            effort(
                ReasoningMode::Auto,
                Some(Effort::None),
                Thinking::Known(&facts(false, Efforts::Listed(vec![Effort::High])))
            ),
            Some((Effort::None, false))
        );
    }
}
