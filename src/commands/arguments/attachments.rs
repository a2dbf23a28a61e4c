//! The options of `amx chat` about attachments.

use clap::Args;

use super::groups;
use crate::chat::pdf::PdfEngine;
use crate::config::Overrides;
use crate::ports::error::CommandError;
use crate::providers::is_parser;

/// How attachments are read.
#[derive(Debug, Default, Clone, Args)]
pub(crate) struct AttachmentArgs {
    /// PDF parser [free (text only), native (the model), ocr (billed per page)]
    #[arg(long, value_name = "ENGINE", help_heading = groups::QUESTION, hide_short_help = true)]
    pub pdf_engine: Option<PdfEngine>,
}

impl AttachmentArgs {
    /// Adds these options to the other overrides.
    ///
    /// # Errors
    /// When `-o plugins=…` sets the PDF parser too.
    pub(crate) fn apply(&self, overrides: Overrides) -> Result<Overrides, CommandError> {
        let names_parser = overrides
            .body
            .get("plugins")
            .and_then(|plugins| plugins.as_array())
            .is_some_and(|plugins| plugins.iter().any(is_parser));
        if self.pdf_engine.is_some() && names_parser {
            return Err(CommandError::usage(
                "--pdf-engine and the file-parser in -o plugins set the same option",
            )
            .hint("omit one of them"));
        }
        Ok(Overrides {
            pdf_engine: self.pdf_engine,
            ..overrides
        })
    }
}
