use base64::{Engine, engine::general_purpose::STANDARD};

/// The bytes of a public key: PEM (`-----BEGIN PUBLIC KEY-----`), or base64.
pub(super) fn decode(text: &str) -> Option<Vec<u8>> {
    pem(text, "-----BEGIN PUBLIC KEY-----", "-----END PUBLIC KEY-----")
}

/// The bytes of base64 that may stand between two lines and be broken into several.
pub(crate) fn pem(text: &str, begin: &str, end: &str) -> Option<Vec<u8>> {
    let text = text.trim();
    let text = text.strip_prefix(begin).unwrap_or(text);
    let text = text.strip_suffix(end).unwrap_or(text);
    STANDARD.decode(text.split_whitespace().collect::<String>()).ok()
}
