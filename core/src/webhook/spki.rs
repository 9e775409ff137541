use base64::{Engine, engine::general_purpose::STANDARD};

/// The bytes of a public key: PEM (`-----BEGIN PUBLIC KEY-----`), or base64.
pub(super) fn decode(text: &str) -> Option<Vec<u8>> {
    let base64: String = text
        .trim()
        .trim_start_matches("-----BEGIN PUBLIC KEY-----")
        .trim_end_matches("-----END PUBLIC KEY-----")
        .split_whitespace()
        .collect();
    STANDARD.decode(base64).ok()
}
