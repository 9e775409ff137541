use crate::{
    error::{Error, Result},
    ids::OrderId,
};

/// The longest name of a channel, in bytes.
const MAX_CHANNEL: usize = 164;
/// The longest name of an event, in characters.
const MAX_EVENT: usize = 200;

/// Checks the name of a channel.
///
/// # Errors
/// `invalid_argument`, field `channel`.
pub fn check_channel(name: &str) -> Result<()> {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"_-=@,.;".contains(&byte);
    if (1..=MAX_CHANNEL).contains(&name.len()) && name.bytes().all(fits) {
        return Ok(());
    }
    let expected =
        format_args!("expected 1 to {MAX_CHANNEL} letters, digits or any of `_-=@,.;`, as Pusher allows");
    Err(Error::invalid("channel", expected))
}

/// Checks the name of an event. Those that begin with `pusher:` are the server's own.
///
/// # Errors
/// `invalid_argument`, field `event`.
pub fn check_event(name: &str) -> Result<()> {
    let own = name.starts_with("pusher:") || name.starts_with("pusher_internal:");
    if (1..=MAX_EVENT).contains(&name.chars().count()) && !name.chars().any(char::is_control) && !own {
        return Ok(());
    }
    let expected =
        format_args!("expected one line of 1 to {MAX_EVENT} characters that does not begin with `pusher:`");
    Err(Error::invalid("event", expected))
}

/// The channel of an order: `order-<id>`, or `private-order-<id>`.
///
/// # Errors
/// `invalid_argument`, field `channel`, where the order's id has characters that Pusher does not allow.
pub fn channel_of(order: &OrderId, private: bool) -> Result<String> {
    let name = format!("{}order-{order}", if private { "private-" } else { "" });
    check_channel(&name)?;
    Ok(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_as_pusher_allows() {
        for name in ["order-1", "private-order-5d2c", "presence-a_b=c@d,e.f;g", &"x".repeat(164)] {
            assert!(check_channel(name).is_ok(), "{name}");
        }
        for name in
            ["", "order 1", "order/1", "order#1", "örder", "a\nb", "#server-to-user-1", &"x".repeat(165)]
        {
            assert_eq!(check_channel(name).unwrap_err().field(), Some("channel"), "{name}");
        }
        assert!(check_event("status-changed").is_ok());
        for name in ["", "a\nb", "pusher:ping", "pusher_internal:x", &"x".repeat(201)] {
            assert_eq!(check_event(name).unwrap_err().field(), Some("event"), "{name}");
        }
        assert_eq!(channel_of(&OrderId::new("1042"), true).unwrap(), "private-order-1042");
        assert_eq!(channel_of(&OrderId::new("a/b"), false).unwrap_err().field(), Some("channel"));
    }
}
