//! Why a login to a server failed. No variant contains a token or a code.

use crate::secrets::SecretError;
use crate::wire::client::WireError;

#[derive(Debug, thiserror::Error)]
pub(crate) enum OAuthError {
    #[error("the system provides no random numbers")]
    Random,
    #[error("port {port} of this machine cannot be opened")]
    Port {
        port: u16,
        #[source]
        source: std::io::Error,
    },
    #[error("the server requires no login")]
    NotNeeded,
    /// In words of a whole sentence.
    #[error("{0}")]
    Unsupported(String),
    #[error("{url} {what}")]
    Metadata { url: String, what: String },
    #[error("the login was denied")]
    Denied { words: String },
    #[error("no callback from the browser within 10 min")]
    TimedOut,
    #[error("no response within 30 s")]
    NoAnswer,
    #[error("{what} was rejected ({status})")]
    Rejected {
        what: &'static str,
        status: u16,
        words: String,
    },
    #[error("the token is for another server ({audience})")]
    Audience { audience: String },
    #[error(transparent)]
    Wire(#[from] WireError),
    #[error(transparent)]
    Secret(#[from] SecretError),
}
