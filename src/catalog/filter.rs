//! Filters and sorts models.

use std::cmp::Ordering;

use super::model::{Capability, Model};

/// The criteria of a search; a model must match all that are set.
#[derive(Debug, Clone, Default)]
pub(crate) struct ModelFilter {
    /// Parts of the ID or the name, in any case; each must occur.
    pub words: Vec<String>,
    pub capabilities: Vec<Capability>,
    pub free: bool,
    /// Maximum USD per million tokens, for input and for output.
    pub max_price: Option<f64>,
    /// Minimum context length in tokens.
    pub min_context: Option<u64>,
    /// The part before the `/` of the ID, in any case.
    pub author: Option<String>,
}

impl ModelFilter {
    /// A criterion about something that the provider does not report is not met.
    pub(crate) fn matches(&self, model: &Model) -> bool {
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
pub(crate) enum ModelOrder {
    /// The cheapest first, by the sum of the input and output prices.
    Price,
    /// The largest first.
    Context,
    Newest,
    /// By ID.
    Name,
}

/// Sorts; unknown values come last, equal ones by ID.
pub(crate) fn sort(models: &mut [&Model], order: ModelOrder) {
    models.sort_by(|left, right| compare(left, right, order).then_with(|| left.id.cmp(&right.id)));
}

fn compare(left: &Model, right: &Model, order: ModelOrder) -> Ordering {
    let price = |model: &Model| {
        model
            .price
            .rates()
            .map_or(f64::INFINITY, |rates| rates.input + rates.output)
    };
    match order {
        ModelOrder::Price => price(left).total_cmp(&price(right)),
        ModelOrder::Context => right.context.cmp(&left.context),
        ModelOrder::Newest => right.created.cmp(&left.created),
        ModelOrder::Name => Ordering::Equal,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::decode;

    fn models() -> Vec<Model> {
        decode::models(include_bytes!("../../tests/data/models.json"), None).unwrap()
    }

    fn ids(filter: &ModelFilter) -> Vec<String> {
        models()
            .into_iter()
            .filter(|model| filter.matches(model))
            .map(|model| model.id)
            .collect()
    }

    fn with(capability: Capability) -> ModelFilter {
        ModelFilter {
            capabilities: vec![capability],
            ..ModelFilter::default()
        }
    }

    #[test]
    fn capabilities_match_only_models_that_report_them() {
        for (capability, expected) in [
            (
                Capability::Reasoning,
                &[
                    "acme/every-effort",
                    "anthropic/claude-sonnet-4",
                    "openai/gpt-5-nano",
                ][..],
            ),
            (Capability::Logprobs, &["acme/tiered"]),
            (
                Capability::Images,
                &["anthropic/claude-sonnet-4", "openai/gpt-5-nano"],
            ),
            (
                Capability::Tools,
                &[
                    "acme/retiring",
                    "acme/tiered",
                    "anthropic/claude-sonnet-4",
                    "openai/gpt-5-nano",
                ],
            ),
        ] {
            assert_eq!(ids(&with(capability)), expected, "{capability:?}");
        }
    }

    #[test]
    fn price_context_and_author_match_only_models_that_report_them() {
        let free = ModelFilter {
            free: true,
            ..ModelFilter::default()
        };
        assert_eq!(ids(&free), ["acme/tiny:free"]);
        let cheap = ModelFilter {
            max_price: Some(0.4),
            ..ModelFilter::default()
        };
        assert_eq!(
            ids(&cheap),
            ["acme/tiny:free", "acme/zero-priced", "openai/gpt-5-nano"]
        );
        let free_and_cheap = ModelFilter {
            free: true,
            ..cheap
        };
        assert_eq!(ids(&free_and_cheap), ["acme/tiny:free"]);
        let long = ModelFilter {
            min_context: Some(400_000),
            ..ModelFilter::default()
        };
        assert_eq!(
            ids(&long),
            [
                "acme/tiered",
                "anthropic/claude-sonnet-4",
                "openai/gpt-5-nano"
            ]
        );
        let by_author = ModelFilter {
            author: Some("OpenAI".to_owned()),
            ..ModelFilter::default()
        };
        assert_eq!(ids(&by_author), ["openai/gpt-5-nano"]);
    }

    #[test]
    fn words_are_parts_of_id_or_name_in_any_case() {
        let words = |text: &str| {
            ids(&ModelFilter {
                words: text.split_whitespace().map(str::to_owned).collect(),
                ..ModelFilter::default()
            })
        };
        assert_eq!(words("SONNET"), ["anthropic/claude-sonnet-4"]);
        assert_eq!(words("acme hears"), ["acme/audio-chat"]);
        assert_eq!(words("acme nano"), Vec::<String>::new());
        assert_eq!(words("").len(), 11);
    }

    #[test]
    fn unknown_values_come_last() {
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
            first_and_last(ModelOrder::Price),
            words(["acme/tiny:free", "acme/zero-priced", "openrouter/auto"])
        );
        assert_eq!(
            first_and_last(ModelOrder::Context),
            words([
                "acme/tiered",
                "anthropic/claude-sonnet-4",
                "openrouter/auto"
            ])
        );
        assert_eq!(
            first_and_last(ModelOrder::Newest),
            words(["acme/tiered", "openai/gpt-5-nano", "acme/wrong-types"])
        );
        assert_eq!(
            first_and_last(ModelOrder::Name),
            words(["acme/audio-chat", "acme/bare", "openrouter/auto"])
        );
    }
}
