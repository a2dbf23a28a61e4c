//! Resolves the settings: `telemetry` of config.yml, `AMX_TELEMETRY`, and the variables of
//! OpenTelemetry and Langfuse.
//!
//! | value | where it is from |
//! |---|---|
//! | the preset | `AMX_TELEMETRY`, else `telemetry` |
//! | URL and headers, or host and keys | config.yml when it has one of them, else the variables |
//! | texts, metrics, share, time | config.yml; a variable may take the texts away |
//! | name and attributes of the program, trace of the caller | the variables |
//!
//! Values that belong together are from one place: a key of config.yml is never sent to the URL of
//! a variable, nor the other way round.

use std::time::Duration;

use sha2::{Digest, Sha256};
use url::Url;

use super::context::SpanContext;
use super::names;
use super::secret::{Headers, LANGFUSE, OTLP, Secret};
use super::span::Attributes;
use super::variables::{self, error};
use crate::config::env::AMX_TELEMETRY;
use crate::config::headers::is_secret_header;
use crate::config::telemetry::{
    Destination, Flush, TelemetrySettings, collector_url, owner, refuse_exposed,
};
use crate::config::{ConfigError, ConfigFile, Environment};
use crate::secrets::value::{ValueForm, Values};
use crate::wire::api_key::remember;
use crate::wire::redact::cut;

/// The collector of a machine, where nothing else is set.
pub(super) const DEFAULT_ENDPOINT: &str = "http://localhost:4318";

pub(super) const DEFAULT_HOST: &str = "https://cloud.langfuse.com";

/// The path of OTLP below the host of Langfuse.
const LANGFUSE_PATH: &str = "api/public/otel";

/// What is needed to export.
pub(crate) struct ExportSettings {
    pub traces: Url,
    /// `None` when no metrics are sent.
    pub metrics: Option<Url>,
    pub is_langfuse: bool,
    /// Texts of questions, answers and calls are sent.
    pub content: bool,
    pub sample: f64,
    pub flush: Flush,
    /// Longest time of one export.
    pub timeout: Duration,
    pub resource: Attributes,
    /// The span that answers belong to.
    pub parent: Option<SpanContext>,
    pub headers: Headers,
}

impl ExportSettings {
    /// Names a destination without its keys: equal for equal presets, URLs and projects.
    pub(super) fn tag(&self, url: &Url) -> String {
        let preset = if self.is_langfuse { LANGFUSE } else { OTLP };
        let project = self.headers.project().unwrap_or_default();
        let hash = Sha256::digest(format!("{preset}\n{url}\n{project}"));
        hash[..8].iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

/// The settings; `None` when nothing is sent.
///
/// # Errors
/// What is wrong with them.
pub(crate) fn resolve(
    config: &ConfigFile,
    environment: &Environment,
    values: &Values,
) -> Result<Option<ExportSettings>, ConfigError> {
    let Some(written) = written(config, environment)? else {
        return Ok(None);
    };
    if variables::is_true(variables::SDK_DISABLED, environment)? {
        return Ok(None);
    }
    let place = Place {
        config,
        environment,
        values,
    };
    let content = written.content && !variables::forbids_content(environment)?;
    let target = match &written.destination {
        Destination::Otlp { .. } => place.otlp(&written)?,
        Destination::Langfuse { .. } => place.langfuse(&written.destination)?,
    };
    let parent = environment.named(variables::TRACEPARENT)?;
    Ok(Some(ExportSettings {
        traces: target.traces,
        metrics: target.metrics,
        is_langfuse: target.is_langfuse,
        content,
        sample: written.sample,
        flush: written.flush,
        timeout: variables::timeout(environment)?,
        resource: resource(environment)?,
        parent: parent.and_then(SpanContext::parse),
        headers: target.headers,
    }))
}

/// The settings of the chosen preset; those of config.yml when it has that one.
pub(super) fn written(
    config: &ConfigFile,
    environment: &Environment,
) -> Result<Option<TelemetrySettings>, ConfigError> {
    let Some(chosen) = environment.get(&AMX_TELEMETRY)? else {
        return Ok(config.telemetry.clone());
    };
    let chosen = chosen.trim().to_lowercase();
    let of_file = config.telemetry.clone().filter(|written| {
        let preset = match written.destination {
            Destination::Otlp { .. } => OTLP,
            Destination::Langfuse { .. } => LANGFUSE,
        };
        chosen == preset
    });
    let destination = match chosen.as_str() {
        "off" => return Ok(None),
        OTLP => Destination::Otlp {
            endpoint: None,
            headers: std::collections::BTreeMap::new(),
            allow_insecure: false,
        },
        LANGFUSE => Destination::Langfuse {
            host: None,
            public_key: None,
            secret_key: None,
            allow_insecure: false,
        },
        other => {
            let shown = cut(other, 40);
            let what = format!(
                "is '{}': it must be otlp, langfuse or off",
                shown.escape_debug()
            );
            return Err(error(AMX_TELEMETRY.name, what));
        }
    };
    Ok(Some(
        of_file.unwrap_or_else(|| TelemetrySettings::to(destination)),
    ))
}

/// Where it is sent, and with which headers.
struct Target {
    traces: Url,
    metrics: Option<Url>,
    is_langfuse: bool,
    headers: Headers,
}

struct Place<'a> {
    config: &'a ConfigFile,
    environment: &'a Environment,
    values: &'a Values,
}

impl Place<'_> {
    fn otlp(&self, written: &TelemetrySettings) -> Result<Target, ConfigError> {
        let Destination::Otlp {
            endpoint: Some(endpoint),
            headers,
            allow_insecure,
        } = &written.destination
        else {
            return self.otlp_of_variables(written);
        };
        let base = self.url("otlp.endpoint", endpoint, *allow_insecure)?;
        let header = |(name, text): (&String, &String)| {
            let value = self.secret(&format!("otlp.headers.{name}"), text, OTLP)?;
            if let Secret::Known(value) = &value
                && is_secret_header(name, value)
            {
                remember(value);
            }
            Ok((name.clone(), value))
        };
        let headers = headers.iter().map(header).collect::<Result<_, _>>()?;
        Ok(Target {
            traces: below(&base, "v1/traces"),
            metrics: written.metrics.then(|| below(&base, "v1/metrics")),
            is_langfuse: false,
            headers: Headers::Named(headers),
        })
    }

    fn otlp_of_variables(&self, written: &TelemetrySettings) -> Result<Target, ConfigError> {
        variables::check_protocol(self.environment)?;
        let allow_insecure = matches!(
            written.destination,
            Destination::Otlp {
                allow_insecure: true,
                ..
            }
        ) || variables::allows_insecure(self.environment)?;
        let read = |name: &str| -> Result<Option<Url>, ConfigError> {
            let Some(text) = self.environment.named(name)? else {
                return Ok(None);
            };
            let parsed = if name == variables::ENDPOINT {
                collector_url(text.trim(), allow_insecure)
            } else {
                exact_url(text.trim(), allow_insecure)
            };
            parsed
                .map(Some)
                .map_err(|what| error(name, format!("is not usable: {what}")))
        };
        let base = read(variables::ENDPOINT)?;
        let base = base.or_else(|| Url::parse(DEFAULT_ENDPOINT).ok());
        let of = |own: Option<Url>, path: &str| {
            own.or_else(|| base.as_ref().map(|base| below(base, path)))
        };
        let traces = of(read(variables::TRACES_ENDPOINT)?, "v1/traces");
        let metrics = of(read(variables::METRICS_ENDPOINT)?, "v1/metrics");
        let headers = variables::headers(self.environment)?;
        let secret = headers
            .iter()
            .filter(|(name, value)| is_secret_header(name, value));
        secret.for_each(|(_, value)| remember(value));
        let known = headers
            .into_iter()
            .map(|(name, value)| (name, Secret::Known(value)));
        Ok(Target {
            traces: traces.ok_or_else(|| error(variables::ENDPOINT, "is not a URL"))?,
            metrics: metrics.filter(|_| written.metrics),
            is_langfuse: false,
            headers: Headers::Named(known.collect()),
        })
    }

    fn langfuse(&self, destination: &Destination) -> Result<Target, ConfigError> {
        let Destination::Langfuse {
            host,
            public_key,
            secret_key,
            allow_insecure,
        } = destination
        else {
            return Err(error(AMX_TELEMETRY.name, "names another preset"));
        };
        let is_written = host.is_some() || public_key.is_some() || secret_key.is_some();
        let (host, public, secret) = if is_written {
            let host = host.as_deref().unwrap_or(DEFAULT_HOST);
            let key = |name: &str, text: &Option<String>| match text {
                Some(text) => self.secret(&format!("langfuse.{name}"), text, LANGFUSE),
                None => Err(self.invalid("langfuse", &format!("has no {name}"))),
            };
            let host = self.url("langfuse.host", host, *allow_insecure)?;
            (
                host,
                key("public_key", public_key)?,
                key("secret_key", secret_key)?,
            )
        } else {
            let named = |name: &str| self.environment.named(name);
            let host = named(variables::LANGFUSE_HOST)?.unwrap_or(DEFAULT_HOST);
            let host = collector_url(host.trim(), *allow_insecure).map_err(|what| {
                error(variables::LANGFUSE_HOST, format!("is not usable: {what}"))
            })?;
            let key = |name: &str| {
                let key = named(name)?.map(|key| Secret::Known(key.trim().to_owned()));
                key.ok_or_else(|| self.no_key(name))
            };
            (
                host,
                key(variables::LANGFUSE_PUBLIC_KEY)?,
                key(variables::LANGFUSE_SECRET_KEY)?,
            )
        };
        if let Secret::Known(key) = &secret {
            remember(key);
        }
        Ok(Target {
            traces: below(&below(&host, LANGFUSE_PATH), "v1/traces"),
            metrics: None,
            is_langfuse: true,
            headers: Headers::Langfuse { public, secret },
        })
    }

    /// The error for a key of Langfuse that neither the file nor a variable has.
    fn no_key(&self, variable: &str) -> ConfigError {
        if self.environment.is_set(&AMX_TELEMETRY) {
            let what = format!("is langfuse, but {variable} is not set");
            return error(AMX_TELEMETRY.name, what);
        }
        self.invalid(
            "langfuse",
            &format!("has no keys, and {variable} is not set"),
        )
    }

    /// A URL whose variables are replaced.
    fn url(&self, setting: &str, text: &str, allow_insecure: bool) -> Result<Url, ConfigError> {
        let text = self.expanded(setting, text, OTLP)?;
        collector_url(&text, allow_insecure).map_err(|what| self.invalid(setting, &what))
    }

    fn secret(&self, setting: &str, text: &str, preset: &str) -> Result<Secret, ConfigError> {
        if text.starts_with("keyring:") || text.starts_with("cmd:") {
            return Ok(Secret::Reference {
                text: text.to_owned(),
                place: format!("telemetry.{setting}"),
            });
        }
        self.expanded(setting, text, preset).map(Secret::Known)
    }

    /// A text whose `${NAME}` are replaced.
    fn expanded(&self, setting: &str, text: &str, preset: &str) -> Result<String, ConfigError> {
        let place = format!("telemetry.{setting}");
        let owner = owner(preset);
        self.values
            .resolve(text, ValueForm::Argument, &place, &owner)
            .map_err(|error| self.config.telemetry_error(setting, error.to_string()))
    }

    /// An error at a setting of the section.
    fn invalid(&self, setting: &str, what: &str) -> ConfigError {
        let what = format!("telemetry.{setting}: {what}");
        self.config.telemetry_error(setting, what)
    }
}

/// A URL that is posted to as it is.
fn exact_url(text: &str, allow_insecure: bool) -> Result<Url, String> {
    let url = crate::config::base_url::parse_base_url(text, true)?;
    refuse_exposed(&url, allow_insecure)?;
    Ok(url)
}

/// A path below a URL, whether or not it ends in a slash.
fn below(base: &Url, path: &str) -> Url {
    let mut url = base.clone();
    if let Ok(mut segments) = url.path_segments_mut() {
        segments.pop_if_empty().extend(path.split('/'));
    }
    url
}

/// The program, as `OTEL_SERVICE_NAME` and `OTEL_RESOURCE_ATTRIBUTES` describe it.
fn resource(environment: &Environment) -> Result<Attributes, ConfigError> {
    let others = variables::resource(environment)?;
    let of_others = others.iter().find(|(name, _)| name == names::SERVICE_NAME);
    let name = environment.named(variables::SERVICE_NAME)?;
    let name = name.or(of_others.map(|(_, name)| name.as_str()));
    let mut resource = Attributes::default();
    resource.add(names::SERVICE_NAME, name.unwrap_or("amx"));
    let has_version = others
        .iter()
        .any(|(name, _)| name == names::SERVICE_VERSION);
    if !has_version {
        resource.add(names::SERVICE_VERSION, env!("CARGO_PKG_VERSION"));
    }
    for (name, value) in others {
        if name != names::SERVICE_NAME {
            resource.add(name, value);
        }
    }
    Ok(resource)
}
