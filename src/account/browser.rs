//! What a login with the browser needs: random texts, the challenge of PKCE, and the page that the
//! browser shows at the end.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

use crate::wire::loopback::Answer;

/// The page that ends a login.
pub(super) fn page(status: u16, title: &str, text: &str) -> Answer {
    let html = format!(
        "<!doctype html><meta charset=utf-8><title>amx: {title}</title><body \
        style=\"font-family:sans-serif;margin:4em\"><h1>{title}</h1><p>{text}</p>"
    );
    Answer::whole(status, "text/html; charset=utf-8", html)
}

/// 256 random bits, URL-safe: 43 characters, the shortest verifier that RFC 7636 allows. `None`
/// when the system provides no random numbers.
pub(super) fn random_text() -> Option<String> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).ok()?;
    Some(URL_SAFE_NO_PAD.encode(bytes))
}

pub(super) fn challenge(verifier: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.as_bytes()))
}
