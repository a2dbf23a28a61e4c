//! The checks of `telemetry` of config.yml: errors with their places, and typos.

use super::error::ConfigError;
use super::file::ConfigFile;
use super::locate;
use super::places::invalid;
use super::telemetry::{KEYS, LANGFUSE_KEYS, OTLP_KEYS, SECTION, TelemetrySettings, read};
use super::warnings::Warnings;

impl ConfigFile {
    /// The settings of the section; `None` without it.
    ///
    /// # Errors
    /// What is wrong with it, with its place.
    pub(super) fn read_telemetry(&self) -> Result<Option<TelemetrySettings>, ConfigError> {
        read(self.meant()).map_err(|fault| fault.in_file(&self.path, &self.text))
    }

    /// An error at a setting of the section, such as `otlp.endpoint`.
    pub(crate) fn telemetry_error(&self, setting: &str, what: String) -> ConfigError {
        let path: Vec<&str> = [SECTION].into_iter().chain(setting.split('.')).collect();
        invalid(&self.path, locate::position_of(&self.text, &path), what)
    }

    /// Warns about unknown settings of the section.
    pub(super) fn warn_about_telemetry(&self, warnings: &mut Warnings<'_>) {
        let section = self.meant().get(SECTION);
        self.warn_about_keys(&[SECTION], section, KEYS, warnings);
        for (preset, known) in [("otlp", OTLP_KEYS), ("langfuse", LANGFUSE_KEYS)] {
            let value = section.and_then(|section| section.get(preset));
            self.warn_about_keys(&[SECTION, preset], value, known, warnings);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;
    use crate::config::telemetry::{Destination, Flush};

    fn telemetry(text: &str) -> Result<Option<TelemetrySettings>, String> {
        ConfigFile::parse(PathBuf::from("config.yml"), text.to_owned())
            .map(|file| file.telemetry)
            .map_err(|error| error.to_string())
    }

    #[test]
    fn both_presets_are_read() {
        assert_eq!(telemetry("theme: dark\n"), Ok(None));
        let otlp = telemetry(
            "telemetry:\n  otlp: {endpoint: \"http://127.0.0.1:4318\", headers: {X-Scope: \
            \"${SCOPE}\"}}\n  content: true\n  metrics: false\n  sample: 0.25\n  flush: later\n",
        );
        let otlp = otlp.unwrap().unwrap();
        assert!(
            matches!(&otlp.destination, Destination::Otlp { endpoint: Some(url), headers, .. }
            if url == "http://127.0.0.1:4318" && headers["X-Scope"] == "${SCOPE}")
        );
        assert!(otlp.content && !otlp.metrics);
        assert_eq!((otlp.sample, otlp.flush), (0.25, Flush::Later));
        let langfuse = telemetry(
            "telemetry: {langfuse: {host: \"https://h.example\", public_key: pk-lf-1, \
            secret_key: \"keyring://amx/langfuse/secret_key\"}}\n",
        );
        let langfuse = langfuse.unwrap().unwrap();
        assert!(matches!(langfuse.destination, Destination::Langfuse { .. }));
        assert_eq!((langfuse.sample, langfuse.flush), (1.0, Flush::Exit));
    }

    /// The value of `telemetry`, and what is said about it.
    const INVALID: &[(&str, &str)] = &[
        (
            "[otlp]",
            "telemetry must be a mapping with otlp or langfuse",
        ),
        (
            "{content: true}",
            "telemetry: has neither otlp nor langfuse",
        ),
        (
            "{otlp: {}, langfuse: {}}",
            "telemetry.langfuse: is given besides otlp",
        ),
        ("{otlp: on}", "telemetry.otlp must be a mapping"),
        (
            "{otlp: {endpoint: collector}}",
            "telemetry.otlp.endpoint: 'collector' is not a URL",
        ),
        (
            "{otlp: {endpoint: 4318}}",
            "telemetry.otlp.endpoint must be text; quote it",
        ),
        (
            "{otlp: {endpoint: \"https://h/v1/traces\"}}",
            "telemetry.otlp.endpoint must end before /v1/traces",
        ),
        (
            "{otlp: {endpoint: \"http://h.example\"}}",
            "'http://h.example' is plain http to another machine",
        ),
        (
            "{otlp: {headers: {A: b}}}",
            "telemetry.otlp.headers: needs endpoint beside it",
        ),
        (
            "{otlp: {endpoint: \"https://h\", headers: {Host: b}}}",
            "telemetry.otlp.headers.Host: 'Host' is set by amx",
        ),
        (
            "{langfuse: {secret_key: \"keyring://amx/otlp/a\"}}",
            "telemetry.langfuse.secret_key must be an entry of its own",
        ),
        (
            "{otlp: {}, sample: 2}",
            "telemetry.sample must be a number from 0 to 1",
        ),
        (
            "{otlp: {}, flush: never}",
            "telemetry.flush must be exit or later",
        ),
        (
            "{otlp: {}, content: 1}",
            "telemetry.content must be true or false",
        ),
    ];

    #[test]
    fn an_invalid_section_has_its_place_and_what_is_wrong() {
        for (body, expected) in INVALID {
            let error = telemetry(&format!("# x\ntelemetry: {body}\n")).unwrap_err();
            assert!(error.contains(expected), "{body}: {error}");
            assert!(error.starts_with("config.yml:2:"), "{body}: {error}");
        }
        let allowed = "{otlp: {endpoint: \"http://h.example\", allow_insecure: true}}";
        assert!(telemetry(&format!("telemetry: {allowed}\n")).is_ok());
    }

    #[test]
    fn unknown_settings_are_warned_about() {
        let text = "telemetry:\n  contents: true\n  otlp: {endpont: \"https://h\"}\n";
        let file = ConfigFile::parse(PathBuf::from("config.yml"), text.to_owned()).unwrap();
        assert_eq!(
            file.warnings,
            [
                "config.yml:2: unknown setting 'contents'; did you mean 'content'?",
                "config.yml:3: unknown setting 'endpont'; did you mean 'endpoint'?",
            ]
        );
    }
}
