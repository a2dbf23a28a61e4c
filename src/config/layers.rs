//! A value with its source and the values it overrides. The order of precedence is the order of
//! [`ValueSource`].

use std::fmt;

/// Where a value came from. A later variant overrides an earlier one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum ValueSource {
    /// Built in.
    Default,
    /// The profile in config.yml.
    File { profile: String },
    /// A parameter of a profile's model.
    FileModelUri { profile: String },
    /// A variable of the environment.
    Environment { variable: String },
    /// A parameter of the environment's model, or of a model that was chosen before the template;
    /// `of` is the source of the model.
    ModelUri { of: String },
    /// A template.
    Template { name: String },
    /// A parameter of a template's model.
    TemplateModelUri { of: String },
    /// A parameter of the command line's model.
    FlagModelUri { of: String },
    /// An option of the command line, or the slash command in its place.
    Flag { option: &'static str },
}

impl ValueSource {
    /// The source of a parameter of a model that has this source: it overrides other settings of
    /// the same place.
    #[must_use]
    pub fn of_model_parameter(&self) -> Self {
        match self {
            Self::File { profile } => Self::FileModelUri {
                profile: profile.clone(),
            },
            Self::Template { .. } => Self::TemplateModelUri {
                of: self.to_string(),
            },
            Self::Flag { .. } => Self::FlagModelUri {
                of: self.to_string(),
            },
            other => Self::ModelUri {
                of: other.to_string(),
            },
        }
    }
}

impl fmt::Display for ValueSource {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => formatter.write_str("default"),
            Self::File { profile } => write!(formatter, "config.yml, profile '{profile}'"),
            Self::FileModelUri { profile } => {
                write!(formatter, "model URI (config.yml, profile '{profile}')")
            }
            Self::ModelUri { of } | Self::TemplateModelUri { of } | Self::FlagModelUri { of } => {
                write!(formatter, "model URI ({of})")
            }
            Self::Environment { variable } => write!(formatter, "environment, {variable}"),
            Self::Template { name } => write!(formatter, "template '{name}'"),
            // A slash command names itself.
            Self::Flag { option } if option.starts_with('/') => formatter.write_str(option),
            Self::Flag { option } => write!(formatter, "flag {option}"),
        }
    }
}

/// A value with its source, and the values that it overrides, strongest first.
#[derive(Debug, Clone, PartialEq)]
pub struct Setting<T> {
    pub value: T,
    pub source: ValueSource,
    pub overridden: Vec<(T, ValueSource)>,
}

impl<T> Setting<T> {
    pub fn default(value: T) -> Self {
        Self {
            value,
            source: ValueSource::Default,
            overridden: Vec::new(),
        }
    }

    /// The strongest of the given layers, which may come in any order.
    pub fn stack(layers: impl IntoIterator<Item = Option<(T, ValueSource)>>) -> Option<Self> {
        let mut layers: Vec<_> = layers.into_iter().flatten().collect();
        layers.sort_by(|(_, left), (_, right)| right.cmp(left));
        let mut layers = layers.into_iter();
        let (value, source) = layers.next()?;
        Some(Self {
            value,
            source,
            overridden: layers.collect(),
        })
    }

    /// The given layers above a default.
    pub fn or_default(above: Option<Self>, default: T) -> Self {
        match above {
            Some(mut setting) => {
                setting.overridden.push((default, ValueSource::Default));
                setting
            }
            None => Self::default(default),
        }
    }

    pub fn is_default(&self) -> bool {
        self.source == ValueSource::Default
    }
}

/// A layer from the flags: nothing when the flag was not given.
pub(crate) fn flag<T>(value: Option<T>, option: &'static str) -> Option<(T, ValueSource)> {
    value.map(|value| (value, ValueSource::Flag { option }))
}

/// A layer from the environment.
pub(crate) fn environment<T>(value: Option<T>, variable: &str) -> Option<(T, ValueSource)> {
    value.map(|value| {
        (
            value,
            ValueSource::Environment {
                variable: variable.to_owned(),
            },
        )
    })
}

/// A layer from a profile of the file.
pub(crate) fn file<T>(value: Option<T>, profile: &str) -> Option<(T, ValueSource)> {
    value.map(|value| {
        (
            value,
            ValueSource::File {
                profile: profile.to_owned(),
            },
        )
    })
}

/// The built-in layer.
#[expect(clippy::unnecessary_wraps, reason = "a layer of a stack may be absent")]
pub(crate) fn built_in<T>(value: T) -> Option<(T, ValueSource)> {
    Some((value, ValueSource::Default))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flag_beats_environment_beats_file_beats_default() {
        let stacked = Setting::stack([
            built_in(1),
            file(Some(2), "p"),
            environment(Some(3), "V"),
            flag(Some(4), "-x"),
        ])
        .unwrap();
        assert_eq!(
            (stacked.value, stacked.source),
            (4, ValueSource::Flag { option: "-x" })
        );
        assert_eq!(
            stacked
                .overridden
                .iter()
                .map(|(value, _)| *value)
                .collect::<Vec<_>>(),
            [3, 2, 1]
        );
    }

    #[test]
    fn a_model_parameter_overrides_its_place_and_not_the_next() {
        let of_file = Some((
            5,
            ValueSource::File {
                profile: "p".to_owned(),
            }
            .of_model_parameter(),
        ));
        let of_flag = Some((6, ValueSource::Flag { option: "-m" }.of_model_parameter()));
        assert_eq!(
            of_flag
                .as_ref()
                .map(|(_, source)| source.to_string())
                .as_deref(),
            Some("model URI (flag -m)")
        );
        let uris = Setting::stack([
            file(Some(2), "p"),
            of_file,
            environment(Some(3), "V"),
            of_flag,
            flag(Some(4), "-x"),
        ])
        .unwrap();
        assert_eq!(
            (
                uris.value,
                uris.overridden
                    .iter()
                    .map(|(value, _)| *value)
                    .collect::<Vec<_>>()
            ),
            (4, vec![6, 3, 5, 2])
        );
        let template = ValueSource::Template {
            name: "t".to_owned(),
        };
        let of_template = template.of_model_parameter();
        assert!(
            ValueSource::Environment {
                variable: "V".to_owned()
            }
            .of_model_parameter()
                < template
                && template < of_template
        );
        assert!(of_template < ValueSource::Flag { option: "-m" }.of_model_parameter());
    }

    #[test]
    fn unset_layers_are_skipped() {
        let without_flag =
            Setting::stack([flag(None, "-x"), built_in(1), environment(Some(3), "V")]).unwrap();
        assert_eq!(without_flag.value, 3);
        assert_eq!(Setting::<u8>::stack([None, None]), None);
    }
}
