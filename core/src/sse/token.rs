use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, Mac};
use sha2::Sha256;

use crate::{
    error::{Code, Error, Result},
    ids::{LocationId, OrderId},
    secret::Secret,
};

/// The fewest bytes of a secret that signs tokens: as many as the signature has.
pub const MIN_SECRET_BYTES: usize = 32;
/// The longest life of a token, in milliseconds: 400 days.
pub const MAX_TOKEN_MS: i64 = 400 * 24 * 60 * 60 * 1000;

/// Issues and checks tokens that let whoever has one see one order, until it expires.
///
/// A token is the second it expires and an HMAC-SHA256 of that, the location and the order: `1767225600.5Fq…`. It says nothing
/// of the order and can stand in a URL, as a browser's `EventSource` sends no header of its own.
#[derive(Debug, Clone)]
pub struct OrderTokens {
    secrets: Vec<Secret>,
}

impl OrderTokens {
    /// Tokens signed with the first secret; those signed with another are accepted too, so that secrets can be changed.
    ///
    /// # Errors
    /// `config`, field `events.secrets`.
    pub fn new(secrets: Vec<Secret>) -> Result<Self> {
        let long_enough = |secret: &Secret| secret.expose().len() >= MIN_SECRET_BYTES;
        if secrets.is_empty() || !secrets.iter().all(long_enough) {
            let expected =
                format_args!("expected at least one, and {MIN_SECRET_BYTES} bytes or more in each");
            return Err(Error::config("events.secrets", expected));
        }
        Ok(Self { secrets })
    }

    /// A token for an order that expires in so many milliseconds, rounded up to a second.
    ///
    /// # Errors
    /// `invalid_argument`, field `expiresInMs`: expected up to [`MAX_TOKEN_MS`].
    pub fn issue(
        &self,
        location: &LocationId,
        order: &OrderId,
        now: i64,
        expires_in_ms: i64,
    ) -> Result<String> {
        if !(1..=MAX_TOKEN_MS).contains(&expires_in_ms) {
            let expected = format_args!("expected 1 to {MAX_TOKEN_MS} milliseconds, got {expires_in_ms}");
            return Err(Error::invalid("expiresInMs", expected));
        }
        let expires = now.saturating_add(expires_in_ms).saturating_add(999) / 1000;
        let secret = self.secrets.first().ok_or_else(refused)?;
        let tag = mac(secret, location, order, expires)?.finalize().into_bytes();
        Ok(format!("{expires}.{}", URL_SAFE_NO_PAD.encode(tag)))
    }

    /// Checks that a token is for this order and has not expired. How long that takes tells nothing of it.
    ///
    /// # Errors
    /// `unauthorized`, field `token`, whatever is wrong with it.
    pub fn check(&self, token: &str, location: &LocationId, order: &OrderId, now: i64) -> Result<()> {
        let (expires, tag) = token.split_once('.').ok_or_else(refused)?;
        let canonical = expires.bytes().all(|byte| byte.is_ascii_digit()) && !expires.starts_with('0');
        let expires: i64 = expires.parse().ok().filter(|_| canonical).ok_or_else(refused)?;
        let tag = URL_SAFE_NO_PAD.decode(tag).map_err(|_| refused())?;
        let mut genuine = false;
        for secret in &self.secrets {
            genuine |= mac(secret, location, order, expires)?.verify_slice(&tag).is_ok();
        }
        if genuine && now < expires.saturating_mul(1000) { Ok(()) } else { Err(refused()) }
    }
}

fn refused() -> Error {
    let expected = "token: expected one that was issued for this order and has not expired";
    Error::new(Code::Unauthorized, expected).with_field("token")
}

fn mac(secret: &Secret, location: &LocationId, order: &OrderId, expires: i64) -> Result<Hmac<Sha256>> {
    let mac = secret.mac_of(&["ghlkit order events", location.as_str(), order.as_str()])?;
    Ok(mac.chain_update(expires.to_be_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_800_000_000_500;
    const HOUR: i64 = 3_600_000;

    fn tokens(secrets: &[&str]) -> OrderTokens {
        OrderTokens::new(secrets.iter().map(|secret| Secret::new(secret.repeat(32))).collect()).unwrap()
    }

    fn code(result: Result<()>) -> Option<Code> {
        result.err().map(|error| error.code())
    }

    #[test]
    fn a_token_opens_its_order_until_it_expires() {
        let (location, order) = (LocationId::new("loc"), OrderId::new("o-1"));
        let token = tokens(&["a"]).issue(&location, &order, NOW, HOUR).unwrap();
        assert!(token.starts_with("1800003601."), "{token}");
        let check = |tokens: &OrderTokens, token: &str, location: &str, order: &str, now| {
            code(tokens.check(token, &LocationId::new(location), &OrderId::new(order), now))
        };
        let (ours, refused) = (tokens(&["a"]), Some(Code::Unauthorized));
        assert_eq!(check(&ours, &token, "loc", "o-1", NOW), None);
        assert_eq!(check(&ours, &token, "loc", "o-1", NOW + HOUR), None);
        assert_eq!(check(&ours, &token, "loc", "o-1", NOW + HOUR + 500), refused);
        assert_eq!(check(&ours, &token, "loc", "o-2", NOW), refused);
        assert_eq!(check(&ours, &token, "loco-1", "", NOW), refused);
        assert_eq!(check(&tokens(&["b"]), &token, "loc", "o-1", NOW), refused);
        assert_eq!(check(&tokens(&["b", "a"]), &token, "loc", "o-1", NOW), None, "an older secret");
        let (expires, tag) = token.split_once('.').unwrap();
        let later = format!("1800003602.{tag}");
        let spelt = format!("01800003601.{tag}");
        let padded = format!("{expires}.{tag}=");
        for altered in
            ["", ".", expires, &later, &spelt, &padded, &token[..token.len() - 1], &format!("{expires}.")]
        {
            assert_eq!(check(&ours, altered, "loc", "o-1", NOW), refused, "{altered}");
        }
    }

    #[test]
    fn of_a_token_no_character_can_be_changed() {
        let (location, order) = (LocationId::new("loc"), OrderId::new("o-1"));
        let ours = tokens(&["a"]);
        let token = ours.issue(&location, &order, NOW, HOUR).unwrap();
        for place in 0..token.len() {
            for byte in (33..127).filter(|byte| *byte != token.as_bytes()[place]) {
                let mut altered = token.clone().into_bytes();
                altered[place] = byte;
                let altered = String::from_utf8(altered).unwrap();
                assert!(ours.check(&altered, &location, &order, NOW).is_err(), "{altered}");
            }
        }
    }

    #[test]
    fn a_weak_secret_or_an_endless_life_is_refused() {
        let weak = [vec![], vec![Secret::new("short")], vec![Secret::new("a".repeat(32)), Secret::new("")]];
        for secrets in weak {
            assert_eq!(OrderTokens::new(secrets).unwrap_err().field(), Some("events.secrets"));
        }
        for life in [0, -1, MAX_TOKEN_MS + 1, i64::MAX] {
            let issued = tokens(&["a"]).issue(&LocationId::new("l"), &OrderId::new("o"), NOW, life);
            assert_eq!(issued.unwrap_err().field(), Some("expiresInMs"));
        }
    }
}
