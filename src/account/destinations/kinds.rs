//! The kinds of destinations and the fields of their configuration, as OpenRouter's API has them
//! (the schemas of its TypeScript SDK, August 2026).

/// Most destinations of one kind in a workspace.
pub(crate) const MOST_PER_KIND: usize = 5;

/// What the value of a field is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FieldForm {
    Text,
    /// Never shown, and never taken from the command line.
    Secret,
    /// An `http` or `https` URL.
    Url,
    /// One of these words.
    Word(&'static [&'static str]),
    /// Headers by name; their values are secrets.
    Headers,
}

/// Whether a field must be set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Need {
    Required,
    Optional,
    /// What OpenRouter uses when it is not set.
    Default(&'static str),
}

/// A field of the configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Field {
    pub name: &'static str,
    pub form: FieldForm,
    pub need: Need,
}

impl Field {
    const fn text(name: &'static str) -> Self {
        Self {
            name,
            form: FieldForm::Text,
            need: Need::Required,
        }
    }

    const fn url(name: &'static str) -> Self {
        Self {
            form: FieldForm::Url,
            ..Self::text(name)
        }
    }

    const fn secret(name: &'static str) -> Self {
        Self {
            form: FieldForm::Secret,
            ..Self::text(name)
        }
    }

    const fn word(name: &'static str, words: &'static [&'static str]) -> Self {
        Self {
            form: FieldForm::Word(words),
            need: Need::Default(words[0]),
            name,
        }
    }

    const fn optional(self) -> Self {
        Self {
            need: Need::Optional,
            ..self
        }
    }

    const fn or(self, default: &'static str) -> Self {
        Self {
            need: Need::Default(default),
            ..self
        }
    }

    /// Whether its value is never shown.
    pub(crate) fn is_secret(&self) -> bool {
        matches!(self.form, FieldForm::Secret | FieldForm::Headers)
    }
}

/// A kind of destination.
#[derive(Debug, Clone, Copy)]
pub(crate) struct DestinationKind {
    /// `type` in the API.
    pub name: &'static str,
    /// The name of the product.
    pub title: &'static str,
    /// Empty where OpenRouter does not publish them: then any field is sent.
    pub fields: &'static [Field],
}

/// Every kind with published fields has it.
const HEADERS: Field = Field {
    name: "headers",
    form: FieldForm::Headers,
    need: Need::Optional,
};

impl DestinationKind {
    const fn new(name: &'static str, title: &'static str, fields: &'static [Field]) -> Self {
        Self {
            name,
            title,
            fields,
        }
    }

    /// Whether any field is sent.
    pub(crate) fn is_open(&self) -> bool {
        self.fields.is_empty()
    }

    pub(crate) fn all_fields(&self) -> impl Iterator<Item = &'static Field> {
        let headers = (!self.is_open()).then_some(&HEADERS);
        self.fields.iter().chain(headers)
    }

    pub(crate) fn field(&self, name: &str) -> Option<&'static Field> {
        self.all_fields().find(|field| field.name == name)
    }
}

/// All kinds, by name.
pub(crate) const KINDS: &[DestinationKind] = &[
    DestinationKind::new(
        "arize",
        "Arize AX",
        &[
            Field::secret("apiKey"),
            Field::secret("spaceKey"),
            Field::text("modelId"),
            Field::url("baseUrl").or("https://otlp.arize.com"),
        ],
    ),
    DestinationKind::new("bigquery", "Google BigQuery", &[]),
    DestinationKind::new(
        "braintrust",
        "Braintrust",
        &[
            Field::secret("apiKey"),
            Field::text("projectId"),
            Field::url("baseUrl").or("https://api.braintrust.dev"),
        ],
    ),
    DestinationKind::new(
        "clickhouse",
        "ClickHouse",
        &[
            Field::text("host"),
            Field::text("database"),
            Field::text("username"),
            Field::secret("password"),
            Field::text("table").or("OPENROUTER_TRACES"),
        ],
    ),
    DestinationKind::new(
        "datadog",
        "Datadog",
        &[
            Field::secret("apiKey"),
            Field::text("mlApp"),
            Field::url("url").or("https://api.us5.datadoghq.com"),
        ],
    ),
    DestinationKind::new(
        "grafana",
        "Grafana Cloud",
        &[
            Field::secret("apiKey"),
            Field::text("instanceId"),
            Field::url("baseUrl").or("https://otlp-gateway-prod-us-west-0.grafana.net"),
        ],
    ),
    DestinationKind::new(
        "langfuse",
        "Langfuse",
        &[
            Field::secret("publicKey"),
            Field::secret("secretKey"),
            Field::url("baseUrl").or("https://us.cloud.langfuse.com"),
        ],
    ),
    DestinationKind::new(
        "langsmith",
        "LangSmith",
        &[
            Field::secret("apiKey"),
            Field::text("project").or("main"),
            Field::text("workspaceId").optional(),
            Field::url("endpoint").or("https://api.smith.langchain.com"),
        ],
    ),
    DestinationKind::new(
        "newrelic",
        "New Relic",
        &[
            Field::secret("licenseKey"),
            Field::word("region", &["us", "eu"]),
        ],
    ),
    DestinationKind::new(
        "opik",
        "Comet Opik",
        &[
            Field::secret("apiKey"),
            Field::text("workspace"),
            Field::text("projectName"),
        ],
    ),
    DestinationKind::new(
        "otel-collector",
        "OpenTelemetry Collector",
        &[Field::url("endpoint")],
    ),
    DestinationKind::new(
        "posthog",
        "PostHog",
        &[
            Field::secret("apiKey"),
            Field::url("endpoint").or("https://us.i.posthog.com"),
        ],
    ),
    DestinationKind::new("raindrop", "Raindrop", &[]),
    DestinationKind::new(
        "ramp",
        "Ramp",
        &[
            Field::secret("apiKey"),
            Field::url("baseUrl").or("https://api.ramp.com/developer/v1/ai-usage/openrouter"),
        ],
    ),
    DestinationKind::new(
        "s3",
        "S3 and compatible",
        &[
            Field::text("bucketName"),
            Field::secret("accessKeyId"),
            Field::secret("secretAccessKey"),
            Field::secret("sessionToken").optional(),
            Field::text("region").optional(),
            Field::url("endpoint").optional(),
            Field::text("prefix").or("openrouter-traces"),
            Field::text("pathTemplate").or("{prefix}/{date}"),
        ],
    ),
    DestinationKind::new(
        "sentry",
        "Sentry",
        &[Field::secret("dsn"), Field::url("otlpEndpoint")],
    ),
    DestinationKind::new(
        "snowflake",
        "Snowflake",
        &[
            Field::text("account"),
            Field::secret("token"),
            Field::text("database").or("SNOWFLAKE_LEARNING_DB"),
            Field::text("schema").or("PUBLIC"),
            Field::text("table").or("OPENROUTER_TRACES"),
            Field::text("warehouse").or("COMPUTE_WH"),
        ],
    ),
    DestinationKind::new(
        "weave",
        "W&B Weave",
        &[
            Field::secret("apiKey"),
            Field::text("entity"),
            Field::text("project"),
            Field::url("baseUrl").or("https://trace.wandb.ai"),
        ],
    ),
    DestinationKind::new(
        "webhook",
        "Webhook",
        &[Field::url("url"), Field::word("method", &["POST", "PUT"])],
    ),
];

/// The kind of a name.
pub(crate) fn find(name: &str) -> Option<&'static DestinationKind> {
    KINDS.iter().find(|kind| kind.name == name)
}

/// Whether a field that is not in the table holds a secret, by its name.
pub(crate) fn names_a_secret(field: &str) -> bool {
    let field = field.to_ascii_lowercase();
    [
        "key",
        "secret",
        "token",
        "password",
        "credential",
        "dsn",
        "auth",
        "headers",
    ]
    .iter()
    .any(|word| field.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_sorted_and_their_fields_unique() {
        assert!(KINDS.is_sorted_by(|a, b| a.name < b.name));
        assert_eq!(KINDS.len(), 19);
        for kind in KINDS {
            let mut names: Vec<&str> = kind.all_fields().map(|field| field.name).collect();
            names.sort_unstable();
            names.dedup();
            assert_eq!(names.len(), kind.all_fields().count(), "{}", kind.name);
        }
    }

    #[test]
    fn fields_named_after_a_secret_are_secrets() {
        for field in KINDS.iter().flat_map(DestinationKind::all_fields) {
            // "accessKeyId" and "publicKey" too: OpenRouter masks them.
            assert!(
                !names_a_secret(field.name) || field.is_secret(),
                "{}",
                field.name
            );
        }
    }
}
