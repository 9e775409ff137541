//! The `state` of a consent: it comes back with the code, and only to the session that it was made for.
//!
//! It is signed, so nothing is kept meanwhile: time of issue, 16 random bytes, and an HMAC of both, the app
//! and the session under the client secret.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, Mac};
use sha2::Sha256;

use crate::{
    error::{Error, Result},
    ports::Entropy,
};

use super::OAuthApp;

/// How long a person may take on the consent page.
const LIFE_MS: i64 = 60 * 60 * 1000;
/// How far the clock of the machine that issued a state may be ahead of the one that checks it.
const SKEW_MS: i64 = 60 * 1000;
const NONCE: usize = 16;
const ISSUED: usize = 8;
const MAC: usize = 32;
/// The longest text that names a session.
const MAX_SESSION: usize = 1024;

/// A state for this session.
pub(super) fn issue(app: &OAuthApp, session: &str, now: i64, entropy: &dyn Entropy) -> Result<String> {
    let mut bytes = [0; ISSUED + NONCE];
    let (issued, nonce) = bytes.split_at_mut(ISSUED);
    issued.copy_from_slice(&now.to_be_bytes());
    entropy.fill(nonce);
    let mac = mac(app, session, &bytes)?.finalize().into_bytes();
    Ok(URL_SAFE_NO_PAD.encode([&bytes[..], &mac[..]].concat()))
}

/// Checks that a state was made for this session, within the hour.
pub(super) fn check(app: &OAuthApp, session: &str, now: i64, state: &str) -> Result<()> {
    let refused = || {
        let expected =
            "expected what this session was given within the last hour; begin the installation again";
        Error::invalid("state", expected)
    };
    let bytes = URL_SAFE_NO_PAD.decode(state).ok().filter(|bytes| bytes.len() == ISSUED + NONCE + MAC);
    let bytes = bytes.ok_or_else(refused)?;
    let (signed, tag) = bytes.split_at_checked(ISSUED + NONCE).ok_or_else(refused)?;
    // Compares in constant time.
    mac(app, session, signed)?.verify_slice(tag).map_err(|_| refused())?;
    let issued = signed.first_chunk().map_or(0, |issued| i64::from_be_bytes(*issued));
    if (-SKEW_MS..=LIFE_MS).contains(&now.saturating_sub(issued)) { Ok(()) } else { Err(refused()) }
}

fn mac(app: &OAuthApp, session: &str, signed: &[u8]) -> Result<Hmac<Sha256>> {
    if session.is_empty() || session.len() > MAX_SESSION {
        let expected = format_args!("expected 1 to {MAX_SESSION} bytes that only this browser's session has");
        return Err(Error::invalid("session", expected));
    }
    let mac = app.client_secret.mac_of(&["ghlkit oauth state", &app.client_id, session])?;
    Ok(mac.chain_update(signed))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{secret::Secret, testing::SeededEntropy};

    const NOW: i64 = 1_800_000_000_000;

    fn app(secret: &str) -> OAuthApp {
        OAuthApp::new("app1-x", Secret::new(secret), "https://shop.example/cb", ["contacts.readonly"])
    }

    #[test]
    fn a_state_holds_for_its_session_and_an_hour() {
        let entropy = SeededEntropy::new(1);
        let app = app("s1");
        let state = issue(&app, "session-1", NOW, &entropy).unwrap();
        for now in [NOW - SKEW_MS, NOW, NOW + LIFE_MS] {
            assert!(check(&app, "session-1", now, &state).is_ok());
        }
        assert_ne!(state, issue(&app, "session-1", NOW, &entropy).unwrap(), "no two are the same");
        let late = NOW + LIFE_MS + 1;
        for (session, now) in [("session-2", NOW), ("session-1", late), ("session-1", NOW - SKEW_MS - 1)] {
            let error = check(&app, session, now, &state).unwrap_err();
            assert_eq!(error.field(), Some("state"));
        }
        let other = OAuthApp { client_id: "app2-x".to_owned(), ..app.clone() };
        assert!(check(&other, "session-1", NOW, &state).is_err(), "of another app");
        assert!(check(&self::app("s2"), "session-1", NOW, &state).is_err(), "under another secret");
    }

    #[test]
    fn any_changed_byte_is_refused() {
        let app = app("s1");
        let state = issue(&app, "s", NOW, &SeededEntropy::new(1)).unwrap();
        for at in 0..state.len() {
            let mut bytes = state.clone().into_bytes();
            bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
            let text = String::from_utf8(bytes).unwrap();
            assert!(check(&app, "s", NOW, &text).is_err(), "{at}");
        }
        for text in ["", "AAAA", "ä", &state[1..], &format!("{state}A"), &format!("{state}=")] {
            assert!(check(&app, "s", NOW, text).is_err(), "{text}");
        }
        for session in ["", &"x".repeat(1025)] {
            assert_eq!(
                issue(&app, session, NOW, &SeededEntropy::new(1)).unwrap_err().field(),
                Some("session")
            );
        }
    }
}
