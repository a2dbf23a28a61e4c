//! Which API of a provider makes images with a model: by the provider's list of image models, and
//! by its catalogue for models that make them in a chat.

use super::call::{ImageOptions, ImageRoute};
use crate::ask::endpoint_models;
use crate::ask::model_list::{self, ModelSource};
use crate::catalog::{Model, find};
use crate::config::Settings;
use crate::config::options::Remark;
use crate::ports::equipment::Equipment;
use crate::ports::error::CommandError;
use crate::providers::registry::{ImageApi, PROVIDERS};

/// Models in a hint.
const SUGGESTIONS: usize = 2;

/// What the route is chosen for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RouteQuestion<'a> {
    pub settings: &'a Settings,
    pub options: &'a ImageOptions,
    pub inputs: usize,
    /// A model that no list has is sent anyway.
    pub force: bool,
    /// Only what is cached is read.
    pub is_dry_run: bool,
}

/// The route of a request, and notes about it.
///
/// # Errors
/// [`ErrorKind::Usage`](crate::ports::ErrorKind::Usage) when the provider or the model makes no
/// images, or not as they are asked for; the signal that ended a look-up.
pub(crate) fn choose(
    question: RouteQuestion<'_>,
    equipment: &Equipment,
) -> Result<(ImageRoute, Vec<Remark>), CommandError> {
    let entry = question.settings.entry;
    let Some(api) = &entry.images else {
        return Err(no_api(entry.name));
    };
    refuse_private(question.settings)?;
    let mut remarks = Vec::new();
    let lists = Lists::read(question, api, equipment)?;
    let route = lists.route(question, api)?;
    if route == ImageRoute::Chat && question.options.count > 1 {
        let model = &question.settings.model.value;
        let error = CommandError::usage(format!(
            "{model} makes images through chat, one request for each: -n is not supported"
        ));
        return Err(lists.hinted(error, question.settings, api));
    }
    if question.options.has_ratio() && !api.fields.contains(&"aspect_ratio") {
        let error = CommandError::usage(format!(
            "provider {} accepts --size in pixels, not as a ratio",
            entry.name
        ));
        return Err(error.hint("--size 1536x1024"));
    }
    if api.list.is_some() && lists.is_unknown(&question.settings.model.value) {
        remarks.push(Remark::Note(format!(
            "no list says whether {} makes images",
            question.settings.model.value
        )));
    }
    Ok((route, remarks))
}

fn no_api(provider: &str) -> CommandError {
    let with = PROVIDERS.iter().filter_map(|entry| {
        let model = entry.images.as_ref()?.suggested.first()?;
        Some(format!("{}:{model}", entry.name))
    });
    let with: Vec<String> = with.collect();
    let error = CommandError::usage(format!("provider {provider} makes no images"));
    match with.split_first() {
        Some((first, [])) => error.hint(format!("-m {first}")),
        Some((first, others)) => error.hint(format!("-m {first}   (or {})", others.join(", "))),
        None => error,
    }
}

/// The API for images has no field for it, so that a private prompt would not be private.
fn refuse_private(settings: &Settings) -> Result<(), CommandError> {
    let provider = &settings.body.get("provider");
    let is_set = |field: &str, value: &str| {
        provider.is_some_and(|provider| match &provider[field] {
            serde_json::Value::Bool(is_on) => *is_on,
            other => other == value,
        })
    };
    if is_set("zdr", "") || is_set("data_collection", "deny") {
        let error = CommandError::usage(
            "images cannot be private: their API has no field for data collection",
        );
        return Err(
            error.hint("amx image -p PROFILE   (one without private, zdr and data_collection)")
        );
    }
    Ok(())
}

/// What the provider lists; `None` where a list is not known.
struct Lists {
    images: Option<Vec<Model>>,
    catalogue: Option<Vec<Model>>,
}

impl Lists {
    fn read(
        question: RouteQuestion<'_>,
        api: &ImageApi,
        equipment: &Equipment,
    ) -> Result<Self, CommandError> {
        let source = ModelSource::of(question.settings, equipment)?;
        let is_cached_only = question.is_dry_run || equipment.is_replaying();
        let images = match api.list {
            Some(path) => endpoint_models::list(&source, path, is_cached_only, equipment)?,
            None => None,
        };
        let id = &question.settings.model.value;
        let is_listed = images
            .as_ref()
            .is_some_and(|images| find(images, id).is_some());
        let cached = || model_list::cached(&source, equipment);
        // Only a model that the first list does not have is looked up in the other.
        let catalogue = if is_listed || is_cached_only || images.is_none() {
            cached().map(|list| list.models)
        } else {
            match model_list::current(&source, equipment) {
                Ok(list) => Some(list.models),
                Err(error) if error.is_signal() => return Err(error),
                Err(_) => None,
            }
        };
        Ok(Self { images, catalogue })
    }

    fn route(
        &self,
        question: RouteQuestion<'_>,
        api: &'static ImageApi,
    ) -> Result<ImageRoute, CommandError> {
        let (settings, id) = (question.settings, &question.settings.model.value);
        let listed = self.images.as_ref().and_then(|images| find(images, id));
        if let Some((model, _)) = listed {
            let takes_images = model.input.is_empty() || model.input.has("image");
            if question.inputs > 0 && !takes_images && !question.force {
                let error = CommandError::usage(format!("{id} accepts no input images"));
                return Err(error.hint("--force   (sends them anyway)"));
            }
            return Ok(ImageRoute::Api(api));
        }
        let is_marked = api.marks.iter().any(|mark| id.contains(mark));
        if is_marked || question.force || self.is_unknown(id) && api.list.is_some() {
            return Ok(ImageRoute::Api(api));
        }
        if api.list.is_some() && self.makes_images_in_chat(id) {
            return Ok(ImageRoute::Chat);
        }
        let error = CommandError::usage(format!("{id} makes no images"));
        let error = self.hinted(error, settings, api);
        Err(error.hint("--force   (sends it anyway)"))
    }

    fn makes_images_in_chat(&self, id: &str) -> bool {
        let catalogue = self.catalogue.as_deref().unwrap_or_default();
        find(catalogue, id).is_some_and(|(model, _)| model.output.has("image"))
    }

    /// Whether no list could have it.
    fn is_unknown(&self, id: &str) -> bool {
        let catalogue = self.catalogue.as_deref().unwrap_or_default();
        self.images.is_none() && find(catalogue, id).is_none()
    }

    /// Adds a hint with two models that make images: those of the list, the newest first, else
    /// those of the provider table.
    fn hinted(&self, error: CommandError, settings: &Settings, api: &ImageApi) -> CommandError {
        let mut listed: Vec<&Model> = self.images.iter().flatten().collect();
        let author = settings
            .model
            .value
            .split_once('/')
            .map(|(author, _)| author);
        listed.sort_by_key(|model| (model.author() != author, std::cmp::Reverse(model.created)));
        let cached = self.catalogue.iter().flatten();
        let cached = cached.filter(|model| api.marks.iter().any(|mark| model.id.contains(mark)));
        let known = listed
            .into_iter()
            .chain(cached)
            .map(|model| model.id.as_str());
        let mut models: Vec<&str> = known.take(SUGGESTIONS).collect();
        if models.is_empty() {
            models = api.suggested.to_vec();
        }
        match models.as_slice() {
            [first, second, ..] => error.hint(format!("-m {first}   (or {second})")),
            [only] => error.hint(format!("-m {only}")),
            [] => error,
        }
    }
}
