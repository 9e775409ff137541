use std::{fmt, sync::Arc};

use base64::{Engine, engine::general_purpose::STANDARD};
use chacha20poly1305::{
    KeyInit, XChaCha20Poly1305, XNonce,
    aead::{Aead, Payload},
};
use secrecy::zeroize::Zeroizing;

use crate::{
    error::{Error, Result},
    ports::Entropy,
    secret::Secret,
};

/// The setting, as errors name it.
const SETTING: &str = "GHLKIT_TOKEN_KEYS";
const NONCE: usize = 24;

/// The keys that tokens are encrypted with in the store: XChaCha20-Poly1305, each with an id that is kept beside
/// what it encrypted. The first encrypts, all decrypt. `Debug` shows the ids. Clones share the keys.
#[derive(Clone)]
pub struct Keyring(Arc<Vec<Key>>);

struct Key {
    id: String,
    cipher: XChaCha20Poly1305,
}

/// A place in the store. What is encrypted for one place does not decrypt in another.
#[derive(Clone, Copy)]
pub(super) struct Place<'a>(pub(super) [&'a str; 4]);

impl Place<'_> {
    /// The associated data, each part with its length.
    fn bytes(&self, key_id: &str) -> Vec<u8> {
        let parts = ["ghlkit token", key_id].into_iter().chain(self.0);
        parts.flat_map(|part| [&(part.len() as u64).to_be_bytes()[..], part.as_bytes()].concat()).collect()
    }
}

impl Keyring {
    /// Reads a comma list of `id:key`: an id is 1 to 32 letters, digits, `_`, `-` or `.`, a key 32 random bytes
    /// in base64, as `openssl rand -base64 32` gives them. To replace a key while many processes run: give
    /// them all the new one behind the old one, then the new one first, then run
    /// [`super::OAuthTokens::rekey`], then drop the old one.
    ///
    /// # Errors
    /// `config`, field `GHLKIT_TOKEN_KEYS`; it shows no key.
    pub fn parse(text: &str) -> Result<Self> {
        let mut keys: Vec<Key> = Vec::new();
        for (i, item) in text.split(',').enumerate() {
            let fault = |what: &str| Error::config(SETTING, format_args!("key {}: {what}", i + 1));
            let (id, key) =
                item.trim().split_once(':').ok_or_else(|| fault("expected id:key, the key in base64"))?;
            let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte);
            if !(1..=32).contains(&id.len()) || !id.bytes().all(plain) {
                return Err(fault("expected an id of 1 to 32 letters, digits, `_`, `-` or `.`"));
            }
            if keys.iter().any(|known| known.id == id) {
                return Err(fault("expected an id of its own"));
            }
            let bytes = STANDARD.decode(key).map(Zeroizing::new);
            let cipher = bytes.ok().and_then(|bytes| XChaCha20Poly1305::new_from_slice(&bytes).ok());
            let cipher = cipher.ok_or_else(|| fault("expected 32 bytes in base64"))?;
            keys.push(Key { id: id.to_owned(), cipher });
        }
        Ok(Self(Arc::new(keys)))
    }

    /// The id of the key that encrypts.
    pub fn current_id(&self) -> &str {
        self.0.first().map_or("", |key| &key.id)
    }

    /// Encrypts for a place with the current key.
    pub(super) fn seal(&self, place: Place<'_>, secret: &Secret, entropy: &dyn Entropy) -> Result<String> {
        let failed = || Error::config(SETTING, "a token could not be encrypted");
        let key = self.0.first().ok_or_else(failed)?;
        let mut nonce = [0; NONCE];
        entropy.fill(&mut nonce);
        let payload = Payload { msg: secret.expose().as_bytes(), aad: &place.bytes(&key.id) };
        let sealed = key.cipher.encrypt(&XNonce::from(nonce), payload).map_err(|_| failed())?;
        Ok(STANDARD.encode([&nonce[..], &sealed[..]].concat()))
    }

    /// Decrypts what stands in a place.
    pub(super) fn open(&self, place: Place<'_>, key_id: &str, sealed: &str) -> Result<Secret> {
        let key = self.0.iter().find(|key| key.id == key_id).ok_or_else(|| {
            let missing = format_args!("a stored token is encrypted with key {key_id:?}; add it to the list");
            Error::config(SETTING, missing)
        })?;
        let opened = || {
            let bytes = STANDARD.decode(sealed).ok()?;
            let (nonce, msg) = bytes.split_first_chunk::<NONCE>()?;
            let payload = Payload { msg, aad: &place.bytes(key_id) };
            let plain = Zeroizing::new(key.cipher.decrypt(&XNonce::from(*nonce), payload).ok()?);
            std::str::from_utf8(&plain).ok().map(Secret::new)
        };
        opened().ok_or_else(|| {
            let other = format_args!(
                "a stored token does not decrypt with key {key_id:?}: that is another key, or the row was \
                 changed; install the app again if the key is lost"
            );
            Error::config(SETTING, other)
        })
    }
}

impl fmt::Debug for Keyring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Keyring").field(&self.0.iter().map(|key| &key.id).collect::<Vec<_>>()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Code, testing::SeededEntropy};

    const PLACE: Place<'_> = Place(["app1", "location", "loc1", "access"]);

    fn key(byte: u8) -> String {
        STANDARD.encode([byte; 32])
    }

    fn ring(keys: &[(&str, u8)]) -> Keyring {
        let items: Vec<String> = keys.iter().map(|(id, byte)| format!("{id}:{}", key(*byte))).collect();
        Keyring::parse(&items.join(", ")).unwrap()
    }

    #[test]
    fn the_first_key_encrypts_and_every_key_decrypts() {
        let (old, entropy) = (ring(&[("old", 1)]), SeededEntropy::new(1));
        let secret = Secret::new("eyJ.access");
        let sealed = old.seal(PLACE, &secret, &entropy).unwrap();
        assert!(!sealed.contains("access"), "{sealed}");
        assert_ne!(sealed, old.seal(PLACE, &secret, &entropy).unwrap(), "each with a nonce of its own");
        let both = ring(&[("new", 2), ("old", 1)]);
        assert_eq!(both.current_id(), "new");
        assert_eq!(both.open(PLACE, "old", &sealed).unwrap().expose(), "eyJ.access");
        let newer = both.seal(PLACE, &secret, &entropy).unwrap();
        assert!(old.open(PLACE, "new", &newer).unwrap_err().message().contains("\"new\""));
        assert_eq!(ring(&[("new", 2)]).open(PLACE, "new", &newer).unwrap().expose(), "eyJ.access");
    }

    #[test]
    fn what_was_moved_or_changed_does_not_decrypt() {
        let (ring, entropy) = (ring(&[("a", 1), ("b", 1), ("c", 3)]), SeededEntropy::new(1));
        let sealed = ring.seal(PLACE, &Secret::new("token"), &entropy).unwrap();
        assert!(ring.open(PLACE, "a", &sealed).is_ok());
        let elsewhere = [
            (Place(["app2", "location", "loc1", "access"]), "a"),
            (Place(["app1", "company", "loc1", "access"]), "a"),
            (Place(["app1", "location", "loc2", "access"]), "a"),
            (Place(["app1", "location", "loc1", "refresh"]), "a"),
            (Place(["app1", "locationl", "oc1", "access"]), "a"),
            (PLACE, "b"),
            (PLACE, "c"),
        ];
        for (place, key_id) in elsewhere {
            let error = ring.open(place, key_id, &sealed).unwrap_err();
            assert_eq!((error.code(), error.field()), (Code::Config, Some(SETTING)));
        }
        let bytes = STANDARD.decode(&sealed).unwrap();
        for at in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[at] ^= 1;
            assert!(ring.open(PLACE, "a", &STANDARD.encode(changed)).is_err(), "{at}");
        }
        for text in ["", "AAAA", "?", &sealed[4..]] {
            assert!(ring.open(PLACE, "a", text).is_err());
        }
    }

    #[test]
    fn a_malformed_list_is_refused_and_not_shown() {
        let good = key(7);
        for bad in [
            String::new(),
            good.clone(),
            format!(":{good}"),
            format!("a b:{good}"),
            format!("{}:{good}", "x".repeat(33)),
            "a:c2hvcnQ=".to_owned(),
            format!("a:{}", STANDARD.encode([7; 33])),
            format!("a:{good},a:{}", key(8)),
            format!("a:{good},"),
            format!("a:{}", good.trim_end_matches('=')),
        ] {
            let error = Keyring::parse(&bad).unwrap_err();
            assert_eq!((error.code(), error.field()), (Code::Config, Some(SETTING)), "{bad}");
            assert!(!format!("{error:?}").contains("BwcH"), "{error}");
        }
        assert_eq!(format!("{:?}", ring(&[("a", 7), ("b", 8)])), r#"Keyring(["a", "b"])"#);
    }
}
