//! The headers of exports, whose values may be references.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::config::headers::is_secret_header;
use crate::config::telemetry::owner;
use crate::secrets::SecretError;
use crate::secrets::value::{ValueForm, Values};
use crate::wire::api_key::remember;

/// The names of the presets.
pub(super) const OTLP: &str = "otlp";
pub(super) const LANGFUSE: &str = "langfuse";

/// Without it, traces appear after about ten minutes.
const LANGFUSE_VERSION: (&str, &str) = ("x-langfuse-ingestion-version", "4");

/// The headers, before their references are resolved.
pub(crate) enum Headers {
    Named(Vec<(String, Secret)>),
    Langfuse { public: Secret, secret: Secret },
}

/// A value that may be a reference.
pub(crate) enum Secret {
    Known(String),
    /// An entry of the keyring or a command, and its setting in errors.
    Reference {
        text: String,
        place: String,
    },
}

impl Secret {
    /// May block: it reads the keyring or runs a program.
    fn resolved(&self, preset: &str, values: &Values) -> Result<String, SecretError> {
        match self {
            Self::Known(value) => Ok(value.clone()),
            Self::Reference { text, place } => {
                values.resolve(text, ValueForm::Value, place, &owner(preset))
            }
        }
    }
}

impl Headers {
    /// What names the project at a server that many share, unresolved: no secret.
    pub(super) fn project(&self) -> Option<&str> {
        match self {
            Self::Named(_) => None,
            Self::Langfuse { public, .. } => Some(match public {
                Secret::Known(value) => value,
                Secret::Reference { text, .. } => text,
            }),
        }
    }

    /// The headers of each request. May block: it reads the keyring or runs a program.
    ///
    /// # Errors
    /// The first value that cannot be resolved.
    pub(super) fn resolved(&self, values: &Values) -> Result<Vec<(String, String)>, SecretError> {
        match self {
            Self::Named(headers) => {
                let resolve = |(name, secret): &(String, Secret)| {
                    let value = secret.resolved(OTLP, values)?;
                    if is_secret_header(name, &value) {
                        remember(&value);
                    }
                    Ok((name.clone(), value))
                };
                headers.iter().map(resolve).collect()
            }
            Self::Langfuse { public, secret } => {
                let public = public.resolved(LANGFUSE, values)?;
                let secret = secret.resolved(LANGFUSE, values)?;
                remember(&secret);
                let encoded = STANDARD.encode(format!("{public}:{secret}"));
                remember(&encoded);
                let (name, version) = LANGFUSE_VERSION;
                Ok(vec![
                    ("authorization".to_owned(), format!("Basic {encoded}")),
                    (name.to_owned(), version.to_owned()),
                ])
            }
        }
    }
}
