//! What is decided before the first question: the settings, and the conversation to go on with.

use serde_json::{Value, json};

use super::args::ChatArgs;
use super::ask_args::AskArgs;
use super::body_options;
use super::keeper::{Keeper, Kept, Place};
use super::prompt;
use super::template::Chosen;
use crate::commands::context::Context;
use crate::commands::error::CommandError;
use crate::commands::{failure, login, sessions};
use crate::config::{
    ConfigFile, Home, Overrides, Setting, Settings, Source, defaults, model_choice,
};
use crate::store::{SessionSummary, Store};

/// Settings and conversation, ready to be asked with.
pub struct Opened {
    pub overrides: Overrides,
    pub config: ConfigFile,
    pub settings: Settings,
    /// `None` when nothing is kept.
    pub keeper: Option<Keeper>,
    /// What the question is put into.
    pub template: Option<Chosen>,
}

impl Opened {
    /// The turns before the question.
    pub fn past(&self) -> &[Kept] {
        self.keeper
            .as_ref()
            .map_or(&[], |keeper| keeper.path.as_slice())
    }
}

/// Reads configuration and flags, and finds the conversation that they name.
pub fn open(
    args: &ChatArgs,
    template: Option<Chosen>,
    is_conversation: bool,
    context: &mut Context<'_>,
) -> Result<Opened, CommandError> {
    let mut overrides = args.overrides()?;
    overrides.template = template.as_ref().map(Chosen::layer).transpose()?;
    let mut config = context.config()?;
    let found = find_session(args, context)?;
    let keeper = match found {
        Some((store, summary)) => {
            restore(
                &mut overrides,
                &store.settings(summary.id)?,
                &config,
                context,
            );
            Some(Keeper::resume(place(args, context), store, &summary)?)
        }
        None if is_conversation || is_kept(args, context) => {
            Some(Keeper::new(place(args, context), args.session.clone()))
        }
        None => None,
    };
    let mut settings = Settings::resolve(&overrides, &context.environment, &config)?;
    if settings.is_unconfigured() && !args.dry_run && !context.is_replaying() {
        if !context.input.can_ask() {
            return Err(failure::no_key(&settings));
        }
        if let Some(profile) = login::first_run(context)? {
            overrides.profile = Some(profile);
        }
        config = context.config()?;
        settings = Settings::resolve(&overrides, &context.environment, &config)?;
    }
    Ok(Opened {
        overrides,
        config,
        settings,
        keeper,
        template,
    })
}

/// The template that the flags name. Everything that it still needs is an error, all at once.
pub fn template(
    words: &[String],
    args: &AskArgs,
    context: &mut Context<'_>,
) -> Result<Option<Chosen>, CommandError> {
    let Some(name) = &args.template.template else {
        return Ok(None);
    };
    let mut chosen = Chosen::find(name, context)?;
    for var in &args.template.vars {
        let Some((name, value)) = var.split_once('=') else {
            return Err(CommandError::usage(format!(
                "--var '{}' does not have the form NAME=VALUE",
                var.escape_debug()
            ))
            .hint("--var lang=rust"));
        };
        chosen.set(name, value)?;
    }
    let (has_words, has_stdin) = prompt::foreseen(words, args, context);
    chosen.check(has_words, has_stdin)?;
    Ok(Some(chosen))
}

/// The stored conversation that `-c` or `--session` names; `None` when none is named, or a new one
/// begins.
fn find_session(
    args: &ChatArgs,
    context: &mut Context<'_>,
) -> Result<Option<(Store, SessionSummary)>, CommandError> {
    if args.session.is_none() && !args.continues {
        return Ok(None);
    }
    let store = sessions::opened(context)?;
    if args.continues {
        let latest = store
            .map(|store| {
                store
                    .latest()
                    .map(|latest| latest.map(|latest| (store, latest)))
            })
            .transpose()?
            .flatten();
        let nothing = || {
            CommandError::usage("there is no conversation to go on with")
                .hint("amx chat   (begins one)")
        };
        return latest.map(Some).ok_or_else(nothing);
    }
    let name = args.session.as_deref().unwrap_or_default();
    let found = match store {
        Some(store) => store.find(name)?.map(|found| (store, found)),
        None => None,
    };
    if found.is_none() {
        crate::store::check_name(name).map_err(|why| {
            CommandError::usage(format!("--session '{}': {why}", name.escape_debug()))
                .hint("amx sessions list")
        })?;
        if !args.dry_run {
            context
                .output
                .note(&format!("a new conversation, '{name}'"));
        }
    }
    Ok(found)
}

fn place(args: &ChatArgs, context: &Context<'_>) -> Place {
    match context.home() {
        Ok(home) if !args.no_save => Place::Home(home),
        _ => Place::Memory,
    }
}

/// Whether a single answer is kept: not where amx was never set up and nobody watches, so that a
/// CI job leaves nothing behind.
fn is_kept(args: &ChatArgs, context: &Context<'_>) -> bool {
    if args.no_save {
        return false;
    }
    let is_set_up = |home: Home| home.directory().is_dir();
    args.session.is_some() || context.output.is_terminal() || context.home().is_ok_and(is_set_up)
}

/// How a conversation is set up, for when it is gone on with: profile and model, and what was
/// chosen for it beyond the profile.
pub fn to_remember(overrides: &Overrides, settings: &Settings) -> Value {
    json!({
        "profile": settings.profile.value,
        // As it was written: the id alone would not say who answers.
        "model": settings.written_model.as_deref().unwrap_or(&settings.model.value),
        "system": with_template(overrides.system.as_ref(), settings.system.as_ref()),
        "temperature": with_template(overrides.temperature.as_ref(), settings.temperature.as_ref()),
        "top_p": with_template(overrides.top_p.as_ref(), settings.top_p.as_ref()),
        "max_tokens": with_template(overrides.max_tokens.as_ref(), Some(&settings.max_tokens)),
        "effort": with_template(overrides.effort.as_ref(), settings.effort.as_ref()),
        "options": body_options::to_remember(&overrides.with_template_options(&settings.options)),
    })
}

/// What was chosen, else what the template decided. What was behind the model is remembered with
/// it.
fn with_template<T: Clone>(chosen: Option<&T>, setting: Option<&Setting<T>>) -> Option<T> {
    let of_template = || {
        setting
            .filter(|setting| matches!(setting.source, Source::Template { .. }))
            .map(|setting| setting.value.clone())
    };
    chosen.cloned().or_else(of_template)
}

/// Takes over what a conversation was set up with, as far as the flags leave it open.
pub fn restore(
    overrides: &mut Overrides,
    remembered: &Value,
    config: &ConfigFile,
    context: &mut Context<'_>,
) {
    // A template is named now; what was chosen then gives way to it.
    let template = overrides.template.clone().unwrap_or_default();
    let text = |key: &str| remembered[key].as_str().map(str::to_owned);
    let profile = text("profile")
        .filter(|profile| profile != defaults::UNNAMED_PROFILE && template.profile.is_none());
    let is_there = |profile: &String| {
        config.profiles.contains_key(profile) || profile == defaults::DEMO_PROFILE
    };
    if let Some(gone) = profile
        .as_ref()
        .filter(|profile| !is_there(profile) && overrides.profile.is_none())
    {
        context.output.warning(&format!(
            "profile '{gone}' of this conversation is gone; the active one is used"
        ));
    }
    let remembered_profile = profile.filter(is_there);
    let of_model = overrides
        .model
        .as_deref()
        .and_then(|model| model_choice::profile_of(model, config));
    overrides.profile = overrides
        .profile
        .take()
        .or(of_model)
        .or(remembered_profile.clone());
    // A model belongs to its profile: another one's provider need not have it.
    if remembered_profile.is_some()
        && overrides.profile == remembered_profile
        && overrides.model.is_none()
    {
        overrides.model = text("model").filter(|_| template.model.is_none());
        overrides.model_gives_way = true;
    }
    overrides.system = overrides
        .system
        .take()
        .or(text("system").filter(|_| template.system.is_none()));
    overrides.temperature = overrides.temperature.or(remembered["temperature"]
        .as_f64()
        .filter(|_| template.temperature.is_none()));
    overrides.top_p = overrides.top_p.or(remembered["top_p"]
        .as_f64()
        .filter(|_| template.top_p.is_none()));
    let max_tokens = remembered["max_tokens"]
        .as_u64()
        .and_then(|tokens| u32::try_from(tokens).ok());
    overrides.max_tokens = overrides
        .max_tokens
        .or(max_tokens.filter(|_| template.max_tokens.is_none()));
    body_options::restore(overrides, &remembered["options"]);
    let effort = remembered["effort"]
        .as_str()
        .and_then(|effort| effort.parse().ok());
    overrides.effort = overrides
        .effort
        .or(effort.filter(|_| template.effort.is_none()));
}
