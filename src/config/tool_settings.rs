//! The settings about tools of one request: flags above the template above the profile.

use super::command_tool::{ALL_TOOLS, ToolSearch};
use super::defaults;
use super::layers::{Setting, file, flag};
use super::overrides::Overrides;
use super::profile::Profile;

/// The layers of the settings about tools.
pub(super) struct ToolLayers<'a> {
    pub overrides: &'a Overrides,
    pub profile: &'a Profile,
    /// The name of the profile.
    pub label: &'a str,
}

impl ToolLayers<'_> {
    /// Names and patterns; an empty list with `--no-tools`.
    pub(super) fn tools(&self) -> Option<Setting<Vec<String>>> {
        let of_file = self.profile.tools.clone();
        let with_all = |mut names: Vec<String>| {
            if names.iter().any(|name| name == ALL_TOOLS) {
                names.retain(|name| name != ALL_TOOLS);
                names.extend(of_file.clone().unwrap_or_default());
            }
            names
        };
        let of_flag = self.overrides.tools.clone().map(with_all);
        let template = self.overrides.template.as_ref();
        let of_template =
            template.and_then(|layer| layer.setting(layer.tools.clone().map(with_all)));
        let option = if of_flag.as_ref().is_some_and(Vec::is_empty) {
            "--no-tools"
        } else {
            "--tool"
        };
        let option = self.overrides.name_of(option);
        Setting::stack([
            flag(of_flag, option),
            of_template,
            file(of_file, self.label),
        ])
    }

    pub(super) fn max_steps(&self) -> Setting<u32> {
        let set = Setting::stack([
            flag(self.overrides.max_steps, "--max-steps"),
            file(self.profile.max_steps, self.label),
        ]);
        Setting::or_default(set, defaults::MAX_STEPS)
    }

    pub(super) fn search(&self) -> Setting<ToolSearch> {
        let set = Setting::stack([file(self.profile.tool_search, self.label)]);
        Setting::or_default(set, ToolSearch::Auto)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tools(flags: Option<&[&str]>, profile: &[&str]) -> (Vec<String>, String) {
        let texts =
            |names: &[&str]| -> Vec<String> { names.iter().map(ToString::to_string).collect() };
        let overrides = Overrides {
            tools: flags.map(texts),
            ..Overrides::default()
        };
        let profile = Profile {
            tools: Some(texts(profile)),
            ..Profile::default()
        };
        let layers = ToolLayers {
            overrides: &overrides,
            profile: &profile,
            label: "p",
        };
        let setting = layers.tools().unwrap();
        (setting.value, setting.source.to_string())
    }

    #[test]
    fn flags_replace_the_tools_of_the_profile_or_add_to_them() {
        assert_eq!(tools(None, &["a"]).0, ["a"]);
        assert_eq!(
            tools(Some(&["b"]), &["a"]),
            (vec!["b".to_owned()], "flag --tool".to_owned())
        );
        assert_eq!(tools(Some(&["b", "all"]), &["a"]).0, ["b", "a"]);
        let none = tools(Some(&[]), &["a"]);
        assert_eq!(none, (Vec::new(), "flag --no-tools".to_owned()));
    }
}
