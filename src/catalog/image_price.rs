//! What an image costs at OpenRouter, by the endpoints of its model. Costs are in USD.

use serde_json::Value;

use super::decode::text;

/// Pixels of a megapixel.
const MEGAPIXEL: f64 = 1_000_000.0;

/// Pixels on each side of the squares that the names of sizes stand for.
const TIERS: &[(&str, f64)] = &[
    ("512", 512.0),
    ("768", 768.0),
    ("1k", 1024.0),
    ("1.5k", 1536.0),
    ("2k", 2048.0),
    ("4k", 4096.0),
];

/// One line of the price list of an endpoint.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ImageRate {
    /// Such as `output_image`, `input_image`, `input_text`.
    billable: String,
    /// Such as `image`, `megapixel`, `token`, `request`.
    unit: String,
    usd: f64,
    /// The size that it is for, such as `2k`.
    variant: Option<String>,
}

/// The request that is to be billed.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct ImageOrder<'a> {
    pub count: u32,
    pub inputs: usize,
    /// As the user wrote it: a tier, or pixels.
    pub size: Option<&'a str>,
    /// Most tokens of the prompt.
    pub prompt_tokens: u64,
}

/// The price lists in a response, one for each endpoint; `None` when it is none.
pub(super) fn decode(body: &[u8]) -> Option<Vec<Vec<ImageRate>>> {
    let value: Value = serde_json::from_slice(body).ok()?;
    let endpoints = value["endpoints"]
        .as_array()
        .or_else(|| value["data"]["endpoints"].as_array())?;
    let rates = |endpoint: &Value| {
        let rows = endpoint["pricing"].as_array().into_iter().flatten();
        rows.filter_map(rate).collect()
    };
    Some(endpoints.iter().map(rates).collect())
}

fn rate(row: &Value) -> Option<ImageRate> {
    Some(ImageRate {
        billable: text(&row["billable"])?,
        unit: text(&row["unit"])?,
        usd: row["cost_usd"]
            .as_f64()
            .filter(|usd| usd.is_finite() && *usd >= 0.0)?,
        variant: text(&row["variant"]).map(|variant| variant.to_ascii_lowercase()),
    })
}

/// The most that a request costs at whichever endpoint; `None` when one of them bills what is not
/// known before.
pub(crate) fn most(endpoints: &[Vec<ImageRate>], order: ImageOrder<'_>) -> Option<f64> {
    let costs: Option<Vec<f64>> = endpoints.iter().map(|rates| of(rates, order)).collect();
    costs?.into_iter().reduce(f64::max)
}

fn of(rates: &[ImageRate], order: ImageOrder<'_>) -> Option<f64> {
    let is_output = |rate: &&ImageRate| rate.billable == "output_image";
    let outputs: Vec<&ImageRate> = rates.iter().filter(is_output).collect();
    let variant = order.size.map(str::to_ascii_lowercase);
    let exact = outputs
        .iter()
        .filter(|rate| rate.variant.is_some() && rate.variant == variant);
    let exact: Vec<&ImageRate> = exact.copied().collect();
    let fitting = if exact.is_empty() { outputs } else { exact };
    let each: Option<Vec<f64>> = fitting
        .into_iter()
        .map(|rate| units(&rate.unit, order).map(|units| units * rate.usd))
        .collect();
    let image = each?.into_iter().reduce(f64::max)?;
    let mut total = image * f64::from(order.count);
    for rate in rates.iter().filter(|rate| !is_output(rate)) {
        total += rate.usd * other_units(rate, order)?;
    }
    Some(total)
}

/// How many units an image has; `None` when that is known only afterwards.
fn units(unit: &str, order: ImageOrder<'_>) -> Option<f64> {
    match unit {
        "image" | "request" => Some(1.0),
        "megapixel" => pixels(order.size?).map(|pixels| (pixels / MEGAPIXEL).ceil()),
        _ => None,
    }
}

/// How many units of something else a request has.
fn other_units(rate: &ImageRate, order: ImageOrder<'_>) -> Option<f64> {
    #[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
    match (rate.billable.as_str(), rate.unit.as_str()) {
        (_, "request") => Some(1.0),
        ("input_text", "token") => Some(order.prompt_tokens as f64),
        ("input_image" | "input_reference", "image") => Some(order.inputs as f64),
        ("input_image" | "input_reference" | "input_font", _) if order.inputs == 0 => Some(0.0),
        _ => None,
    }
}

/// The pixels of `1024x1536`, or of a tier.
fn pixels(size: &str) -> Option<f64> {
    let size = size.to_ascii_lowercase();
    if let Some((_, length)) = TIERS.iter().find(|(name, _)| *name == size) {
        return Some(length * length);
    }
    let (width, height) = size.split_once('x')?;
    let parse = |text: &str| text.parse::<u32>().ok().filter(|pixels| *pixels > 0);
    Some(f64::from(parse(width)?) * f64::from(parse(height)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn lists(pricing: &Value) -> Vec<Vec<ImageRate>> {
        let body = json!({"id": "a/b", "endpoints": [{"pricing": pricing}]});
        decode(body.to_string().as_bytes()).unwrap()
    }

    fn cost(pricing: &Value, order: ImageOrder<'_>) -> Option<f64> {
        most(&lists(pricing), order)
    }

    fn line(billable: &str, unit: &str, usd: f64, variant: Option<&str>) -> Value {
        json!({"billable": billable, "unit": unit, "cost_usd": usd, "variant": variant})
    }

    const TWO: ImageOrder<'static> = ImageOrder {
        count: 2,
        inputs: 0,
        size: None,
        prompt_tokens: 100,
    };

    #[test]
    fn images_are_counted_and_the_size_chooses_the_rate() {
        let tiers = json!([
            line("output_image", "image", 0.04, Some("2K")),
            line("output_image", "image", 0.08, Some("4k")),
            line("input_reference", "image", 0.01, None),
        ]);
        assert_eq!(cost(&tiers, TWO), Some(0.16));
        let small = ImageOrder {
            size: Some("2k"),
            inputs: 3,
            ..TWO
        };
        assert_eq!(cost(&tiers, small), Some(0.11));
        let area = json!([line("output_image", "megapixel", 0.03, None)]);
        let sized = ImageOrder {
            size: Some("1500x1000"),
            ..TWO
        };
        assert_eq!((cost(&area, sized), cost(&area, TWO)), (Some(0.12), None));
    }

    #[test]
    fn what_is_counted_afterwards_is_unknown() {
        let tokens = json!([line("output_image", "token", 3e-5, None)]);
        assert_eq!(cost(&tokens, TWO), None);
        let unknown = json!([
            line("output_image", "image", 0.04, None),
            line("output_hologram", "gram", 1.0, None),
        ]);
        assert_eq!(cost(&unknown, TWO), None);
        let text = json!([
            line("output_image", "image", 0.04, None),
            line("input_text", "token", 0.0001, None),
            line("input_image", "token", 0.1, None),
        ]);
        assert_eq!(cost(&text, TWO), Some(0.09));
        assert_eq!(cost(&json!([]), TWO), None);
        assert_eq!(most(&[], TWO), None);
    }

    #[test]
    fn the_most_expensive_endpoint_counts() {
        let list = |usd| json!({"pricing": [line("output_image", "image", usd, None)]});
        let body = json!({"data": {"endpoints": [list(0.02), list(0.05)]}});
        let lists = decode(body.to_string().as_bytes()).unwrap();
        assert_eq!(most(&lists, TWO), Some(0.1));
        assert_eq!(decode(b"{}"), None);
    }
}
