//! One row of the table of options: its name, the values it accepts, and which providers take it.

use serde_json::Value;

use super::kind::ValueKind;

/// Which servers support an option.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// OpenRouter alone.
    OpenRouter,
    /// Also local servers, which support the sampling parameters of OpenRouter's providers.
    OwnServers,
    /// Every server: a field of the OpenAI API.
    Everyone,
}

/// One option of a request.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RequestOption {
    /// Its name in the body, dotted inside objects.
    pub name: &'static str,
    pub kind: ValueKind,
    pub reach: Reach,
    /// Its name in the `supported_parameters` of model catalogues; `None` where they do not list
    /// it, or where a request that needs it is refused rather than sent without it.
    pub parameter: Option<&'static str>,
    pub meaning: &'static str,
    /// A value as JSON.
    pub example: &'static str,
    /// Whether [`crate::config::GenerationSettings`] holds it, and not a field of the body.
    is_setting: bool,
}

/// An option that is a field of the body.
pub(crate) const fn row(
    name: &'static str,
    kind: ValueKind,
    reach: Reach,
    parameter: Option<&'static str>,
    meaning: &'static str,
    example: &'static str,
) -> RequestOption {
    RequestOption {
        name,
        kind,
        reach,
        parameter,
        meaning,
        example,
        is_setting: false,
    }
}

/// An option that every provider supports and that has a typed setting.
pub(crate) const fn setting(
    name: &'static str,
    kind: ValueKind,
    parameter: Option<&'static str>,
    meaning: &'static str,
    example: &'static str,
) -> RequestOption {
    RequestOption {
        is_setting: true,
        ..row(name, kind, Reach::Everyone, parameter, meaning, example)
    }
}

impl RequestOption {
    /// The flag of `amx chat`.
    pub fn flag(&self) -> String {
        format!("--{}", self.name.replace(['_', '.'], "-"))
    }

    /// Whether a typed setting holds it, and not a field of the body.
    pub fn is_setting(&self) -> bool {
        self.is_setting
    }

    /// The path of the setting in a profile.
    pub fn profile_key(&self) -> String {
        if self.is_setting || self.name == "private" {
            self.name.to_owned()
        } else {
            format!("openrouter.{}", self.name)
        }
    }

    /// Reads a value from text.
    ///
    /// # Errors
    /// What the value must be; goes after the name of the option.
    pub fn read(&self, text: &str) -> Result<Value, String> {
        self.kind
            .read(text)
            .filter(|value| self.kind.fits(value))
            .ok_or_else(|| self.must_be())
    }

    /// What goes after the name of the option when its value cannot be sent.
    pub fn must_be(&self) -> String {
        format!("must be {}", self.kind.description())
    }

    /// The example as it is typed after a flag, `-o` and `/set`.
    pub fn typed_example(&self) -> String {
        match serde_json::from_str(self.example) {
            Ok(Value::String(text)) => text,
            Ok(Value::Array(items)) if items.iter().all(Value::is_string) => items
                .iter()
                .filter_map(Value::as_str)
                .collect::<Vec<_>>()
                .join(","),
            _ => self.example.to_owned(),
        }
    }
}
