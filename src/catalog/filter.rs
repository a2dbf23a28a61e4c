//! Which models are wanted, and in which order.

use std::cmp::Ordering;

use super::model::{Capability, Model};

/// What a model must be; everything that is set must hold.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Parts of the id or the name, in any case; each must occur.
    pub words: Vec<String>,
    pub capabilities: Vec<Capability>,
    pub free: bool,
    /// Most USD per million tokens, in as well as out.
    pub max_price: Option<f64>,
    /// Least tokens of context.
    pub min_context: Option<u64>,
    /// What stands before the `/` of the id, in any case.
    pub author: Option<String>,
}

impl Filter {
    /// What is not told of a model does not hold.
    pub fn matches(&self, model: &Model) -> bool {
        let is_affordable = |most: f64| {
            model
                .price
                .rates()
                .is_some_and(|rates| rates.input <= most && rates.output <= most)
        };
        self.has_words(model)
            && self
                .capabilities
                .iter()
                .all(|capability| model.can(*capability) == Some(true))
            && (!self.free || model.is_free())
            && self.max_price.is_none_or(is_affordable)
            && self
                .min_context
                .is_none_or(|least| model.context.is_some_and(|context| context >= least))
            && self.author.as_deref().is_none_or(|wanted| {
                model
                    .author()
                    .is_some_and(|author| author.eq_ignore_ascii_case(wanted))
            })
    }

    fn has_words(&self, model: &Model) -> bool {
        if self.words.is_empty() {
            return true;
        }
        let (id, name) = (
            model.id.to_lowercase(),
            model.name.as_deref().unwrap_or_default().to_lowercase(),
        );
        self.words
            .iter()
            .map(|word| word.to_lowercase())
            .all(|word| id.contains(&word) || name.contains(&word))
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// The cheapest first, in and out added.
    Price,
    /// The largest first.
    Context,
    Newest,
    /// By id.
    Name,
}

/// Sorts; what is not told stands last, and equals by id.
pub fn sort(models: &mut [&Model], order: Order) {
    models.sort_by(|left, right| compare(left, right, order).then_with(|| left.id.cmp(&right.id)));
}

fn compare(left: &Model, right: &Model, order: Order) -> Ordering {
    let price = |model: &Model| {
        model
            .price
            .rates()
            .map_or(f64::INFINITY, |rates| rates.input + rates.output)
    };
    match order {
        Order::Price => price(left).total_cmp(&price(right)),
        Order::Context => right.context.cmp(&left.context),
        Order::Newest => right.created.cmp(&left.created),
        Order::Name => Ordering::Equal,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::decode;

    fn models() -> Vec<Model> {
        decode::models(include_bytes!("../../tests/data/models.json")).unwrap()
    }

    fn ids(filter: &Filter) -> Vec<String> {
        models()
            .into_iter()
            .filter(|model| filter.matches(model))
            .map(|model| model.id)
            .collect()
    }

    fn with(capability: Capability) -> Filter {
        Filter {
            capabilities: vec![capability],
            ..Filter::default()
        }
    }

    #[test]
    fn every_filter_takes_only_what_is_told() {
        assert_eq!(
            ids(&with(Capability::Reasoning)),
            [
                "acme/every-effort",
                "anthropic/claude-sonnet-4",
                "openai/gpt-5-nano"
            ]
        );
        assert_eq!(ids(&with(Capability::Logprobs)), ["acme/tiered"]);
        assert_eq!(
            ids(&with(Capability::Images)),
            ["anthropic/claude-sonnet-4", "openai/gpt-5-nano"]
        );
        assert_eq!(
            ids(&with(Capability::Tools)),
            [
                "acme/retiring",
                "acme/tiered",
                "anthropic/claude-sonnet-4",
                "openai/gpt-5-nano"
            ]
        );
        assert_eq!(
            ids(&Filter {
                free: true,
                ..Filter::default()
            }),
            ["acme/tiny:free"]
        );
        assert_eq!(
            ids(&Filter {
                min_context: Some(400_000),
                ..Filter::default()
            }),
            [
                "acme/tiered",
                "anthropic/claude-sonnet-4",
                "openai/gpt-5-nano"
            ]
        );
        assert_eq!(
            ids(&Filter {
                author: Some("OpenAI".to_owned()),
                ..Filter::default()
            }),
            ["openai/gpt-5-nano"]
        );
        let cheap = Filter {
            max_price: Some(0.4),
            ..Filter::default()
        };
        assert_eq!(
            ids(&cheap),
            ["acme/tiny:free", "acme/zero-priced", "openai/gpt-5-nano"]
        );
        assert_eq!(
            ids(&Filter {
                free: true,
                ..cheap
            }),
            ["acme/tiny:free"]
        );
    }

    #[test]
    fn words_are_parts_of_id_or_name_in_any_case() {
        let words = |text: &str| {
            ids(&Filter {
                words: text.split_whitespace().map(str::to_owned).collect(),
                ..Filter::default()
            })
        };
        assert_eq!(words("SONNET"), ["anthropic/claude-sonnet-4"]);
        assert_eq!(words("acme hears"), ["acme/audio-chat"]);
        assert_eq!(words("acme nano"), Vec::<String>::new());
        assert_eq!(words("").len(), 11);
    }

    #[test]
    fn what_is_not_told_stands_last() {
        let models = models();
        let first_and_last = |order| {
            let mut sorted: Vec<&Model> = models.iter().collect();
            sort(&mut sorted, order);
            (
                sorted[0].id.clone(),
                sorted[1].id.clone(),
                sorted[10].id.clone(),
            )
        };
        let words = |ids: [&str; 3]| (ids[0].to_owned(), ids[1].to_owned(), ids[2].to_owned());
        assert_eq!(
            first_and_last(Order::Price),
            words(["acme/tiny:free", "acme/zero-priced", "openrouter/auto"])
        );
        assert_eq!(
            first_and_last(Order::Context),
            words([
                "acme/tiered",
                "anthropic/claude-sonnet-4",
                "openrouter/auto"
            ])
        );
        assert_eq!(
            first_and_last(Order::Newest),
            words(["acme/tiered", "openai/gpt-5-nano", "acme/wrong-types"])
        );
        assert_eq!(
            first_and_last(Order::Name),
            words(["acme/audio-chat", "acme/bare", "openrouter/auto"])
        );
    }
}
