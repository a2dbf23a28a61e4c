//! The price of a model, in USD per million tokens.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::chat::cost::TokenPrice;
use crate::wire::json_place::value_at;

/// The price of a model, where its provider reports one.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Price {
    #[default]
    Unknown,
    /// A router: the price is that of the model it selects.
    Varies,
    Tokens(TokenRates),
}

/// USD per million tokens.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TokenRates {
    pub input: f64,
    pub output: f64,
    /// There are other charges, such as one for each request.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub has_more: bool,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tiers: Vec<PriceTier>,
}

/// Other rates for long prompts, or at some hours.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PriceTier {
    /// Minimum prompt tokens; 0 when the tier does not depend on them.
    pub from: u64,
    pub input: f64,
    pub output: f64,
}

/// Where servers list prices in USD per million tokens, as JSON pointers: input and output.
const PER_MILLION: &[(&str, &str)] = &[
    // Together
    ("/pricing/input", "/pricing/output"),
    // DeepInfra
    (
        "/metadata/pricing/input_tokens",
        "/metadata/pricing/output_tokens",
    ),
];

/// A rate of a cent per token, in USD per million tokens, which no model has: servers such as
/// Chutes list rates per million tokens under OpenRouter's names of those per token.
const ABSURD_RATE: f64 = 10_000.0;

impl Price {
    /// The price in a row of a model list.
    pub(super) fn of_row(row: &Value) -> Self {
        match Self::decode(&row["pricing"]) {
            Self::Unknown => Self::per_million(row).unwrap_or_default(),
            Self::Tokens(rates) if rates.input.max(rates.output) >= ABSURD_RATE => {
                Self::Tokens(TokenRates {
                    input: rates.input / 1e6,
                    output: rates.output / 1e6,
                    tiers: Vec::new(),
                    ..rates
                })
            }
            price => price,
        }
    }

    /// A price per million tokens. Together lists 0 for models that it bills by the hour, so that
    /// is no price.
    fn per_million(row: &Value) -> Option<Self> {
        let usd = |place: &str| {
            let usd = value_at(row, place)?.as_f64()?;
            (usd.is_finite() && usd >= 0.0).then_some(usd)
        };
        let mut places = PER_MILLION.iter();
        let (input, output) =
            places.find_map(|(input, output)| Some((usd(input)?, usd(output)?)))?;
        (input + output > 0.0).then_some(Self::Tokens(TokenRates {
            input,
            output,
            has_more: false,
            tiers: Vec::new(),
        }))
    }

    /// Decodes OpenRouter's `pricing`: strings or numbers in USD per token.
    pub fn decode(pricing: &Value) -> Self {
        let (Some(input), Some(output)) = (
            per_million(&pricing["prompt"]),
            per_million(&pricing["completion"]),
        ) else {
            return Self::Unknown;
        };
        if input < 0.0 || output < 0.0 {
            return Self::Varies;
        }
        let reasoning = per_million(&pricing["internal_reasoning"]).unwrap_or_default();
        let tiers = pricing["overrides"].as_array().into_iter().flatten();
        // One with a negative rate is skipped.
        let tier = |tier: &Value| {
            let rate = |name: &str, base: f64| {
                let rate = per_million(&tier[name]).unwrap_or(base);
                (rate >= 0.0).then_some(rate)
            };
            Some(PriceTier {
                from: tier["min_prompt_tokens"].as_u64().unwrap_or_default(),
                input: rate("prompt", input)?,
                output: rate("completion", output)?.max(reasoning),
            })
        };
        let has_more = per_million(&pricing["request"]).is_some_and(|request| request > 0.0);
        Self::Tokens(TokenRates {
            input,
            output: output.max(reasoning),
            has_more,
            tiers: tiers.filter_map(tier).collect(),
        })
    }

    pub fn rates(&self) -> Option<&TokenRates> {
        match self {
            Self::Tokens(rates) => Some(rates),
            Self::Unknown | Self::Varies => None,
        }
    }

    /// The maximum price of a token for prompts up to this length; `None` when it is unknown.
    pub fn at_most(&self, prompt_tokens: u64) -> Option<TokenPrice> {
        let rates = self.rates().filter(|rates| !rates.has_more)?;
        let tiers = rates.tiers.iter().filter(|tier| tier.from <= prompt_tokens);
        let base = TokenPrice {
            input: rates.input,
            output: rates.output,
        };
        Some(tiers.fold(base, |price, tier| TokenPrice {
            input: price.input.max(tier.input),
            output: price.output.max(tier.output),
        }))
    }
}

/// Converts USD per token, a string or a number, to USD per million, without rounding errors.
fn per_million(value: &Value) -> Option<f64> {
    let per_token = match value {
        Value::String(text) => text.trim().parse::<f64>().ok()?,
        Value::Number(number) => number.as_f64()?,
        _ => return None,
    };
    let per_million = (per_token * 1e15).round() / 1e9;
    per_million.is_finite().then_some(per_million)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn rates(pricing: &Value) -> TokenRates {
        Price::decode(pricing).rates().unwrap().clone()
    }

    #[test]
    fn strings_and_numbers_per_token_become_dollars_per_million() {
        let texts =
            rates(&json!({"prompt": "0.00000025", "completion": "0.000002", "discount": 0.1}));
        assert_eq!(
            (texts.input, texts.output, texts.has_more),
            (0.25, 2.0, false)
        );
        let pair = |pricing: &Value| (rates(pricing).input, rates(pricing).output);
        assert_eq!(
            pair(&json!({"prompt": 3e-6, "completion": "0.000015"})),
            (3.0, 15.0)
        );
        assert_eq!(pair(&json!({"prompt": "0", "completion": "0"})), (0.0, 0.0));
    }

    #[test]
    fn prices_per_million_tokens_are_read_and_zero_is_none() {
        let together = |input: f64, output: f64| {
            let pricing = json!({"hourly": 3, "input": input, "output": output, "base": 0});
            json!({"pricing": pricing})
        };
        let rows = [
            (together(0.88, 0.9), Some((0.88, 0.9))),
            (together(0.0, 0.0), None),
            (together(-1.0, 2.0), None),
            (json!({"pricing": {"input": "cheap", "output": 1}}), None),
            (
                json!({"metadata": {"pricing": {"input_tokens": 0.2, "output_tokens": 0.6}}}),
                Some((0.2, 0.6)),
            ),
            (
                json!({"pricing": {"prompt": "0.000001", "completion": "0.000002", "input": 9}}),
                Some((1.0, 2.0)),
            ),
            (
                json!({"pricing": {"prompt": 0.2, "completion": 0.8}}),
                Some((0.2, 0.8)),
            ),
            (
                json!({"pricing": {"prompt": 0.003, "completion": 0.01}}),
                Some((0.003, 0.01)),
            ),
            (
                json!({"pricing": {"prompt": "0.00015", "completion": "0.0006"}}),
                Some((150.0, 600.0)),
            ),
        ];
        for (row, expected) in rows {
            let price = Price::of_row(&row);
            let rates = price.rates().map(|rates| (rates.input, rates.output));
            assert_eq!(rates, expected, "{row}");
        }
    }

    #[test]
    fn an_invalid_price_is_unknown_and_never_free() {
        for pricing in [
            json!(null),
            json!({}),
            json!({"prompt": "0.1"}),
            json!({"prompt": "", "completion": "x"}),
            json!({"prompt": [], "completion": {}}),
        ] {
            assert_eq!(Price::decode(&pricing), Price::Unknown, "{pricing}");
        }
        for text in ["inf", "NaN", "1e400"] {
            assert_eq!(
                Price::decode(&json!({"prompt": text, "completion": "0"})),
                Price::Unknown,
                "{text}"
            );
        }
        assert_eq!(
            Price::decode(&json!({"prompt": "-1", "completion": "-1"})),
            Price::Varies
        );
    }

    #[test]
    fn a_long_prompt_has_the_rates_of_its_tier() {
        let tier = json!({"min_prompt_tokens": 200_000, "prompt": "0.000006"});
        let price = Price::decode(
            &json!({"prompt": "0.000003", "completion": "0.000015", "overrides": [tier, {"utc_start": 1, "completion": "0.00002"}]}),
        );
        let most = |tokens| {
            price
                .at_most(tokens)
                .map(|price| (price.input, price.output))
                .unwrap()
        };
        assert_eq!((most(199_999), most(200_000)), ((3.0, 20.0), (6.0, 20.0)));
        let negative = rates(&json!({"prompt": "0.1", "completion": "0.1", "overrides": [
            {"prompt": "-1"}, {"completion": -0.5, "prompt": "0.2"}, {"prompt": "0.3"},
        ]}));
        assert_eq!(negative.tiers.len(), 1);
        let thinking = Price::decode(
            &json!({"prompt": "0", "completion": "0.000001", "internal_reasoning": "0.000003"}),
        );
        assert_eq!(
            thinking.at_most(1),
            Some(TokenPrice {
                input: 0.0,
                output: 3.0
            })
        );
        assert_eq!(
            Price::decode(&json!({"prompt": "0.1", "completion": "0.1", "request": "0.005"}))
                .at_most(1),
            None
        );
    }
}
