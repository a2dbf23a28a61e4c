//! A span: one step of an answer, with its attributes.

use std::borrow::Cow;
use std::time::SystemTime;

use super::context::{SpanContext, SpanId};

/// The value of an attribute.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value {
    Text(String),
    /// A word of amx or of the conventions, in which no secret can be.
    Word(&'static str),
    Integer(u64),
    Double(f64),
    Boolean(bool),
    Texts(Vec<String>),
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<u64> for Value {
    fn from(number: u64) -> Self {
        Self::Integer(number)
    }
}

impl From<u32> for Value {
    fn from(number: u32) -> Self {
        Self::Integer(number.into())
    }
}

impl From<f64> for Value {
    fn from(number: f64) -> Self {
        Self::Double(number)
    }
}

impl From<bool> for Value {
    fn from(boolean: bool) -> Self {
        Self::Boolean(boolean)
    }
}

/// Attributes in the order in which they are sent.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Attributes(Vec<(Cow<'static, str>, Value)>);

impl Attributes {
    /// Adds an attribute.
    pub(crate) fn add(&mut self, name: impl Into<Cow<'static, str>>, value: impl Into<Value>) {
        self.0.push((name.into(), value.into()));
    }

    /// Adds an attribute whose value is a constant.
    pub(crate) fn word(&mut self, name: &'static str, word: &'static str) {
        self.add(name, Value::Word(word));
    }

    /// Adds an attribute, or replaces its value.
    pub(crate) fn set(&mut self, name: &'static str, value: impl Into<Value>) {
        self.0.retain(|(known, _)| known != name);
        self.add(name, value);
    }

    pub(crate) fn remove(&mut self, names: &[&str]) {
        self.0.retain(|(name, _)| !names.contains(&name.as_ref()));
    }

    /// Adds an attribute that has a value.
    pub(crate) fn add_some(&mut self, name: &'static str, value: Option<impl Into<Value>>) {
        if let Some(value) = value {
            self.add(name, value);
        }
    }

    pub(crate) fn extend(&mut self, others: Self) {
        self.0.extend(others.0);
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&Cow<'static, str>, &Value)> {
        self.0.iter().map(|(name, value)| (name, value))
    }
}

/// Who a span is about, in the numbers of OTLP.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SpanKind {
    Internal = 1,
    Server = 2,
    Client = 3,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Span {
    pub context: SpanContext,
    pub parent: Option<SpanId>,
    /// A span of another trace that it belongs to.
    pub link: Option<SpanContext>,
    pub name: String,
    pub kind: SpanKind,
    pub start: SystemTime,
    pub end: SystemTime,
    pub attributes: Attributes,
    /// Our kind of error, in one word; `None` for a span that succeeded.
    pub error: Option<String>,
}
