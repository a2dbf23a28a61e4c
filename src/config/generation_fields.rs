//! Deserialises the generation settings of a profile, each by the row of its option.

use serde::de::Error;
use serde::{Deserialize, Deserializer};

use super::generation::{GenerationSettings, read_yaml};
use crate::chat::reasoning::Effort;

type Read<T, E> = Result<Option<T>, E>;

pub(super) fn temperature<'de, D: Deserializer<'de>>(field: D) -> Read<f64, D::Error> {
    Ok(settings("temperature", field)?.temperature)
}

pub(super) fn top_p<'de, D: Deserializer<'de>>(field: D) -> Read<f64, D::Error> {
    Ok(settings("top_p", field)?.top_p)
}

pub(super) fn max_tokens<'de, D: Deserializer<'de>>(field: D) -> Read<u32, D::Error> {
    Ok(settings("max_tokens", field)?.max_tokens)
}

pub(super) fn reasoning_effort<'de, D: Deserializer<'de>>(field: D) -> Read<Effort, D::Error> {
    Ok(settings("reasoning_effort", field)?.effort)
}

fn settings<'de, D: Deserializer<'de>>(
    name: &str,
    field: D,
) -> Result<GenerationSettings, D::Error> {
    let value = serde_yaml::Value::deserialize(field)?;
    let value = read_yaml(name, &value).map_err(D::Error::custom)?;
    let mut settings = GenerationSettings::default();
    settings.set(name, value.as_ref());
    Ok(settings)
}
