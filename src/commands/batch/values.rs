//! The values of the options of `amx batch`.

use crate::batch::input::{FORMATS, InputFormat};
use crate::batch::options::{FORMS, FromRow, KeptColumns, LineOrder, MaxErrors, OutputForm};

/// A value of `--from`.
pub(super) fn format(text: &str) -> Result<InputFormat, String> {
    let found = FORMATS.iter().find(|(name, _)| *name == text);
    found.map(|(_, format)| *format).ok_or_else(|| {
        let names: Vec<&str> = FORMATS.iter().map(|(name, _)| *name).collect();
        format!("must be one of {}", names.join(", "))
    })
}

/// A value of `--as`.
pub(super) fn form(text: &str) -> Result<OutputForm, String> {
    OutputForm::read(text).ok_or_else(|| {
        let names: Vec<&str> = FORMS.iter().map(|(name, _)| *name).collect();
        format!("must be one of {}", names.join(", "))
    })
}

/// A value of `--keep`.
pub(super) fn kept(text: &str) -> Result<KeptColumns, String> {
    if text == "all" {
        return Ok(KeptColumns::All);
    }
    let names: Vec<String> = names(text).map(str::to_owned).collect();
    if names.is_empty() {
        return Err("must be names of columns, or all".to_owned());
    }
    Ok(KeptColumns::Named(names))
}

/// A value of `--from-row`.
pub(super) fn from_row(text: &str) -> Result<FromRow, String> {
    let mut from_row = FromRow::default();
    for name in names(text) {
        match name {
            "model" => from_row.model = true,
            "system" => from_row.system = true,
            "schema" => from_row.schema = true,
            _ => return Err("must be some of model, schema, system".to_owned()),
        }
    }
    Ok(from_row)
}

/// A value of `--order`.
pub(super) fn order(text: &str) -> Result<LineOrder, String> {
    match text {
        "done" => Ok(LineOrder::Done),
        "input" => Ok(LineOrder::Input),
        _ => Err("must be done or input".to_owned()),
    }
}

/// A number a minute.
pub(super) fn per_minute(text: &str) -> Result<f64, String> {
    let number = text
        .strip_suffix("/min")
        .and_then(|number| number.parse().ok());
    number
        .filter(|number: &f64| *number > 0.0 && number.is_finite())
        .ok_or_else(|| "must be a number a minute, such as 300/min".to_owned())
}

/// An amount in USD.
pub(super) fn amount(text: &str) -> Result<f64, String> {
    let amount = text
        .parse()
        .ok()
        .filter(|amount| (0.0..=1e9).contains(amount));
    amount.ok_or_else(|| "must be an amount in USD, 0 or more".to_owned())
}

/// A value of `--max-errors`.
pub(super) fn max_errors(text: &str) -> Result<MaxErrors, String> {
    let wrong = || "must be a number of rows, or a percentage such as 5%".to_owned();
    match text.strip_suffix('%') {
        Some(percent) => {
            let percent: f64 = percent.parse().map_err(|_| wrong())?;
            let is_part = (0.0..=100.0).contains(&percent);
            is_part
                .then_some(MaxErrors::Part(percent / 100.0))
                .ok_or_else(wrong)
        }
        None => text.parse().map(MaxErrors::Rows).map_err(|_| wrong()),
    }
}

fn names(text: &str) -> impl Iterator<Item = &str> {
    text.split(',')
        .map(str::trim)
        .filter(|name| !name.is_empty())
}
