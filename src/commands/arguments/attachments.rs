//! The options of `amx chat` about attachments.

use clap::Args;

use crate::chat::pdf::PdfEngine;
use crate::config::Overrides;
use crate::ports::error::CommandError;
use crate::providers::is_parser;

/// How attachments are read.
#[derive(Debug, Default, Clone, Args)]
pub struct AttachmentArgs {
    /// Who reads PDFs: free (text only), native (the model itself) or ocr (paid by the page)
    #[arg(long, value_name = "ENGINE")]
    pub pdf_engine: Option<PdfEngine>,
}

impl AttachmentArgs {
    /// Adds what these options decide to what the others do.
    ///
    /// # Errors
    /// When `-o plugins=…` decides the same.
    pub fn apply(&self, overrides: Overrides) -> Result<Overrides, CommandError> {
        let names_parser = overrides
            .body
            .get("plugins")
            .and_then(|plugins| plugins.as_array())
            .is_some_and(|plugins| plugins.iter().any(is_parser));
        if self.pdf_engine.is_some() && names_parser {
            return Err(CommandError::usage(
                "--pdf-engine and the file-parser in -o plugins decide the same",
            )
            .hint("leave one of them away"));
        }
        Ok(Overrides {
            pdf_engine: self.pdf_engine,
            ..overrides
        })
    }
}
