//! A request for images, in the fields of the API that makes them.

use serde_json::{Value, json};

use super::cost::ImageCost;
use crate::chat::request::ChatRequest;
use crate::chat::target::Target;
use crate::config::Settings;
use crate::providers::registry::ImageApi;

/// What is asked for beside the prompt.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct ImageOptions {
    pub count: u32,
    /// Pixels, a tier such as `2K`, or a ratio such as `16:9`.
    pub size: Option<String>,
    pub quality: Option<String>,
}

/// Which API makes the images.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ImageRoute {
    /// One for images alone.
    Api(&'static ImageApi),
    /// The chat, whose answers have images.
    Chat,
}

/// A request for images.
#[derive(Debug, Clone)]
pub(crate) struct ImageCall {
    pub route: ImageRoute,
    pub options: ImageOptions,
    /// Number of input images.
    pub inputs: usize,
    /// The most that it costs in USD, where that is known.
    pub most: Option<f64>,
}

impl ImageOptions {
    /// Whether the size is a ratio of the sides.
    pub(crate) fn has_ratio(&self) -> bool {
        self.size.as_ref().is_some_and(|size| size.contains(':'))
    }
}

impl ImageCall {
    /// Sets the fields of the request. Returns notes on what is not sent.
    pub(in crate::ask) fn fill(&self, request: &mut ChatRequest) -> Vec<String> {
        request.tools.clear();
        match self.route {
            ImageRoute::Api(_) => {
                self.fill_api(request);
                Vec::new()
            }
            ImageRoute::Chat => self.fill_chat(request),
        }
    }

    fn fill_api(&self, request: &mut ChatRequest) {
        request.stream = false;
        let options = &self.options;
        if options.count > 1 {
            request.extra.insert("n".to_owned(), json!(options.count));
        }
        let field = if options.has_ratio() {
            "aspect_ratio"
        } else {
            "size"
        };
        for (field, value) in [(field, &options.size), ("quality", &options.quality)] {
            if let Some(value) = value {
                request.extra.insert(field.to_owned(), json!(value));
            }
        }
    }

    fn fill_chat(&self, request: &mut ChatRequest) -> Vec<String> {
        let (options, extra) = (&self.options, &mut request.extra);
        extra.insert("modalities".to_owned(), json!(["image", "text"]));
        let mut notes = Vec::new();
        let not_sent = |flag: &str| {
            format!(
                "{flag} is not sent: this model makes images through chat, which has no such field"
            )
        };
        let is_pixels = |size: &String| size.contains('x');
        match &options.size {
            Some(size) if is_pixels(size) => notes.push(not_sent("--size in pixels")),
            Some(size) => {
                let field = if options.has_ratio() {
                    "aspect_ratio"
                } else {
                    "image_size"
                };
                let config = extra.entry("image_config").or_insert_with(|| json!({}));
                if let Value::Object(config) = config {
                    config.insert(field.to_owned(), json!(size));
                }
            }
            None => {}
        }
        notes.extend(options.quality.as_ref().map(|_| not_sent("--quality")));
        notes
    }

    /// Sends the target's request to the API. Returns what it costs, where no limit of tokens
    /// decides that.
    pub(in crate::ask) fn aim(
        &self,
        target: &mut Target,
        settings: &Settings,
    ) -> Option<ImageCost> {
        let ImageRoute::Api(_) = self.route else {
            return None;
        };
        if let Some(codec) = settings.entry.image_codec(self.inputs > 0) {
            target.provider = codec;
        }
        Some(ImageCost {
            count: self.options.count,
            most: self.most,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chat::message::{Message, Role};

    fn filled(route: ImageRoute, size: &str, quality: Option<&str>) -> (ChatRequest, Vec<String>) {
        let call = ImageCall {
            route,
            options: ImageOptions {
                count: 1,
                size: Some(size.to_owned()),
                quality: quality.map(str::to_owned),
            },
            inputs: 0,
            most: None,
        };
        let mut request = ChatRequest::plain(vec![Message::text(Role::User, "a cat")]);
        let notes = call.fill(&mut request);
        (request, notes)
    }

    #[test]
    fn a_ratio_and_a_size_have_fields_of_their_own_on_either_route() {
        let api = || {
            ImageRoute::Api(
                crate::providers::find("openrouter")
                    .unwrap()
                    .images
                    .as_ref()
                    .unwrap(),
            )
        };
        let (request, notes) = filled(api(), "16:9", Some("high"));
        assert_eq!(
            Value::Object(request.extra),
            json!({"aspect_ratio": "16:9", "quality": "high"})
        );
        assert!(!request.stream && notes.is_empty());
        let (request, _) = filled(api(), "1024x1024", None);
        assert_eq!(Value::Object(request.extra), json!({"size": "1024x1024"}));
        let (request, notes) = filled(ImageRoute::Chat, "2K", Some("high"));
        let expected =
            json!({"modalities": ["image", "text"], "image_config": {"image_size": "2K"}});
        assert_eq!(Value::Object(request.extra), expected);
        assert_eq!(notes.len(), 1);
        let (request, notes) = filled(ImageRoute::Chat, "1024x1024", None);
        assert_eq!(
            Value::Object(request.extra),
            json!({"modalities": ["image", "text"]})
        );
        assert!(
            notes[0].starts_with("--size in pixels is not sent"),
            "{notes:?}"
        );
    }
}
