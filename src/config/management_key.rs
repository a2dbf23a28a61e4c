//! `management_key`: where the management key of the OpenRouter account is.

use super::error::ConfigError;
use super::file::ConfigFile;
use super::locate;
use super::places::invalid;
use crate::secrets::Reference;
use crate::wire::api_key::remember;

const NAME: &str = "management_key";

impl ConfigFile {
    /// The reference. The key manages a whole account, and so is never in the file itself.
    ///
    /// # Errors
    /// It is no reference.
    pub fn management_key(&self) -> Result<Option<Reference>, ConfigError> {
        let Some(written) = self.meant().get(NAME).filter(|value| !value.is_null()) else {
            return Ok(None);
        };
        let what = match written.as_str().map(|text| (text, Reference::parse(text))) {
            Some((_, Ok(reference))) if !reference.is_plain() => return Ok(Some(reference)),
            Some((text, Ok(_))) => {
                remember(text);
                "must be a reference to a key: ${NAME}, cmd:PROGRAM or file:/PATH"
            }
            Some((_, Err(what))) => what,
            None => "must be a text",
        };
        let position = locate::position_of_value(&self.text, &[NAME]);
        Err(invalid(&self.path, position, format!("{NAME} {what}")))
    }
}
