//! The end of a request for images: they are saved and shown, or their absence is an error.

use std::path::Path;

use super::args::ImageArgs;
use crate::ask::answer_media;
use crate::ask::outcome::Outcome;
use crate::ask::suggestion;
use crate::chat::media::MediaKind;
use crate::commands::answer_screen::show_end;
use crate::commands::output_file::{self, OutputFile};
use crate::config::Settings;
use crate::ports::context::Context;
use crate::ports::error::{CommandError, ErrorKind};
use crate::ports::saved_media::{MediaPlace, SavedMedia};

/// Saves the images, shows the end, and returns the first error.
///
/// # Errors
/// Why there is no image, or why it could not be saved.
pub(super) fn finish(
    mut outcome: Outcome,
    args: &ImageArgs,
    settings: &Settings,
    file: &mut Option<OutputFile>,
    context: &mut Context<'_>,
) -> Result<(), CommandError> {
    let asked_for = args.output.as_deref();
    match (file.as_ref(), asked_for) {
        (Some(file), Some(path)) => {
            answer_media::save_beside(path, &mut outcome, &mut |bytes| file.write(bytes));
        }
        _ => answer_media::save(&mut outcome, None),
    }
    show_end(&outcome, None, context)?;
    let images: Vec<&SavedMedia> = images(&outcome.saved).collect();
    let missing = missing(&images, args, &outcome);
    if missing.is_none() && outcome.error.is_none() {
        note_fewer(images.len(), args, context);
    }
    let unbooked = outcome.ledger_error.take();
    let failed = match outcome.error.take() {
        // The reply ended as it should, without anything in it.
        Some(_) if outcome.is_empty => missing,
        Some(error) => Some(suggestion::suggest(error, settings, &context.equipment)),
        None => missing,
    };
    let is_complete = failed.is_none();
    let ended = context.first_of(failed, unbooked);
    match file.take() {
        Some(file) => output_file::end(file, is_complete, ended, context),
        None => ended,
    }
}

fn images(saved: &[SavedMedia]) -> impl Iterator<Item = &SavedMedia> {
    saved.iter().filter(|saved| saved.kind == MediaKind::Image)
}

/// The error of a reply without an image in a file.
fn missing(images: &[&SavedMedia], args: &ImageArgs, outcome: &Outcome) -> Option<CommandError> {
    let is_file = |saved: &&&SavedMedia| matches!(saved.place, MediaPlace::File(_));
    let is_url = |saved: &&&SavedMedia| matches!(saved.place, MediaPlace::Url(_));
    if images.iter().any(|saved| is_file(&saved)) {
        return None;
    }
    if images.iter().any(|saved| is_url(&saved)) {
        return args.output.as_deref().map(only_url);
    }
    let words = if !images.is_empty() {
        "the image in the reply could not be saved"
    } else if outcome.answer.has_visible_text {
        "the model answered with text and made no image"
    } else {
        "the reply has no image"
    };
    let error = CommandError::new(ErrorKind::Content, words);
    Some(error.hint("say in the prompt that you want an image, or use another model with -m"))
}

fn only_url(path: &Path) -> CommandError {
    let error = CommandError::new(
        ErrorKind::Content,
        format!(
            "{} is not written: the reply has the URL of an image, which amx does not fetch",
            path.display()
        ),
    );
    error.hint("open the URL above, or fetch it with curl -o FILE URL")
}

fn note_fewer(count: usize, args: &ImageArgs, context: &mut Context<'_>) {
    let wanted = args.count as usize;
    if count < wanted {
        context
            .output
            .note(&format!("{count} of {wanted} images were made"));
    }
}
