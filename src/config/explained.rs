//! What a request carries and why, where that is more than one setting says: the budget and the effort of a reasoning route, fields of the body.

use serde_json::Value;

use super::layers::{Setting, Source};
use super::options::laid::Origin;
use super::options::path;
use super::profile::ReasoningMode;
use super::settings::{Explained, Settings};
use crate::chat::reasoning::{self, Effort, Wish};

/// Said of a setting that stays behind.
pub const NOT_SENT: &str = "not sent";

impl Settings {
    /// The effort that a question is sent with; `None` when it is not on a reasoning route.
    fn effort_sent(&self) -> Option<Effort> {
        let wish = match self.reasoning.value {
            ReasoningMode::Auto => Wish::Auto,
            ReasoningMode::On => Wish::On,
            ReasoningMode::Off => Wish::Off,
        };
        reasoning::effort_on_route(&self.model.value, wish, self.effort.as_ref().map(|effort| effort.value))
    }

    /// On a reasoning route the floor may hide what was asked for.
    pub(super) fn explained_max_tokens(&self) -> Explained {
        let asked = shown(&self.max_tokens);
        if self.effort_sent().is_none() || self.floor.value <= self.max_tokens.value {
            return Explained { key: "max_tokens".to_owned(), value: asked.0, source: asked.1, hides: hidden(&self.max_tokens) };
        }
        let source = format!("{}, floor of reasoning routes", self.floor.source);
        let hides = [asked].into_iter().chain(hidden(&self.max_tokens)).collect();
        Explained { key: "max_tokens".to_owned(), value: self.floor.value.to_string(), source, hides }
    }

    /// The effort of the route, or that the one that is set stays behind.
    pub(super) fn explained_effort(&self) -> Option<Explained> {
        let key = "reasoning_effort".to_owned();
        match (self.effort_sent(), &self.effort) {
            (None, None) => None,
            (Some(sent), None) => {
                Some(Explained { key, value: sent.to_string(), source: format!("{}, on a reasoning route", Source::Default), hides: Vec::new() })
            }
            (Some(_), Some(set)) => Some(Explained { key, value: set.value.to_string(), source: set.source.to_string(), hides: hidden(set) }),
            (None, Some(set)) => {
                let hides = [shown(set)].into_iter().chain(hidden(set)).collect();
                Some(Explained { key, value: NOT_SENT.to_owned(), source: format!("reasoning is off, {}", self.reasoning.source), hides })
            }
        }
    }

    /// Fields of the body by their own names, as JSON, each with the layers that it is made of.
    pub(super) fn explained_body(&self) -> Vec<Explained> {
        let profile = self.profile.value.as_str();
        let line = |(field, value): (&String, &Value)| {
            let origin = self.options.origin(field);
            let source = origin.as_ref().map_or_else(|| Source::Default.to_string(), |origin| origin.words(profile));
            let is_chosen = matches!(origin, Some(Origin::Chosen(_)));
            let below = self.options.of_profile.get(field).filter(|below| is_chosen && *below != value);
            let hides = below.map(|below| (below.to_string(), self.file_words())).into_iter().collect();
            Explained { key: format!("body.{field}"), value: value.to_string(), source, hides }
        };
        self.body.iter().map(line).collect()
    }

    /// One option inside a field of the body, such as `provider.sort`; `None` when it is not sent.
    pub fn explained_option(&self, name: &str) -> Option<Explained> {
        let value = path::get(&self.body, name)?.to_string();
        let origin = self.options.origin(name)?;
        let below = path::get(&self.options.of_profile, name).filter(|_| matches!(origin, Origin::Chosen(_))).map(ToString::to_string);
        let hides = below.filter(|below| *below != value).map(|below| (below, self.file_words())).into_iter().collect();
        Some(Explained { key: format!("body.{name}"), value, source: origin.words(&self.profile.value), hides })
    }

    /// Models to fall back to, where the provider is told of them.
    pub(super) fn explained_fallbacks(&self) -> Option<Explained> {
        let models = &self.fallback_models;
        if models.is_empty() || !self.entry.is_openrouter {
            return None;
        }
        let origin = self.options.origin("models");
        let source = origin.map_or_else(|| self.file_words(), |origin| origin.words(&self.profile.value));
        Some(Explained { key: "fallback_models".to_owned(), value: models.join(", "), source, hides: Vec::new() })
    }

    pub(super) fn explained_private(&self) -> Option<Explained> {
        let (value, origin) = self.options.private.as_ref()?;
        let source = origin.words(&self.profile.value);
        Some(Explained { key: "private".to_owned(), value: value.to_string(), source, hides: Vec::new() })
    }

    fn file_words(&self) -> String {
        Source::File { profile: self.profile.value.clone() }.to_string()
    }
}

fn shown<T: ToString>(setting: &Setting<T>) -> (String, String) {
    (setting.value.to_string(), setting.source.to_string())
}

fn hidden<T: ToString>(setting: &Setting<T>) -> Vec<(String, String)> {
    setting.hides.iter().map(|(value, source)| (value.to_string(), source.to_string())).collect()
}
