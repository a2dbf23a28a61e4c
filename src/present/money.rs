//! Money in USD: amounts, costs with what is known of them, and prices per million tokens.

use super::count::thousands;
use crate::catalog::Price;
use crate::chat::cost::{Cost, CostSource, Spent};

/// Below this, an amount is shown with two significant digits; from it on, in cents.
const CENT: f64 = 0.01;

/// Most decimal places: what is smaller is no amount that a provider bills.
const MOST_DECIMALS: usize = 15;

/// `$12.50`, `$0.25`, `$0.0063`. An amount above zero is never shown as zero.
pub(crate) fn usd(amount: f64) -> String {
    let sign = if amount < 0.0 { "-" } else { "" };
    format!("{sign}${}", digits(amount.abs()))
}

/// An amount that is not less, with two significant digits or in cents: `$0.0064` for 0.00631.
pub(crate) fn usd_up(amount: f64) -> String {
    let step = if amount >= CENT {
        CENT
    } else if amount > 0.0 {
        10_f64.powf(amount.log10().floor() - 1.0)
    } else {
        return usd(0.0);
    };
    // A rounding error of binary fractions is no step.
    usd((amount / step - 1e-9).ceil() * step)
}

/// Two amounts with as many digits as it takes to tell them apart: `$0.1004` and `$0.0998`.
pub(crate) fn usd_apart(one: f64, other: f64) -> [String; 2] {
    let short = [usd(one), usd(other)];
    if short[0] != short[1] {
        return short;
    }
    let longer = (3..=MOST_DECIMALS)
        .map(|decimals| [one, other].map(|amount| format!("${amount:.decimals$}")));
    longer
        .clone()
        .find(|[one, other]| one != other)
        .unwrap_or(short)
}

/// The digits of an amount of zero or more, without the sign of the currency.
fn digits(amount: f64) -> String {
    if amount == 0.0 {
        return "0".to_owned();
    }
    if amount < CENT {
        return significant(amount);
    }
    let text = format!("{amount:.2}");
    match text.split_once('.') {
        Some((whole, cents)) => match whole.parse::<u64>() {
            Ok(whole) => format!("{}.{cents}", thousands(whole)),
            Err(_) => text,
        },
        None => text,
    }
}

/// Two significant digits of an amount below a cent, without trailing zeros.
fn significant(amount: f64) -> String {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "at least 3 for an amount below a cent, and clamped"
    )]
    let decimals = ((1.0 - amount.log10().floor()) as usize).min(MOST_DECIMALS);
    let text = format!("{amount:.decimals$}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// The cost of one answer: `~` marks an estimate.
pub(crate) fn cost_words(cost: Cost) -> String {
    match (cost.usd, cost.source) {
        (Some(amount), CostSource::Estimate) => format!("~{}", usd(amount)),
        (Some(amount), _) => usd(amount),
        (None, _) => "cost unknown".to_owned(),
    }
}

/// The cost of several answers: `~` before an estimate, `+` after a sum with unknown parts. An
/// unknown cost is never zero.
pub(crate) fn spent_words(spent: Spent) -> String {
    match spent.usd {
        None if spent.has_unknown => "cost unknown".to_owned(),
        amount => format!(
            "{}{}{}",
            if spent.has_estimates { "~" } else { "" },
            usd(amount.unwrap_or_default()),
            if spent.has_unknown { "+" } else { "" }
        ),
    }
}

/// A price in USD per million tokens with up to four decimal places: `3`, `0.25`, `0.0375`.
pub(crate) fn rate(usd_per_million: f64) -> String {
    let text = format!("{usd_per_million:.4}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "0" && usd_per_million > 0.0 {
        "<0.0001".to_owned()
    } else {
        text.to_owned()
    }
}

/// Input and output prices as cells of a table.
pub(crate) fn price(price: &Price) -> (String, String) {
    match price {
        Price::Unknown => ("-".to_owned(), "-".to_owned()),
        Price::Varies => ("varies".to_owned(), "varies".to_owned()),
        Price::Tokens(rates) => (rate(rates.input), rate(rates.output)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_have_cents_or_two_significant_digits() {
        let amounts = [
            0.0, 0.01, 0.0123, 0.25, 12.5, 1234.5, 0.0063, 0.006_349, 0.009_96, 0.006, 4e-7,
            4.56e-7, -1.25,
        ];
        assert_eq!(
            amounts.map(usd),
            [
                "$0",
                "$0.01",
                "$0.01",
                "$0.25",
                "$12.50",
                "$1,234.50",
                "$0.0063",
                "$0.0063",
                "$0.01",
                "$0.006",
                "$0.0000004",
                "$0.00000046",
                "-$1.25"
            ]
        );
    }

    #[test]
    fn an_unknown_cost_is_never_zero() {
        let spent = |usd, has_unknown| {
            spent_words(Spent {
                usd,
                has_estimates: false,
                has_unknown,
            })
        };
        let known = [
            spent(None, true),
            spent(Some(0.5), true),
            spent(Some(0.5), false),
            spent(None, false),
        ];
        assert_eq!(known, ["cost unknown", "$0.50+", "$0.50", "$0"]);
    }

    #[test]
    fn rates_have_no_trailing_zeros() {
        assert_eq!(
            [0.25, 3.0, 0.0375, 0.0, 0.000_001, 75.5].map(rate),
            ["0.25", "3", "0.0375", "0", "<0.0001", "75.5"]
        );
    }
}
