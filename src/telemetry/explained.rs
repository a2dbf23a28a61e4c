//! The settings of telemetry with their sources, for `config explain`. Keys and the values of
//! headers are never shown.

use super::secret::{LANGFUSE, OTLP};
use super::settings::{DEFAULT_ENDPOINT, DEFAULT_HOST, written};
use super::variables::{
    self, ENDPOINT, LANGFUSE_HOST, LANGFUSE_PUBLIC_KEY, LANGFUSE_SECRET_KEY, SDK_DISABLED,
    TRACES_ENDPOINT,
};
use crate::config::env::AMX_TELEMETRY;
use crate::config::explained::{Explained, HIDDEN};
use crate::config::telemetry::{Destination, Flush, SECTION, TelemetrySettings};
use crate::config::{ConfigError, ConfigFile, Environment, ValueSource};

/// The source of a setting of the file.
const FILE: &str = "config.yml, telemetry";

/// The settings; none when nothing asks for telemetry.
///
/// # Errors
/// For a variable that is not valid.
pub(crate) fn explain(
    config: &ConfigFile,
    environment: &Environment,
) -> Result<Vec<Explained>, ConfigError> {
    let mut lines: Vec<Explained> = preset(config, environment)?.into_iter().collect();
    let is_off = lines.iter().any(|line| line.value == OFF);
    let Some(settings) = written(config, environment)?.filter(|_| !is_off) else {
        return Ok(lines);
    };
    let sources = Sources {
        environment,
        written: &settings.written,
    };
    lines.extend(match &settings.destination {
        Destination::Otlp {
            endpoint, headers, ..
        } => match endpoint {
            Some(endpoint) => {
                let names: Vec<&str> = headers.keys().map(String::as_str).collect();
                otlp((endpoint, FILE.to_owned()), &names, FILE)
            }
            None => sources.otlp_of_variables()?,
        },
        Destination::Langfuse {
            host,
            public_key,
            secret_key,
            ..
        } => {
            let is_written = host.is_some() || public_key.is_some() || secret_key.is_some();
            sources.langfuse(host.as_deref(), is_written)?
        }
    });
    lines.extend(sources.shared(&settings)?);
    Ok(lines)
}

/// The value of telemetry that is turned off.
const OFF: &str = "off";

/// Where it is sent; `None` when nothing asks for it.
fn preset(
    config: &ConfigFile,
    environment: &Environment,
) -> Result<Option<Explained>, ConfigError> {
    let of_file = config
        .telemetry
        .as_ref()
        .map(|settings| match settings.destination {
            Destination::Otlp { .. } => (OTLP.to_owned(), FILE.to_owned()),
            Destination::Langfuse { .. } => (LANGFUSE.to_owned(), FILE.to_owned()),
        });
    let chosen = environment.get(&AMX_TELEMETRY)?;
    let chosen = chosen.map(|chosen| (chosen.trim().to_lowercase(), of(AMX_TELEMETRY.name)));
    let mut layers: Vec<(String, String)> = chosen.into_iter().chain(of_file).collect();
    if !layers.is_empty() && variables::is_true(SDK_DISABLED, environment)? {
        layers.insert(0, (OFF.to_owned(), of(SDK_DISABLED)));
    }
    let mut layers = layers.into_iter();
    Ok(layers.next().map(|(value, source)| Explained {
        key: SECTION.to_owned(),
        value,
        source,
        overridden: layers.collect(),
    }))
}

/// The words of a variable as a source.
fn of(variable: &'static str) -> String {
    let variable = variable.to_owned();
    ValueSource::Environment { variable }.to_string()
}

fn line(key: &str, value: impl Into<String>, source: impl Into<String>) -> Explained {
    Explained {
        key: format!("{SECTION}.{key}"),
        value: value.into(),
        source: source.into(),
        overridden: Vec::new(),
    }
}

/// URL and headers of a collector. A value of a header may be a key: the names are shown.
fn otlp((endpoint, source): (&str, String), headers: &[&str], of: &str) -> Vec<Explained> {
    let mut lines = vec![line("otlp.endpoint", endpoint, source)];
    let header = |name: &&str| line(&format!("otlp.headers.{name}"), HIDDEN, of);
    lines.extend(headers.iter().map(header));
    lines
}

struct Sources<'a> {
    environment: &'a Environment,
    /// The settings that config.yml has.
    written: &'a [&'static str],
}

impl Sources<'_> {
    fn otlp_of_variables(&self) -> Result<Vec<Explained>, ConfigError> {
        let read = |name: &'static str| -> Result<Option<(&str, String)>, ConfigError> {
            let value = self.environment.named(name)?;
            Ok(value.map(|value| (value.trim(), of(name))))
        };
        let endpoint = read(TRACES_ENDPOINT)?.or(read(ENDPOINT)?);
        let default = || (DEFAULT_ENDPOINT, ValueSource::Default.to_string());
        let headers = variables::headers(self.environment)?;
        let names: Vec<&str> = headers.iter().map(|(name, _)| name.as_str()).collect();
        let source = of(variables::HEADERS);
        Ok(otlp(endpoint.unwrap_or_else(default), &names, &source))
    }

    fn langfuse(
        &self,
        host: Option<&str>,
        is_written: bool,
    ) -> Result<Vec<Explained>, ConfigError> {
        let of_variable = self.environment.named(LANGFUSE_HOST)?;
        let default = (DEFAULT_HOST, ValueSource::Default.to_string());
        let (host, source) = match (host, of_variable.filter(|_| !is_written)) {
            (Some(host), _) => (host, FILE.to_owned()),
            (None, Some(host)) => (host.trim(), of(LANGFUSE_HOST)),
            (None, None) => default,
        };
        let key = |name: &str, variable: &'static str| {
            let source = if is_written {
                FILE.to_owned()
            } else {
                of(variable)
            };
            line(&format!("langfuse.{name}"), HIDDEN, source)
        };
        Ok(vec![
            line("langfuse.host", host, source),
            key("public_key", LANGFUSE_PUBLIC_KEY),
            key("secret_key", LANGFUSE_SECRET_KEY),
        ])
    }

    /// What both presets have.
    fn shared(&self, settings: &TelemetrySettings) -> Result<Vec<Explained>, ConfigError> {
        let mut content = self.own("content", settings.content.to_string());
        if settings.content && variables::forbids_content(self.environment)? {
            content.overridden = vec![(content.value, content.source)];
            (content.value, content.source) = (false.to_string(), of(variables::CAPTURE_CONTENT));
        }
        let has_metrics = matches!(settings.destination, Destination::Otlp { .. });
        let metrics = has_metrics.then(|| self.own("metrics", settings.metrics.to_string()));
        let flush = match settings.flush {
            Flush::Exit => "exit",
            Flush::Later => "later",
        };
        let rest = [
            self.own("sample", settings.sample.to_string()),
            self.own("flush", flush),
        ];
        Ok([content].into_iter().chain(metrics).chain(rest).collect())
    }

    /// A setting that only config.yml has.
    fn own(&self, key: &str, value: impl Into<String>) -> Explained {
        let source = if self.written.contains(&key) {
            FILE.to_owned()
        } else {
            ValueSource::Default.to_string()
        };
        line(key, value, source)
    }
}
