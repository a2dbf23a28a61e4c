//! Reads `tools` of config.yml: commands that a model may call.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde_json::{Map, Value as Json, json};
use serde_yaml::Value;

use super::command_checks::{self, SECTION, ToolWarning};
use super::command_tool::{
    Approve, BUILT_IN, CommandTool, FIND_TOOLS, MOST_READ, SEPARATOR, is_tool_name,
};
use super::error::ConfigError;
use super::fields::{FieldFault, Fields, fault};
use super::file::ConfigFile;
use super::file_warnings::line_of;
use super::locate;
use super::places::invalid;
use super::warnings::Warnings;
use crate::catalog::nearest::closest;
use crate::chat::schema::{self, read_short_form};
use crate::wire::redact::cut;

/// The settings of a tool.
const KEYS: &[&str] = &[
    "description",
    "command",
    "parameters",
    "stdin",
    "env",
    "cwd",
    "timeout",
    "max_output",
    "approve",
    "repeat",
    "shell",
];

const SIZES: &[(&str, u64)] = &[
    ("KiB", 1024),
    ("kB", 1000),
    ("MiB", 1024 * 1024),
    ("B", 1),
    ("", 1),
];

/// Least `max_output`, in bytes: the note about what is omitted must fit.
const LEAST_OUTPUT: u64 = 256;

const NAME_FORM: &str = "at most 64 letters, digits, '_' and '-', without '__'";

/// The tools of the section.
fn read(root: &Value) -> Result<BTreeMap<String, CommandTool>, FieldFault> {
    let path = vec![SECTION.to_owned()];
    let entries = match root.get(SECTION) {
        None | Some(Value::Null) => return Ok(BTreeMap::new()),
        Some(Value::Mapping(entries)) => entries,
        Some(_) => return Err(fault(path, "must be a mapping of names to commands")),
    };
    let above = Fields { path, entries };
    let mut tools = BTreeMap::new();
    for (name, value) in entries {
        let name = name.as_str().unwrap_or_default();
        let path = above.path_of(name);
        if !is_tool_name(name) {
            let what = format!(
                "'{}' is not the name of a tool: {NAME_FORM}",
                cut(name, 80).escape_debug()
            );
            return Err(fault(path, what).about_key());
        }
        if BUILT_IN.contains(&name) {
            return Err(fault(path, "is the name of a built-in tool; choose another").about_key());
        }
        let Value::Mapping(entries) = value else {
            return Err(fault(path, "must be a mapping with command"));
        };
        tools.insert(name.to_owned(), tool(name, &Fields { path, entries })?);
    }
    Ok(tools)
}

fn tool(name: &str, fields: &Fields<'_>) -> Result<CommandTool, FieldFault> {
    let is_shell = flag(fields, "shell")?;
    let of_command = CommandTool::new(name, command(fields, is_shell)?, parameters(fields)?);
    let tool = CommandTool {
        description: fields.text("description")?,
        reads_json: reads_json(fields)?,
        env: fields.map("env")?,
        cwd: fields.text("cwd")?.map(PathBuf::from),
        timeout: fields.duration("timeout")?.unwrap_or(of_command.timeout),
        max_output: max_output(fields)?.unwrap_or(of_command.max_output),
        approve: approve(fields)?,
        may_repeat: flag(fields, "repeat")?,
        is_shell,
        ..of_command
    };
    command_checks::check(&tool, fields)?;
    Ok(tool)
}

fn flag(fields: &Fields<'_>, key: &str) -> Result<bool, FieldFault> {
    match fields.get(key) {
        None => Ok(false),
        Some(Value::Bool(is_set)) => Ok(*is_set),
        Some(_) => Err(fields.fault(key, "must be true or false")),
    }
}

fn command(fields: &Fields<'_>, is_shell: bool) -> Result<Vec<String>, FieldFault> {
    let command = match fields.get("command") {
        None => return Err(fault(fields.path.clone(), "has no command").about_key()),
        Some(Value::String(text)) if !is_shell && text.contains(char::is_whitespace) => {
            let words = text.split_whitespace().collect::<Vec<_>>().join(", ");
            let what = format!(
                "is run without a shell; write a list: [{}], or set shell: true",
                cut(&words, 80)
            );
            return Err(fields.fault("command", what));
        }
        Some(Value::String(text)) => vec![text.clone()],
        Some(_) => fields.texts("command")?.unwrap_or_default(),
    };
    if command.first().is_none_or(|first| first.trim().is_empty()) {
        return Err(fields.fault("command", "is empty"));
    }
    if is_shell && command.len() > 1 {
        return Err(fields.fault("command", "must be one line of text with shell: true"));
    }
    if command.iter().any(|element| element.contains('\0')) {
        return Err(fields.fault("command", "must not have NUL characters"));
    }
    Ok(command)
}

/// A JSON Schema, the short form as text, or a mapping of names to types or schemas. A name with
/// `?` at its end is optional.
fn parameters(fields: &Fields<'_>) -> Result<Json, FieldFault> {
    let wrong = |what: String| fields.fault("parameters", what);
    let schema = match fields.get("parameters") {
        None => json!({"type": "object", "properties": {}}),
        Some(Value::String(text)) => read_short_form(text).map_err(wrong)?,
        Some(value @ Value::Mapping(_)) => {
            let json: Json = serde_json::to_value(value)
                .map_err(|error| wrong(format!("must be a JSON Schema: {error}")))?;
            match json {
                Json::Object(entries) if !is_schema(&entries) => by_name(fields, &entries)?,
                schema => schema,
            }
        }
        Some(_) => return Err(wrong("must be a mapping of names to types".to_owned())),
    };
    if let Some(wrong) = schema::fault_of(&schema) {
        let mut path = fields.path_of("parameters");
        path.extend(wrong.pointer.split('/').skip(1).map(str::to_owned));
        return Err(fault(path, wrong.what));
    }
    Ok(schema)
}

/// Whether a mapping is a JSON Schema of an object, not names with their types.
fn is_schema(entries: &Map<String, Json>) -> bool {
    entries.get("type").is_some_and(|kind| kind == "object")
        || entries.get("properties").is_some_and(Json::is_object)
        || entries.contains_key("$ref")
        || entries.contains_key("$schema")
}

fn by_name(fields: &Fields<'_>, entries: &Map<String, Json>) -> Result<Json, FieldFault> {
    let mut properties = Map::new();
    let mut required = Vec::new();
    for (written, value) in entries {
        let mut path = fields.path_of("parameters");
        path.push(written.clone());
        let name = written.strip_suffix('?').unwrap_or(written);
        let property = match value {
            Json::Object(_) => value.clone(),
            Json::String(text) => {
                let line = format!("{name}: {}", text.replace('\n', " "));
                let read = read_short_form(&format!("{line}\n"));
                let short = read.map_err(|why| fault(path, why))?;
                short["properties"][name].clone()
            }
            Json::Null => json!({"type": "string"}),
            _ => return Err(fault(path, "must be a type, such as string, or a schema")),
        };
        if name == written {
            required.push(name.to_owned());
        }
        properties.insert(name.to_owned(), property);
    }
    Ok(json!({
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": false,
    }))
}

fn reads_json(fields: &Fields<'_>) -> Result<bool, FieldFault> {
    match fields.text("stdin")?.as_deref() {
        None | Some("none") => Ok(false),
        Some("json") => Ok(true),
        Some(_) => Err(fields.fault("stdin", "must be json or none")),
    }
}

fn max_output(fields: &Fields<'_>) -> Result<Option<u64>, FieldFault> {
    const FORM: &str = "must be a size from 256B to 1MiB, such as 100KiB";
    let bytes = match fields.get("max_output") {
        None => return Ok(None),
        Some(Value::Number(number)) => number.as_u64(),
        Some(Value::String(text)) => size(text),
        Some(_) => None,
    };
    bytes
        .filter(|bytes| (LEAST_OUTPUT..=MOST_READ).contains(bytes))
        .map(Some)
        .ok_or_else(|| fields.fault("max_output", FORM))
}

fn size(text: &str) -> Option<u64> {
    let digits = text.find(|c: char| !c.is_ascii_digit());
    let (number, unit) = text.split_at(digits.unwrap_or(text.len()));
    let (_, factor) = SIZES.iter().find(|(name, _)| *name == unit.trim())?;
    number.parse::<u64>().ok()?.checked_mul(*factor)
}

fn approve(fields: &Fields<'_>) -> Result<Approve, FieldFault> {
    match fields.text("approve")?.as_deref() {
        None | Some("ask") => Ok(Approve::Ask),
        Some("allow") => Ok(Approve::Allow),
        Some(_) => Err(fields.fault("approve", "must be ask or allow")),
    }
}

impl ConfigFile {
    /// The command tools of the file.
    ///
    /// # Errors
    /// What is wrong with the first invalid one, with its place.
    pub(super) fn read_command_tools(&self) -> Result<BTreeMap<String, CommandTool>, ConfigError> {
        read(self.meant()).map_err(|fault| fault.in_file(&self.path, &self.text))
    }

    /// Warns about unknown settings of command tools, and what is probably a mistake.
    pub(super) fn warn_about_tools(&self, warnings: &mut Warnings<'_>) {
        for tool in self.tools.values() {
            let above = [SECTION, tool.name.as_str()];
            let entries = self
                .meant()
                .get(SECTION)
                .and_then(|all| all.get(&tool.name));
            let entries = entries.and_then(Value::as_mapping).into_iter().flatten();
            for key in entries.filter_map(|(key, _)| key.as_str()) {
                if !KEYS.contains(&key) {
                    let path = [&above[..], &[key]].concat();
                    warnings.add(|file| self.unknown_setting(file, &path, KEYS));
                }
            }
            for ToolWarning { path, what } in command_checks::doubts(tool) {
                let keys: Vec<&str> = path.iter().map(String::as_str).collect();
                warnings.add(|file| {
                    let (line, name) = (line_of(file, &keys), keys.join("."));
                    format!("{}{line}: {name}: {what}", self.path.display())
                });
            }
        }
    }

    /// Checks the names in `tools` of every profile. Of a server's tool that is the name of the
    /// server: which tools it has is in no file.
    pub(super) fn check_tool_names(&self) -> Result<(), ConfigError> {
        for (profile, settings) in &self.profiles {
            for name in settings.tools.iter().flatten() {
                let Some(what) = self.unknown_tool(name) else {
                    continue;
                };
                let path = ["llm_profiles", profile, SECTION];
                let position = locate::position_of(&self.text, &path);
                let what = format!("{}: {what}", path.join("."));
                return Err(invalid(&self.path, position, what));
            }
        }
        Ok(())
    }

    /// Why a name or a pattern chooses no tool.
    fn unknown_tool(&self, name: &str) -> Option<String> {
        let is_pattern = |text: &str| text.contains(['*', '?']);
        let server = name.split_once(SEPARATOR).map(|(server, _)| server);
        let (kind, wanted, known): (_, _, Vec<&str>) = match server {
            Some(server) => {
                let servers = self.mcp_servers.keys().map(String::as_str);
                ("server", server, servers.collect())
            }
            None => {
                let own = self.tools.keys().map(String::as_str);
                let built_in = BUILT_IN.iter().filter(|name| **name != FIND_TOOLS);
                ("tool", name, own.chain(built_in.copied()).collect())
            }
        };
        if is_pattern(wanted) || known.contains(&wanted) {
            return None;
        }
        let nearest = closest(wanted, known.into_iter());
        let suggestion =
            nearest.map_or_else(String::new, |name| format!("; did you mean '{name}'?"));
        let shown = cut(wanted, 80);
        Some(format!(
            "there is no {kind} '{}'{suggestion}",
            shown.escape_debug()
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(text: &str) -> Result<ConfigFile, String> {
        ConfigFile::parse(PathBuf::from("config.yml"), text.to_owned())
            .map_err(|error| error.to_string())
    }

    fn weather(settings: &str) -> Result<ConfigFile, String> {
        file(&format!("tools:\n  weather:\n    {settings}\n"))
    }

    #[test]
    fn the_example_of_the_documentation_is_read() {
        let file = file(
            "tools:\n  weather:\n    description: Current weather of a town.\n    command: [curl, \
             -sS, --, 'https://wttr.in/{town}?format=3']\n    parameters: {town: string}\n    \
             stdin: json\n    env: {TOKEN: '${WEATHER_TOKEN}'}\n    cwd: .\n    timeout: 10s\n    \
             max_output: 50KiB\n    approve: allow\n    repeat: true\n",
        )
        .unwrap();
        let tool = &file.tools["weather"];
        assert_eq!(tool.command[0], "curl");
        assert_eq!(
            tool.parameters,
            json!({
                "type": "object", "properties": {"town": {"type": "string"}},
                "required": ["town"], "additionalProperties": false,
            })
        );
        assert_eq!(
            (tool.timeout.as_secs(), tool.max_output, tool.approve),
            (10, 51_200, Approve::Allow)
        );
        assert!(tool.reads_json && tool.may_repeat && !tool.is_shell);
        assert!(file.warnings.is_empty(), "{:?}", file.warnings);
    }

    #[test]
    fn parameters_have_three_forms() {
        let read = |text: &str| {
            let file = weather(&format!(
                "stdin: json\n    command: x\n    parameters: {text}"
            ));
            file.unwrap().tools["weather"].parameters.clone()
        };
        assert_eq!(
            read("{town: 'string: its name', days?: int, at: {type: array}}"),
            json!({
                "type": "object",
                "properties": {
                    "town": {"type": "string", "description": "its name"},
                    "days": {"type": "integer"},
                    "at": {"type": "array"},
                },
                "required": ["town", "at"],
                "additionalProperties": false,
            })
        );
        assert_eq!(read("town, days int")["required"], json!(["town", "days"]));
        let schema = json!({"type": "object", "properties": {"type": {"type": "string"}}});
        assert_eq!(read(&schema.to_string()), schema);
        assert_eq!(
            read("{type: string}")["properties"]["type"]["type"],
            "string"
        );
        let none = weather("command: x").unwrap().tools["weather"]
            .parameters
            .clone();
        assert_eq!(none, json!({"type": "object", "properties": {}}));
    }

    #[test]
    fn errors_name_the_place_and_the_setting() {
        for (settings, expected) in [
            (
                "repeat: true",
                "config.yml:2:3: tools.weather: has no command",
            ),
            (
                "command: []",
                "config.yml:3:14: tools.weather.command: is empty",
            ),
            (
                "command: curl -sS x",
                "config.yml:3:14: tools.weather.command: is run without a shell; write a list: \
                 [curl, -sS, x], or set shell: true",
            ),
            (
                "command: [echo, '{town}']",
                "config.yml:3:14: tools.weather.command: has {town}, which is not among parameters",
            ),
            (
                "command: ['{town}']",
                "config.yml:3:14: tools.weather.command must start with a program; a parameter \
                 cannot choose it",
            ),
            (
                "command: [find, '{}']",
                "config.yml:3:14: tools.weather.command: has a '{' without a name and '}' after \
                 it: '{}'; write {{ for a brace",
            ),
        ] {
            let error = weather(settings).unwrap_err();
            assert!(error.contains(expected), "{settings}: {error}");
        }
    }

    #[test]
    fn each_setting_has_its_values() {
        for (settings, expected) in [
            (
                "{command: x, parameters: {town: {type: strin}}}",
                "tools.weather.parameters.properties.town.type",
            ),
            (
                "{command: 'echo {town}', shell: true, parameters: {town: string}}",
                "has {town}; a shell has the value as \"$AMX_ARG_town\"",
            ),
            (
                "{command: x, max_output: 2MiB}",
                "must be a size from 256B to 1MiB",
            ),
            (
                "{command: x, timeout: soon}",
                "tools.weather.timeout: a time is written like",
            ),
            (
                "{command: x, approve: yes}",
                "tools.weather.approve must be",
            ),
            (
                "{command: x, stdin: text}",
                "tools.weather.stdin must be json or none",
            ),
            (
                "{command: x, env: {AMX_ARG_a: b}}",
                "tools.weather.env.AMX_ARG_a: is set by amx",
            ),
            (
                "{command: x, parameters: 5}",
                "must be a mapping of names to types",
            ),
        ] {
            let error = weather(settings).unwrap_err();
            assert!(error.contains(expected), "{settings}: {error}");
        }
    }

    #[test]
    fn a_name_is_that_of_no_other_tool() {
        for (name, what) in [
            ("a b", "is not the name of a tool"),
            ("git__push", "is not the name of a tool"),
            ("read_file", "is the name of a built-in tool"),
        ] {
            let error = file(&format!("tools: {{{name}: {{command: x}}}}\n")).unwrap_err();
            assert!(error.contains(what), "{error}");
        }
        assert!(
            file("tools: [x]\n")
                .unwrap_err()
                .contains("tools must be a mapping of names")
        );
    }

    #[test]
    fn probable_mistakes_are_warnings_with_their_line() {
        let warnings = |settings: &str| weather(settings).unwrap().warnings;
        assert_eq!(
            warnings("command: [echo]\n    parameters: {town: string}\n    shel: true"),
            [
                "config.yml:5: unknown setting 'shel'; did you mean 'shell'?",
                "config.yml:4: tools.weather.parameters: 'town' is not used in the command",
            ]
        );
        let script = "command: [sh, -c, 'echo {town}']\n    parameters: {town: string}";
        assert!(warnings(script)[0].contains("the model can write shell code here"));
        let shell = "command: echo \"$AMX_ARG_town\"\n    shell: true\n    parameters: town";
        assert!(warnings(shell).is_empty());
    }

    #[test]
    fn a_profile_names_tools_that_exist() {
        let tools = "tools: {weather: {command: x}}\nmcp_servers: {github: {command: x}}\n";
        let profile =
            |names: &str| file(&format!("{tools}llm_profiles:\n  p:\n    tools: {names}\n"));
        for names in [
            "[weather, now]",
            "['w*', github__get_me, 'github__*']",
            "[]",
        ] {
            assert!(profile(names).is_ok(), "{names}");
        }
        assert_eq!(
            profile("[wether]").unwrap_err(),
            "config.yml:5:12: llm_profiles.p.tools: there is no tool 'wether'; did you mean \
             'weather'?"
        );
        assert!(profile("[find_tools]").is_err());
        let server = profile("[githb__get_me]").unwrap_err();
        assert!(server.ends_with("there is no server 'githb'; did you mean 'github'?"));
        let raw = profile("[{type: function}]").unwrap_err();
        assert!(raw.contains("llm_profiles.p.tools[0]"), "{raw}");
    }
}
