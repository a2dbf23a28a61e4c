//! The reasoning route of a request, with what a catalogue knows of the model: whether it thinks,
//! and which efforts it takes.

use serde::{Deserialize, Serialize};

use super::reasoning::{self, Effort, Wish};

/// Which efforts a model takes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Efforts {
    /// None is offered for selection. One that is sent all the same becomes a budget, or nothing.
    #[default]
    Unselectable,
    All,
    /// These, the strongest first; never empty.
    Listed(Vec<Effort>),
}

/// What a catalogue says of a model's thinking.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ReasoningFacts {
    /// It thinks whatever is asked for; effort `none` is refused.
    pub mandatory: bool,
    /// Whether it thinks when nobody says anything.
    pub default_enabled: Option<bool>,
    pub efforts: Efforts,
    /// The effort it takes by itself, in the provider's word.
    pub default_effort: Option<String>,
}

/// What is known of whether a model thinks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Thinking<'a> {
    /// No catalogue has the model, or it says nothing of it.
    Unknown,
    Never,
    Known(&'a ReasoningFacts),
}

/// How a request asks for thoughts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Route {
    pub effort: Effort,
    /// Whether the thoughts are to be left out of the answer.
    pub exclude: bool,
}

/// The route of a request; `None` when it is no reasoning route. The text says, where there is
/// something to say, what became of the effort that the user chose.
pub fn decide(
    model: &str,
    wish: Wish,
    chosen: Option<Effort>,
    known: Thinking<'_>,
) -> (Option<Route>, Option<String>) {
    let by_catalog = matches!(known, Thinking::Known(facts) if facts.mandatory || facts.default_enabled == Some(true));
    let wish = if by_catalog && wish == Wish::Auto {
        Wish::On
    } else {
        wish
    };
    let refuses =
        known == Thinking::Never && reasoning::effort_on_route(model, wish, None).is_none();
    if let (true, Wish::Auto, Some(effort)) = (refuses, wish, chosen) {
        return (
            None,
            Some(format!(
                "{model} does not think: effort {effort} is not sent"
            )),
        );
    }
    let Some(effort) = reasoning::effort_on_route(model, wish, chosen) else {
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
            "{model} always thinks: effort none becomes {}, and its thoughts are left out",
            route.effort
        ),
        _ => format!(
            "{model} takes no effort {effort}: {} is the nearest",
            route.effort
        ),
    });
    (Some(route), note)
}

/// The effort that the model takes in place of this one.
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

/// The one with the fewest steps between; of two, the weaker, which costs less.
fn nearest(effort: Effort, listed: &[Effort]) -> Effort {
    let thinking = listed
        .iter()
        .copied()
        .filter(|listed| *listed != Effort::None);
    thinking
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

    fn effort(wish: Wish, chosen: Option<Effort>, known: Thinking<'_>) -> Option<(Effort, bool)> {
        decide("a/b", wish, chosen, known)
            .0
            .map(|route| (route.effort, route.exclude))
    }

    #[test]
    fn without_a_catalogue_the_table_decides() {
        assert_eq!(effort(Wish::Auto, None, Thinking::Unknown), None);
        assert_eq!(
            effort(Wish::Auto, Some(Effort::High), Thinking::Unknown),
            Some((Effort::High, false))
        );
        assert_eq!(
            decide("openai/o3", Wish::Auto, None, Thinking::Unknown)
                .0
                .unwrap()
                .effort,
            Effort::Low
        );
    }

    #[test]
    fn a_model_that_thinks_by_itself_is_a_route_and_one_that_may_is_not() {
        let may = facts(false, Efforts::All);
        let does = ReasoningFacts {
            default_enabled: Some(true),
            ..may.clone()
        };
        assert_eq!(effort(Wish::Auto, None, Thinking::Known(&may)), None);
        assert_eq!(
            effort(Wish::Auto, None, Thinking::Known(&does)),
            Some((Effort::Low, false))
        );
        assert_eq!(
            effort(
                Wish::Auto,
                None,
                Thinking::Known(&facts(true, Efforts::All))
            ),
            Some((Effort::Low, false))
        );
        assert_eq!(
            effort(Wish::Off, Some(Effort::High), Thinking::Known(&does)),
            None
        );
    }

    #[test]
    fn an_effort_for_a_model_that_does_not_think_is_dropped_unless_the_profile_or_the_id_says_otherwise()
     {
        let (route, note) = decide("a/b", Wish::Auto, Some(Effort::High), Thinking::Never);
        assert_eq!(
            (route, note.as_deref()),
            (None, Some("a/b does not think: effort high is not sent"))
        );
        assert_eq!(
            decide("a/b", Wish::Auto, None, Thinking::Never),
            (None, None)
        );
        assert_eq!(
            effort(Wish::On, Some(Effort::High), Thinking::Never),
            Some((Effort::High, false))
        );
        assert_eq!(
            decide("x/kimi-k2", Wish::Auto, Some(Effort::High), Thinking::Never)
                .0
                .unwrap()
                .effort,
            Effort::High
        );
    }

    #[test]
    fn an_effort_that_is_not_taken_goes_to_the_nearest() {
        let listed = facts(
            false,
            Efforts::Listed(vec![Effort::Xhigh, Effort::High, Effort::Low]),
        );
        let nearest = |chosen| {
            effort(Wish::Auto, Some(chosen), Thinking::Known(&listed))
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
            Wish::Auto,
            Some(Effort::Max),
            Thinking::Known(&listed),
        );
        assert_eq!(
            note.unwrap(),
            "a/b takes no effort max: xhigh is the nearest"
        );
        // Nobody chose the default, so there is nothing to say.
        let only_high = facts(true, Efforts::Listed(vec![Effort::High]));
        let (route, note) = decide("a/b", Wish::Auto, None, Thinking::Known(&only_high));
        assert_eq!((route.unwrap().effort, note), (Effort::High, None));
    }

    #[test]
    fn none_is_the_least_that_a_model_can_do() {
        let none = |efforts| {
            effort(
                Wish::Auto,
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
                Wish::Auto,
                Some(Effort::None),
                Thinking::Known(&facts(false, Efforts::Listed(vec![Effort::High])))
            ),
            Some((Effort::None, false))
        );
    }
}
