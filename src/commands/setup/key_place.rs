//! Where a new key comes from and goes to. Without a keyring a person chooses in a menu, and
//! nothing that was typed is lost.

use std::path::{Path, PathBuf};

use crate::ask::connection;
use crate::config::home::user_home;
use crate::config::{ConfigFile, Home, env};
use crate::platform::commands::SET_VARIABLE;
use crate::platform::paths::shown_below;
use crate::ports::context::Context;
use crate::ports::error::{CommandError, ErrorKind};
use crate::providers::ProviderEntry;
use crate::secrets::keyring::probe;
use crate::secrets::reference::SERVICE;
use crate::secrets::{Credential, KeySource, Reference, SecretError};
use crate::wire::api_key::ApiKey;

/// Where the key of a profile is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum KeyPlace {
    Keyring,
    /// A file that amx writes, with mode 0600.
    File(PathBuf),
    /// Somewhere that amx only reads: a variable or a command.
    Reference(String),
}

/// The profile whose key needs a place.
pub(super) struct KeyOwner<'a> {
    pub profile: &'a str,
    pub config: &'a ConfigFile,
    pub entry: &'static ProviderEntry,
    /// A key has been typed already.
    pub is_typed: bool,
}

/// Whether a key from a command is usable, for one that was read; asks the provider.
pub(super) type KeyTest<'a> =
    &'a mut dyn FnMut(&ApiKey, &mut Context<'_>) -> Result<bool, CommandError>;

/// What the menu offers, in order.
#[derive(Debug, Clone, Copy)]
enum Offer {
    Variable,
    Command,
    File,
    TryAgain,
}

const OFFERS: [Offer; 4] = [
    Offer::Variable,
    Offer::Command,
    Offer::File,
    Offer::TryAgain,
];

/// What can be chosen: a keyring that is turned off stays so, and a file with the key of another
/// profile is not overwritten.
fn offers(is_file_free: bool, context: &Context<'_>) -> Vec<Offer> {
    let is_off = context.equipment.environment.is_set(&env::AMX_NO_KEYRING);
    let is_offered = |offer: &Offer| match offer {
        Offer::File => is_file_free,
        Offer::TryAgain => !is_off,
        Offer::Variable | Offer::Command => true,
    };
    OFFERS.into_iter().filter(is_offered).collect()
}

/// An error when the keyring cannot store a key: checked before a key is typed or a login starts.
/// Its hints name the variable of the provider.
pub(super) fn require_keyring(
    entry: &ProviderEntry,
    context: &Context<'_>,
) -> Result<(), CommandError> {
    probe(context.equipment.keyring().as_ref(), SERVICE).map_err(|source| {
        let error = CommandError::from(SecretError::from(source));
        error.for_key_variable(entry.key_variable)
    })
}

/// The place of a key: the keyring, or on a terminal what a person chooses without one.
///
/// # Errors
/// Why the keyring cannot be used, without a terminal; when the menu is cancelled.
pub(super) fn find(
    owner: &KeyOwner<'_>,
    test: KeyTest<'_>,
    context: &mut Context<'_>,
) -> Result<KeyPlace, CommandError> {
    let mut error = match require_keyring(owner.entry, context) {
        Ok(()) => return Ok(KeyPlace::Keyring),
        Err(error) if !context.input.can_ask() => return Err(error),
        Err(error) => error,
    };
    let path = context.home()?.key_file(owner.profile);
    let is_free = owner
        .config
        .others_with_key(owner.profile, &reference_to(&path))
        .is_empty();
    let variable = owner.entry.key_variable;
    loop {
        context.output.warning(&error.in_one_line());
        let offers = offers(is_free, context);
        let items: Vec<String> = offers
            .iter()
            .map(|offer| item(*offer, variable, &path))
            .collect();
        let question = "Where should the key come from?";
        match offers[context.input.choose(question, &items, 0)?] {
            Offer::Variable => {
                report_variable(variable, owner.is_typed, context);
                return Ok(KeyPlace::Reference(format!("${{{variable}}}")));
            }
            Offer::Command => match of_command(test, context) {
                Ok(Some(reference)) => return Ok(KeyPlace::Reference(reference)),
                Ok(None) => {}
                Err(failed) if failed.is_quiet() => return Err(failed),
                Err(failed) => error = failed,
            },
            Offer::File => return Ok(KeyPlace::File(path)),
            Offer::TryAgain => match require_keyring(owner.entry, context) {
                Ok(()) => {
                    context.output.say("✓ The keyring responds");
                    return Ok(KeyPlace::Keyring);
                }
                Err(again) => error = again,
            },
        }
    }
}

fn item(offer: Offer, variable: &str, path: &Path) -> String {
    match offer {
        Offer::Variable => format!("Environment variable   ({variable}, which you set)"),
        Offer::Command => "Secret manager   (a command that prints the key)".to_owned(),
        Offer::File => format!(
            "File   ({}, which amx writes for you alone)",
            shown_below(user_home().as_deref(), path)
        ),
        Offer::TryAgain => "Try the keyring again".to_owned(),
    }
}

fn report_variable(variable: &str, is_typed: bool, context: &mut Context<'_>) {
    if is_typed {
        context.output.note("the key that was typed is not stored");
    }
    let is_set = context.equipment.environment.named(variable);
    if is_set.is_ok_and(|value| value.is_none()) {
        let command = SET_VARIABLE.with([variable, "…"]);
        context.output.say(&format!("Set it with: {command}"));
    }
}

/// Asks for a command and runs it. `None` when the provider rejects its key.
fn of_command(
    test: KeyTest<'_>,
    context: &mut Context<'_>,
) -> Result<Option<String>, CommandError> {
    let check = |text: &str| match Reference::parse(&format!("cmd:{text}")) {
        Ok(_) => Ok(()),
        Err(_) if text.is_empty() => Err("type a command, or press Ctrl-C".to_owned()),
        Err(why) => Err(why.to_owned()),
    };
    let typed = context
        .input
        .text("Command that prints the key", None, &check)?;
    let written = format!("cmd:{typed}");
    let reference = Reference::parse(&written).map_err(CommandError::usage)?;
    let credential = Credential {
        source: KeySource::Reference {
            reference,
            place: "the command".to_owned(),
        },
        origin: String::new(),
        home_origin: None,
        store: context.equipment.keyring(),
        variable: Box::new(|_| None),
        withheld_variables: connection::key_variables(),
        home: user_home(),
    };
    let key = credential
        .resolve()?
        .ok_or_else(|| CommandError::new(ErrorKind::Credentials, "the command returned no key"))?;
    Ok(test(&key, context)?.then_some(written))
}

/// The reference to a key file, with `~` for the home directory.
pub(crate) fn reference_to(path: &Path) -> String {
    let below = user_home().and_then(|home| path.strip_prefix(home).ok().map(Path::to_owned));
    match below {
        Some(below) => format!("file:~/{}", below.display()),
        None => format!("file:{}", path.display()),
    }
}

/// The key file of a reference, when amx wrote it: a file in its own folder.
pub(crate) fn own_key_file(reference: Option<&str>, home: &Home) -> Option<PathBuf> {
    let Ok(Reference::File(path)) = Reference::parse(reference?) else {
        return None;
    };
    let path = crate::config::home::expanded(&path.to_string_lossy());
    (path.parent() == Some(home.keys().as_path())).then_some(path)
}
