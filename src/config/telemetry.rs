//! Reads `telemetry` of config.yml: where traces of answers are sent, and what is in them.

use std::collections::BTreeMap;

use serde_yaml::Value;
use url::Url;

use super::base_url::parse_base_url;
use super::fields::{FieldFault, Fields, fault};
use super::headers::{self, is_secret_header};
use crate::secrets::value::{self, ValueForm, ValueOwner};
use crate::wire::client::{endpoint, is_loopback};

/// The name of the section.
pub(crate) const SECTION: &str = "telemetry";

/// The settings of the section.
pub(super) const KEYS: &[&str] = &["otlp", "langfuse", "content", "metrics", "sample", "flush"];

/// The settings of each preset.
pub(super) const OTLP_KEYS: &[&str] = &["endpoint", "headers", "allow_insecure"];
pub(super) const LANGFUSE_KEYS: &[&str] = &["host", "public_key", "secret_key", "allow_insecure"];

/// When traces are sent.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Flush {
    /// When the program ends, which waits a moment for it.
    #[default]
    Exit,
    /// While the next question waits for its answer. Nothing waits for it.
    Later,
}

/// The settings as they are written.
#[derive(Debug, Clone, PartialEq)]
pub struct TelemetrySettings {
    pub destination: Destination,
    /// Texts of questions, answers and calls are sent.
    pub content: bool,
    pub metrics: bool,
    /// The share of traces that is sent, from 0 to 1.
    pub sample: f64,
    pub flush: Flush,
    /// The settings beside the destination that are written, and not left at their defaults.
    pub written: Vec<&'static str>,
}

/// Where traces are sent. Values may be references, as those of MCP servers.
#[derive(Debug, Clone, PartialEq)]
pub enum Destination {
    Otlp {
        /// The base URL; `None` leaves it to the variables of OpenTelemetry.
        endpoint: Option<String>,
        headers: BTreeMap<String, String>,
        allow_insecure: bool,
    },
    Langfuse {
        host: Option<String>,
        public_key: Option<String>,
        secret_key: Option<String>,
        allow_insecure: bool,
    },
}

impl TelemetrySettings {
    /// The defaults, for a destination.
    pub(crate) fn to(destination: Destination) -> Self {
        Self {
            destination,
            content: false,
            metrics: true,
            sample: 1.0,
            flush: Flush::Exit,
            written: Vec::new(),
        }
    }
}

/// Who the values of a preset are for.
pub(crate) fn owner(preset: &str) -> ValueOwner {
    ValueOwner::of(preset)
}

/// Checks the URL of a collector, as it is written or after its variables are replaced.
pub(crate) fn collector_url(text: &str, allow_insecure: bool) -> Result<Url, String> {
    let url = parse_base_url(text, true)?;
    if url.path().trim_end_matches('/').ends_with("/v1/traces") {
        return Err("must end before /v1/traces, which amx adds".to_owned());
    }
    refuse_exposed(&url, allow_insecure)?;
    Ok(url)
}

/// Plain http exposes keys and texts to the network.
pub(crate) fn refuse_exposed(url: &Url, allow_insecure: bool) -> Result<(), String> {
    if url.scheme() != "http" || allow_insecure || is_loopback(url) {
        return Ok(());
    }
    Err(format!(
        "'{}' is plain http to another machine; use https, or set allow_insecure: true beside it",
        endpoint(url)
    ))
}

/// The settings of the section; `None` without it.
pub(super) fn read(root: &Value) -> Result<Option<TelemetrySettings>, FieldFault> {
    let path = vec![SECTION.to_owned()];
    let entries = match root.get(SECTION) {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::Mapping(entries)) => entries,
        Some(_) => return Err(fault(path, "must be a mapping with otlp or langfuse")),
    };
    let fields = Fields { path, entries };
    let destination = match (inner(&fields, "otlp")?, inner(&fields, "langfuse")?) {
        (Some(_), Some(_)) => {
            return Err(fields
                .fault("langfuse", "is given besides otlp; choose one of them")
                .about_key());
        }
        (Some(otlp), None) => read_otlp(&otlp)?,
        (None, Some(langfuse)) => read_langfuse(&langfuse)?,
        (None, None) => return Err(fault(fields.path, "has neither otlp nor langfuse")),
    };
    let defaults = TelemetrySettings::to(destination);
    Ok(Some(TelemetrySettings {
        content: fields.boolean("content")?.unwrap_or(defaults.content),
        metrics: fields.boolean("metrics")?.unwrap_or(defaults.metrics),
        sample: sample(&fields)?.unwrap_or(defaults.sample),
        flush: flush(&fields)?,
        written: KEYS
            .iter()
            .copied()
            .filter(|key| fields.get(key).is_some())
            .collect(),
        destination: defaults.destination,
    }))
}

/// The mapping of a preset. Without a value it has none of its settings.
fn inner<'a>(fields: &Fields<'a>, key: &str) -> Result<Option<Fields<'a>>, FieldFault> {
    static NONE: std::sync::LazyLock<serde_yaml::Mapping> =
        std::sync::LazyLock::new(serde_yaml::Mapping::new);
    let entries = match fields.entries.get(key) {
        None => return Ok(None),
        Some(Value::Null) => &NONE,
        Some(Value::Mapping(entries)) => entries,
        Some(_) => return Err(fields.fault(key, "must be a mapping")),
    };
    let path = fields.path_of(key);
    Ok(Some(Fields { path, entries }))
}

fn read_otlp(fields: &Fields<'_>) -> Result<Destination, FieldFault> {
    let allow_insecure = fields.boolean("allow_insecure")?.unwrap_or(false);
    let endpoint = url(fields, "endpoint", allow_insecure)?;
    let headers = fields.map("headers")?;
    if endpoint.is_none() && !headers.is_empty() {
        let what = "needs endpoint beside it: a header is for one server";
        return Err(fields.fault("headers", what).about_key());
    }
    let owner = owner("otlp");
    for (name, text) in &headers {
        let wrong = headers::fault_of_collector(name, text)
            .or_else(|| value::fault(text, ValueForm::Value, &owner));
        if let Some(what) = wrong {
            let mut path = fields.path_of("headers");
            path.push(name.clone());
            return Err(fault(path, what));
        }
    }
    Ok(Destination::Otlp {
        endpoint,
        headers,
        allow_insecure,
    })
}

fn read_langfuse(fields: &Fields<'_>) -> Result<Destination, FieldFault> {
    let allow_insecure = fields.boolean("allow_insecure")?.unwrap_or(false);
    let owner = owner("langfuse");
    let key = |name: &str| {
        let text = fields.text(name)?;
        match text
            .as_deref()
            .and_then(|text| value::fault(text, ValueForm::Value, &owner))
        {
            Some(what) => Err(fields.fault(name, what)),
            None => Ok(text),
        }
    };
    Ok(Destination::Langfuse {
        host: url(fields, "host", allow_insecure)?,
        public_key: key("public_key")?,
        secret_key: key("secret_key")?,
        allow_insecure,
    })
}

/// A URL, which is checked here when it has no variables.
fn url(fields: &Fields<'_>, key: &str, allow_insecure: bool) -> Result<Option<String>, FieldFault> {
    let Some(text) = fields.text(key)? else {
        return Ok(None);
    };
    if let Some(what) = value::fault(&text, ValueForm::Argument, &owner("otlp")) {
        return Err(fields.fault(key, what));
    }
    if !text.contains("${") {
        collector_url(&text, allow_insecure).map_err(|what| fields.fault(key, what))?;
    }
    Ok(Some(text))
}

/// What is secret in the section, and written in plain text.
pub(super) fn plain_secrets(root: &Value) -> impl Iterator<Item = &str> {
    let section = root.get(SECTION);
    let headers = section.and_then(|section| section.get("otlp")?.get("headers")?.as_mapping());
    let headers = headers.into_iter().flatten();
    let of_headers = headers.filter_map(|(name, text)| {
        let (name, text) = (name.as_str()?, text.as_str()?);
        is_secret_header(name, text).then_some(text)
    });
    let key = section.and_then(|section| section.get("langfuse")?.get("secret_key")?.as_str());
    let texts = of_headers.chain(key);
    texts.filter(|text| !value::is_reference(text))
}

fn sample(fields: &Fields<'_>) -> Result<Option<f64>, FieldFault> {
    let Some(value) = fields.get("sample") else {
        return Ok(None);
    };
    let share = value.as_f64().filter(|share| (0.0..=1.0).contains(share));
    let what = "must be a number from 0 to 1";
    share.map(Some).ok_or_else(|| fields.fault("sample", what))
}

fn flush(fields: &Fields<'_>) -> Result<Flush, FieldFault> {
    match fields.get("flush").map(Value::as_str) {
        None | Some(Some("exit")) => Ok(Flush::Exit),
        Some(Some("later")) => Ok(Flush::Later),
        Some(_) => Err(fields.fault("flush", "must be exit or later")),
    }
}
