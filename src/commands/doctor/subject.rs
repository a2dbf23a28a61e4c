//! What the checks examine, gathered once: files, settings, keys, servers, the terminal.

use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::account::inspection::{InspectionError, ServerInspection};
use crate::config::home::user_home;
use crate::config::{ConfigError, ConfigFile, Environment, Home, Overrides, Settings, defaults};
use crate::platform::commands::SystemCommand;
use crate::platform::paths;
use crate::platform::system::System;
use crate::ports::context::Context;
use crate::ports::error::CommandError;
use crate::ports::input::StdinKind;
use crate::wire::api_key::ApiKey;

/// What is wrong, and the command that fixes it.
#[derive(Debug, Clone)]
pub struct Problem {
    pub words: String,
    pub remedy: String,
}

impl From<CommandError> for Problem {
    fn from(error: CommandError) -> Self {
        let error = error.with_default_hint();
        let words = match error.cause() {
            Some(cause) => format!("{}: {cause}", error.message),
            None => error.message.clone(),
        };
        Self {
            words,
            remedy: error.hints.into_iter().next().unwrap_or_default(),
        }
    }
}

/// The result of looking up a key.
#[derive(Debug, Clone)]
pub enum KeyState {
    NotNeeded,
    Missing,
    Found(ApiKey),
    /// The keyring does not respond.
    Unreachable(Problem),
    /// The key belongs to another server.
    Elsewhere(Problem),
    Unreadable(Problem),
    /// The lookup was skipped, and why.
    NotAsked(&'static str),
}

/// The result of the requests to the server.
#[derive(Debug, Clone)]
pub enum ServerState {
    NotAsked(&'static str),
    Answered(Box<ServerInspection>),
    Unreached(InspectionError),
}

/// One profile with its settings, key and server.
pub struct ExaminedProfile {
    pub name: String,
    pub settings: Settings,
    pub key: KeyState,
    pub server: ServerState,
}

/// What became of the test of telemetry.
#[derive(Debug, Clone)]
pub enum TelemetryState {
    Off,
    /// The settings are not valid.
    Invalid(Problem),
    NotAsked(&'static str),
    /// The URL, and why nothing is taken there.
    Tested(String, Result<(), String>),
}

/// The terminal behind stdin and stdout.
pub struct Screen {
    pub is_terminal: bool,
    pub width: usize,
    pub can_ask: bool,
    pub stdin: StdinKind,
}

pub struct Subject {
    pub(super) system: System,
    pub environment: Environment,
    pub home: Result<Home, Problem>,
    pub user_home: Option<PathBuf>,
    /// The file as far as it loads; an unknown active profile is no error here.
    pub config: Result<ConfigFile, ConfigError>,
    /// Profiles with valid settings.
    pub profiles: Vec<ExaminedProfile>,
    /// Profiles with invalid settings.
    pub invalid: Vec<(String, Problem)>,
    pub terminal: Screen,
    pub telemetry: TelemetryState,
    pub is_offline: bool,
    pub now: SystemTime,
}

impl Subject {
    /// Reads everything but keys and servers; `only` narrows it to one profile.
    pub fn gather(
        only: Option<&str>,
        is_offline: bool,
        context: &Context<'_>,
    ) -> Result<Self, CommandError> {
        let home = Home::find(&context.equipment.environment);
        let config = match &home {
            Ok(home) => ConfigFile::load_for_edit(home),
            Err(_) => ConfigFile::parse(PathBuf::new(), String::new()),
        };
        let terminal = Screen {
            is_terminal: context.output.is_terminal(),
            width: context.output.width(),
            can_ask: context.input.can_ask(),
            stdin: context.input.stdin_kind(),
        };
        let mut subject = Self {
            system: System::CURRENT,
            environment: context.equipment.environment.clone(),
            home: home.map_err(|error| CommandError::from(error).into()),
            user_home: user_home(),
            config,
            profiles: Vec::new(),
            invalid: Vec::new(),
            terminal,
            telemetry: TelemetryState::Off,
            is_offline,
            now: SystemTime::now(),
        };
        subject.resolve_profiles(only)?;
        Ok(subject)
    }

    /// Resolves the profiles of the file; the one in force when the file has none.
    fn resolve_profiles(&mut self, only: Option<&str>) -> Result<(), CommandError> {
        let empty;
        let config = match &self.config {
            Ok(config) => config,
            Err(_) => {
                empty = ConfigFile::parse(PathBuf::new(), String::new())?;
                &empty
            }
        };
        if let Some(name) = only
            .filter(|name| !config.profiles.contains_key(*name) && *name != defaults::DEMO_PROFILE)
        {
            return Err(config.no_profile(name, "--profile").into());
        }
        let mut names: Vec<Option<&str>> = config
            .profiles
            .keys()
            .map(String::as_str)
            .filter(|name| only.is_none_or(|only| only == *name))
            .map(Some)
            .collect();
        if names.is_empty() {
            names.push(only);
        }
        // Each profile is examined by itself, whichever one the environment selects.
        for name in names {
            let overrides = Overrides {
                profile: name.map(str::to_owned),
                ..Overrides::default()
            };
            match Settings::resolve(&overrides, &self.environment, config) {
                // The file does not load: whether a key is set is unknown.
                Ok(settings) if self.config.is_err() && settings.is_unconfigured() => {}
                Ok(settings) => {
                    let name = settings.profile.value.clone();
                    let (key, server) = (
                        KeyState::NotNeeded,
                        ServerState::NotAsked("no request was sent"),
                    );
                    self.profiles.push(ExaminedProfile {
                        name,
                        settings,
                        key,
                        server,
                    });
                }
                Err(error) => self.invalid.push((
                    name.unwrap_or(defaults::UNNAMED_PROFILE).to_owned(),
                    CommandError::from(error).into(),
                )),
            }
        }
        Ok(())
    }

    /// A path as it may be shown: the home directory, which names the user, is `~`.
    pub fn shown(&self, path: &Path) -> String {
        paths::shown_below(self.user_home.as_deref(), path)
    }

    /// The same path as a word of a command.
    pub fn typed(&self, path: &Path) -> String {
        self.system.quoted(&self.shown(path))
    }

    /// A command on the system that is examined; its arguments are quoted.
    pub(super) fn command<const N: usize>(
        &self,
        command: SystemCommand,
        arguments: [&str; N],
    ) -> String {
        command.on(self.system, arguments)
    }

    /// A text in which the home directory is `~`.
    pub fn without_home(&self, text: &str) -> String {
        paths::without_home(self.user_home.as_deref(), text)
    }
}

#[cfg(test)]
impl Subject {
    /// Files in one folder, on a system.
    pub(super) fn of_folder(system: System, folder: &Path) -> Self {
        let home = Home::at(folder.join(".amx"));
        Self {
            system,
            environment: Environment::default(),
            config: ConfigFile::load_for_edit(&home),
            home: Ok(home),
            user_home: Some(folder.to_owned()),
            profiles: Vec::new(),
            invalid: Vec::new(),
            terminal: Screen {
                is_terminal: true,
                width: 80,
                can_ask: true,
                stdin: StdinKind::Terminal,
            },
            telemetry: TelemetryState::Off,
            is_offline: true,
            now: SystemTime::UNIX_EPOCH,
        }
    }
}
